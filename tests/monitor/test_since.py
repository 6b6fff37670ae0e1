"""What changed since then: the kinds, the causes, and what was known when."""

import json
from datetime import UTC, datetime

import pytest

from monitor.assess import assess
from monitor.cli import main
from monitor.report.build import build_report
from monitor.report.changes import cause_of, headroom_move, kind_of, pair_of
from monitor.report.since import with_changes
from monitor.session import open_desk
from tests.monitor.tui.sample_reports import covenant, facility, reading

DESK = '[desk]\nname = "D"\nas_of = 2026-10-08\n'
OBLIGOR = '[obligor]\nid = "b"\nname = "B"\nillustrative = true\n'
LOAN = """[facility]
id = "one"
name = "One"
kind = "btc-loan"
borrower = "b"
illustrative = true
{facility}
{balances}
[[collateral]]
id = "coins"
asset = "BTC"
unit = "BTC"
units = 1
price = "BTC.price"
{covenant}
{more}
"""
PLAIN = """[[covenant]]
id = "ltv"
rule = "ltv"
threshold = 0.70
test = { frequency = "continuous" }
watch = { headroom_pct = 0.05 }
"""
LADDER = """[[covenant]]
id = "ltv"
rule = "ltv"
class = "margin_ladder"
starts = "trigger"
rung = [{ above = 0.55, state = "notice" }, { above = 0.70, state = "call", within = "30D", restore_to = 0.50 }]
"""


