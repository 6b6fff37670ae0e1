"""Cross-links: thresholds, graces and notices, debtors and exclusions, chains and circles."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from facilities.model import CrossLink, DefaultOf, FacilityFile, ObligorFile
from rules.events import Event
from rules.life import Clockwork, History
from rules.life.cross import Debts, Link, chain
from rules.life.debtors import Debtors
from rules.life.facility import combined, own_history, payments
from tests.rules.life.happenings import WEEKENDS, at, event
from tests.rules.small import table

CLOCK, NOW = Clockwork(WEEKENDS), 100


def link(hurt: str, of: tuple[str, ...], kind: str = "cross_default", least: int | None = None, **terms: str) -> Link:
    default_of = DefaultOf(aggregate_principal_ge=None if least is None else Decimal(least))
    return Link(hurt, CrossLink(kind=kind, on_default_of=default_of, **terms), of, CLOCK)  # type: ignore[arg-type]


def whole(kind: str, day: float, **more: float) -> Event:
    return event(kind, day, covenant=None, id=f"{kind}{day}", **more)  # type: ignore[arg-type]


def fallen(links: list[Link], facts: dict[str, list[Event]], principal: dict[str, float] | None = None) -> dict[str, History]:
    """The whole legal history of each debt of some links."""
    names = {name for one in links for name in (one.hurt, *one.debts)}
    own = {name: own_history("5D", facts.get(name, ()), CLOCK, at(NOW), at(NOW)) for name in names}
    paid = {name: payments("5D", facts.get(name, ()), CLOCK, at(NOW), at(NOW)) for name in names}
    owed = principal or {}
    crossed = chain(links, Debts(own, paid, lambda name, _at, _of: owed.get(name), facts), at(NOW))
    return {name: combined([("", one), ("", crossed[name])]) if name in crossed else one for name, one in own.items()}


def state(found: dict[str, History], name: str, day: float) -> str:
    return found[name].at(at(day)).state


def test_a_default_elsewhere_makes_a_default_and_its_event_of_default_one_the_same_day() -> None:
    found = fallen([link("b", ("a",), clause="8.1(f)")], {"a": [whole("missed_payment", 10)]})
    assert [state(found, "b", day) for day in (9, 10, 14, 15)] == ["compliant", "default", "default", "event_of_default"]
    assert found["b"].at(at(15)).because == "cross-default, clause 8.1(f), of a"


def test_a_grace_runs_from_the_default_elsewhere_and_lapses() -> None:
    found = fallen([link("b", ("a",), grace="30D")], {"a": [whole("missed_payment", 10)]})
    assert found["b"].at(at(20)).deadline == at(40)
    legal = found["b"].at(at(40))
    assert (legal.state, legal.by_lapse, state(found, "b", 39)) == ("event_of_default", True, "default")


def test_what_struck_a_link_and_is_made_good_lets_it_go() -> None:
    facts = {"a": [whole("missed_payment", 10, amount=5), whole("prepayment", 13, amount=5)]}
    found = fallen([link("b", ("a",), grace="30D")], facts)
    assert [state(found, "b", day) for day in (12, 13, 60)] == ["default", "compliant", "compliant"]


def test_an_acceleration_clause_waits_for_the_acceleration_and_for_its_notice() -> None:
    facts = {"a": [whole("default", 10), whole("acceleration", 20)], "b": [whole("notice", 25)]}
    found = fallen([link("b", ("a",), "cross_acceleration", notice="30D")], facts)
    assert [state(found, "b", day) for day in (15, 22, 54, 55)] == ["compliant", "default", "default", "event_of_default"]
    assert (found["b"].at(at(22)).deadline, found["b"].at(at(30)).deadline) == (None, at(55))
    silent = fallen([link("b", ("a",), "cross_acceleration", notice="30D")], {"a": facts["a"]})
    assert state(silent, "b", 99) == "default"


def test_a_payment_clause_reads_missed_payments_alone() -> None:
    only = [link("b", ("a",), "cross_payment")]
    assert state(fallen(only, {"a": [whole("default", 10), whole("acceleration", 12)]}), "b", 50) == "compliant"
    assert state(fallen(only, {"a": [whole("missed_payment", 10)]}), "b", 11) == "default"


def test_principal_is_of_the_defaulting_debts_together_and_unknown_is_not_enough() -> None:
    facts = {"a": [whole("acceleration", 10)], "c": [whole("acceleration", 20)]}
    found = fallen([link("b", ("a", "c"), least=50)], facts, {"a": 30.0, "c": 20.0})
    assert [state(found, "b", day) for day in (15, 20)] == ["compliant", "event_of_default"]
    assert state(fallen([link("b", ("a", "c"), least=51)], facts, {"a": 30.0, "c": 20.0}), "b", 50) == "compliant"
    unknown = link("b", ("a", "c"), least=50)
    assert (state(fallen([unknown], facts, {"a": 30.0}), "b", 50), unknown.unknown) == ("compliant", {"c"})


def test_a_chain_is_followed_to_its_end_at_once() -> None:
    links = [link("d", ("c",)), link("c", ("b",)), link("b", ("a",))]
    found = fallen(links, {"a": [whole("acceleration", 10)]})
    assert [state(found, name, 10) for name in "bcd"] == ["event_of_default"] * 3


def test_no_link_fires_back_along_the_way_it_came() -> None:
    links = [link("a", ("b",)), link("b", ("a",))]
    facts = {"a": [whole("acceleration", 10), whole("waiver", 20)]}
    found = fallen(links, facts)
    assert [state(found, "b", day) for day in (10, 20)] == ["event_of_default", "compliant"]
    assert [state(found, "a", day) for day in (10, 20)] == ["accelerated", "waived"]
    both = fallen([link("a", ("b",)), link("b", ("a",))], {"b": [whole("acceleration", 10)]})
    assert (state(both, "a", 10), state(both, "b", 10)) == ("event_of_default", "accelerated")


def test_a_waiver_of_the_facility_covers_its_cross_default_and_stops_the_chain() -> None:
    links = [link("b", ("a",)), link("c", ("b",))]
    facts = {"a": [whole("acceleration", 10)], "b": [whole("waiver", 15, until=30)]}
    found = fallen(links, facts)
    assert [state(found, "b", day) for day in (12, 20, 31)] == ["event_of_default", "waived", "event_of_default"]
    assert [state(found, "c", day) for day in (12, 20, 31)] == ["event_of_default", "compliant", "event_of_default"]
    assert state(fallen(links, {**facts, "b": [whole("waiver", 15)]}), "b", 99) == "waived"


def test_forborne_is_still_in_default_and_an_acceleration_beneath_is_still_one() -> None:
    facts = {"a": [whole("acceleration", 10), whole("forbearance", 20, until=60)]}
    found = fallen([link("b", ("a",)), link("c", ("a",), "cross_acceleration")], facts)
    assert [state(found, name, 30) for name in "abc"] == ["forbearance", "event_of_default", "event_of_default"]


# who is meant --------------------------------------------------------------------------------------------------------------------

PEOPLE = {
    "top": "", "mid": 'parent = "top"\n', "low": 'parent = "mid"\ngroup = "g"\n', "side": 'group = "g"\n', "else": "",
}  # fmt: skip


def obligor(name: str, more: str) -> ObligorFile:
    debt = '[[debt]]\nid = "d"\nkind = "convertible"\nrecourse = false\n'
    found = table(f'[obligor]\nid = "{name}"\nname = "{name}"\n{more}{debt}', ObligorFile)
    assert isinstance(found, ObligorFile)
    return found


def loan(name: str, borrower: str, more: str = "") -> FacilityFile:
    found = table(f'[facility]\nid = "{name}"\nname = "{name}"\nkind = "term"\nborrower = "{borrower}"\n{more}', FacilityFile)
    assert isinstance(found, FacilityFile)
    return found


OBLIGORS = {name: obligor(name, more) for name, more in PEOPLE.items()}
LOANS = {
    "x": loan("x", "mid", 'guarantor = ["side"]\n'), "y": loan("y", "mid"), "z": loan("z", "low", 'recourse = "the vehicle only"\n'),
}  # fmt: skip


@pytest.mark.parametrize(
    ("debtors", "excludes", "read"),
    [
        (["borrower"], [], "mid/d y"),
        (["subsidiaries"], [], "low/d z"),
        (["guarantor"], [], "side/d"),
        (["parent"], [], "top/d"),
        (["group"], [], "mid/d y"),
        (["else"], [], "else/d"),
        (["any"], ["non_recourse"], "y"),
        (["borrower", "subsidiaries"], ["convertible"], "y z"),
        (["any"], ["mid", "low", "top/d", "else"], "side/d"),
    ],
)
def test_which_debts_a_link_reads(debtors: list[str], excludes: list[str], read: str) -> None:
    terms = CrossLink(kind="cross_default", on_default_of=DefaultOf(debtors=debtors, excludes=excludes))
    assert list(Debtors(LOANS, OBLIGORS).read_by(terms, "x")) == sorted(read.split())


def test_a_debt_that_is_a_facility_of_the_desk_is_read_once_and_a_circle_of_parents_ends() -> None:
    owner = table(
        '[obligor]\nid = "mid"\nname = "mid"\nparent = "mid2"\n[[debt]]\nid = "d"\nfacility = "y"\nrecourse = false\n', ObligorFile
    )
    second = table('[obligor]\nid = "mid2"\nname = "mid2"\nparent = "mid"\n', ObligorFile)
    assert isinstance(owner, ObligorFile) and isinstance(second, ObligorFile)
    people = {"mid": owner, "mid2": second}
    debtors = Debtors(LOANS, people)
    assert list(debtors.debts) == ["x", "y", "z"] and debtors.debts["y"].non_recourse
    for word in ("parent", "subsidiaries"):
        terms = CrossLink(kind="cross_default", on_default_of=DefaultOf(debtors=[word, "borrower"]))
        assert debtors.read_by(terms, "x") == ("y",)


def test_links_between_nobody_cost_nothing() -> None:
    assert chain([], Debts({}, {}, lambda *_: None, {}), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) == {}
