"""From projections to what is told of each facility: dates, first failures, crossings, cash, end of life, actual against case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence, Set

import numpy as np

from monitor.ahead.beside import assumptions_of, case_lines, contract_lines, value_days, vintage_lines
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
from monitor.assess import Picture, Standing
from monitor.report.judged import number
from monitor.report.words import iso
from rules.advance import Paid
from rules.book import Book
from rules.columns import FAR, Floats, Ints
from rules.compare import FAIL, RESULTS, effective
from rules.curves import years
from rules.formula import FormulaError
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
        schema=SCHEMA, desk=settings.desk.name if settings else "", as_of=iso(picture.as_of),
        today=_iso(day_of(picture.as_of, picture.book.zone)), known_at=iso(picture.known_at),
        horizon=last.isoformat() if last else None, cure_with=list(cure_with),
        facilities=[facility_ahead(picture, f, made, covenant) for f in facilities],
    )  # fmt: skip


def facility_ahead(
    picture: Picture, f: int, made: Sequence[tuple[str, float | None, Projection]], covenant: str | None = None
) -> FacilityAhead:  # fmt: skip
    """One facility under one or more projections, each with its name and decay."""
    first = made[0][2]
    book, terms = first.book, first.book.terms[f].facility
    today = np.array([day_of(picture.as_of, book.zone)], dtype=np.int64)
    one = np.array([f], dtype=np.int64)

    def now(quantity: str) -> float | None:
        return number(first.figures(quantity, one, today)[0, 0])

    left, original, end, day = now("end_of_life_balance"), now("original_principal"), _worn_out(first, f), int(today[0])
    failing = {t for t, one in enumerate(picture.standings) if one.test.facility == f and _fails(one)}
    return FacilityAhead(
        id=terms.id, name=terms.name, currency=terms.currency, illustrative=terms.illustrative, outstanding=now("outstanding"),
        maturity=str(terms.maturity) if terms.maturity else None, assumptions=assumptions_of(picture, first, f),
        contracts=contract_lines(first, f, day), against_case=case_lines(first, f, day), weighted_average_life=now("wal"),
        economic_life_end=_iso(end) if end is not None else None, end_of_life_balance=left,
        end_of_life_share=left / original if left is not None and original else None, plcr=now("plcr"),
        cases=[_case(f, *each, covenant, day, failing) for each in made], held=_held(first, f),
        terms_ahead=[
            TermsAhead(one.id, one.effective.isoformat(), one.signed.isoformat(), one.source) for one in amendments_ahead(picture, f)
        ],
    )  # fmt: skip


def _fails(standing: Standing) -> bool:
    """Whether a covenant fails at the as-of: as indicated, or as tested where it is tested all the time."""
    now = standing.indicative or (standing.tested if standing.test.continuous else None)
    return now is not None and now.result == "fail"


def _worn_out(projection: Projection, f: int) -> int | None:
    parcels = projection.book.tables["collateral"]
    ends = projection.book.ints["collateral.end"][parcels.owner == f]
    return int(ends.max()) if len(ends) and ends.max() < FAR else None


def _held(projection: Projection, f: int) -> list[str]:
    """What a projection of the facility cannot roll forward under the terms of each stage, in words."""
    said: list[str] = []
    for k, stage in enumerate(projection.stages):
        since = f"from {_iso(stage.agreed.since)} " if k else ""
        said += [f"{since}{one}" for one in _unable(stage.agreed.book, f) if one not in said]
    return said


def _unable(book: Book, f: int) -> Iterator[str]:
    if not book.models[f]:
        yield "cash flow is not modelled: no contract, rent series or fleet; figures of reports are held as last certified"
    if f in book.gaps:
        yield f"no payments are projected: {book.gaps[f]}"
    for name in ("cfads", "debt_service"):
        try:
            book.definitions[f].quantity(name)
        except FormulaError as error:
            yield f"{name} is not known, nor what reads it: {error}"


def _case(
    f: int, name: str, decay: float | None, projection: Projection, covenant: str | None, today: int, failing_now: Set[int]
) -> Case:  # fmt: skip
    tests, mine = projection.tests, _rows(projection, f, covenant)
    paid = np.flatnonzero(projection.payments.facility == f)
    days = np.unique(np.concatenate([tests.rows.period_end[mine], projection.payments.day[paid]]))
    lines = _dates(projection, f, days, mine)
    watched = value_days(projection, f, days, today)
    peak = _peak(projection, f, watched)
    unpaid = [n for n in paid.tolist() if projection.cash.paid.unpaid[n, 0] > 0.005]
    failing = [n for n in first_failures(projection).values() if n in set(mine.tolist())]
    cures = _cures(projection, f, mine, covenant)
    return Case(
        name=name, rent_decay=decay, dates=lines, cash=[_cash(projection, n) for n in paid.tolist()],
        first_failing=[
            _failing(projection, n, int(tests.rows.test[n]) in failing_now)
            for n in sorted(failing, key=lambda n: int(tests.rows.period_end[n]))
        ],
        crossings=[crossing(_reader(projection, f, quantity), quantity, days, today) for quantity in COVERAGES],
        first_unpaid=_iso(int(projection.payments.day[unpaid[0]])) if unpaid else None,
        ltv_peak=peak[0] if peak else None, ltv_peak_date=peak[1] if peak else None,
        vintages=vintage_lines(projection, f, watched), cures=cures, cured_with=brought(cures) if projection.cures else None,
    )  # fmt: skip


def _peak(projection: Projection, f: int, days: Ints) -> tuple[float, str] | None:
    """(the highest LTV on some days, its day), the earliest of several."""
    seen = projection.figures("ltv", np.full(len(days), f, dtype=np.int64), days)[:, 0]
    known = [(ltv, _iso(day)) for value, day in zip(seen, days.tolist(), strict=True) if (ltv := number(value)) is not None]
    return max(known, key=lambda pair: pair[0], default=None)


def _rows(projection: Projection, f: int, covenant: str | None) -> Ints:
    """The places of a facility's tests, of one covenant alone where it is named."""
    mine = np.flatnonzero(projection.book.tested[projection.tests.rows.test] == f)
    if covenant is None:
        return mine
    return np.array([n for n in mine.tolist() if projection.test(n).covenant.id == covenant], dtype=np.int64)


