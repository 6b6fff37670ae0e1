"""Every format of the report: whole, parsable, and harmless whatever a desk's files say."""

import csv
import io
import json
import re
import unicodedata

import msgspec
import pytest
from markdown_it import MarkdownIt

from monitor.cells import width
from monitor.cli import main
from monitor.report.csv import HEADER, report_csv
from monitor.report.formats import WRITERS
from monitor.report.md import report_md, safe
from monitor.report.sections import open_sections
from monitor.report.text import report_text
from tests.monitor.coin import COINS, OWED
from tests.monitor.tui.sample_reports import covenant, event, facility, reading, report

HOSTILE = {
    "formula": '=HYPERLINK("http://x.example";1)',
    "blank-formula": "  =1+1",
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(A1)",
    "tab": "\t=1",
    "return": "\r=1",
    "wide-equals": "＝1+1",
    "escape": "\x1b[31mred\x1b]52;c;cHduZWQ=\x07",
    "lines": "two\nlines | and | pipes",
    "direction": "right\u202eto left",
    "html": "<script>alert(1)</script><img src=x>",
    "markup": "**bold** _it_ `code` ~~gone~~ [x](http://x.example) ![i](j)",
    "mention": "@someone #12 www.example.org https://x.example a@b.example `@x``y",
    "backslash": "a\\|b \\",
    "quotes": 'comma, "quote"; semicolon',
    "cells": "宽字符借款人有限公司超长名称测试宽字符" * 4,
    "long": "x" * 300,
    "number": "1e5",
    "blank": " ",
}

DESK = '[desk]\nname = {name}\nas_of = 2026-10-08\ntimezone = "America/New_York"\n'
OBLIGOR = '[obligor]\nid = "b"\nname = {name}\nillustrative = true\n'
LOAN = (
    """[facility]
id = "one"
name = {name}
"""
    + OWED
    + COINS
    + """[[covenant]]
id = "ltv"
title = {name}
clause = {name}
note = {name}
source = {name}
rule = "ltv"
threshold = 0.50
test = {{ frequency = "continuous" }}
[[covenant]]
id = "listed"
title = {name}
rule = "ltv"
threshold = 0.9
tested_by_us = false
"""
)


pytestmark = pytest.mark.usefixtures("eighty")


def desk_called(tmp_path, text):
    """A desk whose every name is `text`, with a loan that failed since yesterday."""
    root = tmp_path / "desk"
    quoted = json.dumps(text)
    for folder in ("facilities", "obligors", "marks"):
        (root / folder).mkdir(parents=True)
    (root / "desk.toml").write_text(DESK.format(name=quoted))
    (root / "obligors" / "b.toml").write_text(OBLIGOR.format(name=quoted))
    (root / "facilities" / "one.toml").write_text(LOAN.format(name=quoted))
    rows = "series,date,value,unit,source\nBTC.price,2026-10-07,130,USD/BTC,venue\nBTC.price,2026-10-08,100,USD/BTC,venue\n"
    (root / "marks" / "m.csv").write_text(rows)
    return root


def asked(capsys, root, verb, form):
    code = main([verb, "--desk", str(root), "--format", form, "--since", "2026-10-07"])
    captured = capsys.readouterr()
    assert code == 2 and "internal" not in captured.err, captured.err
    return captured.out


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(("verb", "form"), [(verb, form) for verb, forms in WRITERS.items() for form in forms])
def test_hostile_names_are_inert_in_every_format(capsys, tmp_path, name, verb, form):
    out = asked(capsys, desk_called(tmp_path, HOSTILE[name]), verb, form)
    kept = out.replace("\r\n", "\n") if form == "csv" else out
    bad = {char for char in kept if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char != "\n"}
    assert not bad
    {"csv": check_csv, "md": check_md, "jsonl": check_jsonl, "json": json.loads, "text": lambda text: check_text(text, verb)}[form](out)


def check_csv(out):
    head, *rows = csv.reader(io.StringIO(out, newline=""), strict=True)
    assert tuple(head) == HEADER and rows and all(len(row) == len(HEADER) for row in rows)
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip().startswith(("=", "+", "@", "＝")) and (not cell.startswith("-") or float(cell) < 0), cell


def check_md(out):
    parser = MarkdownIt("gfm-like")
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    html = parser.render(out)
    assert not re.search(r"<(?!/?(?:h1|h2|p|table|thead|tbody|tr|th|td|code|ul|li|br)\b)[a-z]", html), html
    for table in re.findall(r"(?:^\|.*\n?)+", out, re.MULTILINE):
        lines = table.strip().split("\n")
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1, table


def check_jsonl(out):
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[0]["type"] == "report" and {"change", "covenant"} <= {line["type"] for line in lines}


def check_text(out, verb):
    if verb == "report":
        assert all(width(line) <= 80 for line in out.splitlines())


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_shows_the_name_as_it_is(name):
    from facilities.inert import inert

    parser = MarkdownIt("gfm-like")
    html = parser.render(f"| a |\n| --- |\n| x{safe(HOSTILE[name])}x |\n")
    shown = re.sub(r"<[^>]+>", "", html.split("<td>")[1].split("</td>")[0])
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        shown = shown.replace(entity, char)
    assert " ".join(shown.split()) == " ".join(f"x{inert(HOSTILE[name])}x".split())


