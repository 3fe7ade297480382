"""The rows of a unit that is on or off: near starts and stops, ramps, cost curve, kinds of start (equations: `thermal`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.optimise.blocks.thermal_unit import FOREVER_H, Thermal, ThermalState
from tamna.optimise.terms import Columns, Terms, constant, first, lag, rows_of, total_of, window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.optimise.problem import Problem

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """A unit with its columns, and its figures in steps and MW a step.

    Attributes
    ----------
    forced, lost : (steps,)
        Where it must be off for want of service, and where service is lost in that very step.
    """

    unit: Thermal
    state: ThermalState
    on: Columns
    start: Columns
    stop: Columns
    above: Columns
    forced: Bools
    lost: Bools
    step_h: float
    up: int

    @property
    def room(self) -> float:
        """Between least and most. [MW]"""
        return self.unit.max_mw - self.unit.min_mw

    @property
    def rise(self) -> float:
        """Largest change up in a step. [MW]"""
        return self.unit.ramp_up_mw_per_h * self.step_h

    @property
    def fall(self) -> float:
        """Largest change down in a step. [MW]"""
        return self.unit.ramp_down_mw_per_h * self.step_h

    @property
    def first_mw(self) -> float:
        """Most in the first step on. [MW]"""
        return self.unit.max_mw if self.unit.start_mw is None else min(self.unit.start_mw, self.unit.max_mw)

    @property
    def last_mw(self) -> float:
        """Most in the last step on. [MW]"""
        return self.unit.max_mw if self.unit.stop_mw is None else min(self.unit.stop_mw, self.unit.max_mw)

    @property
    def last_held_mw(self) -> float:
        """Most that output and reserve reach in the last step on. [MW]"""
        held = self.unit.stop_held_mw
        return self.last_mw if held is None else min(held, self.unit.max_mw)


def since_outage(sums: Terms, x: Columns, forced: Bools) -> Terms:
    """Leave out of each row's window what lies before an outage: no duty reaches over one."""
    if not forced.any():
        return sums
    last = np.maximum.accumulate(np.where(forced, np.arange(x.size), -1))
    step = sums.column - x.first
    kept = (step > last[sums.row]) | (step == sums.row)
    return Terms(sums.row[kept], sums.column[kept], sums.factor[kept], sums.constant)


def capacity_rows(problem: Problem, of: Parts) -> tuple[Terms, ...]:
    """Most near a start and near a stop, as many steps of it as fit into the least time on; gives the room above."""
    name = of.unit.name
    starting = _steps_below(of.unit.max_mw - of.first_mw, of.rise)
    stopping = _steps_below(of.unit.max_mw - of.last_mw, of.fall)
    says = _("'{name}' gives at most what its start, its stop and its capacity allow", name=name)
    top, stop = of.above - of.room * of.on, _chosen(of.stop, ~of.lost)
    held = _steps_below(of.unit.max_mw - of.last_held_mw, np.inf)
    leaving_held = [lag(stop, -1) * d for d in held]  # reserve need not come down before the stop
    if of.up >= 2:
        ends = stopping[: max(1, min(len(stopping), of.up - 1))]
        near = [lag(of.start, i) * d for i, d in enumerate(starting[: of.up - len(ends)])]
        leaving = [lag(stop, -1 - j) * d for j, d in enumerate(ends)]
        problem.rows(f"{name}/capacity", total_of([top, *near, *leaving], of.on.size), upper=0.0, says=says)
        return (-total_of([top, *near, *leaving_held], of.on.size),)
    near = [of.start * d for d in starting[:1]]
    starting_top = total_of([top, *near], of.on.size)
    problem.rows(f"{name}/capacity", starting_top, upper=0.0, says=says)
    if not stopping:
        return (-starting_top,)
    stopping_top = top + lag(stop, -1) * stopping[0]
    problem.rows(f"{name}/capacity_stop", stopping_top, upper=0.0, says=says)
    return (-starting_top, -total_of([top, *leaving_held], of.on.size))


def _chosen(x: Columns, kept: Bools) -> Terms:
    """Give the columns of some steps and nothing in the others."""
    rows = np.flatnonzero(kept)
    return Terms(rows, rows + x.first, np.ones(len(rows)), np.zeros(x.size))


def _steps_below(missing_mw: float, ramp: float) -> list[float]:
    """What is still missing to the full output in the first step, the second, ... [MW]."""
    out: list[float] = []
    while missing_mw > 1e-9 and len(out) < _MOST_STEPS:
        out.append(missing_mw)
        missing_mw -= ramp
    return out


_MOST_STEPS = 1000
"""A unit without a ramp of its own (0 MW/h) never reaches its full output."""


def ramp_rows(problem: Problem, of: Parts) -> Terms | None:
    """Changes between steps; the limit of a stop in the first step, which no row of the capacity sees.

    Gives the room that the ramp up leaves, None where it sets no limit: reserve must be reachable from the step before.
    """
    n, least, name = of.on.size, of.unit.min_mw, of.unit.name
    low, high = _above_before(of)
    before = first(high, n)
    says = _("'{name}' changes no faster than its ramp", name=name)
    room: Terms | None = None
    if of.rise < of.room:
        gain = of.first_mw - least - of.rise
        rise = of.above - lag(of.above) - of.rise * of.on - gain * of.start
        problem.rows(f"{name}/rise", rise, upper=before, says=says)
        room = before - rise
    if of.fall < of.room or of.last_mw < of.unit.max_mw:
        fall = min(of.fall, of.room)
        gain = of.last_mw - least - fall
        terms = lag(of.above) - of.above - fall * lag(of.on) - gain * of.stop
        upper = first(fall * float(of.state.on) - low, n)
        upper[of.lost] = np.inf
        kept = np.arange(n if of.fall < of.room else 1)  # later stops are held by the row of the capacity
        problem.rows(f"{name}/fall", rows_of(terms, kept), upper=upper[kept], says=says)
    return room


