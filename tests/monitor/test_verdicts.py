"""Verdicts on made-up figures: every rule where it holds, where it does not, and where a figure is missing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.model import Claim, Fact, Growth, Level, Margins, Measure, OwnPeak, PartialDate, SectorFile, YearlyChange
from monitor.lookthrough import PastPart
from monitor.sector.deals import Priced
from monitor.sector.evidence import Evidence, series_of
from monitor.sector.sources import Sourced, Sources
from monitor.sector.verdicts import Judged, judge, settled

LATE = dt.date(2030, 1, 1)


def judged(evidence: Evidence, **rule: object) -> Judged:
    return judge(Claim(id="c", text="it is said", **rule), evidence)  # type: ignore[arg-type]


def figures(*rows: tuple[str, str, str], day: dt.date = LATE) -> Evidence:
    """(measure, date, value) as evidence known by the day; measures `a` and `b` are there, with figures or without."""
    facts = [
        Fact(measure=name, date=PartialDate(date), value=Decimal(value), quality="press", source=f"https://x/{at}")
        for at, (name, date, value) in enumerate(rows)
    ]
    return Evidence(series=series_of(SectorFile(measure={"a": Measure(title="A"), "b": Measure(title="B")}, fact=facts), day))


def growth(claimed: str, *measures: str, within: str = "0.05") -> Growth:
    return Growth(
        measures=list(measures), from_=PartialDate("2024"), to=PartialDate("2025"), claimed=Decimal(claimed), within=Decimal(within)
    )


@pytest.mark.parametrize(
    ("claimed", "within", "verdict"),
    [("1.12", "0.05", "confirmed"), ("1.00", "0", "confirmed"), ("0.90", "0.05", "refuted"), ("1.06", "0.05", "refuted")],
)
def test_growth_between_two_figures(claimed: str, within: str, verdict: str) -> None:
    last = "21.2" if claimed == "1.12" else "20"
    found = judged(figures(("a", "2024", "10"), ("a", "2025", last)), growth=growth(claimed, "a", within=within))
    assert found.verdict == verdict
    assert [one.source for one in found.grounds[0].origins] == ["https://x/0", "https://x/1"]


def test_growth_without_a_figure_is_not_settled_and_says_what_is_missing() -> None:
    found = judged(figures(("a", "2025", "20")), growth=growth("1", "a"))
    assert (found.verdict, found.grounds[0].why) == ("not_settled", "no figure for 2024")
    assert judged(figures(), growth=growth("1", "a")).grounds[0].why == "no figure for 2024, 2025"
    assert judged(figures(("a", "2024", "0"), ("a", "2025", "20")), growth=growth("1", "a")).verdict == "not_settled"


def test_measures_that_disagree_are_mixed_with_the_count() -> None:
    rows = (("a", "2024", "10"), ("a", "2025", "20"), ("b", "2024", "10"), ("b", "2025", "90"))
    found = judged(figures(*rows), growth=growth("1", "a", "b"))
    assert (found.verdict, found.met, found.known, found.of) == ("mixed", 1, 2, 2)


def test_figures_of_later_days_are_not_known_yet() -> None:
    rows = (("a", "2024", "10"), ("a", "2025", "20"))
    assert judged(figures(*rows, day=dt.date(2025, 12, 30)), growth=growth("1", "a")).verdict == "not_settled"
    assert judged(figures(*rows, day=dt.date(2025, 12, 31)), growth=growth("1", "a")).verdict == "confirmed"


@pytest.mark.parametrize(("value", "verdict"), [("25", "confirmed"), ("26.25", "confirmed"), ("26.3", "refuted"), ("23.7", "refuted")])
def test_level_within_a_share(value: str, verdict: str) -> None:
    rule = Level(measures=["a"], on=PartialDate("2025"), claimed=Decimal(25))
    assert judged(figures(("a", "2025", value)), level=rule).verdict == verdict
    assert judged(figures(), level=rule).verdict == "not_settled"


@pytest.mark.parametrize(
    ("last", "verdict"), [("0.49", "confirmed"), ("0.37", "confirmed"), ("0.35", "refuted"), ("0.65", "refuted"), ("-1", "not_settled")]
)
def test_yearly_change_is_compounded_over_the_whole_time(last: str, verdict: str) -> None:
    rule = YearlyChange(measures=["a"], least=Decimal("-0.40"), most=Decimal("-0.20"))
    rows = (("a", "2022-12-31", "1"), ("a", "2024-12-31", last))
    found = judged(figures(*rows), yearly_change=rule)
    assert found.verdict == verdict
    if last == "0.49":
        assert found.grounds[0].value == pytest.approx(-0.30, abs=1e-3)
    assert judged(figures(rows[0]), yearly_change=rule).grounds[0].why == "it takes two figures"


def past(*rows: tuple[str, float, float | None]) -> list[PastPart]:
    return [
        PastPart(date=day, debt=debt, cash=cash, net_debt=None if cash is None else debt - cash, source=day, sources=[day])
        for day, debt, cash in rows
    ]


def peak(rise: str | None = None, of: str = "all", groups: tuple[str, ...] = ("m",)) -> OwnPeak:
    return OwnPeak(
        groups=list(groups), until=dt.date(2021, 12, 31), on=dt.date(2024, 12, 31), rise=Decimal(rise) if rise else None,
        of="some" if of == "some" else "all",
    )  # fmt: skip


def test_net_debt_stands_against_the_highest_before_and_not_the_last() -> None:
    rows = past(("2020-12-31", 900, 0), ("2021-12-31", 500, 0), ("2024-12-31", 800, 0))
    found = judged(Evidence(past={"m": rows}), own_peak=peak())
    assert found.verdict == "refuted" and [one.source for one in found.grounds[0].origins] == ["2020-12-31", "2024-12-31"]
    assert judged(Evidence(past={"m": rows[1:]}), own_peak=peak()).verdict == "confirmed"


def test_equal_to_the_peak_is_not_below_it() -> None:
    assert judged(Evidence(past={"m": past(("2021-12-31", 5, 1), ("2024-12-31", 4, 0))}), own_peak=peak()).verdict == "confirmed"


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((("2021-12-31", 5, 1), ("2022-12-31", 9, 0)), "no net debt for 2024-12-31"),
        ((("2024-12-31", 5, 1),), "no net debt up to 2021-12-31"),
        ((("2021-12-31", 5, None), ("2024-12-31", 5, None)), "no net debt up to 2021-12-31 or for 2024-12-31"),
        ((), "no net debt up to 2021-12-31 or for 2024-12-31"),
    ],
)
def test_a_group_without_its_figures_is_unknown(rows: tuple[tuple[str, float, float | None], ...], why: str) -> None:
    found = judged(Evidence(past={"m": past(*rows)}), own_peak=peak())
    assert (found.verdict, found.grounds[0].meets, found.grounds[0].why) == ("not_settled", None, why)


def test_a_rise_is_a_share_of_net_debt_and_net_cash_has_none() -> None:
    rows = {"up": past(("2021-12-31", 1, 0), ("2024-12-31", 6, 0)), "cash": past(("2021-12-31", 0, 3), ("2024-12-31", 6, 0))}
    evidence = Evidence(past=rows)
    assert judged(evidence, own_peak=peak("5", "some", ("up", "cash"))).verdict == "confirmed"
    assert judged(evidence, own_peak=peak("6", "some", ("up",))).verdict == "refuted"
    found = judged(evidence, own_peak=peak("6", "some", ("up", "cash")))
    assert (found.verdict, found.grounds[1].why) == ("not_settled", "no share of net cash")
    assert judged(evidence, own_peak=peak(None, "all", ("up", "cash"))).verdict == "confirmed"


def deal(issuer: str, date: str, bp: float | None) -> Priced:
    return Priced(
        issuer=issuer, name=date, date=date, amount=None, currency="USD", spread_bp=bp, fixed_pct=None, rating=None, facility=None,
        origin=Sourced(source=date),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bp", "verdict"), [((962, 400, 225), "confirmed"), ((962, 225), "confirmed"), ((400, 962), "refuted"), ((962, 962), "refuted")]
)
def test_margins_are_met_in_order_of_time(bp: tuple[int, ...], verdict: str) -> None:
    deals = [deal("i", "2023", 962), deal("j", "2024", 225), deal("i", "2025", 400), deal("i", "2025-06", None), deal("i", "2026", 225)]
    rule = Margins(group="i", bp=[Decimal(one) for one in bp])
    assert judged(Evidence(deals=deals), margins=rule).verdict == verdict
    assert judged(Evidence(deals=deals[1:2]), margins=rule).verdict == "not_settled"


def test_what_stands_beside_never_decides() -> None:
    rows = (("a", "2024", "10"), ("a", "2025", "20"), ("b", "2024", "10"), ("b", "2025", "90"))
    found = judge(Claim(id="c", text="t", growth=growth("1", "a"), beside=["b"]), figures(*rows))
    assert (found.verdict, found.of, len(found.beside)) == ("confirmed", 1, 1)


@given(st.lists(st.sampled_from([True, False, None]), max_size=8), st.booleans())
def test_a_verdict_is_never_better_for_knowing_less(meets: list[bool | None], some: bool) -> None:
    """Forgetting one part never makes a confirmation of what was none, nor a refutation of a confirmed claim."""
    verdict = settled(meets, some)
    for at in range(len(meets)):
        less = settled([*meets[:at], None, *meets[at + 1 :]], some)
        assert less != "confirmed" or verdict == "confirmed"
        assert not (verdict == "confirmed" and less in ("refuted", "mixed"))
    assert settled(list(reversed(meets)), some) == verdict


def test_sources_are_numbered_by_first_mention_and_once() -> None:
    sources = Sources()
    first, second = Sourced(source="https://www.sec.gov/Archives/a"), Sourced(source="secondary: a note on b")
    assert sources.numbers([first, second, first, Sourced(source=None)]) == [1, 2]
    assert [(one.number, one.quality, one.source) for one in sources.listed()] == [
        (1, "filing", "https://www.sec.gov/Archives/a"),
        (2, "secondary", "a note on b"),
    ]
