"""The commands around the journal as people use them: what they print, what they keep, what they refuse."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from monitor.journal.chain import GENESIS, record_of
from monitor.journal.entries import Mark, payload_of
from monitor.journal.ledger import read_ledger
from monitor.journal.problems import FILE
from monitor.journal.transfer import exported
from monitor.journal.words import COLUMNS
from monitor.memo import Memo
from rules.events import Event
from tests.monitor.journal.desk import CLOCK, Typed, make_desk

ROOT = Path(__file__).parents[3]
HOSTILE = "\x1b[2J=cmd|'/c calc'!A0 <b>\u202e"


def test_an_event_answers_with_its_id_and_what_it_changed(run: Typed, root: Path, tmp_path: Path) -> None:
    paper = tmp_path / "letter.pdf"
    paper.write_bytes(b"signed")
    assert run("event prepayment coin --amount 10_000_000", "--note", "wire") == 65
    assert run("event prepayment coin --amount 15 --effective 2026-10-08 --evidence", str(paper)) == 0
    assert run.out.splitlines()[1:] == [
        "   1  prepayment  coin",
        "      effective 2026-10-08T12:00Z, known 2026-10-08T12:00Z, by ann",
        f"      amount 15, evidence letter.pdf {hashlib.sha256(b'signed').hexdigest()[:12]}",
        "      coin: outstanding 60 -> 45 USD",
        "      coin/ltv tested: 0.6 pass -> 0.45 pass",
    ]
    assert read_ledger(root).events["1"].evidence == hashlib.sha256(b"signed").hexdigest()
    assert run("event notice coin --evidence nowhere.pdf") == 74


def test_an_event_tells_what_it_makes_of_whole_facilities_and_of_those_linked_to_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = tmp_path / "law"
    shutil.copytree(ROOT / "tests" / "desks" / "law", desk)
    run = Typed(desk, capsys)
    assert run("event missed_payment corz-equipment --effective 2022-10-26 --known 2022-10-27") == 0
    assert run.out.splitlines()[3:] == [
        "      corz-convert-1 as a whole: compliant -> default: cross-default, of corz-equipment",
        "      corz-convert-2 as a whole: compliant -> default: cross-default, of corz-equipment",
        "      corz-equipment as a whole: compliant -> default: a missed payment",
    ]


def test_what_is_recorded_shows_in_check_report_and_explain(run: Typed, root: Path) -> None:
    assert run("check --as-of 2026-10-08") == 2
    assert run("event prepayment coin --amount 15") == 0
    assert run("check --as-of 2026-10-08") == 2  # the kept answer was to another question
    assert run("report --as-of 2026-10-08 --format json") == 2
    made = json.loads(run.out)
    assert made["inputs"]["journal_sha256"] == read_ledger(root).head
    assert [(one["id"], one["kind"], one["amount"]) for one in made["events"]] == [("1", "prepayment", 15.0)]
    assert run("explain coin/ltv --as-of 2026-10-08") == 0
    assert "prepaid 2026-10-08 = -15 USD" in run.out and "journal.db:1" in run.out
    assert run("report --as-of 2026-10-08 --known-at 2026-10-08T11:00Z --format json") == 2
    assert json.loads(run.out)["events"] == []  # it was not known then


def test_the_kept_answer_knows_the_journal(root: Path, run: Typed, tmp_path: Path) -> None:
    keys = [Memo(root, (), tmp_path).key]
    for line in ("event notice coin", "event notice project"):
        assert run(line) == 0
        keys.append(Memo(root, (), tmp_path).key)
    assert len(set(keys)) == 3


def test_a_check_without_a_journal_loads_no_database(root: Path, tmp_path: Path) -> None:
    code = f"""