@pytest.fixture
def desk(tmp_path):
    def made(prices, balances=(("2026-01-01", 60),), covenant=PLAIN, facility="", more="", rows=()):
        root = tmp_path / "desk"
        for folder in ("facilities", "obligors", "marks"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        (root / "desk.toml").write_text(DESK)
        (root / "obligors" / "b.toml").write_text(OBLIGOR)
        owed = "".join(f"[[facility.balance]]\ndate = {day}\noutstanding = {amount}\n" for day, amount in balances)
        text = LOAN.format(facility=facility, balances=owed, covenant=covenant, more=more)
        (root / "facilities" / "one.toml").write_text(text)
        lines = [f"BTC.price,{day},{price},USD/BTC,venue," for day, price in prices] + list(rows)
        (root / "marks" / "m.csv").write_text("\n".join(["series,date,value,unit,source,known_at", *lines]) + "\n")
        return root

    return made


def changes(root, since="2026-10-01", until=None):
    session = open_desk(root)
    now, then = (session.moment(text, datetime(2026, 10, 8, tzinfo=UTC)) for text in (until, since))
    picture = assess(session, now, now)
    made = with_changes(picture, build_report(picture), then, None)
    assert made.exit_code == build_report(picture).exit_code
    return made.changes


def told(found):
    return [(one.kind, one.covenant, one.cause) for one in found]


@pytest.mark.parametrize(
    ("prices", "balances", "wanted"),
    [
        ([100, 80], [60, 60], [("new", "ltv", "marks")]),  # 60 % to 75 %
        ([100, 100], [60, 75], [("new", "ltv", "terms")]),
        ([100, 88], [60, 66], [("new", "ltv", "both")]),  # 60 % -> watch at 68.2 % by marks -> 75 %
        ([100, 80], [60, 48], []),  # the price fell, and the loan with it: 60 % both times
        ([80, 100], [60, 60], [("cleared", "ltv", "marks")]),
        ([80, 80], [60, 40], [("cleared", "ltv", "terms")]),
        ([100, 88], [60, 60], [("new", "ltv", "marks")]),  # a watch
        ([88, 80], [60, 60], [("worse", "ltv", "marks")]),
        ([80, 88], [60, 60], [("better", "ltv", "marks")]),
        ([80, 70], [60, 60], [("worse", "ltv", "marks")]),  # still a fail, 5 points short and then 15.7
        ([80, 79], [60, 60], []),  # 5 points short and then 5.9: not a quarter more
        ([200, 120], [60, 60], [("worse", "ltv", "marks")]),  # still passes, 40 points of headroom and then 20
        ([100, 100], [60, 60], []),
    ],
)
def test_kind_and_cause(desk, prices, balances, wanted):
    root = desk(zip(("2026-10-01", "2026-10-08"), prices, strict=True), zip(("2026-10-01", "2026-10-08"), balances, strict=True))
    assert told(changes(root)) == wanted


def test_words_say_which_mark_and_which_term(desk):
    root = desk([("2026-10-01", 100), ("2026-10-08", 88)], [("2026-10-01", 60), ("2026-10-08", 66)])
    (one,) = changes(root)
    assert one.why == ["BTC.price 100 to 88 (-12.0%)", "drawn USD 60 to USD 66"]
    assert (one.severity_then, one.severity_now, one.basis) == ("pass", "tested_fail", "tested")
    assert one.headroom_then == pytest.approx(0.10) and one.headroom_now == pytest.approx(-0.05)


AMENDED = """[[amendment]]
id = "a1"
signed = {signed}
effective = 2026-10-03
[amendment.covenant.ltv]
threshold = 0.55
"""


def test_an_amendment_is_a_term(desk):
    root = desk([("2026-10-01", 100), ("2026-10-08", 100)], more=AMENDED.format(signed="2026-10-02"))
    (one,) = changes(root)
    assert told([one]) == [("new", "ltv", "terms")]
    assert one.why == ["amendment a1, effective 2026-10-03", "level 70.0% to 55.0%"]


def test_an_amendment_signed_before_and_effective_before_is_no_change(desk):
    root = desk([("2026-10-01", 100), ("2026-10-08", 100)], more=AMENDED.format(signed="2026-10-02"))
    assert changes(root, since="2026-10-04") == []


def test_then_knows_only_what_was_known_then(desk):
    late = "BTC.price,2026-10-01,80,USD/BTC,venue,2026-10-05T00:00:00Z"
    root = desk([("2026-10-01", 100), ("2026-10-08", 80)], rows=[late])
    assert told(changes(root)) == [("new", "ltv", "marks")]  # 100 was what stood there on that day
    assert changes(root, since="2026-10-06") == []


def test_a_call_that_marks_opened_and_left_open_came_by_marks(desk):
    root = desk([("2026-10-01", 100), ("2026-10-04", 80), ("2026-10-08", 100)], covenant=LADDER)
    (one,) = changes(root)
    assert told([one]) == [("worse", "ltv", "marks")] and (one.severity_then, one.severity_now) == ("watch", "call")
    assert one.why == ["the marks of 2026-10-04 24:00Z"]


def test_a_test_that_failed_on_marks_which_recovered_came_by_both(desk):
    monthly = PLAIN.replace('"continuous"', '"monthly", first = 2026-08-31')
    root = desk([("2026-08-31", 100), ("2026-09-30", 80), ("2026-10-08", 100)], covenant=monthly)
    (one,) = changes(root, since="2026-09-15")
    assert told([one]) == [("new", "ltv", "both")] and one.severity_now == "tested_fail"
    assert one.why == ["the marks of 2026-09-30 24:00Z", "test of 2026-09-30"]


def test_then_never_knows_more_than_now(desk):
    late = "BTC.price,2026-10-02,80,USD/BTC,venue,2026-10-05T00:00:00Z"
    root = desk([("2026-10-01", 100)], rows=[late])
    session = open_desk(root)
    now, known, then = (session.moment(text, datetime(2026, 10, 8, tzinfo=UTC)) for text in ("2026-10-08", "2026-10-03", "2026-10-06"))
    picture = assess(session, now, known)
    assert with_changes(picture, build_report(picture), then, None).changes == []


def test_a_mark_that_grew_stale_is_a_cause(desk):
    root = desk([("2026-10-01", 100)])
    with (root / "desk.toml").open("a") as file:
        file.write('[[series]]\nmatch = "BTC.price"\nmax_age = "36h"\n')
    (one,) = changes(root)
    assert told([one]) == [("new", "ltv", "marks")] and one.severity_now == "indeterminate"
    assert one.why == ["is unknown: BTC.price: the last print is older than 36 hours"]


def test_a_facility_that_came_and_one_that_ran_off_are_told(desk):
    prices = [("2026-10-01", 80), ("2026-10-08", 80)]
    found = changes(desk(prices, facility="closing = 2026-10-05"))
    assert told(found) == [("new", "ltv", "terms"), ("opened", None, "terms")]
    assert found[0].why == found[1].why == ["closed 2026-10-05"]
    found = changes(desk(prices, [("2026-10-01", 60), ("2026-10-06", 0)], facility="maturity = 2026-10-06"))
    assert told(found) == [("cleared", "ltv", "terms"), ("matured", None, "terms")]
    assert found[1].why == ["matured 2026-10-06", "USD 0 drawn"]


def test_a_lapse_of_a_clock_is_a_term(desk):
    eod = PLAIN.replace(
        'test = { frequency = "continuous" }',
        'test = { frequency = "monthly", first = 2026-08-31, certificate_due_days = 10 }\non_fail = "event_of_default"\n'
        'cure = { kind = "prepayment", window = "15D", from = "certificate_due" }',
    )
    root = desk([("2026-08-31", 80)], covenant=eod)
    (one,) = changes(root, since="2026-09-15", until="2026-09-28")
    assert told([one]) == [("worse", "ltv", "terms")]
    assert (one.severity_then, one.severity_now, one.why[-1]) == ("tested_fail", "event_of_default", "a clock lapsed")


def test_a_delivery_is_a_term():
    from monitor.places import SHIPPED

    found = {(one.facility, one.covenant): one for one in changes(SHIPPED, since="2026-09-20")}
    one = found[("rowan-compute", "dscr")]
    assert (one.kind, one.cause, one.why) == ("worse", "terms", ["figures to 2026-08-31 delivered 2026-09-30"])


def part(severity, actual, level=1.0, class_="maintenance"):
    return covenant("c", "C", severity, [reading("tested", "pass", actual, ">=", level)], class_=class_)


@pytest.mark.parametrize(
    ("then", "now", "move"),
    [
        ((1.40, 1.0), (1.30, 1.0), -1),  # exactly a quarter of 0.40
        ((1.40, 1.0), (1.31, 1.0), 0),
        ((1.02, 1.0), (1.025, 1.0), 0),  # a quarter, but half a hundredth of the level
        ((1.0, 1.0), (1.01, 1.0), 1),
        ((1.0, 1.0), (1.005, 1.0), 0),
        ((-1.0, 0.0), (-0.5, 0.0), 1),  # a level of zero has no hundredth
        ((0.0, 0.0), (0.0, 0.0), 0),
    ],
)
def test_a_material_move(then, now, move):
    pair = pair_of(facility("f", "F", 1.0, []), part("pass", *then), part("pass", *now))
    assert headroom_move(pair) == move
    assert kind_of(pair) == {1: "better", -1: "worse", 0: None}[move]


def test_reports_and_unknowns_have_no_headroom_to_move():
    home = facility("f", "F", 1.0, [])
    assert kind_of(pair_of(home, part("pass", 9.0, class_="reporting"), part("pass", 1.0, class_="reporting"))) is None
    assert kind_of(pair_of(home, part("indeterminate", 9.0), part("indeterminate", 1.0))) is None


@pytest.mark.parametrize(
    ("then", "between", "now", "cause"),
    [
        ("pass", "tested_fail", "tested_fail", "marks"),
        ("pass", "pass", "tested_fail", "terms"),
        ("pass", "watch", "tested_fail", "both"),
        ("watch", "pass", "tested_fail", "terms"),  # marks helped, terms did it
        ("watch", "event_of_default", "tested_fail", "marks"),  # terms helped, marks did it
        ("tested_fail", "pass", "not_tested", "terms"),  # no mark makes a covenant untested
        ("tested_fail", "not_tested", "not_tested", "marks"),  # but one can end a springing period
    ],
)
def test_cause(then, between, now, cause):
    home = facility("f", "F", 1.0, [])
    assert cause_of(pair_of(home, part(then, 1.0), part(now, 1.0)), part(between, 1.0)) == cause


def test_what_did_not_exist_is_new_by_terms():
    home = facility("f", "F", 1.0, [])
    pair = pair_of(home, None, part("tested_fail", 0.5))
    assert kind_of(pair) == "new" and cause_of(pair, None) == "terms"


def test_the_exit_code_is_that_of_now_and_memory_knows_since(capsys, desk):
    root = desk([("2026-10-01", 80), ("2026-10-08", 200)])
    argv = ["check", "--desk", str(root)]
    assert main(argv) == 0 and capsys.readouterr().out == ""
    assert main([*argv, "--since", "2026-10-01"]) == 0
    assert "cleared since 2026-10-01 24:00Z by marks" in capsys.readouterr().out
    assert main([*argv, "--since", "2026-10-07T00:00:00Z", "--format", "json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["since"] == "2026-10-07T00:00:00Z" and [one["kind"] for one in made["changes"]] == ["cleared"]
    assert main(argv) == 0 and capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("since", "says"), [("2026-10-08", "is not before the as-of"), ("2027-01-01", "is not before the as-of"), ("soon", "not a time")]
)
def test_a_since_that_is_no_past_is_a_usage_error(capsys, desk, since, says):
    root = desk([("2026-10-08", 100)])
    assert main(["report", "--desk", str(root), "--since", since]) == 64
    assert says in capsys.readouterr().err


def test_nothing_changed_is_said(capsys, desk):
    root = desk([("2026-10-01", 100)])
    main(["report", "--desk", str(root), "--since", "2026-10-07"])
    out = capsys.readouterr().out
    assert "Changed since 2026-10-07 24:00Z\n-------------------------------\nnothing\n" in out


def test_since_the_first_day_of_the_shipped_desk_is_told_in_every_format(capsys):
    for form in ("text", "md", "csv", "json", "jsonl"):
        assert main(["report", "--since", "2015-01-02", "--format", form]) == 2
        assert "opened" in capsys.readouterr().out or form == "csv"
