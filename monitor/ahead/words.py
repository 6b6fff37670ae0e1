"""What a projection says in sentences: what is assumed, the end of life, what fails first, what is cured, when coverage is lost."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.ahead.schema import Ahead, Assumption, Case, ContractLine, FacilityAhead, Failing, TermsAhead, VintageLine, brought
from monitor.cells import name
from monitor.report.words import drawn, level, money, ratio, share, stamp

_NAMES = {"dscr_run_rate": "run-rate", "dscr_hist": "historical", "dscr_fwd": "forward"}


def opening(made: Ahead) -> Iterator[str]:
    """What the page is, and what it assumes throughout."""
    yield f"{name(made.desk)}: projection from {stamp(made.as_of)}{f' to {made.horizon}' if made.horizon else ''}"
    yield "Along assumed curves, not a forecast."
    if made.cure_with:
        yield f"Failing tests are deemed cured with {' and '.join(made.cure_with)} where agreed."


def of_facility(one: FacilityAhead) -> Iterator[str]:
    """What is assumed of a facility, and what becomes of it whatever is."""
    yield from _assumed(one.assumptions)
    yield from (_contract(row) for row in one.contracts)
    yield from (_amended(coming) for coming in one.terms_ahead)
    yield from (f"Held: {said}" for said in one.held)
    yield _end_of_life(one)


def lacking(one: FacilityAhead) -> str | None:
    """The figures that the case at closing does not give."""
    found = [line.figure for line in one.against_case if line.case is None]
    return f"The case at closing gives no {', no '.join(found)}" if found else None


def heading(case: Case) -> str:
    """What a case assumes of rents."""
    return "The curves of the desk" if case.rent_decay is None else f"Rents falling {case.name} a year"


def of_case(case: Case, currency: str, today: str) -> Iterator[str]:
    """What fails and when, what is cured, when coverage is lost, when debt is highest against value; `today` is the as-of's day."""
    yield from (_fails(found, currency) for found in case.first_failing)
    if not case.first_failing:
        unknown = any(test.result == "indeterminate" for line in case.dates for test in line.tests)
        yield f"No covenant {'is known to fail' if unknown else 'fails'} on a date ahead{' that is not cured' if case.cures else ''}."
    yield from _cured(case)
    known = any(one.now is not None or one.date is not None for one in case.crossings)
    yield f"DSCR, and when below 1.00x: {'; '.join(_crossed(case))}" if known else "DSCR: not known"
    if case.first_unpaid:
        yield f"Cash, trap and reserve do not pay the debt service of {case.first_unpaid}"
    if case.ltv_peak is not None:
        when = "is highest now, at" if case.ltv_peak_date == today else "peaks at"
        yield f"LTV on mark {when} {case.ltv_peak * 100:.1f} %" + ("" if case.ltv_peak_date == today else f" on {case.ltv_peak_date}")
    yield from (_vintage(vintage, today) for vintage in case.vintages)


def _assumed(rows: list[Assumption]) -> Iterator[str]:
    """The curve of each series beside its own past; those held flat in one."""
    for row in (row for row in rows if row.annual_decay is not None or row.jumps):
        said = f"Assumed: {row.series} {level(row.mark)}, {_move(row.annual_decay)} a year"
        said += "".join(f", x{factor:g} on {day}" for day, factor in row.jumps)
        said += f". Realised: {_realised(row)}."
        said += f" {name(row.note)}" if row.note else ""
        yield said + (f" Source: {name(row.source)}." if row.source else "")
    flat = [row.series for row in rows if row.annual_decay is None]
    if flat:
        yield f"Held flat, no curve: {', '.join(flat)}"


def _contract(row: ContractLine) -> str:
    units = "units not known" if row.units is None else f"{row.units:,.0f} units"
    then = f"let at {', '.join(row.then)}" if row.then else "nothing says at what they re-let"
    return f"Contract to {row.end}: {name(row.customer)}, {units} at {level(row.rate)} an hour; then {then}"


