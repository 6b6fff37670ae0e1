"""Credit ratings as agencies write them: S&P and Fitch (`BBB-`), Moody's (`Baa3`), DBRS (`BBB (low)`), and unrated."""

from __future__ import annotations

_LETTERS = "AAA AA+ AA AA- A+ A A- BBB+ BBB BBB-", "BB+ BB BB- B+ B B- CCC+ CCC CCC- CC C RD SD D"
_MOODYS = "Aaa Aa1 Aa2 Aa3 A1 A2 A3 Baa1 Baa2 Baa3", "Ba1 Ba2 Ba3 B1 B2 B3 Caa1 Caa2 Caa3 Ca"
_DBRS = "AA A BBB", "BB B CCC CC C"
_UNRATED = ("NR", "WR", "WD", "unrated")


def _scale(side: int) -> list[str]:
    """The ratings of every agency, investment grade (0) or below (1)."""
    steps = [f"{letters} ({step})" for letters in _DBRS[side].split() for step in ("high", "low")]
    return [*_LETTERS[side].split(), *_MOODYS[side].split(), *steps]


INVESTMENT_GRADE = dict.fromkeys(_scale(0), True) | dict.fromkeys((*_scale(1), *_UNRATED), False)
"""Rating -> whether it is investment grade: from AAA down to BBB-, Baa3 or BBB (low); unrated and withdrawn are not."""


def is_investment_grade(rating: str | None) -> bool | None:
    """Whether a rating is investment grade; no rating is not, and None says that the text is no rating."""
    return False if rating is None else INVESTMENT_GRADE.get(rating)
