"""`check`: one line per problem, worst first, and the exit code it amounts to."""

from __future__ import annotations

from facilities.inert import inert
from monitor.report.legal import facility_line, fallen
from monitor.report.schema import AssessmentPart, ChangePart, CovenantPart, FacilityPart, Report
from monitor.report.words import ratio, share, stamp
from rules.severity import RANK, exit_code

QUIET = frozenset({"pass", "not_tested", "cured"})


def problem_rows(report: Report) -> list[tuple[FacilityPart, CovenantPart]]:
    """Every covenant that is not quiet, worst first."""
    rows = [(facility, one) for facility in report.facilities for one in facility.covenants if one.severity not in QUIET]
    return sorted(rows, key=lambda row: (RANK[row[1].severity], -(row[0].outstanding or 0.0), row[0].id))


def told_rows(report: Report) -> list[tuple[FacilityPart, CovenantPart]]:
    """The covenants that are not quiet, and after them those that changed though they are."""
    changed = {(part.facility, part.covenant) for part in report.changes}
    quiet = [
        (facility, one)
        for facility in report.facilities
        for one in facility.covenants
        if one.severity in QUIET and (facility.id, one.id) in changed
    ]
    return [*problem_rows(report), *quiet]


def check_text(report: Report, _cells: int = 0) -> str:
    """The lines, each as long as it is; nothing when all is quiet."""
    doubtful = [
        f"{one.severity.upper().replace('_', ' '):15}  {inert(one.id)}  {inert(one.doubt)}" for one in report.facilities if one.doubt
    ]
    changed = {(part.facility, part.covenant): part for part in report.changes}
    told = told_rows(report)
    worse = sum(RANK[covenant.severity] <= RANK["indeterminate"] for _, covenant in told)
    lines = [
        problem_line(facility, covenant, report.as_of) + _since(report, changed.get((facility.id, covenant.id)))
        for facility, covenant in told
    ]
    gone = [inert(f"{part.kind.upper():15}  {part.facility}  {', '.join(part.why)}") for part in report.changes if part.covenant is None]
    return "\n".join([*(facility_line(one) for one in fallen(report)), *lines[:worse], *doubtful, *lines[worse:], *gone])


def _since(report: Report, part: ChangePart | None) -> str:
    """`  new since 2026-09-30 24:00Z by marks`; nothing where it is as it was."""
    if part is None or report.since is None:
        return ""
    cause = "marks and terms" if part.cause == "both" else part.cause
    recorded = f": {inert('; '.join(part.why))}" if part.events else ""
    return f"  {part.kind} since {stamp(report.since)} by {cause}{recorded}"


def problem_line(facility: FacilityPart, covenant: CovenantPart, as_of: str) -> str:
    """`CALLABLE  rowan-alder/ltv  LTV 0.653x > 0.65x [tested 2026-10-07] BTC.price 83,699 (+0.5%) …`."""
    one = covenant.leading
    words = [f"{covenant.severity.upper().replace('_', ' '):15}", inert(f"{facility.id}/{covenant.id}")]
    if one is not None:
        words.append(inert(f"{covenant.title} {_held(one)}"))
        words.append(f"[{one.basis} {one.test_date}]")
        words += _broken(one)
        words += [inert(text) for text in (one.bound, one.reason) if text]
        words += [f"{other.basis} FAIL {_held(other)} [{other.test_date}]" for other in covenant.hidden]
    if covenant.legal not in ("compliant", "normal", "off"):
        words.append(covenant.legal.replace("_", " ") + (" by lapse" if covenant.by_lapse else "") + _clock(covenant, as_of))
    return "  ".join(words)


def _clock(covenant: CovenantPart, as_of: str) -> str:
    """The time that is left, or ran out at `as_of`; instants of a report are written alike, so that their text compares."""
    if covenant.deadline is None:
        return ""
    if covenant.deadline <= as_of:
        return f", time ran out {stamp(covenant.deadline)}"
    return f"{' until' if covenant.legal == 'cure_pending' else ', clock to'} {stamp(covenant.deadline)}"


def _held(one: AssessmentPart) -> str:
    level = "no level" if one.threshold is None else ratio(one.threshold, one.unit)
    sign = one.operator if one.result != "fail" else {"<=": ">", "<": ">=", ">=": "<", ">": "<=", "==": "!="}[one.operator]
    return f"{ratio(one.actual, one.unit)} {sign if one.result == 'fail' else 'against ' + sign} {level}"


def _broken(one: AssessmentPart) -> list[str]:
    if not one.drivers:
        return [] if one.result == "indeterminate" or one.reason else ["no price driver"]
    lead = one.drivers[0]
    verb = f"{lead.rung.replace('_', ' ')} at" if lead.rung else "clears at" if one.result == "fail" else "breaks at"
    level = "-" if lead.breach_at is None else f"{lead.breach_at:,.0f}" if abs(lead.breach_at) >= 1000 else f"{lead.breach_at:.4g}"
    return [f"{verb} {inert(lead.mark)} {level} ({share(lead.shock_to_breach)})"]


def narrowed(report: Report, least: str | None) -> int:
    """The exit code, counting only what is at least as severe as `least`."""
    if least is None:
        return report.exit_code
    found = [one.severity for part in report.facilities for one in part.covenants] + [part.severity for part in report.facilities]
    if any(problem.level == "error" for problem in report.problems):
        found.append("indeterminate")
    return exit_code([name for name in found if RANK[name] <= RANK[least]])
