"""The relaxed commitment of an instance: tight rows, reserve where it can bind, cuts, and what its prices settle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.pglib import SPINNING
from tamna.dispatch.pglib_prices import bound_and_dearer
from tamna.dispatch.pglib_rows import BEFORE, PAIRS, with_capacity, with_pairs, without_reserve
from tamna.lang import _
from tamna.optimise.edit import Entries, with_rows
from tamna.optimise.shrink import Shrunk, shrunk
from tamna.optimise.solver import How, Model, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.pglib_prices import Dearer
    from tamna.dispatch.pglib_rows import Pairs
    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
    from tamna.optimise.problem import Arrays, Group

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

ROOM = 0.06
"""Reserve counts in an hour where the relaxed answer has less than this share of demand to spare. [-]"""
_HALF = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """A relaxation of an instance with the prices of its linear answer.

    Attributes
    ----------
    arrays
        Its rows: pairs of starts and stops, capacity on, reserve in `busy` hours only, cuts.
    bound
        What no schedule costs less than, unless `below` is less. [money]
    dearer
        By unit, what each decision costs more.
    below
        Cuts and settled columns hold for schedules that cost less than this. [money]
    busy : (hours,)
        Where reserve counts.
    x : (columns,)
        The linear answer.
    """

    system: System
    state: State
    arrays: Arrays
    paired: Mapping[str, Pairs]
    busy: Bools
    bound: float
    dearer: Mapping[str, Dearer]
    x: Floats
    below: float = np.inf

    def settled(self, room: float) -> tuple[Floats, Floats]:
        """Give bounds of the columns that no schedule breaks which costs less than ``bound + room``."""
        lower, upper = self.arrays.column_lower.copy(), self.arrays.column_upper.copy()
        at = {g.name: g for g in self.arrays.columns}
        for unit in self.system.thermal:
            if unit.commits:
                self._settle(unit, room, at, (lower, upper))
        return lower, upper

    def _settle(
        self, unit: Thermal, room: float, at: Mapping[str, Group], bounds: tuple[Floats, Floats]
    ) -> None:
        lower, upper = bounds
        dearer, on = self.dearer[unit.name], at[f"{unit.name}/on"].place
        upper[on] = np.where(dearer.on > room, 0.0, upper[on])
        lower[on] = np.where(dearer.off > room, upper[on], lower[on])
        is_on, is_off = lower[on] > _HALF, upper[on] < _HALF
        for what, cost in (("start", dearer.start), ("stop", dearer.stop)):
            stays = cost > room
            stays[1:] |= (is_on[1:] & is_on[:-1]) | (is_off[1:] & is_off[:-1])
            place = at[f"{unit.name}/{what}"].place
            upper[place] = np.where(stays, 0.0, upper[place])
        off = np.flatnonzero(is_off)
        for what in ("above", *(f"segment_{k}" for k in range(1, len(unit.segments) + 1))):
            upper[at[f"{unit.name}/{what}"].first + off] = 0.0
        held = at.get(f"{SPINNING}/{unit.name}")
        if held is not None:
            upper[held.first + np.flatnonzero(is_off[self.busy])] = 0.0
        if unit.name in self.paired:
            pairs, start, stop = (
                self.paired[unit.name],
                upper[at[f"{unit.name}/start"].place],
                upper[at[f"{unit.name}/stop"].place],
            )
            stopped = (pairs.stop == BEFORE) | (stop[pairs.stop] > _HALF)
            place = at[f"{unit.name}/{PAIRS}"].place
            upper[place] = np.where(stopped & (start[pairs.start] > _HALF), upper[place], 0.0)

    def part(self, room: float) -> Shrunk:
        """Leave what no schedule below ``bound + room`` can be: smaller, and the same for all that cost less."""
        return shrunk(self.arrays, *self.settled(room))

    def cut(
        self, room: float, time_limit_s: float, stop: Callable[[float], bool] = lambda _bound: False
    ) -> Relaxed:
        """Settle for all that costs less than ``bound + room``, and add the rows that the solver cuts with there.

        Cuts may take the time, and their prices as much again. `stop` is asked now and then with the bound so far; it holds
        for what costs less than that room.

        Raises
        ------
        Infeasible
            Nothing costs less than ``bound + room``.
        TamnaError
            The cuts were not priced within the time.
        """
        lower, upper = self.settled(room)
        part = shrunk(self.arrays, lower, upper)
        how = How(
            gap=0.0, time_limit_s=max(1.0, time_limit_s), presolve=False, heuristics=(), effort=0.0,
            cutoff=self.bound + room,
        )  # fmt: skip
        cuts = Model(part.arrays, how).cuts(Watch(stop=stop))
        arrays = replace(self.arrays, column_lower=lower, column_upper=upper)
        if len(cuts.lower):
            new = Entries(
                row=cuts.row.tolist(), column=part.free[cuts.column].tolist(), factor=cuts.factor.tolist(),
                lower=cuts.lower.tolist(), upper=cuts.upper.tolist(),
            )  # fmt: skip
            arrays = with_rows(arrays, f"cuts_{len(self.arrays.row_lower)}", new, _("a cut"))
        below = min(self.below, self.bound + room)
        return priced(replace(self, arrays=arrays, below=below), max(1.0, time_limit_s))


def tightened(arrays: Arrays, system: System, hours: Hours, state: State) -> tuple[Arrays, dict[str, Pairs]]:
    """Add the tight rows to an instance as `tamna.dispatch.build.build` wrote it; gives its pairs beside it."""
    tight, paired = with_pairs(arrays, system, state, hours.steps.count)
    return with_capacity(tight, system, needed_mw(system, hours)), paired


def needed_mw(system: System, hours: Hours) -> Floats:
    """Give what units must be able to reach: demand and reserve, less all that renewables can give, (hours,) [MW]."""
    given = np.sum([hours.potential_mw[f.name] for f in system.fleets], axis=0) if system.fleets else 0.0
    return np.asarray(hours.demand_mw + reserve_mw(system, hours) - given)


def reserve_mw(system: System, hours: Hours) -> Floats:
    """Give what is required, (hours,) [MW]."""
    return hours.reserve_mw[SPINNING] if system.reserves else np.zeros(hours.steps.count)


def relaxed(
    tight: Arrays,
    paired: Mapping[str, Pairs],
    system: System,
    hours: Hours,
    state: State,
    *,
    limit_s: float = np.inf,
) -> Relaxed:
    """Solve a tightened instance without whole numbers, reserve put in where it is scarce until it is short nowhere.

    Raises
    ------
    Infeasible, TamnaError
        No linear answer, or none within `limit_s` (each).
    """
    reserve = reserve_mw(system, hours)
    busy = np.full(hours.steps.count, not system.reserves)
    while True:
        found = in_busy_hours(tight, system, state, paired, busy, limit_s=limit_s)
        spare = spare_mw(found, reserve)
        if busy.all() or not ((spare < 0.0) & ~busy).any():
            return found
        busy = busy | (spare < ROOM * hours.demand_mw)


def in_busy_hours(
    tight: Arrays,
    system: System,
    state: State,
    paired: Mapping[str, Pairs],
    busy: Bools,
    *,
    limit_s: float = np.inf,
) -> Relaxed:
    """Give the relaxation with reserve in some hours only."""
    arrays = tight if busy.all() else without_reserve(tight, system, SPINNING, np.flatnonzero(~busy))[0]
    return priced(Relaxed(system, state, arrays, paired, busy, -np.inf, {}, np.empty(0)), limit_s)


def priced(given: Relaxed, limit_s: float = np.inf) -> Relaxed:
    """Solve a relaxation, and price every decision."""
    part = shrunk(given.arrays, given.arrays.column_lower, given.arrays.column_upper)
    halved = replace(part.arrays, integer=np.zeros_like(part.arrays.integer))
    linear = Model(halved, How(time_limit_s=limit_s)).solve()
    prices = np.zeros(len(given.arrays.row_lower))
    prices[part.rows] = linear.row_dual
    bound, dearer = bound_and_dearer(given.arrays, prices, given.system, given.state, given.paired)
    return replace(given, bound=max(given.bound, bound), dearer=dearer, x=part.whole(linear.x))


def spare_mw(found: Relaxed, reserve: Floats) -> Floats:
    """Give what units could hold in reserve beyond what is required, (hours,); roughly, as ramps are left out. [MW]"""
    at, spare = {g.name: g.place for g in found.arrays.columns}, -reserve
    for unit in found.system.thermal:
        if not unit.commits:
            spare = spare + unit.max_mw - found.x[at[f"{unit.name}/power"]]
            continue
        on, start, stop, above = (found.x[at[f"{unit.name}/{k}"]] for k in ("on", "start", "stop", "above"))
        spare = spare + headroom_mw(unit, found.state.thermal[unit.name], (on, start, stop, above))
    return spare


def headroom_mw(unit: Thermal, state: ThermalState, moves: tuple[Floats, Floats, Floats, Floats]) -> Floats:
    """Give what a unit could hold in reserve, (hours,): to its capacity, what a start and a stop leave, its ramp. [MW]

    Parameters
    ----------
    moves : (hours,) each
        On, started, stopped [-], and output above the minimum [MW].
    """
    on, start, stop, above = moves
    above_before = np.concatenate([[max(0.0, state.mw - unit.min_mw) if state.on else 0.0], above[:-1]])
    first = unit.max_mw if unit.start_mw is None else min(unit.start_mw, unit.max_mw)
    last = unit.max_mw if unit.stop_held_mw is None else min(unit.stop_held_mw, unit.max_mw)
    room = (unit.max_mw - unit.min_mw) * on
    most = np.minimum(
        room - (unit.max_mw - first) * start, room - (unit.max_mw - last) * np.append(stop[1:], 0.0)
    )
    return np.asarray(np.maximum(np.minimum(most, above_before + unit.ramp_up_mw_per_h) - above, 0.0))
