"""The arguments of the verbs that draw: chart, serve."""

from __future__ import annotations

import argparse

CHARTS = ("ratio", "debt", "map", "wall", "marks")
LOOPBACK = "127.0.0.1"
PORT = 8021


def teach(verb: str, one: argparse.ArgumentParser) -> None:
    """Add the arguments of one of the two verbs."""
    {"chart": _chart, "serve": _serve}[verb](one)


def _chart(one: argparse.ArgumentParser) -> None:
    one.add_argument("name", nargs="?", metavar="FACILITY[/COVENANT]", help="or a group for the wall, a series for marks")
    one.add_argument("covenant", nargs="?", metavar="COVENANT", help="a covenant of the facility")
    one.add_argument("--show", choices=CHARTS, help="what to draw; default: ratio of a facility, marks without one")
    one.add_argument("--from", dest="first", metavar="DATE", help="the first day; default: a year before the last")
    one.add_argument("--to", dest="last", metavar="DATE", help="the last day; default: the as-of, of a ratio or debt the end of the loan")
    one.add_argument("--x", metavar="MARK[=LOW..HIGH]", help="the mark across a map, such as BTC.price=-60%%..+20%%")
    one.add_argument("--y", metavar="MARK[=LOW..HIGH]", help="the mark upwards")
    one.add_argument("--style", choices=("braille", "block", "ascii"), default="braille", help="how dots are drawn; default: braille")
    one.add_argument("--rows", type=_rows, default=18, metavar="N", help="lines of a chart; default: 18")
    one.add_argument("-o", "--output", metavar="FILE", help="write there instead of to standard output")


def _serve(one: argparse.ArgumentParser) -> None:
    one.add_argument("--host", default=LOOPBACK, help=f"the address to listen on; default: {LOOPBACK}, this machine alone")
    one.add_argument("--port", type=_port, default=PORT, metavar="N", help=f"default: {PORT}; 0 for any that is free")
    one.add_argument(
        "--expose-to-network", action="store_true", help="allow a host other than this machine: whoever reaches the port reads the desk"
    )
    one.add_argument("--allow-recording", action="store_true", help="let the browser record and write; without it the screens only show")
    one.add_argument("--ascii", action="store_true", help="draw with ASCII only")


def _rows(text: str) -> int:
    """A number of lines, 1 to 500."""
    if not text.isdigit() or not 1 <= int(text) <= 500:
        raise argparse.ArgumentTypeError(f"not a number of lines from 1 to 500: {text!r}")
    return int(text)


def _port(text: str) -> int:
    """A port, 0 to 65535."""
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"not a port from 0 to 65535: {text!r}")
    return int(text)