import sys
from monitor.cli import main
main(["check", "--as-of", "now", "--desk", {str(root)!r}])
assert "sqlite3" not in sys.modules and "monitor.journal.check" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_list_shows_filters_and_writes_every_format(run: Typed) -> None:
    assert run("event notice coin", "--note", HOSTILE) == 0
    assert run("event collateral_posted coin --units 5 --effective 2026-10-06 --known 2026-10-06") == 0
    assert run("event withdrawal --refers 2") == 0
    assert run("marks set BTC.price 90 --source venue") == 0
    assert run("journal list") == 0 and run.err == "4 of 4 entries\n"
    assert "\x1b" not in run.out and "\u202e" not in run.out and "<U+001B>" in run.out and "(withdrawn by 3)" in run.out
    assert run("journal list --facility coin --kind collateral-posted") == 0 and run.out.startswith("   2  collateral posted  coin")
    assert run("journal list --kind mark --format jsonl") == 0 and json.loads(run.out)["value"] == 90.0
    assert run("journal list --known-at 2026-10-07 --format json") == 0
    assert [one["id"] for one in json.loads(run.out)["entries"]] == ["2"]
    assert run("journal list --format csv") == 0 and "\x1b" not in run.out
    rows = list(csv.reader(io.StringIO(run.out)))
    assert rows[0] == list(COLUMNS) and [row[0] for row in rows[1:]] == ["1", "2", "3", "4"]
    assert run("journal list --format json") == 0
    assert set(json.loads(run.out)["entries"][0]) == set(COLUMNS)


def test_a_note_is_no_formula_to_a_spreadsheet(run: Typed) -> None:
    assert run("event notice coin", "--note", "=1+1", "--by", "@ann") == 0
    assert run("journal list --format csv") == 0
    assert ",'=1+1," in run.out and ",'@ann," in run.out


def test_verify_proves_and_names_the_first_broken_link(run: Typed, root: Path) -> None:
    assert run("journal verify") == 0 and run.out == "nothing is recorded\n"
    heads = []
    for number in range(4):
        assert run("event notice coin", "--note", f"n{number}") == 0
        heads.append(read_ledger(root).head)
    assert run("journal verify") == 0 and run.out == f"4 entries, every link holds, the last is {heads[-1]}\n"
    assert run(f"journal verify --format json --head {heads[1]}") == 0
    assert json.loads(run.out) == {"schema": "covenant-monitor/verify/1", "entries": 4, "head": heads[-1]}
    assert run(f"journal verify --head {str(heads[1])[:16]}") == 0 and run("journal verify --head abc") == 64
    assert run(f"journal verify --head {'0' * 63}1") == 65 and "J005" in run.err
    db = sqlite3.connect(root / FILE)
    db.execute("DROP TRIGGER entry_is_never_changed")
    db.execute("UPDATE entry SET payload = replace(payload, 'n2', 'm2')")
    db.commit()
    db.close()
    for line in ("journal verify", "journal list", "journal export", "check", "report", "event notice coin", "marks list"):
        assert run(line) == 65, line
        assert "error[J002] broken-chain journal.db" in run.err and "entry 3 is not what was recorded" in run.err
        assert run.out == ""


def test_export_and_import_carry_the_chain_and_only_what_is_new(run: Typed, root: Path, tmp_path: Path) -> None:
    for number in range(3):
        assert run("event notice coin", "--note", f"{HOSTILE} {number}") == 0
    file = tmp_path / "out.jsonl"
    assert run(f"journal export -o {file}") == 0 and run.err == "3 entries\n"
    other = Typed(make_desk(tmp_path / "other"), run.capsys)
    assert other(f"journal import {file} --dry-run") == 0 and not (other.root / FILE).exists()
    assert other(f"journal import {file}") == 0 and other.out == "3 entries added, 0 were there\n"
    assert read_ledger(other.root).entries == read_ledger(root).entries
    assert other(f"journal import {file}") == 0 and other.out == "0 entries added, 3 were there\n"
    assert other("event notice coin --note theirs") == 0
    assert run("event notice coin --note ours") == 0
    assert run(f"journal export -o {file}") == 0
    assert other(f"journal import {file}") == 65
    assert "error[J007] foreign-chain" in other.err and "entry 4 is " in other.err
    assert len(read_ledger(other.root).entries) == 4
    assert other("journal export") == 0 and other("journal export --output", str(file)) == 0


