"""From the paths to the answer: chances, losses, what is required beside what is paid, the attribution, and tranches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import numpy as np

from facilities.inert import inert
from monitor.report.words import iso
from monitor.spread.build import Basis, book_owed, may_fall
from monitor.spread.margin import market_of, paid_of
from monitor.spread.merton import merton_beside
from monitor.spread.shape import (
    SCHEMA,
    Answer,
    BookPart,
    CausePart,
    DatePart,
    FigurePart,
    LoanPart,
    RequiredPart,
    StepPart,
    TranchePart,
)
from rules.losses import Losses, LossTally
from rules.spread import mean_of, step_changes, step_spreads

DEFINITION = (
    "a loan defaults on the first date on which a covenant fails whose failing is or becomes an Event of Default (no trigger, no report;"
    " a margin call counts, for nobody meets it), on which modelled cash, trap and reserve do not pay its debt service, on which what"
    " falls due at maturity is not covered by what stands behind it, or, with the chain on, on which a cross-link strikes it"
)


def answer_of(
    made: Basis, job: Losses, tally: LossTally, facilities: Sequence[int], dials: Sequence[float], shares: Sequence[tuple[float, float]],
    complete: bool,
) -> Answer:  # fmt: skip
    """The answer about some loans (places in the book); `shares` are the tranches that were asked for."""
    picture, settings = made.ground.picture, made.settings
    copula = f"Student t, {made.freedom} degrees of freedom" if made.freedom else "Gaussian"
    return Answer(
        schema=SCHEMA, as_of=iso(picture.as_of), known_at=iso(picture.known_at), currency=made.ground.currency, paths=tally.paths,
        seed=settings.seed, dates=[_date(day) for day in made.days], copula=copula, dial=settings.dial, order=list(settings.order),
        complete=complete, definition=DEFINITION, loans=[_loan(made, job, tally, f) for f in facilities],
        book=_book(made, job, tally, dials, shares) if shares and book_owed(made, job.counted) > 0 else None,
        drivers=list(made.drivers.parts), held=list(made.drivers.held),
        assumptions=list(settings.assumptions), notes=_notes(made, job, bool(shares)),
    )  # fmt: skip


def _date(day: int) -> str:
    return dt.date.fromordinal(int(day)).isoformat()


def _notes(made: Basis, job: Losses, layered: bool) -> list[str]:
    when = "month ends" if made.settings.step == 1 else "quarter ends"
    found = [
        f"a continuous test is looked at on {when} alone: a margin call in between is seen late, and at a worse price",
        "what is owed follows the schedule: sweeps and prepayments do not lower it; the recovery is that of the middle of the desk's range",
        "under the physical measure: no premium for risk is in the expected loss",
    ]
    if made.drivers.repaired:
        found.append("the measured correlations contradict each other and were moved to the nearest that do not")
    if layered and not book_owed(made, job.counted):
        found.append("no tranches: there is no loan whose loss can be computed")
    lost = [made.ground.picture.book.ids[f] for f in np.flatnonzero(job.counted & (job.rates == 0)).tolist()]
    if lost:
        found.append(f"not in the book, for no exchange rate of their currency is known: {', '.join(lost)}")
    sold = {k for one in job.stages[-1].falls.exits.values() for k in one.series()}
    held = sorted({made.ground.now.series[k] for k in sold if job.stages[-1].falls.plan.driver[k] < 0})
    if held:
        found.append(f"held on every path, also in a fire sale, for how it scatters is not known: {', '.join(held)}")
    return found


def _loan(made: Basis, job: Losses, tally: LossTally, f: int) -> LoanPart:
    picture = made.ground.picture
    terms, owed = picture.book.terms[f].facility, float(made.exposure[f, 0])
    end = None if terms.maturity is None else terms.maturity.date.toordinal()
    until = _date(min(int(made.days[-1]), end if end is not None and end > made.today else 4_000_000))
    blind = _blind(made, job, f)
    bare = LoanPart(
        id=terms.id, name=terms.name, currency=terms.currency, owed=None if np.isnan(owed) else owed,
        maturity=None if terms.maturity is None else str(terms.maturity), until=until, failing_now=_failing(made, f),
        paid=paid_of(picture, made.settings, f), market=market_of(picture, made.settings, f), merton=merton_beside(made, f),
        reason=blind or made.why.get(f), notes=_doubts(made, job, f),
    )  # fmt: skip
    return bare if blind else _chance(made, job, tally, f, bare)


def _chance(made: Basis, job: Losses, tally: LossTally, f: int, bare: LoanPart) -> LoanPart:
    """The loan with what can be said of its default, and where its loss is known of its spread."""
    stages, paths = job.attributed, tally.paths
    hits = [float(tally.sums[f][3 * s + 2]) for s in range(stages)]
    share = hits[-1] / paths
    known = msgspec.structs.replace(
        bare, pd=FigurePart(share, float(np.sqrt(share * (1 - share) / paths))), base_pd=hits[0] / paths, causes=_causes(made, tally, f)
    )
    spreads, changes = (one(tally.sums[f], tally.moments[f], paths) for one in (step_spreads, step_changes))
    if bare.reason is not None:
        return known
    if spreads is None or changes is None:
        why = "it falls on the first date on every path: there is no time in which a spread could be earned"
        return msgspec.structs.replace(known, reason=why)
    settings, bp = made.settings, 1e4
    loss = spreads[-1].value * bp
    capital = settings.capital * settings.hurdle * bp
    charges = (loss, capital, settings.illiquidity_bp, settings.cost_bp)
    required = RequiredPart(*charges, sum(charges))
    steps = [
        StepPart(on, change.value * bp, change.error * bp, hit / paths, spread.value * bp)
        for on, change, spread, hit in zip(settings.order, changes, spreads[1:], hits[1:], strict=True)
    ]
    when = float(tally.when[f].sum())
    return msgspec.structs.replace(
        known, spread_bp=FigurePart(loss, spreads[-1].error * bp), required=required, base_bp=spreads[0].value * bp, steps=steps,
        ead=float((tally.when[f] * job.exposure[f]).sum()) / when if when else None,
        lgd=float(tally.share[f].sum()) / when if when else None,
        expected_loss=float(tally.sums[f][3 * (stages - 1)]) / paths, dates=_dates(made, job, tally, f),
        gap_bp=None if bare.paid.bp is None else bare.paid.bp - required.total_bp,
    )  # fmt: skip


def _blind(made: Basis, job: Losses, f: int) -> str | None:
    """Why nothing can be said of a loan's default; None where something can."""
    if f in made.why and (made.why[f].startswith("its maturity") or not (np.nan_to_num(made.exposure[f]) > 0).any()):
        return made.why[f]
    if may_fall(job.stages[-1].falls, f):
        return None
    if f in made.why:
        return f"{made.why[f]}, and no covenant with a figure and no modelled cash could show a default"
    return "no covenant with a figure, no modelled cash and nothing due at a maturity could show a default"


