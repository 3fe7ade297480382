r"""What is held back on average, where the floor of a day is not known but how far floors of days lie apart is.

With the floor of an average day :math:`F`, a day's departure from it :math:`x \sim N(0, \sigma)`, :math:`N` what units
and links would carry were nothing held back, and :math:`T` the most wind that can be held back (a few turbines turn on):

.. math:: E\bigl[\min(\max(a,\, F + x - N),\, T)\bigr] = a + e(F - N - a) - e(F - N - T), \qquad e(m) = E[(m + x)^+]

:math:`a` is what is held back whatever the floor, because a unit or a link cannot go lower. What is held back bends upwards
in the floor: the floor of an average day holds back less than days do on average, above all where little is held.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from tamna.dispatch.account import held_mw
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import Hours, System

    Floats = NDArray[np.float64]

NEAR_MW = 1e-3
"""Less than this is nothing. [MW]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Room:
    """What there is to hold back, hour by hour, (hours,).

    Attributes
    ----------
    floor_mw
        Of an average day. [MW]
    free_mw
        What units and links would carry were nothing held back. [MW]
    most_mw
        The most of this fleet that can be held back. [MW]
    anyway_mw
        Held back whatever the floor. [MW]
    """

    floor_mw: Floats
    free_mw: Floats
    most_mw: Floats
    anyway_mw: Floats

    def lower(self, by_mw: float | Floats) -> Room:
        """Give the same hours under a floor that is lower by so much."""
        return replace(self, floor_mw=self.floor_mw - by_mw)

    def held(self, sd_mw: float | Floats = 0.0) -> Floats:
        """Give what is held back on average over floors that lie `sd_mw` apart, (hours,) [MW]."""
        least = np.minimum(self.anyway_mw, self.most_mw)
        short = self.floor_mw - self.free_mw
        return least + beyond(short - least, sd_mw) - beyond(short - self.most_mw, sd_mw)


def beyond(mean_mw: Floats, sd_mw: float | Floats) -> Floats:
    """Give the mean of a normal's positive part [MW].

    >>> beyond(np.array([0.0, 30.0, -30.0]), 0.0)
    array([ 0., 30.,  0.])
    >>> beyond(np.array([0.0]), 50.0).round(2)
    array([19.95])
    """
    known = np.asarray(sd_mw) <= 0.0
    z = mean_mw / np.where(known, 1.0, sd_mw)
    wide = mean_mw * ndtr(z) + sd_mw * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    return np.where(known, np.maximum(mean_mw, 0.0), wide)


def room(system: System, hours: Hours, done: Schedule, fleet: str) -> Room:
    """Read off a schedule what the floor had to do with what was held back of a fleet.

    Parameters
    ----------
    hours
        Those that `done` covers, with a floor.
    """
    power = done.injection_mw[ELECTRICITY]
    carrying = [*(u.name for u in system.thermal), *(k.name for k in system.links)]
    given = np.sum([power[name] for name in carrying], axis=0)
    held = held_mw(system, hours, done)
    floor = np.zeros(hours.steps.count) if hours.floor_mw is None else hours.floor_mw
    free = given - np.sum([*held.values()], axis=0)
    stuck = (held[fleet] > NEAR_MW) & (given > floor + NEAR_MW)
    return Room(
        floor_mw=floor,
        free_mw=free,
        most_mw=np.maximum(hours.potential_mw[fleet] - hours.must_take_mw.get(fleet, np.float64(0.0)), 0.0),
        anyway_mw=np.where(stuck, held[fleet], 0.0),
    )
