"""The answer of `covenant spread` as typed data: what its JSON says, unrounded, null for unknown; basis points are of a year."""

from __future__ import annotations

import msgspec

from monitor.spread.margin import MarketPart, PaidPart
from monitor.spread.settings import AssumptionPart
from monitor.stress.drivers import DriverPart

SCHEMA = "covenant-monitor/spread/1"


class FigurePart(msgspec.Struct, frozen=True):
    """A figure from paths, and its standard error."""

    value: float
    error: float


class StepPart(msgspec.Struct, frozen=True):
    """One step of the attribution: what switching `on` adds to the spread, and chance of default and spread once it is on."""

    on: str
    bp: float
    error_bp: float
    pd: float
    spread_bp: float


class RequiredPart(msgspec.Struct, frozen=True):
    """What a loan must earn, in basis points: expected loss, capital x hurdle, illiquidity, cost, and their sum."""

    expected_loss_bp: float
    capital_bp: float
    illiquidity_bp: float
    cost_bp: float
    total_bp: float


class CausePart(msgspec.Struct, frozen=True):
    """What made a loan fall first, and on what share of the paths on which it fell."""

    cause: str
    share: float


class DatePart(msgspec.Struct, frozen=True):
    """One date: `pd` of falling then, `survival` past it, what is owed going into it, the mean LGD of those who fall then, the
    discount factor, the years a margin runs up to it, and the two terms of the spread: expected loss and annuity.
    """

    date: str
    pd: float
    survival: float
    ead: float
    lgd: float | None
    discount: float
    years: float
    expected_loss: float
    annuity: float


class MertonPart(msgspec.Struct, frozen=True, kw_only=True):
    """The cross-check: assets seen at their marks, their volatility and drift a year, the balance they are held against, and the
    chance of being worth less on the worst date. `reason` says why it does not apply.
    """

    pd: float | None
    distance: float | None = None
    date: str | None = None
    asset: float | None = None
    volatility: float | None = None
    drift: float | None = None
    liability: float | None = None
    reason: str | None = None


class LoanPart(msgspec.Struct, frozen=True, kw_only=True):
    """One loan. `pd` is cumulative up to `until`; `ead` and `lgd` are means over defaults; `failing_now` are the covenants that fail
    today; `reason` says why no spread can be computed.
    """

    id: str
    name: str
    currency: str
    owed: float | None
    maturity: str | None
    until: str
    failing_now: list[str] = []
    pd: FigurePart | None = None
    ead: float | None = None
    lgd: float | None = None
    expected_loss: float | None = None
    spread_bp: FigurePart | None = None
    required: RequiredPart | None = None
    paid: PaidPart
    market: MarketPart
    gap_bp: float | None = None
    base_bp: float | None = None
    base_pd: float | None = None
    steps: list[StepPart] = []
    merton: MertonPart
    causes: list[CausePart] = []
    dates: list[DatePart] = []
    reason: str | None = None
    notes: list[str] = []


class TranchePart(msgspec.Struct, frozen=True):
    """One tranche between two shares of the book, at each stand of the dial: expected loss as a share of it, and in money."""

    attach: float
    detach: float
    share: list[float]
    error: list[float]
    money: list[float]


class BookPart(msgspec.Struct, frozen=True):
    """The book of the loans whose loss is computed: what they owe, its expected loss at each stand of the dial, the tranches, and what
    lies outside all of them.
    """

    owed: float
    loans: list[str]
    dials: list[float]
    loss: list[float]
    error: list[float]
    outside: list[float]
    tranches: list[TranchePart]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer; `complete` is False where it was interrupted, and `paths` are then those done."""

    schema: str
    as_of: str
    known_at: str
    currency: str
    paths: int
    seed: int
    dates: list[str]
    copula: str
    dial: float
    order: list[str]
    complete: bool
    definition: str
    loans: list[LoanPart]
    book: BookPart | None
    drivers: list[DriverPart]
    held: list[str]
    assumptions: list[AssumptionPart]
    notes: list[str]
