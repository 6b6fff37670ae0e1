"""A covenant in sentences: where it stands, by how much, what turns it, since when, and what clears it. One idea a line."""

from __future__ import annotations

import re

from facilities.inert import inert
from monitor.report.schema import AssessmentPart, ChangePart, CovenantPart, DriverPart, EventPart, FacilityPart, MarkPart
from monitor.report.words import level, plural, ratio, share, stamp

_MUST = {"<=": "at most", "<": "below", ">=": "at least", ">": "above", "==": "exactly"}
_STATES = {
    "event_of_default": "Event of Default",
    "indeterminate": "unknown",
    "indicative_fail": "fails on today's marks",
    "call_expired": "call expired",
    "callable": "callable, no notice recorded",
    "trigger_on": "trigger on",
    "watch": "watch",
    "not_tested": "not tested",
}
_QUIET_LAW = frozenset({"compliant", "normal", "off"})
_REASONS = {"threshold_not_public": "the level is not public"}
_SPANS = {"h": "hour", "d": "day", "D": "day", "BD": "business day"}
_SPAN = re.compile(r"(?<=older than )(\d+)(h|d|D|BD)\b")


def state_words(severity: str) -> str:
    """A severity for people: `unknown`, `Event of Default`, `tested fail`."""
    return _STATES.get(severity, severity.replace("_", " "))


def title_of(facility: FacilityPart, covenant: CovenantPart) -> str:
    """`Rowan Alder BTC loan, LTV`."""
    return inert(f"{facility.name}, {covenant.title}")


def standing(covenant: CovenantPart) -> str:
    """The severity, and the legal state where it says more: `tested fail, cure pending`."""
    words, law = state_words(covenant.severity), covenant.legal.replace("_", " ")
    told = covenant.legal in _QUIET_LAW or law in words or covenant.legal == "event_of_default"
    lapse = " by lapse" if covenant.by_lapse else ""
    return (words if told else f"{words}, {law}") + lapse


def readings(covenant: CovenantPart) -> list[str]:
    """A line for each basis, and what stands against it; a second one that says what the first said is told in two words."""
    lines: list[str] = []
    lead = covenant.leading
    for one in covenant.assessments:
        if lead is not None and one is not lead and (figures(one), one.result) == (figures(lead), lead.result):
            lines.append(f"{one.basis} {moment(one.test_date)}: the same")
        else:
            lines.append(reading(one, covenant))
        lines += [line for line in doubts(one) if line not in lines]
        lines += [line for line in drivers(one) if line not in lines]
    return lines


def reading(one: AssessmentPart, covenant: CovenantPart) -> str:
    """`tested 2026-08-31: 1.143x, must be at least 1.200x; short by 0.057x, 4.8% of the level`."""
    if covenant.class_ == "reporting" and one.actual is not None:
        return f"{one.basis} {moment(one.test_date)}: {report_words(one.actual)}"
    period = f", period to {one.period_end}" if one.period_end and not one.test_date.startswith(one.period_end) else ""
    return f"{one.basis} {moment(one.test_date)}{period}: {figures(one)}{room(one)}"


def figures(one: AssessmentPart) -> str:
    """The figure and its level; of one that is not known the last that was."""
    if one.result == "not_tested":
        return f"not tested, {demand(one)}"
    if one.result == "indeterminate":
        last = "" if one.actual is None else f", last {ratio(one.actual, one.unit)}"
        return f"unknown{last}, {demand(one)}"
    return f"{ratio(one.actual, one.unit)}, {demand(one)}"


def demand(one: AssessmentPart) -> str:
    """`must be at least 1.200x`."""
    if one.threshold is None:
        return "no level known"
    return f"must be {_MUST[one.operator]} {ratio(one.threshold, one.unit)}"


def room(one: AssessmentPart) -> str:
    """What is left, or what is short, in the unit and as a share of the level; how much of it is modelled."""
    modelled = f"; {one.modelled_share * 100:.0f}% modelled" if one.modelled_share else ""
    if one.headroom_abs is None or one.result == "indeterminate" or one.threshold == 0:  # above nothing, the figure is its own headroom
        return modelled
    size = abs(one.headroom_abs) if one.result == "fail" else one.headroom_abs
    of_level = "" if one.headroom_pct is None else f", {abs(one.headroom_pct) * 100:.1f}% of the level"
    word = "short by" if one.result == "fail" else "headroom"
    points = ratio(size, one.unit).replace("%", " points") if one.unit == "fraction" else ratio(size, one.unit)
    return f"; {word} {points}{of_level}{modelled}"


def report_words(days: float) -> str:
    """How a report came in, of days after it was due."""
    late = round(days)
    if late == 0:
        return "delivered on the day it was due"
    return f"delivered {plural(-late, 'day')} before it was due" if late < 0 else f"{plural(late, 'day')} late"


def drivers(one: AssessmentPart) -> list[str]:
    """What turns the result, the deciding mark first: `clears at BTC.price 83,699, now 83,276 (+0.5%)`."""
    lead = one.drivers[0] if one.drivers else None
    return [] if lead is None or one.bound else [f"{_turn(part, lead, one.result)}{_at(part)}" for part in one.drivers]


