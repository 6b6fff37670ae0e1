"""The arguments of the analyses: liquidate, chain, cure, spread."""

from __future__ import annotations

import argparse
import math


def teach(verb: str, one: argparse.ArgumentParser) -> None:
    """Add the arguments of one of the verbs."""
    one.add_argument("--mark", metavar="SHOCK", action="append", help="move a mark first, such as BTC.price=-20%%; may be repeated")
    one.add_argument("--scenario", metavar="NAME", help="ask inside a scenario of scenarios/*.toml, at its worst point")
    {"liquidate": _liquidate, "chain": _chain, "cure": _cure, "spread": _spread}[verb](one)
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


def _spread(one: argparse.ArgumentParser) -> None:
    one.add_argument("names", nargs="*", metavar="FACILITY", help="only these; default: every loan of ours (all of them are simulated)")
    one.add_argument("--explain", metavar="FACILITY", help="one loan whole: causes, dates, a path of many, every input with its place")
    one.add_argument("--tranche", metavar="LIST", help="expected loss of tranches of the book along the dial, such as 0-5,5-15,15-100")
    one.add_argument("--merton", metavar="FORM", help="Merton's firm alone: equity=3,vol=0.4,liability=3.5,rate=0.05,drift=-0.3,years=1")
    one.add_argument("--order", metavar="LIST", help="of the attribution; default: deflation,liquidity,correlation,chain")
    one.add_argument("--dial", metavar="C", help="the stand of the convergence dial, 0 to 1; default: that of [pricing], else 1")
    one.add_argument("--hurdle", metavar="PERCENT", help="what capital must earn a year; default: that of [pricing], else 12")
    one.add_argument("--discount", metavar="PERCENT", help="a year; default: that of [pricing], else 4")
    one.add_argument("--horizon", metavar="SPAN", help="how far ahead, such as 18m or 3y; default: to the last maturity, at most 10y")
    one.add_argument("--step", choices=("1m", "3m"), help="continuous tests at month or quarter ends; default: that of [pricing], else 3m")
    one.add_argument("--paths", metavar="N", type=int, help="default: that of [pricing], else 10000")
    one.add_argument("--seed", metavar="S", type=int, help="the same seed gives the same digits; default: that of [pricing], else 0")
    one.add_argument("--copula", metavar="KIND", default="gaussian", help="gaussian, or t4 for Student with 4 degrees of freedom")
    one.add_argument("--workers", metavar="N", type=int, default=1, help="processes; default: 1")
    one.add_argument("--dask", metavar="ADDRESS", help="a Dask scheduler, such as tcp://host:8786")
    _format(one, "text", "json", "csv")


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
