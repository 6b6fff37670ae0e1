"""The breach report as text, in the order a credit officer reads: headline, what is open, what is near, what is unknown."""

from __future__ import annotations

from facilities.inert import inert
from monitor.report.legal import facility_text, fallen, task_lines
from monitor.report.lines import problem_rows
from monitor.report.schema import AssessmentPart, CovenantPart, FacilityPart, MarkPart, Report
from monitor.report.words import money, ratio, share, stamp

_SECTIONS = (
    (
        "Defaults, calls and tested fails",
        ("accelerated", "event_of_default", "liquidation", "call_expired", "call", "callable", "tested_fail"),
    ),
    ("Unknown: an input is missing or stale", ("indeterminate",)),
    ("Fails on today's marks, not tested yet", ("indicative_fail",)),
    ("Triggers that are on", ("trigger_on",)),
    ("Watch", ("watch",)),
    ("Waived", ("waived",)),
)


def report_text(report: Report) -> str:
    """The whole report."""
    blocks = [_headline(report)]
    rows = problem_rows(report)
    if whole := fallen(report):
        blocks.append("\n".join([_underlined("Facilities in default as a whole"), *(facility_text(one) for one in whole)]))
    for title, names in _SECTIONS:
        mine = [(facility, covenant) for facility, covenant in rows if covenant.severity in names]
        unread = [one for one in report.facilities if one.unread] if "indeterminate" in names else []
        if unread:
            told = (f"INDETERMINATE  {inert(one.id)}: its file cannot be used, so nothing is known of it" for one in unread)
            blocks.append("\n".join([_underlined("Facilities that could not be read"), *told]))
        if mine:
            blocks.append("\n".join([_underlined(title), *(covenant_text(covenant, facility) for facility, covenant in mine)]))
    blocks += [block for block in (_tasks(report), _passing(report), _marks(report), _untested(report), _manifest(report)) if block]
    return "\n\n".join(blocks)


def _underlined(title: str) -> str:
    return f"{title}\n{'-' * len(title)}"


def _headline(report: Report) -> str:
    counts = report.counts
    money_open = [
        f"{name.replace('_', ' ')} {money(held, report.currency)}"
        for name, held in report.exposure.items()
        if name not in ("pass", "not_tested")
    ]
    told = {
        basis: ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in tally.items() if n) or "none"
        for basis, tally in (("tested", counts.tested), ("indicative", counts.indicative))
    }
    lines = [
        f"{inert(report.desk)}: breach report as of {stamp(report.as_of)}, known at {stamp(report.known_at)}",
        f"{counts.facilities} facilities. Tested: {told['tested']}. Indicative: {told['indicative']}.",
        "Drawn money by the worst of each facility: " + ("; ".join(money_open) or "all quiet") + ".",
    ]
    if report.next_deadline:
        lines.append(f"Next deadline: {stamp(report.next_deadline)}.")
    if report.problems:
        errors = sum(one.level == "error" for one in report.problems)
        lines.append(f"The desk's files have {errors} errors and {len(report.problems) - errors} warnings: see `covenant lint`.")
    return "\n".join(lines)


def covenant_text(covenant: CovenantPart, facility: FacilityPart) -> str:
    """One covenant: what it is, its assessments, what law and remedies follow."""
    clause = f", clause {inert(covenant.clause)}" if covenant.clause else ""
    lines = [
        f"{covenant.severity.upper().replace('_', ' ')}  {inert(facility.name)}: {inert(covenant.title)} "
        f"({inert(facility.id)}/{inert(covenant.id)}{clause}), "
        f"{money(facility.outstanding, facility.currency)} drawn"
    ]
    lines += [f"  {line}" for one in covenant.assessments for line in _assessment(one)]
    if not covenant.assessments:
        lines.append(
            "  not tested by us"
            if not covenant.tested_by_us
            else "  no test has fallen due" + (f"; next {covenant.next_test}" if covenant.next_test else "")
        )
    since = covenant.since
    if since.tested_as_of:
        acted = since.acted_on or "nothing recorded"
        lines.append(
            f"  {covenant.legal.replace('_', ' ')}: tested as of {since.tested_as_of}, known at {since.known_at}, acted on: {acted}"
        )
    if covenant.deadline:
        lines.append(f"  deadline {stamp(covenant.deadline)}")
    if covenant.effects_in_force:
        lines.append(f"  in force: {inert(', '.join(covenant.effects_in_force))}")
    if covenant.effects_if_tested:
        lines.append(f"  if tested so: {inert(', '.join(covenant.effects_if_tested))}")
    if covenant.remedies:
        lines.append("  clears by: " + inert("; ".join(remedy.text for remedy in covenant.remedies)))
    if covenant.note:
        lines.append(f"  note: {inert(covenant.note)}")
    if covenant.source:
        lines.append(f"  source: {inert(covenant.source)}")
    return "\n".join(lines)


