"""A desk is read whole: what is good is kept, what is bad is told, nothing crashes."""

from __future__ import annotations

import gc
import os
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from facilities import diagnose, suspect
from facilities.lint import lint
from facilities.load import BOM, Desk, Source, load, parse
from facilities.model import DeskFile, FacilityFile, ObligorFile, RuleFile, Terms, decode_hook

BASE = Path(__file__).parent.parent / "errors" / "base"
OAK = (BASE / "facilities" / "oak.toml").read_bytes()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "desk")
    return tmp_path / "desk"


def codes(desk: Desk) -> list[str]:
    return [found.code for found in desk.problems]


def read(text: str | bytes, wanted: type[Terms] = FacilityFile) -> tuple[Any, list[str]]:
    terms, found = parse(Source("facility", "facilities/x.toml", wanted), text.encode() if isinstance(text, str) else text)
    return terms, [one.code for one in found]


def test_a_desk_has_all_its_parts(root: Path) -> None:
    desk = load(root)
    assert desk.problems == [] and desk.fatal == []
    assert desk.file is not None and desk.file.desk.name == "A small desk"
    assert list(desk.facilities) == list(desk.obligors) == ["oak"]
    assert desk.facilities["oak"].facility.commitment == Decimal(10_000_000)
    assert list(desk.rules) == ["own.toml"]
    assert desk.marks == (root / "marks" / "marks.csv",)
    assert desk.files == {
        "desk": "desk.toml",
        "facility:oak": "facilities/oak.toml",
        "obligor:oak": "obligors/oak.toml",
        "rules:own.toml": "rules/own.toml",
    }


def test_terms_print_as_they_were_written(root: Path) -> None:
    assert str(load(root).facilities["oak"].covenant[0].threshold) == "1.20"


def test_the_origin_of_a_figure_is_its_line(root: Path) -> None:
    desk = load(root)
    assert desk.origin("facility:oak", ("facility", "commitment")) == "facilities/oak.toml:6"
    assert desk.origin("facility:oak", ("collateral", 0, "lien", 0, "facility")) == "facilities/oak.toml:20"
    assert desk.origin("facility:oak", ("covenant", 0, "watch", "headroom_pct")) == "facilities/oak.toml:22"
    assert desk.origin("rules:own.toml", ("quantity", "spare_cash", "formula")) == "rules/own.toml:2"
    assert desk.origin("obligor:oak", ("treasury", 0)) == "obligors/oak.toml"
    with pytest.raises(KeyError):
        desk.origin("facility:elm", ("facility",))


def test_the_origin_outlives_the_file(root: Path) -> None:
    desk = load(root)
    (root / "facilities" / "oak.toml").unlink()
    assert desk.origin("facility:oak", ("facility", "commitment")) == "facilities/oak.toml"


def test_the_digest_tells_names_and_bytes_apart(root: Path) -> None:
    digests = {load(root).digest}
    (root / "obligors" / "oak.toml").rename(root / "obligors" / "oak2.toml")
    digests.add(load(root).digest)
    (root / "desk.toml").write_bytes((root / "desk.toml").read_bytes() + b"\n")
    digests.add(load(root).digest)
    assert len(digests) == 3 and all(len(digest) == 64 for digest in digests)
    assert load(root).digest == load(root).digest


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"", "F011"),
        (b"\n# nothing\n", "F011"),
        (b"[facility", "F005"),
        (b"a = 1\na = 2", "F005"),
        (b"\xff\xfe[\x00", "F003"),
        (b"\x00", "F005"),
        (b"a = " + b"[" * 100_000, "F006"),
        (b"a." * 100_000 + b"a = 1", "F006"),
        (OAK + b"[" + b"a." * 900 + b"a]", "F014"),
        (b"a = 1e99999999999999999999", "F017"),
        (b"a = " + b"9" * 5000, "F017"),
        (OAK.replace(b"10_000_000", b"1" * 30), "F017"),
        (OAK + b"[[amendment]]\nid = 'a'\nsigned = 2026-01-01\neffective = 2026-01-01\n[amendment.facility" + b".a" * 700 + b"]\n", "F014"),
    ],
)
def test_a_bad_facility_is_told_and_the_rest_stays(root: Path, bad: bytes, code: str) -> None:
    (root / "facilities" / "bad.toml").write_bytes(bad)
    desk = load(root)
    assert set(codes(desk)) == {code}
    assert list(desk.facilities) == ["oak"] and desk.file is not None
    assert desk.problems[0].place.file == "facilities/bad.toml"
    assert desk.fatal == []