def _failing(made: Basis, f: int) -> list[str]:
    """The covenants that fail today and whose failing is or becomes an Event of Default."""
    ground, found = made.ground, []
    for n, t in enumerate(ground.rows.test.tolist()):
        test = ground.picture.book.tests[t]
        if test.facility == f and test.class_ != "trigger" and ground.result(n) == "fail":
            found.append(test.covenant.id)
    return found


def _doubts(made: Basis, job: Losses, f: int) -> list[str]:
    """What of a loan is not counted: tests without a figure, an end that nothing covers."""
    falls, picture, found = job.stages[-1].falls, made.ground.picture, list(made.notes.get(f, []))
    unknown = falls.plan.fold.unknown.reshape(len(falls.facility), -1).any(axis=1) & falls.counts & (falls.facility == f)
    for n in np.flatnonzero(unknown).tolist():
        test = picture.book.tests[made.ground.rows.test[n]]
        found.append(f"{test.covenant.id} is unknown on some dates and counted as no default there")
    if picture.book.terms[f].facility.maturity is None:
        found.append("no maturity is stated: looked at up to the horizon")
    elif made.days[-1] < picture.book.terms[f].facility.maturity.date.toordinal():  # type: ignore[union-attr]
        found.append(f"looked at up to {_date(made.days[-1])}, before its maturity: what falls due then is not judged")
    if f in picture.book.gaps or not picture.book.models[f]:
        found.append("its cash is not modelled: no payment before maturity is missed on any path")
    return found


def _causes(made: Basis, tally: LossTally, f: int) -> list[CausePart]:
    counts, picture = tally.causes[f], made.ground.picture
    names = [picture.book.tests[t].covenant.id for t in made.ground.rows.test.tolist()]
    names += ["unpaid debt service", "unpaid at maturity", "a cross-link"]
    total = float(counts.sum())
    found = [CausePart(inert(name), float(count) / total) for name, count in zip(names, counts, strict=True) if count]
    return sorted(found, key=lambda one: -one.share)


def _dates(made: Basis, job: Losses, tally: LossTally, f: int) -> list[DatePart]:
    """Date by date what the spread is made of: expected losses over annuities is the spread."""
    found, left = [], 1.0
    for t in range(len(made.days)):
        if job.exposure[f, t] <= 0:
            continue
        fell = float(tally.when[f, t])
        left -= fell / tally.paths
        loss = float(tally.money[f, t]) / tally.paths * float(job.discount[t])
        earned = left * float(job.exposure[f, t] * job.discount[t] * job.years[f, t])
        found.append(DatePart(
            _date(made.days[t]), fell / tally.paths, left, float(job.exposure[f, t]), float(tally.share[f, t]) / fell if fell else None,
            float(job.discount[t]), float(job.years[f, t]), loss, earned,
        ))  # fmt: skip
    return found


# tranches -----------------------------------------------------------------------------------------------------------------------


def _book(made: Basis, job: Losses, tally: LossTally, dials: Sequence[float], shares: Sequence[tuple[float, float]]) -> BookPart:
    owed, ids = book_owed(made, job.counted), made.ground.picture.book.ids
    rows = range(job.attributed, job.attributed + len(dials))
    loss = [mean_of(tally.book[n, 0], tally.squares[n, 0], tally.paths) for n in rows]
    tranches = []
    for k, (attach, detach) in enumerate(shares, 1):
        made_of = [mean_of(tally.book[n, k], tally.squares[n, k], tally.paths) for n in rows]
        size = (detach - attach) * owed
        tranches.append(
            TranchePart(attach, detach, [one.value / size for one in made_of], [one.error / size for one in made_of],
                        [one.value for one in made_of])
        )  # fmt: skip
    outside = [one.value - sum(part.money[n] for part in tranches) for n, one in enumerate(loss)]
    return BookPart(
        owed, [ids[f] for f in np.flatnonzero(job.counted & (made.exposure[:, 0] > 0)).tolist()], list(dials), [one.value for one in loss],
        [one.error for one in loss], outside, tranches,
    )  # fmt: skip
