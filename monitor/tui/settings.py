"""What the reader has set: theme, colours, ASCII, mouse and keys, from a TOML file that only the reader writes."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from monitor.cells import name
from monitor.tui.keys import ACTIONS

THEMES = ("dark", "light", "contrast")
COLOURS = ("none", "16", "256", "true")
CHARTS = ("braille", "block")
_LIMIT = 100_000
_WANTED = {"theme": str, "colors": str, "charts": str, "ascii": bool, "mouse": bool, "keys": dict}
_CHOICES = {"theme": THEMES, "colors": COLOURS, "charts": CHARTS}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings in force; None where the reader set nothing. `complaints` says what of the file could not be used."""

    theme: str | None = None
    colors: str | None = None
    charts: str = "braille"
    ascii: bool = False
    mouse: bool = False
    keys: dict[str, tuple[str, ...]] = {}
    complaints: tuple[str, ...] = ()


def settings_file() -> Path:
    """`screens.toml` below XDG_CONFIG_HOME or ~/.config."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path("~/.config").expanduser()) / "covenant-monitor" / "screens.toml"


def read_settings(path: Path | None = None) -> Settings:
    """The settings of the reader; whatever is wrong with the file is a complaint, never a failure."""
    path = path or settings_file()
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        return Settings(complaints=(f"{path}: {error.strerror}",))
    import tomli

    try:
        raw = tomli.loads(data[:_LIMIT].decode("utf-8")) if len(data) <= _LIMIT else None
    except (ValueError, RecursionError) as error:
        return Settings(complaints=(f"{path.name}: {error}",))
    return _settings(raw, path.name) if raw is not None else Settings(complaints=(f"{path.name}: larger than {_LIMIT:,} bytes",))


def _settings(raw: dict[str, Any], file: str) -> Settings:
    good: dict[str, Any] = {}
    complaints = []
    for key, value in raw.items():
        complaint = _complaint(key, value)
        if complaint:
            complaints.append(f"{file}: {complaint}")
        else:
            good[key] = value
    keys, more = _keys(good.pop("keys", {}))
    return Settings(**good, keys=keys, complaints=(*complaints, *(f"{file}: {one}" for one in more)))


def _complaint(key: str, value: Any) -> str | None:
    if key not in _WANTED:
        near = get_close_matches(key, _WANTED, 1)
        return f"unknown key {name(key)!r}" + (f", did you mean {near[0]!r}?" if near else f"; there are {', '.join(_WANTED)}")
    if not isinstance(value, _WANTED[key]):
        return f"{key} is not what is wanted: {name(str(value))!r}"
    if key in _CHOICES and value not in _CHOICES[key]:
        return f"{key} is one of {', '.join(_CHOICES[key])}, not {name(str(value))!r}"
    return None


def _keys(raw: dict[str, Any]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The reader's keys by action, and what of them is no list of keys; `Keymap` judges the keys themselves."""
    found, complaints = {}, []
    for action, given in raw.items():
        keys = [given] if isinstance(given, str) else given
        if action not in ACTIONS:
            near = get_close_matches(action, ACTIONS, 1)
            complaints.append(f"no action is called {name(action)!r}" + (f", did you mean {near[0]!r}?" if near else ""))
        elif isinstance(keys, list) and keys and all(isinstance(key, str) for key in keys):
            found[action] = tuple(_named(key) for key in keys)
        else:
            complaints.append(f"keys.{action} is a key or a list of keys")
    return found, complaints


_SIGNS = {"/": "slash", ":": "colon", ";": "semicolon", "-": "minus", "?": "question_mark", ",": "comma", ".": "full_stop",
          "[": "left_square_bracket", "]": "right_square_bracket", "esc": "escape", " ": "space"}  # fmt: skip


def _named(key: str) -> str:
    """A key as the terminal library names it, from how people write it."""
    return _SIGNS.get(key, key)
