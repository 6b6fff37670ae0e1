"""Whole desks in law: a call that expires, a chain of three facilities, defaults on record, tasks, and what the report says of them."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from monitor.agenda.entries import Entry, entries_of, hour
from monitor.agenda.text import calendar_text
from monitor.assess import Picture, assess
from monitor.board.header import next_deadline
from monitor.board.rows import board_rows, next_text, since_text
from monitor.journal.ledger import Ledger
from monitor.places import DeskError
from monitor.report.build import build_report
from monitor.report.lines import check_text
from monitor.report.md import report_md
from monitor.report.schema import FacilityPart, Report
from monitor.report.text import report_text
from monitor.session import Session, open_desk
from rules.events import Event, EventKind
from rules.life import Legal
from tests.rules.shipped import DESKS, FOLDERS, session

COMPUTE, ALDER, CONVERT = "rowan-compute", "rowan-alder", "rowan-convert"


def when(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def event(
    kind: EventKind, facility: str, covenant: str | None, at: str, *, known: str | None = None, until: str | None = None,
    amount: float | None = None, period: str | None = None, conditions: str | None = None,
) -> Event:  # fmt: skip
    return Event(
        id=f"{kind}-{at}", kind=kind, facility=facility, covenant=covenant, effective=when(at), known=when(known or at), by="desk",
        until=when(until) if until else None, amount=None if amount is None else Decimal(str(amount)),
        period_end=dt.date.fromisoformat(period) if period else None, conditions=conditions,
    )  # fmt: skip


def see(at: str, *events: Event, desk: str | Session = "shipped") -> Picture:
    opened = session(desk) if isinstance(desk, str) else desk
    return assess(msgspec.structs.replace(opened, journal=Ledger(events)), when(at), when(at))


def covenant(picture: Picture, name: str) -> Legal:
    facility, _, identity = name.partition("/")
    found = [one for one in picture.standings if picture.book.ids[one.test.facility] == facility and one.test.covenant.id == identity]
    return found[0].legal


def whole(picture: Picture, facility: str) -> Legal:
    return picture.facilities[picture.book.facility(facility)].at(picture.as_of)


def part(report: Report, facility: str) -> FacilityPart:
    return next(one for one in report.facilities if one.id == facility)


def kinds(picture: Picture, facility: str) -> list[str]:
    return [one.kind for one in picture.tasks if one.facility == facility]


# the Rowan group -----------------------------------------------------------------------------------------------------------------

CALL = event("notice", ALDER, "ltv", "2026-10-08T02:10")
CALLED = event("acceleration", COMPUTE, None, "2026-10-12T10:00")
TOLD = event("notice", CONVERT, None, "2026-10-13T10:00")


def test_a_recorded_notice_opens_the_call_with_its_deadline() -> None:
    picture = see("2026-10-08T09:00", CALL)
    legal = covenant(picture, "rowan-alder/ltv")
    assert (legal.state, legal.deadline, legal.acted_on) == ("call", when("2026-10-10T02:10"), when("2026-10-08T02:10"))
    assert legal.deadline is not None and legal.deadline - picture.as_of == dt.timedelta(hours=41, minutes=10)
    report = build_report(picture)
    assert (part(report, ALDER).severity, report.next_deadline) == ("call", "2026-10-10T02:10:00Z")
    assert covenant(see("2026-10-08T09:00"), "rowan-alder/ltv").state == "callable"


def test_the_call_lapses_and_takes_the_compute_loan_with_it_the_same_day() -> None:
    before, after = see("2026-10-10T02:09", CALL), see("2026-10-10T02:10", CALL)
    assert [whole(before, name).state for name in (ALDER, COMPUTE)] == ["compliant", "cure_pending"]
    expired = covenant(after, "rowan-alder/ltv")
    assert (expired.state, expired.by_lapse) == ("call_expired", True)
    assert [whole(after, name).state for name in (ALDER, COMPUTE, CONVERT)] == ["event_of_default", "event_of_default", "compliant"]
    assert whole(after, COMPUTE).because == "cross-default, clause 8.1(f), of rowan-alder"
    assert whole(after, COMPUTE).tested_as_of == when("2026-10-10T02:10")


def test_the_convert_follows_an_acceleration_only_thirty_days_after_notice() -> None:
    silent = see("2026-12-31T00:00", CALL, CALLED)
    assert (whole(silent, COMPUTE).state, whole(silent, CONVERT).state, whole(silent, CONVERT).deadline) == ("accelerated", "default", None)
    told = see("2026-10-20T00:00", CALL, CALLED, TOLD)
    assert (whole(told, CONVERT).state, whole(told, CONVERT).deadline) == ("default", when("2026-11-13T00:00"))
    assert whole(see("2026-11-13T00:00", CALL, CALLED, TOLD), CONVERT).state == "event_of_default"
    assert whole(see("2026-12-31T00:00", CALL), CONVERT).state == "compliant"


def test_the_report_and_the_check_show_what_no_covenant_shows() -> None:
    report = build_report(see("2026-10-10T02:10", CALL))
    compute = part(report, COMPUTE)
    assert (compute.severity, compute.falls_alone, report.exit_code) == ("event_of_default", True, 2)
    assert compute.legal is not None and compute.legal.state == "event_of_default"
    line = next(one for one in check_text(report).splitlines() if one.split("  ")[1] == COMPUTE)
    assert line.startswith("EVENT OF DEFAULT  rowan-compute  cross-default, clause 8.1(f), of rowan-alder")
    assert "Facilities in default as a whole" in report_text(report)


def test_a_clock_of_a_facility_as_a_whole_is_among_the_clocks_and_in_the_calendar() -> None:
    picture = see("2026-10-20T00:00", CALL, CALLED, TOLD)
    clock = next(one for one in build_report(picture).clocks if one.facility == CONVERT)
    assert (clock.covenant, clock.deadline, clock.then) == (None, "2026-11-13T00:00:00Z", "end of grace: an Event of Default then")
    ahead = entries_of(picture, dt.date(2026, 12, 31))
    entry = next(one for one in ahead if one.kind == "clock" and one.facility == CONVERT)
    assert (entry.date, entry.local, hour(entry)) == ("2026-11-12", "2026-11-13T00:00:00Z", " 24:00Z")
    of_a_covenant = [one for one in build_report(see("2026-10-08T09:00")).clocks if one.facility == COMPUTE]
    assert [one.covenant for one in of_a_covenant] == ["dscr"], "told once, though the facility waits for it too"


def test_the_board_counts_down_the_clock_of_a_facility_as_a_whole() -> None:
    report = build_report(see("2026-10-20T00:00", CALL, CALLED, TOLD), frozenset((CONVERT,)))
    row = next(one for one in board_rows(report) if one.facility.id == CONVERT and one.covenant is None)
    assert (row.deadline, next_text(row), since_text(row)) == ("2026-11-13T00:00:00Z", "11-12", "10-12")
    assert "".join(span.text for span in next_deadline(report, 20)) == "next Rowan convertible n… default 24d00h "


def test_the_time_of_a_clock_is_that_of_the_desk_as_its_day_is() -> None:
    there = Entry(date="2024-03-15", kind="clock", facility="x", title="", at="2024-03-16T04:00:00Z", local="2024-03-16T00:00:00-04:00")
    assert "  15 24:00  clock" in calendar_text("2024-03-13T04:00:00Z", "2024-04-30", [there], [])


def test_the_clock_of_a_waived_call_is_that_of_its_waiver() -> None:
    waived = event("waiver", ALDER, "ltv", "2026-10-08T03:00", until="2026-10-20T00:00")
    clock = next(one for one in build_report(see("2026-10-08T09:00", CALL, waived)).clocks if one.facility == ALDER)
    assert (clock.legal, clock.deadline, clock.then) == ("normal", "2026-10-20T00:00:00Z", "end of the waiver: the fail counts again")


def test_a_repayment_on_record_meets_the_call_before_it_lapses() -> None:
    paid = event("prepayment", ALDER, None, "2026-10-08T15:00", amount=4_400_000)
    picture = see("2026-10-08T15:00", CALL, paid)
    assert covenant(picture, "rowan-alder/ltv").state == "restored"
    assert whole(see("2026-10-11T00:00", CALL, paid), ALDER).state == "compliant"


def test_a_cured_failure_is_told_as_cured_and_not_as_a_figure_that_passes() -> None:
    paid = event("equity_cure", COMPUTE, "dscr", "2026-10-09T12:00", amount=1_380_000, period="2026-08-31")
    report = build_report(see("2026-10-09T13:00", paid), frozenset({COMPUTE}), True)
    loan = part(report, COMPUTE)
    dscr = msgspec.structs.replace(loan.covenants[0], severity="cured", assessments=loan.covenants[0].assessments[:1])
    quiet = msgspec.structs.replace(loan, covenants=[dscr], severity="cured")
    made = msgspec.structs.replace(report, facilities=[quiet], exit_code=0)
    for text in (" ".join(report_text(made).split()), report_md(made)):
        assert "every covenant that is tested passes, or its failure was cured" in text
        told = text[text.index("Passing, or cured") :]
        assert "cured 2026-10-09 12:00Z by an equity cure of 1,380,000; tested 2026-08-31: 1.143x, must be at least 1.200x" in told
        assert "1.143x >=" not in told and "1.143x &gt;=" not in told and "2.746" not in told


def test_cure_money_inside_the_window_cures_and_a_later_sum_does_not() -> None:
    paid = event("equity_cure", COMPUTE, "dscr", "2026-10-09T12:00", amount=1_380_000, period="2026-08-31")
    cured = covenant(see("2026-10-20T00:00", paid), "rowan-compute/dscr")
    assert (cured.state, cured.cures_used) == ("cured", 1)
    less = event("equity_cure", COMPUTE, "dscr", "2026-10-09T12:00", amount=1_300_000, period="2026-08-31")
    late = event("equity_cure", COMPUTE, "dscr", "2026-10-16T00:00", amount=1_380_000, period="2026-08-31")
    for one in (less, late):
        assert covenant(see("2026-10-20T00:00", one), "rowan-compute/dscr").state == "event_of_default"
    report = build_report(see("2026-10-09T13:00", paid))
    assert part(report, COMPUTE).covenants[0].legal == "cured"


def test_draws_stop_while_remedies_stand_still() -> None:
    found = part(build_report(see("2026-10-08T09:00")), COMPUTE).covenants
    dscr = next(one for one in found if one.id == "dscr")
    assert (dscr.standstill_until, dscr.effects_in_force[0]) == ("2026-10-16T00:00:00Z", "draw_stop")


def test_waived_and_forborne_fails_are_not_open_fails() -> None:
    spared = event("waiver", COMPUTE, "dscr", "2026-10-02T00:00", until="2026-10-31T00:00", conditions="a plan by 20 October")
    picture = see("2026-10-08T09:00", spared)
    report = build_report(picture, frozenset((COMPUTE,)))
    dscr = next(one for one in part(report, COMPUTE).covenants if one.id == "dscr")
    assert (dscr.legal, dscr.severity, dscr.underlying, report.exit_code) == ("waived", "waived", "cure_pending", 1)
    assert dscr.effects_in_force == []
    task = next(one for one in picture.tasks if one.kind == "waiver_expiring")
    assert (task.due, "a plan by 20 October" in task.text) == (when("2026-10-31T00:00"), True)
    after = covenant(see("2026-11-02T00:00", spared), "rowan-compute/dscr")
    assert (after.state, after.by_lapse) == ("event_of_default", True)
    borne = event("forbearance", COMPUTE, None, "2026-10-02T00:00", until="2026-10-31T00:00")
    report = build_report(see("2026-10-08T09:00", borne), frozenset((COMPUTE,)))
    assert (part(report, COMPUTE).covenants[0].legal, part(report, COMPUTE).severity) == ("forbearance", "waived")


@pytest.mark.parametrize("facts", [(), (CALL, CALLED, TOLD)])
def test_the_log_of_one_day_says_what_every_day_before_it_said(facts: tuple[Event, ...]) -> None:
    last = see("2026-11-20T00:00", *facts)
    for back in range(0, 84, 7):
        day = see((last.as_of - dt.timedelta(days=back)).isoformat()[:19], *facts)
        told = [(one.legal.state, then.history.at(day.as_of).state) for one, then in zip(day.standings, last.standings, strict=True)]
        told += [(one.at(day.as_of).state, then.at(day.as_of).state) for one, then in zip(day.facilities, last.facilities, strict=True)]
        assert all(live == logged for live, logged in told), day.as_of


# tasks ---------------------------------------------------------------------------------------------------------------------------


def test_a_default_known_for_five_business_days_wants_its_rights_reserved() -> None:
    assert "reserve_rights" not in kinds(see("2026-10-07T12:00"), COMPUTE)
    assert "reserve_rights" in kinds(see("2026-10-08T09:00"), COMPUTE)
    done = event("reservation_of_rights", COMPUTE, None, "2026-10-05T00:00")
    picture = see("2026-10-08T09:00", done)
    assert "reserve_rights" not in kinds(picture, COMPUTE)
    assert covenant(picture, "rowan-compute/dscr").reserved == when("2026-10-05T00:00")


def test_a_stale_mark_of_ours_is_our_task_and_changes_no_state() -> None:
    picture = see("2026-10-08T09:00")
    task = next(one for one in picture.tasks if one.kind == "mark_missing" and one.facility == "linden-b200")
    assert (task.party, "B200.price.appraisal" in task.text, covenant(picture, "linden-b200/ltv").state) == ("us", True, "compliant")


def test_a_call_that_nobody_made_is_our_task() -> None:
    assert "send_notice" in kinds(see("2026-10-08T09:00"), ALDER)
    assert "send_notice" not in kinds(see("2026-10-08T09:00", CALL), ALDER)


def desk_of(tmp: Path, covenants: str, reported: str = "", settings: str = "") -> Session:
    (tmp / "facilities").mkdir()
    (tmp / "obligors").mkdir()
    (tmp / "desk.toml").write_text(f'[desk]\nname = "Small"\ncalendar = "US"\n{settings}')
    (tmp / "obligors" / "b.toml").write_text('[obligor]\nid = "b"\nname = "B"\nillustrative = true\n')
    loan = '[facility]\nid = "x"\nname = "X"\nkind = "term"\nborrower = "b"\nillustrative = true\nclosing = 2025-12-31\n'
    (tmp / "facilities" / "x.toml").write_text(f"{loan}{reported}{covenants}")
    return open_desk(tmp)


DSCR = """
[[covenant]]
id = "dscr"
rule = "leverage"
operator = "<="
threshold = 4
test = { frequency = "quarterly", first = 2026-03-31, certificate_due_days = 45 }
on_fail = "event_of_default"
[quantity.leverage]
formula = 'line("total_debt") / last3m(line("ebitda"))'
"""
CERTIFICATE = """
[[covenant]]
id = "certificate"
rule = "reporting"
test = { frequency = "quarterly", first = 2026-03-31, certificate_due_days = 45 }
grace = "10BD"
"""


def test_a_certificate_that_does_not_come_starts_the_borrowers_clock_and_no_financial_default(tmp_path: Path) -> None:
    opened = desk_of(tmp_path, DSCR.replace("[quantity", CERTIFICATE + "[quantity"))
    early, late = see("2026-05-15T12:00", desk=opened), see("2026-05-20T12:00", desk=opened)
    assert kinds(early, "x") == []
    assert covenant(late, "x/dscr").state == "compliant"
    assert covenant(late, "x/certificate").state == "default"
    task = next(one for one in late.tasks if one.kind == "certificate_overdue")
    assert (task.party, task.covenant) == ("borrower", "certificate")
    assert (task.since, task.due) == (when("2026-05-16T00:00"), when("2026-06-02T00:00"))  # ten business days, one of them Memorial Day


def test_without_a_reporting_covenant_the_test_itself_is_the_clock(tmp_path: Path) -> None:
    late = see("2026-05-20T12:00", desk=desk_of(tmp_path, DSCR))
    assert [(one.kind, one.party, one.covenant) for one in late.tasks] == [("certificate_overdue", "borrower", "dscr")]


def test_a_certificate_that_came_late_leaves_its_default_in_the_log(tmp_path: Path) -> None:
    came = "[[reported]]\nperiod_end = 2026-03-31\nmonths = 3\ndelivered = 2026-05-20\nlines = { ebitda = 10, total_debt = 20 }\n"
    opened = desk_of(tmp_path, CERTIFICATE, came)
    picture = see("2026-06-01T00:00", desk=opened)
    standing = next(one for one in picture.standings if one.test.covenant.id == "certificate")
    assert [(one.at, one.after) for one in standing.history.transitions] == [
        (when("2026-05-16T00:00"), "default"), (when("2026-05-21T00:00"), "compliant"),
    ]  # fmt: skip


def test_the_days_before_rights_must_be_reserved_are_the_desks(tmp_path: Path) -> None:
    opened = desk_of(tmp_path, CERTIFICATE, settings="reserve_rights_days = 1\n")
    assert "reserve_rights" in kinds(see("2026-05-19T12:00", desk=opened), "x")


# defaults of the past ------------------------------------------------------------------------------------------------------------


def test_iris_energy_missed_its_payment_and_was_accelerated() -> None:
    facility = "iren-spv3-nydig"
    called = event("acceleration", facility, None, "2022-11-04T00:00")
    picture = see("2022-11-03T12:00", called, desk="history")
    assert (covenant(picture, f"{facility}/dscr").state, whole(picture, facility).state) == ("default", "default")
    picture = see("2022-11-04T12:00", called, desk="history")
    assert (covenant(picture, f"{facility}/dscr").state, whole(picture, facility).state) == ("accelerated", "accelerated")
    report = build_report(picture, frozenset((facility,)))
    since = report.facilities[0].covenants[0].since
    assert (since.tested_as_of, since.known_at, since.acted_on) == ("2022-10-31", "2022-11-02", "2022-11-03")
    assert (report.facilities[0].severity, report.exit_code) == ("accelerated", 2)


def test_coreweaves_collateral_abroad_was_a_default_and_was_waived() -> None:
    name, what = "crwv-ddtl-2.0", "collateral-location"
    facts = (event("default", name, what, "2024-09-30T00:00"), event("waiver", name, what, "2024-12-31T00:00"))
    states = [covenant(see(day, *facts), f"{name}/{what}").state for day in ("2024-09-29", "2024-10-15", "2025-01-02")]
    assert states == ["compliant", "default", "waived"]
    report = build_report(see("2024-10-15", *facts), frozenset((name,)))
    assert (report.facilities[0].severity, report.exit_code) == ("tested_fail", 2)
    assert build_report(see("2025-01-02", *facts), frozenset((name,))).facilities[0].severity == "waived"


@pytest.fixture(scope="module")
def core() -> Session:
    return open_desk(DESKS / "law")


def test_core_scientifics_missed_instalments_warn_its_converts(core: Session) -> None:
    missed = event("missed_payment", "corz-equipment", None, "2022-10-26T00:00")
    before, after = see("2022-10-25T12:00", missed, desk=core), see("2022-10-27T12:00", missed, desk=core)
    converts = ("corz-convert-1", "corz-convert-2")
    assert {whole(before, name).state for name in converts} == {"compliant"}
    warned = [whole(after, name) for name in converts]
    assert {(one.state, one.because) for one in warned} == {("default", "cross-default, of corz-equipment")}
    text = report_text(build_report(after))
    assert text.count("cross-default, of corz-equipment") == 2 and "Event of Default" not in text


def test_dates_of_the_report_are_days_on_the_desks_clock(tmp_path: Path) -> None:
    shutil.copytree(FOLDERS["shipped"], tmp_path / "desk")
    settings = tmp_path / "desk" / "desk.toml"
    text = "".join(line for line in settings.read_text().splitlines(keepends=True) if not line.startswith("timezone"))
    settings.write_text(text.replace("[desk]\n", '[desk]\ntimezone = "America/New_York"\n'))
    report = build_report(see("2026-10-08T09:00", desk=open_desk(tmp_path / "desk")))
    dscr = next(one for one in part(report, COMPUTE).covenants if one.id == "dscr")
    tested = next(one for one in dscr.assessments if one.basis == "tested")
    assert (tested.test_date, dscr.since.tested_as_of, dscr.since.known_at) == ("2026-08-31", "2026-08-31", "2026-09-30")
    assert dscr.deadline == "2026-10-16T04:00:00Z"  # an instant stays one


def test_clocks_count_in_the_facilitys_own_days_and_an_unknown_timezone_is_told(tmp_path: Path) -> None:
    payment = 'payment_grace = "2BD"\ntimezone = "America/New_York"\n'
    opened = desk_of(tmp_path, "", payment)
    missed = event("missed_payment", "x", None, "2026-03-05T17:00")
    legal = whole(see("2026-03-06T12:00", missed, desk=opened), "x")
    assert (legal.state, legal.deadline) == ("default", when("2026-03-10T04:00"))  # Friday, Monday; the clocks change on the Sunday
    path = tmp_path / "facilities" / "x.toml"
    path.write_text(path.read_text().replace("America/New_York", "America/New_Yark"))
    problems = open_desk(tmp_path).problems
    assert [(one.code, one.place.file) for one in problems] == [("D002", "facilities/x.toml")]


def test_days_before_a_task_are_a_sensible_number(tmp_path: Path) -> None:
    desk_of(tmp_path, "")
    path = tmp_path / "desk.toml"
    path.write_text(path.read_text() + "reserve_rights_days = -1\n")
    with pytest.raises(DeskError) as caught:
        open_desk(tmp_path)
    assert [one.code for one in caught.value.problems] == ["F017"]


def test_an_unknown_test_hides_no_failing_indication() -> None:
    report = build_report(see("2026-10-08T09:00"), frozenset({COMPUTE}), True)
    loan = part(report, COMPUTE)
    tested, indicative = loan.covenants[0].assessments
    late = msgspec.structs.replace(tested, result="indeterminate", actual=None, reason="no certified report", drivers=[], bound=None)
    failing = msgspec.structs.replace(indicative, result="fail")
    shown = msgspec.structs.replace(loan.covenants[0], severity="indeterminate", assessments=[late, failing])
    made = msgspec.structs.replace(report, facilities=[msgspec.structs.replace(loan, covenants=[shown])])
    assert shown.hidden == [failing] and loan.covenants[0].hidden == []
    line = next(line for line in check_text(made).split("\n") if "/dscr" in line)
    assert line.startswith("INDETERMINATE") and f"no certified report  indicative FAIL {failing.actual:.3f}x < 1.200x" in line