def test_files_that_are_no_files(root: Path) -> None:
    folder = root / "facilities"
    (folder / "a-folder.toml").mkdir()
    (folder / "b-loop.toml").symlink_to("b-loop.toml")
    (folder / "c-nowhere.toml").symlink_to("gone.toml")
    os.mkfifo(folder / "d-pipe.toml")
    (folder / ".#hidden.toml").symlink_to("editor")
    (folder / "note.txt").write_text("not toml")
    desk = load(root)
    assert codes(desk) == ["F001"] * 4
    assert list(desk.facilities) == ["oak"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(root: Path) -> None:
    (root / "obligors" / "oak.toml").chmod(0)
    desk = load(root)
    assert codes(desk) == ["F001"] and desk.obligors == {}


def test_a_missing_permission_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    def refuse(path: Path, *args: Any) -> Any:
        if path.name == "own.toml":
            raise PermissionError(13, "Permission denied")
        return real(path, *args)

    monkeypatch.setattr(Path, "open", refuse)
    desk = load(root)
    assert [str(found).splitlines()[1] for found in desk.problems] == ["  permission denied"]
    assert desk.fatal == desk.problems


@pytest.mark.parametrize("where", ["nothing", "desk.toml"])
def test_no_desk_is_a_clear_problem(root: Path, where: str) -> None:
    (root / "desk.toml").unlink()
    desk = load(root / where)
    assert codes(desk) == ["D001"] and desk.file is None and desk.fatal
    assert "there is no folder" in desk.problems[0].message


@pytest.mark.parametrize("name", ["desk.toml", "rules/own.toml"])
def test_a_bad_desk_or_rule_file_is_fatal(root: Path, name: str) -> None:
    (root / name).write_text("[desk]\nnames = 'x'\n")
    assert {found.place.file for found in load(root).fatal} == {name}


def test_lone_desk_toml_is_a_desk(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text('[desk]\nname = "empty"\n')
    desk = load(tmp_path)
    assert desk.problems == [] and lint(desk, set()) == [] and desk.facilities == {} and desk.marks == ()


def test_crlf_reads_as_lf_and_keeps_its_places(root: Path) -> None:
    terms, found = read(OAK.replace(b"\n", b"\r\n"))
    assert found == [] and terms == read(OAK)[0]
    _, problems = parse(Source("facility", "x", FacilityFile), OAK.replace(b"\n", b"\r\n").replace(b"commitment", b"comitment"))
    assert (str(problems[0].place), problems[0].place.text) == ("x:6:1", "comitment = 10_000_000")


def test_a_byte_order_mark_does_not_hide_the_rest() -> None:
    terms, found = read(BOM + OAK.replace(b"commitment", b"comitment"))
    assert terms is None and found == ["F004", "F014"]


def test_every_problem_of_a_file_is_told_in_its_order() -> None:
    text = OAK.decode().replace("10_000_000", '"5"').replace("400", "true").replace("maintenance", "maintainance") + "odd = 1\n"
    _, problems = parse(Source("facility", "x", FacilityFile), text.encode())
    assert [(found.code, found.place.line) for found in problems] == [("F016", 6), ("F012", 13), ("F013", 25), ("F014", 28)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('commitment = "5"', "F016"),
        ('commitment = " 5 "', "F016"),
        ('commitment = "\\u0035"', "F016"),
        ('commitment = "NaN"', "F016"),
        ("commitment = '''\n5'''", "F016"),
        ("commitment = [{ from = 2026-01-01, value = '1e3' }]", "F016"),
        ("commitment = true", "F012"),
        ("commitment = 2026-01-01", "F012"),
        ("commitment = [1, 2]", "F012"),
        ("commitment = { value = 1 }", "F012"),
        ("upfront_fee_pct = +inf", "F015"),
        ("upfront_fee_pct = -1e25", "F017"),
        ("closing = 2026-01-01T00:00:00Z", "F018"),
        ('closing = "2026-02-30"', "F018"),
        ("closing = 10:00:00", "F018"),
        ("illustrative = 1", "F012"),
        ("name = 5", "F012"),
        ("guarantor = [5]", "F012"),
        ("sources = { commitment = 5 }", "F012"),
    ],
)
def test_values_that_decoding_alone_would_not_refuse_well(line: str, code: str) -> None:
    text = f'[facility]\nid = "a"\n{"" if line.startswith("name") else "name = 1_0 # "}\nkind = "term"\nborrower = "b"\n'
    text = text.replace("name = 1_0 # ", 'name = "n"') + line + "\n"
    terms, found = read(text)
    assert terms is None and set(found) == {code}


@pytest.mark.parametrize(
    "line",
    [
        'clause = "6.12"',
        'note = "5"',
        "sources = { threshold = '8' }",
        "round = 0",
        'cure = { kind = "cash", window = "5BD", from = "test_date", until = "2028" }',
    ],
)
def test_texts_that_look_like_numbers_are_texts(line: str) -> None:
    terms, found = read(OAK.decode() + line + "\n")
    assert found == [] and terms is not None


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("covenant.dscr = { treshold = 1.1 }", ["F014"]),
        ("covenant.dscr = { threshold = '1.1' }", ["F016"]),
        ("covenant.dscr = { class = 'maintain' }", ["F013"]),
        ("covenant.dscr = { cure = { kind = 'equity' } }", ["F011", "F011"]),
        ("interest = { spread_bp = nan }", ["F015"]),
        ("facility = { maturity = '2029-13' }", ["F018"]),
        ("facility = { kind = 'abl', maturity = '2029' }", []),
        ("covenant = 5", ["F012"]),
    ],
)
def test_amended_values_fit_what_they_replace(keys: str, found: list[str]) -> None:
    head = OAK.decode() + "\n[[amendment]]\nid = 'a'\nsigned = 2026-01-01\neffective = 2026-01-01\n"
    assert read(head + keys + "\n")[1] == found


