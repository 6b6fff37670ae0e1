"""What is recorded moves figures from its own time on, as known: balances, collateral, deliveries, cures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from monitor.assess import Picture, assess
from monitor.journal.entries import numbered
from monitor.journal.ledger import Ledger
from monitor.report.build import build_report
from monitor.report.schema import FacilityPart
from monitor.session import open_desk
from rules.events import Event
from tests.monitor.journal.desk import CLOCK, event

DAY = dt.timedelta(days=1)


def day(text: str) -> dt.datetime:
    """The end of a day."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) + DAY


def picture(root: Path, *events: Event, at: dt.datetime = CLOCK, known: dt.datetime | None = None) -> Picture:
    session = msgspec.structs.replace(open_desk(root), journal=Ledger([numbered(one, n) for n, one in enumerate(events, 1)]))
    return assess(session, at, known or at)


def part(root: Path, name: str, *events: Event, at: dt.datetime = CLOCK, known: dt.datetime | None = None) -> FacilityPart:
    return build_report(picture(root, *events, at=at, known=known), frozenset({name}), full=False).facilities[0]


PAID = event("prepayment", amount=10, effective=day("2026-10-01"), known=day("2026-10-05"))


def test_a_prepayment_lowers_what_is_owed_once_it_counts_and_is_known(root: Path) -> None:
    assert part(root, "coin", PAID).outstanding == 50
    assert part(root, "coin", PAID, at=day("2026-10-01"), known=CLOCK).outstanding == 50
    assert part(root, "coin", PAID, at=day("2026-09-30"), known=CLOCK).outstanding == 60
    assert part(root, "coin", PAID, at=day("2026-10-04")).outstanding == 60  # paid, but nobody knew


def test_the_next_observed_balance_holds_the_prepayment(root: Path) -> None:
    file = root / "facilities" / "coin.toml"
    file.write_text(file.read_text() + "[[facility.balance]]\ndate = 2026-10-01\noutstanding = 52\nknown = 2026-10-06\n")
    assert part(root, "coin", PAID, at=day("2026-10-05")).outstanding == 50  # the balance is not known yet
    assert part(root, "coin", PAID, at=day("2026-10-06")).outstanding == 52
    later = event("prepayment", amount=2, effective=day("2026-10-02"), known=day("2026-10-02"))
    assert part(root, "coin", PAID, later).outstanding == 50


def test_a_prepayment_shortens_the_interest_to_come(root: Path) -> None:
    file = root / "facilities" / "project.toml"
    file.write_text(file.read_text() + "[interest]\nfixed_pct = 10\n" + '[[covenant]]\nid = "icr"\nrule = "dscr_fwd"\nthreshold = 1\n')
    import numpy as np

    from rules.kernel import value
    from rules.scope import facility_rows, open_scope

    def service(seen: Picture) -> float:
        f = np.array([seen.book.facility("project")])
        scope = open_scope(seen.book, seen.now, facility_rows(seen.book, seen.now, f), facility=f).through("next12m")
        return float(value(seen.book.definitions[int(f[0])].quantity("debt_service"), scope)[0, 0])

    before, after = service(picture(root)), service(picture(root, event("prepayment", facility="project", amount=400)))
    assert before == pytest.approx(1000 * 0.10 * 365 / 360, rel=0.02)
    days = (dt.date(2026, 12, 31) - CLOCK.date()).days  # until the end of the running quarter
    assert before - after == pytest.approx(400 * 0.10 * (days + 273) / 360, rel=1e-3)


AHEAD = """[interest]
fixed_pct = 10
[[covenant]]
id = "fwd"
rule = "ahead"
operator = ">="
threshold = 1
test = { frequency = "quarterly", first = 2026-06-30 }
[quantity.ahead]
formula = "last12m(cfads) / next12m(debt_service)"
"""


def test_a_test_of_the_past_keeps_its_figure_whatever_is_prepaid_after_it(root: Path) -> None:
    file = root / "facilities" / "project.toml"
    file.write_text(file.read_text().replace("date = 2026-06-30\noutstanding", "date = 2026-01-31\noutstanding") + AHEAD)

    def both(*events: Event) -> tuple[float, float]:
        seen = picture(root, *events, at=day("2026-08-20"))
        one = next(one for one in seen.standings if one.test.covenant.id == "fwd")
        assert one.tested is not None and one.indicative is not None and one.tested.period_end == dt.date(2026, 6, 30)
        return tuple(float(made.assessment.actual[made.row, 0]) for made in (one.tested, one.indicative))  # type: ignore[return-value]

    def paid(when: str, known: str) -> Event:
        return event("prepayment", facility="project", amount=400, effective=day(when), known=day(known))

    plain, after = both(), both(paid("2026-08-01", "2026-08-01"))
    assert after[0] == plain[0], "what is paid after the test date is no part of what the test saw ahead"
    assert after[1] > plain[1] * 1.5, "the indication of today and the next test see it"
    for known in ("2026-06-20", "2026-08-10"):
        assert both(paid("2026-06-15", known))[0] > plain[0] * 1.5, "paid before the test, whenever we learn of it"


