"""What a report shows beside the covenants: quantities nobody tests, and the marks everything rests on."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from monitor.assess import Picture
from monitor.marks.history import Observation
from monitor.marks.leaps import leaps_in, reason_of
from monitor.report.schema import MarkPart
from monitor.report.words import iso
from rules.columns import Floats
from rules.definitions import Definitions
from rules.formula import FormulaError
from rules.kernel import value
from rules.scope import facility_rows, open_scope

MEASURES = (
    "ltv", "ltv_book", "dscr_run_rate", "dscr_fwd", "wal", "economic_life_gap", "economic_life_gap_pct",
    "vintage_ltv", "rent_vs_case", "utilisation_vs_case", "opex_vs_case", "dscr_vs_case",
)  # fmt: skip
"""Quantities shown for every facility that has the terms for them, whether or not a covenant tests them."""


class Measure(NamedTuple):
    """One quantity of every facility, NaN where a term or a mark is missing."""

    title: str
    unit: str
    values: Floats


def measured(picture: Picture) -> dict[str, Measure]:
    """The measures of all facilities at the as-of."""
    shared = {id(one): one for one in picture.book.definitions}
    return {name: one for name in MEASURES if (one := _measure(picture, name, list(shared.values()))) is not None}


def _measure(picture: Picture, name: str, shared: list[Definitions]) -> Measure | None:
    book, found = picture.book, None
    values = np.full(len(book.ids), np.nan)
    for own in shared:
        try:
            node = own.quantity(name)
        except FormulaError:  # told once, with its place, when the book was compiled
            continue
        places = np.array([f for f, one in enumerate(book.definitions) if one is own], dtype=np.int64)
        scope = open_scope(book, picture.now, facility_rows(book, picture.now, places), picture.state, facility=places)
        scope.assumed = False
        values[places] = value(node, scope)[:, 0]
        found = Measure(node.title, node.unit, values)
    return found


def mark_parts(picture: Picture) -> list[MarkPart]:
    """Every series the book reads under the desk's policy, and the headline ones, as the as-of saw them."""
    session, policies = picture.session, picture.book.series.policies
    assumed = picture.book.series.assumed
    seen = {one.series: one for one, policy in zip(picture.observations, policies, strict=True) if policy is None}
    seen = {name: one for name, one in seen.items() if one.value is not None or name not in assumed}
    for one, policy in zip(picture.observations, policies, strict=True):
        if policy is not None and one.data not in ("good", "missing"):
            seen[one.series] = _doubted(seen.get(one.series), one)
    headlines = [policy.match for policy in (session.desk.file.series if session.desk.file else []) if policy.headline]
    for name in headlines:
        if name not in seen and not any(char in name for char in "*?["):
            seen[name] = session.history.observe(name, picture.as_of, picture.known_at)
    return [_mark(picture, name, one, name in headlines) for name, one in sorted(seen.items())]


def _doubted(by_desk: Observation | None, by_agreement: Observation) -> Observation:
    """A mark that an agreement's own policy will not rely on: the desk's view of it where there is one, with that said."""
    doubt = f"{by_agreement.reason or by_agreement.data.replace('_', ' ')}, by an agreement's own policy"
    if by_desk is None or by_desk.value is None:
        return msgspec.structs.replace(by_agreement, reason=doubt)
    return msgspec.structs.replace(by_desk, reason="; ".join(text for text in (by_desk.reason, doubt) if text))


def _mark(picture: Picture, name: str, one: Observation, headline: bool) -> MarkPart:
    previous = picture.session.history.previous(name, picture.as_of, picture.known_at) if headline else None
    return MarkPart(
        series=name,
        value=one.value,
        unit=one.unit or "",
        source=one.source,
        as_of=iso(one.as_of) if one.as_of else None,
        known_at=iso(one.known_at) if one.known_at else None,
        age_days=one.age_days,
        data=one.data,
        previous=previous,
        headline=headline,
        reason=reason_of(one, leaps_in(picture.session.history, name, picture.as_of, picture.known_at)),
    )