def _cures(projection: Projection, f: int, mine: Ints, covenant: str | None) -> list[CureLine]:
    """What is deemed paid: for failures that are pending, and for some rows in order of their dates."""
    if projection.cures is None:
        return []
    found = []
    for t, (day, amount) in projection.cures.pending.items():
        test = projection.book.tests[t]
        if test.facility == f and covenant in (None, test.covenant.id) and test.covenant.cure is not None:
            found.append(CureLine(day.isoformat(), test.covenant.id, test.covenant.cure.kind, amount, True))
    for n in mine[np.argsort(projection.tests.rows.period_end[mine], kind="stable")].tolist():
        paid, test = number(projection.cured[n, 0]), projection.test(n)
        if paid is not None and test.covenant.cure is not None:
            day_ = _iso(int(projection.tests.rows.period_end[n]))
            found.append(CureLine(day_, test.covenant.id, test.covenant.cure.kind, paid, False))
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


def _failing(projection: Projection, n: int, already: bool) -> Failing:
    day = projection.tests.rows.period_end[n : n + 1]
    test, line = projection.test(n), _test(projection, n)
    owed = projection.figures("outstanding", np.array([test.facility]), day)[0, 0]
    return Failing(
        covenant=line.covenant, title=test.title, class_=test.class_, date=_iso(int(day[0])), result=line.result, actual=line.actual,
        threshold=line.threshold, unit=line.unit, outstanding=number(owed), cure_money=line.cure_money, already=already,
        used_up=_used_up(projection, n),
    )  # fmt: skip


def _cash(projection: Projection, n: int) -> CashLine:
    cash = projection.cash
    amounts = {name: number(getattr(cash.paid, name)[n, 0]) for name in Paid.__struct_fields__}
    return CashLine(
        date=_iso(int(projection.payments.day[n])), reserve=number(cash.reserve[n, 0]), trap=number(cash.trapped[n, 0]),
        held=bool(cash.held[n, 0]), **amounts,
    )  # fmt: skip


def _reader(projection: Projection, f: int, quantity: str) -> Callable[[Ints], Floats]:
    return lambda days: projection.figures(quantity, np.full(len(days), f, dtype=np.int64), days)[:, 0]


def crossing(read: Callable[[Ints], Floats], name: str, days: Ints, today: int) -> Crossing:
    """The first day on which a figure is below 1.00: of the dates the first that is, then day by day since the one before, interpolated."""
    grid = np.concatenate([[today], days[days > today]]).astype(np.int64)
    seen = read(grid)
    below = np.flatnonzero(seen < 1.0)
    if not len(below) or below[0] == 0:
        return Crossing(name, number(seen[0]), _iso(today) if len(below) else None, 0.0 if len(below) else None)
    span = np.arange(grid[below[0] - 1], grid[below[0]] + 1)
    found = read(span)
    at = int(np.flatnonzero(found < 1.0)[0])
    fell = years(span[at : at + 1])[0]
    if at:
        before, part = years(span[at - 1 : at])[0], (found[at - 1] - 1.0) / (found[at - 1] - found[at])
        fell = before + part * (fell - before)
    return Crossing(name, number(seen[0]), _iso(int(span[at])), float(fell - years(np.array([today]))[0]))


def _iso(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()
