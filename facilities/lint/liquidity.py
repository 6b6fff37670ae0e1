"""What a desk assumes of selling its assets: rows that cannot be, or that nothing is sold by."""

from __future__ import annotations

from facilities.diagnose import nearest
from facilities.lint.findings import Findings
from facilities.model import DeskFile, Liquidity
from facilities.walk import Keys


def check_liquidity(file: DeskFile, held: set[str], findings: Findings) -> None:
    """Each `[[liquidity]]` row by itself, against those above it, and against the assets that anything of the desk is."""
    seen: set[str] = set()
    for number, row in enumerate(file.liquidity):
        for path, message in _faults(row):
            findings.add("D009", ("liquidity", number, *path), message, value=len(path) > 0)
        if row.asset in seen:
            findings.add("D009", ("liquidity", number, "asset"), f"{row.asset!r} has a row above, which is the one that counts")
        elif row.asset not in held:
            findings.add("D010", ("liquidity", number, "asset"), f"nothing of this desk is {row.asset!r}", nearest(row.asset, held))
        seen.add(row.asset)


def _faults(row: Liquidity) -> list[tuple[Keys, str]]:
    """(place in the row, what is wrong there)."""
    found: list[tuple[Keys, str]] = []
    slower = {step.days: step.factor for step in row.step}
    for at, step in enumerate(row.step):
        if any(step.days == other.days for other in row.step[:at]):
            found.append((("step", at, "days"), f"a sale of {step.days} days stands above"))
        elif any(step.factor > factor for days, factor in slower.items() if days > step.days):
            found.append((("step", at, "factor"), f"a sale of {step.days} days brings more than a slower one"))
    if row.hosting_per_kw_month is not None and row.kw_per_unit is None and row.hosting_per_unit_day is None:
        found.append((("hosting_per_kw_month",), "hosting is by the kW, and no `kw_per_unit` says how many"))
    for end in ("low", "high"):
        case = getattr(row, end)
        if case is not None and case.annual_decay is not None and case.annual_decay >= 1:
            found.append(((end, "annual_decay"), f"a loss of {case.annual_decay} a year leaves nothing"))
    if (row.temporary_impact is None) != (row.permanent_impact is None):
        key = "permanent_impact" if row.temporary_impact is None else "temporary_impact"
        found.append(((key,), "linear impact needs both, temporary and permanent"))
    return found
