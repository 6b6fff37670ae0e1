"""What restores a facility: the least of each instrument for every failing covenant, and for all of them together."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from facilities.inert import inert
from facilities.model import Liquidity
from monitor.assess import Picture, Standing
from monitor.assumed import AssumedPart, assumed_lines, sales_assumed
from monitor.cells import cut, wrap
from monitor.remedied import aims_of, cleared, failing_of, remedy_parts
from monitor.report.schema import RemedyPart
from monitor.report.words import iso, ratio, remedy_words, stamp
from rules.remedies import Failing, Remedy, joint_remedies, target_of

SCHEMA = "covenant-monitor/cure/1"


class CurePart(msgspec.Struct, frozen=True, kw_only=True):
    """One failing covenant: its figure, the level a cure must reach, and the least of each instrument; `unknown` are not judged."""

    id: str
    title: str
    basis: str
    actual: float | None
    target: float
    unit: str
    remedies: list[RemedyPart]
    worse: list[str]


class CureAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One facility: its failing covenants, what clears them all, and those that nothing can be said of; `inputs` are assumed."""

    schema: str
    as_of: str
    id: str
    name: str
    currency: str
    covenants: list[CurePart]
    together: list[RemedyPart]
    worse: list[str]
    unknown: list[str]
    inputs: list[AssumedPart] = []


def cures(picture: Picture, f: int, covenant: str | None = None, haircut: float | None = None) -> CureAnswer:
    """The cures of one facility (a place in the book), or of one of its covenants; `haircut` replaces the desk's cost of a sale."""
    terms = picture.book.terms[f].facility
    mine = [one for one in picture.standings if one.test.facility == f and covenant in (None, one.test.covenant.id)]
    failing = [(one, found) for one in mine if (found := failing_of(one)) is not None]
    file = picture.session.desk.file
    sale = _sale(picture, f, file.liquidity if file else [], haircut)
    currency = terms.currency
    parts = [_part(picture, one, found, sale, currency) for one, found in failing]
    every = joint_remedies(picture.book, [found for _, found in failing], sale, picture.state)
    return CureAnswer(
        schema=SCHEMA, as_of=iso(picture.as_of), id=terms.id, name=terms.name, currency=currency, covenants=parts,
        together=said(every, currency), worse=sorted({word for part in parts for word in part.worse}),
        unknown=[one.test.covenant.id for one in mine if _result(one) == "indeterminate"],
        inputs=_inputs(picture, f, haircut) if any(one.kind == "sell" for part in parts for one in part.remedies) else [],
    )  # fmt: skip


def _inputs(picture: Picture, f: int, haircut: float | None) -> list[AssumedPart]:
    """What a sale is taken to cost."""
    assets = {row.asset for row in picture.book.terms[f].collateral}
    if haircut is not None:
        return [AssumedPart(name=f"{asset} sale_cost", value=f"{haircut * 100:g}%", at="--haircut", note="as asked") for asset in assets]
    return sales_assumed(picture.session.desk, assets, ("sale_cost",))


def _sale(picture: Picture, f: int, known: Sequence[Liquidity], haircut: float | None) -> list[Liquidity]:
    if haircut is None:
        return list(known)
    assets = dict.fromkeys(row.asset for row in picture.book.terms[f].collateral)
    return [msgspec.convert({"asset": asset, "sale_cost": haircut}, Liquidity, strict=False) for asset in assets]


def _result(one: Standing) -> str | None:
    seen = [found.result for found in (one.tested, one.indicative) if found is not None]
    return "fail" if "fail" in seen else "indeterminate" if "indeterminate" in seen else None


def _part(picture: Picture, one: Standing, found: Failing, sale: Sequence[Liquidity], currency: str) -> CurePart:
    reading = aims_of(one)[0].reading
    actual = float(reading.assessment.actual[reading.row, 0])
    made = cleared(picture, [one], sale)[0]
    level = target_of(one.test, one.rung)
    return CurePart(
        id=one.test.covenant.id, title=one.test.title, basis=found.worlds.basis, actual=None if np.isnan(actual) else actual,
        target=level[1] if level else found.threshold, unit=one.test.unit.replace("money", currency),
        remedies=remedy_parts(picture, one, made),
        worse=[remedy_words(remedy, currency) for _, remedy in made if remedy.worse],
    )  # fmt: skip


def said(made: Sequence[Remedy], currency: str) -> list[RemedyPart]:
    """Remedies as the report has them."""
    return [
        RemedyPart(kind=one.kind, amount=one.amount, unit=one.unit.replace("money", currency), text=remedy_words(one, currency))
        for one in made
    ]


def _bullet(text: str, worse: bool) -> list[str]:
    return [("  ! " if worse else "  - ") + inert(line) if n == 0 else f"    {inert(line)}" for n, line in enumerate(wrap(text, 76))]


def _explained(facility: str, one: CurePart) -> str:
    name = f"{inert(facility)}/{inert(one.id)}"
    if one.basis == "stressed":
        return f"covenant stress --explain {name}, with the shocks as --at or the --scenario"
    return f"covenant explain {name}"


def left_of(made: CureAnswer) -> str:
    """What is said beside the cures: of covenants that cannot be judged, and where nothing fails; "" where neither is so."""
    if made.unknown:
        rest = "" if made.covenants else "; nothing else that was asked for fails"
        return f"Not known, and so not cured: {', '.join(made.unknown)}{rest}."
    return "" if made.covenants else "Nothing fails: there is nothing to cure."


def cure_text(made: CureAnswer) -> str:
    """The answer in words, 80 columns wide."""
    lines = [cut(inert(f"What restores {made.name} ({made.id}) as of {stamp(made.as_of)}"), 80), ""]
    for one in made.covenants:
        head = f"{one.id}: {ratio(one.actual, one.unit)}, to be restored to {ratio(one.target, one.unit)} ({one.basis})"
        lines += [inert(line) for line in wrap(head, 80)]
        lines += [line for part in one.remedies for line in _bullet(part.text, part.text in one.worse)]
        if not one.remedies:
            lines.append("  nothing that is known moves it")
    if len(made.covenants) > 1:
        lines += ["", "All together, by one instrument alone:"]
        lines += [inert(line) for part in made.together for line in _bullet(part.text, False)]
    lines += [*([""] if made.covenants and made.unknown else []), *wrap(inert(left_of(made)), 80)] if left_of(made) else []
    if made.inputs:
        lines += ["", "Assumed of what is sold:", *assumed_lines(made.inputs)]
    if made.covenants:
        lines += ["", *wrap(f"the arithmetic, leaf by leaf: {_explained(made.id, made.covenants[0])}", 80)]
    return "\n".join(lines)
