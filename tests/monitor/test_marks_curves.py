"""The desk's curves: first match wins, globs match, jumps are put in order, what is not named is held flat."""

import datetime as dt
from decimal import Decimal

from facilities.model import Curve as CurveTerms
from facilities.model import Jump
from monitor.marks.curves import curves_of
from rules.curves import Curve


def test_the_first_match_wins_and_the_rest_is_held_flat() -> None:
    first, second = dt.date(2027, 3, 31), dt.date(2026, 6, 30)
    jumps = [Jump(date=first, factor=Decimal("0.8")), Jump(date=second, factor=Decimal("0.9"))]
    curves = [
        CurveTerms(match="A.rent.x", annual_decay=Decimal("0.2")),
        CurveTerms(match="A.*", annual_decay=Decimal("0.3"), jump=jumps),
        CurveTerms(match="A.price", annual_decay=Decimal("0.5")),
    ]
    found = curves_of(("A.rent.x", "A.price", "B.price", "A.rent.y"), curves)
    falls = Curve(0.3, ((second.toordinal(), 0.9), (first.toordinal(), 0.8)))
    assert found == (Curve(0.2), falls, None, falls)
