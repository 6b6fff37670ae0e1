"""Legs: the parts of a loan that are scheduled on their own; a loan without tranches is one leg."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec

from facilities.model import Amortisation, Amount, Facility, FacilityFile, Tranche, Underwriting
from facilities.sculpt import earning_units

Path = tuple[str | int, ...]
_OWN = ("interest", "amortisation")


class Leg(msgspec.Struct, frozen=True):
    """One leg: its `terms` read as a loan of its own, its `name` ("" for a whole loan), and where they stand in the file.

    `path` leads to the tranche's table, () to the file itself; `own` are the tables that the tranche writes itself.
    """

    terms: FacilityFile
    name: str = ""
    path: Path = ()
    own: tuple[str, ...] = ()

    def at(self, table: str, *keys: str | int) -> Path:
        """The key path of a table of the leg: the tranche's own, or the facility's that it falls back to."""
        return (*self.path, table, *keys) if table in self.own else (table, *keys)

    def balance(self, *keys: str | int) -> Path:
        """The key path of an observed balance."""
        return (*self.path, "balance", *keys) if self.path else ("facility", "balance", *keys)

    @property
    def maturity(self) -> dt.date | None:
        """The last day of the leg: its own, or of tranches whose balances are kept together the last of theirs."""
        days = [one.maturity.date if one.maturity else None for one in self.terms.tranche]
        own = self.terms.facility.maturity
        return own.date if own else max(days) if days and None not in days else None  # type: ignore[type-var]

    def gap(self, reason: str | None) -> str | None:
        """A gap in words, with the tranche it is of."""
        return f"tranche {self.name}: {reason}" if reason and self.name else reason


def legs_of(terms: FacilityFile) -> tuple[Leg, ...]:
    """The legs of a loan: its tranches, or the loan itself without any, or where balances are kept of the whole loan alone.

    A tranche falls back to the facility's maturity, `[interest]` and `[amortisation]`. The amounts of that `[amortisation]`, and
    the cash flow it is sculpted on, are shared in proportion to the tranches' first balances, else to their commitments, and
    left out where neither is given.
    """
    if not terms.tranche or kept_whole(terms):
        return (Leg(terms),)
    shares = _shares(terms.tranche)
    return tuple(_leg(terms, number, share) for number, share in enumerate(shares))


def kept_whole(terms: FacilityFile) -> bool:
    """Whether balances are those of the whole loan: the facility has rows, and not every tranche has."""
    return bool(terms.facility.balance) and not all(tranche.balance for tranche in terms.tranche)


def _leg(terms: FacilityFile, number: int, share: Decimal | None) -> Leg:
    tranche = terms.tranche[number]
    replaced = msgspec.structs.replace(
        terms, facility=_facility(terms, number), tranche=[], interest=tranche.interest or terms.interest,
        amortisation=tranche.amortisation or (terms.amortisation and _shared(terms.amortisation, share)),
        underwriting=terms.underwriting if tranche.amortisation or share is None else _case_of(terms, share),
    )  # fmt: skip
    own = tuple(table for table in _OWN if getattr(tranche, table) is not None)
    return Leg(replaced, tranche.name or tranche.id, ("tranche", number), own)


def _facility(terms: FacilityFile, number: int) -> Facility:
    """The facility table of one leg. A draw that names no tranche of the loan is of the first, so that none is lost."""
    tranche, ids = terms.tranche[number], [one.id for one in terms.tranche]
    draws = [draw for draw in terms.facility.draw if (ids.index(draw.tranche) if draw.tranche in ids else 0) == number]
    maturity = tranche.maturity or terms.facility.maturity
    return msgspec.structs.replace(
        terms.facility, balance=tranche.balance, draw=draws, maturity=maturity, commitment=tranche.commitment
    )  # fmt: skip


def _shares(tranches: list[Tranche]) -> list[Decimal | None]:
    """Each tranche's share of the loan: by first balances, else by commitments that are one number."""
    first = [min(one.balance, key=lambda row: row.date).outstanding for one in tranches if one.balance]
    stated = [one.commitment for one in tranches if isinstance(one.commitment, Decimal)]
    for sizes in (first, stated):
        if len(sizes) == len(tranches) and sum(sizes) > 0:
            return [size / sum(sizes) for size in sizes]
    return [None] * len(tranches)


def _shared(table: Amortisation, share: Decimal | None) -> Amortisation:
    def part(amount: Decimal | None) -> Decimal | None:
        return None if amount is None or share is None else amount * share

    rows = [msgspec.structs.replace(row, amount=row.amount * share) for row in table.instalment] if share is not None else []
    return msgspec.structs.replace(table, original=part(table.original), balloon=part(table.balloon), instalment=rows)


def _case_of(terms: FacilityFile, share: Decimal) -> Underwriting | None:
    """The part of the case's cash flow that a tranche is sculpted on."""
    case = terms.underwriting
    if case is None:
        return None
    units = case.units if case.units is not None else earning_units(terms)
    return msgspec.structs.replace(case, cfads_per_year=_scaled(case.cfads_per_year, share), units=_scaled(units, share))


def _scaled(amount: Amount | None, share: Decimal) -> Amount | None:
    if amount is None or isinstance(amount, Decimal):
        return None if amount is None else amount * share
    return [msgspec.structs.replace(step, value=step.value * share) for step in amount]


__all__ = ["Leg", "Path", "kept_whole", "legs_of"]
