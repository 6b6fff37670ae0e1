"""What the agreement demands: covenants, ladders, triggers, cures, cross-links."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from facilities.model.base import Amount, Frequency, PartialDate, Terms

CovenantClass = Literal["maintenance", "trigger", "margin_ladder", "borrowing_base", "springing", "reporting"]
Operator = Literal[">=", ">", "<=", "<", "=="]


class TestTerms(Terms, frozen=True, kw_only=True):
    """When a covenant is tested: `first`, then every `frequency`; the certificate is due some days after."""

    __test__ = False

    frequency: Frequency
    first: PartialDate | None = None
    last: PartialDate | None = None
    certificate_due_days: int | None = None
    certificate_due: str | None = None


class Watch(Terms, frozen=True, kw_only=True):
    """The amber limits: either crossed turns a pass into `watch`."""

    headroom_pct: Decimal | None = None
    shock_to_breach: Decimal | None = None


class Cure(Terms, frozen=True, kw_only=True):
    """The right to cure: what counts, within how long from what, how often."""

    kind: Literal["equity", "cash", "prepayment", "collateral"]
    window: str
    from_: Literal["certificate_due", "certificate", "test_date", "notice"]
    max_in_4_quarters: Amount | None = None
    max_life: Amount | None = None
    consecutive: bool | None = None
    until: PartialDate | None = None
    note: str | None = None


class Rung(Terms, frozen=True, kw_only=True):
    """One rung of a margin ladder; exactly one of the four levels is given."""

    state: Literal["notice", "call", "accelerated_call", "liquidation"]
    above: Decimal | None = None
    at_or_above: Decimal | None = None
    below: Decimal | None = None
    at_or_below: Decimal | None = None
    within: str | None = None
    restore_to: Decimal | None = None
    label: str | None = None
    clause: str | None = None


class Condition(Terms, frozen=True, kw_only=True):
    """The level that switches a trigger on or off, for `tests` tests running."""

    operator: Operator
    value: Amount
    tests: int = 1


class Springing(Terms, frozen=True, kw_only=True):
    """When a springing covenant is tested: `quantity` falls below the greater of a share of `share_of` and an amount."""

    quantity: str
    operator: Operator = "<"
    value: Amount | None = None
    share: Decimal | None = None
    share_of: str | None = None
    ends_after_days: int | None = None


class MarkPolicy(Terms, frozen=True, kw_only=True):
    """What the agreement itself says of a mark: whose, and how old it may be."""

    sources: list[str] = []
    max_age: str | None = None
    min_sources: int | None = None
    aggregate: Literal["first", "median", "mean", "min", "max"] | None = None


class Covenant(Terms, frozen=True, kw_only=True):
    """`[[covenant]]`: a rule, a level, and what follows. `threshold` absent and not public is never a pass."""

    id: str
    rule: str | None = None
    title: str | None = None
    class_: CovenantClass | None = None
    operator: Operator | None = None
    threshold: Amount | None = None
    threshold_public: bool = True
    round: int | None = None
    entity: str | None = None
    test: TestTerms | None = None
    watch: Watch | None = None
    on_fail: Literal["event_of_default", "default"] = "default"
    grace: str | None = None
    continuing_until: Literal["waived", "remedied"] = "waived"
    cure: Cure | None = None
    effects: list[str] = []
    starts: Literal["notice", "trigger"] = "notice"
    clock: Literal["24/7", "business"] = "24/7"
    clears_at: Literal["trigger", "restore_to"] = "restore_to"
    rung: list[Rung] = []
    on: Condition | None = None
    off: Condition | None = None
    curable: bool = False
    springs: Springing | None = None
    marks: dict[str, MarkPolicy] = {}
    tested_by_us: bool = True
    clause: str | None = None
    note: str | None = None
    documents: list[str] = []
    source: str | None = None
    sources: dict[str, str] = {}


class DefaultOf(Terms, frozen=True, kw_only=True):
    """Whose default counts, and above which principal of the defaulting debt."""

    debtors: list[str] = []
    facilities: list[str] = []
    excludes: list[str] = []
    aggregate_principal_ge: Decimal | None = None


class CrossLink(Terms, frozen=True, kw_only=True):
    """`[[cross_link]]`: this facility falls when they fall; never the other way round by the same clause."""

    kind: Literal["cross_default", "cross_acceleration", "cross_payment"]
    on_default_of: DefaultOf
    grace: str | None = None
    notice: str | None = None
    clause: str | None = None
    source: str | None = None
