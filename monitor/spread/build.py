"""From a picture of the desk to the job that a spread is read from: dates, balances, what stands behind each loan, and every stage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import numpy as np

from facilities.paydates import add_months
from monitor.ahead.outlook import book_ahead, triggers_on
from monitor.assess import Picture
from monitor.law import Court
from monitor.liquidate.behind import behind, markets_of, scope_of
from monitor.marks.instants import end_of_day
from monitor.spread.settings import Settings
from monitor.stress.dates import looked_at, ordinals
from monitor.stress.drivers import Drivers, drivers_of
from monitor.stress.ground import Ground, ground_of
from monitor.stress.joint import Asked, along_dial, known_now, plan_of, worlds_ahead
from rules.book import Book
from rules.columns import FAR, Bools, Floats, Ints
from rules.coming import worlds_ahead as days_ahead
from rules.contagion import Clause
from rules.course import Course, course_of
from rules.defaults import Balloon, Falls
from rules.judge import UNSETTLED
from rules.life.tasks import not_told_repaid
from rules.losses import Losses, Stage
from rules.primitives.balances import leg_outstanding, outstanding_on
from rules.recovery import Exit, Parcel
from rules.scope import Rows, day_of, facility_rows, open_scope
from rules.simulate import Plan

MOST_MONTHS = 120
"""How far is looked at most, where nobody says."""
NO_DEFAULTS = frozenset({"trigger", "reporting"})
"""Classes of covenants whose failing never becomes an Event of Default by itself."""


class Basis(msgspec.Struct, frozen=True):
    """What all stages share. `ahead` is the book as a projection reads it, `days` [T] are ordinals, `looked` [N, T] on which of them each
    covenant is looked at, `exposure` and `years` [F, T] by loan, `why` says per loan (place in the book) why
    its loss, and `blind` why not even its default, can be computed.
    """

    ground: Ground
    ahead: Book
    settings: Settings
    drivers: Drivers
    days: Ints
    looked: Bools
    exposure: Floats
    years: Floats
    exits: dict[tuple[int, int], Exit]
    why: dict[int, str]
    notes: dict[int, list[str]]
    freedom: int = 0

    @property
    def today(self) -> int:
        """The day of the as-of, an ordinal."""
        return day_of(self.ground.picture.as_of, self.ground.picture.session.timezone)


def basis_of(picture: Picture, settings: Settings, freedom: int = 0) -> Basis:
    """The shared part of a job over every loan of the desk. Raises CorrelationError for marks that cannot move so."""
    ground = ground_of(picture)
    book = book_ahead(picture)
    days, looked = looked_at(ground, book, _months(ground, settings), settings.step)
    ends = ordinals(days)
    made = Basis(
        ground, book, settings, drivers_of(picture), ends, looked, _owed(ground, book, ends), _years(ground, ends), {}, {}, {}, freedom
    )
    _stand_behind(made)
    return made


def _months(ground: Ground, settings: Settings) -> int:
    """Months to look ahead: as told, else so that the last maturity of a loan that owes lies before the last date."""
    if settings.horizon is not None:
        count, unit = int(settings.horizon[:-1]), settings.horizon[-1]
        return count * (12 if unit == "y" else 1)
    picture = ground.picture
    today = dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))
    ends = [one.facility.maturity.date for one in picture.book.terms if one.facility.maturity and one.facility.ours]
    last = max((end for end in ends if end > today), default=add_months(today, 60))
    return max(3, min(MOST_MONTHS, (last.year - today.year) * 12 + last.month - today.month + 3))


def _owed(ground: Ground, book: Book, days: Ints) -> Floats:
    """float64[F, T]: what each loan owes going into each date, by its schedule: at the close of the date before. NaN where not known."""
    loans, today = len(book.ids), day_of(ground.picture.as_of, ground.picture.session.timezone)
    opening = np.concatenate([[today], days[:-1]])
    worlds = days_ahead(known_now(ground), opening.tolist(), ground.now.curves, book.zone)
    facility = np.tile(np.arange(loans, dtype=np.int64), len(days))
    instant = np.repeat(np.arange(len(days), dtype=np.int64), loans)
    none = np.full(len(facility), -1, dtype=np.int64)
    rows = Rows(none, instant, opening[instant], np.zeros_like(none))
    scope = open_scope(book, worlds, rows, ground.picture.state, facility=facility)
    found = outstanding_on(scope, facility, scope.day, scope.known)
    return np.where(_ended(ground, opening), 0.0, found.reshape(len(days), loans).T)


def _ended(ground: Ground, opening: Ints) -> Bools:
    ends = np.array([maturity_of(ground, f) for f in range(len(ground.picture.book.ids))])
    return np.asarray(opening[None, :] >= ends[:, None])


def maturity_of(ground: Ground, f: int) -> int:
    """The last day of a loan, an ordinal; far ahead where none is stated."""
    end = ground.picture.book.terms[f].facility.maturity
    return 4_000_000 if end is None else end.date.toordinal()


def _years(ground: Ground, days: Ints) -> Floats:
    """float64[F, T]: the time up to each date during which each loan runs."""
    opening = np.concatenate([[day_of(ground.picture.as_of, ground.picture.session.timezone)], days[:-1]])
    ends = np.array([maturity_of(ground, f) for f in range(len(ground.picture.book.ids))])
    return np.asarray(np.maximum(0, np.minimum(days[None, :], ends[:, None]) - opening[None, :]) / 365.25)


# what stands behind a loan --------------------------------------------------------------------------------------------------------


def _stand_behind(made: Basis) -> None:
    """Fill in what each loan could be paid from on every date on which it owes, or why that is not known."""
    picture = made.ground.picture
    late = not_told_repaid(picture.tasks)
    for f, one in enumerate(picture.book.terms):
        owed, end = made.exposure[f], one.facility.maturity
        if one.facility.id in late:
            made.why[f] = f"its maturity{f', {end},' if end else ''} is past, and {UNSETTLED}: it cannot be judged"
        elif end is not None and end.date.toordinal() <= made.today:
            made.why[f] = f"its maturity, {end}, is past"
        elif np.isnan(owed).any():
            made.why[f] = "what is owed is not known"
        elif not owed.any():
            made.why[f] = "nothing is owed"
    owes = np.nan_to_num(made.exposure) > 0
    owes[list(made.why)] = False
    facility, date = np.nonzero(owes)
    worlds = worlds_ahead(made.ground, [dt.date.fromordinal(day) for day in made.days.tolist()])
    scope = scope_of(picture, msgspec.structs.replace(worlds, basis="indicative"), facility, date)
    for f, t, there in zip(facility.tolist(), date.tolist(), behind(picture, scope), strict=True):
        if isinstance(there.lots, str):
            made.why.setdefault(f, there.lots)
            continue
        made.notes.setdefault(f, there.notes)
        parcels = tuple(Parcel(lot.item, lot.row, lot.units, lot.series, lot.fx, lot.curve) for lot in there.lots)
        made.exits[f, t] = Exit(f, int(made.days[t]), parcels, there.prior, (there.rate or 0.0) + there.margin)


# stages -----------------------------------------------------------------------------------------------------------------------------


def job_of(made: Basis, dials: Sequence[float], shares: Floats) -> Losses:
    """The stages of the attribution in the order asked, then the whole at each stand of the dial; `shares` [K, 2] are tranches."""
    settings, picture = made.settings, made.ground.picture
    measured = {deflates: _falls(made, deflates) for deflates in (False, True)}
    falls: dict[tuple[bool, float], Falls] = {}

    def rules(deflates: bool, dial: float) -> Falls:
        if (deflates, dial) not in falls:
            falls[deflates, dial] = _dialled(made, measured[deflates], dial)
        return falls[deflates, dial]

    stages = []
    for n in range(len(settings.order) + 1):
        on = set(settings.order[:n])
        dial = settings.dial if "correlation" in on else 0.0
        stages.append(Stage(rules("deflation" in on, dial), "liquidity" in on, "chain" in on))
    stages += [Stage(rules(True, dial), True, True) for dial in dials]
    elapsed = (made.days - made.today) / 365.25
    ours = [one.facility.ours for one in picture.book.terms]
    counted = np.array([ours[f] and f not in made.why and may_fall(stages[-1].falls, f) for f in range(len(ours))], dtype=bool)
    return Losses(
        settings.seed, settings.paths, tuple(stages), len(settings.order) + 1, np.nan_to_num(made.exposure),
        (1 + settings.discount) ** -elapsed, made.years, np.nan_to_num(rates_of(made)), counted,
        shares * book_owed(made, counted),
    )  # fmt: skip


def may_fall(falls: Falls, f: int) -> bool:
    """Whether anything could show a default of a loan: a covenant that is due, modelled cash, an end with something behind it, a link."""
    due = falls.plan.fold.due.reshape(len(falls.facility), -1).any(axis=1) & falls.counts & (falls.facility == f)
    paid = falls.course is not None and f in falls.course.pays.facility
    ends = any(one.facility == f for one in falls.balloons) or any(one.hurt == f for one in falls.clauses)
    return bool(due.any()) or paid or ends


def rates_of(made: Basis) -> Floats:
    """float64[F]: the desk's currency for one of each loan's; NaN where it is not known."""
    picture = made.ground.picture
    found = [
        picture.session.rate(one.facility.currency, made.ground.currency, picture.as_of, picture.known_at) for one in picture.book.terms
    ]
    return np.array([np.nan if one is None else one for one in found])


def book_owed(made: Basis, counted: Bools) -> float:
    """What the loans whose loss is computed owe today, in the desk's currency; those in a currency without a rate are left out."""
    return float((np.nan_to_num(rates_of(made)) * np.nan_to_num(made.exposure[:, 0]) * counted).sum())


