"""Margin ladders: one level per rung, levels and states that rise together, restore levels on the safe side."""

from __future__ import annotations

from decimal import Decimal

from facilities.lint.findings import Findings
from facilities.model import Covenant, Rung
from facilities.walk import Keys

_STATES = ("notice", "call", "accelerated_call", "liquidation")
_LEVELS = ("above", "at_or_above", "below", "at_or_below")


def check_ladder(covenant: Covenant, path: Keys, findings: Findings) -> None:
    """The rungs of one covenant, in the order they are written."""
    before: tuple[Rung, str, Decimal] | None = None
    for number, rung in enumerate(covenant.rung):
        where: Keys = (*path, "rung", number)
        key = _level_key(rung)
        if key is None:
            given = ", ".join(_given(rung)) or "none"
            findings.add("F023", where, f"the {rung.state} rung of {covenant.id!r} needs one level and has {given}")
            continue
        level: Decimal = getattr(rung, key)
        _check_restore(rung, key, level, where, findings)
        if before is not None:
            _check_step(before, (rung, key, level), where, findings)
        before = (rung, key, level)


def _given(rung: Rung) -> list[str]:
    return [name for name in _LEVELS if getattr(rung, name) is not None]


def _level_key(rung: Rung) -> str | None:
    given = _given(rung)
    return given[0] if len(given) == 1 else None


def _check_restore(rung: Rung, key: str, level: Decimal, where: Keys, findings: Findings) -> None:
    """`restore_to` lies where the rung is off; at the level itself only where the level itself does not trigger."""
    if rung.restore_to is None:
        return
    margin = level - rung.restore_to if key.endswith("above") else rung.restore_to - level
    if margin < 0 or (margin == 0 and key.startswith("at_or")):
        message = f"restored at {rung.restore_to}, where the {rung.state} rung ({key} {level}) is still on"
        findings.add("F025", (*where, "restore_to"), message)


def _check_step(before: tuple[Rung, str, Decimal], after: tuple[Rung, str, Decimal], where: Keys, findings: Findings) -> None:
    (milder, key_before, level_before), (harder, key_after, level_after) = before, after
    rising = key_before.endswith("above")
    if rising != key_after.endswith("above"):
        findings.add("F022", (*where, key_after), f"{key_before} {level_before} is followed by {key_after} {level_after}")
    elif (level_after <= level_before) if rising else (level_after >= level_before):
        course = "rise" if rising else "fall"
        findings.add("F022", (*where, key_after), f"{level_after} follows {level_before}: the levels must {course}")
    if _STATES.index(harder.state) < _STATES.index(milder.state):
        findings.add("F024", (*where, "state"), f"{harder.state} follows {milder.state}")
