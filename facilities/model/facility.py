"""One facility file, and the amendments that replace its terms from a date on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from facilities.model.assets import (
    Account,
    BaseClass,
    BaseReserve,
    Collateral,
    Contract,
    Encumbrance,
    Enhancement,
)
from facilities.model.base import Terms
from facilities.model.covenants import Covenant, CrossLink
from facilities.model.loan import (
    Amortisation,
    Facility,
    Hedge,
    Interest,
    Operations,
    Tranche,
    Underwriting,
)
from facilities.model.mining import Fleet
from facilities.model.obligor import Reported
from facilities.model.rulefile import QuantityTerms


class Amendment(Terms, frozen=True, kw_only=True):
    """`[[amendment]]`: whole values of covenants, interest or facility keys, and whole definitions, replaced from `effective` on."""

    id: str
    signed: dt.date
    effective: dt.date
    source: str | None = None
    note: str | None = None
    covenant: dict[str, dict[str, Any]] = {}
    interest: dict[str, Any] = {}
    facility: dict[str, Any] = {}
    quantity: dict[str, QuantityTerms] = {}


class FacilityFile(Terms, frozen=True, kw_only=True):
    """`facilities/ID.toml`: everything one agreement says."""

    facility: Facility
    interest: Interest | None = None
    amortisation: Amortisation | None = None
    operations: Operations | None = None
    underwriting: Underwriting | None = None
    tranche: list[Tranche] = []
    hedge: list[Hedge] = []
    collateral: list[Collateral] = []
    contract: list[Contract] = []
    fleet: list[Fleet] = []
    account: list[Account] = []
    borrowing_base: list[BaseClass] = []
    reserve: list[BaseReserve] = []
    reported: list[Reported] = []
    covenant: list[Covenant] = []
    cross_link: list[CrossLink] = []
    encumbrance: list[Encumbrance] = []
    enhancement: list[Enhancement] = []
    amendment: list[Amendment] = []
    quantity: dict[str, QuantityTerms] = {}