def _dialled(made: Basis, falls: Falls, dial: float) -> Falls:
    """The same rules with the convergence dial turned to a stand."""
    return msgspec.structs.replace(falls, plan=along_dial(falls.plan, made.drivers, [dial])[0])


def _falls(made: Basis, deflates: bool) -> Falls:
    """The rules of falling with marks as measured, along the desk's curves or level."""
    ground, book = made.ground, made.ground.picture.book
    if not deflates:
        ground = msgspec.structs.replace(ground, now=msgspec.structs.replace(ground.now, curves=()))
    days = [dt.date.fromordinal(day) for day in made.days.tolist()]
    asked = Asked(made.settings.paths, made.settings.seed, freedom=made.freedom)
    plan: Plan = msgspec.structs.replace(plan_of(ground, made.drivers, days, asked, 0.0, made.looked), money=False)
    tests = [book.tests[t] for t in ground.rows.test]
    way = course_of(made.ahead, known_now(ground), ground.now.curves, triggers_on(ground.picture), days[-1].toordinal(), every=False)
    exits = made.exits if deflates else {key: one.flat() for key, one in made.exits.items()}
    return Falls(
        plan, len(book.ids), book.tested[ground.rows.test], np.array([test.class_ not in NO_DEFAULTS for test in tests], dtype=bool),
        way, np.searchsorted(made.days, way.pays.day).astype(np.int64), tuple(_balloons(made, way, exits)), tuple(_clauses(made)), exits,
        markets_of(ground.picture), np.nan_to_num(made.exposure) > 0, np.isin(np.arange(len(plan.process.mean)), plan.driver[way.reads()]),
    )  # fmt: skip


