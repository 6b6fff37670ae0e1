"""Shares of the collateral and of the contracts: by hand, and as properties of any composition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.formula import FormulaError
from rules.kernel import leaf_of
from rules.primitives.leaf import Leaf
from rules.selection import Condition, leaf_unit, select
from rules.state import State
from tests.rules.small import HEAD, LOAN, book_of, covenant, figure, formula, judge, library, report, scope_of

PRICE: dict[str, float | list[float]] = {"H.price": 10.0, "B.price": 30.0, "H.price.appraisal": 8.0, "B.price.appraisal": 20.0}


def parcel(name: str, asset: str = "H", units: object = 10, **keys: object) -> str:
    """One parcel, as TOML; keys given as None are left out."""
    said = {"units": units, **keys}
    lines = (f"{key} = {_toml(value)}\n" for key, value in said.items() if value is not None)
    return f'[[collateral]]\nid = "{name}"\nasset = "{asset}"\n' + "".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    plain = isinstance(value, (int, float)) or str(value)[:1] in "[{" or str(value)[:2] == "20"
    return str(value) if plain else f'"{value}"'


def contract(customer: str, units: int = 10, rate: float = 2.0, asset: str = "H", start: str = "2026-01-01", end: str = "2030-01-01",
             extra: str = "") -> str:  # fmt: skip
    return (
        f'[[contract]]\ncustomer = "{customer}"\nasset = "{asset}"\nunits = {units}\nrate = {rate}\nstart = {start}\nend = {end}\n{extra}'
    )


def share(text: str, facility: str, **given: object) -> float:
    """A share of the collateral by a leaf, on 30 June 2026."""
    return figure(book_of(LOAN + facility + formula(f"{text} / pledged('all')")), "q", PRICE, **given)  # type: ignore[arg-type]


def leaf(text: str, facility: str) -> Leaf:
    book = book_of(LOAN + facility + formula(text))
    node = book.definitions[0].quantity("q").body
    return leaf_of(node, scope_of(book, PRICE))


# what a quoted argument says -------------------------------------------------------------------------------------------------------


def test_conditions_groups_and_measures() -> None:
    assert select("pledged", "all") == ((), "", "mark")
    found = select("pledged", "title  and not location US-TX by\n book")
    assert found == ((Condition("title"), Condition("location", "US-TX", True)), "", "book")
    assert select("largest_contracted", "customer by units") == ((), "customer", "units")
    assert select("contracted", "customer Acme Corp") == ((Condition("customer", "Acme Corp"),), "", "revenue")
    assert [leaf_unit("pledged", text) for text in ("all", "all by units", "all by book")] == ["money", "unit", "money"]
    assert [leaf_unit("contracted", text) for text in ("all", "all by  units")] == ["money/period", "unit"]


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [("pledged('titel')", "knows no 'titel'", "did you mean 'title'?"), ("pledged('all by weight')", "knows no 'weight'", "one of mark"),
     ("pledged('location')", "which location", "name it"), ("pledged('not location Texas')", "'Texas' is no place", "ISO 3166"),
     ("largest_pledged('title')", "knows no 'title'", "one of asset"), ("largest_pledged('hosts')", "knows no 'hosts'", "'host'"),
     ("pledged('title and')", "knows no 'title and'", "title"),
     ("contracted('investment grade')", "knows no 'investment grade'", "investment_grade"),
     ("pledged('')", "knows no ''", "one of all"), ("pledged(title)", "takes one name in quotes", "None"),
     ("pledged('in_service yes')", "knows no", "in_service")],
)  # fmt: skip
def test_what_cannot_be_selected_is_told_with_the_words_there_are(text: str, says: str, hint: str) -> None:
    from facilities.model import QuantityTerms

    with pytest.raises(FormulaError, match=r".") as found:
        library().overridden({"q": QuantityTerms(formula=text)}).quantity("q")
    assert found.value.code == "R004"
    assert says in found.value.message
    assert hint in str(found.value.hint)


# collateral ------------------------------------------------------------------------------------------------------------------------

TWO = parcel("h", generation="Hopper", host="North", location="US-TX", custodian="A") + parcel(
    "b", "B", 10, generation="Blackwell", host="south", location="GB", custodian="A"
)
"""100 of Hopper in Texas, 300 of Blackwell in Britain."""


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("generation_concentration", 0.75), ("host_concentration", 0.75), ("location_concentration", 0.75), ("custodian_concentration", 1),
     ("non_us_share", 0.75), ("ineligible_share", 0), ("collateral_outside_us", 300)],
)  # fmt: skip
def test_shares_of_two_parcels(name: str, wanted: float) -> None:
    assert figure(book_of(LOAN + TWO), name, PRICE) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("largest_pledged('generation by units')", 10), ("pledged('location US by units')", 10), ("pledged('all by units')", 20),
     ("pledged('host NORTH')", 100), ("pledged('country US')", 100), ("pledged('not host South and generation hopper')", 100)],
)  # fmt: skip
def test_measures_and_attributes(text: str, wanted: float) -> None:
    assert figure(book_of(LOAN + TWO + formula(text)), "q", PRICE) == wanted


def test_value_at_appraisal_and_at_book() -> None:
    told = parcel("h", appraisal="H.price.appraisal", location="US") + parcel("b", "B", 5, appraisal="B.price.appraisal", location="SE")
    assert share("pledged('not location US by appraisal') / pledged('all by appraisal') * pledged('all')", told) == pytest.approx(100 / 180)
    written = "depreciation = { months = 10 }\nin_service = 2026-01-31\ncost = 20\n"
    book = parcel("h", location="US") + written + parcel("b", "B", 10, location="SE") + written.replace("20\n", "60\n")
    assert share("largest_pledged('location by book') / pledged('all by book') * pledged('all')", book) == pytest.approx(0.75)


def test_stated_values_count_beside_units_and_have_none() -> None:
    land = parcel("land", "land", None, value=600, location="US", generation="land")
    assert share("largest_pledged('generation')", TWO + land) == pytest.approx(0.6)
    assert share("pledged('location US')", TWO + land) == pytest.approx(0.7)
    assert math.isnan(share("pledged('all by units')", TWO + land))


def test_senior_liens_are_not_deducted_from_shares() -> None:
    senior = LOAN.replace('"x"', '"s"')
    liens = 'lien = [{ facility = "s", rank = 1 }, { facility = "x", rank = 2, perfected = true }]\n'
    book = book_of(LOAN + parcel("h", location="US") + liens, senior)
    assert figure(book, "non_us_share", PRICE) == 0
    assert [figure(book, "first_lien_share", PRICE, facility=f) for f in (0, 1)] == [0, pytest.approx(math.nan, nan_ok=True)]


GOOD: dict[str, object] = {
    "title_held": True, "perfected": True, "host_access": True, "insured": True, "in_service": "2026-01-01", "location": "US-TX",
    "cooling": "air", "host_cooling": "air", "kw_per_rack": 40, "host_kw_per_rack": 44, "eligible": True,
}  # fmt: skip


def eligibility(units_let: int = 10, liens: str = "", **keys: object) -> float:
    facility = parcel("h", **{**GOOD, **keys}) + liens + contract("c", units_let)
    return figure(book_of(LOAN + facility), "gpu_eligibility", PRICE)


def test_every_condition_of_eligibility_counts() -> None:
    assert eligibility() == 1
    for keys in ({"title_held": False}, {"perfected": False}, {"host_access": False}, {"insured": False}, {"in_service": "2026-07-01"},
                 {"location": "GB"}, {"cooling": "liquid"}, {"kw_per_rack": 45}, {"eligible": False}):  # fmt: skip
        assert eligibility(**keys) == 0, keys
    assert eligibility(units_let=4) == pytest.approx(0.4)
    assert eligibility(liens='lien = [{ facility = "x" }, { facility = "y", rank = 2 }]\n') == 0
    assert eligibility(liens='lien = [{ facility = "x", perfected = false }]\n') == 0


def test_title_first_lien_access_and_insurance() -> None:
    whole = parcel("a", units=30, title_held=True, perfected=True, host_access=True, insured=True)
    part = parcel("b", units=10, title_held=True, perfected=True, host_access=True, insured=False)
    assert figure(book_of(LOAN + whole + part), "lien_eligibility", PRICE) == pytest.approx(0.75)
    assert figure(book_of(LOAN + whole + part), "first_lien_share", PRICE) == 1
    assert math.isnan(figure(book_of(LOAN + whole + part.replace("perfected = true\n", "")), "first_lien_share", PRICE))


@pytest.mark.parametrize(
    ("places", "result"), [(("US-TX", "GB", "ES", "SE"), "fail"), (("US-TX", "US-NV"), "pass"), (("US", None), "indeterminate")]
)
def test_collateral_that_must_sit_in_the_united_states(places: tuple[str | None, ...], result: str) -> None:
    """CoreWeave's DDTL 2.0 in 2024: in breach by the countries alone (how many stood where is not public, so one unit each)."""
    from rules.compare import RESULTS

    own = formula("pledged('not location US by units') / pledged('all by units')", "fraction", "non_us_share")
    parcels = "".join(parcel(f"p{n}", "GPU", 1, location=place) for n, place in enumerate(places))
    made = judge(book_of(LOAN + parcels + own + covenant("non_us_share", "<=", 0)))
    assert RESULTS[made.result[0, 0]] == result
    assert np.isnan(made.drivers.breach).all()


