"""A thermal unit's rules: levels, ramps, start and stop limits, times on and off, must-run, cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.rule import TOLERANCE_MW, Broken, above, apart
from tamna.lang import _
from tamna.optimise.blocks.thermal_unit import ThermalState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.optimise.blocks.thermal_unit import Thermal

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


def unit_rules(
    unit: Thermal, power: Floats, on: Bools, state: ThermalState | None, *, available: Floats, step_h: float
) -> Iterator[Broken]:
    """Check a unit's output and its on and off, (steps,), from `state` on."""
    name = unit.name
    yield from above(name, _("gives more than what is in service"), power, unit.max_mw * available)
    yield from above(name, _("gives power while off"), power, np.where(on, np.inf, 0.0))
    yield from above(name, _("runs below its minimum"), np.where(on, unit.min_mw, 0.0), power)
    forced = (unit.max_mw * available < unit.min_mw - 1e-9) | (available <= 0.0)
    if unit.must_run:
        yield from above(name, _("is off though it must run"), ~on & ~forced, 0.5)
    if not unit.commits:
        yield from _plain_ramps(unit, power, state, available, step_h)
        return
    state = state or ThermalState()
    yield from _committed_ramps(unit, power, on, state, available=available, step_h=step_h)
    yield from _times(unit, on, state, forced, step_h)


def _lost(unit: Thermal, state: ThermalState, available: Floats) -> Bools:
    """Steps in which service is lost, where no limit of a ramp down or a stop holds."""
    before = np.concatenate([[state.mw / unit.max_mw if state.on and unit.max_mw else 0.0], available[:-1]])
    return np.asarray(available < before - 1e-12)


def _plain_ramps(
    unit: Thermal, power: Floats, state: ThermalState | None, available: Floats, step_h: float
) -> Iterator[Broken]:
    known = state is not None and state.on
    change = np.diff(power, prepend=state.mw if state is not None and known else power[:1])
    fall = np.where(_lost(unit, state or ThermalState(), available), 0.0, -change)
    yield from above(unit.name, _("rises faster than its ramp"), change, unit.ramp_up_mw_per_h * step_h)
    yield from above(unit.name, _("falls faster than its ramp"), fall, unit.ramp_down_mw_per_h * step_h)


def _committed_ramps(
    unit: Thermal, power: Floats, on: Bools, state: ThermalState, *, available: Floats, step_h: float
) -> Iterator[Broken]:
    was = np.concatenate([[state.mw if state.on else 0.0], power[:-1]])
    was_on = np.concatenate([[state.on], on[:-1]])
    up, down = unit.ramp_up_mw_per_h * step_h, unit.ramp_down_mw_per_h * step_h
    both, kept = on & was_on & ~np.isnan(was), ~_lost(unit, state, available)
    name = unit.name
    yield from above(name, _("rises faster than its ramp"), np.where(both, power - was, -np.inf), up)
    yield from above(name, _("falls faster than its ramp"), np.where(both & kept, was - power, -np.inf), down)
    if unit.start_mw is not None:
        yield from above(name, _("starts too high"), np.where(on & ~was_on, power, 0.0), unit.start_mw)
    if unit.stop_mw is not None:
        stopped = ~on & was_on & kept
        yield from above(name, _("stops from too high"), np.where(stopped, was, 0.0), unit.stop_mw)


def _times(unit: Thermal, on: Bools, state: ThermalState, forced: Bools, step_h: float) -> Iterator[Broken]:
    """Go through the hours with a clock of the present state."""
    held, was = state.hours, state.on
    for step, now in enumerate(on):
        if bool(now) != was:
            least = unit.min_up_h if was else unit.min_down_h
            if held < least - 1e-6 and not (was and forced[step]):
                rule = _("stops before its least time on") if was else _("starts before its least time off")
                yield Broken(asset=unit.name, rule=rule, step=step, by=least - held)
            held, was = 0.0, bool(now)
        held += step_h


def unit_cost(unit: Thermal, power: Floats, on: Bools, state: ThermalState | None, step_h: float) -> Floats:
    """Price a unit's schedule from its figures, (steps,) [money]."""
    if not unit.segments:
        running = unit.cost_per_mwh * power
    else:
        above_min = np.where(on, power - unit.min_mw, 0.0)
        running = np.zeros(len(power))
        below = 0.0
        for s in unit.segments:
            running += s.cost_per_mwh * np.clip(above_min - below, 0.0, s.width_mw)
            below += s.width_mw
    cost = step_h * (running + (unit.on_cost_per_h * on if unit.commits else 0.0))
    state = state or ThermalState()
    held, was = state.hours, state.on
    for step, now in enumerate(on):
        if unit.commits and unit.starts and now and not was:
            kinds = [s.cost for s in unit.starts if s.off_h <= held + 1e-6]
            cost[step] += kinds[-1] if kinds else unit.starts[0].cost
        if bool(now) != was:
            held, was = 0.0, bool(now)
        held += step_h
    return np.asarray(cost)


def cost_rule(unit: Thermal, told: Floats, priced: Floats) -> Iterator[Broken]:
    """The cost that was told is the cost of what was done."""
    yield from apart(
        unit.name,
        _("costs other than told"),
        told,
        priced,
        TOLERANCE_MW * max(1.0, float(np.abs(priced).max())),
    )
