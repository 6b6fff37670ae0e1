"""How many colours a terminal has, by what the environment says of it."""

from __future__ import annotations

from collections.abc import Mapping

SYSTEMS = {"16": "standard", "256": "256", "true": "truecolor"}
"""Our names of the depths, and those of the terminal library."""


def colours_of(environ: Mapping[str, str], wanted: str | None = None) -> str:
    """`none`, `16`, `256` or `true`: none with NO_COLOR, whatever is `wanted`; else that; else what TERM and COLORTERM say."""
    if "NO_COLOR" in environ:
        return "none"
    if wanted in ("none", *SYSTEMS):
        return wanted
    if environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver"):  # a browser, whatever terminal the server was started on
        return "true"
    term = environ.get("TERM", "")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith("-direct"):
        return "true"
    if term.endswith("-m") or term in ("vt100", "vt220"):
        return "none"
    return "256" if "256" in term else "16"
