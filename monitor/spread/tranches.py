"""Tranches of the book along the convergence dial: what is asked, the table and the bars."""

from __future__ import annotations

import math
from itertools import pairwise

from monitor.cells import pad
from monitor.places import UsageError
from monitor.report.words import money
from monitor.spread.shape import BookPart

DIALS = (0.0, 0.25, 0.5, 0.75, 1.0)
_BAR = 40


def shares_of(text: str) -> list[tuple[float, float]]:
    """`0-5,5-15,15-100` (percent of the book) as shares, in order. Raises UsageError for what overlaps, is empty or beyond the book."""
    found: list[tuple[float, float]] = []
    for part in text.split(","):
        start, _, end = part.strip().removesuffix("%").partition("-")
        try:
            found.append((float(start.removesuffix("%")) / 100, float(end) / 100))
        except ValueError:
            raise UsageError(f"--tranche {part.strip()!r}: write ATTACH-DETACH in percent, such as 0-5,5-15,15-100") from None
    for low, high in found:
        if not (math.isfinite(low + high) and 0 <= low < high <= 1):
            raise UsageError(f"--tranche {low * 100:g}-{high * 100:g}: attaches below where it detaches, between 0 and 100")
    for (_, below), (above, _) in pairwise(sorted(found)):
        if above < below - 1e-12:
            raise UsageError(f"--tranche: two tranches overlap between {above * 100:g} and {below * 100:g}")
    return sorted(found)


def tranche_lines(book: BookPart, width: int) -> list[str]:
    """The table by dial, the book's own loss, and bars of the first and the last tranche."""
    lines = [pad("dial", 16) + "".join(pad(f"{dial:.2f}", 9, right=True) for dial in book.dials)]
    for one in book.tranches:
        lines.append(pad(said(one.attach, one.detach), 16) + "".join(pad(f"{share * 100:.2f}%", 9, right=True) for share in one.share))
        lines.append(pad("  +-", 16) + "".join(pad(f"{1.96 * error * 100:.2f}", 9, right=True) for error in one.error))
    lines.append(pad("all tranches", 16) + "".join(pad(money(sum(t.money[n] for t in book.tranches)), 9, right=True) for n in _each(book)))
    if any(abs(one) > 0.5 for one in book.outside):
        lines.append(pad("outside them", 16) + "".join(pad(money(one), 9, right=True) for one in book.outside))
    lines.append(pad("book", 16) + "".join(pad(money(one), 9, right=True) for one in book.loss))
    ends = {one.attach: one for one in (book.tranches[0], book.tranches[-1])}
    for one in ends.values():
        most = max(one.share) or 1.0
        lines += ["", f"{said(one.attach, one.detach)} of the book along the dial"]
        for dial, share in zip(book.dials, one.share, strict=True):
            lines.append(f"{dial:6.2f} {'#' * round(_BAR * share / most):{_BAR}} {share * 100:.2f}%")
    return [line[:width] for line in lines]


def _each(book: BookPart) -> range:
    return range(len(book.dials))


def said(attach: float, detach: float) -> str:
    """`5-15 %`."""
    return f"{attach * 100:g}-{detach * 100:g} %"
