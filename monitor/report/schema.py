"""The breach report as typed data: the one shape that the JSON, the text, the board and the screens show.

Keys are stable: they change only with a line in CHANGELOG.md. Numbers are unrounded, unknown is None.
"""

from __future__ import annotations

import msgspec

from facilities.problems import Problem

SCHEMA = "covenant-monitor/report/1"


class Part(msgspec.Struct, frozen=True, kw_only=True, rename=lambda name: name.rstrip("_")):
    """Base of the parts of a report."""


class DriverPart(Part, frozen=True, kw_only=True):
    """One mark that decides: its value now, the level at which the test just fails, the move to there."""

    mark: str
    now: float | None
    breach_at: float | None
    shock_to_breach: float | None
    unit: str | None = None
    rung: str | None = None


class AssessmentPart(Part, frozen=True, kw_only=True):
    """One reading of one covenant on one basis (`tested` or `indicative`)."""

    basis: str
    test_date: str
    period_end: str | None
    result: str
    data: str
    actual: float | None
    operator: str
    threshold: float | None
    unit: str
    headroom_abs: float | None
    headroom_pct: float | None
    cushion_pct: float | None
    modelled_share: float | None
    drivers: list[DriverPart]
    reason: str | None
    bound: str | None


class SincePart(Part, frozen=True, kw_only=True):
    """The three dates of a failure."""

    tested_as_of: str | None = None
    known_at: str | None = None
    acted_on: str | None = None


class RemedyPart(Part, frozen=True, kw_only=True):
    """One way to clear a failure: `repay`, `post`, `sell`, `cash`; `text` says it in words.

    `clears`: the `covenant` at once, its failed `test` under a cure right, the `next_test` alone, or `nothing` any more; None of several.
    """

    kind: str
    amount: float | None
    unit: str
    text: str
    clears: str | None = None


class CovenantPart(Part, frozen=True, kw_only=True):
    """One covenant: where it stands, in law and on each basis."""

    id: str
    rule: str | None
    title: str
    clause: str | None
    class_: str
    legal: str
    severity: str
    since: SincePart
    deadline: str | None
    next_test: str | None
    first_failing_date: str | None
    effects_in_force: list[str]
    effects_if_tested: list[str]
    assessments: list[AssessmentPart]
    source: str | None = None
    note: str | None = None
    tested_by_us: bool = True
    by_lapse: bool = False
    remedies: list[RemedyPart] = []
    standstill_until: str | None = None
    continuing_until: str | None = None
    underlying: str | None = None
    because: str | None = None
    cures_used: int = 0
    rights_reserved: str | None = None

    @property
    def leading(self) -> AssessmentPart | None:
        """The assessment that decides the covenant's severity: the first listed (worst first)."""
        return self.assessments[0] if self.assessments else None

    @property
    def hidden(self) -> list[AssessmentPart]:
        """The assessments that fail behind one that is unknown: what is not known hides no failure that is."""
        lead = self.leading
        return [] if lead is None or lead.result != "indeterminate" else [one for one in self.assessments[1:] if one.result == "fail"]


class MeasurePart(Part, frozen=True, kw_only=True):
    """A quantity no covenant tests, shown all the same (LTV on mark of a loan without an LTV covenant)."""

    id: str
    title: str
    value: float | None
    unit: str
    reason: str | None = None


class LegalPart(Part, frozen=True, kw_only=True):
    """Where a facility as a whole stands in law: the worst of its covenants, of what is recorded of it, and of its cross-links."""

    state: str
    severity: str
    since: SincePart
    deadline: str | None = None
    by_lapse: bool = False
    because: str | None = None
    continuing_until: str | None = None
    standstill_until: str | None = None
    rights_reserved: str | None = None


class TaskPart(Part, frozen=True, kw_only=True):
    """One thing left to do, by us or by the borrower."""

    kind: str
    party: str
    facility: str
    covenant: str | None
    text: str
    since: str | None
    due: str | None


