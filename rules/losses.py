"""What a book of loans loses on random paths: by loan and by stage of what is switched on, for the spread and its attribution, and of
the whole book, for tranches. Every stage sees the same random numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from rules.columns import Bools, Floats, Ints
from rules.defaults import Fallen, Falls, Missed, fallen, prices_at, unpaid
from rules.paths import BLOCK, draw
from rules.recovery import Exit, executable, on_paper

LOSS, ANNUITY, DEFAULT = range(3)
"""What is added up per stage and loan: the present value of what is lost, of the balances on which a margin is earned, and defaults."""


class Stage(msgspec.Struct, frozen=True):
    """One way to look at the same paths: the rules of falling, whether collateral is sold or counted on paper, whether loans pull on
    each other.
    """

    falls: Falls
    executable: bool
    chained: bool


class Losses(msgspec.Struct, frozen=True):
    """The job. `exposure` [F, T] is owed going into each date (0 once repaid), `discount` [T], `years` [F, T] the time up to it,
    `rates` [F] of the desk's currency; `counted` bool[F] are the loans whose loss can be computed, `layers` [K, 2] amounts of the
    book's loss between which a tranche takes it. The first `attributed` stages are told by loan, all of them by the book.
    """

    seed: int
    paths: int
    stages: tuple[Stage, ...]
    attributed: int
    exposure: Floats
    discount: Floats
    years: Floats
    rates: Floats
    counted: Bools
    layers: Floats

    def run(self, block: int) -> LossTally:
        """One block of paths; pure."""
        count = min(BLOCK, self.paths - block * BLOCK)
        columns, book, last = [], [], None
        drawn: _Drawn | None = None
        for number, stage in enumerate(self.stages):
            if drawn is None or drawn.falls is not stage.falls:
                marks = draw(stage.falls.plan.process, self.seed, block)[:, :, :count]
                drawn = _Drawn(stage.falls, marks, unpaid(stage.falls, marks))
            made = fallen(stage.falls, drawn.marks, stage.chained, drawn.missing)
            lost = self.lost(stage, drawn.marks, made)
            if number < self.attributed:
                columns.append(self._columns(made, lost))
                last = (made, lost) if number == self.attributed - 1 else last
            book.append(_layered((lost * self.rates[:, None]).sum(axis=0), self.layers))
        values = np.concatenate(columns, axis=1) if columns else np.zeros((len(self.rates), 0, count))
        when, money, share, causes = self._by_date(*last) if last else [np.zeros((len(self.rates), 0))] * 4
        return LossTally(
            count, values.sum(axis=2), np.einsum("fap,fbp->fab", values, values), when, money, share, causes,
            np.array([one.sum(axis=1) for one in book]), np.array([(one**2).sum(axis=1) for one in book]),
        )  # fmt: skip

    def joined(self, parts: Sequence[LossTally]) -> LossTally:
        """Blocks added up in their order."""
        names = [one for one in LossTally.__struct_fields__ if one != "paths"]
        return LossTally(sum(one.paths for one in parts), *(np.sum([getattr(one, name) for one in parts], axis=0) for name in names))

    def lost(self, stage: Stage, marks: Floats, made: Fallen) -> Floats:
        """float64[F, P]: what each loan loses on each path, at the date of its default: exposure x LGD."""
        found = np.zeros(made.first.shape)
        for f in np.flatnonzero(self.counted).tolist():
            for t in np.unique(made.first[f]).tolist():
                one = stage.falls.exits.get((f, t))
                if t < marks.shape[1] and one is not None and self.exposure[f, t] > 0:
                    paths = np.flatnonzero(made.first[f] == t)
                    found[f, paths] = self._lost_on(stage, marks, made, one, t, paths)
        return found

    def _lost_on(self, stage: Stage, marks: Floats, made: Fallen, one: Exit, t: int, paths: Ints) -> Floats:
        owed, prices = float(self.exposure[one.facility, t]), prices_at(stage.falls, one, marks, made, t, paths)
        if not stage.executable:
            return np.asarray(owed * (1 - on_paper(one, prices).share(owed, 0.0)))
        rivals = _rivals(stage.falls, one, t) if stage.chained else []
        if not rivals:
            return np.asarray(owed * (1 - executable(one, stage.falls.terms, prices).share(owed, one.rate)))
        selling = np.stack([made.first[other.facility][paths] == t for other in rivals])
        sets, member = np.unique(selling, axis=1, return_inverse=True)
        found = np.zeros(len(paths))
        for number in range(sets.shape[1]):
            mine = np.flatnonzero(member.reshape(-1) == number)
            beside = [other for other, sells in zip(rivals, sets[:, number], strict=True) if sells]
            share = executable(one, stage.falls.terms, prices[:, mine], beside).share(owed, one.rate)
            found[mine] = owed * (1 - share)
        return found

    def _columns(self, made: Fallen, lost: Floats) -> Floats:
        """float64[F, 3, P]: loss and annuity in present value, and whether there is a default."""
        dates = len(self.discount)
        factor = np.append(self.discount, 0.0)[made.first]
        earned = np.cumsum(np.concatenate([np.zeros((len(lost), 1)), self.exposure * self.discount * self.years], axis=1), axis=1)
        annuity = np.take_along_axis(earned, made.first, axis=1)
        return np.stack([lost * factor, annuity, (made.first < dates).astype(float)], axis=1)

    def _by_date(self, made: Fallen, lost: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """By date of default, [F, T]: how many paths, money lost, the sum of the shares lost; and by cause [F, C], how many paths."""
        loans, dates = self.exposure.shape
        when, money, share = np.zeros((loans, dates)), np.zeros((loans, dates)), np.zeros((loans, dates))
        causes = np.zeros((loans, self.stages[self.attributed - 1].falls.causes))
        for f in range(loans):
            hit = made.first[f] < dates
            at = made.first[f][hit]
            owed = self.exposure[f][at]
            part = np.divide(lost[f][hit], owed, out=np.zeros(len(at)), where=owed > 0)
            when[f] = np.bincount(at, minlength=dates)
            money[f], share[f] = np.bincount(at, lost[f][hit], dates), np.bincount(at, part, dates)
            causes[f] = np.bincount(made.cause[f][hit], minlength=causes.shape[1])
        return when, money, share, causes


class _Drawn(NamedTuple):
    """The marks of a block under some rules, and what is missed in them: several stages in a row look at the same."""

    falls: Falls
    marks: Floats
    missing: Missed


class LossTally(msgspec.Struct, frozen=True):
    """What one block, or several in order, came to. `sums` [F, 3S] and `moments` [F, 3S, 3S] add up loss, annuity and default of each
    stage and their products over paths; `when`, `money`, `share` [F, T] and `causes` [F, C] are of the last of these stages; `book` and
    `squares` [all stages, 1 + K] add up the book's loss and each tranche's, in money.
    """

    paths: int
    sums: Floats
    moments: Floats
    when: Floats
    money: Floats
    share: Floats
    causes: Floats
    book: Floats
    squares: Floats


def _rivals(falls: Falls, one: Exit, t: int) -> list[Exit]:
    """Who else could sell the same assets on a date."""
    assets = {parcel.row.asset for parcel in one.parcels}
    others = [falls.exits.get((f, t)) for f in range(falls.loans) if f != one.facility]
    return [other for other in others if other is not None and any(parcel.row.asset in assets for parcel in other.parcels)]


def _layered(lost: Floats, layers: Floats) -> Floats:
    """float64[1 + K, P]: the book's loss, and the part of it that each layer takes."""
    return np.stack([lost, *(np.clip(lost - low, 0.0, high - low) for low, high in layers)])
