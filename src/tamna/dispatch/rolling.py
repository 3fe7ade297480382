"""Unit commitment window by window: look ahead over one window, carry out its first steps, go on from there.

One model stays alive: the next window differs in bounds, right-hand sides and costs only, and starts from the schedule
of the last one, moved on. Presolve would undo that and is off; so are the searches that open a tree inside the tree,
which cost more here than they find.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.answer import Schedule, joined, schedule
from tamna.dispatch.build import build
from tamna.dispatch.dive import dived
from tamna.dispatch.fast import quick
from tamna.dispatch.nearest import no_schedule
from tamna.dispatch.refuse import refuse
from tamna.dispatch.state import after
from tamna.errors import Infeasible, TamnaError
from tamna.optimise.clash import explain
from tamna.optimise.solver import How, Model, settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]

HOW = How(gap=1e-4, presolve=False, heuristics=())
QUICK_S = 10.0
"""Time of the quick commitment that stands in for a search without an answer. [s]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Window:
    """One window: the state it began in, what of it is carried out, and what the solver says of the whole of it."""

    first: int
    before: State
    done: Schedule
    found: Solution


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rolled:
    """All windows, and the schedule that was carried out."""

    windows: tuple[Window, ...]
    done: Schedule
    end: State


def roll(
    system: System,
    hours: Hours,
    state: State,
    *,
    window_h: float = 48.0,
    step_h: float = 24.0,
    carry_out_h: float | None = None,
    how: How = HOW,
    fast: bool = False,
) -> Rolled:
    """Commit and dispatch window by window.

    Parameters
    ----------
    window_h, step_h
        How far each window looks, and how much of it is carried out. [h]
    carry_out_h
        Stop once so much is carried out; None: all hours. [h]
    fast
        Commit without a long search (`tamna.dispatch.fast`); each window tells how far off it may be.

    Raises
    ------
    InputError
        Everything that is wrong with figures, profiles and names over all hours, at once.
    Infeasible
        `NoSchedule`: the rules of the window that clash, in words, and the schedule that breaks least.
    """
    refuse(system, hours, state)
    windows = tuple(_windows(system, hours, state, (window_h, step_h, carry_out_h), how, fast=fast))
    last = windows[-1]
    return Rolled(
        windows=windows,
        done=joined([w.done for w in windows]),
        end=after(system, last.done, last.before, hours.steps.hours),
    )


def _windows(
    system: System,
    hours: Hours,
    state: State,
    lengths: tuple[float, float, float | None],
    how: How,
    *,
    fast: bool,
) -> Iterator[Window]:
    count, steps = hours.steps.count, hours.steps
    length, step = steps.whole(lengths[0]), steps.whole(lengths[1])
    end = count if lengths[2] is None else min(count, steps.whole(lengths[2]))
    model: Model | None = None
    found: Solution | None = None
    curved = any(len(unit.segments) > 1 for unit in system.thermal)
    for first in range(0, end, step):
        state = _paced(system, state, min(first + length, count) / count)
        problem, shares = build(system, hours.part(first, length), state)
        arrays = problem.arrays()
        try:
            carried = min(step, end - first)
            dive = dived(arrays, system, state, how, (carried, steps.hours)) if fast else None
            if dive is not None:
                found = dive
            else:
                model = _moved(model, found, arrays, step, how)
                search = partial(quick, model) if fast else partial(_searched, model, how=how)
                found = search(system=system, state=state, hours_per_step=steps.hours)
        except Infeasible:
            clash = explain(problem)
            if clash is None:
                raise
            raise no_schedule(problem, shares, clash, system) from None
        if curved:
            found = settled(problem, found)
        done = schedule(problem, shares, found).first(carried)
        yield Window(first=first, before=state, done=done, found=found)
        state = after(system, done, state, steps.hours)


def _moved(model: Model | None, found: Solution | None, arrays: Arrays, step: int, how: How) -> Model:
    """Move the model on to the next window, or make one where there is none or its matrix is another."""
    if model is None or found is None or not model.arrays.same_matrix(arrays):
        return Model(arrays, how)
    model.change_arrays(arrays)
    _offer(model, found, step)
    return model


def _paced(system: System, state: State, done: float) -> State:
    """Let a window emit what the cap allows up to its end, in proportion to time, less what was emitted so far."""
    if system.co2 is None or not np.isfinite(system.co2.cap_t):
        return state
    return replace(state, co2_most_t=max(0.0, system.co2.cap_t * done - state.emitted_t))


def _searched(model: Model, system: System, state: State, hours_per_step: float, how: How) -> Solution:
    """Search the window; where no answer is met in time, commit quickly instead, with the bound of the relaxed answer."""
    try:
        return model.solve()
    except Infeasible:
        raise
    except TamnaError:
        model.set(replace(how, time_limit_s=max(how.time_limit_s, QUICK_S)))
    try:
        return replace(quick(model, system, state, hours_per_step), status="time_limit")
    finally:
        model.set(how)


def _offer(model: Model, found: Solution, step: int) -> None:
    """Offer the last schedule, moved on by `step`; its last steps are what came `step` before them."""
    for_whole = [g for g in model.arrays.columns if model.arrays.integer[g.first]]
    if not for_whole:
        return
    numbers = np.concatenate([np.arange(g.first, g.first + g.size) for g in for_whole])
    moved = []
    for g in for_whole:
        was = found.x[g.place].round()
        moved.append(np.concatenate([was[step:], was[-step:]])[: g.size])
    model.guess(numbers, np.concatenate(moved))