def test_a_change_and_both_clocks_are_told_on_the_clock_of_the_desk(capsys, tmp_path):
    root = desk_called(tmp_path, "Loan")
    loan = root / "facilities" / "one.toml"
    loan.write_text(loan.read_text().replace('frequency = "continuous" }', 'frequency = "continuous" }\ngrace = "5D"\n', 1))
    out = asked(capsys, root, "report", "text")
    assert "2026-10-14 04:00Z  in 5 days" in out and "2026-10-13 24:00 in America/New_York" in out
    assert "by marks: BTC.price 130 to 100 (-23.1%)" in out
    part = json.loads(asked(capsys, root, "report", "json"))
    (clock,) = part["clocks"]
    assert clock["local"].endswith("-04:00") and clock["passed"] is False and part["timezone"] == "America/New_York"


@pytest.mark.parametrize("cells", [40, 57, 80, 100, 120])
def test_no_line_is_wider_than_asked_and_no_figure_leaves_its_unit(cells, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(cells))
    main(["report", "--since", "2026-10-01"])
    lines = capsys.readouterr().out.splitlines()
    assert max(width(line) for line in lines) <= cells
    for line in lines[lines.index("") + 1 :]:
        assert line.endswith("drawn, USD") or not re.search(r"\b(USD|at least|at most|must be at)$", line), line
        assert not re.match(r"\s*(BTC(?!\.)|days?|points|\(\+?-?\d)", line), line


@pytest.mark.parametrize("name", HOSTILE)
def test_what_people_recorded_is_told_and_inert(name):
    one = facility("one", "Loan", 1e6, [covenant("ltv", "LTV", "pass", [reading("tested", "pass", 0.5, "<=", 0.65)])])
    many = [msgspec.structs.replace(event(HOSTILE[name], "one", "ltv"), effective=f"2026-09-{day:02}T09:00:00Z") for day in range(1, 13)]
    made = report([one], events=[*many, event("of another", "two")])
    text, md, table = report_text(made, 80), report_md(made), report_csv(made)
    check_text(text, "report"), check_md(md), check_csv(table)
    assert not {char for char in text + md if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char != "\n"}
    assert "Recorded, the latest first" in text and "Recorded, the latest first" in md and "and 3 before" in text
    assert text.index("2026-09-12") < text.index("2026-09-11") and "2026-09-01" not in text
    (row,) = csv.DictReader(io.StringIO(table, newline=""))
    assert row["events"].count("waiver amount 1,000,000") == 12 and "of another" not in row["events"]


def test_csv_and_json_hold_the_same_figures(capsys):
    main(["report", "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))
    main(["report", "--format", "json"])
    made = json.loads(capsys.readouterr().out)
    wanted = [
        (part["id"], one["id"], reading_["basis"], reading_["actual"], reading_["headroom_abs"], reading_["threshold"])
        for part in made["facilities"]
        for one in part["covenants"]
        for reading_ in one["assessments"]
    ]

    def number(text):
        return float(text) if text else None

    told = [
        (row["facility"], row["covenant"], row["basis"], number(row["actual"]), number(row["headroom_abs"]), number(row["threshold"]))
        for row in rows
        if row["basis"]
    ]
    assert told == wanted
    listed = {(part["id"], one["id"]) for part in made["facilities"] for one in part["covenants"]}
    listed |= {(part["id"], "") for part in made["facilities"] if part["faults"] or not part["covenants"]}
    assert {(row["facility"], row["covenant"]) for row in rows} == listed


def test_a_facility_that_cannot_be_read_is_in_every_format(capsys, tmp_path):
    root = desk_called(tmp_path, "Loan")
    (root / "facilities" / "two.toml").write_text("[facility\n")
    for verb, forms in WRITERS.items():
        for form in forms:
            main([verb, "--desk", str(root), "--format", form, "--since", "2026-10-07"])
            out = capsys.readouterr().out
            assert re.search(r"\btwo\b", out) or (verb, form) == ("check", "json"), (verb, form)


def test_sections_are_in_the_order_of_the_page():
    severities = ["watch", "waived", "trigger_on", "call", "indeterminate", "event_of_default", "indicative_fail", "waived", "tested_fail"]
    ends = {1: "2026-12-31T00:00:00Z", 7: "2026-10-20T00:00:00Z"}
    parts = [
        facility(
            f"f{n}",
            f"F{n}",
            1e6,
            [covenant("c", "C", name, [reading("tested", "pass", 1.3, ">=", 1.2)], legal="waived", deadline=ends.get(n))],
        )
        for n, name in enumerate(severities)
    ]
    made = report(parts)
    order = [[(part.id) for part, _ in section.rows] for section in open_sections(made)]
    assert order == [["f5", "f8"], ["f3"], ["f6"], ["f7"], ["f1"], ["f4"], ["f0"], ["f2"]]
    text = report_text(made, 80)
    places = [text.index(f"F{n}, C") for n in (5, 8, 3, 6, 7, 1, 4, 0, 2)]
    assert places == sorted(places) and "Waivers that end within 30 days" in text


def test_exceptions_of_marks_are_told(capsys, tmp_path):
    root = desk_called(tmp_path, "Loan")
    (root / "desk.toml").write_text(
        DESK.format(name='"D"') + '[[series]]\nmatch = "BTC.price"\nmin = 50\nmax = 200\nsources = ["venue", "other"]\n'
    )
    with (root / "marks" / "m.csv").open("a") as file:
        file.write("BTC.price,2026-10-08,900,USD/BTC,other\n")
    out = asked(capsys, root, "report", "text")
    assert "Marks to look at" in out and "other refused: 900 lies outside 50 to 200" in out


def test_bytes_of_a_format_reach_a_file_and_stdout(capfdbinary, tmp_path):
    import argparse

    from monitor.verbs.asking import put

    target = tmp_path / "r.bin"
    put(argparse.Namespace(output=str(target)), b"\x00\xff\n")
    assert target.read_bytes() == b"\x00\xff\n"
