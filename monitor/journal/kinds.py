"""What each kind of event says, what it needs and what it may carry: the one table that help, checks and documents read."""

from __future__ import annotations

from typing import NamedTuple


class Wants(NamedTuple):
    """One kind: in words, the fields it needs, those it may carry, and whether it is a fact (known only once it happened)."""

    says: str
    needs: tuple[str, ...] = ("facility",)
    takes: tuple[str, ...] = ()
    fact: bool = True


_COVENANT = ("covenant",)
_ONE = ("facility", "covenant")

KINDS: dict[str, Wants] = {
    "certificate_delivered": Wants("the certificate for a period came in", ("facility", "period_end"), _COVENANT),
    "equity_cure": Wants("money came in to cure one covenant for one period", (*_ONE, "amount"), ("period_end",)),
    "prepayment": Wants("principal was repaid ahead of the schedule", ("facility", "amount")),
    "collateral_posted": Wants("units were added to a parcel", ("facility", "units", "collateral"), _COVENANT),
    "collateral_released": Wants("units posted earlier were given back", ("facility", "units", "collateral"), _COVENANT),
    "waiver": Wants("a failure is waived, for a time or for good", ("facility",), ("covenant", "until", "conditions"), False),
    "forbearance": Wants("rights are not used until a day; the default stays", ("facility", "until"), ("covenant", "conditions"), False),
    "notice": Wants("a notice was given; --effective is its deemed receipt", ("facility",), _COVENANT, False),
    "reservation_of_rights": Wants("rights were reserved", ("facility",), _COVENANT, False),
    "default": Wants("a default that no test of ours shows", ("facility",), ("covenant", "amount")),
    "missed_payment": Wants("a payment was not made when due", ("facility",), ("covenant", "amount")),
    "acceleration": Wants("the debt was called due", ("facility",), ("amount",), False),
    "enforcement": Wants("security is being enforced", ("facility",), (), False),
    "insolvency": Wants("insolvency proceedings were opened", ("facility",)),
    "withdrawal": Wants("an earlier entry is taken back, for it was wrong", ("refers",), ("facility",), False),
}
"""The kinds that `covenant event` records; overrides of marks and their approval are recorded by `covenant marks`."""

OF_MARKS: dict[str, Wants] = {
    "mark_override": Wants("a value in the place of what the sources say", ("series", "value", "unit", "source", "note"), ("until",)),
    "approval": Wants("a second person lets an override count", ("refers",), ("series",), False),
}
"""The kinds that `covenant marks` records."""

_ABOUT = frozenset(("note", "facility", "covenant"))
CARRIED = frozenset(name for wants in (*KINDS.values(), *OF_MARKS.values()) for name in (*wants.needs, *wants.takes)) - _ABOUT
"""Every field that only some kinds carry, what it is about apart."""
