"""The top of every screen and of the text board: where you are, as of when, the marks, the counts, the next deadline."""

from __future__ import annotations

from monitor.board.figures import age, kind_of, left, level, mark_label, money, percent, stamp
from monitor.board.spans import Line, Span, fit, justified, line_width
from monitor.board.states import state_of
from monitor.board.tally import tally_of
from monitor.cells import cut, name
from monitor.report.schema import MarkPart, Report

_BUCKETS = (
    ("FAIL", "fail", ("accelerated", "event_of_default", "tested_fail", "indicative_fail")),
    ("CALL", "fail", ("liquidation", "call_expired", "call", "callable")),
    ("UNKNOWN", "unknown", ("indeterminate",)),
    ("TRIGGER", "warn", ("trigger_on",)),
    ("WATCH", "watch", ("watch",)),
    ("WAIVED", "waived", ("waived", "cured")),
    ("PASS", "pass", ("pass",)),
    ("UNTESTED", "untested", ("not_tested",)),
)
_ALWAYS = ("FAIL", "CALL", "UNKNOWN", "WATCH", "PASS")


def header_lines(report: Report, width: int, ascii: bool = False, trail: tuple[str, ...] = ("Board",), lines: int = 3) -> list[Line]:
    """`lines` lines of at most `width` cells: trail and as-of, headline marks, counts and next deadline (2: without the marks)."""
    marks = [marks_line(report, width, ascii)] if lines > 2 else []
    return [_where(report, width, ascii, trail), *marks, counts_line(report, width, ascii)]


def _where(report: Report, width: int, ascii: bool, trail: tuple[str, ...]) -> Line:
    when = _as_of(report, width)
    product: Line = (Span(" covenant ", "title"),)
    more: Line = (Span(" ~" if ascii else " …", "dim"),)
    forms = [(*product, *_crumbs(trail, ascii)), _crumbs(trail, ascii)]
    forms += [(*more, *_crumbs(trail[start:], ascii)) for start in range(1, len(trail))]
    fitting = (form for form in forms if line_width(form) + 1 + line_width(when) <= width)
    return justified(next(fitting, forms[-1]), when, width, ascii)


def _crumbs(trail: tuple[str, ...], ascii: bool) -> Line:
    arrow = " > " if ascii else " › "
    shown = [cut(name(crumb), 28, ascii) for crumb in trail]
    before = [Span(crumb + arrow, "dim") for crumb in shown[:-1]]
    return Span(" "), *before, Span(shown[-1], "strong")


def _as_of(report: Report, width: int) -> Line:
    spans = [Span("as of " if width >= 60 else "", "dim"), Span(stamp(report.as_of) + " ", "strong")]
    if width >= 100 and report.known_at != report.as_of:
        spans = [Span(f"known {stamp(report.known_at)}  ", "dim"), *spans]
    return tuple(spans)


def marks_line(report: Report, width: int, ascii: bool = False) -> Line:
    """The headline marks with their one-day move and age, as many as fit; a mark that is not good says what it is."""
    spans: tuple[Span, ...] = (Span(" "),)
    for mark in report.marks:
        if not mark.headline:
            continue
        gap = () if len(spans) == 1 else (Span("   " if width >= 72 else "  "),)
        shown = (*spans, *gap, *_mark(mark))
        if line_width(shown) > width:
            break
        spans = shown
    return spans if len(spans) > 1 else fit((Span(" no headline mark", "dim"),), width, ascii)


def _mark(mark: MarkPart) -> list[Span]:
    spans = [Span(name(mark_label(mark.series, long=True)) + " ", "dim"), Span(level(mark.series, mark.value), "strong")]
    spans += [Span(f" {text}", "") for text in (move(mark),) if text]
    if mark.age_days is not None:
        spans.append(Span(f" {age(mark.age_days)}", "dim"))
    if mark.data != "good":
        spans.append(Span(f" {name(mark.data).replace('_', ' ').upper()}", "unknown"))
    return spans


def move(mark: MarkPart) -> str:
    """The one-day move: a rate in basis points, anything else in percent; empty when unknown or none."""
    if mark.value is None or mark.previous is None:
        return ""
    if kind_of(mark.series) == "rate":
        moved = f"{1e4 * (mark.value - mark.previous):+.0f}bp"
    else:
        moved = percent(mark.value / mark.previous - 1) if mark.previous else ""
    return "" if moved in ("+0bp", "-0bp", "+0.0%", "-0.0%") else moved


