"""Which hours were held: back and forth between the weather's error and the floor of the day.

Trusted hours say how far the weather's potential is off around an hour; potential and floor say which hours are
held; held hours are no longer trusted. A few rounds settle it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from tamna.physics.dayfloor import departures, floors_of_days, sun_days
from tamna.physics.smooth import NO_NEWS, Persistence, smooth, without_own
from tamna.physics.states import free_and_held, log_free

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.physics.curtailment import Hours, SystemFloor

    Floats = NDArray[np.float64]

_LEAST = 1e-30
ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What `look` found. Arrays (hours,); hours that are not known carry placeholders.

    Attributes
    ----------
    made, weather, net
        Output, the weather's potential, demand less PV. [MW]
    mean, var
        The weather's error and its variance, the hour's own output included. [MW], [MW2]
    around, wide
        Potential and its standard deviation, the hour's own output left out. [MW]
    floor
        The day's floor. [MW]
    odds
        Log odds that the hour was held.
    log_likelihood
        Of every hour's output given all others.
    """

    made: Floats
    weather: Floats
    net: Floats
    mean: Floats
    var: Floats
    around: Floats
    wide: Floats
    floor: Floats
    odds: Floats
    log_likelihood: float


def look(hours: Hours, floor: SystemFloor, how: Persistence, rounds: int) -> Seen:
    """Judge every hour, in `rounds` >= 1 rounds."""
    known = hours.known
    y, p, s = (np.where(known, a, 0.0) for a in (hours.actual_mw, hours.potential_mw, hours.error_mw))
    s = np.where(known, np.maximum(s, 1.0), 10.0)
    net = np.where(known, hours.demand_mw - hours.pv_mw, 1e4)
    edge = floor.at(hours.stamps)
    odds = (edge - (net - p)) / floor.day_sd_mw - floor.dark_penalty * ~hours.sunny
    for _round in range(rounds):
        held = expit(odds)
        doubt = np.where(held > 0.5, NO_NEWS, 4 * s * s * held / (1 - np.minimum(held, 0.5)))
        noise = np.where(known, how.meter_mw**2 + doubt, NO_NEWS)
        mean, var = smooth(y - p, noise, s, p, how)
        rest, rest_var = without_own(mean, var, y - p, noise)
        around = np.clip(p + rest, 0.0, hours.most_mw)
        wide = np.sqrt(np.minimum(rest_var, 3 * s * s) + how.meter_mw**2)
        odds, off, total = _weighed(hours, floor, left=net - y - edge, short=around - y, wide=wide)
    total += float(log_free(around - y, wide, floor.tail)[known].sum())
    return Seen(
        made=y, weather=p, net=net, mean=mean, var=var, around=around, wide=wide, floor=edge + off, odds=odds,
        log_likelihood=total,
    )  # fmt: skip


def _weighed(
    hours: Hours, floor: SystemFloor, *, left: Floats, short: Floats, wide: Floats
) -> tuple[Floats, Floats, float]:
    """Give log odds of held, the day's departure from the line, and log evidence, hour by hour.

    `left` is demand less PV, output and the line of the floor; `short` potential less output. [MW]
    """
    grid = departures(floor.day_sd_mw)
    free, held = _states(hours, floor, left[:, None] - grid, short, wide)
    both = free + held
    weight, total = _told(hours, floor, both)
    yes, no = (np.maximum((weight * part / both).sum(axis=1), _LEAST) for part in (held, free))
    return np.log(yes) - np.log(no), weight @ grid, total


def _states(
    hours: Hours, floor: SystemFloor, left_mw: Floats, short: Floats, wide: Floats
) -> tuple[Floats, Floats]:
    """Give the densities of `free_and_held`, (hours, floors); an hour that is not known is free under any floor."""
    known = hours.known
    free, held = free_and_held(
        np.where(known, hours.actual_mw, 0.0), left_mw, short, wide,
        width_mw=floor.width_mw, rest_mw=floor.rest_mw, tail=floor.tail,
    )  # fmt: skip
    dark = ~hours.sunny & known
    free[dark], held[dark] = 1.0, held[dark] * np.exp(-floor.dark_penalty)
    free[~known], held[~known] = 1.0, 0.0
    return free, held


def _told(hours: Hours, floor: SystemFloor, both: Floats) -> tuple[Floats, float]:
    """Give how likely each floor is on each hour's day, (hours, floors), and the log evidence of all hours."""
    day = sun_days(hours.stamps, hours.sunny)
    told = np.zeros((int(day.max()) + 1, both.shape[1]))
    np.add.at(told, day, np.log(both))
    share, total = floors_of_days(told, floor.day_sd_mw, floor.memory)
    return share[day], total


def told_by_others(hours: Hours, floor: SystemFloor, how: Persistence) -> tuple[Floats, Floats]:
    """Give mean and standard deviation of how far each hour's floor lies from its line as all *other* hours tell it [MW].

    An hour's own output is taken out of its day's floor and of what its wind could have given; it remains in how far
    its neighbours are trusted.
    """
    seen = look(hours, floor, how, ROUNDS)
    grid = departures(floor.day_sd_mw)
    left = (seen.net - seen.made - floor.at(hours.stamps))[:, None] - grid
    free, held = _states(hours, floor, left, seen.around - seen.made, seen.wide)
    both = free + held
    weight = _told(hours, floor, both)[0] / both
    weight /= weight.sum(axis=1, keepdims=True)
    mean = weight @ grid
    return mean, np.sqrt(np.maximum(weight @ grid**2 - mean**2, 0.0))
