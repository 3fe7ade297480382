"""A window with links that turn: a small tree over ways and units, and rounding for what is left; with a proven gap.

A linear answer takes five thousandths of a second here, a tree of all decisions seconds, most of it for cuts. What a relaxed
answer gets wrong is mostly the ways of the links, and these a tree of few answers settles and proves (`turns`, `tree`).
Which poles are on and what plants do costs little more; it is rounded (`rounded`) and bettered (`flips`). Anything
else that is half decided is searched. Beyond the steps that are carried out all stays half decided: the next window decides.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.flips import flipped
from tamna.dispatch.held import Linear, Node
from tamna.dispatch.rounded import choices, rounded, ways
from tamna.dispatch.tree import Enough, Tree
from tamna.dispatch.turns import Turns
from tamna.errors import Infeasible, TamnaError
from tamna.lang import _
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from tamna.dispatch.system import State, System
    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

ANSWERS = 100
"""Linear answers that a window's tree may ask for."""
HOPE = 3.0
"""A rounding that costs so many times more than it may is still bettered. [-]"""
POOR, SEARCH_S = 0.02, 20.0
"""An answer that may lie further off than this [-] is followed by a search of so long [s]."""


def dived(
    arrays: Arrays, system: System, state: State, how: How, lengths: tuple[int, float]
) -> Solution | None:
    """Dive where links turn; None where none does, or where no schedule was met.

    Parameters
    ----------
    lengths
        Steps that are carried out, and the length of one [h].
    """
    how.check()
    if not any(k.technology == "lcc" for k in system.links):
        return None
    try:
        found = dive(arrays, system, state, how, lengths)
    except TamnaError:
        return None
    return found if found.gap <= POOR else _searched(arrays, how, found)


def _searched(arrays: Arrays, how: How, poor: Solution) -> Solution:
    """Search the whole for some seconds where the dive may be far off; keep the better answer, each with its own bound.

    The dive leaves later steps half decided, so its bound is the lower one.
    """
    longer = replace(how, presolve=True, heuristics=None, time_limit_s=min(how.time_limit_s, SEARCH_S))
    try:
        found = Model(arrays, longer).solve()
    except TamnaError:
        return poor
    return found if found.objective < poor.objective else poor


def dive(arrays: Arrays, system: System, state: State, how: How, lengths: tuple[int, float]) -> Solution:
    """Solve a window of which the first steps are carried out, with what its tree proves as the bound.

    Parameters
    ----------
    lengths
        Steps that are carried out, and the length of one [h].

    Raises
    ------
    Infeasible, TamnaError
        No schedule was met; there may be one.
    """
    began = time.monotonic()
    linear = Linear(arrays, lengths[0])
    turns = Turns(linear, system, state, lengths[1])
    root = linear.at(linear.own)
    if root is None:
        raise Infeasible(_("no answer satisfies all constraints"))

    tree = Tree(
        linear, turns, Enough(how.gap, ANSWERS, began + how.time_limit_s), Finish(linear, system, turns, how)
    )
    tree.search(root)
    if tree.best is None:
        raise TamnaError(_("no schedule was found within the time"), todo=_("Allow more time."))
    found = replace(tree.best.found, bound=min(tree.bound, tree.best.found.objective))
    late = time.monotonic() - began > how.time_limit_s and found.gap > how.gap
    return replace(
        found,
        status="time_limit" if late else found.status,
        seconds=time.monotonic() - began,
        nodes=tree.asked,
        row_dual=np.empty(0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Finish:
    """Makes a schedule of a node: units rounded, then all that is held in their and the links' ways."""

    linear: Linear
    system: System
    turns: Turns
    how: How

    def __call__(self, node: Node, below: float) -> Node | None:
        """Give a schedule that costs less than `below`, None where none is found."""
        linear = self.linear
        settled = node if self.turns.split(node) is None else self.turns.rounded(node, below)
        if settled is None:
            return None
        opened = ways(linear, self.turns.settled(settled), settled)
        start = linear.at(opened, below)
        if start is None:
            return None
        hopeful = start.found.objective + HOPE * (below - start.found.objective)
        whole = rounded(linear, self.system, start, hopeful)
        if whole is None:
            return self._rest(start, below) if np.isinf(below) else None
        whole = flipped(linear, choices(linear, self.system), opened, whole)
        return whole if linear.is_whole(whole.found) else self._rest(whole, below)

    def _rest(self, node: Node, below: float) -> Node | None:
        """Search what is still half decided."""
        left_s = min(self.how.time_limit_s, SEARCH_S)
        how = replace(self.how, presolve=True, heuristics=(), cutoff=below, time_limit_s=left_s)
        try:
            return Node(node.bounds, Model(self.linear.left(node.bounds), how).solve())
        except TamnaError:
            return None
