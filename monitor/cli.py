"""The command line: reads arguments, owns stdout, stderr and the exit code; every verb is one module of `monitor.verbs`.

stdout is data only, messages go to stderr. 0 all pass, 1 look, 2 open failure, 3 unknown, 64 usage, 65 bad desk or
marks, 70 our own fault, 74 input or output, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn, TypeAlias

from monitor.report.formats import WRITERS
from monitor.version import VERSION

USAGE, DATA, INTERNAL, IO, INTERRUPTED = 64, 65, 70, 74, 130
FORMATS = {
    **{verb: tuple(names) for verb, names in WRITERS.items()},
    "explain": ("text", "json"),
    "lint": ("text", "json"),
    "calendar": ("text", "json", "ics"),
    "obligors": ("text", "json"),
    "project": ("text", "json", "csv", "md"),
    "replay": ("text", "csv", "json"),
    "rules": ("text", "json", "md"),
    "sector": ("text", "json", "md"),
    "test": ("text", "json"),
    "stress": ("text", "json", "csv"),
}


class _Parser(argparse.ArgumentParser):
    """argparse with the exit code of a usage error that sysexits gives, and the nearest verb named."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        sys.stderr.write(f"{self.prog}: {message}\n{self.prog}: try '{self.prog} --help'\n")
        raise SystemExit(USAGE)


RECORDING = {
    "event": "record what happened: a delivery, a waiver, a cure, a notice, money or collateral",
    "journal": "what was recorded: list, verify, export, import",
    "marks": "what is known of each mark: list, set, approve, import",
}
"""The verbs around the journal: their grammar is read only when one of them is asked for."""


DRAWING = {
    "chart": "ratios, debt, the rollover wall, the breach map and the marks, drawn as text",
    "serve": "the screens in a browser, on this machine unless told otherwise",
}
"""The verbs that draw, read likewise."""


ANALYSES = {
    "liquidate": "paper LTV beside what a forced sale of the collateral would bring",
    "chain": "who defaults after whom, on which day, by which clause",
    "cure": "the least money, coins or machines that restore a facility",
    "spread": "what loans must earn for their expected loss, beside what they pay and what the market pays",
}
"""What may come, read likewise."""


_Verbs: TypeAlias = "argparse._SubParsersAction[_Parser]"


def parser(words: Sequence[str] = (*RECORDING, *DRAWING, *ANALYSES, "stress")) -> argparse.ArgumentParser:
    """The grammar of the command; of the journal, of drawing and of what may come only the verbs that `words` names."""
    top = _Parser(
        prog="covenant",
        description="Covenant monitor for GPU, data-centre and bitcoin-miner debt: what fails, at which price, and why.",
        epilog="exit codes: 0 all pass, 1 watch or an indication, 2 default, call or tested fail, 3 unknown, "
        "64 usage, 65 bad desk or marks, 70 internal, 74 I/O",
    )
    top.add_argument("--version", action="version", version=f"covenant {VERSION}")
    shared = _shared()
    verbs = top.add_subparsers(
        dest="verb", metavar="VERB", parser_class=_Parser, prog=top.prog
    )  # prog given: else argparse formats a usage text to find it
    named = _standing(verbs, shared) | _in_time(verbs, shared) | _desk_as_code(verbs, shared)
    says = "what if: grids, scenarios, correlated paths, the nearest joint breach"
    named["stress"] = verbs.add_parser("stress", parents=[shared], help=says)
    if "stress" in words:
        from monitor.grammar import teach_stress

        teach_stress(named["stress"])
    for verb, one in named.items():
        one.add_argument("--format", choices=FORMATS[verb], default="text", help="default: text")
        one.add_argument("-o", "--output", metavar="FILE", help="write there instead of to standard output")
    for verb, says in RECORDING.items():
        one = verbs.add_parser(verb, help=says, formatter_class=argparse.RawDescriptionHelpFormatter)
        if verb in words:
            from monitor.grammar import teach

            teach(verb, one)
    for verb, says in DRAWING.items():
        one = verbs.add_parser(verb, parents=[shared], help=says)
        if verb in words:
            from monitor import drawing

            drawing.teach(verb, one)
    for verb, says in ANALYSES.items():
        one = verbs.add_parser(verb, parents=[shared], help=says)
        if verb in words:
            from monitor import analyses

            analyses.teach(verb, one)
    return top


