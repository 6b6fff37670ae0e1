"""Reports for the tests of the board and the screens: an illustrative desk, a hostile one, and a source that serves them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np

from facilities.problems import Problem
from monitor.agenda.entries import Entry
from monitor.agenda.wall import Wall
from monitor.breachmap import SHOCKS, Side, StressMap
from monitor.chain.answer import ChainAnswer, ResourcePart, StepPart
from monitor.charts.inputs import DebtInput, MapAxis, MapInput, MarkInput, Point, RatioInput
from monitor.cure import CureAnswer, CurePart
from monitor.excerpt import Excerpt
from monitor.journal.ledger import Ledger
from monitor.liquidate.answer import Answer, BackedPart, LeafPart, LotPart, OverhangPart, PlanPart, SalePart
from monitor.marks.detail import Refused, SeriesDetail
from monitor.marks.prints import Print
from monitor.report.schema import (
    SCHEMA,
    AssessmentPart,
    ChangePart,
    ClockPart,
    CountsPart,
    CovenantPart,
    DriverPart,
    EventPart,
    FacilityPart,
    InputsPart,
    MarkPart,
    MeasurePart,
    RemedyPart,
    Report,
    SincePart,
    TaskPart,
)
from monitor.spread.margin import MarketPart, PaidPart
from monitor.spread.shape import Answer as SpreadAnswer
from monitor.spread.shape import CausePart, FigurePart, LoanPart, MertonPart, RequiredPart
from monitor.spread.shape import StepPart as Switched
from monitor.stress.joint import DialPart, JointPart, OddsPart
from monitor.stress.shape import FailPart, ScenarioPart
from rules.compare import RESULTS
from rules.events import Event
from rules.explained import Explained

AS_OF = "2026-10-08T09:00:00Z"
BTC, RENT, RENT_B200 = "BTC.price", "H200.rent.committed12m", "B200.rent.committed12m"


def driver(mark: str, now: float | None, at: float | None, rung: str | None = None) -> DriverPart:
    shock = at / now - 1 if at is not None and now else None
    return DriverPart(mark=mark, now=now, breach_at=at, shock_to_breach=shock, unit="USD/unit", rung=rung)


def reading(basis: str, result: str, actual: float | None, operator: str, limit: float | None, **more: Any) -> AssessmentPart:
    headroom = None if actual is None or limit is None else (actual - limit if operator.startswith(">") else limit - actual)
    fields: dict[str, Any] = {
        "test_date": "2026-10-08",
        "period_end": None,
        "data": "good",
        "unit": "x",
        "headroom_abs": headroom,
        "headroom_pct": headroom / limit if headroom is not None and limit else None,
        "cushion_pct": 1 - limit / actual if actual and limit is not None else None,
        "modelled_share": None,
        "drivers": [],
        "reason": None,
        "bound": None,
    }
    return AssessmentPart(basis=basis, result=result, actual=actual, operator=operator, threshold=limit, **(fields | more))


def covenant(id: str, title: str, severity: str, assessments: list[AssessmentPart], **more: Any) -> CovenantPart:
    fields: dict[str, Any] = {
        "rule": id,
        "clause": "6.12",
        "class_": "maintenance",
        "legal": "compliant",
        "since": SincePart(),
        "deadline": None,
        "next_test": "2026-11-30",
        "first_failing_date": None,
        "effects_in_force": [],
        "effects_if_tested": ["draw_stop"],
        "source": "illustrative agreement, invented for this desk",
    }
    return CovenantPart(id=id, title=title, severity=severity, assessments=assessments, **(fields | more))


def facility(id: str, name: str, owed: float | None, covenants: list[CovenantPart], **more: Any) -> FacilityPart:
    fields: dict[str, Any] = {
        "borrower": f"{id}-spv",
        "obligor_group": None,
        "kind": "ddtl",
        "illustrative": True,
        "commitment": owed,
        "maturity": "2028-08-29",
        "severity": covenants[0].severity if covenants else "not_tested",
        "source": f"facilities/{id}.toml:1",
        "owner": "coin desk",
    }
    return FacilityPart(id=id, name=name, outstanding=owed, covenants=covenants, **(fields | more))


def _ladder(now: float, actual: float, rungs: dict[str, float], **more: Any) -> list[AssessmentPart]:
    drivers = [driver(BTC, now, at, rung) for rung, at in rungs.items()]
    return [reading("tested", more.pop("result", "pass"), actual, "<=", more.pop("limit"), drivers=drivers)]


def _alder() -> FacilityPart:
    rungs = {"notice": 90_674.0, "call": 83_699.0, "accelerated_call": 72_539.0, "liquidation": 64_005.0}
    call = covenant(
        "ltv-ladder",
        "LTV",
        "call",
        _ladder(83_275.93, 0.6533, rungs, limit=0.65, result="fail"),
        class_="margin_ladder",
        legal="call",
        deadline="2026-10-10T02:10:00Z",
        next_test=None,
        since=SincePart(tested_as_of="2026-10-07", known_at="2026-10-08T00:00:00Z", acted_on="2026-10-08T02:10:00Z"),
        effects_in_force=["draw_stop"],
        clause="4.3(b)",
        remedies=[
            RemedyPart(kind="repay", amount=4.283e6, unit="USD", text="repay 4.283m"),
            RemedyPart(kind="post", amount=86.0, unit="BTC", text="post 86 BTC"),
            RemedyPart(kind="sell", amount=132.0, unit="BTC", text="sell 132 pledged BTC at 1% cost"),
        ],
    )
    return facility("rowan-alder", "Rowan Alder", 52.5e6, [call], obligor_group="rowan", kind="btc-loan")


def _compute() -> FacilityPart:
    tested = reading(
        "tested", "fail", 1.1425, ">=", 1.20, test_date="2026-08-31", period_end="2026-08-31", drivers=[driver(RENT, 2.65, 2.746)]
    )
    now = reading("indicative", "fail", 1.151, ">=", 1.20, modelled_share=0.11, drivers=[driver(RENT, 2.65, 2.738)])
    dscr = covenant(
        "dscr",
        "DSCR",
        "tested_fail",
        [tested, now],
        legal="cure_pending",
        deadline="2026-10-15T23:59:59Z",
        since=SincePart(tested_as_of="2026-08-31", known_at="2026-09-30"),
        remedies=[RemedyPart(kind="cash", amount=1.372e6, unit="USD", text="cure with 1.372m cash by 2026-10-15")],
    )
    ltv = MeasurePart(id="ltv_mark", title="LTV on mark", value=1.047, unit="%")
    return facility("rowan-compute", "Rowan Compute DDTL", 42.9e6, [dscr], obligor_group="rowan", owner="gpu desk", measures=[ltv])


def _kestrel() -> FacilityPart:
    over = covenant(
        "availability",
        "Availability",
        "tested_fail",
        [reading("tested", "fail", -1.39e6, ">=", 0.0, unit="USD", drivers=[driver("H100-SXM.price.in_place", 14_500.0, 14_878.0)])],
        class_="borrowing_base",
        next_test=None,
        since=SincePart(tested_as_of="2026-10-07"),
        remedies=[RemedyPart(kind="repay", amount=1.39e6, unit="USD", text="pay 1.39m or add 137 eligible GPUs")],
    )
    fccr = covenant("fccr", "FCCR", "watch", [reading("tested", "watch", 1.08, ">=", 1.0)], class_="springing")
    return facility("kestrel-abl", "Kestrel GPU ABL", 61.0e6, [over, fccr], commitment=90e6, kind="abl", owner="gpu desk")


def _linden() -> FacilityPart:
    ltv = covenant(
        "ltv",
        "LTV on appraisal",
        "indeterminate",
        [
            reading(
                "tested",
                "indeterminate",
                None,
                "<=",
                0.85,
                data="stale",
                reason="the appraisal of 2026-06-30 is 100 days old, 90 allowed",
                bound="passes only if the in-place B200 value >= 51,765",
            )
        ],
    )
    forward = covenant(
        "dscr-fwd",
        "Forward DSCR",
        "indicative_fail",
        [
            reading("indicative", "fail", 1.2163, ">=", 1.25, modelled_share=0.33, drivers=[driver(RENT_B200, 3.96, 4.187)]),
            reading("tested", "pass", 1.34, ">=", 1.25, test_date="2026-07-31"),
        ],
        next_test="2026-10-31",
        remedies=[RemedyPart(kind="cash", amount=1.473e6, unit="USD", text="cash cure of 1.473m")],
    )
    return facility("linden-b200", "Linden B200 DDTL", 135.17e6, [ltv, forward], owner="gpu desk")


def _tamar() -> FacilityPart:
    dscr = covenant(
        "dscr",
        "DSCR",
        "pass",
        [reading("tested", "pass", 2.30, ">=", 1.20, drivers=[driver("H100-SXM.rent.committed12m", 2.45, 1.31)])],
        first_failing_date="2028-12-31",
        next_test="2026-12-31",
    )
    dsra = covenant("dsra", "DSRA months", "watch", [reading("tested", "watch", 5.3e6, ">=", 4.97e6, unit="USD")])
    return facility("tamar-h100", "Tamar H100 project loan", 82.95e6, [dsra, dscr], kind="project", owner="gpu desk")


def _birch() -> FacilityPart:
    rungs = {"call": 49_689.0, "liquidation": 40_921.0}
    ltv = covenant(
        "ltv-ladder", "LTV", "pass", _ladder(83_275.93, 0.4177, rungs, limit=0.70), class_="margin_ladder", legal="normal", next_test=None
    )
    secret = covenant("leverage", "Leverage", "not_tested", [reading("tested", "not_tested", None, "<=", None, reason="level not public")])
    return facility("birch", "Birch BTC revolver", 40.0e6, [ltv, secret], kind="revolver")


def mark(series: str, value: float | None, previous: float | None, days: float, data: str = "good") -> MarkPart:
    return MarkPart(
        series=series,
        value=value,
        unit="USD/unit",
        source="illustrative",
        as_of="2026-10-07",
        known_at="2026-10-08T00:00:00Z",
        age_days=days,
        data=data,
        previous=previous,
        headline=True,
    )


MARKS = [
    mark(BTC, 83_275.93, 85_557.56, 0.375),
    mark("H100-SXM.rent.committed12m", 2.45, 2.45, 1.375),
    mark("SOFR.rate", 0.039, 0.0392, 2.375),
    mark("B200.price.appraisal", 54_000.0, 54_000.0, 100.375, "stale"),
]


def report(facilities: list[FacilityPart] | None = None, **more: Any) -> Report:
    fields: dict[str, Any] = {
        "schema": SCHEMA,
        "as_of": AS_OF,
        "known_at": AS_OF,
        "version": "0.1.0",
        "exit_code": 2,
        "inputs": InputsPart(desk_sha256="0" * 64, marks_sha256="1" * 64, journal_sha256=None),
        "counts": CountsPart(facilities=6, tested={}, indicative={}),
        "facilities": [_alder(), _compute(), _kestrel(), _linden(), _tamar(), _birch()] if facilities is None else facilities,
        "marks": MARKS,
        "events": [event("a.n. other")],
        "desk": "illustrative",
    }
    return Report(**(fields | more))


def timed(made: Report) -> Report:
    """The report with the clocks and tasks that its covenants would make."""
    return msgspec.structs.replace(made, clocks=_clocks(made), tasks=_tasks(made))


def _clocks(made: Report) -> list[ClockPart]:
    """A clock for every covenant with a deadline, the first on a desk elsewhere."""
    found = [(one.deadline, part.id, one) for part in made.facilities for one in part.covenants if one.deadline]
    return [
        ClockPart(facility=f, covenant=one.id, legal=one.legal, deadline=at, local=at.replace("Z", "+00:00"), passed=False, then=one.title)
        for at, f, one in sorted(found, key=lambda row: (row[0], row[1]))
    ]


def _tasks(made: Report) -> list[TaskPart]:
    return [
        TaskPart(kind="reserve", party="us", facility=part.id, covenant=part.covenants[0].id, text=part.name, since=None, due=AS_OF)
        for part in made.facilities
        if part.covenants and part.severity == "tested_fail"
    ]


HOSTILE = (
    "[bold red]markup[/] [@click=app.quit]x[/]",
    "\x1b[31mESC\x1b]52;c;cHduZWQ=\x07 \x9b2J",
    "two\nlines\r\tand tab",
    "right\u202eto left\u2066 \u05d0\u05d1\u05d2 \u0627\u0644",
    "宽字符借款人有限公司超长名称测试宽字符",
    "🚀🏳️‍🌈👩🏽‍💻❤️ rocket",
    "z\u0351\u0352\u0353\u0354\u0355\u0356algo\u0300\u0301\u0302\u0303",
    "x" * 500,
    "",
)


def event(text: str, facility: str = "rowan-compute", covenant: str | None = "dscr") -> EventPart:
    """A recorded event with a text in every place that a person fills in."""
    return EventPart(
        id=text, kind="waiver", facility=facility, covenant=covenant, effective="2026-10-01T00:00:00Z", known=AS_OF, by=text,
        in_force=True, amount=1e6, collateral=text, until="2026-12-02T00:00:00Z", conditions=text, note=text, evidence=text, document=text,
    )  # fmt: skip


def hostile_report() -> Report:
    """Every text that a desk file can carry, made of every hostile name."""
    severities = ["tested_fail", "call", "indeterminate", "indicative_fail", "watch", "pass", "not_tested", "accelerated", "trigger_on"]
    made = [_hostile(place, text, severity) for place, (text, severity) in enumerate(zip(HOSTILE, severities, strict=True))]
    events = [
        event(text, part.id, part.covenants[0].id if place % 2 else None)
        for place, (text, part) in enumerate(zip(HOSTILE, made, strict=True))
    ]
    return report(made, events=events)


def _hostile(place: int, text: str, severity: str) -> FacilityPart:
    readings = [
        reading(
            "tested",
            text,
            1.0,
            ">=",
            1.2,
            unit=text,
            test_date=text,
            data=text,
            reason=text,
            bound=text,
            drivers=[driver(f"{text}.price.{text}", 1.0, 2.0, text)],
        ),
    ]
    since = SincePart(tested_as_of=text, known_at=text, acted_on=text)
    part = covenant(
        f"c{place}{text}",
        text,
        severity,
        readings,
        rule=text,
        clause=text,
        class_=text,
        legal=text,
        since=since,
        deadline=text or None,
        next_test=text,
        effects_in_force=[text],
        effects_if_tested=[text],
        source=text,
        note=text,
        remedies=[RemedyPart(kind=text, amount=1.0, unit=text, text=text)],
    )
    measure = MeasurePart(id=text, title=text, value=None, unit=text, reason=text)
    return facility(
        f"f{place}{text}",
        text,
        1e6,
        [part],
        borrower=text,
        obligor_group=text,
        kind=text,
        maturity=text,
        currency=text,
        source=text,
        owner=text,
        measures=[measure],
    )


def explained(text: str = "DSCR") -> Explained:
    rent = Explained(
        label="mark H200.rent.committed12m", value=2.65, unit="USD/GPU-hour", origin="H200.rent.committed12m, illustrative, 2026-10-07, 1d"
    )
    revenue = Explained(label="revenue_cash", value=38.03e6, unit="money", origin="facilities/rowan-compute.toml:52", source="certificate")
    opex = Explained(label="opex_cash", value=10.76e6, unit="money", origin="facilities/rowan-compute.toml:53", source="certificate")
    cfads = Explained(
        label="cash flow for debt service",
        value=27.27e6,
        unit="money",
        operation="revenue_cash - opex_cash",
        children=(revenue, opex, rent),
    )
    service = Explained(label="debt service", value=23.87e6, unit="money", operation="interest + scheduled_principal", source=text)
    missing = Explained(label=text, value=None, unit="money", reason=f"no mark: {text}", origin=text)
    return Explained(
        label=text, value=1.1425, unit="x", operation="last12m(cfads) / last12m(debt_service)", children=(cfads, service, missing)
    )


def sales(made: Report, text: str, slower: float = 1.0) -> Answer:
    """Every facility sold; each third is unknown; with a text in every place that a desk's files fill."""
    parts = [_sale(one, text, slower, place) for place, one in enumerate(made.facilities)]
    debts = [
        BackedPart(id=one.id, name=text, ours=place % 2 == 0, debt=one.outstanding, units=None) for place, one in enumerate(made.facilities)
    ]
    over = OverhangPart(
        asset=f"BTC{text}",
        debts=[*debts, *debts],
        debt=1e9,
        units=1e4,
        price=8e4,
        units_per_day=1e3,
        days_of_units=10.0,
        days_of_debt=12.5,
        unknown=1,
    )
    return Answer(
        schema="s", as_of=AS_OF, known_at=AS_OF, together=slower > 1, method=None, within_days=None, facilities=parts, overhang=[over]
    )


