"""One loan's spread down to the leaf: what made it fall, date by date, what each term is made of, and one path of many followed."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np

from monitor.cells import cut, name, pad, wrap
from monitor.liquidate.build import liquidation
from monitor.liquidate.text import facility_lines
from monitor.report.words import money
from monitor.spread.build import Basis
from monitor.spread.shape import Answer, LoanPart
from monitor.spread.text import ERRORS, bp
from monitor.stress.drawn import Seen, tree_on_path
from monitor.stress.joint import worlds_ahead
from rules.defaults import fallen, unpaid
from rules.losses import Losses
from rules.paths import BLOCK, draw
from rules.scope import Rows
from rules.worlds import Worlds


def explain_text(made: Basis, job: Losses, answer: Answer, width: int) -> str:
    """The page of the one loan asked about."""
    one = answer.loans[-1]
    ends = f"maturity {one.maturity or 'not stated'}, looked at to {one.until}"
    head = [f"{one.id}: {one.name}", f"owed {money(one.owed, one.currency)}, {ends}"]
    head += [f"in a moved world: {answer.world}"] if answer.world else []
    blocks = [[cut(name(line), width) for line in head]]
    if one.pd is not None:
        blocks.append(_causes(one))
    if one.spread_bp is None:
        blocks.append(wrap(name(f"no spread: {one.reason}"), width))
    else:
        blocks += [_dates(one), _sum(one), _path(made, job, one, width)]
    blocks += [_margins(one, width), _merton(one, width), _inputs(answer, width)]
    return "\n\n".join("\n".join(cut(line, width) for line in block) for block in blocks if block)


def _causes(one: LoanPart) -> list[str]:
    assert one.pd is not None
    lines = [f"PD {one.pd.value * 100:.2f}% +- {ERRORS * one.pd.error * 100:.2f} (of the paths that fall, first by:)"]
    return [*lines, *(f"  {cause.share * 100:6.2f}%  {name(cause.cause)}" for cause in one.causes)]


def _dates(one: LoanPart) -> list[str]:
    lines = ["date            PD survival     EAD    LGD     DF years     loss annuity"]
    for row in one.dates:
        lgd = "-" if row.lgd is None else f"{row.lgd * 100:.1f}%"
        lines.append(
            f"{row.date} {row.pd * 100:6.2f}% {row.survival * 100:7.2f}% {money(row.ead):>7} {lgd:>6} {row.discount:6.4f} {row.years:5.3f}"
            f" {_short(row.expected_loss):>8} {_short(row.annuity):>7}"
        )
    return [*lines, "loss: PD x EAD x LGD x DF; annuity: survival x EAD x DF x years"]


def _short(amount: float) -> str:
    """Money, a rest of the arithmetic as nothing."""
    return money(amount) if abs(amount) >= 0.5 else "0"


def _sum(one: LoanPart) -> list[str]:
    assert one.spread_bp is not None and one.required is not None
    lost, earned = sum(row.expected_loss for row in one.dates), sum(row.annuity for row in one.dates)
    needs = one.required
    parts = [
        ("expected loss", f"{money(lost)} over {money(earned)}, +- {ERRORS * one.spread_bp.error:,.0f}", needs.expected_loss_bp),
        ("capital x hurdle", "", needs.capital_bp), ("illiquidity", "", needs.illiquidity_bp), ("cost", "", needs.cost_bp),
        ("required", "", needs.total_bp), ("paid", one.paid.basis or one.paid.reason or "", one.paid.bp),
        ("market", one.market.kind or one.market.reason or "", one.market.bp), ("paid less required", "", one.gap_bp),
    ]  # fmt: skip
    lines = [f"{pad(what, 20)}{pad(bp(value), 9, right=True)} bp  {name(note)}".rstrip() for what, note, value in parts]
    steps = []
    for step in one.steps:
        size, off = bp(step.bp, signed=True), f"{ERRORS * step.error_bp:,.0f}"
        steps.append(f"  {pad(step.on, 18)}{size:>9} +- {off}  (PD {step.pd * 100:.1f}%)")
    return [*lines, "", f"{pad('expected loss, base', 20)}{bp(one.base_bp):>9} bp  (PD {(one.base_pd or 0) * 100:.1f}%)", *steps]


# one path ---------------------------------------------------------------------------------------------------------------------------


def _path(made: Basis, job: Losses, one: LoanPart, width: int) -> list[str]:
    """The path of the first block whose loss is the middle one of those on which the loan falls: its marks, its breach, its sale."""
    stage, f = job.stages[job.attributed - 1], made.ground.picture.book.ids.index(one.id)
    marks = draw(stage.falls.plan.process, job.seed, 0)[:, :, : min(BLOCK, job.paths)]
    fell = fallen(stage.falls, marks, stage.chained, unpaid(stage.falls, marks))
    hits = np.flatnonzero(fell.first[f] < len(made.days))
    if not len(hits):
        return []
    lost = job.lost(stage, marks, fell)[f][hits]
    path = int(hits[np.argsort(lost, kind="stable")[len(lost) // 2]])
    t, cause = int(fell.first[f, path]), int(fell.cause[f, path])
    world = _world(made, stage.falls.plan.driver, marks[:, t, path] * (1.0 if fell.kept is None or not t else fell.kept[:, t - 1, path]), t)
    day, tests = dt.date.fromordinal(int(made.days[t])), made.ground.rows.test
    named = ["unpaid debt service", "unpaid at maturity", "a cross-link"]
    what = made.ground.picture.book.tests[tests[cause]].covenant.id if cause < len(tests) else named[cause - len(tests)]
    head = f"One path of many, the middle one by loss (path {path}): it falls on {day} by {what}; marks then, and now"
    lines = [*wrap(name(head), width), *_marks(made, world)]
    if cause < len(tests):
        lines += ["", *_tree(made, world, cause).split("\n")]
    sale = liquidation(msgspec.structs.replace(made.ground.picture, now=world), [f]).facilities[0]
    beside = [g for g in range(len(fell.first)) if g != f and fell.first[g, path] == t]
    others = ", ".join(made.ground.picture.book.ids[g] for g in beside)
    note = [f"falling with it: {others}; where they sell the same, they share its market"] if others else []
    owed, loss = float(job.exposure[f, t]), float(job.lost(stage, marks, fell)[f, path])
    share = f"{loss / owed * 100:.1f}%" if owed else "-"
    eve = f"owed going into the date {money(owed)}: who falls on it pays no more"
    return [*lines, "", "sold alone in these marks:", *facility_lines(sale, facts=False), *wrap(name("; ".join(note)), width),
            *wrap(f"lost on this path: {money(loss)} of {money(owed)}, LGD {share} ({eve})", width)]  # fmt: skip


def _world(made: Basis, driver: np.ndarray, drawn: np.ndarray, t: int) -> Worlds:
    """The world of one path on one date."""
    ahead = worlds_ahead(made.ground, [dt.date.fromordinal(int(made.days[t]))])
    marks = ahead.marks.copy()
    for k in np.flatnonzero(driver >= 0).tolist():
        marks[k, 0, 0] = drawn[driver[k]]
    return msgspec.structs.replace(ahead, marks=marks)


def _marks(made: Basis, world: Worlds) -> list[str]:
    now = made.ground.now
    seen: dict[str, tuple[float, float]] = {}
    for k, series in enumerate(world.series):
        if world.marks[k, 0, 0] == world.marks[k, 0, 0]:
            seen.setdefault(series, (float(world.marks[k, 0, 0]), float(now.marks[k, 0, 0])))
    moving = {one.series for one in made.drivers.parts}
    return [f"  {pad(name(one), 34)}{then:>14,.6g}{before:>14,.6g}" for one, (then, before) in seen.items() if one in moving]


def _tree(made: Basis, world: Worlds, n: int) -> str:
    """The covenant that failed, in that world, leaf by leaf."""
    picture = made.ground.picture
    rows = Rows(np.array([made.ground.rows.test[n]]), np.zeros(1, np.int64), world.days(picture.book.zone)[0], np.zeros(1, np.int64))
    return tree_on_path(made.ground, Seen(picture.book, world, rows, picture.state))


# what it rests on -------------------------------------------------------------------------------------------------------------------


def _margins(one: LoanPart, width: int) -> list[str]:
    lines = [f"market: {one.market.reason}" if one.market.bp is None else f"market: median of {one.market.kind}"]
    for deal in one.market.deals:
        lines.append(f"  {deal.date:10}  {pad(name(deal.name), 32)}{deal.bp:8,.0f} bp  {name(deal.basis)}")
        lines += [f"      {line}" for line in wrap(name(deal.source), width - 6)]
    return [*lines, *(f"  left out: {name(out)}" for out in one.market.out)]


def _merton(one: LoanPart, width: int) -> list[str]:
    made = one.merton
    if made.pd is None:
        return wrap(name(f"Merton: {made.reason}"), width)
    text = (
        f"Merton: assets {money(made.asset)} drifting {(made.drift or 0) * 100:+.1f}% a year with {(made.volatility or 0) * 100:.1f}%"
        f" against {money(made.liability)} on {made.date}: {made.distance:.2f} standard deviations, PD {made.pd * 100:.2f}%"
    )
    return wrap(text, width)


def _inputs(answer: Answer, width: int) -> list[str]:
    lines = ["inputs that nobody observed:"]
    for one in answer.assumptions:
        lines.append(f"  {pad(one.name, 20)}{one.value:>10} {one.unit}  [{name(one.source)}]  {name(one.at)}")
    for driver in answer.drivers:
        why = driver.note or f"{driver.observations} returns"
        lines.append(f"  {pad(name(driver.series), 28)}{driver.deviation * 100:6.1f}% a year  {driver.basis}: {name(why)}")
    lines += wrap(f"default: {answer.definition}.", width)
    return lines
