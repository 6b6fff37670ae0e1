"""From projections to what is told of each facility: dates, first failures, crossings, cash, end of life, actual against case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from monitor.ahead.beside import assumptions_of, case_lines
from monitor.ahead.outlook import amendments_ahead, first_failures, outlook
from monitor.ahead.schema import (
    SCHEMA,
    Ahead,
    Case,
    CashLine,
    Crossing,
    CureLine,
    DateLine,
    FacilityAhead,
    Failing,
    TermsAhead,
    TestLine,
    brought,
)
from monitor.assess import Picture
from monitor.report.build import number
from monitor.report.words import iso
from rules.advance import Paid
from rules.columns import FAR, Ints
from rules.compare import FAIL, RESULTS, effective
from rules.curves import years
from rules.life.cures import shortfall
from rules.projection import Projection
from rules.scope import day_of

COVERAGES = ("dscr_run_rate", "dscr_hist", "dscr_fwd")
_MEASURES = (*COVERAGES, "llcr", "plcr", "outstanding", "ltv", "worst_vintage", "rent_vs_case", "dscr_vs_case")


def build_ahead(
    picture: Picture, facilities: Sequence[int], decays: Sequence[float], last: dt.date | None, covenant: str | None = None,
    cure_with: Sequence[str] = (),
) -> Ahead:  # fmt: skip
    """The projection of some facilities, under the desk's curves or once for each decay of rents."""
    settings = picture.session.desk.file
    asked: list[tuple[str, float | None]] = [(f"{decay * 100:g} %", decay) for decay in decays] or [("desk", None)]
    made = [(name, decay, outlook(picture, facilities, last, decay, cure_with)) for name, decay in asked]
    return Ahead(
        SCHEMA, settings.desk.name if settings else "", iso(picture.as_of), iso(picture.known_at), last.isoformat() if last else None,
        list(cure_with), [_facility(picture, f, made, covenant) for f in facilities],
    )  # fmt: skip


def _facility(
    picture: Picture, f: int, made: Sequence[tuple[str, float | None, Projection]], covenant: str | None
) -> FacilityAhead:  # fmt: skip
    first = made[0][2]
    book, terms = first.book, first.book.terms[f].facility
    today = np.array([day_of(picture.as_of, book.zone)], dtype=np.int64)
    one = np.array([f], dtype=np.int64)

    def now(quantity: str) -> float | None:
        return number(first.figures(quantity, one, today)[0, 0])

    left, original, end = now("end_of_life_balance"), now("original_principal"), _worn_out(first, f)
    return FacilityAhead(
        terms.id, terms.name, terms.currency, terms.illustrative, now("outstanding"), str(terms.maturity) if terms.maturity else None,
        assumptions_of(picture, first, f), case_lines(first, f, int(today[0])), now("wal"), _iso(end) if end is not None else None,
        left, left / original if left is not None and original else None, now("plcr"),
        [_case(f, *each, covenant, int(today[0])) for each in made], _held(first, f),
        [TermsAhead(one.id, one.effective.isoformat(), one.signed.isoformat(), one.source) for one in amendments_ahead(picture, f)],
    )  # fmt: skip


def _worn_out(projection: Projection, f: int) -> int | None:
    parcels = projection.book.tables["collateral"]
    ends = projection.book.ints["collateral.end"][parcels.owner == f]
    return int(ends.max()) if len(ends) and ends.max() < FAR else None


def _held(projection: Projection, f: int) -> list[str]:
    """What a projection of the facility cannot roll forward, in words."""
    book, said = projection.book, []
    if not book.models[f]:
        said.append("cash flow is not modelled: no contract, rent series or fleet; figures of reports are held as last certified")
    if f in book.gaps:
        said.append(f"no payments are projected: {book.gaps[f]}")
    return said


def _case(
    f: int, name: str, decay: float | None, projection: Projection, covenant: str | None, today: int
) -> Case:  # fmt: skip
    tests, mine = projection.tests, np.flatnonzero(projection.book.tested[projection.tests.rows.test] == f)
    if covenant is not None:
        mine = mine[[projection.book.tests[t].covenant.id == covenant for t in tests.rows.test[mine].tolist()]] if len(mine) else mine
    paid = np.flatnonzero(projection.payments.facility == f)
    days = np.unique(np.concatenate([tests.rows.period_end[mine], projection.payments.day[paid]]))
    lines = _dates(projection, f, days, mine)
    peak = max((line for line in lines if line.ltv is not None), key=lambda line: line.ltv or 0.0, default=None)
    unpaid = [n for n in paid.tolist() if projection.cash.paid.unpaid[n, 0] > 0.005]
    cures = _cures(projection, mine)
    failing = sorted(
        (n for t, n in first_failures(projection).items() if n in set(mine.tolist())), key=lambda n: int(tests.rows.period_end[n])
    )
    return Case(
        name, decay, lines, [_failing(projection, n) for n in failing],
        [_crossing(projection, f, quantity, days, today) for quantity in COVERAGES], [_cash(projection, n) for n in paid.tolist()],
        _iso(int(projection.payments.day[unpaid[0]])) if unpaid else None, peak.ltv if peak else None, peak.date if peak else None,
        cures, brought(cures) if projection.cures else None,
    )  # fmt: skip


