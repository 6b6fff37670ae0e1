"""What a case expects of its world when it is moved: shocks, scenarios, customers and hedges that leave, as `covenant stress` has them."""

from __future__ import annotations

from collections.abc import Iterator

from facilities.model import CaseStress, Scenario
from monitor.cases.expect import Asked
from monitor.cases.given import named, unknown_facility
from monitor.cases.outcome import Check
from monitor.cases.problems import Wrong, near, problem
from monitor.cases.wanted import compare
from monitor.stress.ground import ground_of
from monitor.stress.scenarios import Seen, scenarios_of, seen_in, staged
from rules.grids import Shock, ShockError, parse_shocks


def stressed(asked: Asked) -> Iterator[Check]:
    """Every field that `[case.stress]` names, held against its world at the worst point."""
    stress, picture = asked.case.stress, asked.world.picture
    assert stress is not None
    try:
        seen = seen_in(staged(picture, _scenario(asked, stress), shocks=_shocks(stress)), ground_of(picture))
    except ShockError as error:
        raise _wrong(asked, str(error)) from None
    for key, wanted in stress.expect.items():
        yield from _covenant(asked, seen, key, wanted)
    if stress.report:
        yield from compare(dict(stress.report), seen.head, asked.at("stress", "stress", "report"))


def _scenario(asked: Asked, stress: CaseStress) -> Scenario:
    """The scenario named, with what the case adds to it."""
    known = scenarios_of(asked.world.picture.session.desk)
    if stress.scenario is not None and stress.scenario not in known:
        raise _wrong(asked, f"the desk has no scenario {stress.scenario!r}", near(stress.scenario, known), "scenario")
    if not (stress.at or stress.scenario or stress.window or stress.reject or stress.unhedge):
        raise _wrong(asked, "the case is moved by nothing")
    base = known[stress.scenario] if stress.scenario is not None else Scenario(id="case")
    return Scenario(
        id=base.id, shock=base.shock, window=stress.window or base.window, reject=[*base.reject, *stress.reject],
        unhedge=[*base.unhedge, *stress.unhedge],
    )  # fmt: skip


def _shocks(stress: CaseStress) -> tuple[Shock, ...]:
    return parse_shocks(stress.at) if stress.at else ()


def _covenant(asked: Asked, seen: Seen, key: str, wanted: object) -> Iterator[Check]:
    ids = list(asked.world.picture.book.ids)
    facility, name = named(asked.sheet, asked.number, key, ids)
    at = asked.at(f"{facility}/{name}", "stress", "expect", key)
    if facility not in ids:
        raise unknown_facility(asked.sheet, asked.number, "stress", facility, key, ids)
    view = seen.covenants.get(f"{facility}/{name}")
    if view is None:
        mine = [one.partition("/")[2] for one in seen.covenants if one.startswith(f"{facility}/")]
        raise at.wrong("C004", f"{facility!r} has no covenant {name!r} that is computed", near(name, mine), value=False)
    asked.touched.append(f"{facility}/{name}")
    yield from compare(wanted, view, at) if isinstance(wanted, dict) else compare(wanted, view["actual"], at._replace(field="actual"))


def _wrong(asked: Asked, message: str, hint: str | None = None, *path: str) -> Wrong:
    return Wrong(problem("C015", asked.sheet.place("case", asked.number, "stress", *path, value=bool(path)), message, hint))
