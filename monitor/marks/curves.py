"""The curves a desk assumes: for each series the first `[[curve]]` whose name or glob matches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import msgspec

from facilities.model import Curve as CurveTerms
from rules.curves import Curve
from rules.worlds import Worlds


def along_curves(worlds: Worlds, curves: Iterable[CurveTerms]) -> Worlds:
    """The same worlds whose marks move along the desk's curves in windows ahead; a series without one is held flat."""
    return msgspec.structs.replace(worlds, curves=curves_of(worlds.series, curves))


def curves_of(series: Sequence[str], curves: Iterable[CurveTerms]) -> tuple[Curve | None, ...]:
    """The curve of each series, None where no `[[curve]]` matches it."""
    listed = list(curves)
    found = [matching(name, listed) for name in series]
    return tuple(None if one is None else _curve(one) for one in found)


def matching(name: str, curves: Sequence[CurveTerms]) -> CurveTerms | None:
    """The first `[[curve]]` whose name or glob matches a series, None where the mark is held flat."""
    return next((one for one in curves if one.match == name or fnmatchcase(name, one.match)), None)


def _curve(terms: CurveTerms) -> Curve:
    jumps = sorted((one.date.toordinal(), float(one.factor)) for one in terms.jump)
    return Curve(float(terms.annual_decay), tuple(jumps))
