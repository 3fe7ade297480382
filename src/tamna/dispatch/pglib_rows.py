r"""Rows that make the relaxed commitment tight: starts paired with the stops before them, capacity on in an hour.

A start at t that follows a stop at i sooner than the coldest kind demands is a pair, :math:`x_{i,t} \ge 0`:

.. math::
    \sum_t x_{i,t} \le w_i, \qquad \sum_i x_{i,t} \le v_t, \qquad
    \text{cost of starts} = C_K \sum_t v_t - \sum_{i,t} (C_K - C(t - i))\, x_{i,t}

Each stop serves one start, which kinds of start by themselves do not say: on ``rts_gmlc/2020-01-27`` that is worth 0.16 %
of the bound. The capacity on in an hour, with :math:`\overline P_g` less what a start or a stop near it takes away,

.. math:: \sum_g \overline P_g u_{g,t} - \ldots \ge D_t + R_t - \overline W_t,

follows from the rows of the hour; written down in whole numbers alone it is what cuts are made of (0.1 % more there).

References
----------
Knueven, Ostrowski, Watson, "On mixed-integer programming formulations for the unit commitment problem", INFORMS J.
Comput. 32(4), 2020 (their "Match").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.optimise.edit import Entries, with_columns, with_rows, without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.system import State, System
    from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
    from tamna.optimise.problem import Arrays

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

PAIRS = "pairs"
BEFORE = -1
"""Number of a stop before the first hour."""
_NEAR = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Starts that may follow a stop closely, (pairs,): the stop's hour or `BEFORE`, the start's, and what it saves."""

    stop: Ints
    start: Ints
    saves: Floats


def pairs_of(unit: Thermal, state: ThermalState, count: int) -> Pairs:
    """List the pairs of a unit over `count` hours whose start costs less than the coldest."""
    off = [max(1, whole(s.off_h)) for s in unit.starts]
    least = max(1, whole(unit.min_down_h))
    stop, start, saves = [], [], []
    stops = range(count) if state.on else range(BEFORE, count)
    for i in stops:
        since = i if i >= 0 else -int(state.hours)
        for t in range(max(0, since + least), min(count, since + off[-1])):
            kind = np.flatnonzero([a <= t - since < b for a, b in pairwise(off)])
            less = unit.starts[-1].cost - unit.starts[kind[0]].cost if len(kind) else 0.0
            if less > 0.0:
                stop.append(i)
                start.append(t)
                saves.append(less)
    return Pairs(np.array(stop, dtype=np.int64), np.array(start, dtype=np.int64), np.array(saves))


def whole(hours: float) -> int:
    """Give the least whole number of hours."""
    return int(np.ceil(hours - _NEAR))


def with_pairs(arrays: Arrays, system: System, state: State, count: int) -> tuple[Arrays, dict[str, Pairs]]:
    """Put pairs in the place of kinds of start; gives them by the unit's name."""
    units = [u for u in system.thermal if len(u.starts) > 1]
    at = {g.name: g for g in arrays.columns}
    rows, columns = np.zeros(len(arrays.row_lower), bool), np.zeros(len(arrays.cost), bool)
    cost = arrays.cost.copy()
    names = {u.name for u in units}
    for group in arrays.rows:
        name, _slash, what = group.name.rpartition("/")
        rows[group.place] = name in names and what.startswith("start_kind")
    for unit in units:
        cost[at[f"{unit.name}/start"].place] += unit.starts[-1].cost
        for k in range(1, len(unit.starts) + 1):
            columns[at[f"{unit.name}/start_{k}"].place] = True
    left, _kept = without(replace(arrays, cost=cost), rows, columns)
    paired: dict[str, Pairs] = {}
    for unit in units:
        pairs = pairs_of(unit, state.thermal[unit.name], count)
        if len(pairs.stop):
            paired[unit.name] = pairs
    return _paired(left, paired), paired


def _paired(arrays: Arrays, paired: Mapping[str, Pairs]) -> Arrays:
    says, new = _("a start follows one stop"), Entries()
    columns = {g.name: g.first for g in arrays.columns}
    first = len(arrays.cost)
    for name, pairs in paired.items():
        for hours, what, sign in ((pairs.stop, "stop", BEFORE), (pairs.start, "start", BEFORE)):
            for hour in np.unique(hours):
                row = new.open(upper=1.0 if hour == BEFORE else 0.0)
                if hour != BEFORE:
                    new.put(row, columns[f"{name}/{what}"] + int(hour), sign)
                for k in np.flatnonzero(hours == hour):
                    new.put(row, first + int(k), 1.0)
        first += len(pairs.stop)
    for name, pairs in paired.items():
        arrays = with_columns(arrays, f"{name}/{PAIRS}", -pairs.saves, says)
    return with_rows(arrays, PAIRS, new, says)


def with_capacity(arrays: Arrays, system: System, needed_mw: Floats) -> Arrays:
    """Add a row for each hour in which units must be on.

    Parameters
    ----------
    needed_mw : (hours,)
        Demand and reserve, less all that renewables can give.
    """
    at, new = {g.name: g.first for g in arrays.columns}, Entries()
    free = sum(u.max_mw for u in system.thermal if not u.commits)
    for t in np.flatnonzero(needed_mw > free):
        row = new.open(lower=float(needed_mw[t] - free))
        for unit in system.thermal:
            if unit.commits:
                _put_capacity(new, row, at, unit, (int(t), len(needed_mw)))
    return with_rows(arrays, "capacity_on", new, _("enough units are on")) if new.lower else arrays


def _put_capacity(
    new: Entries, row: int, at: Mapping[str, int], unit: Thermal, when: tuple[int, int]
) -> None:
    hour, count = when
    most, up = unit.max_mw, max(1, whole(unit.min_up_h))
    new.put(row, at[f"{unit.name}/on"] + hour, most)
    held = unit.stop_held_mw if unit.stop_held_mw is not None else unit.stop_mw
    lost = max(0.0, most - held) if held is not None and up > 1 else 0.0
    if lost > _NEAR and hour + 1 < count:
        new.put(row, at[f"{unit.name}/stop"] + hour + 1, -lost)
    missing = max(0.0, most - unit.start_mw) if unit.start_mw is not None else 0.0
    for back in range(min(max(1, up - (lost > _NEAR)), hour + 1)):
        if missing > _NEAR:
            new.put(row, at[f"{unit.name}/start"] + hour - back, -missing)
        missing -= unit.ramp_up_mw_per_h


def without_reserve(arrays: Arrays, system: System, product: str, idle: Ints) -> tuple[Arrays, Ints]:
    """Leave reserve out of some hours, a relaxation; gives what is left and the numbers its columns had before.

    Where reserve counts, the rows of a unit's ramp up say no more than those of its reserve, and go.
    """
    rows, columns = np.zeros(len(arrays.row_lower), bool), np.zeros(len(arrays.cost), bool)
    for group in arrays.columns:
        if group.name.startswith(f"{product}/") and not group.name.endswith("/short"):
            columns[group.first + idle] = True
    names = {u.name for u in system.thermal}
    for group in arrays.rows:
        unit, _slash, what = group.name.rpartition("/")
        if group.name.startswith(f"{product}/"):
            rows[group.first + idle] = True
        elif what == "rise" and unit in names:
            busy = np.ones(group.size, bool)
            busy[idle] = False
            rows[group.place] |= busy
    return without(arrays, rows, columns)
