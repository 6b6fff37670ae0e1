"""A desk asked again and again: its files are read when they change, the last good ones kept while they cannot be used."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from facilities.problems import Problem
from facilities.uncollected import set_apart, uncollected
from monitor.agenda.entries import Entry, entries_of
from monitor.agenda.wall import Wall, walls_of
from monitor.assess import Picture, assess
from monitor.charts.inputs import DebtInput, MapInput, MarkInput, RatioInput, known_from
from monitor.charts.today import mark_inputs
from monitor.excerpt import Excerpt, excerpt, place_in
from monitor.journal.ledger import Ledger
from monitor.journal.words import verified
from monitor.marks.detail import SeriesDetail, series_details
from monitor.places import DeskError
from monitor.report.build import build_report
from monitor.report.explain import explain_covenant
from monitor.report.schema import Report
from monitor.report.since import with_changes
from monitor.session import Session, moments, open_desk
from monitor.stamps import Stamp, stamp_of
from rules.explained import Explained
from rules.scope import day_of

if TYPE_CHECKING:
    from monitor.breachmap import StressMap
    from monitor.chain.answer import ChainAnswer
    from monitor.cure import CureAnswer
    from monitor.liquidate.answer import Answer
    from monitor.spread.shape import Answer as SpreadAnswer
    from monitor.stress.joint import JointPart
    from monitor.stress.shape import ScenarioPart

MOST_COUNTED = 400
"""The most covenants, or facilities, of a desk that paths are counted for beside the screens."""
AHEAD = dt.timedelta(days=366)
"""How far the calendar looks ahead, and the chart of a ratio back."""


MANY = 1000
"""So many facilities are a heap that a pass of the collector holds the screens up for."""


class Snapshot(msgspec.Struct, frozen=True, dict=True):
    """One immutable answer: the report, what keeps newer files from being used, and what else can be asked of the same picture.

    May be asked from any thread. `trouble` is empty unless the files on disk are not the ones this answer was made from.
    """

    report: Report
    picture: Picture
    wanted: frozenset[str] | None
    trouble: tuple[Problem, ...] = ()

    def explain(self, facility_id: str, covenant_id: str) -> Explained:
        """The tree of one covenant. KeyError where there is none to show."""
        return explain_covenant(self.picture, facility_id, covenant_id)

    def agenda(self) -> tuple[list[Entry], list[Wall]]:
        """What is due in the year ahead, and the wall of each group."""
        last = dt.date.fromordinal(day_of(self.picture.as_of, self.picture.session.timezone)) + AHEAD
        return entries_of(self.picture, last, self.wanted), walls_of(self.picture, self.wanted)

    def stress(self) -> StressMap:
        """The breach map of the desk."""
        from monitor.breachmap import stress_map

        return stress_map(self.picture, self.wanted)

    def scenarios(self) -> tuple[ScenarioPart, ...]:
        """Every scenario of the desk."""
        from monitor.stress.ground import ground_of
        from monitor.stress.scenarios import scenario_part, scenarios_of

        known = scenarios_of(self.picture.session.desk)
        if not known:
            return ()
        ground, wanted = ground_of(self.picture, self.wanted), sorted(self.wanted) if self.wanted else None
        return tuple(scenario_part(ground, one, wanted) for one in known.values())

    def odds(self) -> JointPart:
        """Failures along the correlation dial. ValueError for a desk too large to count beside the screens."""
        from monitor.stress.ground import ground_of
        from monitor.stress.joint import GLANCE, joint_of

        ground = ground_of(self.picture, self.wanted)
        if len(ground.rows) > MOST_COUNTED:
            raise ValueError(f"{len(ground.rows):,} covenants are too many to count here: covenant stress --dial 0..1")
        return joint_of(ground, GLANCE)

    def sales(self) -> tuple[Answer, Answer]:
        """What forced sales would bring: of each loan alone, and of all at once."""
        from monitor.liquidate.build import liquidation, secured

        ids = self.picture.book.ids
        places = [f for f in secured(self.picture) if self.wanted is None or ids[f] in self.wanted]
        return liquidation(self.picture, places), liquidation(self.picture, places, together=True)

    def chain(self) -> ChainAnswer:
        """Who falls after whom in the weeks ahead."""
        from monitor.chain.build import DAYS, chain_of

        return chain_of(self.picture, self.picture.as_of + dt.timedelta(days=DAYS))

    def cures(self, facility_id: str, covenant_id: str) -> CureAnswer:
        """What restores a facility, or one of its covenants where that is named. KeyError for an unknown facility."""
        from monitor.cure import cures

        return cures(self.picture, self.picture.book.facility(facility_id), covenant_id or None)

    def spread(self) -> SpreadAnswer:
        """What our loans pay, must earn and the market pays. ValueError for a desk too large to count beside the screens."""
        from monitor.spread.answer import answer_of
        from monitor.spread.build import basis_of, job_of
        from monitor.spread.settings import GLANCE, settings_of
        from monitor.stress.pool import simulate

        book = self.picture.book
        if len(book.ids) > MOST_COUNTED:
            raise ValueError(f"{len(book.ids):,} facilities are too many to count here: covenant spread")
        places = [f for f, one in enumerate(book.terms) if one.facility.ours and (self.wanted is None or book.ids[f] in self.wanted)]
        made = basis_of(self.picture, settings_of(self.picture, {"paths": GLANCE}), 0)
        job = job_of(made, (), np.zeros((0, 2)))
        done = simulate(job)
        assert done.tally is not None  # nobody interrupts a thread
        return answer_of(made, job, done.tally, places, (), [], done.complete)

    def marks(self) -> list[SeriesDetail]:
        """Every series as the as-of saw it."""
        read = frozenset(mark.series for mark in self.report.marks)
        return series_details(self.picture.session.desk, self.picture.session.history, self.picture.as_of, self.picture.known_at, read)

    def changes(self) -> Report:
        """The report with what changed in the 24 hours before its as-of."""
        return with_changes(self.picture, self.report, self.picture.as_of - dt.timedelta(days=1), self.wanted)

    def ratio(self, facility_id: str, covenant_id: str) -> RatioInput:
        """A covenant's ratio and limit over the year before the as-of and all that comes. Raises as `ratio_over`."""
        from monitor.charts.ahead import ratio_over, today_of

        made = ratio_over(self.picture, facility_id, covenant_id, today_of(self.picture) - AHEAD)
        return msgspec.structs.replace(made, history=known_from(made.history)[0])

    def debt(self, facility_id: str) -> DebtInput:
        """What is owed against what the collateral is worth, over the same time. KeyError for an unknown facility."""
        from monitor.charts.ahead import debt_over, today_of

        made = debt_over(self.picture, facility_id, today_of(self.picture) - AHEAD)
        debt, value = known_from(made.debt, made.value)
        return msgspec.structs.replace(made, debt=debt, value=value)

    def prints(self) -> list[MarkInput]:
        """Every series of the marks, with its past of half a year."""
        return mark_inputs(self.picture, beside=[one.series for one in self.marks()])

    def map(self, facility_id: str, covenant_id: str) -> MapInput:
        """Where two marks break a covenant. Raises KeyError and ValueError as `two_moves` and `map_of`."""
        from monitor.charts.shocked import map_of, two_moves

        return map_of(self.picture, facility_id, covenant_id, *two_moves(self.picture, facility_id, covenant_id))

    def journal(self) -> Ledger:
        """What was recorded."""
        return self.picture.session.journal

    def verified(self) -> str:
        """What its chain amounts to: opening the desk has followed every link."""
        return verified(self.journal().entries, self.journal().head)

    def excerpt(self, facility_id: str, covenant_id: str, origin: str) -> Excerpt:
        """The file an origin names, around its line; without a place in it, the covenant's own table.

        Raises OSError and ValueError as `monitor.excerpt`, KeyError where there is no such covenant.
        """
        place = place_in(origin) or place_in(self._covenant_place(facility_id, covenant_id))
        if place is None:
            raise KeyError(f"{facility_id}/{covenant_id}")
        return excerpt(self.picture.session.desk.root, *place)

    def _covenant_place(self, facility_id: str, covenant_id: str) -> str:
        desk = self.picture.session.desk
        rows = desk.facilities[facility_id].covenant
        at = next((at for at, one in enumerate(rows) if one.id == covenant_id), None)
        return desk.origin(f"facility:{facility_id}", ("covenant",) if at is None else ("covenant", at))


