"""The file itself: many writers, killed writers, full disks, torn and forged files. Nothing acknowledged is lost, no half is read."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.journal.chain import followed
from monitor.journal.ledger import read_ledger
from monitor.journal.problems import FILE
from monitor.journal.sqlite import SqliteStore
from monitor.journal.store import Moved
from monitor.places import DeskError
from tests.monitor.journal.desk import CLOCK, event

WRITER = """
import sys, itertools
from pathlib import Path
from monitor.journal.sqlite import SqliteStore
from tests.monitor.journal.desk import CLOCK, event
name, count, size = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
for n in range(count):
    try:
        store = SqliteStore(Path(sys.argv[1]), write=True)
        try:
            made = store.append([event("notice", by=name, note=f"{n} " + "x" * size)], CLOCK)
        finally:
            store.close()
    except OSError as error:
        print("refused", error.errno, flush=True)
        break
    print(name, n, made[0].id, flush=True)
"""
ROOT = Path(__file__).parents[3]


def writer(path: Path, name: str, count: int = 1_000_000, size: int = 20, **more: object) -> subprocess.Popen[str]:
    """A process that records one event after another and says so after each."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", WRITER, str(path), name, str(count), str(size)]
    return subprocess.Popen(words, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True, **more)  # type: ignore[call-overload, no-any-return]


def recorded(path: Path) -> dict[tuple[str, str], str]:
    """(writer, number) -> id of everything in a journal whose chain holds."""
    entries = read_ledger(path.parent).entries
    return {(one.by, (one.note or "").split()[0]): one.id for one in entries}


def acknowledged(said: str) -> dict[tuple[str, str], str]:
    rows = [line.split() for line in said.splitlines() if line.endswith(tuple("0123456789")) and not line.startswith("refused")]
    return {(name, n): made for name, n, made in rows}


def filled(path: Path, count: int = 12) -> Path:
    store = SqliteStore(path, write=True)
    store.append([event("notice", by=f"p{n}", note=f"{n} " + "y" * 300) for n in range(count)], CLOCK)
    store.close()
    return path


def test_writers_at_once_lose_nothing_and_chain_one_after_another(tmp_path: Path) -> None:
    path = tmp_path / FILE
    running = [writer(path, f"w{n}", 15) for n in range(4)]
    said = "".join(one.communicate(timeout=120)[0] for one in running)
    told = acknowledged(said)
    assert len(told) == 60 and recorded(path) == told
    assert not list(tmp_path.glob(".journal-*"))


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    path, told, dice = tmp_path / FILE, {}, random.Random(4)
    for number in range(5):
        one = writer(path, f"k{number}")
        assert one.stdout is not None
        said = "".join(one.stdout.readline() for _ in range(dice.randrange(2, 12)))
        one.send_signal(signal.SIGKILL)  # somewhere in what comes next
        told |= acknowledged(said + one.stdout.read())
        one.wait()
        one.stdout.close()
    have = recorded(path)
    assert len(told) >= 10
    assert told.items() <= have.items()
    assert len(have) <= len(told) + 5  # at most the one that was on disk but not yet acknowledged, each time


def test_a_full_disk_is_told_and_leaves_no_half(tmp_path: Path) -> None:
    path = tmp_path / FILE
    one = writer(path, "f", size=3000, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)))
    said = one.communicate(timeout=120)[0]
    assert "refused" in said.splitlines()[-1]
    told = acknowledged(said)
    assert len(told) > 10 and recorded(path) == told
    store = SqliteStore(path, write=True)  # room again: the chain goes on
    assert store.append([event()], CLOCK)[0].id == str(len(told) + 1)
    store.close()


def test_a_disk_that_is_full_from_the_start_leaves_no_file(tmp_path: Path) -> None:
    one = writer(tmp_path / FILE, "f", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
    assert "refused" in one.communicate(timeout=60)[0]
    assert list(tmp_path.iterdir()) == []


def test_entries_are_all_recorded_or_none(tmp_path: Path) -> None:
    path = filled(tmp_path / FILE)
    store = SqliteStore(path, write=True)
    with pytest.raises(UnicodeEncodeError):
        store.append([event(), event(note="\ud800")], CLOCK)
    store.close()
    assert len(read_ledger(tmp_path).entries) == 12


def test_who_judged_an_older_journal_is_told_so(tmp_path: Path) -> None:
    path = filled(tmp_path / FILE)
    head = read_ledger(tmp_path).head
    first, second = SqliteStore(path, write=True), SqliteStore(path, write=True)
    first.append([event()], CLOCK, head)
    with pytest.raises(Moved):
        second.append([event()], CLOCK, head)
    first.close(), second.close()
    assert len(read_ledger(tmp_path).entries) == 13


CHANGES = ["UPDATE entry SET payload = 'x' WHERE seq = 2", "DELETE FROM entry", "DELETE FROM entry WHERE seq = 12"]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_file_refuses_to_change_what_is_recorded(tmp_path: Path, statement: str) -> None:
    db = sqlite3.connect(filled(tmp_path / FILE))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)
    db.close()
    assert len(read_ledger(tmp_path).entries) == 12


