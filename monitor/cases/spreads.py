"""`case.spread`: what a loan must earn in the world of the case, its chance of default and loss, and what it pays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facilities.lint.settings import pricing_faults
from facilities.model import CaseSpread, Pricing
from monitor.cases.expect import Asked
from monitor.cases.given import unknown_facility
from monitor.cases.outcome import Check
from monitor.cases.problems import Wrong, problem
from monitor.cases.wanted import compare
from monitor.spread.answer import answer_of
from monitor.spread.build import basis_of, job_of
from monitor.spread.settings import settings_of
from monitor.spread.shape import LoanPart
from rules.correlation import CorrelationError
from rules.losses import LossTally
from rules.paths import blocks


def spread_questions(asked: Asked) -> list[Callable[[], list[Check]]]:
    """One question a loan, all of one simulation. Raises Wrong C017 for one that cannot be made."""
    wanted, ids = asked.case.spread, list(asked.world.picture.book.ids)
    if wanted is None:
        return []
    for key in wanted.expect:
        if key not in ids:
            raise unknown_facility(asked.sheet, asked.number, "spread", key, key, ids)
    found = {one.id: one for one in _loans(asked, wanted)}
    return [lambda key=key: _held(asked, wanted, found[key]) for key in wanted.expect]  # type: ignore[misc]


def _loans(asked: Asked, wanted: CaseSpread) -> list[LoanPart]:
    picture = asked.world.picture
    for key, message in pricing_faults(Pricing(horizon=wanted.horizon)):
        raise Wrong(problem("C017", asked.sheet.place("case", asked.number, "spread", key, value=True), message))
    try:
        settings = settings_of(picture, {key: getattr(wanted, key) for key in ("paths", "seed", "horizon", "dial")})
        basis = basis_of(picture, settings)
        job = job_of(basis, (), np.zeros((0, 2)))
        tally: LossTally = job.joined([job.run(block) for block in range(blocks(job.paths))])
    except CorrelationError as error:
        raise Wrong(problem("C017", asked.sheet.place("case", asked.number, "spread"), str(error))) from None
    places = [picture.book.ids.index(key) for key in wanted.expect]
    return answer_of(basis, job, tally, places, (), (), True).loans


def _held(asked: Asked, wanted: CaseSpread, one: LoanPart) -> list[Check]:
    at, said = asked.at(one.id, "spread", "expect", one.id), wanted.expect[one.id]
    if isinstance(said, dict):
        return list(compare(said, _view(one), at))
    return list(compare(said, _view(one)["spread"], at._replace(field="spread")))


def _view(one: LoanPart) -> dict[str, object]:
    """What a case can name of a loan: chances and shares plain, `spread` and what stands beside it in basis points."""
    steps = {step.on: step.bp for step in one.steps}
    return {
        "pd": one.pd.value if one.pd else None, "lgd": one.lgd, "ead": one.ead,
        "spread": one.spread_bp.value if one.spread_bp else None, "required": one.required.total_bp if one.required else None,
        "paid": one.paid.bp, "market": one.market.bp, "gap": one.gap_bp, "base": one.base_bp, "merton": one.merton.pd,
        "reason": one.reason, **{on: steps.get(on) for on in ("deflation", "liquidity", "correlation", "chain")},
    }  # fmt: skip
