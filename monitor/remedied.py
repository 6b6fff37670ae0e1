"""What a remedy clears: the covenant itself, its failed test under a cure right, or only the indication and so the next test.

Money paid after a test date does not change that test. A failed test is cured under the agreement's right, while its window is
open; everything else counts from now on. A covenant tested at every mark is cleared at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from facilities.model import Liquidity
from monitor.assess import Picture, Standing
from monitor.reading import Reading
from monitor.report.schema import RemedyPart
from monitor.report.words import iso, remedy_words, stamp
from rules.remedies import Failing, Remedy, remedies_of

_KINDS = {"equity": ("cash",), "cash": ("cash",), "prepayment": ("repay",), "collateral": ("post",)}
"""The remedies that a cure right of each kind takes."""


class Aim(NamedTuple):
    """A failing reading, what a remedy of it clears (`covenant`, `test`, `next_test`, `nothing`), and the kinds that do; None: all."""

    reading: Reading
    clears: str
    kinds: tuple[str, ...] | None = None


def aims_of(one: Standing) -> list[Aim]:
    """What can be cleared of a covenant, the nearest first; nothing where it does not fail or cannot be computed."""
    tested, now = (reading if reading is not None and _fails(reading) else None for reading in (one.tested, one.indicative))
    if one.test.quantity is None or (tested is None and now is None):
        return []
    if tested is None:
        return [Aim(now, "next_test")] if now is not None else []
    if one.test.continuous:
        return [Aim(tested, "covenant")]
    cure = tested.test.covenant.cure
    found = [Aim(tested, "test", _KINDS[cure.kind])] if cure is not None and one.legal.state == "cure_pending" else []
    return [*found, Aim(now, "next_test")] if now is not None else found or [Aim(tested, "nothing")]


def _fails(reading: Reading) -> bool:
    return reading.result == "fail" and not reading.waits


def failing_of(one: Standing) -> Failing | None:
    """The reading that a remedy is sought for first; None where the covenant does not fail or is not judged yet."""
    aims = aims_of(one)
    return _failing(one, aims[0].reading) if aims else None


def _failing(one: Standing, reading: Reading) -> Failing:
    made, n = reading.assessment, reading.row
    return Failing(made.worlds, made.rows.pick(np.array([n])), one.rung, float(made.threshold[n]), made.departs)


def cleared(picture: Picture, standings: Sequence[Standing], sale: Sequence[Liquidity]) -> list[list[tuple[Aim, Remedy]]]:
    """Every remedy of each covenant with what it clears, of each kind the nearest; all are solved together."""
    aims = [(place, aim) for place, one in enumerate(standings) for aim in aims_of(one)]
    made: dict[int, list[Remedy]] = {}
    for book in {id(aim.reading.assessment.book): aim.reading.assessment.book for _, aim in aims}.values():
        mine = [n for n, (_, aim) in enumerate(aims) if aim.reading.assessment.book is book]
        failing = [_failing(standings[aims[n][0]], aims[n][1].reading) for n in mine]
        made |= dict(zip(mine, remedies_of(book, failing, sale, picture.state), strict=True))
    found: list[list[tuple[Aim, Remedy]]] = [[] for _ in standings]
    for n, (place, aim) in enumerate(aims):
        remedies, listed = made[n], {remedy.kind for _, remedy in found[place]}
        found[place] += [(aim, one) for one in remedies if (aim.kinds is None or one.kind in aim.kinds) and one.kind not in listed]
    return found


def remedy_parts(picture: Picture, one: Standing, made: Sequence[tuple[Aim, Remedy]]) -> list[RemedyPart]:
    """The remedies of a covenant as the report has them, each in words that say what it clears."""
    currency = picture.book.terms[one.test.facility].facility.currency
    return [
        RemedyPart(
            kind=remedy.kind, amount=remedy.amount, unit=remedy.unit.replace("money", currency),
            text=remedy_words(remedy, currency) + (words_of(one, aim) if remedy.amount is not None else ""), clears=aim.clears,
        )
        for aim, remedy in made
    ]  # fmt: skip


def words_of(one: Standing, aim: Aim) -> str:
    """What follows a remedy's words; nothing where it clears the covenant at once, or where no test has failed."""
    tested = one.tested
    if aim.clears == "covenant" or tested is None or not _fails(tested):
        return ""
    failed = f"the test of {tested.period_end}"
    if aim.clears == "test":
        return f" to cure {failed}" + (f" by {stamp(iso(one.legal.deadline))}" if one.legal.deadline else "")
    if aim.clears == "next_test":
        return f" for the next test; {failed} stays failed"
    return f" would have passed {failed}, which stays failed; today's marks pass"