def _sale(one: FacilityPart, text: str, slower: float, place: int) -> SalePart:
    bare = SalePart(id=one.id, name=one.name, currency="USD", owed=one.outstanding, rate=0.1, default_margin=0.02, prior=1e5, notes=[text])
    if place % 3 == 2:
        return msgspec.structs.replace(bare, reason=f"no mark {text}")
    leaves = [
        LeafPart(name=f"units{text}", value=None, unit=text, at="facilities/a.toml:52", assumption=False, note="stale"),
        LeafPart(name=BTC, value=8e4, unit=text, at=f"illustrative {text}", assumption=False),
        LeafPart(name=text, value=0.2, unit=text, at="desk.toml:9:1", assumption=True, note=text),
    ]
    lot = LotPart(
        parcel=text,
        asset=f"BTC{text}",
        unit=text,
        units=10.0,
        sold=9.0,
        beside=1.0,
        price=8e4,
        days=5.0 * slower,
        enforcement_days=60.0,
        method=text,
        haircut=0.2,
        kept=0.9,
        gross=8e5,
        decayed=1e4,
        discount=2e4,
        fees=1e3,
        scrap=0.0,
        hosting=0.0,
        liens=0.0,
        enforcement=0.0,
        net=7e5,
        plan=PlanPart(cost=1.0, variance=4.0, utility=2.0, half_life=None),
        leaves=leaves,
    )
    paid = 0.5 if place % 3 else 1.0
    return msgspec.structs.replace(
        bare,
        debt_at_sale=1e6,
        value=8e5,
        ltv=0.7,
        days=5.0 * slower,
        enforcement_days=60.0,
        recovery=7e5 / slower,
        low=6e5,
        high=8e5,
        recovered=paid,
        ltv_liq=1.4 * slower if place else None,
        ltv_critical=0.9,
        outcome="loss" if place % 3 else "pays",
        lots=[lot],
    )


