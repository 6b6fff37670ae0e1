"""The themes in numbers: every state can be read on its ground, and no two are taken for each other, by colour-blind eyes too."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest
from rich.color import ColorSystem
from rich.style import Style

from monitor.tui.colours import colours_of
from monitor.tui.theme import LOOKS, Look

Rgb = tuple[float, float, float]
"""Linear light, 0 to 1."""

STATES = ("fail", "unknown", "warn", "watch", "waived", "pass")
TEXTS = ("", "strong", "title", "dim", "untested", *STATES)

# Vienot, Brettel and Mollon 1999: linear RGB as a dichromat of each kind sees it.
_VIENOT = {
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
}


def light(style: Style, ground: bool = False, system: ColorSystem = ColorSystem.TRUECOLOR) -> Rgb:
    """The linear light of a style's ink, or of its ground, in some depth of colour."""
    colour = style.bgcolor if ground else style.color
    assert colour is not None
    triplet = colour.downgrade(system).get_truecolor()
    return tuple(one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in (part / 255 for part in triplet))  # type: ignore[return-value]


def luminance(colour: Rgb) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """The ratio of WCAG 2: 1 for the same, 21 for black on white."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def seen_as(kind: str) -> Callable[[Rgb], Rgb]:
    """A colour as eyes of a kind see it."""
    matrix = _VIENOT[kind]
    return lambda colour: tuple(max(0.0, sum(k * part for k, part in zip(row, colour, strict=True))) for row in matrix)  # type: ignore[return-value]


def lab(colour: Rgb) -> Rgb:
    """CIE 1976 L*a*b*, under D65."""
    red, green, blue = colour
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (one ** (1 / 3) if one > 0.008856 else 7.787 * one + 16 / 116 for one in (x, luminance(colour), z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(one: Rgb, other: Rgb) -> float:
    """How far apart two colours look: 2.3 can just be told side by side."""
    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)) ** 0.5


def test_the_measures_are_those_of_the_books() -> None:
    black, white, red, green = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
    assert contrast(black, white) == pytest.approx(21) and contrast(white, white) == 1
    assert lab(white) == pytest.approx((100, 0, 0), abs=0.1) and apart(black, white) == pytest.approx(100, abs=0.1)
    assert apart(red, green) > 150
    for kind in _VIENOT:
        assert seen_as(kind)(red)[0] == seen_as(kind)(red)[1] and apart(seen_as(kind)(red), red) > 40
    assert seen_as("protanopia")(white) == pytest.approx(white, abs=1e-3)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT])
def test_every_text_can_be_read_on_every_ground(look: Look, system: ColorSystem) -> None:
    least = 7.0 if look.name == "contrast" else 4.5
    for ground in (look.ground, look.bar, look.ground + look.cursor):
        for role in TEXTS:
            style = ground + look.roles[role]
            ratio = contrast(light(style, system=system), light(ground, True, system))
            quiet = role in ("dim", "untested") and look.name != "contrast"
            assert ratio >= (3.0 if quiet else least), (role, ratio)
    alarm = look.roles["legal"]
    assert contrast(light(alarm, system=system), light(alarm, True, system)) >= 4.5


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
@pytest.mark.parametrize("kind", [None, *_VIENOT])
@pytest.mark.parametrize(("system", "least"), [(ColorSystem.TRUECOLOR, 12), (ColorSystem.EIGHT_BIT, 8)])
def test_no_two_states_are_taken_for_each_other(look: Look, kind: str | None, system: ColorSystem, least: float) -> None:
    eyes = seen_as(kind) if kind else lambda colour: colour
    for one, other in combinations(STATES, 2):
        distance = apart(eyes(light(look.roles[one], system=system)), eyes(light(look.roles[other], system=system)))
        assert distance >= least, (one, other, distance)


def test_a_browser_has_all_colours_and_no_color_none() -> None:
    assert colours_of({"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}) == "true"
    assert colours_of({"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver", "NO_COLOR": ""}) == "none"
    assert colours_of({"TERM": "xterm-256color"}) == "256" and colours_of({"TERM": "linux"}) == "16"
