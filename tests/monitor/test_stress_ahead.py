"""Random paths and the projection are one: with nothing drawn, every test says on every date what `covenant project` says then."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor import cli
from monitor.ahead.outlook import book_ahead, outlook
from monitor.assess import Picture, assess
from monitor.places import SHIPPED
from monitor.session import moments, open_desk
from monitor.stress.dates import looked_at
from monitor.stress.drivers import drivers_of
from monitor.stress.ground import ground_of
from monitor.stress.joint import Asked, plan_of
from rules.compare import FAIL, slack
from rules.simulate import Plan, judged
from rules.stressed import levels_of

SWEEP = """
[[covenant]]
id = "sweep-trigger"
rule = "dscr_fwd"
class = "trigger"
on = { operator = "<", value = 1.60, tests = 1 }
off = { operator = ">=", value = 1.80, tests = 2 }
test = { frequency = "quarterly", first = 2026-09-30 }
effects = ["cash_sweep", "trap_excess_cash"]
"""


def desk(tmp_path: Path, kind: str) -> Path:
    """The shipped desk; with a third of the excess of one loan swept, or a trigger that sweeps and traps all of it."""
    root = tmp_path / "desk"
    shutil.copytree(SHIPPED, root)
    loan = root / "facilities" / "tamar-h100.toml"
    text = loan.read_text()
    if kind == "share":
        text = text.replace("[amortisation]\n", "[amortisation]\nsweep_pct = 35\n")
    if kind == "trigger":
        text += SWEEP
    loan.write_text(text)
    return root


def picture_of(root: Path) -> Picture:
    session = open_desk(root)
    return assess(session, *moments(session, None, None))


def planned(picture: Picture, months: int) -> Plan:
    ground = ground_of(picture)
    days, looked = looked_at(ground, book_ahead(picture), months)
    return plan_of(ground, drivers_of(picture), days, Asked(months=months), 0.0, looked)


@pytest.mark.parametrize("kind", ["shipped", "share", "trigger"])
def test_with_nothing_drawn_paths_are_the_projection(tmp_path: Path, kind: str) -> None:
    picture = picture_of(desk(tmp_path, kind))
    plan = planned(picture, 36)
    still = np.repeat(plan.process.mean[:, :, None], 3, axis=2)
    made = {
        (int(plan.fold.rows.test[cell]), int(plan.fold.rows.period_end[cell])): (fails, gap.copy())
        for n, t, fails, gap in judged(plan, still)
        for cell in [n * plan.dates + t]
    }
    projected = outlook(picture).tests
    levels, seen, fed = levels_of(projected.book, projected.rows), 0, np.concatenate([one.cells for one in plan.fed])
    for row, key in enumerate(zip(projected.rows.test.tolist(), projected.rows.period_end.tolist(), strict=True)):
        if key not in made:
            continue
        fails, gap = made[key]
        operator = projected.book.tests[key[0]].levels[0].operator
        wanted = slack(operator, projected.numerator[row], projected.denominator[row], levels[row])
        assert fails.tolist() == [bool(projected.result[row, 0] == FAIL)] * 3, key
        assert gap == pytest.approx(np.repeat(wanted, 3), rel=1e-9, abs=1e-6), key
        seen += 1
    assert seen == len(made) > 60 and len(fed) >= 10


def test_money_moved_on_one_path_stays_on_it(tmp_path: Path) -> None:
    """Low rents on one path drain its reserve; the path beside it keeps what the projection has."""
    picture = picture_of(desk(tmp_path, "share"))
    plan = planned(picture, 36)
    names = [plan.worlds.series[k] for k in np.flatnonzero(plan.driver >= 0)]
    drawn = np.repeat(plan.process.mean[:, :, None], 2, axis=2)
    for d, k in enumerate(np.flatnonzero(plan.driver >= 0).tolist()):
        if ".rent." in names[d]:
            drawn[plan.driver[k], :, 1] *= 0.6
    one = plan.fed[0].assessed(plan.driver, plan.process, drawn)
    alone = plan.fed[0].assessed(plan.driver, plan.process, drawn[:, :, :1])
    assert one.actual[:, :1] == pytest.approx(alone.actual, nan_ok=True)
    owed = [n for n, t in enumerate(one.rows.test.tolist()) if one.book.tests[t].covenant.id == "dsra"]
    assert (one.actual[owed, 1] <= one.actual[owed, 0]).all() and (one.actual[owed, 1] < one.actual[owed, 0] - 0.1).any()


def test_without_volatility_the_command_says_what_project_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = desk(tmp_path, "trigger")
    settings = (root / "desk.toml").read_text()
    for size in ("volatility = 0.50", "volatility = 0.25", "volatility = 0.30", "volatility_bp = 100"):
        assert size in settings
        settings = settings.replace(size, f"{size.split(' ')[0]} = 0")
    (root / "desk.toml").write_text(settings)

    def told(*words: str) -> dict[str, Any]:
        assert cli.main([*words, "--desk", str(root), "--format", "json"]) == 0
        return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]

    joint = told("stress", "--paths", "20", "--horizon", "3y")["joint"]
    projected = told("project", "--horizon", joint["dates"][-1])
    ahead = {
        (f"{one['id']}/{test['covenant']}", at["date"]): test["result"]
        for one in projected["facilities"]
        for at in one["cases"][0]["dates"]
        for test in at["tests"]
    }
    seen = 0
    for one in joint["dials"][0]["covenants"]:
        for date, share in zip(joint["dates"], one["by_date"], strict=False):
            if share is not None:
                assert share == (1.0 if ahead[one["id"], date] == "fail" else 0.0), (one["id"], date)
                seen += 1
    assert seen > 40