def _amended(coming: TermsAhead) -> str:
    source = f" Source: {name(coming.source)}." if coming.source else ""
    return f"Terms change {coming.effective}: amendment {name(coming.id)}, signed {coming.signed}.{source}"


def _move(decay: float | None) -> str:
    return "flat" if not decay else f"falling {decay * 100:g} %" if decay > 0 else f"rising {-decay * 100:g} %"


def _realised(row: Assumption) -> str:
    if row.realised is None:
        return "no earlier print"
    over = "in 12 months" if row.whole_year else f"in {row.history_days} days, no longer history"
    return f"{share(row.realised)} {over} (since {row.realised_from})"


def _end_of_life(one: FacilityAhead) -> str:
    if one.economic_life_end is None:
        return "End of collateral's life: none is given"
    said = f"Collateral worn out {one.economic_life_end}: {money(one.end_of_life_balance)} still owed as scheduled"
    if one.end_of_life_share is not None:
        said += f" = {one.end_of_life_share * 100:.0f} % of the original"
    return said + (f"; average life of debt {one.weighted_average_life:.2f} years" if one.weighted_average_life is not None else "")


def _fails(found: Failing, currency: str) -> str:
    word = "Trigger hit" if found.class_ == "trigger" else "Failing already, next on" if found.already else "First failing"
    figures = f"{ratio(found.actual, found.unit)} against {ratio(found.threshold, found.unit)}"
    said = f"{word} {found.date}: {name(found.title)} ({found.covenant}) {figures}, {drawn(found.outstanding, currency)} owed"
    if found.used_up:
        return f"{said}; no cure is left"
    return said + (f"; {money(found.cure_money)} cures it" if found.cure_money is not None else "")


def _cured(case: Case) -> Iterator[str]:
    """What is deemed paid, test by test, and in all."""
    if case.cures:
        paid = ", ".join(f"{one.date} {name(one.covenant)} {money(one.amount)}{' (pending)' * one.pending}" for one in case.cures)
        yield f"Deemed cured ({_kinds(case)}): {paid}; {money(case.cured_with)} in all{_in_time(case)}"
    elif case.cured_with is not None:
        yield "No cure is deemed paid: nothing fails that may be cured so."


def _in_time(case: Case) -> str:
    """How much of it is paid before a covenant that was cured fails for good."""
    ends = min((one.date for one in case.first_failing if one.used_up), default=None)
    early = [one for one in case.cures if ends is None or one.date < ends]
    return f", {money(brought(early))} of it before {ends}" if ends and len(early) < len(case.cures) else ""


def _kinds(case: Case) -> str:
    return ", ".join(dict.fromkeys(one.kind for one in case.cures))


def _crossed(case: Case) -> Iterator[str]:
    """Each ratio of today and the day on which it is lost: `run-rate 1.500x today, 2026-09-07 (0.68 years)`."""
    for one in case.crossings:
        said = f"{_NAMES[one.quantity]} {_today(one.now)}"
        if one.date is not None and one.years is not None:
            said += f", {one.date} ({one.years:.2f} years)" if one.years > 0 else ": already"
        elif one.now is not None:
            said += ", never"
        yield said


def _today(value: float | None) -> str:
    return "not known today" if value is None else f"{ratio(value, 'x')} today"


def _vintage(row: VintageLine, today: str) -> str:
    if row.debt is None or row.value is None or row.ratio is None:
        return f"Vintage of {row.in_service}: its debt or its value at the mark is not known"
    said = f"Vintage of {row.in_service}: {drawn(row.debt)} of debt on {drawn(row.value)} at the mark = {row.ratio * 100:.1f} %"
    if row.peak is None or row.peak_date == today:
        return said + (", its highest" if row.peak is not None else "")
    return f"{said}; peaks at {row.peak * 100:.1f} % on {row.peak_date}"
