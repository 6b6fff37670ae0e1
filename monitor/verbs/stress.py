"""`covenant stress`: grids and scenarios, correlated paths, and the nearest joint breach."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from monitor.places import UsageError
from monitor.verbs.asking import line_width, nearest, open_session, picture_of, put

if TYPE_CHECKING:
    from monitor.assess import Picture


def run(arguments: argparse.Namespace) -> int:
    """What was asked for, in the chosen format. Raises UsageError for shocks, names and numbers that cannot be."""
    from rules.grids import ShockError

    try:
        return _run(arguments)
    except ShockError as error:
        raise UsageError(str(error)) from None


def _run(arguments: argparse.Namespace) -> int:
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
    made = answer(ground, arguments.grid, _scenarios(arguments, picture), arguments.facility)
    write = {"json": json_of, "csv": csv_of}.get(arguments.format)
    put(arguments, write(made) if write else text_of(made, line_width(arguments)))
    return 0


def _scenarios(arguments: argparse.Namespace, picture: Picture) -> list[str]:
    """The ids asked for; all of the desk's where nothing else is asked."""
    from monitor.stress.scenarios import scenarios_of

    known = list(scenarios_of(picture.session.desk))
    wanted = arguments.scenario or ([] if arguments.grid else ["all"])
    for name in wanted:
        if name != "all" and name not in known:
            raise UsageError(nearest("no scenario is called", name, known) if known else "the desk has no scenarios")
    return known if "all" in wanted else wanted


def _explained(arguments: argparse.Namespace, picture: Picture) -> str:
    """The tree of one covenant in one world."""
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
        raise UsageError('--explain needs a world: --at "BTC.price=-40%", or --scenario NAME')
    if not len(ground.rows):
        raise UsageError(f"{arguments.explain} is not computed: there is nothing to explain")
    return explain_in(ground, worlds, what, tree_text)