def _standing(verbs: _Verbs, shared: _Parser) -> dict[str, _Parser]:
    """Where the desk stands now; those returned answer in a format."""
    watch = verbs.add_parser("watch", parents=[shared], help="the terminal screens; without a terminal the text board")
    watch.add_argument("--ascii", action="store_true", help="draw with ASCII only")
    watch.add_argument("--mouse", action="store_true", help="let the mouse in")
    watch.add_argument("--read-only", action="store_true", help="nothing can be written or recorded, as for an SSH forced command")
    check = verbs.add_parser("check", parents=[shared], help="one line per problem, and the exit code")
    check.add_argument("--fail-on", metavar="SEVERITY", help="count only what is at least this severe, such as tested_fail or watch")
    report = verbs.add_parser("report", parents=[shared], help="the whole breach report")
    explain = verbs.add_parser("explain", parents=[shared], help="the arithmetic of a covenant or quantity, leaf by leaf")
    explain.add_argument("name", metavar="FACILITY[/COVENANT]", help="a facility, or one of its covenants")
    explain.add_argument("covenant", nargs="?", metavar="COVENANT", help="a covenant of the facility, or any quantity such as ltv")
    explain.add_argument("--depth", type=_levels, help="levels of the tree to show")
    for one in (check, report):
        one.add_argument("--since", metavar="WHEN", help="tell what changed since then, judged with what was known then")
    lint = verbs.add_parser("lint", parents=[shared], help="check the desk's files; 65 when one has an error")
    calendar = verbs.add_parser("calendar", parents=[shared], help="what is due when, and what each group must roll over")
    calendar.add_argument("--horizon", metavar="WHEN", default="1y", help="how far ahead: a date, or a duration such as 90d; default: 1y")
    obligors = verbs.add_parser("obligors", parents=[shared], help="each obligor group looked through: debt, coins, cash, its own past")
    obligors.add_argument("group", nargs="?", metavar="GROUP", help="only this group")
    return {"check": check, "report": report, "explain": explain, "lint": lint, "calendar": calendar, "obligors": obligors}


def _in_time(verbs: _Verbs, shared: _Parser) -> dict[str, _Parser]:
    """What was, and what will be."""
    replay = verbs.add_parser("replay", parents=[shared], help="what would have been said day by day, with what was known then")
    replay.add_argument("--from", dest="first", metavar="DATE", help="the first day; default: a year before the last")
    replay.add_argument("--to", dest="last", metavar="DATE", help="the last day; default: the last one over at the as-of")
    replay.add_argument("--step", metavar="SPAN", default="1d", help="from day to day: 1d, 7d, 1m; default: 1d")
    replay.add_argument("--covenant", metavar="NAME", help="only this covenant, as COVENANT or FACILITY/COVENANT; its chart is drawn large")
    replay.add_argument("--changes", action="store_true", help="only covenants of which something changed, and nothing drawn")
    replay.add_argument("--ascii", action="store_true", help="draw with ASCII only")
    replay.add_argument("--every-day", action="store_true", help="in csv and json one row a day")
    replay.add_argument("--within", type=_levels, default=90, metavar="DAYS", help="an alarm is false when no tested fail came within; 90")
    project = verbs.add_parser("project", parents=[shared], help="every covenant on every future test date, and which fails first")
    project.add_argument("name", nargs="*", metavar="FACILITY", help="only these facilities; default: all of ours")
    project.add_argument(
        "--rent-decay", metavar="LIST", help="a case for each yearly fall of rents, such as 20%%,30%%; default: the desk's curves"
    )
    project.add_argument(
        "--horizon", metavar="WHEN", help="the last day: a date, or a duration such as 3y; default: the last payment, at most 10 years"
    )
    project.add_argument("--covenant", metavar="ID", help="only this covenant")
    project.add_argument(
        "--cure-with", metavar="LIST", help="deem failing tests cured where the agreement lets them: equity, prepayment; default: none is"
    )
    return {"project": project, "replay": replay}


