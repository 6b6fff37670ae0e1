"""What the screens need of the rest: immutable snapshots of the desk, now and as of another instant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from facilities.problems import Problem
from monitor.agenda.entries import Entry
from monitor.agenda.wall import Wall
from monitor.charts.inputs import DebtInput, MapInput, MarkInput, RatioInput
from monitor.excerpt import Excerpt
from monitor.journal.ledger import Ledger
from monitor.marks.detail import SeriesDetail
from monitor.report.schema import Report
from rules.explained import Explained

if TYPE_CHECKING:
    from monitor.breachmap import StressMap
    from monitor.chain.answer import ChainAnswer
    from monitor.cure import CureAnswer
    from monitor.liquidate.answer import Answer
    from monitor.spread.shape import Answer as SpreadAnswer
    from monitor.stress.joint import JointPart
    from monitor.stress.shape import ScenarioPart


class Snapshot(Protocol):
    """One answer and everything else that can be asked of the same picture, from any thread; it never touches a widget."""

    @property
    def report(self) -> Report:
        """The report."""

    @property
    def trouble(self) -> Sequence[Problem]:
        """What keeps newer files from being used; empty when the answer was made from the files as they are."""

    def explain(self, facility_id: str, covenant_id: str) -> Explained:
        """The tree of one covenant."""

    def agenda(self) -> tuple[list[Entry], list[Wall]]:
        """What is due in the year ahead, and the wall of each group."""

    def stress(self) -> StressMap:
        """The breach map of the desk."""

    def scenarios(self) -> tuple[ScenarioPart, ...]:
        """Every scenario of the desk."""

    def odds(self) -> JointPart:
        """Failures along the correlation dial."""

    def sales(self) -> tuple[Answer, Answer]:
        """What forced sales would bring: of each loan alone, and of all at once."""

    def chain(self) -> ChainAnswer:
        """Who falls after whom in the weeks ahead."""

    def cures(self, facility_id: str, covenant_id: str) -> CureAnswer:
        """What restores a facility, or one of its covenants where that is named."""

    def spread(self) -> SpreadAnswer:
        """What our loans pay, must earn and the market pays."""

    def marks(self) -> list[SeriesDetail]:
        """Every series as the as-of saw it."""

    def changes(self) -> Report:
        """The report with what changed in the 24 hours before its as-of."""

    def ratio(self, facility_id: str, covenant_id: str) -> RatioInput:
        """A covenant's ratio and limit over the year before the as-of and all that comes."""

    def debt(self, facility_id: str) -> DebtInput:
        """What is owed against what the collateral is worth, over the same time."""

    def prints(self) -> list[MarkInput]:
        """Every series the desk reads, with its past."""

    def map(self, facility_id: str, covenant_id: str) -> MapInput:
        """Where two marks break a covenant."""

    def journal(self) -> Ledger:
        """What was recorded; a journal that is not whole is no snapshot."""

    def verified(self) -> str:
        """What its unbroken chain amounts to, in words."""

    def excerpt(self, facility_id: str, covenant_id: str, origin: str) -> Excerpt:
        """The file an origin names, around its line."""


class Source(Protocol):
    """Gives snapshots; asked from worker threads, one question at a time."""

    @property
    def live(self) -> bool:
        """Whether the as-of of `now` follows the clock."""

    def size(self) -> int:
        """How many facilities there are to be read; at once, without reading them."""

    def now(self) -> Snapshot:
        """Where the desk stands now. Raises DeskError when it cannot be judged."""

    def at(self, as_of: str) -> Snapshot:
        """Where it stands at another instant (ISO, or words that the command line takes)."""

    def changed(self) -> bool:
        """Whether the files are not as they were when last read."""