def test_a_share_of_nothing_is_not_tested_and_a_share_of_none_passes() -> None:
    from rules.compare import RESULTS

    over = contract("c", end="2026-06-01", extra='rating = "A"\n')
    for facility, result in ((over, "not_tested"), (contract("c", extra='rating = "A"\n'), "pass"), ("", "indeterminate")):
        made = judge(book_of(LOAN + facility + covenant("sub_investment_grade_share", "<=", 0.2)))
        assert RESULTS[made.result[0, 0]] == result
    assert made.reason[0] is None
    assert judge(book_of(LOAN + over + covenant("sub_investment_grade_share", "<=", 0.2))).reason == [
        "nothing to take a share of: the denominator is zero"
    ]


def test_what_the_agreement_leaves_out_is_ineligible() -> None:
    facility = parcel("a", units=525) + parcel("b", units=75, eligible=False)
    assert figure(book_of(LOAN + facility), "ineligible_share", PRICE) == pytest.approx(0.125)


@pytest.mark.parametrize("key", sorted(GOOD.keys() - {"eligible"}))
def test_a_key_that_is_not_given_is_unknown_and_never_a_pass(key: str) -> None:
    assert math.isnan(eligibility(**{key: None}))
    assert eligibility(**{key: None, "insured": False} if key != "insured" else {key: None, "title_held": False}) == 0


