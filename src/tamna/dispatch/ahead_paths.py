"""The day before, many paths: the decisions of `tamna.dispatch.ahead`, taken once before it is known which path will come.

Slow units, and the direction and poles of LCC links, are the same on every path; all else follows each of them, its whole
numbers relaxed as there. The problem is that of `tamna.optimise.paths`; the search holds what the linear answer has whole
away from its changes, and links to one direction where they carry that way on every path. Decisions taken on the middle
alone are priced on the same paths, and stand where the search found nothing better within its time.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.ahead import Plan, fast, linear, plan, pole_counts, searched
from tamna.dispatch.answer import schedule
from tamna.dispatch.build import build
from tamna.dispatch.stochastic import DECIDED
from tamna.errors import TamnaError
from tamna.optimise.paths import Paths, Risk, tail_mean, together
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.problem import Arrays, Problem
    from tamna.optimise.share import Share
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Written = list[tuple[Problem, tuple[Share, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priced:
    """What some decisions come to on each path, (paths,) [money].

    Attributes
    ----------
    whole, day
        Of all hours looked at, and of the day alone.
    """

    whole: Floats
    day: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlook:
    """A plan for many paths.

    Attributes
    ----------
    plan
        The decisions, put into the problem of the middle.
    on_paths, on_middle
        What they come to, and what the plan for the middle alone comes to on the same paths.
    """

    plan: Plan
    on_paths: Priced
    on_middle: Priced


def weighed(cost: Floats, risk: Risk) -> float:
    """Weigh the costs of equally likely paths: their mean, and that of the worst as far as `risk` says [money].

    Examples
    --------
    >>> weighed(np.array([1.0, 3.0]), Risk(weight=0.5, level=0.5))
    2.5
    """
    return float((1.0 - risk.weight) * cost.mean() + risk.weight * worst(cost, risk.level))


def worst(cost: Floats, level: float) -> float:
    """Give the mean of the worst part ``1 - level`` of equally likely costs [money]."""
    return tail_mean(cost, np.full(len(cost), 1.0 / len(cost)), level)


def plan_for_paths(
    system: System,
    middle: Hours,
    paths: Sequence[Hours],
    state: State,
    how: How,
    *,
    steps: int,
    risk: Risk | None = None,
) -> Outlook:
    """Decide once for all paths, each as likely as the others.

    Parameters
    ----------
    middle
        The hours as they are foreseen where one number must do.
    steps
        How many of them are the day; the others are looked at beyond it.
    risk
        What the worst outcomes weigh; None: only the mean counts.

    Raises
    ------
    InputError, Infeasible
        As `tamna.dispatch.ahead.plan` does.
    """
    risk = risk or Risk()
    alone = plan(system, middle, state, how)
    written = [build(system, hours, state) for hours in paths]
    arrays = [problem.arrays() for problem, _shares in written]
    form = together(arrays, [1.0 / len(paths)] * len(paths), _shared(system, middle).__contains__, risk)
    relaxed = Model(linear(form.arrays)).solve()
    on_middle = _priced(alone, alone.found.x, written, arrays, steps)
    best, x = on_middle, alone.found.x
    with suppress(TamnaError):  # nothing found within the time: what was decided on the middle stands
        found = searched(_partly(form, alone), relaxed, system, how, _views(form, arrays[0], relaxed))
        mine = found[form.place[0]]
        on_paths = _priced(alone, mine, written, arrays, steps)
        if weighed(on_paths.whole, risk) <= weighed(best.whole, risk):
            best, x = on_paths, mine
    return Outlook(
        plan=_in_middle(alone, x, weighed(best.whole, risk), relaxed.objective),
        on_paths=best,
        on_middle=on_middle,
    )


def _shared(system: System, hours: Hours) -> set[str]:
    """Name the columns that are the same on every path."""
    slow = [u for u in system.thermal if u.commits and not fast(u, hours.steps.hours)]
    names = {f"{u.name}/{what}" for u in slow for what in DECIDED}
    names |= {f"{u.name}/start_{k}" for u in slow for k in range(1, len(u.starts) + 1)}
    return names | set(pole_counts(system))


def _partly(form: Paths, alone: Plan) -> Arrays:
    """Give the form with whole numbers only where something is decided."""
    integer = np.zeros_like(form.arrays.integer)
    integer[form.place[0]] = alone.decided & alone.arrays.integer
    return replace(form.arrays, integer=integer)


def _views(form: Paths, own: Arrays, relaxed: Solution) -> list[Solution]:
    """Give the linear answer as each path has it."""
    columns, rows = {g.name: g for g in own.columns}, {g.name: g for g in own.rows}
    return [replace(relaxed, x=relaxed.x[at], columns=columns, rows=rows) for at in form.place]


def _held(arrays: Arrays, alone: Plan, x: Floats) -> Arrays:
    """Hold the decisions of `x` in a path's problem, the rest linear."""
    value = x.round()
    return replace(
        linear(arrays),
        column_lower=np.where(alone.decided, value, arrays.column_lower),
        column_upper=np.where(alone.decided, value, arrays.column_upper),
    )


def _priced(alone: Plan, x: Floats, written: Written, arrays: Sequence[Arrays], steps: int) -> Priced:
    """Price decisions on each path."""
    model: Model | None = None
    whole, day = [], []
    for (problem, shares), own in zip(written, arrays, strict=True):
        held = _held(own, alone, x)
        if model is None or not model.arrays.same_matrix(held):
            model = Model(held)
        else:
            model.change_arrays(held)
        found = model.solve()
        whole.append(found.objective)
        day.append(schedule(problem, shares, found).first(steps).total_cost)
    return Priced(whole=np.array(whole), day=np.array(day))


def _in_middle(alone: Plan, x: Floats, cost: float, bound: float) -> Plan:
    """Put decisions into the problem of the middle; what is proven of them is of the paths."""
    found = Model(_held(alone.arrays, alone, x)).solve()
    whole = found.x.copy()
    whole[alone.decided] = whole[alone.decided].round()
    return replace(alone, found=replace(found, x=whole, objective=cost, bound=bound, row_dual=np.empty(0)))