def _assessment(one: AssessmentPart) -> list[str]:
    level = "no level known" if one.threshold is None else f"{one.operator} {ratio(one.threshold, one.unit)}"
    period = f", period to {one.period_end}" if one.period_end else ""
    room = (
        ""
        if one.headroom_abs is None
        else f"; headroom {ratio(one.headroom_abs, one.unit)} ({share(one.headroom_pct)}), cushion {share(one.cushion_pct)}"
    )
    modelled = f"; {one.modelled_share * 100:.0f}% modelled" if one.modelled_share else ""
    lines = [
        f"{one.basis} {one.test_date}{period}: {one.result.replace('_', ' ')}, "
        f"{ratio(one.actual, one.unit)} against {level}{room}{modelled}; "
        f"data {one.data.replace('_', ' ')}"
    ]
    lines += [f"  {text}" for text in (one.reason and f"reason: {inert(one.reason)}", one.bound and inert(one.bound)) if text]
    for driver in one.drivers:
        rung = f"{driver.rung.replace('_', ' ')}: " if driver.rung else ""
        verb = "turns" if one.result == "fail" else "breaks"
        lines.append(
            f"  {rung}{verb} at {inert(driver.mark)} {_level(driver.breach_at)}, now {_level(driver.now)} ({share(driver.shock_to_breach)})"
        )
    return lines


def _level(raw: float | None) -> str:
    return "unknown" if raw is None else f"{raw:,.0f}" if abs(raw) >= 1000 else f"{raw:.4g}"


def _tasks(report: Report) -> str:
    return "\n".join([_underlined("To do"), *task_lines(report)]) if report.tasks else ""


def _passing(report: Report) -> str:
    rows = [(facility, one) for facility in report.facilities for one in facility.covenants if one.severity in ("pass", "cured")]
    lines = []
    for facility, covenant in rows:
        one = covenant.leading
        if one is not None:
            lead = one.drivers[0] if one.drivers else None
            breaks = f", breaks at {lead.mark} {_level(lead.breach_at)} ({share(lead.shock_to_breach)})" if lead else ", no price driver"
            lines.append(
                inert(f"{facility.id}/{covenant.id}: {ratio(one.actual, one.unit)} {one.operator} {ratio(one.threshold, one.unit)}{breaks}")
            )
    return "\n".join([_underlined("Passing"), *lines]) if lines else ""


def _marks(report: Report) -> str:
    poor = [mark for mark in report.marks if mark.data != "good"]
    return "\n".join([_underlined("Marks that are not good"), *(_mark(mark) for mark in poor)]) if poor else ""


def _mark(mark: MarkPart) -> str:
    age = "" if mark.age_days is None else f", {mark.age_days:.1f} days old"
    return inert(f"{mark.series}: {mark.data.replace('_', ' ')}, {_level(mark.value)} {mark.unit}{age}")


def _untested(report: Report) -> str:
    lines = []
    for facility in report.facilities:
        for covenant in facility.covenants:
            if covenant.severity == "not_tested":
                one = covenant.leading
                why = (
                    "not tested by us"
                    if not covenant.tested_by_us
                    else (
                        one.reason
                        if one and one.reason
                        else f"next test {covenant.next_test}"
                        if covenant.next_test
                        else "no test date is known"
                    )
                )
                lines.append(inert(f"{facility.id}/{covenant.id}: {covenant.title}: {why}"))
    return "\n".join([_underlined("In the agreements, not tested"), *lines]) if lines else ""


def _manifest(report: Report) -> str:
    held = report.inputs
    hashes = f"desk {held.desk_sha256[:16]}, marks {held.marks_sha256[:16]}, journal {(held.journal_sha256 or 'none')[:16]}"
    return f"Manifest: covenant-monitor {report.version}, {hashes}"
