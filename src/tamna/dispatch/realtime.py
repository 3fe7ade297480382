"""A day as it comes, hour by hour: what was decided the day before stays, everything else follows what came.

**Fixed** the day before, at the issue of the forecast: slow units on or off, the direction of LCC links and their poles
(`tamna.dispatch.ahead`). **Free** in every hour: all output levels, fast units, batteries, electrolysers and hydrogen,
VSC links, the level of LCC links between what their poles allow, what is held back, reserve, load not served.

In hour t demand, wind and sun of hours up to t are known; those after it are as they were foreseen the day before, not
forecast anew. The rest of the look-ahead is dispatched with them, hour t is carried out, the clock moves on. Hours
carried out are never touched again. Whole numbers of what is free are whole in hour t and relaxed in the hours after it.

One linear model stays in the solver all day: between two hours only bounds and right-hand sides of one hour differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.ahead import linear
from tamna.dispatch.answer import schedule
from tamna.dispatch.build import build
from tamna.dispatch.moves import Moves
from tamna.dispatch.why import joined_reasons, of_steps
from tamna.dispatch.worth import of_hour
from tamna.optimise.shrink import shrunk
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.ahead import Plan
    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import Hours, State, System
    from tamna.dispatch.why import Reasons
    from tamna.optimise.problem import Arrays, Group
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

WHOLE = 1e-6
"""So far from a whole number is whole."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lived:
    """A day as it was carried out, and why each hour came out so where that was asked."""

    done: Schedule
    reasons: Reasons | None


def live(system: System, came: Hours, state: State, plan: Plan, steps: int, *, why: bool = False) -> Lived:
    """Carry out the first `steps` of a plan on what came.

    Parameters
    ----------
    came
        The plan's hours: the first `steps` as they came, the others as they were foreseen.
    state
        Before the first step; that of the plan.

    Raises
    ------
    Infeasible
        The decisions of the plan cannot be kept; not where the system has a last resort.
    """
    problem, shares = build(system, came, state)
    day = _Day(plan, problem.arrays(), came.steps.count)
    reasons: list[Reasons] = []
    for step in range(steps):
        found = day.carry_out(step)
        if why:
            moves = Moves(system=system, shares=shares, model=day.model, found=found, steps=came.steps)
            why_so = of_steps(came, day.model.arrays, moves, slice(step, step + 1))
            limits = of_hour(system, came, day.model.arrays, found, step)
            reasons.append(replace(why_so, limits=(limits,)))
    return Lived(
        done=schedule(problem, shares, replace(found, x=day.carried)).first(steps),
        reasons=joined_reasons(reasons) if why else None,
    )


class _Day:
    """The model in the solver, and what of it has been carried out."""

    def __init__(self, plan: Plan, came: Arrays, count: int) -> None:
        self.foreseen, self.came = linear(_holding(plan.arrays, plan)), linear(_holding(came, plan))
        self.whole = plan.arrays.integer & ~plan.decided
        self.carried = plan.found.x.copy()
        self.column_step = _steps_of(plan.arrays.columns, len(plan.arrays.cost), count)
        self.row_step = _steps_of(plan.arrays.rows, len(plan.arrays.row_lower), count)
        self.model = Model(self.foreseen, How(presolve=False))

    def carry_out(self, step: int) -> Solution:
        """Dispatch the rest of the day as it is seen in `step`, and carry that step out."""
        known = self._known(step)
        self.model.change_arrays(known)
        found = self.model.solve()
        mine = np.flatnonzero(self.column_step == step)
        whole = mine[self.whole[mine]]
        if (np.abs(found.x[whole] - found.x[whole].round()) > WHOLE).any():
            found = self._with_whole(known, whole)
        low, high = known.column_lower[mine], known.column_upper[mine]
        self.carried[mine] = np.clip(found.x[mine], low, high)
        return found

    def _with_whole(self, known: Arrays, whole: Ints) -> Solution:
        """Search the step's whole numbers, hold them, and price the rest."""
        integer = np.zeros_like(known.integer)
        integer[whole] = True
        part = shrunk(replace(known, integer=integer), known.column_lower, known.column_upper)
        value = part.whole(Model(part.arrays, How(gap=1e-6)).solve().x)[whole].round()
        self.model.fix(whole, value)
        try:
            return self.model.solve()
        finally:
            self.model.release(whole)

    def _known(self, step: int) -> Arrays:
        """Give the problem as it is seen in `step`: what came up to it, what was foreseen after it, the past held."""
        columns, rows = self.column_step <= step, self.row_step <= step
        past, behind = self.column_step < step, self.row_step < step
        f, c = self.foreseen, self.came
        return replace(
            f,
            column_lower=np.where(past, self.carried, np.where(columns, c.column_lower, f.column_lower)),
            column_upper=np.where(past, self.carried, np.where(columns, c.column_upper, f.column_upper)),
            cost=np.where(columns, c.cost, f.cost),
            row_lower=np.where(behind, -np.inf, np.where(rows, c.row_lower, f.row_lower)),
            row_upper=np.where(behind, np.inf, np.where(rows, c.row_upper, f.row_upper)),
        )


def _holding(arrays: Arrays, plan: Plan) -> Arrays:
    """Hold what was decided."""
    x = plan.found.x
    return replace(
        arrays,
        column_lower=np.where(plan.decided, x, arrays.column_lower),
        column_upper=np.where(plan.decided, x, arrays.column_upper),
    )


def _steps_of(groups: tuple[Group, ...], size: int, count: int) -> Ints:
    """Give the step of each column or row; of those that belong to no single step, one after the last."""
    out = np.full(size, count, dtype=np.int64)
    for group in groups:
        if group.size == count:
            out[group.place] = np.arange(count)
    return out
