"""`covenant stress`: grids and scenarios, correlated paths, and the nearest joint breach."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from monitor.places import UsageError
from monitor.verbs.asking import line_width, nearest, open_session, picture_of, put

if TYPE_CHECKING:
    from monitor.assess import Picture
    from monitor.stress.joint import Asked


def run(arguments: argparse.Namespace) -> int:
    """What was asked for, in the chosen format. Raises UsageError for shocks, names and numbers that cannot be."""
    from rules.correlation import CorrelationError
    from rules.grids import ShockError

    try:
        return _run(arguments)
    except (ShockError, CorrelationError) as error:
        raise UsageError(str(error)) from None


def _run(arguments: argparse.Namespace) -> int:
    if arguments.closed:
        from monitor.stress.closed import closed_form

        put(arguments, closed_form(arguments.closed, arguments.format))
        return 0
    session = open_session(arguments)
    picture = picture_of(arguments, session)
    for name in arguments.facility or ():
        if name not in picture.book.ids:
            raise UsageError(nearest("no facility is called", name, list(picture.book.ids)))
    if arguments.explain:
        put(arguments, _explained(arguments, picture))
        return 0
    from monitor.stress.answer import answer, csv_of, json_of
    from monitor.stress.ground import ground_of
    from monitor.stress.text import text_of

    ground = ground_of(picture, arguments.facility)
    made = answer(ground, arguments.grid, _scenarios(arguments, picture), arguments.facility, _asked(arguments), _reversed(arguments))
    write = {"json": json_of, "csv": csv_of}.get(arguments.format)
    put(arguments, write(made) if write else text_of(made, line_width(arguments)))
    return 130 if made.joint is not None and not made.joint.complete else 0


def _simulates(arguments: argparse.Namespace) -> bool:
    return arguments.paths is not None or (arguments.dial is not None and arguments.reverse is None)


def _reversed(arguments: argparse.Namespace) -> tuple[int, float, int] | None:
    """(months, dial, covenants together) of a reverse stress; None where none is asked."""
    if arguments.reverse is None:
        return None
    if not 1 <= arguments.reverse <= 10:
        raise UsageError("--reverse is 1 to 10 covenants together")
    return _months(arguments.horizon), _dials(arguments.dial or "0")[0], arguments.reverse


def _asked(arguments: argparse.Namespace) -> Asked | None:
    """The simulation asked for; None where none is."""
    from monitor.stress.joint import Asked

    if not _simulates(arguments):
        return None
    paths = 10_000 if arguments.paths is None else arguments.paths
    if not 1 <= paths <= 100_000_000 or arguments.seed < 0 or not 1 <= arguments.workers <= 256:
        raise UsageError("--paths is 1 to 100,000,000, --seed 0 or more, --workers 1 to 256")
    return Asked(
        paths, arguments.seed, _months(arguments.horizon), _dials(arguments.dial or "0"), freedom_of(arguments.copula),
        arguments.weights == "plain", arguments.workers, arguments.dask,
    )  # fmt: skip


def _months(text: str) -> int:
    from facilities.durations import parse_duration

    try:
        span = parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--horizon: {error}") from None
    months = {"m": span.count, "y": 12 * span.count}.get(span.unit, 0)
    if not 3 <= months <= 360:
        raise UsageError(f"--horizon {text}: write 3m to 30y; covenants are looked at on test dates and quarter ends")
    return months


def _dials(text: str) -> tuple[float, ...]:
    span, _, steps = text.partition(":")
    try:
        ends = [float(end) for end in span.split("..")]
        count = int(steps) if steps else 5
    except ValueError:
        raise UsageError(f"--dial {text!r}: write 0.5, or 0..1, or 0..1:11") from None
    if len(ends) > 2 or not all(0 <= end <= 1 for end in ends) or not 2 <= count <= 101:
        raise UsageError(f"--dial {text!r}: the dial stands between 0 and 1")
    return (ends[0],) if len(ends) == 1 else tuple(ends[0] + (ends[1] - ends[0]) * at / (count - 1) for at in range(count))


def freedom_of(text: str) -> int:
    """Degrees of freedom of a copula, 0 for the Gaussian one. Raises UsageError for other words."""
    if text == "gaussian":
        return 0
    if text[:1] == "t" and text[1:].isdigit() and 2 <= int(text[1:]) <= 100:
        return int(text[1:])
    raise UsageError(f"--copula {text!r}: write gaussian, or t2 to t100")


def _scenarios(arguments: argparse.Namespace, picture: Picture) -> list[str]:
    """The ids asked for; all of the desk's where nothing else is asked."""
    from monitor.stress.scenarios import scenarios_of

    known = list(scenarios_of(picture.session.desk))
    wanted = arguments.scenario or ([] if arguments.grid or arguments.reverse or _simulates(arguments) else ["all"])
    for name in wanted:
        if name != "all" and name not in known:
            raise UsageError(nearest("no scenario is called", name, known) if known else "the desk has no scenarios")
    return known if "all" in wanted else wanted


def _explained(arguments: argparse.Namespace, picture: Picture) -> str:
    """The tree of one covenant in one world, or on one of the paths."""
    from monitor.report.explain import tree_text
    from monitor.stress.ground import ground_of
    from monitor.stress.scenarios import scenarios_of, staged
    from monitor.stress.world import explain_in
    from rules.grids import parse_shocks, shocked

    facility, _, covenant = arguments.explain.partition("/")
    if facility not in picture.book.ids:
        raise UsageError(nearest("no facility is called", facility, list(picture.book.ids)))
    names = [one.covenant.id for one in picture.book.tests if picture.book.ids[one.facility] == facility]
    if covenant not in names:
        raise UsageError(nearest(f"{facility} has no covenant called", covenant, names))
    if _simulates(arguments):
        from monitor.stress.drawn import explain_drawn

        asked = _asked(arguments)
        assert asked is not None
        ground = ground_of(picture, arguments.facility)
        rows = [n for n in range(len(ground.rows)) if ground.name(n) == arguments.explain]
        if not rows:
            raise UsageError(f"{arguments.explain} is not simulated: there is no path to explain")
        return explain_drawn(ground, rows[0], asked, line_width(arguments))
    if arguments.scenario:
        ids = _scenarios(arguments, picture)
        stage = staged(picture, scenarios_of(picture.session.desk)[ids[0]], [facility], covenant)
        ground, worlds = stage.ground, stage.worlds
        what = ids[0]
    elif arguments.at:
        ground = ground_of(picture, [facility], covenant)
        worlds = shocked(ground.now, [parse_shocks(arguments.at)])
        what = arguments.at
    else:
        raise UsageError('--explain needs a world: --at "BTC.price=-40%", --scenario NAME, or --paths N (one path)')
    if not len(ground.rows):
        raise UsageError(f"{arguments.explain} is not computed: there is nothing to explain")
    return explain_in(ground, worlds, what, tree_text)
