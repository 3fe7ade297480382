r"""Limits of a day: so much energy, so many hours, so many times between two midnights.

.. math:: \sum_{t \in \text{day}} x_t \le L - U

A day ends at midnight on the island's clock, whose zero is the beginning of an island day: after 24 hours, or 23 and 25 where
the clock is put forward and back; U is what the day had used up before the first step. Clock and use stand in the
state, so a day may be cut anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tamna.optimise.terms import grouped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.lang import Message
    from tamna.optimise.problem import Problem, Steps
    from tamna.optimise.terms import Algebra

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

DAY_H = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Where the first step stands, and what its day has used already.

    Attributes
    ----------
    elapsed_h
        Since the clock's zero, the beginning of an island day. [h]
    used
        By limit, such as ``battery/cycles`` [MWh] or ``works/hours`` [h].
    jumps
        When the clock is put forward, after so many hours from its zero, and by how much (back: below 0). [h, h]
    """

    elapsed_h: float = 0.0
    used: Mapping[str, float] = field(default_factory=dict)
    jumps: tuple[tuple[float, float], ...] = ()

    def shown(self, hours: Floats) -> Floats:
        """Give what the clock shows after `hours`, as hours since its zero, (n,) [h]."""
        return hours + sum((by * (hours >= at - 1e-6) for at, by in self.jumps), np.zeros(len(hours)))

    def spans(self, steps: Steps, span_h: float = DAY_H) -> Ints:
        """Number each step by the span that it lies in, 0 being that of the first step, (steps,)."""
        at = self.shown(np.asarray(self.elapsed_h + np.arange(steps.count) * steps.hours, dtype=np.float64))
        number = np.maximum.accumulate(np.floor(at / span_h + 1e-9).astype(np.int64))
        return np.asarray(number - number[0])

    def begins_day(self, steps: Steps) -> NDArray[np.bool_]:
        """Tell which steps are the first of a day, (steps,)."""
        began = np.arange(-1, steps.count) * steps.hours
        at = self.shown(np.asarray(self.elapsed_h + began, dtype=np.float64))
        return np.asarray(np.diff(np.maximum.accumulate(np.floor(at / DAY_H + 1e-9))) > 0.0)


def add_daily(
    problem: Problem, name: str, amount: Algebra, *, limit: float, clock: Clock, says: Message
) -> None:
    """Add the rows `name`, one a day: what the steps of a day add up to stays below `limit`."""
    day = clock.spans(problem.steps)
    most = np.full(int(day[-1]) + 1, limit)
    most[0] = max(0.0, limit - clock.used.get(name, 0.0))
    problem.rows(name, grouped(amount, day, len(most)), upper=most, says=says)
