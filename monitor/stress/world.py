"""One covenant in one world, down to the leaf."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from facilities.inert import inert
from monitor.report.words import ratio
from monitor.stress.ground import Ground
from monitor.stress.shape import number
from rules.compare import FAIL, RESULTS
from rules.explain import Explainer
from rules.explained import Explained
from rules.headroom import looks_back
from rules.scope import open_scope
from rules.worlds import Worlds


def explain_in(ground: Ground, worlds: Worlds, what: str, draw: Callable[[Explained], str]) -> str:
    """The result of the ground's first row in a world (of several, in the worst), and its tree there."""
    found = ground.run(worlds)
    worst = int(found.gap[0].argmin()) if worlds.paths > 1 else 0
    one = msgspec.structs.replace(worlds, marks=worlds.marks[:, worst : worst + 1])
    test = ground.picture.book.tests[ground.rows.test[0]]
    scope = open_scope(ground.picture.book, one, ground.rows, ground.picture.state)
    form = test.on(int(ground.rows.period_end[0]))
    back = looks_back(form.numerator) or looks_back(form.denominator)
    scope.assumed, scope.modelled = False, back
    shocks: dict[str, str] = {}
    for name, before, after in zip(one.series, ground.now.marks[:, 0, 0], one.marks[:, 0, 0], strict=True):
        if before != after:
            shocks[name] = f"{name} {after:,.6g} in this world, {before:,.6g} now"

    def cite(series: int) -> tuple[str, str | None]:
        name = one.series[series]
        return shocks.get(name, f"{name} as now"), None

    tree = Explainer(ground.picture.session.desk, ground.picture.book.terms[test.facility].facility.currency, cite).test(test, scope)
    actual, code = number(found.made.actual[0, worst]), int(found.made.result[0, worst])
    operator, level = test.levels[0].operator, number(found.made.threshold[0])
    head = f"{ground.name(0)} in {inert(what)}: {ratio(actual, test.unit)}, agreed {operator} {ratio(level, test.unit)}: {RESULTS[code]}"
    lines = [head]
    if code == FAIL and found.missing[0, worst] > 0:
        lines.append(f"money missing to the level: {found.missing[0, worst]:,.2f}")
    if back:
        lines.append("a test that looks back: the tree is its window wholly modelled at these marks, as if they had held throughout;")
        start = ratio(number(ground.start.made.actual[0, 0]), test.unit)
        lines.append(f"the figure above is today's, {start}, moved by what the model moves by")
    return "\n".join([*lines, draw(tree)])
