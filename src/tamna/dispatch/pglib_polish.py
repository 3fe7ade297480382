"""A schedule made cheaper hours at a time: some hours are searched anew, all other decisions held, until no window helps.

A search of everything finds a good schedule soon and the last tenth of a percent late. With all but some hours held, a
search takes a fraction of a second and is complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import TamnaError
from tamna.optimise.shrink import shrunk
from tamna.optimise.solver import How, Model, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.pglib_relaxed import Relaxed

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

WINDOW, STEP = 12, 6
"""Hours searched anew, and from one window to the next."""
GAP = 1e-5
"""To which a window is searched, over the cost of all hours. [-]"""
_HAIR = 1e-7


def cheaper(
    given: Relaxed,
    on: Mapping[str, Floats],
    free: Bools,
    below: float,
    *,
    limit_s: float,
    gap: float = GAP,
    stop: Callable[[], bool],
) -> tuple[float, Floats] | None:
    """Search some hours for a schedule that costs less than `below`, the others held; gives its cost and columns.

    Parameters
    ----------
    on
        By the name of its columns, what each unit does in the hours that are held, (hours,).
    free : (hours,)
        Which are searched.
    gap
        To which, over the cost of all hours. [-]
    """
    lower, upper = given.settled(max(below - given.bound, 0.0) + _HAIR * abs(below))
    for group in given.arrays.columns:
        value = on.get(group.name)
        if value is not None:
            held = np.flatnonzero(~free)
            lower[group.first + held] = upper[group.first + held] = value[held]
    part = shrunk(given.arrays, lower, upper)
    how = How(gap=gap, time_limit_s=limit_s, cutoff=below - _HAIR * abs(below))
    try:
        found = Model(part.arrays, how).solve(Watch(stop=lambda _bound: stop()))
    except TamnaError:
        return None
    return (found.objective, part.whole(found.x)) if found.objective < how.cutoff else None


def decided(given: Relaxed, x: Floats) -> dict[str, Floats]:
    """Give what is on, by the name of its columns."""
    return {g.name: x[g.place].round() for g in given.arrays.columns if g.name.endswith("/on")}


def windows(hours: int) -> list[Bools]:
    """Give the hours of all windows."""
    firsts = range(0, max(hours - WINDOW, 0) + STEP, STEP) if hours > WINDOW else range(1)
    hour = np.arange(hours)
    return [(hour >= first) & (hour < first + WINDOW) for first in firsts]


def around(marked: Bools) -> Bools:
    """Give the hours so near to marked ones that a window around one would hold them."""
    apart = np.abs(np.arange(len(marked))[:, None] - np.flatnonzero(marked)[None, :])
    return np.asarray((apart <= WINDOW // 2).any(axis=1))
