"""What is legal but odd in a desk that opens: warnings of `lint`, some of `check`; no result and no exit code follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from facilities.catalogue import Kind
from facilities.problems import Place, Problem
from facilities.walk import Keys
from monitor.assess import Picture, Standing, assess
from monitor.marks.instants import end_of_day
from monitor.marks.leaps import Leap, leap_to, leaps_of
from monitor.marks.prints import Print
from monitor.marks.unread import Unread, unread
from monitor.reading import Reading
from monitor.report.words import iso, ratio, stamp
from rules.scope import day_of

_ROWS = (
    Kind("L001", "hardly-binds", "warning", "check the level and its unit; a covenant this far away protects nobody"),
    Kind("L002", "always-amber", "warning", "narrow `watch`: an amber that was there from the first day warns of nothing"),
    Kind("L003", "one-source", "warning", "name a second source: nobody contradicts this one when it errs, or replaces it when it fails"),
    Kind("L004", "no-clause", "warning", "cite the clause; where the agreement is not public, a source for what is"),
    Kind("L006", "quorum-out-of-reach", "warning", "lower min_sources, or name more sources"),
    Kind("L007", "leap", "warning", "check the decimal point and the unit; the mark stands unless `min` or `max` of its series refuses it"),
    Kind("L008", "unread-series", "warning", "correct the name; a series kept ahead of need is named in a `[[series]]` of desk.toml"),
    Kind("L009", "dated-ahead", "warning", "correct the date: nothing counts before it was observed"),
)
CATALOGUE: dict[str, Kind] = {row.code: row for row in _ROWS}
"""Code to entry, in the order they are documented."""

FAR = 0.90
"""A cushion above this: the figure tested would have to lose nine tenths before the covenant fails."""

WIDE = 2
"""A watch limit this many times the headroom is too wide where the first reading is not known."""


def oddities(picture: Picture, clock: dt.datetime) -> list[Problem]:
    """Every oddity of the desk at the picture's instant, the desk's own policies first, then covenant by covenant."""
    found = [*_policies(picture), *leaps(picture), *_idle(picture), *_ahead(picture.session.history.prints(), picture, clock)]
    firsts: dict[dt.datetime, Picture] = {}
    for one in picture.standings:
        if picture.book.terms[one.test.facility].facility.ours:
            found += [*_uncited(picture, one), *_far(picture, one), *_amber(picture, one, firsts)]
    return found


def leaps(picture: Picture) -> list[Problem]:
    """The last prints that are more than ten times away from the one before; `check` tells them too."""
    found = [one for each in leaps_of(picture.session.history, picture.as_of, picture.known_at).values() for one in each]
    return [_leapt(one) for one in found]


def of_entered(picture: Picture, prints: Sequence[Print], clock: dt.datetime) -> list[Problem]:
    """What is odd of prints that are about to be recorded: leaps, series that nothing reads, days that are yet to come."""
    history = picture.session.history.extended(prints)
    found = [leap_to(history, one, max(clock, one.known_at or clock), stale=True) for one in prints]
    leapt = [one for one in found if one is not None and one.made in prints]
    names = {one.series: one for one in reversed(prints)}
    idle = [_unread(names[one.series], one) for one in unread(picture.session.desk, picture.book.series.names, names)]
    return [*map(_leapt, dict.fromkeys(leapt)), *idle, *_ahead(prints, picture, clock)]


def _leapt(one: Leap) -> Problem:
    return CATALOGUE["L007"].problem(_printed(one.made), f"{one.made.series} of {one}")


def _idle(picture: Picture) -> list[Problem]:
    """The first print of each series that nothing reads; none where a file cannot be read, which may name any."""
    desk = picture.session.desk
    if any(one.level == "error" for one in desk.problems):
        return []
    first = {one.series: one for one in reversed(list(picture.session.history.prints()))}
    found = unread(desk, picture.book.series.names, first)
    return [_unread(first[one.series], one) for one in found if not one.kept]


def _unread(made: Print, one: Unread) -> Problem:
    hint = f"did you mean `{one.nearest}`? {CATALOGUE['L008'].hint}" if one.nearest else None
    return CATALOGUE["L008"].problem(_printed(made), f"nothing on the desk reads {one.series!r}", hint)


def _ahead(prints: Iterable[Print], picture: Picture, clock: dt.datetime) -> Iterator[Problem]:
    """Prints observed after today, which for a desk pinned to a later day is that day; a date alone is its end."""
    now, zone = max(clock, picture.as_of), picture.session.timezone
    today = now.astimezone(zone).date()
    for one in prints:
        if one.as_of > end_of_day(today, zone):
            message = f"{one.series} of {one.source} is dated {stamp(iso(one.as_of))}, which is yet to come"
            yield CATALOGUE["L009"].problem(_printed(one), message)


def _printed(made: Print) -> Place:
    file, _, line = made.origin.rpartition(":")
    return Place(file, int(line)) if file and line.isdigit() else Place(made.origin)


def _problem(picture: Picture, code: str, owner: str, path: Keys, message: str, value: bool = True) -> Problem:
    return CATALOGUE[code].problem(picture.session.desk.place(owner, path, value), message)


def _of(picture: Picture, one: Standing, code: str, path: Keys, message: str, value: bool = True) -> Problem:
    owner = f"facility:{picture.book.ids[one.test.facility]}"
    return _problem(picture, code, owner, ("covenant", one.test.place, *path), message, value)


def _policies(picture: Picture) -> Iterator[Problem]:
    """A price or a rent that hangs on one source, and a quorum larger than the sources there are; a rate has one administrator."""
    file = picture.session.desk.file
    for number, policy in enumerate(file.series if file else ()):
        if len(policy.sources) == 1 and (".price" in policy.match or ".rent" in policy.match):
            message = f"{policy.match!r} is taken from {policy.sources[0]!r} alone"
            yield _problem(picture, "L003", "desk", ("series", number, "sources"), message)
        if policy.sources and policy.min_sources > len(policy.sources):
            message = f"{policy.match!r} wants {policy.min_sources} sources and names {len(policy.sources)}"
            yield _problem(picture, "L006", "desk", ("series", number, "min_sources"), message)


def _uncited(picture: Picture, one: Standing) -> Iterator[Problem]:
    terms = one.test.covenant
    if not (terms.clause or terms.source or terms.sources or terms.documents or any(rung.clause for rung in terms.rung)):
        yield _of(picture, one, "L004", (), f"{terms.id!r} says nowhere what it was read from", value=False)


def _readings(one: Standing) -> list[Reading]:
    """What is known of a covenant now: its last test and its indication."""
    return [reading for reading in (one.tested, one.indicative) if reading is not None and reading.result in ("pass", "watch", "fail")]


def _far(picture: Picture, one: Standing) -> Iterator[Problem]:
    readings = _readings(one)
    if not readings or not all(_cushion(reading) > FAR for reading in readings):
        return
    made, row = readings[-1].assessment, readings[-1].row
    terms, level = one.test.covenant, one.test.levels[0]
    unit = one.test.unit.replace("money", picture.book.terms[one.test.facility].facility.currency)
    actual, threshold = ratio(float(made.actual[row, 0]), unit), ratio(float(made.threshold[row]), unit)
    cushion = _cushion(readings[-1])
    message = f"{terms.id!r} passes with a cushion of {cushion * 100:.1f} %: {actual} against {level.operator} {threshold}"
    path: Keys = ("threshold",) if terms.threshold is not None else ("rung",) if terms.rung else ("on",) if terms.on else ("rule",)
    yield _of(picture, one, "L001", path, message)


def _cushion(reading: Reading) -> float:
    """The fall of the figure that just fails; against a level of nothing all of it, where the figure has a unit of its own."""
    made, row = reading.assessment, reading.row
    test = made.book.tests[int(made.rows.test[row])]
    if made.threshold[row] == 0 and test.levels[0].operator in (">=", ">") and test.unit in ("x", "fraction") and made.actual[row, 0] > 0:
        return 1.0
    return float(made.cushion_pct[row, 0])


def _amber(picture: Picture, one: Standing, firsts: dict[dt.datetime, Picture]) -> Iterator[Problem]:
    """Amber by its watch limits at its first reading, and still."""
    watch = one.test.covenant.watch
    if watch is None or not _watched(one):
        return
    day = _first(picture, one)
    at = min(end_of_day(day, picture.session.timezone), picture.as_of)
    if at < picture.as_of and at not in firsts:
        firsts[at] = assess(picture.session, at, picture.known_at)
    then = _same(firsts[at], picture, one) if at < picture.as_of else one
    readings = _readings(then) if then else []
    share = _headroom(readings or _readings(one))
    if readings and then and _watched(then):
        words = f"is amber from its first reading on: {share * 100:.1f} % of headroom on {day}"
    elif not readings and watch.headroom_pct is not None and float(watch.headroom_pct) >= WIDE * share:
        words = f"is amber below {watch.headroom_pct * 100:f} % of headroom and has {share * 100:.1f} %"
    else:
        return
    yield _of(picture, one, "L002", ("watch",), f"{one.test.covenant.id!r} {words}", value=False)


def _headroom(readings: list[Reading]) -> float:
    return float(readings[0].assessment.headroom_pct[readings[0].row, 0])


def _watched(one: Standing) -> bool:
    readings = _readings(one)
    return one.rung is None and bool(readings) and all(reading.result == "watch" for reading in readings)


def _first(picture: Picture, one: Standing) -> dt.date:
    """The day of a covenant's first reading: its first test, or closing where it is tested continuously."""
    closing = picture.book.terms[one.test.facility].facility.closing
    schedule = one.test.covenant.test
    first = schedule.first if schedule and schedule.first else closing
    today = dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))
    return min(first.date, today) if first else today


def _same(earlier: Picture, picture: Picture, one: Standing) -> Standing | None:
    """The standing of the same covenant in another picture of the desk."""
    facility = picture.book.ids[one.test.facility]
    for other in earlier.standings:
        if earlier.book.ids[other.test.facility] == facility and other.test.place == one.test.place:
            return other
    return None