def _above_before(of: Parts) -> tuple[float, float]:
    """Give what lay above the minimum before the first step, at least and at most: all of it where that is not known."""
    if not of.state.on:
        return 0.0, 0.0
    if np.isnan(of.state.mw):
        return 0.0, of.room
    above = max(0.0, of.state.mw - of.unit.min_mw)
    return above, above


def curve_cost(
    problem: Problem, unit: Thermal, above: Columns, of: Parts | None = None
) -> tuple[Terms, Terms]:
    """Cost of what lies above the minimum, [money] a step, and what its segments emit, [tCO2] a step.

    With `of`, no segment is used while off or near an edge.
    """
    h = problem.steps.hours
    if not unit.segments:
        return h * unit.cost_per_mwh * above, constant(0.0, above.size)
    says = _("a piece of the cost curve of '{name}'", name=unit.name)
    pieces = [
        problem.columns(f"{unit.name}/segment_{k}", upper=s.width_mw, says=says)
        for k, s in enumerate(unit.segments, 1)
    ]
    problem.rows(
        f"{unit.name}/segments",
        total_of([*pieces, -above], above.size),
        equal=0.0,
        says=_("the cost curve of '{name}' follows its output", name=unit.name),
    )
    if of is not None and len(pieces) > 1:
        _segment_rows(problem, of, pieces)
    cost = [h * s.cost_per_mwh * c for s, c in zip(unit.segments, pieces, strict=True)]
    emitted = [h * s.tco2_per_mwh * c for s, c in zip(unit.segments, pieces, strict=True) if s.tco2_per_mwh]
    return total_of(cost, above.size), total_of(emitted, above.size)


def _segment_rows(problem: Problem, of: Parts, pieces: list[Columns]) -> None:
    """Hold each piece to what it can be while off, in the first step on and in the last one."""
    says = _("a piece of the cost curve of '{name}'", name=of.unit.name)
    stop, below = lag(_chosen(of.stop, ~of.lost), -1), of.unit.min_mw
    for k, (piece, segment) in enumerate(zip(pieces, of.unit.segments, strict=True), 1):
        below += segment.width_mw
        late = min(max(below - of.first_mw, 0.0), segment.width_mw)
        early = min(max(below - of.last_mw, 0.0), segment.width_mw)
        top, name = piece - segment.width_mw * of.on, f"{of.unit.name}/segment_{k}"
        if of.up > 1:
            problem.rows(
                f"{name}_most",
                total_of([top, of.start * late, stop * early], piece.size),
                upper=0.0,
                says=says,
            )
            continue
        starting = [top, of.start * late, stop * max(early - late, 0.0)]
        problem.rows(f"{name}_most", total_of(starting, piece.size), upper=0.0, says=says)
        if late > 0.0 and early > 0.0:
            stopping = [top, of.start * max(late - early, 0.0), stop * early]
            problem.rows(f"{name}_last", total_of(stopping, piece.size), upper=0.0, says=says)


def start_cost(problem: Problem, of: Parts) -> Terms:
    """Cost of starts by how long the unit was off, [money] a step."""
    unit, start, stop = of.unit, of.start, of.stop
    if not unit.starts:
        return constant(0.0, start.size)
    if len(unit.starts) == 1:
        return unit.starts[0].cost * start
    kinds = [
        problem.columns(
            f"{unit.name}/start_{k}",
            upper=1.0,
            says=_("'{name}' starts from hot, warm or cold", name=unit.name),
        )
        for k in range(1, len(unit.starts) + 1)
    ]
    says = _("'{name}' starts from as cold as it became", name=unit.name)
    problem.rows(f"{unit.name}/start_kinds", total_of([*kinds, -start], start.size), equal=0.0, says=says)
    for k, (kind, this, colder) in enumerate(zip(kinds, unit.starts, unit.starts[1:], strict=False), 1):
        least, end = max(1, problem.steps.whole(this.off_h)), problem.steps.whole(colder.off_h)
        problem.rows(
            f"{unit.name}/start_kind_{k}",
            kind - window(stop, least, end - 1),
            upper=_stopped_before(problem, of.state, least, end),
            says=says,
        )
    return total_of([s.cost * c for s, c in zip(unit.starts, kinds, strict=True)], start.size)


def _stopped_before(problem: Problem, state: ThermalState, least: int, end: int) -> Floats:
    """1 in the steps in which a stop before the first step lies `least` to ``end - 1`` steps back."""
    steps = np.arange(problem.steps.count)
    if state.on:
        return np.zeros(len(steps))
    since = steps + int(min(state.hours, FOREVER_H) / problem.steps.hours + 1e-9)
    return ((since >= least) & (since < end)).astype(np.float64)
