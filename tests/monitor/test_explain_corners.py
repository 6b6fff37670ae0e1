"""Every quantity and every leaf of the language can be asked of every facility, whatever the facility lacks; nothing crashes."""

from __future__ import annotations

import json

import pytest

from monitor import cli
from monitor.assess import Picture, assess
from monitor.places import SHIPPED
from monitor.report.explain import explain_quantity, tree_text
from monitor.session import moments, open_desk
from rules.vocabulary import PRIMITIVES

BARE = '[facility]\nid = "bare"\nname = "Bare"\nkind = "term"\nborrower = "nobody"\nillustrative = true\n'


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Picture]:
    root = tmp_path_factory.mktemp("bare")
    (root / "facilities").mkdir()
    (root / "desk.toml").write_text('[desk]\nname = "Bare"\nas_of = 2026-10-08\n')
    (root / "facilities" / "bare.toml").write_text(BARE)
    sessions = [open_desk(place) for place in (SHIPPED, root)]
    return [assess(session, *moments(session, None, None)) for session in sessions]


def test_every_quantity_and_leaf_of_every_facility_is_explained(pictures: list[Picture]) -> None:
    asked = 0
    for picture in pictures:
        for place, facility in enumerate(picture.book.ids):
            leaves = [name for name, one in PRIMITIVES.items() if one.texts is None]
            for name in [*picture.book.definitions[place].quantities, *leaves]:
                tree = explain_quantity(picture, facility, name)
                assert tree.value is not None or tree.reason, f"{facility} {name}: unknown, and not said why"
                assert tree_text(tree)
                asked += 1
    assert asked > 1000


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_depth_cuts_text_and_json_alike(depth: int, capsys: pytest.CaptureFixture[str]) -> None:
    def levels(node: dict[str, object]) -> int:
        inner = node["children"]
        assert isinstance(inner, list)
        return 1 + max((levels(child) for child in inner), default=-1) if inner else 0

    assert cli.main(["explain", "tamar-h100/dscr", "--depth", str(depth), "--format", "json"]) == 0
    assert levels(json.loads(capsys.readouterr().out)["explained"]["dscr"]) == depth
    assert cli.main(["explain", "tamar-h100/dscr", "--depth", str(depth)]) == 0
    drawn = [line for line in capsys.readouterr().out.splitlines() if "─ " in line]
    assert max((line.index("─ ") // 3 + 1 for line in drawn), default=0) == depth
