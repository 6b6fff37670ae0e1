"""The whole answer of `covenant sector`: claims with their verdicts, and the groups side by side."""

from __future__ import annotations

import datetime as dt

import msgspec

from facilities.load import Desk
from facilities.model import SectorFile
from monitor.assess import Picture
from monitor.lookthrough import GroupPart, groups_of
from monitor.places import DeskError
from monitor.report.words import iso
from monitor.sector.deals import Priced, backed, priced
from monitor.sector.evidence import Evidence, series_of
from monitor.sector.overhang import Overhang, overhang_of
from monitor.sector.verdicts import Judged, judge
from rules.scope import day_of

SCHEMA = "covenant-monitor/sector/1"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the writers need; `groups` are those of real borrowers, the most indebted first."""

    schema: str = SCHEMA
    as_of: str
    currency: str
    claims: list[Judged]
    groups: list[GroupPart]
    deals: list[Priced]
    overhang: Overhang


def page_of(picture: Picture) -> Page:
    """The page of a desk; one without `sector.toml` has no claims, and its own facilities are compared all the same.

    Raises DeskError where `sector.toml` has an error: half of the evidence would make another verdict.
    """
    desk = picture.session.desk
    file = _sound(desk)
    day = dt.date.fromordinal(day_of(picture.as_of, picture.session.timezone))
    groups = [one for one in groups_of(picture) if not all(desk.obligors[name].obligor.illustrative for name in one.members)]
    deals = priced(picture, file, day)
    evidence = Evidence(series=series_of(file, day), past={one.group: one.past for one in groups}, deals=deals)
    return Page(
        as_of=iso(picture.as_of), currency=desk.file.desk.currency if desk.file else "USD",
        claims=[judge(claim, evidence) for claim in file.claim], groups=groups, deals=deals,
        overhang=overhang_of(picture, backed(picture, file, groups, day)),
    )  # fmt: skip


def _sound(desk: Desk) -> SectorFile:
    problems = [one for one in desk.problems if one.place.file == "sector.toml"]
    if any(one.level == "error" for one in problems):
        raise DeskError(problems)
    return desk.sector or SectorFile()
