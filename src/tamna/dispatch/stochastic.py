"""One commitment for many paths: what is on tomorrow, decided before it is known which of the paths will come.

Thermal units start and stop the same way on every path; outputs, links, stores and all else follow each path. What an
average outcome costs may be weighed against what the worst ones cost (`tamna.optimise.paths.Risk`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.answer import Schedule, schedule
from tamna.dispatch.build import build
from tamna.dispatch.fast import quick
from tamna.errors import Infeasible, TamnaError
from tamna.optimise.paths import Paths, Risk, tail_mean, together
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.problem import Problem
    from tamna.optimise.share import Share
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

DECIDED = ("on", "start", "stop")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ManyPaths:
    """A commitment and what it comes to on each path.

    Attributes
    ----------
    on
        By unit, (steps,).
    schedules
        By path.
    cost, probability : (paths,)
        [money], [-]
    objective, bound
        What was minimised, and what no commitment can bring it below. [money]
    """

    on: Mapping[str, Bools]
    schedules: tuple[Schedule, ...]
    cost: Floats
    probability: Floats
    objective: float
    bound: float

    @property
    def expected(self) -> float:
        """Mean cost of all paths. [money]"""
        return float(self.cost @ self.probability)

    def worst(self, level: float) -> float:
        """Mean cost of the worst part ``1 - level`` of outcomes. [money]"""
        return tail_mean(self.cost, self.probability, level)

    @property
    def gap(self) -> float:
        """Proven distance from the best, over the objective. [-]"""
        apart = abs(self.objective - self.bound)
        return apart / abs(self.objective) if self.objective else float(apart > 0)


def commit_for_paths(
    system: System,
    paths: Sequence[Hours],
    state: State,
    *,
    probability: Sequence[float] | None = None,
    risk: Risk | None = None,
    how: How | None = None,
) -> ManyPaths:
    """Decide once what is on, for all paths.

    Parameters
    ----------
    paths
        The hours as they may come: the same steps, other profiles.
    probability
        Of each path; None: all the same.
    risk
        What the worst outcomes weigh; None: only the mean counts.

    Raises
    ------
    UsageError
        Paths of different form, or probabilities that are none.
    InputError, Infeasible
        As the blocks and the solver do. Where the time is over without an answer, the relaxed one is rounded.
    """
    written = [build(system, hours, state) for hours in paths]
    chance = [1.0 / len(paths)] * len(paths) if probability is None and paths else list(probability or ())
    decided = _decided(system)
    form = together([p.arrays() for p, _shares in written], chance, decided.__contains__, risk)
    model = Model(form.arrays, how or How())
    try:
        found = model.solve()
    except Infeasible:
        raise
    except TamnaError:  # no answer within the time: the relaxed one, rounded, with its own cost as the bound
        quickly = quick(model, system, state, paths[0].steps.hours)
        found = replace(quickly, status="time_limit")
    answers = [_of_path(form, found, k, *one) for k, one in enumerate(written)]
    return ManyPaths(
        on={u.name: answers[0].columns[f"{u.name}/on"] > 0.5 for u in system.thermal if u.commits},
        schedules=tuple(answers),
        cost=np.array([a.total_cost for a in answers]),
        probability=np.array(chance),
        objective=found.objective,
        bound=found.bound,
    )


def _decided(system: System) -> set[str]:
    """Name the columns that are the same on every path."""
    names = {f"{u.name}/{what}" for u in system.thermal for what in DECIDED}
    return names | {f"{u.name}/start_{k}" for u in system.thermal for k in range(1, len(u.starts) + 1)}


def _of_path(form: Paths, found: Solution, k: int, problem: Problem, shares: tuple[Share, ...]) -> Schedule:
    arrays = problem.arrays()
    own = replace(
        found,
        x=found.x[form.place[k]],
        columns={g.name: g for g in arrays.columns},
        rows={g.name: g for g in arrays.rows},
    )
    return schedule(problem, shares, own)