def chain(made: Report, text: str) -> ChainAnswer:
    """Every facility falls, each by the one before, the first by itself."""
    ids = [one.id for one in made.facilities]
    steps = [
        StepPart(
            at=AS_OF,
            kind="falls",
            facility=id,
            state="event_of_default" if place else text,
            assumed=False,
            clause=f"cross-default, {text}, of {ids[place - 1]}" if place else text,
            causes=ids[place - 1 : place] if place else [],
        )
        for place, id in enumerate(ids)
    ]
    sale = (
        StepPart(
            at=AS_OF,
            kind="sale",
            facility=ids[0],
            state=None,
            clause=None,
            causes=[],
            assumed=True,
            series=f"{text}.price",
            units=3.0,
            before=2.0,
            after=1.0,
        )
        if ids
        else None
    )
    coins = ResourcePart(group=text, asset=text, price=8e4, free=10.0, meets_calls_down_to=7e4, cures=1e6, meets_all_down_to=None)
    return ChainAnswer(
        schema="s",
        as_of=AS_OF,
        until=later(60),
        supposed=None,
        rounds=3,
        steps=[*steps, *([sale] if sale else [])],
        fallen=ids,
        resources=[coins],
        assumptions=[text],
    )


class Served:
    """A snapshot that serves one report, and with `leaf` in every other text."""

    def __init__(self, served: Report, leaf: str, asked: list[str], trouble: tuple[Problem, ...] = ()) -> None:
        self.report, self.leaf, self.asked, self.trouble = served, leaf, asked, trouble

    def explain(self, facility_id: str, covenant_id: str) -> Explained:
        self.asked.append(f"{facility_id}/{covenant_id}")
        return explained(self.leaf)

    def agenda(self) -> tuple[list[Entry], list[Wall]]:
        ids = [(one.id, one.covenants[0].id if one.covenants else None) for one in self.report.facilities]
        kinds = ("clock", "test", "maturity")
        entries = [
            Entry(date=f"2026-1{n % 2}-0{n % 9 + 1}", kind=kinds[n % 3], facility=f, covenant=c, title=self.leaf, at=AS_OF if n else None)
            for n, (f, c) in enumerate(ids)
        ]
        wall = Wall(group=self.leaf, currency="USD", years={"2027": 10e6, "2028": 42.9e6}, puts={"2027": 5e6}, dues=[], unknown=[self.leaf])
        return sorted(entries, key=lambda one: one.date), [wall]

    def stress(self) -> StressMap:
        keys = [(one.id, covenant.id) for one in self.report.facilities for covenant in one.covenants]
        size = len(SHOCKS) ** 2
        result = np.zeros((len(keys), size), dtype=np.int8)
        result[:, :20] = RESULTS.index("fail")
        fails = tuple(tuple(int(n) for n in row) for row in (result == RESULTS.index("fail")).sum(axis=0).reshape(len(SHOCKS), -1))
        sides = [Side(label=label, now=now, series=1, shocks=SHOCKS) for label, now in (("BTC.price", 83_275.93), ("*.rent", None))]
        actual = np.linspace(0.5, 1.5, size)[None, :].repeat(len(keys), axis=0)
        nothing = tuple((1,) * len(SHOCKS) for _ in SHOCKS)
        titles = tuple((self.leaf, "<=") for _ in keys)
        return StressMap(
            across=sides[0], down=sides[1], fails=fails, unknown=nothing, keys=tuple(keys), titles=titles, result=result, actual=actual
        )

    def cures(self, facility_id: str, covenant_id: str) -> CureAnswer:
        self.asked.append(f"cures of {facility_id}/{covenant_id}")
        found = next(one for one in self.report.facilities if one.id == facility_id)
        part = RemedyPart(kind="cash", amount=1.0, unit="USD", text=f"pay {self.leaf}")
        covenants = [
            CurePart(id=one.id, title=self.leaf, basis="tested", actual=1.0, target=1.2, unit="x", remedies=[part], worse=[part.text])
            for one in found.covenants
        ]
        return CureAnswer(
            schema="s", as_of=AS_OF, id=found.id, name=found.name, currency="USD", covenants=covenants, together=[part], worse=[part.text],
            unknown=[self.leaf],
        )  # fmt: skip

    def spread(self) -> SpreadAnswer:
        text = self.leaf
        paid, market = PaidPart(bp=500.0, basis=text), MarketPart(bp=400.0, kind=text)
        loans = [
            LoanPart(
                id=one.id, name=one.name, currency="USD", owed=1e6, maturity=text, until=text, failing_now=[text], paid=paid, market=market,
                pd=FigurePart(0.5, 0.01), ead=1e6, lgd=0.3, spread_bp=FigurePart(900.0, 9.0), gap_bp=-200.0 if n % 2 else 20.0,
                base_bp=100.0, required=RequiredPart(900.0, 90.0, 1.0, 2.0, 993.0) if n % 3 else None,
                steps=[Switched(text, 5.0, 1.0, 0.5, 900.0)], merton=MertonPart(pd=0.2, date=text), causes=[CausePart(text, 0.6)],
                reason=None if n % 3 else text, notes=[text],
            )
            for n, one in enumerate(self.report.facilities)
        ]  # fmt: skip
        return SpreadAnswer(
            schema="s", as_of=AS_OF, known_at=AS_OF, currency="USD", world=text, paths=9, seed=0, dates=["2027-03-31"], copula=text,
            dial=0.5, order=[text], complete=True, definition=text, loans=loans, book=None, drivers=[], held=[], assumptions=[],
            notes=[text],
        )  # fmt: skip

    def scenarios(self) -> tuple[ScenarioPart, ...]:
        ids = [(n, f"{one.id}/{one.covenants[0].id}") for n, one in enumerate(self.report.facilities) if one.covenants]
        fails = tuple(
            FailPart(id=id, title=self.leaf, now="pass" if n else "fail", result="fail" if n % 2 else "indeterminate", actual=1.0,
                     threshold=1.2, operator=">=", unit="x", missing=1e6, currency="USD", first=self.leaf)
            for n, id in ids
        )  # fmt: skip
        return (ScenarioPart(self.leaf, self.leaf, self.leaf, (self.leaf,), self.leaf, 2, 1, 1, 1e6, fails, (), (self.leaf,)),)

    def odds(self) -> JointPart:
        ids = [f"{one.id}/{covenant.id}" for one in self.report.facilities for covenant in one.covenants]
        odds = tuple(OddsPart(id, "pass", 0.25 if n else None, 0.01, (0.1, 0.2), self.leaf) for n, id in enumerate(ids))
        fields = dict.fromkeys(DialPart.__struct_fields__, 0.5) | {"together": (10, 20, 30, 40), "covenants": odds}
        dial = DialPart(**fields)  # type: ignore[arg-type]
        return JointPart(100, 0, ("2026-12-31", "2027-03-31"), self.leaf, self.leaf, True, (), (), (), (), (dial, dial))

    def sales(self) -> tuple[Answer, Answer]:
        return sales(self.report, self.leaf), sales(self.report, self.leaf, 2.0)

    def chain(self) -> ChainAnswer:
        return chain(self.report, self.leaf)

    def marks(self) -> list[SeriesDetail]:
        return [_series(one, self.leaf) for one in self.report.marks]

    def changes(self) -> Report:
        first = self.report.facilities[:1]
        parts = [
            ChangePart(kind="worse", facility=one.id, covenant=one.covenants[0].id if one.covenants else None, cause="marks",
                       severity_then="watch", severity_now=one.severity, why=[self.leaf])
            for one in first
        ]  # fmt: skip
        return msgspec.structs.replace(self.report, since=later(-1), changes=parts)

    def debt(self, facility_id: str) -> DebtInput:
        self.asked.append(f"debt of {facility_id}")
        day = datetime.fromisoformat(AS_OF).date()
        points = tuple(Point(day - timedelta(days=n), 1e6 + n) for n in range(20, 0, -1))
        ahead = tuple(Point(day + timedelta(days=n), 1e6 - n) for n in range(20))
        return DebtInput(title=self.leaf, currency=self.leaf or "USD", as_of=day, debt=points, value=points, debt_ahead=ahead)

    def prints(self) -> list[MarkInput]:
        day = datetime.fromisoformat(AS_OF).date()
        points = tuple(Point(day - timedelta(days=n), 100.0 + n if n % 7 else None) for n in range(180, 0, -1))
        return [MarkInput(one.series, points, one.value, 0.01, one.age_days, one.data) for one in self.report.marks]

    def map(self, facility_id: str, covenant_id: str) -> MapInput:
        self.asked.append(f"map of {facility_id}/{covenant_id}")
        axes = [MapAxis(f"{self.leaf}.{kind}", (50.0, 100.0, 150.0), 100.0) for kind in ("price", "rent")]
        margin = tuple(tuple(x + y for x in (-1.0, 0.1, 1.0)) for y in (-0.5, 0.0, 0.5))
        return MapInput(title=self.leaf, unit=self.leaf, x=axes[0], y=axes[1], margin=margin, ratio=margin)

    def ratio(self, facility_id: str, covenant_id: str) -> RatioInput:
        day = datetime.fromisoformat(AS_OF).date()
        points = tuple(Point(day - timedelta(days=n), 1.2 - n / 100, "pass") for n in range(20, 0, -1))
        self.asked.append(f"ratio of {facility_id}/{covenant_id}")
        return RatioInput(title=self.leaf, unit="x", operator=">=", as_of=day, history=points, limits=(Point(points[0].day, 1.1),))

    def journal(self) -> Ledger:
        return Ledger([recorded("1", self.leaf), recorded("2", self.leaf)], "ab" * 32)

    def verified(self) -> str:
        return "2 entries, every link holds"

    def excerpt(self, facility_id: str, covenant_id: str, origin: str) -> Excerpt:
        self.asked.append(f"{facility_id}/{covenant_id} {origin}")
        lines = tuple(f"line {n} {self.leaf}" for n in range(1, 101))
        return Excerpt(file=f"facilities/{facility_id}.toml", line=52, first=1, lines=lines)