def fields(info: inspect.Type, key: str = "") -> list[tuple[str, inspect.Type]]:
    """Every leaf of the schema with its key."""
    if isinstance(info, inspect.StructType):
        return [leaf for field in info.fields for leaf in fields(field.type, field.encode_name)]
    if isinstance(info, inspect.UnionType):
        return [leaf for option in info.types for leaf in fields(option, key)]
    if isinstance(info, inspect.ListType):
        return fields(info.item_type, key)
    return fields(info.value_type, key) if isinstance(info, inspect.DictType) else [(key, info)]


LEAVES = [leaf for wanted in (DeskFile, FacilityFile, ObligorFile, RuleFile) for leaf in fields(inspect.type_info(wanted))]


def test_every_count_of_the_schema_has_its_range() -> None:
    assert {key for key, info in LEAVES if isinstance(info, inspect.IntType)} == set(suspect.COUNTS)


def test_every_figure_of_the_schema_is_watched_for_quotes() -> None:
    assert {key for key, info in LEAVES if isinstance(info, inspect.DecimalType)} <= suspect.FIGURES | {"lines"}


SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.sampled_from(["5", "x", "2028-03", "term", ">=", "SOFR", "48h"]),
    st.dates(),
)
KEYS = st.sampled_from(["id", "value", "from", "date", "amount", "rung", "above", "state", "lines", "threshold", "x"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)
NAMES = st.sampled_from(sorted({key for key, _ in LEAVES} | {"covenant", "interest", "test"}))


@settings(max_examples=300)
@given(st.dictionaries(NAMES, VALUES, max_size=5), st.data())
def test_diagnosis_and_decoding_agree(extra: dict[str, Any], data: st.DataObject) -> None:
    """Whatever decoding refuses has a problem with a code; whatever has none decodes."""
    raw = tomli.loads(OAK.decode(), parse_float=Decimal)
    table = data.draw(st.sampled_from([raw, raw["facility"], raw["interest"], raw["covenant"][0], raw["collateral"][0]]))
    table.update(extra)
    found = diagnose.diagnose("x", OAK.decode(), raw, FacilityFile)
    try:
        msgspec.convert(raw, FacilityFile, dec_hook=decode_hook)
    except msgspec.ValidationError:
        assert found
    else:
        assert not found or suspect.suspect(raw)


def test_ten_thousand_covenants(root: Path) -> None:
    rows = "".join(
        f'\n[[covenant]]\nid = "c{number}"\nclass = "maintenance"\ntested_by_us = false\nthreshold = 1.2\ngrace = "{number}d"\n'
        for number in range(10_000)
    )
    oak = root / "facilities" / "oak.toml"
    oak.write_bytes(OAK + rows.encode())
    desk = load(root)
    assert desk.problems == [] and len(desk.facilities["oak"].covenant) == 10_001
    assert lint(desk) == []
    oak.write_text(oak.read_text().replace('d"\n', 'days"\n').replace("thresh", "tresh"))
    assert codes(load(root)) == ["F014"] * 10_001
    assert load(root).problems[-1].place.line == len(OAK.splitlines()) + 7 * 9_999 + 6


@pytest.mark.parametrize("running", [True, False])
def test_the_garbage_collector_is_left_as_it_was(root: Path, running: bool) -> None:
    was = gc.isenabled()
    (gc.enable if running else gc.disable)()
    try:
        load(root)
        assert gc.isenabled() is running
    finally:
        (gc.enable if was else gc.disable)()


def test_a_facility_whose_borrower_is_nobody_is_kept_under_its_id_alone(root: Path) -> None:
    elm = OAK.replace(b'id = "oak"', b'id = "elm"', 1).replace(b'borrower = "oak"', b'borrower = "oack"')
    (root / "facilities" / "file-name.toml").write_bytes(elm)
    desk = load(root)
    assert desk.problems == []
    assert [(found.code, str(found.place)) for found in lint(desk)] == [("F021", "facilities/file-name.toml:5:12")]
    assert desk.facility_ids == {"oak", "elm"} and desk.obligor_ids == {"oak"}
    (root / "obligors" / "oack.toml").write_text("[obligor\n")
    assert codes(load(root)) == ["F005"]


def test_an_amendment_may_not_say_what_the_agreement_may_not(root: Path) -> None:
    amendment = '\n[[amendment]]\nid = "a"\nsigned = 2026-01-01\neffective = 2026-01-01\n'
    legal = "facility.commitment = [{ from = 2026-01-01, value = 0 }]\ninterest.spread_bp = -5\ncovenant.dscr.threshold = -1\n"
    terms, found = read(OAK.decode() + amendment + legal)
    assert terms is not None and found == []
    assert read(OAK.decode() + amendment + legal.replace("value = 0", "value = -1"))[1] == ["F051"]
