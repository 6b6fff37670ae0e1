"""The arguments of the verbs around the journal: event, journal, marks."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from monitor.journal.kinds import KINDS, Wants

_MOMENT = "a date (its end; of today: now) or an instant such as 2026-10-08T09:00:00Z"


def teach(verb: str, one: argparse.ArgumentParser) -> None:
    """Add the arguments of one of the three verbs."""
    {"event": _event, "journal": _journal, "marks": _marks}[verb](one)


def teach_stress(one: argparse.ArgumentParser) -> None:
    """Add the arguments of `covenant stress`."""
    one.description = "Hold every covenant against worlds that are not today's. Without an option: every scenario of the desk."
    one.add_argument("--grid", metavar="SHOCKS", help="such as BTC.price=-60%%..+20%%,H100-SXM.rent=-60%%..+20%%:9 (the number of points)")
    one.add_argument("--scenario", metavar="NAME", action="append", help="a scenario of scenarios/*.toml, or all; may be repeated")
    one.add_argument("--dial", metavar="C", help="correlated paths at this stand of the convergence dial, 0 to 1, or along 0..1:5")
    one.add_argument("--paths", metavar="N", type=int, help="paths of the simulation; default: 10000; implies --dial 0")
    one.add_argument("--reverse", metavar="K", type=int, help="the nearest worlds in which each covenant, and up to K together, fail")
    one.add_argument("--seed", metavar="S", type=int, default=0, help="the same seed gives the same digits; default: 0")
    one.add_argument("--horizon", metavar="SPAN", default="2y", help="how far ahead, such as 18m or 3y; default: 2y")
    one.add_argument("--copula", metavar="KIND", default="gaussian", help="gaussian, or t4 for Student with 4 degrees of freedom")
    one.add_argument(
        "--weights", choices=("ewma", "plain"), default="ewma", help="of past returns; default: ewma (0.94 daily, 0.97 monthly)"
    )
    one.add_argument("--workers", metavar="N", type=int, default=1, help="processes; default: 1")
    one.add_argument("--dask", metavar="ADDRESS", help="a Dask scheduler, such as tcp://host:8786")
    one.add_argument("--closed", metavar="FORM", help="a closed form: joint:a=0.5,b=-0.5,rho=0.5 or wcdr:pd=0.02,rho=0.1,confidence=0.999")
    one.add_argument("--explain", metavar="FACILITY/COVENANT", help="the arithmetic in one world: with --at, --scenario, or --paths")
    one.add_argument("--at", metavar="SHOCKS", help="one world, such as BTC.price=-40%%,SOFR.rate=+200bp,H100-SXM.rent=1.50")


def _event(one: argparse.ArgumentParser) -> None:
    width = max(map(len, KINDS))
    lines = [f"  {kind:<{width}}  {wants.says}\n  {'':<{width}}  {_asked(wants)}" for kind, wants in KINDS.items()]
    opening = "Record what happened. Nothing recorded changes: a mistake is taken back by\na withdrawal."
    one.description = f"{opening}\n\nkinds:\n" + "\n".join(lines)
    one.epilog = (
        "The answer is the id of the entry and what it changed. An event that\n"
        "contradicts the clock, the desk, the figures or the journal is refused with the\n"
        "reason (65), and nothing is recorded. Terms are not events: they are\n"
        "[[amendment]] tables of the facility's file. Overrides of marks are recorded by\n"
        "covenant marks."
    )
    one.add_argument("kind", metavar="KIND", help="one of the kinds above")
    one.add_argument("name", metavar="FACILITY[/COVENANT]", nargs="?", help="what it is about")
    _times(one, "when it counts in law (of a notice its deemed receipt)")
    _who(one)
    one.add_argument("--amount", metavar="MONEY", help="in the facility's currency, such as 5000000 or 5_000_000")
    one.add_argument("--units", metavar="N", help="units posted or released")
    one.add_argument("--collateral", metavar="ID", help="the parcel; default: the only one")
    one.add_argument("--period-end", metavar="DATE", help="the last day of the period meant; of a cure by default the test that failed")
    one.add_argument("--until", metavar="WHEN", help="the last instant of a waiver or forbearance")
    one.add_argument("--conditions", metavar="TEXT", help="what a waiver or forbearance asks for in return")
    one.add_argument("--refers", metavar="ID", help="the entry that a withdrawal takes back")
    one.add_argument("--evidence", metavar="FILE", help="the document behind it: its sha256 and name are kept, not the file")
    _shared(one, "text", "json")
    _dry(one)


def _asked(wants: Wants) -> str:
    """What a kind needs and may carry, as options."""
    named = ("facility", "covenant")
    about = "FACILITY" if "facility" in wants.needs else ""
    about += "/COVENANT" if "covenant" in wants.needs else "[/COVENANT]" if "covenant" in wants.takes else ""
    needs = [f"--{name.replace('_', '-')}" for name in wants.needs if name not in named]
    takes = [f"[--{name.replace('_', '-')}]" for name in wants.takes if name not in named]
    return " ".join(part for part in (about, *needs, *takes) if part)


def _journal(one: argparse.ArgumentParser) -> None:
    acts = _acts(one)
    listed = acts("list", "the entries, the oldest first")
    listed.add_argument("--facility", metavar="ID", action="append", help="only of this facility; may be repeated")
    listed.add_argument("--kind", metavar="KIND", action="append", help="only of this kind (mark: observations); may be repeated")
    listed.add_argument("--known-at", metavar="WHEN", help="only what was known then, withdrawn entries left out")
    _shared(listed, "text", "json", "jsonl", "csv")
    verify = acts("verify", "prove that nothing recorded has changed; 65 names the first broken link")
    verify.add_argument("--head", metavar="SHA256", help="the journal of an earlier report (16 characters or all): must be a link")
    _shared(verify, "text", "json")
    _shared(acts("export", "every entry with its hashes, one JSON object a line"))
    taken = acts("import", "add what an export holds beyond this journal; refused where the two chains differ")
    taken.add_argument("file", metavar="FILE", help="an export; - is standard input")
    _shared(taken)
    _dry(taken)


def _marks(one: argparse.ArgumentParser) -> None:
    acts = _acts(one)
    listed = acts("list", "what is known of each series: value, source, age, policy; and overrides that wait for approval")
    listed.add_argument("--as-of", metavar="WHEN", help=_MOMENT)
    listed.add_argument("--known-at", metavar="WHEN", help="with what was known then; default: the as-of")
    _shared(listed, "text", "json", "csv")
    entered = acts("set", "enter an observation, or an override that counts once a second person approves it")
    entered.add_argument("series", metavar="SERIES", help="such as BTC.price or H100-SXM.rent.committed12m")
    entered.add_argument("value", metavar="VALUE", help="in --unit")
    entered.add_argument("--source", metavar="NAME", required=True, help="who gave the value, as the mark policies name sources")
    entered.add_argument("--unit", metavar="UNIT", help="default: the unit of the series, else of its kind")
    entered.add_argument("--override", action="store_true", help="in the place of what the sources say; needs --reason")
    entered.add_argument("--reason", metavar="TEXT", help="why")
    entered.add_argument("--as-of", dest="effective", metavar="WHEN", help=f"when it was observed: {_MOMENT}; default: now")
    entered.add_argument("--known", metavar="WHEN", help="when we knew; default: now")
    _by(entered)
    _shared(entered)
    _dry(entered)
    approve = acts("approve", "let an override count, as the second person")
    approve.add_argument("refers", metavar="ID", help="the id of the override: covenant marks list shows it")
    approve.add_argument("--known", metavar="WHEN", help="when it was approved; default: now")
    approve.add_argument("--note", metavar="TEXT", help="free text")
    _by(approve)
    _shared(approve)
    _dry(approve)
    taken = acts("import", "record the rows of a marks file as observations; rows recorded before are skipped")
    taken.add_argument("file", metavar="FILE", help="a CSV file with the columns of marks/*.csv")
    _by(taken)
    _shared(taken)
    _dry(taken)


def _acts(one: argparse.ArgumentParser) -> Callable[[str, str], argparse.ArgumentParser]:
    """A function that adds one action of a verb."""
    acts = one.add_subparsers(dest="action", metavar="ACTION", parser_class=type(one), required=True)

    def add(name: str, says: str) -> argparse.ArgumentParser:
        return acts.add_parser(name, help=says, description=says[0].upper() + says[1:] + ".")

    return add


def _times(one: argparse.ArgumentParser, effective: str) -> None:
    one.add_argument("--effective", metavar="WHEN", help=f"{effective}: {_MOMENT}; default: now")
    one.add_argument("--known", metavar="WHEN", help="when we knew; default: now")


def _who(one: argparse.ArgumentParser) -> None:
    _by(one)
    one.add_argument("--note", metavar="TEXT", help="free text")


def _by(one: argparse.ArgumentParser) -> None:
    one.add_argument("--by", metavar="WHO", help="who says so; default: the name you are logged in with")


def _dry(one: argparse.ArgumentParser) -> None:
    one.add_argument("--dry-run", action="store_true", help="judge and show, but record nothing")


def _shared(one: argparse.ArgumentParser, *formats: str) -> None:
    help_ = "the desk's folder (or COVENANT_DESK)"
    one.add_argument("--desk", metavar="DIR", default=os.environ.get("COVENANT_DESK"), help=help_)
    if formats:
        one.add_argument("--format", choices=formats, default=formats[0], help=f"default: {formats[0]}")
    one.add_argument("-o", "--output", metavar="FILE", help="write there instead of to standard output")