def recorded(id: str, text: str) -> Event:
    at = datetime.fromisoformat(AS_OF)
    return Event(id=id, kind="waiver", facility="rowan-compute", covenant="dscr", effective=at, known=at, by=text or "a", note=text or "b")


def _series(one: MarkPart, text: str) -> SeriesDetail:
    at = datetime.fromisoformat(AS_OF)
    made = Print(one.series, at, 1.0, one.unit, text, note=text, origin="marks/a.csv:3")
    return SeriesDetail(
        series=one.series, value=one.value, unit=one.unit, source=one.source, as_of=at, known_at=at, age_days=one.age_days, data=one.data,
        previous=one.previous, policy=f"any source {text}", reason=one.reason, prints=(made,), refused=(Refused(made, text),),
    )  # fmt: skip


class Source:
    """Serves one report, shifted for `at`; counts what was asked."""

    live = False

    def __init__(self, served: Report | None = None, leaf: str = "DSCR") -> None:
        self.served = timed(served or report())
        self.leaf = leaf
        self.asked: list[str] = []
        self.fails: str | None = None
        self.trouble: tuple[Problem, ...] = ()
        self.moved = False

    def size(self) -> int:
        return len(self.served.facilities)

    def now(self) -> Served:
        self.asked.append("now")
        if self.fails:
            raise ValueError(self.fails)
        self.moved = False
        return Served(self.served, self.leaf, self.asked, self.trouble)

    def at(self, as_of: str) -> Served:
        self.asked.append(as_of)
        datetime.fromisoformat(as_of)
        return Served(msgspec.structs.replace(self.served, as_of=as_of), self.leaf, self.asked)

    def changed(self) -> bool:
        return self.moved


def later(days: int) -> str:
    moved = datetime.fromisoformat(AS_OF) + timedelta(days=days)
    return moved.strftime("%Y-%m-%dT%H:%M:%SZ")