def _desk_as_code(verbs: _Verbs, shared: _Parser) -> dict[str, _Parser]:
    """The files of a desk: begun, described, looked up, tested; those returned answer in a format."""
    init = verbs.add_parser("init", help="a commented starter desk in a new folder")
    init.add_argument("folder", metavar="DIR", help="a folder that is empty or not there yet")
    schema = verbs.add_parser("schema", parents=[_desk()], help="JSON Schema of the desk's files, for editors")
    schema.add_argument("kind", nargs="?", metavar="KIND", help="the kind of file, such as desk or sector; default: all of them, by kind")
    schema.add_argument("--write", metavar="DIR", help="write them into .schema/ of the desk in DIR")
    schema.add_argument("-o", "--output", metavar="FILE", help="write there instead of to standard output")
    rules = verbs.add_parser("rules", parents=[shared], help="the definitions in force: formulas, units, sources")
    rules.add_argument("name", nargs="?", metavar="NAME", help="one quantity, rule, line or word of the language, whole")
    sector = verbs.add_parser("sector", parents=[shared], help="claims about the market against published figures, groups side by side")
    test = verbs.add_parser("test", parents=[_desk()], help="the unit tests of covenants")
    test.add_argument("path", nargs="*", metavar="PATH", help="test files and folders; default: the desk's tests/*.toml")
    test.add_argument("--run", metavar="GLOB", help="only the cases so called; without * any part of the name")
    test.add_argument("--coverage", action="store_true", help="list the covenants that no test expects anything of")
    test.add_argument("--boundaries", action="store_true", help="try the thresholds of every covenant, not only of those tested")
    return {"rules": rules, "sector": sector, "test": test}


def _levels(text: str) -> int:
    """A number of levels, 0 or more."""
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"not a number of levels: {text!r}")
    return int(text)


def _desk() -> _Parser:
    desk = _Parser(add_help=False)
    desk.add_argument(
        "--desk",
        metavar="DIR",
        default=os.environ.get("COVENANT_DESK"),
        help="the desk's folder (or COVENANT_DESK); default: the desk that ships inside",
    )
    return desk


def _shared() -> _Parser:
    shared = _Parser(add_help=False, parents=[_desk()])
    shared.add_argument(
        "--as-of",
        metavar="WHEN",
        help="a date (its end), an instant such as 2026-10-08T09:00:00Z, or today; default: what desk.toml pins, else now",
    )
    shared.add_argument("--known-at", metavar="WHEN", help="judge with what was known then; default: the as-of")
    shared.add_argument("--facility", metavar="ID", action="append", help="only this facility; may be repeated")
    return shared


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing but SystemExit for usage and help leaves it."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "watch")
    if sys.stdout is None:  # closed by the caller: nowhere to answer
        return IO
    arguments = parser(words).parse_args(words)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our pipe has left, as `head` does: nobody is there to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return IO


def _run(arguments: argparse.Namespace) -> int:
    from monitor.places import DeskError, UsageError

    try:
        desk = getattr(arguments, "desk", None)
        if desk is not None and not desk.strip():  # a variable that is not set, as in a cron job: the example is not what was meant
            raise UsageError("--desk or COVENANT_DESK is empty and names no desk: give a folder, or leave both out for the example desk")
        code: int = import_module(f"monitor.verbs.{arguments.verb}").run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        raise
    except UsageError as error:
        return _tell(f"covenant: {error}", USAGE)
    except DeskError as error:
        return _tell("\n".join(str(one) for one in error.problems) or str(error), DATA)
    except OSError as error:
        return _tell(f"covenant: {error.filename or 'input or output'}: {error.strerror or error}", IO)
    except Exception as error:  # the last resort: our own fault, said so, with the trace only for those who ask
        if os.environ.get("COVENANT_DEBUG"):
            raise
        return _tell(
            f"covenant: internal error: {type(error).__name__}: {error}\ncovenant: run again with COVENANT_DEBUG=1 for the trace", INTERNAL
        )


def _tell(text: str, code: int) -> int:
    from facilities.inert import inert

    sys.stderr.write("\n".join(inert(line) for line in text.split("\n")) + "\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
