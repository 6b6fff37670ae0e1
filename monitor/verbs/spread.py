"""`covenant spread`: what loans must earn, against what they pay and what the market pays."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from monitor.places import UsageError
from monitor.verbs.asking import line_width, places_of, put, shocked_picture

if TYPE_CHECKING:
    from monitor.assess import Picture


def run(arguments: argparse.Namespace) -> int:
    """The answer in the chosen format. Raises UsageError for names, shocks and numbers that cannot be."""
    from rules.correlation import CorrelationError

    if arguments.merton:
        from monitor.spread.merton import merton_asked

        put(arguments, merton_asked(arguments.merton, arguments.format))
        return 0
    try:
        return _run(arguments, shocked_picture(arguments))
    except CorrelationError as error:
        raise UsageError(str(error)) from None


def _run(arguments: argparse.Namespace, picture: Picture) -> int:
    import numpy as np

    from monitor.progress import Bar
    from monitor.spread.answer import answer_of
    from monitor.spread.build import basis_of, job_of
    from monitor.spread.formats import csv_of, json_of
    from monitor.spread.settings import settings_of
    from monitor.spread.text import text_of
    from monitor.spread.tranches import DIALS, shares_of
    from monitor.stress.pool import simulate
    from monitor.verbs.stress import freedom_of

    wanted = places_of(picture, [*arguments.names, *(arguments.facility or []), *([arguments.explain] if arguments.explain else [])])
    wanted = wanted or [f for f, one in enumerate(picture.book.terms) if one.facility.ours]
    shares = shares_of(arguments.tranche) if arguments.tranche else []
    settings = settings_of(picture, _asked(arguments))
    made = basis_of(picture, settings, freedom_of(arguments.copula))
    dials = DIALS if shares else ()
    job = job_of(made, dials, np.array(shares).reshape(-1, 2))
    bar = Bar()
    done = simulate(job, arguments.workers, arguments.dask, bar)
    bar.end()
    if done.tally is None:
        raise KeyboardInterrupt
    moved = [*(arguments.mark or []), *([f"scenario {arguments.scenario}"] if arguments.scenario else [])]
    answer = answer_of(made, job, done.tally, wanted, dials, shares, done.complete, ", ".join(moved) or None)
    if arguments.explain and arguments.format == "text":
        from monitor.spread.explain import explain_text

        put(arguments, explain_text(made, job, answer, line_width(arguments)))
    else:
        write = {"json": json_of, "csv": csv_of}.get(arguments.format)
        put(arguments, write(answer) if write else text_of(answer, line_width(arguments)))
    return 0 if done.complete else 130


def _asked(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the command line puts in the place of `[pricing]`. Raises UsageError for numbers that cannot be."""
    if arguments.paths is not None and not 1 <= arguments.paths <= 100_000_000:
        raise UsageError("--paths is 1 to 100,000,000")
    if (arguments.seed or 0) < 0 or not 1 <= arguments.workers <= 256:
        raise UsageError("--seed is 0 or more, --workers 1 to 256")
    if arguments.horizon is not None:
        from facilities.lint.settings import pricing_faults
        from facilities.model import Pricing

        for _, message in pricing_faults(Pricing(horizon=arguments.horizon)):
            raise UsageError(f"--horizon {message}")
    return {
        "paths": arguments.paths, "seed": arguments.seed, "horizon": arguments.horizon, "step": arguments.step,
        "dial": _number(arguments.dial, "--dial", 1.0), "order": _order(arguments.order),
        "hurdle_pct": _number(arguments.hurdle, "--hurdle", 1e4), "discount_pct": _number(arguments.discount, "--discount", 1e4),
    }  # fmt: skip


def _number(text: str | None, option: str, most: float) -> float | None:
    """A number between nothing and `most`; a percent sign is taken."""
    if text is None:
        return None
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise UsageError(f"{option} {text!r}: a number from 0 to {most:g}")
    return value


def _order(text: str | None) -> list[str] | None:
    from facilities.lint.settings import STEPS

    if text is None:
        return None
    order = [word.strip() for word in text.split(",")]
    if sorted(order) != sorted(STEPS):
        raise UsageError(f"--order {text!r}: name each of {', '.join(STEPS)} once")
    return order