def test_tranches_share_a_prepayment_by_their_balances(root: Path) -> None:
    file = root / "facilities" / "coin.toml"
    text = file.read_text().replace("[[facility.balance]]\ndate = 2026-01-01\noutstanding = 60\n", "")
    tranche = '[[tranche]]\nid = "{0}"\n[[tranche.balance]]\ndate = 2026-01-01\noutstanding = {1}\n'
    file.write_text(text + tranche.format("a", 45) + tranche.format("b", 15))
    seen = picture(root, event("prepayment", amount=40))
    assert build_report(seen, frozenset({"coin"}), full=False).facilities[0].outstanding == 20
    assert sorted(seen.book.floats["draw.amount"]) == [-30, -10]


def test_units_posted_count_from_the_instant_and_only_in_their_parcel(root: Path) -> None:
    posted = event("collateral_posted", units=1, collateral="coins", effective=CLOCK - DAY / 24, known=CLOCK - DAY / 24)
    ltv = [part(root, "coin", posted, at=CLOCK - DAY * hours / 24).covenants[0].assessments[0].actual for hours in (0, 1, 2)]
    assert ltv == [0.3, 0.3, 0.6]
    back = event("collateral_released", units=1, collateral="coins", effective=CLOCK, known=CLOCK)
    assert part(root, "coin", posted, back).covenants[0].assessments[0].actual == 0.6


def test_a_dated_count_of_units_holds_what_was_posted_before(root: Path) -> None:
    file = root / "facilities" / "coin.toml"
    counts = "units = [{ from = 2026-01-01, value = 1 }, { from = 2026-10-05, value = 3 }]\n"
    file.write_text(file.read_text().replace("units = 1\n", counts))
    posted = event("collateral_posted", units=2, collateral="coins", effective=day("2026-10-04"), known=day("2026-10-04"))
    assert part(root, "coin", posted).covenants[0].assessments[0].actual == pytest.approx(0.2)
    later = event("collateral_posted", units=1, collateral="coins", effective=day("2026-10-06"), known=day("2026-10-06"))
    assert part(root, "coin", posted, later).covenants[0].assessments[0].actual == pytest.approx(60 / 400)


def test_a_certificate_counts_from_when_it_was_known_to_have_come(root: Path) -> None:
    file = root / "facilities" / "project.toml"
    file.write_text(file.read_text().replace("delivered = 2026-08-14\n", ""))
    when = {"effective": day("2026-08-10"), "known": day("2026-08-12")}
    came = event("certificate_delivered", facility="project", period_end=dt.date(2026, 6, 30), **when)
    results = {
        shown: next(one for one in part(root, "project", came, at=day(shown)).covenants if one.id == "leverage").assessments
        for shown in ("2026-08-11", "2026-08-12")
    }
    assert next(one for one in results["2026-08-11"] if one.basis == "tested").result == "not_tested"
    assert next(one for one in results["2026-08-12"] if one.basis == "tested").result == "fail"


@pytest.mark.parametrize(("amount", "cured"), [(9, False), (10, True), (500, True)])
def test_cure_money_counts_for_the_covenant_and_period_it_names_only(root: Path, amount: int, cured: bool) -> None:
    named = {"facility": "project", "covenant": "leverage", "period_end": dt.date(2026, 6, 30)}
    seen = picture(root, event("equity_cure", amount=amount, **named))
    readings = {one.test.covenant.id: one.tested for one in seen.standings}
    assert readings["leverage"] is not None and readings["leverage"].result == "fail"
    assert readings["leverage"].cured is cured
    other = picture(root, event("equity_cure", amount=500, **(named | {"period_end": dt.date(2025, 12, 31)})))
    assert {one.tested.cured for one in other.standings if one.tested} == {None}


def test_the_report_lists_what_was_known_and_names_the_head(root: Path) -> None:
    made = build_report(picture(root, PAID, event("notice", until=CLOCK + DAY)), None)
    assert [(one.kind, one.in_force) for one in made.events] == [("prepayment", True), ("notice", True)]
    assert build_report(picture(root, PAID, at=day("2026-10-04")), None).events == []
    assert made.inputs.journal_sha256 is None  # nothing was opened