def _turn(part: DriverPart, lead: DriverPart, result: str) -> str:
    same = (part.shock_to_breach or 0.0) * (lead.shock_to_breach or 0.0) >= 0
    clears = same == (result == "fail")
    rung = f"{part.rung.replace('_', ' ')} " if part.rung else ""
    return f"{rung}{'clears' if clears else 'breaks'} at "


def _at(part: DriverPart) -> str:
    return f"{inert(part.mark)} {level(part.breach_at, part.unit)}, now {level(part.now, part.unit)} ({share(part.shock_to_breach)})"


def doubts(one: AssessmentPart) -> list[str]:
    """Why it is not known, and what it must be to pass."""
    data = f"data: {one.data.replace('_', ' ')}" if one.data != "good" else None
    return [inert(text) for text in (reason_words(one.reason) if one.reason else data, one.bound) if text]


def reason_words(reason: str) -> str:
    """A reason without codes."""
    return _SPAN.sub(lambda found: plural(int(found[1]), _SPANS[found[2]]), _REASONS.get(reason, reason))


def three_dates(covenant: CovenantPart) -> str | None:
    """When the failing test was, when it was known, when somebody acted."""
    since = covenant.since
    if since.tested_as_of is None:
        return None
    known = moment(since.known_at) if since.known_at else "not recorded"
    acted = moment(since.acted_on) if since.acted_on else "nothing recorded"
    return f"since: tested {moment(since.tested_as_of)}; known {known}; acted on: {acted}"


def remedies(covenant: CovenantPart) -> list[str]:
    """What clears the failure."""
    return [inert(one.text) for one in covenant.remedies]


def effects(covenant: CovenantPart) -> list[str]:
    """What the failure stops or starts, in force or if today's marks were the test."""
    found = (("in force", covenant.effects_in_force), ("in force once tested so", covenant.effects_if_tested))
    return [f"{what}: {inert(', '.join(one.replace('_', ' ') for one in names))}" for what, names in found if names]


def why_untested(covenant: CovenantPart) -> str:
    """Why a covenant of the agreement has no result."""
    if not covenant.tested_by_us:
        return "listed only, we do not test it"
    one = covenant.leading
    if one is not None and one.reason:
        return reason_words(one.reason)
    return f"next test {covenant.next_test}" if covenant.next_test else "no test date is known"


def passes(covenant: CovenantPart, cure: EventPart | None = None) -> tuple[str, str]:
    """The figure of a covenant that passes, and the level of the mark at which it would not; empty without one.

    Of one that failed and was cured when, by what (`cure`, where it was recorded), and the figure as it was tested.
    """
    one = covenant.leading
    cured = f"{_cured(covenant, cure)}; " if covenant.severity == "cured" else ""
    if one is None:
        return f"{cured}no figure", ""
    if covenant.class_ == "reporting" and one.actual is not None:
        return f"{cured}{report_words(one.actual)}", ""
    if one.result == "fail":
        return f"{cured}{one.basis} {moment(one.test_date)}: {figures(one)}", ""
    lead = one.drivers[0] if one.drivers else None
    breaks = inert(f"{lead.mark} {level(lead.breach_at, lead.unit)} ({share(lead.shock_to_breach)})") if lead else ""
    actual = level(one.actual) if "/" in one.unit else ratio(one.actual, one.unit)
    return f"{cured}{actual} {one.operator} {ratio(one.threshold, one.unit)}", breaks


def _cured(covenant: CovenantPart, cure: EventPart | None) -> str:
    """`cured 2026-10-10 24:00Z by an equity cure of 500,000`."""
    when = f" {moment(covenant.since.acted_on)}" if covenant.since.acted_on else ""
    if cure is None:
        return f"cured{when}"
    kind = cure.kind.replace("_", " ")
    amount = "" if cure.amount is None else f" of {cure.amount:,.10g}"
    return inert(f"cured{when} by {'an' if kind[0] in 'aeiou' else 'a'} {kind}{amount}")


def mark_words(mark: MarkPart) -> str:
    """What stands against a mark: `stale, 100 days old: the last print is older than 90 days`."""
    age = "" if mark.age_days is None or mark.data != "stale" else f", {mark.age_days:.0f} days old"
    told = [] if mark.data == "good" else [f"{mark.data.replace('_', ' ')}{age}"]
    return inert(": ".join([*told, *([reason_words(mark.reason)] if mark.reason else [])]))


def change_words(part: ChangePart) -> str:
    """`watch -> callable`, or the move of the headroom where the state is the same."""
    if part.severity_then is None or part.severity_now is None:
        return part.kind
    if part.severity_then != part.severity_now:
        return f"{state_words(part.severity_then)} -> {state_words(part.severity_now)}"
    held = f"{ratio(part.headroom_then, part.unit or '')} -> {ratio(part.headroom_now, part.unit or '')}"
    return f"still {state_words(part.severity_now)}, headroom {held}"


def cause_words(part: ChangePart) -> str:
    """`by marks: BTC.price 85,558 to 83,276 (-2.7%)`."""
    cause = {"both": "by marks and terms"}.get(part.cause or "", f"by {part.cause}")
    return f"{cause}: {inert('; '.join(part.why))}" if part.why else cause


def moment(text: str) -> str:
    """A date as it is, an instant as `2026-10-08 09:00Z`."""
    return text if len(text) <= 10 else stamp(text)
