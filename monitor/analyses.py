"""The arguments of the analyses: liquidate, chain, cure, spread."""

from __future__ import annotations

import argparse
import math


def teach(verb: str, one: argparse.ArgumentParser) -> None:
    """Add the arguments of one of the verbs."""
    one.add_argument("--mark", metavar="SHOCK", action="append", help="move a mark first, such as BTC.price=-20%%; may be repeated")
    one.add_argument("--scenario", metavar="NAME", help="ask inside a scenario of scenarios/*.toml, at its worst point")
    {"liquidate": _liquidate, "chain": _chain, "cure": _cure}[verb](one)
    one.add_argument("-o", "--output", metavar="FILE", help="write there instead of to standard output")


def _liquidate(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "names", nargs="*", metavar="FACILITY", help="sold together into the same markets; default: every loan of ours, each alone"
    )
    one.add_argument("--together", action="store_true", help="all of them at once")
    one.add_argument("--alone", action="store_true", help="each alone, though several are named")
    one.add_argument("--within", type=_days, metavar="DAYS", help="how long the sale may take; default: as long as pays best")
    ways = ("steps", "flat", "sqrt", "almgren")
    one.add_argument("--impact", choices=ways, help="how a forced sale is priced; default: the step table, else flat")
    _format(one, "text", "json")


def _chain(one: argparse.ArgumentParser) -> None:
    one.add_argument("--if", dest="suppose", metavar="FACILITY[=EVENT]", help="suppose a default, acceleration or insolvency at the as-of")
    one.add_argument("--grid", metavar="SHOCKS", help="in every world of a grid, such as BTC.price=-60%%..0%%:4")
    one.add_argument("--days", type=_days, default=60.0, metavar="DAYS", help="how far to roll forward; default: 60")
    one.add_argument("--no-sales", action="store_true", help="the law alone: no fire sale moves a mark")
    _format(one, "text", "json", "dot")


def _cure(one: argparse.ArgumentParser) -> None:
    one.add_argument("name", metavar="FACILITY[/COVENANT]", help="a facility, or one of its covenants")
    one.add_argument("--haircut", type=_share, metavar="PERCENT", help="lost of the price on a sale; default: the desk's sale_cost")
    _format(one, "text", "json")


def _share(text: str) -> float:
    """A fraction written as 35% or 0.35."""
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = math.nan
    if not (0 <= share < 1):
        raise argparse.ArgumentTypeError(f"not a share below the whole: {text!r}; write 35% or 0.35")
    return share


def _format(one: argparse.ArgumentParser, *formats: str) -> None:
    one.add_argument("--format", choices=formats, default="text", help="default: text")


def _days(text: str) -> float:
    """A number of days above nothing."""
    try:
        days = float(text)
    except ValueError:
        days = math.nan
    if not (0 < days < 1e5):
        raise argparse.ArgumentTypeError(f"not a number of days: {text!r}")
    return days
