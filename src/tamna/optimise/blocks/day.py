r"""Limits of a day: so much energy, so many hours, so many times between two midnights.

.. math:: \sum_{t \in \text{day}} x_t \le L - U

A day is 24 hours from the clock's zero, which is the beginning of an island day; U is what the day had used up before the
first step. Clock and use stand in the state, so a day may be cut anywhere.
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
    """

    elapsed_h: float = 0.0
    used: Mapping[str, float] = field(default_factory=dict)

    def spans(self, steps: Steps, span_h: float = DAY_H) -> Ints:
        """Number each step by the span that it lies in, 0 being that of the first step, (steps,)."""
        at = self.elapsed_h + np.arange(steps.count) * steps.hours
        number = np.floor(at / span_h + 1e-9).astype(np.int64)
        return np.asarray(number - number[0])

    def begins_day(self, steps: Steps) -> NDArray[np.bool_]:
        """Tell which steps are the first of a day, (steps,)."""
        at = self.elapsed_h + np.arange(-1, steps.count) * steps.hours
        return np.asarray(np.diff(np.floor(at / DAY_H + 1e-9)) > 0.0)


def add_daily(
    problem: Problem, name: str, amount: Algebra, *, limit: float, clock: Clock, says: Message
) -> None:
    """Add the rows `name`, one a day: what the steps of a day add up to stays below `limit`."""
    day = clock.spans(problem.steps)
    most = np.full(int(day[-1]) + 1, limit)
    most[0] = max(0.0, limit - clock.used.get(name, 0.0))
    problem.rows(name, grouped(amount, day, len(most)), upper=most, says=says)
