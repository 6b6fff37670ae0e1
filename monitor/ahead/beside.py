"""What stands beside a projection: how the very series moved that are assumed to decay, and the case the loan was signed on."""

from __future__ import annotations

import datetime as dt

import numpy as np

from facilities.model import Curve as CurveTerms
from monitor.ahead.schema import Assumption, CaseLine, ContractLine, VintageLine
from monitor.assess import Picture
from monitor.marks.curves import matching
from monitor.report.judged import number
from rules.columns import Ints
from rules.headroom import book_slots
from rules.months import add_months
from rules.projection import Projection
from rules.scope import day_of

_NEAR = 45
"""Days by which a print may miss the day twelve months ago and still stand for it."""
_FIGURES = (("rent", "case_rent", "rent_now"), ("utilisation", "case_utilisation", "utilisation_now"),
            ("operating cost an hour", "case_opex", "opex_now"), ("DSCR", "case_dscr", "dscr_hist"))  # fmt: skip


def assumptions_of(picture: Picture, projection: Projection, f: int) -> list[Assumption]:
    """One for each series the facility reads under any of its terms, with the desk's curve or held flat."""
    settings = picture.session.desk.file
    curves = settings.curve if settings else []
    books = [stage.agreed.book for stage in projection.stages]
    names = [book.series.names[k] for book in books for k in book_slots(book, f)]
    return [_assumption(picture, name, matching(name, curves)) for name in dict.fromkeys(names)]


def _assumption(picture: Picture, series: str, curve: CurveTerms | None) -> Assumption:
    history = picture.session.history
    seen = history.observe(series, picture.as_of, picture.known_at)
    then, since = _year_ago(picture, series)
    known = seen.value is not None and then is not None and since is not None and then != 0
    span = (seen.as_of - since).days if known and seen.as_of is not None and since is not None else None
    return Assumption(
        series, seen.value, _day(picture, seen.as_of) if seen.as_of else None, float(curve.annual_decay) if curve else None,
        [(one.date.isoformat(), float(one.factor)) for one in curve.jump] if curve else [], curve.note if curve else None,
        curve.source if curve else None, seen.value / then - 1 if known and span else None,  # type: ignore[operator]
        _day(picture, since) if known and span and since else None, span if span else None, span is not None and span >= 365 - _NEAR,
    )  # fmt: skip


def contract_lines(projection: Projection, f: int, today: int) -> list[ContractLine]:
    """The contracts of a facility that have not ended, in order of their ends."""
    book, found = projection.book, []
    for item in np.flatnonzero(book.tables["contract"].owner == f).tolist():
        row, end = book.tables["contract"].rows[item], int(book.ints["contract.end"][item])
        if end > today:
            one, day = np.array([item]), np.array([max(today, int(book.ints["contract.start"][item]))])
            units, rate = (number(book.dated[f"contract.{name}"].at(one, day)[0]) for name in ("units", "rate"))
            rents = [parcel.rent for parcel in book.terms[f].collateral if parcel.asset == row.asset and parcel.rent]
            found.append((end, ContractLine(row.customer, units, rate, dt.date.fromordinal(end).isoformat(), list(dict.fromkeys(rents)))))
    return [line for _, line in sorted(found, key=lambda pair: pair[0])]


def value_days(projection: Projection, f: int, days: Ints, today: int) -> Ints:
    """The days from `today` on between which debt over value only rises or only falls: some days, the eves of payments, the jumps of marks.

    Collateral loses value up to the eve of a payment, which is where the debt is highest against it.
    """
    book, last = projection.book, int(days.max(initial=today))
    pays = book.periods.pay[book.tables["leg"].owner[book.periods.table.owner] == f]
    jumps = np.array([day for stage in projection.stages for one in stage.agreed.curves if one for day, _ in one.jumps], dtype=np.int64)
    asked = np.unique(np.concatenate([[today], days, pays, pays - 1, jumps, jumps - 1])).astype(np.int64)
    return asked[(today <= asked) & (asked <= last)]


def vintage_lines(projection: Projection, f: int, asked: Ints) -> list[VintageLine]:
    """Each vintage of a facility's collateral on the first of some days, today, and when its debt over its value is highest."""
    seen = projection.vintages(f, asked)
    lines = []
    for began in np.unique(seen.began[(seen.began > 0) & ~seen.undated[seen.asker]]).tolist():
        mine = np.flatnonzero(seen.began == began)
        ratio = seen.ratio[mine, 0]
        peak = None if np.isnan(ratio).all() else mine[int(np.nanargmax(ratio))]
        debt, value, now = (number(one[mine[0], 0]) for one in (seen.debt, seen.value, seen.ratio))
        when = None if peak is None else dt.date.fromordinal(int(asked[seen.asker[peak]])).isoformat()
        highest = None if peak is None else number(seen.ratio[peak, 0])
        lines.append(VintageLine(dt.date.fromordinal(began).isoformat(), debt, value, now, highest, when))
    return lines


def _day(picture: Picture, at: dt.datetime) -> str:
    """The day an instant closes on the desk's clock."""
    return dt.date.fromordinal(day_of(at, picture.session.timezone)).isoformat()


def _year_ago(picture: Picture, series: str) -> tuple[float | None, dt.datetime | None]:
    """The mark twelve months before the as-of, else the oldest since; by what is known now."""
    history = picture.session.history
    prints = history.instants(series, picture.as_of, picture.known_at)
    day = add_months(picture.as_of.date(), -12)
    target = picture.as_of.replace(year=day.year, month=day.month, day=day.day)
    old = [at for at in prints if at <= target and (target - at).days <= _NEAR]
    at = old[-1] if old else next((one for one in prints if one > target), None)
    return (None, None) if at is None else (history.observe(series, at, picture.known_at).value, at)


def case_lines(projection: Projection, f: int, today: int) -> list[CaseLine]:
    """Rent, utilisation, operating cost and coverage of the case beside today's; residual value and life beside the file's."""
    terms = projection.book.terms[f].underwriting
    if terms is None:
        return []
    one, day = np.array([f], dtype=np.int64), np.array([today], dtype=np.int64)
    lines = [_line(name, *(number(projection.figures(q, one, day)[0, 0]) for q in (case, actual))) for name, case, actual in _FIGURES]
    residual = None if terms.residual_pct is None else float(terms.residual_pct) / 100
    parcels = projection.book.tables["collateral"]
    lives = [
        row.economic_life_months
        for row, owner in zip(parcels.rows, parcels.owner.tolist(), strict=True)
        if owner == f and row.economic_life_months
    ]
    return [
        *lines,
        _line("residual value (today's, of cost)", residual, _value_left(projection, one, day)),
        _line("economic life, months", terms.life_months, max(lives) if lives else None),
    ]


def _value_left(projection: Projection, facility: Ints, day: Ints) -> float | None:
    """Value of the collateral on mark over what it cost; None where one of them is not known."""
    owed, ltv = (number(projection.figures(quantity, facility, day)[0, 0]) for quantity in ("outstanding", "ltv"))
    parcels = projection.book.tables["collateral"]
    item = np.flatnonzero(parcels.owner == facility[0])
    units = projection.book.dated["collateral.units"].at(item, np.repeat(day, len(item)))
    cost = float(np.sum(units * projection.book.floats["collateral.cost"][item]))
    return owed / ltv / cost if owed and ltv and cost > 0 else None


def _line(figure: str, case: float | None, actual: float | None) -> CaseLine:
    return CaseLine(figure, case, actual, actual / case if case and actual is not None else None)
