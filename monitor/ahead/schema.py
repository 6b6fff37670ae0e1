"""The projection as data: what `--format json` writes. Money in the facility's currency, ratios plain, days ISO, unknown null."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

SCHEMA = "covenant-monitor/projection/1"


class Assumption(msgspec.Struct, frozen=True):
    """How one series is assumed to move, beside how that very series moved: `realised` from `realised_from` on, null without a print.

    `annual_decay` is the desk's, null where it has no curve and the mark is held flat; `history_days` is what the realised
    change spans, `whole_year` whether that is 12 months.
    """

    series: str
    mark: float | None
    mark_as_of: str | None
    annual_decay: float | None
    jumps: list[tuple[str, float]]
    note: str | None
    source: str | None
    realised: float | None
    realised_from: str | None
    history_days: int | None
    whole_year: bool


class CaseLine(msgspec.Struct, frozen=True):
    """One figure of the underwriting case beside the actual one; `ratio` is actual over case."""

    figure: str
    case: float | None
    actual: float | None
    ratio: float | None


class ContractLine(msgspec.Struct, frozen=True):
    """A contract that runs at the as-of or later: its units, its rate, when it ends, and the series at which its units re-let then."""

    customer: str
    units: float | None
    rate: float | None
    end: str
    then: list[str]


class VintageLine(msgspec.Struct, frozen=True):
    """The collateral placed in service on one day: the debt on it and its value at the as-of, and the highest ratio from then on."""

    in_service: str
    debt: float | None
    value: float | None
    ratio: float | None
    peak: float | None
    peak_date: str | None


class TestLine(msgspec.Struct, frozen=True):
    """One covenant on one date; `cure_money` is what its cure right would take to pass, null where it has none or passes.

    `cured_with` is what it is deemed cured with, null where it is not: `result` is then still `fail`.
    """

    covenant: str
    result: str
    actual: float | None
    threshold: float | None
    unit: str
    cure_money: float | None
    cured_with: float | None


TestLine.__test__ = False  # type: ignore[attr-defined]


class DateLine(msgspec.Struct, frozen=True):
    """One future date: the three coverages side by side, cover over lives, what is owed, against value and against the case."""

    date: str
    dscr_run_rate: float | None
    dscr_hist: float | None
    dscr_fwd: float | None
    llcr: float | None
    plcr: float | None
    outstanding: float | None
    ltv: float | None
    worst_vintage: float | None
    rent_vs_case: float | None
    dscr_vs_case: float | None
    tests: list[TestLine]


class CashLine(msgspec.Struct, frozen=True):
    """One payment day: sources cash, from_trap, from_reserve, unpaid, released; uses service, to_reserve, swept, trapped, distributed.

    `reserve` and `trap` are the balances after it; `held` says whether a trigger held the excess.
    """

    date: str
    cash: float | None
    service: float | None
    from_trap: float | None
    from_reserve: float | None
    unpaid: float | None
    to_reserve: float | None
    swept: float | None
    trapped: float | None
    released: float | None
    distributed: float | None
    reserve: float | None
    trap: float | None
    held: bool


class Failing(msgspec.Struct, frozen=True):
    """The first date on which a covenant fails (a trigger: is hit) and is not deemed cured, and what is owed then.

    `already`: it fails at the as-of as well. `used_up`: its cure right has ended or its caps leave none, although cures are assumed.
    """

    covenant: str
    title: str
    class_: str = msgspec.field(name="class")
    date: str
    result: str
    actual: float | None
    threshold: float | None
    unit: str
    outstanding: float | None
    cure_money: float | None
    already: bool
    used_up: bool


class Crossing(msgspec.Struct, frozen=True):
    """When a coverage first falls below 1.00x: the day, found day by day, and years from the as-of; null where it does not."""

    quantity: str
    now: float | None
    date: str | None
    years: float | None


class CureLine(msgspec.Struct, frozen=True):
    """Money deemed paid to cure one test; `kind` as the agreement has it."""

    date: str
    covenant: str
    kind: str
    amount: float


def brought(cures: Sequence[CureLine]) -> float:
    """What cures add up to: each test takes its own money, but one prepayment lowers the debt for every covenant of its date."""
    prepaid: dict[str, float] = {}
    for one in cures:
        if one.kind == "prepayment":
            prepaid[one.date] = max(one.amount, prepaid.get(one.date, 0.0))
    return sum(one.amount for one in cures if one.kind != "prepayment") + sum(prepaid.values())


class Case(msgspec.Struct, frozen=True):
    """One facility under one assumption: `rent_decay` null means the desk's own curves.

    `cures` are those deemed paid and `cured_with` what they add up to, of prepayments of one date the largest; null where none is assumed.
    """

    name: str
    rent_decay: float | None
    dates: list[DateLine]
    first_failing: list[Failing]
    crossings: list[Crossing]
    cash: list[CashLine]
    first_unpaid: str | None
    ltv_peak: float | None
    ltv_peak_date: str | None
    vintages: list[VintageLine]
    cures: list[CureLine]
    cured_with: float | None


class TermsAhead(msgspec.Struct, frozen=True):
    """An amendment that is signed and takes effect ahead: its terms count from that day on."""

    id: str
    effective: str
    signed: str
    source: str | None


class FacilityAhead(msgspec.Struct, frozen=True):
    """One facility: what is assumed, what it was signed on, its end of life, and each case. `held` says what is not modelled."""

    id: str
    name: str
    currency: str
    illustrative: bool
    outstanding: float | None
    maturity: str | None
    assumptions: list[Assumption]
    contracts: list[ContractLine]
    against_case: list[CaseLine]
    weighted_average_life: float | None
    economic_life_end: str | None
    end_of_life_balance: float | None
    end_of_life_share: float | None
    plcr: float | None
    cases: list[Case]
    held: list[str]
    terms_ahead: list[TermsAhead]


class Ahead(msgspec.Struct, frozen=True):
    """The whole projection from the as-of on, whose day on the desk's clock is `today`.

    `cure_with` is what failing tests are assumed to be cured with, where the agreement lets them.
    """

    schema: str
    desk: str
    as_of: str
    today: str
    known_at: str
    horizon: str | None
    cure_with: list[str]
    facilities: list[FacilityAhead]
