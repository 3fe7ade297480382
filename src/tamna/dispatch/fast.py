"""A commitment without a long search: relax, round what is on, search the rest; the relaxed cost proves how far off it is.

Some units of an island cost the same and fit the same noon, so a search of the whole tree finds many equal answers late.
Here the relaxed answer says which units are wanted; their least times on and off, and the ramp down from what they
give, are repaired; links and plants keep their whole numbers. Where that has no answer the whole is searched.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import TamnaError
from tamna.optimise.blocks.thermal_unit import ThermalState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.system import State, System
    from tamna.optimise.blocks.thermal_unit import Thermal
    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution
    from tamna.optimise.solver import Model

    Bools = NDArray[np.bool_]

WANTED = (0.5, 0.2, 0.02)
"""A unit is on where the relaxed answer has it on by more than this; the next is tried where one is poor. [-]"""
GOOD = 0.01
"""An answer proven to lie so close to the best is good enough. [-]"""
LEAST_S = 10.0
"""Each linear answer may take so long whatever the limit: without one there is no schedule at all. [s]"""


def quick(model: Model, system: System, state: State, hours_per_step: float) -> Solution:
    """Solve the problem in `model`, with the relaxed cost as its bound.

    Raises
    ------
    Infeasible, TamnaError
        As `Model.solve` does, for the whole.
    """
    began, how = time.monotonic(), model.how
    model.set(replace(how, time_limit_s=max(how.time_limit_s, LEAST_S)))
    try:
        found = _quick(model, system, state, hours_per_step)
    finally:
        model.set(how)
    late = time.monotonic() - began > how.time_limit_s
    return replace(found, status="time_limit") if late else found


def _quick(model: Model, system: System, state: State, hours_per_step: float) -> Solution:
    model.relax(on=True)
    try:
        relaxed = model.solve()
    finally:
        model.relax(on=False)
    units = [u for u in system.thermal if u.commits]
    best: Solution | None = None
    for wanted in WANTED:
        found = _rounded(model, units, relaxed, state, wanted=wanted, step_h=hours_per_step)
        if found is not None and (best is None or found.objective < best.objective):
            best = replace(found, bound=relaxed.bound)
        if best is not None and best.gap <= GOOD:
            break
    return model.solve() if best is None else best


def _rounded(
    model: Model, units: list[Thermal], relaxed: Solution, state: State, *, wanted: float, step_h: float
) -> Solution | None:
    groups = [relaxed.columns[f"{u.name}/on"] for u in units]
    numbers = np.concatenate(
        [np.arange(g.first, g.first + g.size) for g in groups] or [np.empty(0, np.int64)]
    )
    held = [
        on_of(u, relaxed[f"{u.name}/on"], _bounds(model.arrays, g.place), state.thermal.get(u.name), wanted=wanted, step_h=step_h)
        for u, g in zip(units, groups, strict=True)
    ]  # fmt: skip
    model.fix(numbers, np.concatenate([np.asarray(h, dtype=np.float64) for h in held] or [np.empty(0)]))
    try:
        return model.solve()
    except TamnaError:  # it clashes, or links and plants took too long to settle: another rounding may not
        return None
    finally:
        model.release(numbers)


def _bounds(arrays: Arrays, place: slice) -> tuple[Bools, Bools]:
    return arrays.column_lower[place] > 0.5, arrays.column_upper[place] > 0.5


def on_of(
    unit: Thermal,
    share: NDArray[np.float64],
    bounds: tuple[Bools, Bools],
    state: ThermalState | None,
    *,
    wanted: float,
    step_h: float,
) -> Bools:
    """Say when a unit is on: where it is on in `share` by more than `wanted`, with its least times kept.

    Parameters
    ----------
    share : (steps,)
        On, in the relaxed answer, 0..1. [-]
    bounds : (steps,), (steps,)
        Where it must be on, and where it may be.
    """
    state = state or ThermalState()
    must, may = bounds
    on = ((share > wanted) | must) & may
    on[: coming_down(unit, state, step_h)] = True
    least_on, least_off = (int(np.ceil(h / step_h - 1e-9)) for h in (unit.min_up_h, unit.min_down_h))
    for first, last in _runs(~on):
        inside = first > 0 or state.on
        if inside and last < len(on) and last - first < least_off:
            on[first:last] = True
    on &= may
    for first, last in _runs(on):
        if (first > 0 or not state.on) and last - first < least_on:
            on[first : first + least_on] = True
    return on & may


def coming_down(unit: Thermal, state: ThermalState, step_h: float) -> int:
    """Count the steps that a unit stays on because it gives more than a stop allows."""
    most = unit.max_mw if unit.stop_mw is None else unit.stop_mw
    over = state.mw - most if state.on else 0.0
    return int(np.ceil(over / (unit.ramp_down_mw_per_h * step_h) - 1e-9)) if over > 0.0 else 0


def _runs(of: Bools) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], of, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