def bucket_counts(report: Report) -> list[tuple[str, str, int]]:
    """Word, role and number of covenants, worst first; the quiet buckets only when they hold something."""
    severities = tally_of(report).severities
    counted = [(word, role, sum(severities[one] for one in bucket)) for word, role, bucket in _BUCKETS]
    return [(word, role if count else "dim", count) for word, role, count in counted if count or word in _ALWAYS]


_NAME = 24
_FORMS = ((True, 4, _NAME), (False, 4, _NAME), (False, 1, 8), (False, 1, 0), (False, 0, 0))
"""Ever shorter forms of the counts: with the quiet buckets, how much of the money (4 all, 1 bare, 0 none), and the least cells that a
facility's name takes beside them (0: the deadline is left out)."""


def counts_line(report: Report, width: int, ascii: bool = False) -> Line:
    """FAIL n with its money, CALL n, UNKNOWN n, WATCH n, PASS n, files with problems; the next deadline on the right."""
    unnamed = line_width(next_deadline(report, 0, ascii))
    whole = line_width(next_deadline(report, _NAME, ascii)) - unnamed
    for quiet, amounts, least in _FORMS:
        counts = _counts(report, width, quiet, amounts)
        room = width - line_width(counts) - 2 - (unnamed if least else 0)
        if room >= min(least, whole):
            upcoming = next_deadline(report, min(room, _NAME), ascii) if least else ()
            return justified(counts, upcoming, width, ascii) if upcoming else counts
    return fit(counts, width, ascii)


def _counts(report: Report, width: int, quiet: bool, amounts: int) -> Line:
    spans: list[Span] = [Span(" ")]
    bad = sum(problem.level == "error" for problem in report.problems)
    if bad:
        spans += [Span(f"{bad} BAD FILE{'S' if bad > 1 else ''}", "legal"), Span(" ")]
    for word, role, count in bucket_counts(report):
        if word == "UNTESTED" and not quiet:
            continue
        short = _short_word(word) if width < 60 else word
        spans += [Span(f"{short} {count}", role)]
        spans += [Span(f" {amount}", "strong") for amount in (_amount(report, word, width, amounts),) if amount and count]
        spans.append(Span("  " if width >= 60 else " "))
    return tuple(spans[:-1])


def _short_word(word: str) -> str:
    return {"UNKNOWN": "UNK", "TRIGGER": "TRIG", "WAIVED": "WVD", "UNTESTED": "NT"}.get(word, word)


def _amount(report: Report, word: str, width: int, amounts: int) -> str:
    if word not in ("FAIL", "CALL") or not amounts or (word == "CALL" and width < 100):
        return ""
    total = exposure(report, word)
    return f"{name(report.currency)} {total}" if amounts > 1 else total


def exposure(report: Report, word: str) -> str:
    """Money of the facilities in a bucket: the report's own total, else the sum of those known (`+`: and some unknown)."""
    if word.lower() in report.exposure:
        total = report.exposure[word.lower()]
        return "?" if total is None else money(total)
    bucket = next(severities for bucket_word, _, severities in _BUCKETS if bucket_word == word)
    hit = [facility for severities, facility in tally_of(report).drawn if not severities.isdisjoint(bucket)]
    known = [facility.outstanding for facility in hit if facility.outstanding is not None and facility.currency == report.currency]
    return (money(sum(known)) if known else "?") + ("+" if known and len(known) < len(hit) else "")


def next_deadline(report: Report, cells: int, ascii: bool = False) -> Line:
    """The nearest deadline that has not lapsed: facility, what lapses, how long is left; empty when none runs."""
    running = [found for found in tally_of(report).deadlines if left(found[0], report.as_of)]
    if not running:
        return ()
    deadline, facility, covenant = min(running, key=lambda found: found[0])
    word = state_of(covenant, report.as_of).word.split()[0].lower() if covenant else "default"
    return (
        Span("next ", "dim"),
        Span(f"{cut(name(facility.name), cells, ascii)} {word} "),
        Span(f"{left(deadline, report.as_of)} ", "strong"),
    )