class FacilityPart(Part, frozen=True, kw_only=True):
    """One facility, worst covenant first."""

    id: str
    name: str
    borrower: str
    obligor_group: str | None
    kind: str
    illustrative: bool
    outstanding: float | None
    commitment: float | None
    maturity: str | None
    severity: str
    covenants: list[CovenantPart]
    currency: str = "USD"
    ours: bool = True
    unread: bool = False
    source: str | None = None
    owner: str | None = None
    measures: list[MeasurePart] = []
    legal: LegalPart | None = None
    faults: list[str] = []

    @property
    def doubt(self) -> str | None:
        """Why nothing is known of the facility, or what of it is in doubt that none of its covenants says."""
        if self.unread:
            return "its file cannot be used, so nothing is known of it"
        told = any(reading.reason in self.faults for one in self.covenants for reading in one.assessments)
        more = f" and {len(self.faults) - 1} more" if len(self.faults) > 1 else ""
        return self.faults[0] + more if self.faults and not told else None

    @property
    def falls_alone(self) -> bool:
        """Whether the facility stands in a default that no covenant of it stands in itself."""
        quiet = self.legal is None or self.legal.severity in ("pass", "waived", "cured")
        return not quiet and self.legal is not None and all(one.legal != self.legal.state for one in self.covenants)


class MarkPart(Part, frozen=True, kw_only=True):
    """One mark as the as-of saw it; `previous` is the value one day before, for the move."""

    series: str
    value: float | None
    unit: str
    source: str | None
    as_of: str | None
    known_at: str | None
    age_days: float | None
    data: str
    previous: float | None = None
    headline: bool = False
    reason: str | None = None


class ClockPart(Part, frozen=True, kw_only=True):
    """A clock of one covenant, or of a facility as a whole (`covenant` is then None): when it ends, here and there, and what then."""

    facility: str
    covenant: str | None
    legal: str
    deadline: str
    local: str
    passed: bool
    then: str


class ChangePart(Part, frozen=True, kw_only=True):
    """What is not as it was: of one covenant, or of a facility as a whole (`covenant` is then None).

    `kind` is `new`, `worse`, `better`, `cleared`, or of a facility also `opened`, `matured`; `cause` is `marks`, `terms` or `both`.
    `events` are the ids of the journal's entries that had a part in it.
    """

    kind: str
    facility: str
    covenant: str | None = None
    cause: str | None = None
    severity_then: str | None = None
    severity_now: str | None = None
    basis: str | None = None
    unit: str | None = None
    actual_then: float | None = None
    actual_now: float | None = None
    headroom_then: float | None = None
    headroom_now: float | None = None
    why: list[str] = []
    events: list[str] = []


class InputsPart(Part, frozen=True, kw_only=True):
    """Hashes of what the report was made from."""

    desk_sha256: str
    marks_sha256: str
    journal_sha256: str | None


class EventPart(Part, frozen=True, kw_only=True):
    """One recorded event that was known and not withdrawn; `in_force`: effective by the as-of and not past its `until`."""

    id: str
    kind: str
    facility: str | None
    covenant: str | None
    effective: str
    known: str
    by: str
    in_force: bool
    amount: float | None = None
    units: float | None = None
    collateral: str | None = None
    period_end: str | None = None
    until: str | None = None
    conditions: str | None = None
    note: str | None = None
    evidence: str | None = None
    document: str | None = None


class CountsPart(Part, frozen=True, kw_only=True):
    """How many covenants have which result, on each basis."""

    facilities: int
    tested: dict[str, int]
    indicative: dict[str, int]


class Report(Part, frozen=True, kw_only=True):
    """The whole answer for one as-of."""

    schema: str
    as_of: str
    known_at: str
    version: str
    exit_code: int
    inputs: InputsPart
    counts: CountsPart
    facilities: list[FacilityPart]
    marks: list[MarkPart]
    events: list[EventPart]
    desk: str = ""
    currency: str = "USD"
    problems: list[Problem] = []
    exposure: dict[str, float | None] = {}
    next_deadline: str | None = None
    timezone: str = "UTC"
    clocks: list[ClockPart] = []
    since: str | None = None
    changes: list[ChangePart] = []
    tasks: list[TaskPart] = []