FORGERIES = {
    "UPDATE entry SET payload = replace(payload, 'p4', 'p9') WHERE seq = 5": "entry 5 is not what was recorded",
    "UPDATE entry SET recorded = '2020-01-01T00:00:00Z' WHERE seq = 7": "entry 7 is not what was recorded",
    "DELETE FROM entry WHERE seq = 4": "entry 4 is missing",
    "UPDATE entry SET prev = printf('%064d', 7) WHERE seq = 9": "entry 9 does not follow entry 8",
    "UPDATE entry SET id = '77' WHERE seq = 3": "entry 3 is missing",
    "UPDATE entry SET payload = x'00ff' WHERE seq = 6": "entry 6 holds something that is no text",
}


@pytest.mark.parametrize(("statement", "told"), FORGERIES.items())
def test_the_first_broken_link_is_named(tmp_path: Path, statement: str, told: str) -> None:
    db = sqlite3.connect(filled(tmp_path / FILE))
    for trigger in ("entry_is_never_changed", "entry_is_never_removed"):
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute(statement)
    db.execute("UPDATE entry SET payload = 'x' WHERE seq = 11")
    db.commit()
    db.close()
    with pytest.raises(DeskError) as refused:
        read_ledger(tmp_path)
    assert told in refused.value.problems[0].message


def test_a_torn_file_is_whole_or_refused(tmp_path: Path) -> None:
    path = filled(tmp_path / FILE, 40)
    whole, entries = path.read_bytes(), read_ledger(tmp_path).entries
    refusals = 0
    for cut in [0, 1, 99, 100, 4095, *range(4096, len(whole), 1531)]:
        refusals += whole_or_refused(path, whole[:cut], entries)
    assert refusals > 5
    dice, flips = random.Random(7), 0
    for _ in range(250):
        place = dice.randrange(len(whole))
        flips += whole_or_refused(path, whole[:place] + bytes([whole[place] ^ (1 << dice.randrange(8))]) + whole[place + 1 :], entries)
    assert 100 < flips <= 250


def whole_or_refused(path: Path, content: bytes, entries: tuple[object, ...]) -> bool:
    """Whether reading is refused; what is read is everything."""
    for extra in ("-wal", "-shm"):
        path.with_name(path.name + extra).unlink(missing_ok=True)
    path.write_bytes(content)
    try:
        assert read_ledger(path.parent).entries == entries
        return False
    except (DeskError, OSError):
        return True


def test_reading_creates_nothing(tmp_path: Path) -> None:
    assert read_ledger(tmp_path).head is None
    assert list(tmp_path.iterdir()) == []
    filled(tmp_path / FILE)
    read_ledger(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


def test_a_folder_that_cannot_be_written_can_be_read(tmp_path: Path) -> None:
    filled(tmp_path / FILE)
    tmp_path.chmod(0o555)
    (tmp_path / FILE).chmod(0o444)
    code = f"""
import os
from pathlib import Path
from monitor.journal.chain import followed
from monitor.journal.ledger import read_ledger
from monitor.journal.sqlite import SqliteStore
from tests.monitor.journal.desk import CLOCK, event
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
root = Path({str(tmp_path)!r})
assert not os.access(root, os.W_OK)
print(len(read_ledger(root).entries))
try:
    SqliteStore(root / "{FILE}", write=True).append([event()], CLOCK)
except OSError as error:
    print("refused")
"""
    for above in tmp_path.parents:
        if os.getuid() == 0 and above.owner() == "root" and str(above).startswith("/tmp/"):
            above.chmod(above.stat().st_mode | 0o055)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    tmp_path.chmod(0o755)
    assert done.stdout.split() == ["12", "refused"], done.stderr


def test_another_program_s_file_and_a_newer_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text("not a database, but long enough to look at twice\n" * 40)
    assert code_of(tmp_path) == "J001"
    path.unlink()
    sqlite3.connect(path).execute("CREATE TABLE entry (x)").connection.close()
    assert code_of(tmp_path) == "J001"
    path.unlink()
    db = sqlite3.connect(filled(path))
    db.execute("PRAGMA user_version = 2")
    db.close()
    assert code_of(tmp_path) == "J004"


def code_of(root: Path) -> str:
    with pytest.raises(DeskError) as refused:
        read_ledger(root)
    return refused.value.problems[0].code


def test_what_this_version_cannot_read_is_refused_whole(tmp_path: Path) -> None:
    from monitor.journal.chain import GENESIS, record_of

    store = SqliteStore(tmp_path / FILE, write=True)
    store.adopt([record_of(1, GENESIS, "2026-01-01T00:00:00Z", '{"entry":"event","id":"1","kind":"from_the_future"}')], GENESIS)
    store.close()
    assert code_of(tmp_path) == "J003"


def test_an_empty_chain_is_whole() -> None:
    assert followed([]) == ([], "0" * 64)
