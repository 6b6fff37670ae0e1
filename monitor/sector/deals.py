"""Financings to compare: what each issuer paid, and what stands on GPUs; facilities of real borrowers and other deals, once each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from facilities.model import Amount, Deal, FacilityFile, Interest, PartialDate, SectorFile
from facilities.steps import value_on
from monitor.agenda.entries import group_of
from monitor.assess import Picture
from monitor.lookthrough import GroupPart
from monitor.sector.sources import Sourced


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """One financing, or a tranche of one, with its margin in basis points or its fixed rate in percent; `amount` committed."""

    issuer: str
    name: str
    date: str
    amount: float | None
    currency: str
    spread_bp: float | None
    fixed_pct: float | None
    rating: str | None
    facility: str | None
    origin: Sourced


class Backed(msgspec.Struct, frozen=True, kw_only=True):
    """One debt that stands on machines: `owed` by the latest balance, else `committed`; `asset` where one model is public.

    `origins` are those of the balance and of the loan.
    """

    issuer: str
    name: str
    date: str | None
    maturity: str | None
    committed: float | None
    owed: float | None
    currency: str
    asset: str | None
    lender: str | None
    facility: str | None
    origins: list[Sourced]


def priced(picture: Picture, file: SectorFile, day: dt.date) -> list[Priced]:
    """Every deal with a price that closed by `day`, the oldest first; invented borrowers are left out."""
    rows = [row for terms in _real(picture, day) for row in _prices(picture, terms, day)]
    rows += [_priced(one) for one in _told(file, day) if one.spread_bp is not None or one.fixed_pct is not None]
    return sorted(rows, key=lambda one: (one.date, one.name))


def backed(picture: Picture, file: SectorFile, groups: list[GroupPart], day: dt.date) -> list[Backed]:
    """Every known debt on machines, by maturity, those without one last; invented borrowers are left out."""
    owed = {one.id: one for group in groups for one in group.debts if one.sort == "gpu"}
    rows = [
        Backed(
            issuer=_issuer(picture, terms), name=terms.facility.name, date=_written(terms.facility.closing),
            maturity=_written(terms.facility.maturity), committed=_on(terms.facility.commitment, day),
            owed=owed[terms.facility.id].amount, currency=terms.facility.currency, asset=_machine(terms),
            lender=terms.facility.lender, facility=terms.facility.id, origins=_origins(terms, day),
        )
        for terms in _real(picture, day)
        if terms.facility.id in owed
    ]  # fmt: skip
    rows += [_backed(one) for one in _told(file, day) if one.gpu_backed]
    return sorted(rows, key=lambda one: (one.maturity or "9999", one.date or "", one.name))


def _real(picture: Picture, day: dt.date) -> Iterator[FacilityFile]:
    for terms in picture.book.terms:
        closing = terms.facility.closing
        if not terms.facility.illustrative and (closing is None or closing.date <= day):
            yield terms


def _told(file: SectorFile, day: dt.date) -> Iterator[Deal]:
    return (one for one in file.deal if one.date.date <= day)


def _prices(picture: Picture, terms: FacilityFile, day: dt.date) -> Iterator[Priced]:
    """The price of the loan, or of each tranche that has one of its own; none where its day of closing or its price is not public."""
    one = terms.facility
    parts: list[tuple[str, Interest | None, Amount | None]] = [
        (f"{one.name}, {row.name or row.id}", row.interest, row.commitment) for row in terms.tranche if row.interest is not None
    ]
    for name, interest, amount in parts or [(one.name, terms.interest, one.commitment)]:
        if one.closing is None or interest is None:
            continue
        since = _since(interest, one.closing, day)
        spread, fixed = _on(interest.spread_bp, since.date), _on(interest.fixed_pct, since.date)
        if spread is not None or fixed is not None:
            yield Priced(
                issuer=_issuer(picture, terms), name=name, date=since.written, amount=_on(amount, since.date), currency=one.currency,
                spread_bp=spread, fixed_pct=fixed, rating=None, facility=one.id, origin=Sourced(source=interest.source or one.source),
            )  # fmt: skip


def _since(interest: Interest, closing: PartialDate, day: dt.date) -> PartialDate:
    """The day of the price that deals are compared by: closing, or where it is not public yet then, the first on which it is."""
    tables = [one for one in (interest.spread_bp, interest.fixed_pct) if isinstance(one, list)]
    later = [step.from_ for table in tables for step in table if closing.date < step.from_ <= day]
    known = any(_on(one, closing.date) is not None for one in (interest.spread_bp, interest.fixed_pct))
    return closing if known or not later else PartialDate(min(later))


def _priced(one: Deal) -> Priced:
    return Priced(
        issuer=one.issuer, name=one.name, date=one.date.written, amount=_float(one.amount), currency=one.currency,
        spread_bp=_float(one.spread_bp), fixed_pct=_float(one.fixed_pct), rating=one.rating, facility=None,
        origin=Sourced(source=one.source, quality=one.quality),
    )  # fmt: skip


def _backed(one: Deal) -> Backed:
    return Backed(
        issuer=one.issuer, name=one.name, date=one.date.written, maturity=_written(one.maturity), committed=_float(one.amount), owed=None,
        currency=one.currency, asset=one.asset, lender=one.lender, facility=None, origins=[Sourced(source=one.source, quality=one.quality)],
    )  # fmt: skip


def _origins(terms: FacilityFile, day: dt.date) -> list[Sourced]:
    """Where the latest balance known by the day was read, of the loan or of each tranche, and where the loan was."""
    tables = [terms.facility.balance, *(row.balance for row in terms.tranche)]
    known = [[row for row in rows if (row.known or row.date) <= day] for rows in tables]
    return [*(Sourced(rows[-1].source) for rows in known if rows), Sourced(terms.facility.source)]


def _machine(terms: FacilityFile) -> str | None:
    """The one model that stands behind a loan; None where several do, or where it is not public."""
    models = {row.asset for row in terms.collateral if row.unit == "GPU" and row.asset != "GPU"}
    return models.pop() if len(models) == 1 else None


def _issuer(picture: Picture, terms: FacilityFile) -> str:
    return group_of(picture, terms.facility.borrower) or terms.facility.borrower


def _written(day: object) -> str | None:
    return None if day is None else str(day)


def _on(amount: Amount | None, day: dt.date) -> float | None:
    return None if amount is None else _float(value_on(amount, day))


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
