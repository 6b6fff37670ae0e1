"""Published figures and real history from beside the checkout; what asks for a file that is not there is skipped."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

import pytest

DATA = Path(os.environ.get("COVENANT_DATA") or Path(__file__).resolve().parents[1].parent / "shared" / "data")


def data_file(name: str) -> Path:
    """A file of the data."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"neither COVENANT_DATA nor ../shared/data holds {name}")
    return path


def published(identity: str) -> dict[str, Any]:
    """A published case: its `inputs`, what is `expected` of them, and within which `tolerance`."""
    return _cases()[identity]


@functools.cache
def _cases() -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in json.loads(data_file("published_cases.json").read_text(encoding="utf-8"))}