def test_a_claim_on_the_asset_counts_until_it_ends() -> None:
    claim = '[[encumbrance]]\non = "asset"\nholder = "host"\nasset = "H"\nuntil = "2026"\n'
    facility = parcel("h") + claim + formula("pledged('sole_lien')")
    assert figure(book_of(LOAN + facility), "q", PRICE) == 0
    assert figure(book_of(LOAN + facility), "q", PRICE, day="2027-01-01") == 100


@pytest.mark.parametrize(
    ("text", "keys", "says"),
    [("pledged('perfected')", {}, "h: perfected is not given"),
     ("pledged('title and insured')", {"title_held": True}, "h: insured is not given"),
     ("pledged('location US')", {"location": "Texas"}, "h: 'Texas' is no ISO 3166 code"),
     ("pledged('location US-TX')", {"location": "US"}, "h: 'US' is too wide to tell"),
     ("largest_pledged('host')", {}, "h: host is not given"), ("largest_pledged('country')", {"location": "UK"}, "h: 'UK' is no ISO"),
     ("pledged('all by units')", {"units": None}, "number of units"), ("pledged('all by appraisal')", {}, "h names no appraisal"),
     ("pledged('in_service')", {}, "h: in_service is not given")],
)  # fmt: skip
def test_why_a_share_is_not_known(text: str, keys: dict[str, object], says: str) -> None:
    found = leaf(text, parcel("h", **keys))
    assert found.unknown is not None and found.unknown[0]
    assert says in found.why(0)
    assert math.isnan(share(text if "units" not in text else "pledged('all')", parcel("h", **keys))) or "appraisal" in text


def test_no_collateral_and_no_contract_are_not_known() -> None:
    assert math.isnan(share("pledged('all')", ""))
    assert math.isnan(figure(book_of(LOAN + parcel("h")), "customer_concentration", PRICE))


def test_the_largest_group_is_explained_with_every_share() -> None:
    found = leaf("largest_pledged('generation')", TWO)
    parts = found.listed()[0].factors[0].parts
    assert parts is not None
    assert [(label, amount) for label, amount, _, _ in parts(0)] == [("Blackwell (75.0 %)", 300), ("Hopper (25.0 %)", 100)]
    assert [where.path for _, _, _, where in parts(0) if where] == [("collateral", 1, "generation"), ("collateral", 0, "generation")]


