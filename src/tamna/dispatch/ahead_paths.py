"""The day before, many paths: the decisions of `tamna.dispatch.ahead`, taken once before it is known which path will come.

Slow units, and the direction and poles of LCC links, are the same on every path; all else follows each of them, its whole
numbers relaxed as there. What no decisions can cost less than is the linear answer of all paths together, each weighing
what it weighs where every path is known: weights of that kind never say more than the worst outcomes do, and the problem is a
third smaller to solve than that of `tamna.optimise.paths` with a price on them. Decisions are that answer rounded and
bettered (`tamna.dispatch.path_search`), or those taken on the middle alone where these are cheaper on the paths.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.ahead import Plan, fast, linear, plan, pole_counts
from tamna.dispatch.answer import schedule
from tamna.dispatch.build import build
from tamna.dispatch.fast import coming_down
from tamna.dispatch.path_prices import Prices
from tamna.dispatch.path_search import bettered, rules_of
from tamna.dispatch.stochastic import DECIDED
from tamna.optimise.blocks.thermal_unit import ThermalState
from tamna.optimise.paths import Risk, tail_mean, together, weighed, worst_first
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.blocks.thermal_unit import Thermal
    from tamna.optimise.problem import Problem
    from tamna.optimise.share import Share

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
    slow = [u for u in system.thermal if u.commits and not fast(u, middle.steps.hours)]
    decided, shared = np.flatnonzero(alone.decided), _shared(slow, system)
    prices = Prices(arrays, decided, risk)
    weight = np.empty(len(paths))
    weight[np.argsort(-prices.apart)] = worst_first(len(paths), risk)
    counts = np.flatnonzero(weight > 0.0)
    form = together([arrays[k] for k in counts], weight[counts].tolist(), shared.__contains__)
    relaxed = Model(linear(form.arrays)).solve()
    common = np.zeros(len(alone.decided), dtype=bool)
    for group in arrays[0].columns:
        common[group.place] = group.name in shared
    down = {
        u.name: coming_down(u, state.thermal.get(u.name) or ThermalState(), middle.steps.hours) for u in slow
    }
    rules = rules_of(arrays, common, alone.decided, down)
    start, half = alone.found.x[decided], relaxed.x[form.place[0]][decided]
    x = bettered(prices, rules, start, half, relaxed.objective, how)
    on_paths, on_middle = (_priced(prices, one, written, steps) for one in (x, start))
    return Outlook(
        plan=_in_middle(alone, x, float(weighed(on_paths.whole, risk)), relaxed.objective),
        on_paths=on_paths,
        on_middle=on_middle,
    )


def _shared(slow: Sequence[Thermal], system: System) -> set[str]:
    """Name the columns that are the same on every path."""
    names = {f"{u.name}/{what}" for u in slow for what in DECIDED}
    names |= {f"{u.name}/start_{k}" for u in slow for k in range(1, len(u.starts) + 1)}
    return names | set(pole_counts(system))


def _priced(prices: Prices, x: Floats, written: Written, steps: int) -> Priced:
    """Price decisions on each path."""
    found = prices.answers(x)
    day = [schedule(*one, of).first(steps).total_cost for one, of in zip(written, found, strict=True)]
    return Priced(whole=np.array([of.objective for of in found]), day=np.array(day))


def _in_middle(alone: Plan, x: Floats, cost: float, bound: float) -> Plan:
    """Put decisions into the problem of the middle; what is proven of them is of the paths."""
    lower, upper = alone.arrays.column_lower.copy(), alone.arrays.column_upper.copy()
    lower[alone.decided] = upper[alone.decided] = x
    found = Model(replace(linear(alone.arrays), column_lower=lower, column_upper=upper)).solve()
    whole = found.x.copy()
    whole[alone.decided] = x
    return replace(alone, found=replace(found, x=whole, objective=cost, bound=bound, row_dual=np.empty(0)))
