"""What decisions taken the day before come to on each of many paths, and what others must come to at least.

Each path's linear problem stays in the solver: between two sets of decisions only their bounds move, which takes it two or
three thousandths of a second. Every price leaves its slopes behind. Cost is convex in decisions, halves of them allowed, so

.. math::
    C_k(x) \\ge C_k(\\hat x) + g_k (x - \\hat x)

on each path :math:`k`: other decisions have a least cost before they are priced (the cuts of Benders' decomposition).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from tamna.errors import Infeasible
from tamna.optimise.paths import weighed
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.optimise.paths import Risk
    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


class Prices:
    """Prices of decisions on equally likely paths.

    Parameters
    ----------
    paths
        Their problems, as they were written.
    decided : (decisions,)
        The numbers of the columns that are decided.

    Attributes
    ----------
    apart : (paths,)
        What each path would come to at least, were it known: nothing held, whole numbers relaxed. [money]

    Raises
    ------
    Infeasible
        A path has no answer whatever is decided.
    """

    def __init__(self, paths: Sequence[Arrays], decided: Ints, risk: Risk) -> None:
        self._decided, self._risk = decided, risk
        self._models = [
            Model(replace(a, integer=np.zeros_like(a.integer)), How(presolve=False)) for a in paths
        ]
        self.apart = np.array([m.solve().objective for m in self._models])
        self._own = [(a.cost[decided], _columns(a, decided)) for a in paths]
        self._met: dict[bytes, float] = {}
        nothing = np.zeros((1, len(decided)))
        self._level = [cost[None] for cost in self.apart]
        self._slope = [nothing] * len(paths)

    def met(self, x: Floats) -> bool:
        """Tell whether decisions were priced already."""
        return x.tobytes() in self._met

    def price(self, x: Floats, below: float = np.inf) -> float:
        """Weigh what decisions come to, (decisions,) [money]; inf where they clash with a path.

        Parameters
        ----------
        below
            Where they come to as much or more, no more of it need be known: then any figure from here on up. [money]
        """
        key = x.tobytes()
        if key not in self._met:
            self._met[key] = self._priced(x, below)
        return self._met[key]

    def answers(self, x: Floats) -> list[Solution]:
        """Give the linear answer of each path.

        Raises
        ------
        Infeasible
            The decisions clash with a path.
        """
        return [self._answer(k, x) for k in range(len(self._models))]

    def least(self, many: Floats) -> Floats:
        """Say what sets of decisions must come to at least, as far as is known, (sets, decisions) -> (sets,) [money]."""
        return np.asarray(weighed(self._each(many), self._risk))

    def _each(self, many: Floats) -> Floats:
        """Say that of each path, (paths, sets)."""
        known = zip(self._level, self._slope, strict=True)
        return np.array([(level[:, None] + slope @ many.T).max(axis=0) for level, slope in known])

    def _priced(self, x: Floats, below: float) -> float:
        """Price path by path, the dearest first; stop where what is known is too dear already."""
        cost = self._each(x[None])[:, 0]
        for k in np.argsort(-cost).tolist():
            if weighed(cost, self._risk) >= below:
                break
            try:
                found = self._answer(k, x)
            except Infeasible:
                return np.inf
            own, matrix = self._own[k]
            slope = own - matrix @ found.row_dual
            self._level[k] = np.append(self._level[k], found.objective - slope @ x)
            self._slope[k] = np.vstack([self._slope[k], slope])
            cost[k] = found.objective
        return float(weighed(cost, self._risk))

    def _answer(self, k: int, x: Floats) -> Solution:
        self._models[k].hold(self._decided, x, x)
        return self._models[k].solve()


def _columns(of: Arrays, numbers: Ints) -> csr_array:
    """Give some columns of a matrix as rows, (numbers, rows)."""
    shape = (len(of.row_lower), len(of.cost))
    return coo_array((of.factor, (of.row, of.column)), shape=shape).tocsc()[:, numbers].T.tocsr()
