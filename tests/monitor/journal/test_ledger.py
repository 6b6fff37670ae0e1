"""What the journal says at an instant does not depend on who typed first, and knows nothing that was not known yet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.assess import assess
from monitor.journal.entries import Entry, Mark, entry_of, numbered, payload_of
from monitor.journal.ledger import Ledger
from monitor.marks.history import History
from monitor.session import Session, open_desk
from rules.events import Event
from tests.monitor.journal.desk import CLOCK, event, make_desk

HOUR = dt.timedelta(hours=1)
KINDS = ("prepayment", "collateral_posted", "waiver", "certificate_delivered", "notice")
TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from(KINDS))
    effective = CLOCK - HOUR * draw(st.integers(0, 3))
    fields: dict[str, object] = {"effective": effective, "known": effective + HOUR * draw(st.integers(0, 2)), "by": draw(TEXT)}
    if kind == "prepayment":
        fields["amount"] = draw(st.integers(1, 9))
    if kind == "collateral_posted":
        fields |= {"units": draw(st.integers(1, 9)), "collateral": "coins"}
    return event(kind, **fields, note=draw(TEXT))


@st.composite
def marks(draw: st.DrawFn) -> Mark:
    at = CLOCK - HOUR * draw(st.integers(0, 3))
    value, source = float(draw(st.integers(90, 99))), draw(st.sampled_from(("venue", "desk")))
    return Mark(id="", series="BTC.price", as_of=at, value=value, unit="USD/unit", source=source, known=at + HOUR, by="ann")


def ledger(entries: list[Entry]) -> Ledger:
    return Ledger([numbered(one, seq) for seq, one in enumerate(entries, 1)])


def plain(found: tuple[Event, ...]) -> list[Event]:
    return [msgspec.structs.replace(one, id="") for one in found]


@given(st.lists(st.one_of(events(), marks()), max_size=8), st.randoms(use_true_random=False), st.integers(-3, 3))
def test_the_order_of_recording_does_not_matter(entries: list[Entry], dice: object, hours: int) -> None:
    mixed = entries.copy()
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    at = CLOCK + HOUR * hours
    first, second = ledger(entries), ledger(mixed)
    assert plain(first.known(at)) == plain(second.known(at))
    seen = [History(one.prints()).observe("BTC.price", at, at) for one in (first, second)]
    assert len({(one.value, one.data, one.as_of, one.source) for one in seen}) == 1


@given(st.lists(events(), max_size=8), st.integers(-4, 4))
def test_nothing_is_known_before_its_time(entries: list[Event], hours: int) -> None:
    at = CLOCK + HOUR * hours
    assert all(one.known <= at for one in ledger(list(entries)).known(at))
    assert plain(ledger(list(entries)).known(at)) == plain(ledger([one for one in entries if one.known <= at]).known(at))


@given(st.one_of(events(), marks()))
def test_what_is_written_down_is_read_back(entry: Entry) -> None:
    kept = numbered(entry, 7)
    assert entry_of(payload_of(kept)) == kept
    assert payload_of(entry_of(payload_of(kept))) == payload_of(kept)


def test_a_withdrawal_counts_from_when_it_was_known() -> None:
    one = event("prepayment", amount=5, effective=CLOCK - 4 * HOUR, known=CLOCK - 3 * HOUR)
    back = event("withdrawal", refers="1", known=CLOCK - HOUR, effective=CLOCK - HOUR)
    held = ledger([one, back])
    assert [len(held.known(CLOCK - HOUR * hours)) for hours in (4, 3, 2, 1, 0)] == [0, 1, 1, 0, 0]


def desk_with(root: Path, entries: list[Entry]) -> Session:
    session = open_desk(root)
    held = ledger(entries)
    return msgspec.structs.replace(session, journal=held)


@settings(max_examples=25, deadline=None)
@given(st.lists(events(), max_size=5), st.randoms(use_true_random=False))
def test_figures_do_not_depend_on_the_order_either(tmp_path_factory: object, entries: list[Event], dice: object) -> None:
    root = made_once(tmp_path_factory)
    mixed = list(entries)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    both = [assess(desk_with(root, list(one)), CLOCK, CLOCK) for one in (entries, mixed)]
    first, second = ([(one.legal, one.tested and one.tested.result, _actual(one)) for one in picture.standings] for picture in both)
    assert first == second


def _actual(standing: object) -> float:
    reading = standing.tested  # type: ignore[attr-defined]
    return float(reading.assessment.headroom_abs[reading.row, 0])


def made_once(factory: object, held: list[Path] = []) -> Path:  # noqa: B006 - one desk for all examples
    if not held:
        held.append(make_desk(factory.mktemp("order") / "desk"))  # type: ignore[attr-defined]
    return held[0]
