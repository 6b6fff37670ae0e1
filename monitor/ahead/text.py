"""The projection as a page a facility, at 80 columns: what is assumed, the dates, what fails first, the end of life, the cash."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.ahead.schema import Ahead, Assumption, Case, CashLine, DateLine, FacilityAhead, Failing, TermsAhead, brought
from monitor.cells import cut, name, pad, wrap
from monitor.report.words import drawn, level, money, ratio, share, stamp

MOST_DATES = 48
_NAMES = {"dscr_run_rate": "run-rate", "dscr_hist": "historical", "dscr_fwd": "forward"}


def ahead_text(made: Ahead, cells: int = 80) -> str:
    """The whole projection; no line is wider than `cells`."""
    cells = max(60, cells)
    until = f" to {made.horizon}" if made.horizon else ""
    lines = [f"{name(made.desk)}: projection from {stamp(made.as_of)}{until}", "Along assumed curves, not a forecast."]
    if made.cure_with:
        lines.append(f"Failing tests are deemed cured with {' and '.join(made.cure_with)} where the agreement lets them.")
    for one in made.facilities:
        lines += ["", *_facility(one, cells)]
    if not made.facilities:
        lines += ["", "No facility to project."]
    return "\n".join(cut(line, cells) for line in lines)


def _facility(one: FacilityAhead, cells: int) -> Iterator[str]:
    yield f"{name(one.name)} ({one.id}): {drawn(one.outstanding, one.currency)} owed, due {one.maturity or 'on no public date'}"
    yield from _assumed(one.assumptions, cells)
    yield from (part for coming in one.terms_ahead for part in _hung(f"Terms change {_amended(coming)}", cells))
    yield from (part for said in one.held for part in _hung(f"Held: {said}", cells))
    yield from _end_of_life(one, cells)
    yield from _against(one, cells)
    for case in one.cases:
        yield ""
        yield from _case(case, one, cells)


def _assumed(rows: list[Assumption], cells: int) -> Iterator[str]:
    """The curve of each series beside its own past; those held flat on one line."""
    for row in (row for row in rows if row.annual_decay is not None or row.jumps):
        said = f"  Assumed: {row.series} {level(row.mark)}, {_move(row.annual_decay)} a year"
        said += "".join(f", x{factor:g} on {day}" for day, factor in row.jumps)
        said += f". Realised: {_realised(row)}."
        said += f" {name(row.note)}" if row.note else ""
        said += f" Source: {name(row.source)}." if row.source else ""
        yield from _hung(said, cells)
    flat = [row.series for row in rows if row.annual_decay is None]
    if flat:
        yield from _hung(f"  Held flat, no curve: {', '.join(flat)}", cells)


def _amended(coming: TermsAhead) -> str:
    source = f" Source: {name(coming.source)}." if coming.source else ""
    return f"{coming.effective}: amendment {name(coming.id)}, signed {coming.signed}.{source}"


def _hung(said: str, cells: int) -> list[str]:
    """A sentence over several lines, the later ones set in."""
    first, *rest = wrap(said.strip(), cells - 4)
    return [f"  {first}", *(f"    {line}" for line in rest)]


def _move(decay: float | None) -> str:
    return "flat" if not decay else f"falling {decay * 100:g} %" if decay > 0 else f"rising {-decay * 100:g} %"


def _realised(row: Assumption) -> str:
    if row.realised is None:
        return "no earlier print"
    over = "in 12 months" if row.whole_year else f"in {row.history_days} days, no longer history"
    return f"{share(row.realised)} {over} (since {row.realised_from})"


def _end_of_life(one: FacilityAhead, cells: int) -> Iterator[str]:
    if one.economic_life_end is None:
        yield "  End of collateral's life: none is given"
        return
    said = f"  Collateral worn out {one.economic_life_end}: {money(one.end_of_life_balance)} still owed as scheduled"
    if one.end_of_life_share is not None:
        said += f" = {one.end_of_life_share * 100:.0f} % of the original"
    said += f"; average life of debt {one.weighted_average_life:.2f} years" if one.weighted_average_life is not None else ""
    yield from _hung(said, cells)


def _against(one: FacilityAhead, cells: int) -> Iterator[str]:
    told = [line for line in one.against_case if line.case is not None]
    if told:
        yield "  Against the case at closing     case    actual  actual/case"
    for line in told:
        figures = [pad("-" if raw is None else f"{raw:,.4g}", 10, right=True) for raw in (line.case, line.actual, line.ratio)]
        yield f"    {pad(line.figure, 24)}{''.join(figures)}"
    lacking = [line.figure for line in one.against_case if line.case is None]
    if lacking:
        yield from _hung(f"  The case at closing gives no {', no '.join(lacking)}", cells)


def _case(case: Case, one: FacilityAhead, cells: int) -> Iterator[str]:
    yield f"  {'The curves of the desk' if case.rent_decay is None else f'Rents falling {case.name} a year'}"
    yield from (line for found in case.first_failing for line in _hung(_fails(found, one.currency), cells))
    if not case.first_failing:
        yield "  No covenant fails on a date ahead." if not case.cures else "  No covenant fails on a date ahead that is not cured."
    yield from _cured(case, cells)
    yield from _hung(f"  DSCR below 1.00x: {'; '.join(_crossed(case))}", cells)
    if case.first_unpaid:
        yield f"  Cash, trap and reserve do not pay the debt service of {case.first_unpaid}"
    if case.ltv_peak is not None:
        yield f"  LTV on mark peaks at {case.ltv_peak * 100:.1f} % on {case.ltv_peak_date}"
    yield from _table(case, cells)
    yield from _cash(case.cash)


def _fails(found: Failing, currency: str) -> str:
    word = "Trigger hit" if found.class_ == "trigger" else "First failing"
    figures = f"{ratio(found.actual, found.unit)} against {ratio(found.threshold, found.unit)}"
    said = f"  {word} {found.date}: {name(found.title)} ({found.covenant}) {figures}, {drawn(found.outstanding, currency)} owed"
    if found.used_up:
        return f"{said}; no cure is left"
    return said + (f"; {money(found.cure_money)} cures it" if found.cure_money is not None else "")


def _cured(case: Case, cells: int) -> Iterator[str]:
    """What is deemed paid, test by test, and in all."""
    if case.cures:
        paid = ", ".join(f"{one.date} {name(one.covenant)} {money(one.amount)}" for one in case.cures)
        yield from _hung(f"  Deemed cured ({_kinds(case)}): {paid}; {money(case.cured_with)} in all{_in_time(case)}", cells)
    elif case.cured_with is not None:
        yield "  No cure is deemed paid: nothing fails that may be cured so."


def _in_time(case: Case) -> str:
    """How much of it is paid before a covenant that was cured fails for good."""
    ends = min((one.date for one in case.first_failing if one.used_up), default=None)
    early = [one for one in case.cures if ends is None or one.date < ends]
    return f", {money(brought(early))} of it before {ends}" if ends and len(early) < len(case.cures) else ""


def _kinds(case: Case) -> str:
    return ", ".join(dict.fromkeys(one.kind for one in case.cures))


def _crossed(case: Case) -> Iterator[str]:
    for one in case.crossings:
        if one.now is None and one.date is None:
            yield f"{_NAMES[one.quantity]} not known"
        elif one.date is None or one.years is None:
            yield f"{_NAMES[one.quantity]} never"
        else:
            yield f"{_NAMES[one.quantity]} {one.date} ({one.years:.2f} years)"


def _table(case: Case, cells: int) -> Iterator[str]:
    if not case.dates:
        yield "  No test and no payment lies ahead."
        return
    yield "  date       run   hist  fwd   LLCR  PLCR    LTV    owed  result"
    shown = case.dates if len(case.dates) <= MOST_DATES else [line for line in case.dates if _told(line)]
    for line in shown[:MOST_DATES]:
        coverage = [_x(raw) for raw in (line.dscr_run_rate, line.dscr_hist, line.dscr_fwd, line.llcr, line.plcr)]
        ltv = "-" if line.ltv is None else f"{line.ltv * 100:.0f}%"
        figures = "".join(pad(text, 6, right=True) for text in coverage) + pad(ltv, 7, right=True)
        left = f"  {line.date}{figures}{pad(drawn(line.outstanding), 8, right=True)}  "
        first, *rest = wrap(_words(line), max(12, cells - len(left)))
        yield left + first
        yield from (" " * len(left) + more for more in rest)
    if len(shown) > MOST_DATES:
        yield f"  and {len(shown) - MOST_DATES} more dates: --format csv has them all"


def _told(line: DateLine) -> bool:
    """Whether a date is an end of a quarter, for pages whose dates are too many."""
    return line.date[5:] in ("03-31", "06-30", "09-30", "12-31")


def _x(raw: float | None) -> str:
    return "-" if raw is None else f"{raw:.2f}"


def _words(line: DateLine) -> str:
    """What fails, what is cured, what is unknown on a date."""
    failing = [one.covenant for one in line.tests if one.result == "fail" and one.cured_with is None]
    cured = [one.covenant for one in line.tests if one.cured_with is not None]
    unknown = [one.covenant for one in line.tests if one.result == "indeterminate"]
    words = [f"FAIL {', '.join(failing)}"] if failing else []
    words += [f"cured {', '.join(cured)}"] if cured else []
    words += [f"unknown {', '.join(unknown)}"] if unknown else []
    passing = any(one.result in ("pass", "watch") for one in line.tests)
    return "; ".join(words) or ("pass" if passing else "-")


def _cash(rows: list[CashLine]) -> Iterator[str]:
    """The payment days on which a reserve, a trap or a sweep moves, or something is not paid."""
    moving = [
        row for row in rows if any((row.from_trap, row.from_reserve, row.unpaid, row.to_reserve, row.swept, row.trapped, row.released))
    ]
    if not moving:
        return
    yield "  cash (m)       CFADS service   swept trapped  DSRA   trap  paid out  unpaid"
    for row in moving[:MOST_DATES]:
        amounts = f"{_m(row.cash, 7)} {_m(row.service, 7)} {_m(row.swept, 7)} {_m(row.trapped, 7)} {_m(row.reserve, 5)} {_m(row.trap, 6)}"
        yield f"  {row.date}  {amounts}   {_m(row.distributed, 7)} {_m(row.unpaid, 7)}"


def _m(raw: float | None, cells: int) -> str:
    return pad("-" if raw is None else f"{raw / 1e6:.2f}", cells, right=True)