# contracts -------------------------------------------------------------------------------------------------------------------------

LET = parcel("h", units=100) + contract("Acme", 60, extra='rating = "BBB-"\ntake_or_pay = true\n') + contract(" acme ", 10) + contract(
    "Zeta", 30, extra='rating = "BB+"\n'
)  # fmt: skip


def test_customers_are_grouped_whatever_the_case_and_rated_by_contract() -> None:
    book = book_of(LOAN + LET)
    names = ["customer_concentration", "customer_concentration_units", "investment_grade_share", "sub_investment_grade_share"]
    assert [figure(book, name) for name in [*names, "take_or_pay_share"]] == pytest.approx([0.7, 0.7, 0.6, 0.4, 0.6])
    assert figure(book, "contracted_share", PRICE) == 1


@pytest.mark.parametrize(
    ("rating", "wanted"), [("Baa3", 1), ("Ba1", 0), ("BBB (low)", 1), ("BB (high)", 0), ("NR", 0), (None, 0), ("AAA", 1), ("C", 0)]
)
def test_ratings_of_every_agency(rating: str | None, wanted: float) -> None:
    extra = f'rating = "{rating}"\n' if rating else ""
    assert figure(book_of(LOAN + contract("c", extra=extra)), "investment_grade_share") == wanted


def test_a_rating_that_cannot_be_read_is_not_known() -> None:
    assert math.isnan(figure(book_of(LOAN + contract("c", extra='rating = "good"\n')), "investment_grade_share"))


def test_the_certified_part_of_a_window_is_counted_all_the_same() -> None:
    told = report("2026-06-30", 12, "2026-07-10", revenue_cash=5)
    book = book_of(LOAN + LET.replace("2026-01-01", "2025-01-01") + told + formula("last12m(contracted('all'))"))
    assert figure(book, "q", known="2026-08-01") == pytest.approx(100 * 2 * 8760)


def test_a_contract_to_come_counts_in_the_year_ahead_and_not_today() -> None:
    book = book_of(LOAN + contract("a", 10) + contract("b", 10, start="2027-01-01") + formula("run_rate(contracted('all'))", name="now"))
    assert figure(book, "now") == pytest.approx(10 * 2 * 8760)
    assert figure(book, "customer_concentration") == pytest.approx(2 / 3)
    assert figure(book, "customer_concentration_units") == 1


# utilisation and availability ------------------------------------------------------------------------------------------------------


def test_utilisation_is_units_let_and_the_others_by_their_own() -> None:
    held = parcel("h", units=100, utilisation=0.5) + contract("c", 60) + parcel("coins", "C", 5)
    assert figure(book_of(LOAN + held), "utilisation") == pytest.approx(0.8)
    assert figure(book_of(LOAN + held), "utilisation", state=State(utilisation=np.array([[1.5]]))) == pytest.approx(0.9)
    two = held + parcel("late", "H", 100, in_service="2026-12-31", utilisation=0.1)
    assert figure(book_of(LOAN + two), "utilisation") == pytest.approx(0.8)
    assert figure(book_of(LOAN + two), "utilisation", day="2026-12-31") == pytest.approx((60 + 70 * 0.5 + 70 * 0.1) / 200)


def test_utilisation_needs_its_key_only_for_units_that_are_free() -> None:
    idle = parcel("h", units=100, in_service="2026-01-01")
    assert math.isnan(figure(book_of(LOAN + idle + contract("c", 60)), "utilisation"))
    assert figure(book_of(LOAN + idle + contract("c", 100)), "utilisation") == 1
    assert figure(book_of(LOAN + idle + contract("c", 130)), "utilisation") == 1
    assert math.isnan(figure(book_of(LOAN + parcel("coins", "C")), "utilisation"))


def test_utilisation_as_certified_goes_before_the_model() -> None:
    told = report("2026-03-31", 3, "2026-04-30", utilisation=0.61)
    book = book_of(LOAN + parcel("h", utilisation=0.9) + told)
    assert figure(book, "utilisation") == 0.61
    assert figure(book, "utilisation", known="2026-04-01") == 0.9
    assert figure(book, "utilisation_modelled") == 0.9