@pytest.mark.parametrize(
    ("spoil", "code", "place"),
    [
        (lambda lines: [*lines, "{"], "J006", ":4"),
        (lambda lines: [lines[0][:-20]], "J006", ":1"),
        (lambda lines: lines[1:], "J002", ":1"),
        (lambda lines: [lines[0], lines[2]], "J002", ":2"),
        (lambda lines: [lines[0], lines[1].replace("n1", "n9"), lines[2]], "J002", ":2"),
        (lambda lines: [lines[0].replace("n0", "\ufffd\x01")], "J006", ":1"),
    ],
)
def test_a_spoiled_export_is_refused_whole(run: Typed, tmp_path: Path, spoil: object, code: str, place: str) -> None:
    for number in range(3):
        assert run("event notice coin", "--note", f"n{number}") == 0
    file = tmp_path / "out.jsonl"
    assert run(f"journal export -o {file}") == 0
    lines = spoil(file.read_text().splitlines())  # type: ignore[operator]
    file.write_text("\n".join(lines) + "\n")
    other = Typed(make_desk(tmp_path / "other"), run.capsys)
    assert other(f"journal import {file}") == 65
    assert f"error[{code}]" in other.err and f"out.jsonl{place}" in other.err
    assert not (other.root / FILE).exists()


FORGED: list[tuple[str, dict[str, object], str]] = [
    ("J010", {"kind": "notice", "facility": "coyn"}, "did you mean 'coin'?"),
    ("J011", {"kind": "notice", "facility": "coin", "covenant": "ltw"}, "did you mean 'ltv'?"),
    ("J030", {"kind": "waiver", "facility": "coin", "covenant": "ltv"}, "has not failed"),
    ("J031", {"kind": "equity_cure", "facility": "coin", "covenant": "ltv", "amount": Decimal(5)}, "no right to cure"),
    ("J016", {"kind": "prepayment", "facility": "coin"}, "prepayment needs it"),
    ("J016", {"kind": "notice", "facility": "coin", "units": Decimal(3)}, "notice has no use for it"),
    ("J014", {"kind": "prepayment", "facility": "coin", "amount": Decimal(-5)}, "not above zero"),
    ("J015", {"kind": "notice", "facility": "coin", "note": " "}, "nothing is written"),
    ("J020", {"kind": "notice", "facility": "coin", "known": CLOCK + dt.timedelta(hours=1)}, "known at"),
    ("J033", {"kind": "prepayment", "facility": "coin", "amount": Decimal(61)}, "60.00 was owed"),
    ("J040", {"kind": "withdrawal", "refers": "7"}, "no entry 7"),
    ("J045", {"kind": "approval", "refers": "1"}, "entry 1 is a notice"),
    ("M019", {"kind": "mark_override", "series": "BTC.price", "value": Decimal(0), "unit": "USD/BTC", "source": "desk", "note": "x"}, ""),
    ("M020", {"series": "BTC.price", "value": 90.0, "unit": "USD/ETH", "source": "desk"}, ""),
]
"""Entries that nobody could have recorded, in a chain whose links all hold."""


def forged(path: Path, fields: dict[str, object], recorded: dt.datetime = CLOCK) -> Path:
    """An export of a good notice, the entry in question, and another notice."""
    shape = Event if "kind" in fields else Mark
    when = {"effective": CLOCK, "known": CLOCK} if shape is Event else {"as_of": CLOCK, "known": CLOCK}
    notice = {"kind": "notice", "facility": "coin", "by": "ann", "effective": CLOCK, "known": CLOCK}
    entries = [Event(id="1", **notice), shape(id="2", **{"by": "bob", **when, **fields}), Event(id="3", **notice)]  # type: ignore[arg-type]
    records, prev = [], GENESIS
    for seq, one in enumerate(entries, 1):
        at = CLOCK if seq == 1 else recorded
        records.append(record_of(seq, prev, at.isoformat().replace("+00:00", "Z"), payload_of(one)))
        prev = records[-1].hash
    path.write_text("\n".join(exported(records)) + "\n")
    return path


@pytest.mark.parametrize(("code", "fields", "reason"), FORGED, ids=[f"{code} {fields.get('kind', 'mark')}" for code, fields, _ in FORGED])
def test_an_entry_that_nobody_could_record_is_not_imported(
    run: Typed, root: Path, tmp_path: Path, code: str, fields: dict[str, object], reason: str
) -> None:
    file = forged(tmp_path / "forged.jsonl", fields)
    assert run(f"journal import {file}") == 65
    assert f"error[{code}]" in run.err and "forged.jsonl:2" in run.err and reason in run.err
    assert f"entry 2, {fields.get('kind', 'mark')}" in run.err
    assert not (root / FILE).exists()
    assert run("event notice coin --note ours") == 0
    before = read_ledger(root).entries
    assert run(f"journal import {file} --dry-run") == 65 and read_ledger(root).entries == before


