"""Cash through the waterfall of a payment day: what pays, what is reserved, swept, trapped, released, distributed, or lacks.

The only code in which a path depends on what it did before. Everything is float64[F, P]: facilities by paths.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from rules.columns import Bools, Floats, Ints


class Accounts(NamedTuple):
    """What lies in the debt service reserve and in the trap."""

    reserve: Floats
    trapped: Floats


class Period(NamedTuple):
    """What comes in and falls due on a payment day: NaN where it is not known, 0 service for a facility that pays nothing then.

    `target` is what the reserve ought to hold after it (0: none is agreed), `owed` the debt left after the scheduled payment,
    `sweep` the share of the excess that repays debt, `hold` and `sweeps` whether a trigger traps or sweeps what is left.
    """

    cash: Floats
    service: Floats
    target: Floats
    owed: Floats
    sweep: Floats
    hold: Bools
    sweeps: Bools


class Paid(msgspec.Struct, frozen=True):
    """One payment day, sources and uses: cash + from_trap + from_reserve + unpaid + released = service + to_reserve + swept
    + trapped + distributed. `swept` includes `swept_trap`, which is released from the trap to repay debt.
    """

    cash: Floats
    service: Floats
    from_trap: Floats
    from_reserve: Floats
    unpaid: Floats
    to_reserve: Floats
    swept: Floats
    trapped: Floats
    released: Floats
    distributed: Floats


def advance(accounts: Accounts, period: Period) -> tuple[Accounts, Paid]:
    """The accounts after a payment day, and how its money went.

    Debt service first; then the reserve up to its target, the agreed sweep, a sweep that a trigger asks for, the trap while one
    traps, and what is left is distributed with all that was trapped before. A shortfall draws on the trap, then on the reserve;
    the rest is unpaid.
    """
    left = period.cash - period.service
    excess, short = np.maximum(0.0, left), np.maximum(0.0, -left)
    from_trap = np.minimum(short, accounts.trapped)
    from_reserve = np.minimum(short - from_trap, accounts.reserve)
    unpaid = short - from_trap - from_reserve
    to_reserve = np.minimum(excess, np.maximum(0.0, period.target - accounts.reserve))
    rest = excess - to_reserve
    swept = np.minimum(rest * np.where(period.sweeps, 1.0, period.sweep), period.owed)
    in_trap = accounts.trapped - from_trap
    swept_trap = np.where(period.sweeps, np.minimum(in_trap, period.owed - swept), 0.0)
    rest, in_trap = rest - swept, in_trap - swept_trap
    trapped = np.where(period.hold, rest, 0.0)
    out = np.where(period.hold, 0.0, in_trap)
    paid = Paid(
        period.cash, period.service, from_trap, from_reserve, unpaid, to_reserve, swept + swept_trap, trapped, swept_trap + out,
        rest - trapped + out,
    )  # fmt: skip
    after = Accounts(accounts.reserve - from_reserve + to_reserve, in_trap - out + trapped)
    return after, paid


class Gates(msgspec.Struct, frozen=True):
    """Triggers by path: `on` bool[G, P], and how many tests running have pointed the other way, int64[G, P]."""

    on: Bools
    streak: Ints

    def tested(self, rows: Ints, enters: Bools, leaves: Bools, need: tuple[Ints, Ints]) -> Gates:
        """The gates after tests of some rows: `enters` and `leaves` bool[R, P] say which level was met, `need` how many in a row."""
        on, streak = self.on.copy(), self.streak.copy()
        moves = np.where(on[rows], leaves, enters)
        running = np.where(moves, streak[rows] + 1, 0)
        turned = running >= np.where(on[rows], need[1][:, None], need[0][:, None])
        on[rows] = on[rows] ^ turned
        streak[rows] = np.where(turned, 0, running)
        return Gates(on, streak)

    def lifted(self, rows: Ints, off: Bools) -> Gates:
        """The gates with those of some rows switched off where `off` bool[R, P] says so, their counts begun anew."""
        on, streak = self.on.copy(), self.streak.copy()
        on[rows] &= ~off
        streak[rows] = np.where(off, 0, streak[rows])
        return Gates(on, streak)
