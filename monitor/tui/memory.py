"""What the screens remember from one time to the next: view, filters, orders, columns, panes and theme; never a setting."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from monitor.tui.keys import ROOTS

_LIMIT = 100_000


class ViewState(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How the reader left the screens of one desk. `filters` and `orders` are by screen; `hidden` are columns of the board."""

    desk: str = ""
    view: str = "board"
    theme: str = ""
    two_panes: bool = True
    faults_only: bool = False
    every: bool = False
    filters: dict[str, str] = {}
    orders: dict[str, tuple[str, bool]] = {}
    hidden: frozenset[str] = frozenset()


def state_file() -> Path:
    """`screens.json` below XDG_STATE_HOME or ~/.local/state."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path("~/.local/state").expanduser()) / "covenant-monitor" / "screens.json"


def remembered(desk: str, path: Path | None = None) -> tuple[ViewState, str | None]:
    """The state last kept, and why it could not be read; of another desk only what is not about its rows."""
    path = path or state_file()
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
        if len(data) > _LIMIT:
            return ViewState(desk=desk), f"{path.name} is too large: the view starts afresh"
        kept = msgspec.json.decode(data, type=ViewState)
    except FileNotFoundError:
        return ViewState(desk=desk), None
    except (OSError, ValueError, RecursionError) as error:
        return ViewState(desk=desk), f"{path.name} cannot be read, the view starts afresh: {error}"
    if kept.desk != desk:
        kept = ViewState(theme=kept.theme, two_panes=kept.two_panes, hidden=kept.hidden, orders=kept.orders)
    return msgspec.structs.replace(kept, desk=desk, view=kept.view if kept.view in ROOTS else "board"), None


def keep(state: ViewState, path: Path | None = None) -> None:
    """Write the state, whole or not at all, for this user's eyes. Raises OSError."""
    path = path or state_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(msgspec.json.encode(state))
        part.chmod(0o600)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
