"""The text of one CSV file, and where in it a record and a field stand."""

from __future__ import annotations

from facilities.problems import Place


class CsvText:
    """The lines of a file as `csv` numbers them, each with its line feed."""

    __slots__ = ("lines", "name")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        # only a line feed ends a line: str.splitlines would also cut at characters that are data in a cell
        self.lines = [line + "\n" for line in text.split("\n")]
        if self.lines[-1] == "\n":
            self.lines.pop()

    def place(self, line: int, field: int | None = None) -> Place:
        """Field `field` (from 0) of the record that starts on `line`, or the whole record."""
        text = self.lines[line - 1].rstrip("\r\n") if line <= len(self.lines) else ""
        spans = field_spans(text)
        if field is None or field >= len(spans):
            return Place(self.name, line, None, 1, text)
        start, end = spans[field]
        return Place(self.name, line, start + 1, max(1, end - start), text)


def field_spans(line: str) -> list[tuple[int, int]]:
    """Start and end of each field of one line; commas between quotes do not separate."""
    spans: list[tuple[int, int]] = []
    start, quoted = 0, False
    for index, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            spans.append((start, index))
            start = index + 1
    return [*spans, (start, len(line))]
