"""The past of a chart is what the monitor would have said on each day; a map at today's marks is today's reading."""

from __future__ import annotations

import datetime as dt
from math import isclose

import pytest

from monitor import cli
from monitor.assess import Picture, assess
from monitor.charts.ahead import debt_over
from monitor.charts.breachmap import between
from monitor.charts.past import days_between, debt_past, ratio_past
from monitor.charts.shocked import Move, map_of, moves_of
from monitor.charts.today import mark_inputs
from monitor.marks.instants import end_of_day
from monitor.places import SHIPPED
from monitor.reading import Reading
from monitor.report.explain import explain_formula, explain_quantity
from monitor.session import Session, moments, open_desk

COVENANTS = [
    ("rowan-alder", "ltv"), ("rowan-compute", "dscr"), ("tamar-h100", "dscr"), ("kestrel-abl", "availability"), ("linden-b200", "ltv"),
    ("linden-b200", "dscr-fwd"), ("birch-btc", "ltv"),
]  # fmt: skip


@pytest.fixture(scope="module")
def session() -> Session:
    return open_desk(SHIPPED)


@pytest.fixture(scope="module")
def picture(session: Session) -> Picture:
    return assess(session, *moments(session, None, None))


def known_covenants(picture: Picture) -> list[tuple[str, str]]:
    mine = {facility for facility, _ in COVENANTS}
    tests = [test for test in picture.book.tests if test.forms[-1].numerator is not None and test.class_ != "reporting"]
    return [(picture.book.ids[test.facility], test.covenant.id) for test in tests if picture.book.ids[test.facility] in mine]


def reading(picture: Picture, facility: str, covenant: str) -> Reading | None:
    place = picture.book.facility(facility)
    one = next(one for one in picture.standings if one.test.facility == place and one.test.covenant.id == covenant)
    return one.tested if one.test.continuous else one.indicative


def test_each_day_is_what_was_said_that_day(session: Session, picture: Picture) -> None:
    last, seen = dt.date(2026, 10, 8), 0
    days = [dt.date(2026, 9, 15), dt.date(2026, 10, 5), dt.date(2026, 10, 7)]
    covenants = known_covenants(picture)
    pasts = {pair: ratio_past(picture, *pair, dt.date(2026, 9, 1), last) for pair in covenants}
    assert len(covenants) == 10
    for day in days:
        at = end_of_day(day, session.timezone)
        then = assess(session, at, at)
        for pair, past in pasts.items():
            point = next(point for point in past.history if point.day == day)
            said = reading(then, *pair)
            if said is None or said.result == "not_tested":
                continue
            assert point.result == said.result or {point.result, said.result} <= {"pass", "watch"}, (pair, day)
            if said.result != "indeterminate":
                seen += 1
                assert point.value is not None and isclose(point.value, said.assessment.actual[said.row, 0], rel_tol=1e-12), (pair, day)
            elif point.value is not None:  # a ratio can be known where its limit or its springing is not
                assert said.assessment.actual[said.row, 0] == pytest.approx(point.value)
    assert seen > 20


def test_the_last_day_is_the_reading_of_now(picture: Picture) -> None:
    for pair in known_covenants(picture):
        past, now = ratio_past(picture, *pair, dt.date(2026, 10, 1), dt.date(2026, 10, 8)), reading(picture, *pair)
        if now is not None and now.result in ("pass", "watch", "fail"):
            assert past.history[-1].value == now.assessment.actual[now.row, 0]
            assert past.history[-1].result == now.result
            assert (past.fails is not None) == (now.result == "fail")


def test_the_open_call_fails_from_the_day_before(picture: Picture) -> None:
    past = ratio_past(picture, "rowan-alder", "ltv", dt.date(2026, 9, 1), dt.date(2026, 10, 8))
    assert past.fails == dt.date(2026, 10, 7)
    assert [point.value for point in past.limits] == [0.65]


def test_tests_stand_at_their_dates(picture: Picture) -> None:
    past = ratio_past(picture, "rowan-compute", "dscr", dt.date(2026, 1, 1), dt.date(2026, 10, 8))
    place = picture.book.facility("rowan-compute")
    last = next(one for one in picture.standings if one.test.covenant.id == "dscr" and one.test.facility == place)
    assert last.tested is not None
    assert past.tests[-1].value == last.tested.assessment.actual[last.tested.row, 0]


def test_debt_and_collateral_are_those_explained(picture: Picture) -> None:
    given = debt_past(picture, "kestrel-abl", dt.date(2026, 9, 1), dt.date(2026, 10, 8))
    assert given.debt[-1].value == explain_quantity(picture, "kestrel-abl", "outstanding").value
    assert given.value[-1].value == explain_formula(picture, "kestrel-abl", "collateral_value('mark')").value
    assert given.value[0].value is None  # no price was known yet


def test_a_debt_that_fell_due_without_a_word_since_is_unknown_and_not_nought(picture: Picture) -> None:
    given = debt_past(picture, "can-loan-b", dt.date(2025, 12, 1), dt.date(2026, 10, 8))
    known = [point.day for point in given.debt if point.value is not None]
    assert known[-1] == dt.date(2025, 12, 30) and given.debt[-1].value is None
    assert all(point.value is None for point in debt_over(picture, "can-loan-b", dt.date(2026, 9, 1)).debt_ahead)


