"""Where each input of a sale stands: the facility's file, the mark's source, and the desk's own assumptions."""

from __future__ import annotations

from fnmatch import fnmatchcase

from facilities.model import Liquidity
from monitor.assess import Picture
from monitor.liquidate.answer import LeafPart
from monitor.report.words import iso

_KEYS = {
    "units_per_day": "units/day", "participation": "fraction", "sale_cost": "fraction", "fee": "fraction", "enforcement_days": "days",
    "enforcement_cost": "money", "hosting_per_unit_day": "money/unit/day", "hosting_per_kw_month": "money/kW/month", "kw_per_unit": "kW",
    "host_lien_per_unit": "money/unit", "scrap_pct": "fraction", "impact_coefficient": "", "daily_volatility": "fraction",
    "half_spread": "money/unit", "permanent_impact": "money/unit2", "temporary_impact": "money day/unit2", "risk_aversion": "1/money",
}  # fmt: skip
"""The keys of `[[liquidity]]` that are figures, with their units."""


def leaves_of(picture: Picture, item: int, k: int, terms: Liquidity) -> list[LeafPart]:
    """The inputs of the sale of one parcel, the facts first."""
    return [*_facts(picture, item, k), *_curve(picture, k), *_assumed(picture, terms)]


def _facts(picture: Picture, item: int, k: int) -> list[LeafPart]:
    book, table = picture.book, picture.book.tables["collateral"]
    row, (f, number) = table.rows[item], book.parcel_homes[item]
    at = str(picture.session.desk.place(f"facility:{book.ids[f]}", ("collateral", number, "units")))
    seen = next((one for one in picture.observations if one.series == book.series.names[k]), None)
    source = f"{seen.source or 'unknown source'}, {iso(seen.as_of)}, {seen.data}" if seen and seen.as_of else "no print"
    return [
        LeafPart(name="units", value=_number(row.units), unit=row.unit, at=at, assumption=False),
        LeafPart(
            name=book.series.names[k], value=seen.value if seen else None, unit=f"USD/{row.unit}", at=source, assumption=False,
            note="stale" if seen and seen.data == "stale" else None,
        ),
    ]  # fmt: skip


def _curve(picture: Picture, k: int) -> list[LeafPart]:
    file = picture.session.desk.file
    name = picture.book.series.names[k]
    for n, one in enumerate(file.curve if file else []):
        if one.match == name or fnmatchcase(name, one.match):
            at = str(picture.session.desk.place("desk", ("curve", n, "annual_decay")))
            why = one.source or one.note
            held = LeafPart(name="annual_decay", value=float(one.annual_decay), unit="1/year", at=at, assumption=True, note=why)
            jumps = [
                LeafPart(name=f"jump {jump.date}", value=float(jump.factor), unit="ratio", at=at, assumption=True, note=jump.reason)
                for jump in one.jump
            ]
            return [held, *jumps]
    return [LeafPart(name="annual_decay", value=0.0, unit="1/year", at="no [[curve]] of it", assumption=True, note="held flat")]


def _assumed(picture: Picture, terms: Liquidity) -> list[LeafPart]:
    file = picture.session.desk.file
    number = file.liquidity.index(terms) if file else 0
    note = terms.source or terms.note
    found = []
    for key, unit in _KEYS.items():
        value = getattr(terms, key)
        if value is not None and not (value == 0 and key not in ("sale_cost", "enforcement_days")):
            at = str(picture.session.desk.place("desk", ("liquidity", number, key)))
            found.append(LeafPart(name=key, value=float(value), unit=unit, at=at, assumption=True, note=note))
    for n, step in enumerate(terms.step):
        at = str(picture.session.desk.place("desk", ("liquidity", number, "step", n, "factor")))
        found.append(LeafPart(name=f"step {step.days} days", value=float(step.factor), unit="fraction", at=at, assumption=True, note=note))
    for n, buyer in enumerate(terms.buyer):
        at = str(picture.session.desk.place("desk", ("liquidity", number, "buyer", n, "units")))
        said = buyer.note or note
        found.append(LeafPart(name=f"buyer {buyer.name}", value=float(buyer.units), unit="unit", at=at, assumption=True, note=said))
    return found


def _number(amount: object) -> float | None:
    return None if amount is None or isinstance(amount, list) else float(amount)  # type: ignore[arg-type]