ABL = (
    HEAD.format("x").replace('"term"', '"abl"')
    + "commitment = {0}\nclosing = 2025-12-31\nmaturity = 2030-12-31\n[[facility.balance]]\ndate = 2025-12-31\noutstanding = {1}\n"
    + '[[borrowing_base]]\nid = "r"\ngross = {2}\nadvance_rate = 1\n[[reserve]]\nreason = "r"\namount = {3}\n'
)
SPRING = covenant("utilisation", ">=", 0.5, 'springs = { quantity = "availability_pct", operator = "<", value = 0.10 }\n')
HALF = parcel("h", utilisation=0.4)


@pytest.mark.parametrize(
    ("cap", "owed", "gross", "reserve", "result"),
    [(100, 80, 200, 0, "not_tested"), (100, 95, 200, 0, "fail"), (300, 90, 100, 0, "not_tested"), (300, 91, 100, 0, "fail"),
     (300, 10, 100, 200, "fail"), (300, 10, 100, 100, "fail")],
)  # fmt: skip
def test_availability_as_a_share_springs_where_the_line_cap_is_gone(cap: int, owed: int, gross: int, reserve: int, result: str) -> None:
    from rules.compare import RESULTS

    made = judge(book_of(ABL.format(cap, owed, gross, reserve) + HALF + SPRING))
    assert RESULTS[made.result[0, 0]] == result


@pytest.mark.parametrize(
    ("owed", "gross", "reserve", "result"), [(80, 100, 0, "pass"), (95, 100, 0, "fail"), (10, 100, 100, "fail"), (10, 100, 200, "fail")]
)
def test_minimum_availability_fails_where_the_line_cap_is_gone(owed: int, gross: int, reserve: int, result: str) -> None:
    from rules.compare import RESULTS

    made = judge(book_of(ABL.format(300, owed, gross, reserve) + covenant("availability_pct", ">=", 0.10)))
    assert RESULTS[made.result[0, 0]] == result


# properties ------------------------------------------------------------------------------------------------------------------------

PARCELS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 500), st.sampled_from("HB")), min_size=1, max_size=6)


def parcels_of(rows: list[tuple[str, int, str]]) -> str:
    return "".join(parcel(f"p{n}", asset, units, host=host) for n, (host, units, asset) in enumerate(rows))


def concentration(rows: list[tuple[str, int, str]]) -> float:
    return figure(book_of(LOAN + parcels_of(rows)), "host_concentration", PRICE)


@given(PARCELS)
def test_shares_add_up_to_one_over_the_groups(rows: list[tuple[str, int, str]]) -> None:
    found = sum(share(f"pledged('host {host}')", parcels_of(rows)) for host in {host for host, _, _ in rows})
    assert found == pytest.approx(1, rel=1e-12)
    parts = leaf("largest_pledged('host')", parcels_of(rows)).listed()[0].factors[0].parts
    assert parts is not None
    whole = sum(units * (10 if asset == "H" else 30) for _, units, asset in rows)
    assert sum(amount for _, amount, _, _ in parts(0)) == pytest.approx(whole)


@given(PARCELS, st.integers(1, 1000))
def test_more_of_the_largest_group_never_lowers_the_concentration(rows: list[tuple[str, int, str]], more: int) -> None:
    sums: dict[str, int] = {}
    for host, units, asset in rows:
        sums[host] = sums.get(host, 0) + units * (10 if asset == "H" else 30)
    largest = max(sums, key=lambda host: sums[host])
    assert concentration([*rows, (largest, more, "H")]) >= concentration(rows) - 1e-12


@given(PARCELS, st.randoms(use_true_random=False))
def test_the_order_of_the_parcels_does_not_matter(rows: list[tuple[str, int, str]], chance: object) -> None:
    mixed = rows[:]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert concentration(mixed) == pytest.approx(concentration(rows), rel=1e-12)


def test_a_covenant_that_no_mark_moves_has_no_price_driver() -> None:
    book = book_of(LOAN + LET + covenant("customer_concentration", "<=", 0.65))
    made = judge(book, PRICE)
    assert made.actual[0, 0] == pytest.approx(0.7)
    assert np.isnan(made.drivers.breach).all()


def test_the_price_of_one_generation_moves_its_share() -> None:
    book = book_of(LOAN + TWO + covenant("generation_concentration", "<=", 0.8))
    drivers = judge(book, PRICE).drivers
    at = book.series.find("B.price")
    slot = drivers.series[0].tolist().index(at)
    assert drivers.breach[0, slot, 0] == pytest.approx(40)  # 400 of 500
