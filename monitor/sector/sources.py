"""Where figures were read: one number for each source, in order of first mention."""

from __future__ import annotations

import msgspec


class Sourced(msgspec.Struct, frozen=True):
    """A source, and how good it is: `filing`, `vendor`, `press`, `secondary`; None where the desk's file does not say."""

    source: str | None
    quality: str | None = None

    def seen(self) -> str:
        """The quality; where nobody said it, what the source itself shows: EDGAR is a filing, a quotation is `secondary`, else `web`."""
        if self.quality is not None or self.source is None:
            return self.quality or "not stated"
        if self.source.startswith("secondary:") or "as quoted in" in self.source:
            return "secondary"
        return "filing" if "sec.gov/Archives/" in self.source else "web"


class SourcePart(msgspec.Struct, frozen=True):
    """One line of the list at the end."""

    number: int
    quality: str
    source: str


class Sources:
    """The list as it grows."""

    def __init__(self) -> None:
        self._seen: dict[str, SourcePart] = {}

    def number(self, origin: Sourced) -> int | None:
        """The number of a source, a new one at its first mention; None where there is none."""
        if origin.source is None:
            return None
        if origin.source not in self._seen:
            self._seen[origin.source] = SourcePart(len(self._seen) + 1, origin.seen(), origin.source.removeprefix("secondary: "))
        return self._seen[origin.source].number

    def numbers(self, origins: list[Sourced]) -> list[int]:
        """The numbers of several, each once, in order of mention."""
        found = [number for one in origins if (number := self.number(one)) is not None]
        return list(dict.fromkeys(found))

    def listed(self) -> list[SourcePart]:
        """All of them."""
        return list(self._seen.values())
