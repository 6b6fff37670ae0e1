"""The cache gives back exactly what was read, and is ignored on the least doubt."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import facilities.cache
import facilities.load
from facilities.load import Desk, load

BASE = Path(__file__).parent.parent / "errors" / "base"
AMENDED = """
[[amendment]]
id = "first"
signed = 2026-02-01
effective = 2026-01-01
facility = { commitment = 9_500_000.50, maturity = 2029-01-31, status = "amended" }
covenant.dscr = { threshold = [{ from = 2026-03-31, value = 1.10 }], curable = true, round = 2 }
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A desk whose files are old enough to be trusted by their stamp."""
    shutil.copytree(BASE, tmp_path / "desk")
    with (tmp_path / "desk" / "facilities" / "oak.toml").open("a") as file:
        file.write(AMENDED)
    return tmp_path / "desk"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stamps count from the first moment, as they do once a file has rested."""
    monkeypatch.setattr(facilities.cache, "RACE", -(10**18))


def parsed(monkeypatch: pytest.MonkeyPatch, root: Path, folder: Path) -> tuple[Desk, list[str]]:
    """The desk, and the names of the files that had to be parsed."""
    names: list[str] = []
    real = facilities.load.parse
    monkeypatch.setattr(facilities.load, "parse", lambda source, data: (names.append(source.name), real(source, data))[1])
    desk = load(root, folder)
    monkeypatch.setattr(facilities.load, "parse", real)
    return desk, names


def test_what_comes_back_is_what_was_read(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, settled: None) -> None:
    cold = load(root)
    first, all_names = parsed(monkeypatch, root, folder)
    warm, names = parsed(monkeypatch, root, folder)
    assert len(all_names) == 4 and names == []
    assert cold == first == warm
    assert repr(warm.facilities["oak"].amendment) == repr(cold.facilities["oak"].amendment)
    assert warm.problems == []


def test_the_warm_path_needs_no_parser(root: Path, folder: Path) -> None:
    load(root, folder)
    code = (
        "import sys; from pathlib import Path; import facilities.cache; facilities.cache.RACE = -10**18\n"
        f"from facilities.load import load; desk = load(Path({str(root)!r}), Path({str(folder)!r}))\n"
        "assert desk.facilities and not desk.problems\n"
        "print([name for name in ('tomli', 'hashlib', 'difflib', 'facilities.diagnose') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_only_a_changed_file_is_parsed_again(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, settled: None) -> None:
    load(root, folder)
    oak = root / "facilities" / "oak.toml"
    oak.write_text(oak.read_text().replace("1.20", "1.25"))
    desk, names = parsed(monkeypatch, root, folder)
    assert names == ["facilities/oak.toml"]
    assert str(desk.facilities["oak"].covenant[0].threshold) == "1.25"
    assert desk == load(root)
    assert parsed(monkeypatch, root, folder)[1] == []


def test_a_file_changed_just_before_the_cache_was_written_is_read_again(root: Path, folder: Path) -> None:
    oak = root / "facilities" / "oak.toml"
    about = oak.stat()
    load(root, folder)
    oak.write_text(oak.read_text().replace("1.20", "1.25"))  # the same size, and the clock may not have moved on
    os.utime(oak, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert str(load(root, folder).facilities["oak"].covenant[0].threshold) == "1.25"


def test_a_touched_file_with_the_same_bytes_is_not_parsed(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, settled: None) -> None:
    load(root, folder)
    os.utime(root / "desk.toml", ns=(1, 1))
    assert parsed(monkeypatch, root, folder)[1] == []


def test_problems_are_told_every_time(root: Path, folder: Path, settled: None) -> None:
    (root / "facilities" / "bad.toml").write_text("[facility]\nid = 1\n")
    first, again = load(root, folder), load(root, folder)
    assert first.problems and first == again == load(root)


def test_the_digest_follows_files_that_cannot_be_kept(root: Path, folder: Path, settled: None) -> None:
    bad = root / "facilities" / "bad.toml"
    digests = set()
    for text in ("a = ", "b = ", None, "a = "):
        bad.write_text(text) if text else bad.unlink()
        assert load(root, folder).digest == load(root, folder).digest == load(root).digest
        digests.add(load(root, folder).digest)
    assert len(digests) == 3


def test_a_file_taken_away_is_gone(root: Path, folder: Path, settled: None) -> None:
    load(root, folder)
    (root / "facilities" / "oak.toml").unlink()
    assert load(root, folder) == load(root)
    assert load(root, folder).facilities == {}


def entry(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_no_damage_is_noticed_by_the_desk(root: Path, folder: Path, settled: None) -> None:
    good = load(root, folder)
    data = entry(folder).read_bytes()
    for broken in (b"", data[:-1], data[: len(data) // 2], b"\x91" * 100_000, b"\xc1", data + b"x", b"\x93\xc0\xc0\xc0"):
        entry(folder).write_bytes(broken)
        assert load(root, folder) == good
        assert entry(folder).read_bytes() != broken


def test_a_kept_number_cannot_be_of_another_type(root: Path, folder: Path, settled: None) -> None:
    good = load(root, folder)
    data = entry(folder).read_bytes()
    entry(folder).write_bytes(data.replace(b"\xa41.20", b"\xa41.2x"))
    assert load(root, folder) == good


def test_another_version_is_not_read(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, settled: None) -> None:
    load(root, folder)
    monkeypatch.setattr(facilities.cache, "_schema", lambda: [(0, 0, 0, 0)])
    assert len(parsed(monkeypatch, root, folder)[1]) == 4


@pytest.mark.parametrize("mode", [0o666, 0o620])
def test_a_cache_that_others_may_write_is_not_read(
    root: Path, folder: Path, mode: int, monkeypatch: pytest.MonkeyPatch, settled: None
) -> None:
    load(root, folder)
    entry(folder).chmod(mode)
    assert len(parsed(monkeypatch, root, folder)[1]) == 4


def test_a_link_in_place_of_the_cache_is_not_followed(root: Path, folder: Path, tmp_path: Path, settled: None) -> None:
    good = load(root, folder)
    moved = entry(folder).rename(tmp_path / "elsewhere")
    before = moved.read_bytes()
    (folder / f"{os.fsdecode(entry_name(root))}").symlink_to(moved)
    assert load(root, folder) == good
    assert moved.read_bytes() == before and not entry(folder).is_symlink()


def entry_name(root: Path) -> str:
    return facilities.cache.Cache(Path("x"), root)._path.name


@pytest.mark.parametrize("kind", ["file", "fifo"])
def test_a_cache_that_cannot_be_written_costs_nothing_but_time(kind: str, root: Path, folder: Path) -> None:
    if kind == "file":
        folder.write_text("in the way")
    else:
        folder.mkdir()
        os.mkfifo(folder / entry_name(root))
    assert load(root, folder) == load(root)


def test_the_cache_is_for_its_owner_alone(root: Path, folder: Path) -> None:
    load(root, folder)
    assert entry(folder).stat().st_mode & 0o777 == 0o600
    assert msgspec.msgpack.decode(entry(folder).read_bytes(), ext_hook=lambda _, data: bytes(data))