class LiveDesk:
    """The source of the screens. `as_of` pins the instant asked about; nothing means the desk's own pin, else the clock.

    Without `keeps` it writes nothing at all, no cache either.
    """

    def __init__(
        self, root: Path, as_of: str | None, known_at: str | None, facilities: list[str] | None, keeps: bool = True
    ) -> None:  # fmt: skip
        self.root, self.as_of, self.known_at, self.keeps = root, as_of, known_at, keeps
        self.wanted = frozenset(facilities) if facilities else None
        self.session: Session | None = None
        self.trouble: tuple[Problem, ...] = ()
        self.stamp: Stamp | None = None

    @property
    def live(self) -> bool:
        """Whether the as-of of `now` follows the clock."""
        pinned = self.session.desk.file.desk.as_of if self.session and self.session.desk.file else None
        return self.as_of in ("today", "now") or (self.as_of is None and pinned is None)

    def size(self) -> int:
        """The number of files of facilities, 0 where there is no such folder."""
        try:
            return sum(path.suffix == ".toml" for path in (self.root / "facilities").iterdir())
        except OSError:
            return 0

    def now(self) -> Snapshot:
        """Where the desk stands now. Raises DeskError when its files cannot be used and no earlier ones were."""
        with uncollected():
            return self._ask(self.as_of, self.known_at)

    def at(self, as_of: str) -> Snapshot:
        """Where it stood or will stand at another instant, with what was known then. Raises as `now`, UsageError for no time."""
        with uncollected():
            return self._ask(as_of, None)

    def changed(self) -> bool:
        """Whether a file of the desk is not as it was when last read."""
        return stamp_of(self.root) != self.stamp

    def _ask(self, as_of: str | None, known_at: str | None) -> Snapshot:
        stamp = stamp_of(self.root)  # before reading: what changes meanwhile is seen by the next look
        if self.session is not None and stamp == self.stamp:
            return self._snapshot(self.session, as_of, known_at)
        kept, self.stamp = self.session, stamp
        try:
            self.session, self.trouble = open_desk(self.root, keeps=self.keeps), ()
            made = self._snapshot(self.session, as_of, known_at)
        except DeskError as error:
            if kept is None:
                raise
            self.session, self.trouble = kept, tuple(error.problems)
            return self._snapshot(kept, as_of, known_at)
        broken = tuple(one for one in made.report.problems if one.level == "error")
        if kept is None or not broken or any(one.level == "error" for one in kept.problems):
            return made
        self.session, self.trouble = kept, broken
        return self._snapshot(kept, as_of, known_at)

    def _snapshot(self, session: Session, as_of: str | None, known_at: str | None) -> Snapshot:
        picture = assess(session, *moments(session, as_of, known_at))
        made = Snapshot(build_report(picture, self.wanted), picture, self.wanted, self.trouble)
        if len(made.report.facilities) >= MANY:
            set_apart()
        return made
