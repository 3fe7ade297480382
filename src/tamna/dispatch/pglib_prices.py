r"""What each decision costs at least, at the prices of a relaxed answer: so that what is too dear can be settled.

With prices :math:`y` on all rows but those of one unit's own times, the problem falls apart: each unit chooses the
cheapest way through its hours on and off, by itself. The sum of these is a bound, for any prices,

.. math:: L(y) = b^\top y + \sum_j \min_{l_j \le x_j \le u_j} \bar c_j x_j + \sum_g \min_{s \in S_g} \bar c_g(s) ,

and where the cheapest way of a unit with :math:`u_{g,t} = 1` costs :math:`\Delta` more than its cheapest, no answer below
:math:`L + \Delta` has it on in that hour. Ways are paths from stop to start to stop; each unit's are found forwards and
backwards in (hours)^2 steps. Reduced costs alone see one hour at a time; a path sees the least times and the start.

References
----------
Held, Karp, "The traveling-salesman problem and minimum spanning trees", Oper. Res. 18(6), 1970, for the bound; Sherali,
Smith, "Dynamic Lagrangian dual and reduced RLT constructs", 2012, for settling by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.pglib_rows import BEFORE, PAIRS, Pairs, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.system import State, System
    from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
    from tamna.optimise.problem import Arrays

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

NEVER = 1e18
"""Cost of a way that does not exist."""
_OWN = ("logic", "up_time", "down_time")
"""Rows of a unit's own times, which its paths keep by themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Dearer:
    """What a unit costs more than at its cheapest, (hours,) each [money], if in that hour it is or does so."""

    on: Floats
    off: Floats
    start: Floats
    stop: Floats


def bound_and_dearer(
    arrays: Arrays, prices: Floats, system: System, state: State, paired: Mapping[str, Pairs]
) -> tuple[float, dict[str, Dearer]]:
    """Give the bound of some prices, and by unit what each decision costs more.

    Parameters
    ----------
    prices : (rows,)
        Any: those of a relaxed answer give its bound or more.
    """
    y = _usable(arrays, prices)
    cost = arrays.cost - np.bincount(
        arrays.column, weights=arrays.factor * y[arrays.row], minlength=len(arrays.cost)
    )
    sides = np.where(y > 0.0, arrays.row_lower, np.where(y < 0.0, arrays.row_upper, 0.0))
    bound = arrays.offset + float(y @ np.where(np.isfinite(sides), sides, 0.0))
    at, alone = {g.name: g.place for g in arrays.columns}, np.ones(len(cost), bool)
    dearer: dict[str, Dearer] = {}
    for unit in system.thermal:
        if not unit.commits:
            continue
        name = unit.name
        places = [at[f"{name}/{what}"] for what in ("on", "start", "stop")]
        pairs = paired.get(name)
        for place in (*places, *([at[f"{name}/{PAIRS}"]] if pairs else [])):
            alone[place] = False
        saved = _saved(pairs, cost[at[f"{name}/{PAIRS}"]] if pairs else None, len(cost[places[0]]))
        barred = [np.where(arrays.column_upper[place] < 0.5, NEVER, 0.0) for place in places[1:]]
        costs = (cost[places[0]], cost[places[1]] + barred[0], cost[places[2]] + barred[1])
        paths = _Paths(unit, state.thermal[name], saved, costs)
        least, dearer[name] = paths.dearer(
            may_on=arrays.column_upper[places[0]] > 0.5, must_on=arrays.column_lower[places[0]] > 0.5
        )
        bound += least
    return bound + _least(arrays, cost, alone), dearer


def _usable(arrays: Arrays, prices: Floats) -> Floats:
    """Drop the prices of a unit's own rows, and those that have no side to rest on."""
    y = prices.copy()
    for group in arrays.rows:
        if group.name.rpartition("/")[2] in _OWN or group.name == PAIRS:
            y[group.place] = 0.0
    y[(y > 0.0) & ~np.isfinite(arrays.row_lower)] = 0.0
    y[(y < 0.0) & ~np.isfinite(arrays.row_upper)] = 0.0
    return y


_NOTHING = 1e-7
"""A reduced cost so small is none: columns without an upper bound then add nothing. [money]"""


def _least(arrays: Arrays, cost: Floats, alone: Bools) -> float:
    best = np.where(cost > 0.0, arrays.column_lower, arrays.column_upper)
    counted = alone & ((np.abs(cost) > _NOTHING) | np.isfinite(best))
    return float(np.sum(cost[counted] * best[counted]))