def test_collateral_without_a_price_stands_at_its_appraisal(picture: Picture) -> None:
    given = debt_past(picture, "linden-b200", dt.date(2026, 5, 1), dt.date(2026, 10, 8))
    assert given.basis == "appraisal" and given.value[-1].value == 3_072 * 54_000
    assert [point.value for point in given.value if point.day < dt.date(2026, 6, 29)] == [None] * 59


def test_a_stale_price_leaves_the_ratio_unknown(picture: Picture) -> None:
    past = ratio_past(picture, "linden-b200", "ltv", dt.date(2026, 5, 1), dt.date(2026, 10, 8))
    known = [point.day for point in past.history if point.value is not None]
    assert known and past.history[-1].value is None and past.history[-1].result == "indeterminate"
    assert (known[-1] - known[0]).days + 1 == len(known) < 100


def test_unknown_names_and_uncomputed_covenants_are_told(picture: Picture) -> None:
    day = dt.date(2026, 10, 8)
    with pytest.raises(KeyError):
        ratio_past(picture, "nobody", "dscr", day, day)
    with pytest.raises(KeyError):
        ratio_past(picture, "rowan-compute", "nothing", day, day)
    with pytest.raises(ValueError, match="no level now"):
        map_of(picture, "rowan-alder", None, Move("BTC.price"), Move("ETH.price"))


def test_a_map_at_todays_marks_is_todays_reading(picture: Picture) -> None:
    for facility, covenant in (("rowan-alder", "ltv"), ("tamar-h100", "dscr"), ("kestrel-abl", "availability")):
        marks = moves_of(picture, facility, covenant)
        made = map_of(picture, facility, covenant, Move(marks[0]), Move("H100-SXM" if marks[0] == "BTC.price" else "BTC.price"))
        margin = between(made.margin, made.x, made.y, made.x.now, made.y.now)
        now = reading(picture, facility, covenant)
        assert now is not None and margin is not None
        assert (margin < 0) == (now.result == "fail")


def test_the_frontier_of_a_coin_loan_is_its_breaking_price(picture: Picture) -> None:
    from monitor.charts.breachmap import crossing

    made = map_of(picture, "rowan-alder", "ltv", Move("BTC.price"), Move("H100-SXM.rent"))
    now = reading(picture, "rowan-alder", "ltv")
    assert now is not None
    slot = picture.book.series.names.index("BTC.price")
    drivers = now.assessment.drivers
    at = list(drivers.series[now.row]).index(slot)
    found = crossing(made.margin, made, along_x=True)
    assert found is not None and isclose(found, drivers.breach[now.row, at, 0], rel_tol=1e-3)


def test_marks_have_their_age_and_past(picture: Picture) -> None:
    marks = {mark.series: mark for mark in mark_inputs(picture, 60)}
    assert marks["BTC.price"].value == 83_275.93 and marks["BTC.price"].age_days == 0.375
    assert marks["BTC.price"].points[-1].value == 83_275.93
    assert {mark.series for mark in mark_inputs(picture, 5, "H100-SXM")} == {name for name in marks if name.startswith("H100-SXM.")}


def test_days_are_even_and_end_where_asked() -> None:
    first, last = dt.date(2020, 1, 1), dt.date(2026, 10, 8)
    days = days_between(first, last, 100)
    assert len(days) <= 102 and days[0] == first and days[-1] == last and days == sorted(set(days))
    assert days_between(last, last) == [last]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rowan-alder"], "failed 2026-10-07"),
        (["rowan-compute/dscr", "--from", "2026-01-01", "--style", "ascii"], "DSCR"),
        (["rowan-alder", "--show", "map", "--x", "BTC.price=-60%..+20%", "--y", "H100-SXM.rent"], "BTC alone breaks at 83,6"),
        (["kestrel-abl", "--show", "debt"], "against collateral"),
        (["tamar-h100/dscr"], "fails 2028-12-31"),
        (["tamar-h100/dscr", "--to", "2028-06-30"], "projected"),
        (["rowan", "--show", "wall"], "due"),
        (["tamar-h100", "--show", "wall"], "due"),
        (["BTC", "--show", "marks"], "83,276"),
        ([], "SOFR.rate"),
    ],
)
def test_the_command(words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert cli.main(["chart", *words]) == 0
    out = capsys.readouterr().out
    assert said in out and "\x1b" not in out
    assert all(len(line) <= 100 for line in out.splitlines())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rowan-aldr"], "did you mean 'rowan-alder'"),
        (["rowan-compute/dscrr"], "did you mean 'dscr'"),
        (["rowan-alder", "--from", "2026-13-01"], "is no date"),
        (["rowan-alder", "--from", "2026-10-08", "--to", "2026-10-01"], "is after"),
        (["BTC", "--show", "marks", "--to", "2027-01-01"], "after the as-of"),
        (["--show", "map"], "needs a facility"),
        (["rowan-alder", "--show", "map", "--x", "BTC.price=up"], "is no range of shocks"),
        (["rowan-alder", "--show", "map", "--x", "BTC.price=+20%..-60%"], "shocks rise"),
        (["rowan-alder", "--show", "map", "--x", "ETH.price"], "no level now"),
        (["nobody", "--show", "wall"], "no group or facility"),
        (["BTX", "--show", "marks"], "no series is called"),
    ],
)
def test_what_cannot_be_drawn_is_a_usage_error(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["chart", *words]) == cli.USAGE
    captured = capsys.readouterr()
    assert said in captured.err and not captured.out
