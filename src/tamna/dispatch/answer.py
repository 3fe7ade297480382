"""What was decided, by asset and hour, without a trace of the solver: what the checker and the settlement read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from tamna.optimise.problem import Problem
    from tamna.optimise.share import Share
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schedule:
    """A schedule of some steps.

    Attributes
    ----------
    injection_mw
        By bus and asset, what it puts in (taken out: negative), (steps,). [MW]
    cost
        By asset, (steps,). [money]
    columns
        The problem's own columns by name, such as ``bio1/on`` and ``hallim/level``, (steps,).
    """

    injection_mw: Mapping[str, Mapping[str, Floats]]
    cost: Mapping[str, Floats]
    columns: Mapping[str, Floats]

    @property
    def count(self) -> int:
        """How many steps it covers."""
        return next(len(v) for of in (self.columns, *self.injection_mw.values()) for v in of.values())

    @property
    def total_cost(self) -> float:
        """What all of it costs. [money]"""
        return float(sum(c.sum() for c in self.cost.values()))

    def first(self, steps: int) -> Schedule:
        """Keep the first steps only."""
        return Schedule(
            injection_mw={b: {k: v[:steps] for k, v in of.items()} for b, of in self.injection_mw.items()},
            cost={k: v[:steps] for k, v in self.cost.items()},
            columns={k: v[:steps] for k, v in self.columns.items()},
        )


def schedule(problem: Problem, shares: Iterable[Share], found: Solution) -> Schedule:
    """Read a schedule from a solution: whole numbers are made whole."""
    injections: dict[str, dict[str, Floats]] = {}
    cost: dict[str, Floats] = {}
    for share in shares:
        for bus, terms in share.injection_mw.items():
            injections.setdefault(bus, {})[share.name] = found.of(terms)
        if share.cost is not None:
            cost[share.name] = found.of(share.cost)
    steps = problem.steps.count
    columns = {name: found[name] for name, group in found.columns.items() if group.size == steps}
    return Schedule(injection_mw=injections, cost=cost, columns=columns)


def joined(parts: list[Schedule]) -> Schedule:
    """Put schedules of the same assets one after the other."""

    def together(of: list[Mapping[str, Floats]]) -> dict[str, Floats]:
        return {k: np.concatenate([d[k] for d in of]) for k in of[0]}

    return Schedule(
        injection_mw={b: together([p.injection_mw[b] for p in parts]) for b in parts[0].injection_mw},
        cost=together([p.cost for p in parts]),
        columns=together([p.columns for p in parts]),
    )