def _saved(pairs: Pairs | None, cost: Floats | None, count: int) -> Floats:
    """What a pair saves, by stop (the last row: before the first hour) and start; nothing where it would not pay."""
    out = np.zeros((count + 1, count))
    if pairs is not None and cost is not None:
        stop = np.where(pairs.stop == BEFORE, count, pairs.stop)
        out[stop, pairs.start] = np.minimum(cost, 0.0)
    return out


class _Paths:
    """Ways of one unit through its hours on and off.

    Arcs ``on[i, j]`` from a start in hour i to a stop in hour j, ``off[i, j]`` from a stop to a start; the last column
    leads to the end. What was before the first hour is a row of its own.
    """

    def __init__(
        self, unit: Thermal, state: ThermalState, saved: Floats, costs: tuple[Floats, Floats, Floats]
    ) -> None:
        self.on_cost, self.start_cost, self.stop_cost = costs
        self.count, self.saved, self.was_on = len(self.on_cost), saved, state.on
        self.up, self.down = max(1, whole(unit.min_up_h)), max(1, whole(unit.min_down_h))
        self.bound_for = max(0, (self.up if state.on else self.down) - int(state.hours))

    def dearer(self, *, may_on: Bools, must_on: Bools) -> tuple[float, Dearer]:
        """Give the least cost of all ways, and how much more each decision costs."""
        on, on_first = self._on(may_on)
        off, off_first = self._off(must_on)
        to_start, to_stop = self._forwards(on, off, on_first, off_first)
        from_start, from_stop = self._backwards(on, off)
        ended_start, ended_stop = np.append(from_start, 0.0), np.append(from_stop, 0.0)
        all_on = np.vstack([on_first + ended_stop, to_start[:, None] + on + ended_stop])
        all_off = np.vstack([off_first + ended_start, to_stop[:, None] + off + ended_start])
        least = float(min(all_on.min(), all_off.min()))
        return least, Dearer(
            on=_through(all_on) - least,
            off=_through(all_off) - least,
            start=to_start + from_start - least,
            stop=to_stop + from_stop - least,
        )

    def _on(self, may_on: Bools) -> tuple[Floats, Floats]:
        n = self.count
        run, blocked = _sums(self.on_cost), _sums(~may_on)
        i, j = np.arange(n)[:, None], np.arange(n + 1)[None, :]
        ends = np.append(self.stop_cost, 0.0)
        possible = ((j >= i + self.up) | (j == n)) & (j > i) & (blocked[j] == blocked[np.minimum(i, j)])
        first = ((j[0] >= self.bound_for) | (j[0] == n)) & (blocked == 0.0) & self.was_on
        return (
            np.where(possible, run[j] - run[i] + ends, NEVER),
            np.where(first, run + ends, NEVER),
        )

    def _off(self, must_on: Bools) -> tuple[Floats, Floats]:
        n = self.count
        needed = _sums(must_on)
        i, j = np.arange(n)[:, None], np.arange(n + 1)[None, :]
        starts = np.append(self.start_cost, 0.0)
        saved = np.hstack([self.saved, np.zeros((n + 1, 1))])
        possible = ((j >= i + self.down) | (j == n)) & (j > i) & (needed[j] == needed[np.minimum(i, j)])
        first = ((j[0] >= self.bound_for) | (j[0] == n)) & (needed == 0.0) & (not self.was_on)
        return np.where(possible, starts + saved[:n], NEVER), np.where(first, starts + saved[n], NEVER)

    def _forwards(
        self, on: Floats, off: Floats, on_first: Floats, off_first: Floats
    ) -> tuple[Floats, Floats]:
        start, stop = off_first[:-1].copy(), on_first[:-1].copy()
        for t in range(1, self.count):
            start[t] = min(start[t], (stop[:t] + off[:t, t]).min())
            stop[t] = min(stop[t], (start[:t] + on[:t, t]).min())
        return start, stop

    def _backwards(self, on: Floats, off: Floats) -> tuple[Floats, Floats]:
        n = self.count
        start, stop = on[:, n].copy(), off[:, n].copy()
        for t in range(n - 2, -1, -1):
            start[t] = min(start[t], (on[t, t + 1 : n] + stop[t + 1 :]).min())
            stop[t] = min(stop[t], (off[t, t + 1 : n] + start[t + 1 :]).min())
        return start, stop


def _sums(of: Floats | Bools) -> Floats:
    return np.concatenate([[0.0], np.cumsum(of)])


def _through(arcs: Floats) -> Floats:
    """Give for each hour the least of the arcs that begin at or before it and end after it."""
    least = np.minimum.accumulate(arcs, axis=0)
    least = np.minimum.accumulate(least[:, ::-1], axis=1)[:, ::-1]
    hour = np.arange(arcs.shape[0] - 1)
    return np.asarray(least[hour + 1, hour + 1])
