"""The mark series a book reads, each under the desk's policy or under an agreement's own."""

from __future__ import annotations

from facilities.model import MarkPolicy


class SeriesIndex:
    """Numbers series in the order they are first named; the same series under an agreement's policy is a series of its own."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.policies: list[MarkPolicy | None] = []
        self.assumed: set[str] = set()
        self._place: dict[tuple[str, str | None], int] = {}

    def __len__(self) -> int:
        return len(self.names)

    def add(self, name: str, policy: MarkPolicy | None = None, owner: str | None = None, assumed: bool = False) -> int:
        """The number of a series; `owner` tells apart the policies of different covenants; `assumed`: no file names it."""
        if not assumed:
            self.assumed.discard(name)
        elif (name, None) not in self._place:
            self.assumed.add(name)
        key = (name, owner if policy is not None else None)
        if key not in self._place:
            self._place[key] = len(self.names)
            self.names.append(name)
            self.policies.append(policy)
        return self._place[key]

    def find(self, name: str) -> int | None:
        """The number of a series under the desk's policy, None when nothing reads it."""
        return self._place.get((name, None))
