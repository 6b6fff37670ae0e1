"""No test is timed, so that a busy machine fails none; and none sees the cache, the desk or the terminal of whoever runs it."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

CACHES = count()


@pytest.fixture(autouse=True, scope="session")
def no_cache_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache for what is made once for many tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "caches" / "shared"))
        yield


@pytest.fixture(autouse=True)
def nothing_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A cache of its own, made when something is kept in it; no desk and no width but those a test gives."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "caches" / str(next(CACHES))))
    for name in ("COLUMNS", "COVENANT_DESK"):
        monkeypatch.delenv(name, raising=False)