def test_what_is_imported_is_judged_in_the_light_of_what_comes_with_it(run: Typed, root: Path, tmp_path: Path) -> None:
    assert run("marks set BTC.price 80 --source typed --as-of 2026-10-08T10:00:00Z --known 2026-10-08T10:00:00Z") == 0
    assert run("event waiver coin/ltv --until 2026-12-31") == 0, run.err
    file = tmp_path / "out.jsonl"
    assert run(f"journal export -o {file}") == 0
    other = Typed(make_desk(tmp_path / "other"), run.capsys)
    assert other(f"journal import {file}") == 0, other.err
    later = forged(tmp_path / "later.jsonl", {"kind": "notice", "facility": "coin"}, CLOCK + dt.timedelta(days=1))
    third = Typed(make_desk(tmp_path / "third"), run.capsys)
    assert third(f"journal import {later}") == 65 and "yet to come" in third.err and "entry 2, notice" in third.err


def test_marks_set_enters_an_observation_that_policies_see(run: Typed, root: Path) -> None:
    assert run("marks set BTC.price 90 --source venue --as-of 2026-10-08T07:00Z") == 0
    assert run("marks list --format json") == 0
    row = next(one for one in json.loads(run.out)["marks"] if one["series"] == "BTC.price")
    assert (row["value"], row["source"], row["data"], row["as_of"]) == (90.0, "venue", "good", "2026-10-08T07:00:00Z")
    assert run("marks set SOFR.rate 3.9 --unit percent --source fed --dry-run") == 0 and "0.039 fraction" in run.out
    assert run("marks set BTC.price 0 --source venue") == 65 and "M019" in run.err
    assert run("marks set BTC.price x --source venue") == 65 and "M017" in run.err
    assert run("marks set BTC 5 --source venue") == 65 and "M013" in run.err
    assert run("marks set BTC.price 5 --unit EUR --source venue") == 65 and "M020" in run.err
    assert run("marks list --as-of 2026-10-08T06:30Z --format csv") == 0
    assert next(csv.DictReader(io.StringIO(run.out)))["value"] == "100.0"
    assert len(read_ledger(root).entries) == 1


def test_an_override_counts_once_a_second_person_approves_it(run: Typed) -> None:
    assert run("marks set BTC.price 80 --source desk --override --reason down") == 0
    assert "covenant marks approve 1" in run.out
    assert run("marks list") == 0
    assert "waiting for a second person" in run.out and "overridden" not in run.out and "not approved by a second person" in run.out
    assert run("marks approve 1 --by bob --note agreed") == 0
    assert run("marks list") == 0
    assert "waiting" not in run.out and "80 USD/unit  overridden" in run.out
    assert run("explain coin/ltv --as-of 2026-10-08T13:00Z") == 0 and "journal.db:1 [desk" in run.out
    assert run("marks list --as-of 2026-10-08T11:00Z") == 0 and "100 USD/unit  good" in run.out


def test_an_override_that_was_withdrawn_is_still_there_before_that_was_known(run: Typed, root: Path, tmp_path: Path) -> None:
    asked = ("marks list --known-at 2026-10-08T10:00:00Z", "report --known-at 2026-10-08T10:00:00Z --format json")
    line = "marks set BTC.price 50 --source desk --override --reason typo --as-of 2026-10-08T09:00:00Z --known 2026-10-08T09:30:00Z"
    assert run(line) == 0, run.err
    before = []
    for one in asked:
        run(one)
        before.append(run.out.replace(read_ledger(root).head or "", "HEAD"))
    assert "waiting for a second person" in before[0] and "not approved by a second person" in before[0]
    assert run("event withdrawal --refers 1 --known 2026-10-08T11:00:00Z") == 0, run.err
    for one, then in zip(asked, before, strict=True):
        run(one)
        assert run.out.replace(read_ledger(root).head or "", "HEAD") == then
    run("marks list --known-at 2026-10-08T11:00:00Z")
    assert "waiting" not in run.out and "second person" not in run.out


