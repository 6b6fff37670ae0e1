"""No test is timed, so that a busy machine fails none; and none sees the cache, the desk or the terminal of whoever runs it."""

from itertools import count

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

CACHES = count()


@pytest.fixture(autouse=True)
def nothing_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A cache of its own, made when something is kept in it; no desk and no width but those a test gives."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "caches" / str(next(CACHES))))
    for name in ("COLUMNS", "COVENANT_DESK"):
        monkeypatch.delenv(name, raising=False)
