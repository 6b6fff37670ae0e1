"""The answer as JSON and CSV; docs/spread.md says what the keys mean."""

from __future__ import annotations

import msgspec

from monitor.report.csv import Cell, write_rows
from monitor.spread.shape import Answer

COLUMNS = (
    "facility", "currency", "owed", "until", "pd", "pd_error", "ead", "lgd", "expected_loss_bp", "error_bp", "required_bp", "paid_bp",
    "market_bp", "gap_bp", "base_bp", "deflation_bp", "liquidity_bp", "correlation_bp", "chain_bp", "merton_pd", "reason",
)  # fmt: skip


def json_of(made: Answer) -> str:
    """One object, unrounded."""
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode()


def csv_of(made: Answer) -> str:
    """One row a loan; of tranches a second table follows after an empty line, where they were asked for."""
    rows: list[tuple[Cell, ...]] = []
    for one in made.loans:
        added = {step.on: step.bp for step in one.steps}
        rows.append((
            one.id, one.currency, one.owed, one.until, one.pd.value if one.pd else None, one.pd.error if one.pd else None, one.ead, one.lgd,
            one.spread_bp.value if one.spread_bp else None, one.spread_bp.error if one.spread_bp else None,
            one.required.total_bp if one.required else None, one.paid.bp, one.market.bp, one.gap_bp, one.base_bp,
            *(added.get(on) for on in ("deflation", "liquidity", "correlation", "chain")), one.merton.pd, one.reason,
        ))  # fmt: skip
    text = write_rows(COLUMNS, rows)
    if made.book is None:
        return text
    heads = ("attach", "detach", "dial", "share", "error", "money")
    layers: list[tuple[Cell, ...]] = [
        (one.attach, one.detach, dial, one.share[n], one.error[n], one.money[n])
        for one in made.book.tranches
        for n, dial in enumerate(made.book.dials)
    ]
    return f"{text}\n{write_rows(heads, layers)}"
