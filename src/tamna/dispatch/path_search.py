"""Decisions for many paths without a tree: the linear answer rounded at several heights, then bettered piece by piece.

What decisions must keep among themselves (least times, one way and one number of poles) is a small problem of its own
(`Rules`), answered in a hundredth of a second: rounding is its answer nearest to the linear one. Then one unit or link takes
over what it does in another rounding, or a unit starts or stops some steps sooner or later. Of all such changes the one is
priced next that may cost least by what is known (`tamna.dispatch.path_prices`); where none may gain, the search is over.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import TamnaError
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.dispatch.path_prices import Prices
    from tamna.optimise.problem import Arrays

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

WANTED = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""A unit is on where the linear answer has it on by about this: each is tried. [-]"""
POLES = 0.5
"""Poles, which cost nothing by themselves, already by this part of it. [-]"""
TRIES = 40
"""So many changes are priced at most."""
SHIFTS = (1, 2, 4)
"""A unit starts or stops so many steps sooner or later."""
LEAST = 3e-5
"""A change that may gain less than this part of the cost is left alone. [-]"""


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """What decisions must keep among themselves.

    Attributes
    ----------
    arrays
        Columns that are the same on every path, and rows over nothing else.
    decided : (decisions,)
        Which of them are decided; the others follow.
    parts
        By unit and link, the places of its decisions; those of a unit are its steps.
    units
        Which of the parts are units.
    """

    arrays: Arrays
    decided: Ints
    parts: dict[str, Ints]
    units: frozenset[str]

    def rounded(self, half: Floats, wanted: float) -> Floats | None:
        """Give the decisions nearest to a linear answer's, (decisions,), that keep all rules; None where none is found."""
        cost = np.zeros_like(self.arrays.cost)
        for name, places in self.parts.items():
            least = wanted if name in self.units else POLES * wanted
            cost[self.decided[places]] = least - half[places]
        with suppress(TamnaError):
            found = Model(
                replace(self.arrays, cost=cost, offset=0.0), How(gap=1e-3, time_limit_s=1.0)
            ).solve()
            return found.x[self.decided].round()
        return None

    def allow(self, x: Floats) -> bool:
        """Tell whether decisions keep their bounds: outages, and what must come down first."""
        lower, upper = self.arrays.column_lower[self.decided], self.arrays.column_upper[self.decided]
        return bool(((lower <= x) & (x <= upper)).all())


def rules_of(paths: Sequence[Arrays], shared: Bools, decided: Bools, coming_down: Mapping[str, int]) -> Rules:
    """Take the rules out of the problems of the paths.

    Parameters
    ----------
    shared, decided : (columns,)
        Columns of a path that are the same on each of them, and those of them that are decided.
    coming_down
        By unit that is decided, how many steps it stays on because it gives more than a stop allows.
    """
    first, mine = paths[0], np.flatnonzero(shared)
    entries = np.bincount(first.row, minlength=len(first.row_lower))
    own = np.bincount(first.row, weights=shared[first.column], minlength=len(entries))
    kept = (entries > 0) & (own == entries)
    inside, number, row = kept[first.row], np.cumsum(shared) - 1, np.cumsum(kept) - 1
    lower = np.max([a.column_lower for a in paths], axis=0)
    at = {g.name: g.first for g in first.columns}
    for name, steps in coming_down.items():
        lower[at[f"{name}/on"] : at[f"{name}/on"] + steps] = 1.0
    chosen = np.flatnonzero(decided)
    parts: dict[str, list[Ints]] = {}
    for group in first.columns:
        if group.size and decided[group.first]:
            places = np.searchsorted(chosen, np.arange(group.first, group.first + group.size))
            parts.setdefault(group.name.rpartition("/")[0], []).append(places)
    return Rules(
        arrays=replace(
            first,
            column_lower=lower[mine],
            column_upper=np.min([a.column_upper for a in paths], axis=0)[mine],
            integer=(first.integer & decided)[mine],
            cost=np.zeros(len(mine)),
            row_lower=np.max([a.row_lower for a in paths], axis=0)[kept],
            row_upper=np.min([a.row_upper for a in paths], axis=0)[kept],
            row=row[first.row[inside]],
            column=number[first.column[inside]],
            factor=first.factor[inside],
            columns=(),
            rows=(),
        ),
        decided=number[chosen],
        parts={name: np.concatenate(places) for name, places in parts.items()},
        units=frozenset(coming_down),
    )


def bettered(prices: Prices, rules: Rules, start: Floats, half: Floats, bound: float, how: How) -> Floats:  # noqa: PLR0917
    """Give the cheapest decisions that were met, (decisions,); no dearer than `start`.

    Parameters
    ----------
    half : (decisions,)
        The linear answer's.
    bound
        What no decisions can cost less than. [money]
    how
        Its gap and its time are enough.
    """
    end = time.monotonic() + how.time_limit_s
    rounded = {x.tobytes(): x for w in WANTED if (x := rules.rounded(half, w)) is not None}
    others = list(rounded.values())
    best, cost = start, prices.price(start)
    for other in others:
        if prices.price(other, cost) < cost:
            best, cost = other, prices.price(other)
    for _try in range(TRIES):
        if cost - bound <= how.gap * abs(cost) or time.monotonic() > end:
            break
        near = [x for x in _changes(best, (start, *others), rules) if rules.allow(x) and not prices.met(x)]
        if not near:
            break
        least = prices.least(np.array(near))
        hopeful = near[int(np.argmin(least))]
        if least.min() >= cost - LEAST * abs(cost):
            break
        if prices.price(hopeful, cost) < cost:
            best, cost = hopeful, prices.price(hopeful)
    return best


def _changes(best: Floats, others: Sequence[Floats], rules: Rules) -> Iterator[Floats]:
    """Give decisions that differ in one unit or link."""
    for name, places in rules.parts.items():
        mine = best[places]
        for other in others:
            if (other[places] != mine).any():
                yield _with(best, places, other[places])
        if name in rules.units:
            for step in (np.flatnonzero(np.diff(mine)) + 1).tolist():
                for k in SHIFTS:
                    yield _with(best, places[max(0, step - k) : step], mine[step])
                    yield _with(best, places[step : step + k], mine[step - 1])


def _with(best: Floats, places: Ints, value: Floats | float) -> Floats:
    out = best.copy()
    out[places] = value
    return out