def test_marks_import_records_rows_once(run: Typed, root: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text(
        "series,date,value,unit,source,known_at\nBTC.price,2026-10-07,95,USD/BTC,venue,\nBTC.price,2026-10-06,94,USD/BTC,venue,2026-10-07\n"
    )
    assert run(f"marks import {file}") == 0 and run.out == "recorded 2 observations\n"
    assert run(f"marks import {file}") == 0 and run.out == "recorded 0 observations\n"
    assert [one.known is None for one in read_ledger(root).entries] == [True, False]
    file.write_text("series,date,value,unit,source\nBTC.price,2026-10-07,0,USD/BTC,venue\n")
    assert run(f"marks import {file}") == 65 and "M019" in run.err
    assert len(read_ledger(root).entries) == 2


def test_a_mark_is_doubted_before_it_is_kept(run: Typed, root: Path, tmp_path: Path) -> None:
    for words in ("BTC.price 9", "BTC.price 9 --dry-run", "BTC.price 9 --override --reason down --dry-run"):
        assert run(f"marks set {words} --source desk") == 0
        assert "warning[L007] leap marks set" in run.err, words
        assert "BTC.price of desk: 9 is 11 times less than the 100 by venue of" in run.err, words
        (root / "journal.db").unlink(missing_ok=True)
    assert run("marks set BTX.price 90 --source desk --dry-run") == 0
    assert "[L008] unread-series marks set" in run.err and "did you mean `BTC.price`?" in run.err
    assert run("marks set BTC.price 90 --source desk --dry-run") == 0 and run.err == ""
    assert run("marks set BTC.prise 90 --source desk") == 65
    assert run.err.startswith("error[M020] unknown-unit marks set\n") and "'prise' is no known kind of mark" in run.err
    assert "did you mean `price`?" in run.err
    file = tmp_path / "more.csv"
    file.write_text("series,date,value,unit,source\nBTC.price,2027-10-07,95,USD,venue\nBCT.price,2026-10-07,95,USD,venue\n")
    assert run(f"marks import {file} --dry-run") == 0
    assert "[L009] dated-ahead more.csv:2" in run.err and "[L008] unread-series more.csv:3" in run.err


def test_a_desk_pinned_to_the_past_says_that_it_does_not_see_it(run: Typed, root: Path) -> None:
    (root / "desk.toml").write_text('[desk]\nname = "Small"\nas_of = 2026-09-01\n')
    assert run("event notice coin") == 0
    assert "pins as_of = 2026-09-01" in run.err


def test_the_help_tells_every_kind(run: Typed) -> None:
    from monitor.journal.kinds import KINDS

    with pytest.raises(SystemExit):
        run("event --help")
    out = run.capsys.readouterr().out
    for kind, wants in KINDS.items():
        assert kind in out and wants.says in out


READERS = ["journal list", "journal verify", "journal export", "journal import x.jsonl", "event notice coin", "marks list"]


@pytest.mark.parametrize("line", READERS)
def test_a_folder_that_is_no_desk_is_no_empty_journal(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    (tmp_path / "nothing").mkdir()
    run = Typed(tmp_path / "nothing", capsys)
    assert run(line) == 65 and "error[D001] no-desk" in run.err and run.out == ""
    assert list(run.root.iterdir()) == []


def command(root: Path, line: str, **more: object) -> subprocess.Popen[str]:
    """The command in a process of its own, on days long past, so that any clock will do."""
    when = ["--effective", "2024-02-01", "--known", "2024-02-01", "--desk", str(root)]
    words = [sys.executable, "-m", "monitor", *line.split(), *when]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)  # type: ignore[call-overload, no-any-return]


def test_of_two_who_release_the_same_units_at_once_one_is_refused(root: Path) -> None:
    assert command(root, "event collateral_posted coin --units 2").wait() == 0
    racing = [command(root, "event collateral_released coin --units 1") for _ in range(4)]
    said = [(*one.communicate(timeout=120), one.returncode) for one in racing]
    assert sorted(code for _, _, code in said) == [0, 0, 65, 65]
    assert all("J035" in err for _, err, code in said if code == 65)
    assert len(read_ledger(root).entries) == 3


def test_a_full_disk_is_an_input_output_error(root: Path) -> None:
    one = command(root, "event notice coin", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
    _, err = one.communicate(timeout=60)
    assert one.returncode == 74 and "journal.db: the medium failed" in err
    assert not list(root.glob("*journal*"))
