"""Places and ratings as they are written, and what of them can be told."""

from __future__ import annotations

import pytest

from facilities.places import COUNTRIES, country_of, lies_in
from facilities.ratings import INVESTMENT_GRADE, is_investment_grade


@pytest.mark.parametrize(
    ("code", "country"),
    [("US", "US"), ("US-TX", "US"), ("US-PR", "US"), ("PR", "PR"), ("GB", "GB"), ("GB-LND", "GB"), ("CA-QC", "CA"), ("NO-03", "NO"),
     ("UK", None), ("us", None), ("US-ZZ", None), ("US-", None), ("USA", None), ("Texas", None), ("", None), ("XX", None), ("US TX", None)],
)  # fmt: skip
def test_codes_of_iso_3166(code: str, country: str | None) -> None:
    assert country_of(code) == country


@pytest.mark.parametrize(
    ("code", "region", "lies"),
    [("US-TX", "US", True), ("US", "US", True), ("GB", "US", False), ("US-TX", "US-TX", True), ("US-NY", "US-TX", False),
     ("US", "US-TX", None), ("GB", "US-TX", False), ("nowhere", "US", None)],
)  # fmt: skip
def test_a_code_that_is_too_wide_cannot_tell(code: str, region: str, lies: bool | None) -> None:
    assert lies_in(code, region) is lies


def test_there_are_249_countries() -> None:
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and code.isupper() for code in COUNTRIES)


@pytest.mark.parametrize(
    ("last", "first"), [("BBB-", "BB+"), ("Baa3", "Ba1"), ("BBB (low)", "BB (high)"), ("AAA", "D"), ("Aaa", "C"), ("AA (high)", "NR")]
)
def test_the_last_of_investment_grade_and_the_first_below(last: str, first: str) -> None:
    assert is_investment_grade(last) is True
    assert is_investment_grade(first) is False


def test_no_rating_is_none_and_no_text_is_told() -> None:
    assert is_investment_grade(None) is False
    assert is_investment_grade("bbb-") is None
    assert sum(INVESTMENT_GRADE.values()) == 10 + 10 + 6