def _balloons(made: Basis, way: Course, exits: dict[tuple[int, int], Exit]) -> list[Balloon]:
    """What falls due at each end of a loan, or of a tranche, and is no debt service that its modelled cash pays."""
    book, found = made.ahead, []
    paying = set(way.pays.facility.tolist())
    table = book.tables["leg"]
    for f in range(len(book.ids)):
        mine = range(int(table.start[f]), int(table.start[f] + table.count[f]))
        ends = {leg: int(book.periods.cleared[leg]) if 0 < book.periods.cleared[leg] < FAR else maturity_of(made.ground, f) for leg in mine}
        for end in sorted(set(ends.values())):
            t = int(np.searchsorted(made.days, end))
            if made.today < end and t < len(made.days) and (f, t) in exits:
                due = sum(_due(made, leg, end, f in paying) for leg in mine if ends[leg] == end)
                found += [Balloon(f, t, due, made.settings.refinance, exits[f, t])] if due > 0 else []
    return found


def _due(made: Basis, leg: int, end: int, pays: bool) -> float:
    """What a tranche owes on the eve of its end; of one whose debt service is modelled only what that leaves."""
    picture = made.ground.picture
    schedule, none = made.ahead.schedules[leg], np.zeros(1, np.int64)
    rows, one = facility_rows(made.ahead, picture.now, none), np.array([leg], dtype=np.int64)
    scope = open_scope(made.ahead, picture.now, rows, picture.state, facility=none)
    left = float(np.nan_to_num(leg_outstanding(scope, one, np.array([end - 1]), scope.known))[0])
    return min(left, schedule.balloon) if pays and schedule.periods else left


def _clauses(made: Basis) -> list[Clause]:
    """The cross-links between loans of the desk, each grace counted from the close of each date."""
    picture, place = made.ground.picture, {name: f for f, name in enumerate(made.ground.picture.book.ids)}
    court = Court(picture.session, picture.book, picture.now, picture.as_of, picture.known_at, picture.events)
    found = []
    for link in court.links():
        debts, hurt = [place[name] for name in link.debts if name in place], place[link.hurt]
        if not debts:
            continue
        home = picture.book.terms[hurt].facility.currency
        rates = [picture.session.rate(picture.book.terms[d].facility.currency, home, picture.as_of, picture.known_at) for d in debts]
        principal = made.exposure[debts] * np.array([[np.nan if one is None else one] for one in rates])
        least = link.terms.on_default_of.aggregate_principal_ge
        span = link.terms.notice or link.terms.grace
        reach = [t if span is None else _after(made, link.clock.after(span, _close(made, t))) for t in range(len(made.days))]
        reach.append(len(made.days))
        found.append(
            Clause(hurt, np.array(debts, dtype=np.int64), principal, None if least is None else float(least),
                   np.array(reach, dtype=np.int64), link.terms.kind == "cross_payment")
        )  # fmt: skip
    return found


def _close(made: Basis, t: int) -> dt.datetime:
    return end_of_day(dt.date.fromordinal(int(made.days[t])), made.ground.picture.session.timezone)


def _after(made: Basis, at: dt.datetime) -> int:
    """The first date that closes at or after an instant."""
    return int(np.searchsorted(made.days, day_of(at, made.ground.picture.session.timezone)))
