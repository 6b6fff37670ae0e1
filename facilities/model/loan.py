"""The loan itself: commitment, balances, interest, amortisation, tranches, hedges, and the case at closing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from facilities.model.base import Amount, BusinessDayRoll, Frequency, PartialDate, Terms

FacilityKind = Literal["term", "ddtl", "revolver", "abl", "btc-loan", "project", "equipment", "convertible", "lease", "notes"]
DayCount = Literal["ACT/360", "ACT/365F", "ACT/ACT ISDA", "30/360", "30E/360", "30E/360 ISDA", "30U/360"]


class Balance(Terms, frozen=True, kw_only=True):
    """What was owed on a day, as observed; the schedule rolls the latest known row forward.

    `accrued` that is not stated is computed; `pik` is the capitalised interest in `outstanding`.
    """

    date: dt.date
    outstanding: Decimal
    accrued: Decimal | None = None
    pik: Decimal = Decimal(0)
    letters_of_credit: Decimal = Decimal(0)
    known: dt.date | None = None
    source: str | None = None


class Draw(Terms, frozen=True, kw_only=True):
    """One advance under a delayed-draw or revolving commitment, of the tranche named where the loan has several."""

    date: dt.date
    amount: Decimal
    tranche: str | None = None
    known: dt.date | None = None
    source: str | None = None


class DrawLimit(Terms, frozen=True, kw_only=True):
    """A condition for drawing, tested on the day of a draw only: `quantity` `operator` `value`."""

    quantity: str
    operator: Literal[">=", ">", "<=", "<"]
    value: Decimal
    clause: str | None = None
    source: str | None = None


class Put(Terms, frozen=True, kw_only=True):
    """A day on which holders may ask for their money back, at a price in percent of principal."""

    date: PartialDate
    price_pct: Decimal = Decimal(100)
    source: str | None = None


class Facility(Terms, frozen=True, kw_only=True):
    """`[facility]`: who owes what to whom, until when. `ours = false` keeps another lender's debt for its links only."""

    id: str
    name: str
    kind: FacilityKind
    borrower: str
    guarantor: list[str] = []
    lender: str | None = None
    agent: str | None = None
    owner: str | None = None
    currency: str = "USD"
    commitment: Amount | None = None
    closing: PartialDate | None = None
    maturity: PartialDate | None = None
    availability_end: PartialDate | None = None
    undrawn_fee_pct: Amount | None = None
    upfront_fee_pct: Decimal | None = None
    calendar: str | None = None
    timezone: str | None = None
    payment_grace: str | None = None
    business_day: BusinessDayRoll = "none"
    illustrative: bool = False
    ours: bool = True
    recourse: str | None = None
    status: str | None = None
    note: str | None = None
    documents: list[str] = []
    source: str | None = None
    sources: dict[str, str] = {}
    balance: list[Balance] = []
    draw: list[Draw] = []
    draw_limit: list[DrawLimit] = []
    put: list[Put] = []


class Interest(Terms, frozen=True, kw_only=True):
    """`[interest]`: a benchmark plus a spread, or a fixed rate; percent and basis points as written."""

    benchmark: str | None = None
    spread_bp: Amount | None = None
    fixed_pct: Amount | None = None
    floor_pct: Decimal | None = None
    cap_pct: Decimal | None = None
    pik_pct: Amount | None = None
    default_margin_bp: Decimal | None = None
    day_count: DayCount = "ACT/360"
    frequency: Frequency | None = None
    note: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class Instalment(Terms, frozen=True, kw_only=True):
    """One dated repayment of principal in a custom schedule."""

    date: dt.date
    amount: Decimal


class Amortisation(Terms, frozen=True, kw_only=True):
    """`[amortisation]`: how principal comes back. Absent means bullet.

    `original` is the principal at `start` that the `payments` instalments repay (default: the first observed
    balance); `level_rate_pct` fixes the profile of a level or sculpted schedule on a floating rate.
    """

    style: Literal["level", "straight-line", "bullet", "custom", "sculpted", "sweep"]
    frequency: Frequency = "quarterly"
    start: dt.date | None = None
    first: dt.date | None = None
    payments: int | None = None
    original: Decimal | None = None
    balloon: Decimal | None = None
    level_rate_pct: Decimal | None = None
    target_dscr: Decimal | None = None
    sweep_pct: Decimal | None = None
    instalment: list[Instalment] = []
    note: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class Tranche(Terms, frozen=True, kw_only=True):
    """`[[tranche]]`: a part of the facility with its own rate, balance and maturity; balances add up to the loan."""

    id: str
    name: str | None = None
    commitment: Amount | None = None
    maturity: PartialDate | None = None
    balance: list[Balance] = []
    interest: Interest | None = None
    amortisation: Amortisation | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class Hedge(Terms, frozen=True, kw_only=True):
    """`[[hedge]]`: a swap, cap, floor or collar on a share of the balance, or on a notional."""

    kind: Literal["swap", "cap", "floor", "collar"] = "swap"
    benchmark: str | None = None
    fixed_pct: Decimal | None = None
    cap_pct: Decimal | None = None
    floor_pct: Decimal | None = None
    share: Decimal | None = None
    notional: Amount | None = None
    start: dt.date | None = None
    end: PartialDate | None = None
    counterparty: str | None = None
    source: str | None = None


class Operations(Terms, frozen=True, kw_only=True):
    """`[operations]`: costs of the project that do not scale with units, per month."""

    fixed_opex_per_month: Amount | None = None
    maintenance_capex_per_month: Amount | None = None
    tax_per_month: Amount | None = None
    source: str | None = None
    sources: dict[str, str] = {}


class Underwriting(Terms, frozen=True, kw_only=True):
    """`[underwriting]`: the case the loan was signed on; a sculpted repayment follows its cash flow.

    `cfads_per_year` states that cash flow; without it, it is rent x utilisation x units less operating cost, 8,760 hours a year.
    """

    signed: dt.date | None = None
    cfads_per_year: Amount | None = None
    units: Amount | None = None
    rent: Amount | None = None
    utilisation: Amount | None = None
    opex_per_unit_hour: Amount | None = None
    residual_pct: Decimal | None = None
    life_months: int | None = None
    dscr: Amount | None = None
    ltv: Decimal | None = None
    note: str | None = None
    source: str | None = None
    sources: dict[str, str] = {}
