"""What a primitive gives: rows that belong to askers, each a product of factors; their sum is the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec
import numpy as np

from rules.columns import Bools, Floats, Ints, add_up
from rules.events import Event
from rules.scope import Scope

if TYPE_CHECKING:
    from numpy.typing import NDArray

Cell = TypeVar("Cell", bound=np.generic)


JOURNAL = "journal"
"""The owner of a figure that a person recorded; its path is the id of the event."""


class Where(NamedTuple):
    """Where a figure stands: a key path in the file of an owner (`facility:ID`), or a series number when `path` is empty."""

    owner: str = ""
    path: tuple[str | int, ...] = ()
    series: int = -1


Find = Callable[[int], Where | None]


def nowhere(place: int) -> None:
    """The origin of a figure that was computed, not written."""
    del place


class Factor(msgspec.Struct, frozen=True):
    """One column of a product: float64[R, Q] or [R, 1], what it is, its unit, where row r's figure stands, why it may be unknown."""

    label: str
    values: Floats
    unit: str
    where: Find = nowhere
    parts: Callable[[int], list[tuple[str, float, str, Where | None]]] | None = None
    lacks: str = "not known on that day"


class Terms(msgspec.Struct, frozen=True):
    """R rows: `asker[r]` is the row of the scope it counts for; its value is the product of the factors times `sign`."""

    asker: Ints
    factors: tuple[Factor, ...]
    name: Callable[[int], str]
    sign: float = 1.0

    @property
    def product(self) -> Floats:
        """float64[R, Q]: the product, factor by factor in order; float64[R, 1] where no factor differs by column."""
        product = np.full((len(self.asker), 1), self.sign)
        for factor in self.factors:
            product = product * factor.values
        return product


class Leaf(msgspec.Struct, frozen=True):
    """The terms of a primitive; `unknown[n]` marks askers whose value cannot be known, and `why(n)` says what is missing.

    Terms that only people read may be a function that lists them; `sums` float64[N, Q] or [N, 1] is then what they add up to.
    """

    terms: tuple[Terms, ...] | Callable[[], tuple[Terms, ...]]
    unknown: Bools | None = None
    why: Callable[[int], str] = msgspec.field(default=lambda _: "not given")
    sums: Floats | None = None

    def listed(self) -> tuple[Terms, ...]:
        """The terms, made where nobody has asked for them yet."""
        return self.terms() if callable(self.terms) else self.terms

    def total(self, scope: Scope) -> Floats:
        """float64[N, Q]: the sum of every row's product by asker, NaN where unknown."""
        total = np.zeros((len(scope), scope.columns)) if self.sums is None else np.broadcast_to(self.sums, (len(scope), scope.columns))
        for terms in () if self.sums is not None else self.listed():
            if len(terms.asker):
                total = total + add_up(terms.product, terms.asker, len(scope))
        return np.where(self.unknown[:, None], np.nan, total) if self.unknown is not None else total


Reader = Callable[[Scope, "str | None"], Leaf]


def per_row(scope: Scope, label: str, values: Floats, unit: str, where: Find = nowhere, why: str = "not given") -> Leaf:
    """A leaf of one figure a row, from float64[N] or float64[N, Q]; unknown where it is NaN."""
    wide = values if values.ndim == 2 else values[:, None]
    terms = Terms(np.arange(len(scope), dtype=np.int64), (Factor(label, wide, unit, where),), lambda _: label)
    return Leaf((terms,), unknown_throughout(wide), lambda _: why)


def unknown_throughout(values: Floats) -> Bools:
    """bool[R]: which rows of float64[R, Q] are NaN in every column; one that is NaN in some adds up to NaN there alone."""
    return np.asarray(np.isnan(values).all(axis=1))


def recorded(event: Event) -> Where:
    """Where a figure that a person recorded stands."""
    return Where(JOURNAL, (event.id,))


def facility_where(scope: Scope, *path: str | int) -> Find:
    """Where a key of each row's own facility file stands."""
    return lambda n: Where(f"facility:{scope.book.ids[scope.facility[n]]}", path)


def series_where(scope: Scope, series: Ints, asker: Ints) -> Find:
    """Which mark stands behind row r."""
    wanted = scope.remapped(series, asker)
    return lambda r: Where(series=int(wanted[r])) if wanted[r] >= 0 else None


def own_currency(scope: Scope, asker: Ints, dollars: Floats) -> Floats:
    """float64[R, Q]: amounts in dollars in the currency of each row's facility; NaN where its exchange rate is unknown."""
    fx = scope.book.ints["fx"][scope.facility[asker]]
    return np.where(column(fx) >= 0, dollars / scope.marks(fx, asker), dollars) if (fx >= 0).any() else dollars


def column(values: NDArray[Cell]) -> NDArray[Cell]:
    """[R, 1] from [R]: one value for every column."""
    return values[:, None]