def _cures(projection: Projection, mine: Ints) -> list[CureLine]:
    """What is deemed paid for some rows, in order of their dates."""
    found = []
    for n in mine[np.argsort(projection.tests.rows.period_end[mine], kind="stable")].tolist() if projection.cures else ():
        paid, test = number(projection.cured[n, 0]), projection.test(n)
        if paid is not None and test.covenant.cure is not None:
            day = _iso(int(projection.tests.rows.period_end[n]))
            found.append(CureLine(day, test.covenant.id, test.covenant.cure.kind, paid))
    return found


def _dates(projection: Projection, f: int, days: Ints, mine: Ints) -> list[DateLine]:
    who = np.full(len(days), f, dtype=np.int64)
    columns = {name: projection.figures(name, who, days)[:, 0] for name in _MEASURES}
    tested: dict[int, list[TestLine]] = {}
    for n in mine.tolist():
        tested.setdefault(int(projection.tests.rows.period_end[n]), []).append(_test(projection, n))
    return [
        DateLine(date=_iso(day), tests=tested.get(day, []), **{name: number(columns[name][at]) for name in _MEASURES})
        for at, day in enumerate(days.tolist())
    ]


def _test(projection: Projection, n: int) -> TestLine:
    made = projection.tests
    test = projection.test(n)
    actual, threshold = number(made.actual[n, 0]), number(made.threshold[n])
    paid = number(projection.cured[n, 0]) if projection.cures else None
    return TestLine(test.covenant.id, RESULTS[int(made.result[n, 0])], actual, threshold, _unit(projection, n), _cure(projection, n), paid)


def _unit(projection: Projection, n: int) -> str:
    test = projection.test(n)
    return str(test.unit.replace("money", projection.book.terms[test.facility].facility.currency))


def _cure(projection: Projection, n: int) -> float | None:
    made = projection.tests
    test = projection.test(n)
    if made.result[n, 0] != FAIL or test.covenant.cure is None or _used_up(projection, n):
        return None
    level = effective(test.levels[0], made.threshold[n : n + 1], test.covenant.round)
    operator, top, under = test.levels[0].operator, float(made.numerator[n, 0]), float(made.denominator[n, 0])
    return shortfall(test.covenant.cure.kind, operator, top, under, float(level[0]))


def _used_up(projection: Projection, n: int) -> bool:
    """Whether a failing row is left uncured although what its right takes is brought: the right has ended, or its caps leave none."""
    cures = projection.cures
    return cures is not None and cures.meets(projection.test(n)) and number(projection.cured[n, 0]) is None


def _failing(projection: Projection, n: int) -> Failing:
    day = projection.tests.rows.period_end[n : n + 1]
    test, line = projection.test(n), _test(projection, n)
    owed = projection.figures("outstanding", np.array([test.facility]), day)[0, 0]
    return Failing(
        covenant=line.covenant, title=test.title, class_=test.class_, date=_iso(int(day[0])), result=line.result, actual=line.actual,
        threshold=line.threshold, unit=line.unit, outstanding=number(owed), cure_money=line.cure_money, used_up=_used_up(projection, n),
    )  # fmt: skip


def _cash(projection: Projection, n: int) -> CashLine:
    cash = projection.cash
    amounts = {name: number(getattr(cash.paid, name)[n, 0]) for name in Paid.__struct_fields__}
    return CashLine(
        date=_iso(int(projection.payments.day[n])), reserve=number(cash.reserve[n, 0]), trap=number(cash.trapped[n, 0]),
        held=bool(cash.held[n, 0]), **amounts,
    )  # fmt: skip


def _crossing(projection: Projection, f: int, quantity: str, days: Ints, today: int) -> Crossing:
    """The first day below 1.00x: the first date that is, then each day since the date before; interpolated within the day."""
    grid = np.concatenate([[today], days[days > today]]).astype(np.int64)
    seen = projection.figures(quantity, np.full(len(grid), f), grid)[:, 0]
    below = np.flatnonzero(seen < 1.0)
    if not len(below) or below[0] == 0:
        return Crossing(quantity, number(seen[0]), _iso(today) if len(below) else None, 0.0 if len(below) else None)
    span = np.arange(grid[below[0] - 1], grid[below[0]] + 1)
    found = projection.figures(quantity, np.full(len(span), f), span)[:, 0]
    at = int(np.flatnonzero(found < 1.0)[0])
    fell = years(span[at : at + 1])[0]
    if at:
        before, part = years(span[at - 1 : at])[0], (found[at - 1] - 1.0) / (found[at - 1] - found[at])
        fell = before + part * (fell - before)
    return Crossing(quantity, number(seen[0]), _iso(int(span[at])), float(fell - years(np.array([today]))[0]))


def _iso(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()
