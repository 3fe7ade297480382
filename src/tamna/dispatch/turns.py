"""Which way each link carries and which units are on, by a small tree of linear answers.

In a relaxed answer a link that takes time to turn goes half one way and half the other within the hours that a turn
takes. So of each such stretch of ``wait + 1`` steps, in which no schedule carries both ways, the tree closes the one way or
the other: a choice that settles many steps at once, on both sides. A handful of them make a whole pattern. Units in
doubt come after.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.held import WHOLE, Bounds, Linear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.system import System
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Finish = Callable[["Node", float], Solution | None]

WAYS = ("import", "export")
_SOME_MW = 1e-4
EACH = False
LAZY = False


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A part of the tree: what is held in it, and its linear answer."""

    bounds: Bounds
    found: Solution


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """The best answer that was met, None for none, and what no answer can cost less than [money]."""

    best: Solution | None
    bound: float


def search(linear: Linear, system: System, step_h: float, root: Node, finish: Finish, gap: float, most: int) -> Searched:
    """Search from `root` until an answer is proven to lie within `gap`, or `most` linear answers were asked for.

    Parameters
    ----------
    finish
        Makes a whole answer, cheaper than its second argument, of a node without doubt; None where it finds none.
    """
    tree = _Tree(linear, system, step_h, gap)
    tree.push(root)
    while tree.open and linear.solved < most and not tree.done:
        node: Node | None = tree.pop()
        tree.tried = tree.tried and not EACH
        while node is not None and linear.solved < most:
            kids, kind = branches(linear, system, step_h, node)
            if kind == 'unit' and not tree.tried:
                tree.tried = True
                tree.leaf(node, finish, half=True)
            if kids is None:
                tree.leaf(node, finish)
                break
            node = tree.grow(kids)
        else:
            if node is not None:
                tree.push(node)
    return Searched(tree.best, tree.bound)


class _Tree:
    def __init__(self, linear: Linear, system: System, step_h: float, gap: float) -> None:
        self.linear, self.system, self.step_h, self.gap = linear, system, step_h, gap
        self.open: list[tuple[float, int, Node]] = []
        self.best: Solution | None = None
        self.closed = np.inf
        self.tried = False
        self._number = count()

    @property
    def bound(self) -> float:
        """What no answer can cost less than."""
        lowest = min(self.closed, self.open[0][0] if self.open else np.inf)
        return lowest if self.best is None else min(lowest, self.best.objective)

    @property
    def enough(self) -> float:
        """What a node may cost no less than, to be of no use."""
        return np.inf if self.best is None else self.best.objective - self.gap * abs(self.best.objective)

    @property
    def done(self) -> bool:
        """Whether no node left can better the bound."""
        return bool(self.open) and self.open[0][0] >= min(self.enough, self.closed)

    def push(self, node: Node) -> None:
        heapq.heappush(self.open, (node.found.objective, next(self._number), node))

    def pop(self) -> Node:
        return heapq.heappop(self.open)[2]

    def grow(self, kids: tuple[Bounds, Bounds]) -> Node | None:
        """Ask for both; give the cheaper and keep the other for later."""
        enough, grown = self.enough, []
        for bounds in kids:
            found = self.linear.at(bounds, enough)
            if found is None:
                self.closed = min(self.closed, enough)
            else:
                grown.append(Node(bounds, found))
        grown.sort(key=lambda n: n.found.objective)
        for node in grown[1:]:
            self.push(node)
        return grown[0] if grown else None

    def leaf(self, node: Node, finish: Finish, half=False) -> None:
        if not half: self.closed = min(self.closed, node.found.objective)
        found = finish(node, np.inf if self.best is None else self.best.objective)
        if found is not None and (self.best is None or found.objective < self.best.objective):
            self.best = found


def branches(linear: Linear, system: System, step_h: float, node: Node) -> tuple[Bounds, Bounds] | None:
    """Give the two halves of a node, split where its linear answer is furthest from a schedule; None without doubt."""
    turns = [t for link in system.links if link.technology == "lcc" for t in _turns(linear, link, step_h, node)]
    if turns:
        _mw, one, other = max(turns, key=lambda t: t[0])
        return (node.bounds.held(one, 0.0), node.bounds.held(other, 0.0)), 'turn'
    units = [u for unit in system.thermal if unit.commits for u in _units(linear, unit.name, unit.max_mw, node)]
    if units:
        number = np.array([max(units)[1]])
        return (node.bounds.held(number, 0.0), node.bounds.held(number, 1.0)), 'unit'
    return None, 'leaf'


def _turns(linear: Linear, link: Link, step_h: float, node: Node) -> Iterator[tuple[float, Ints, Ints]]:
    """Find stretches in which poles are on both ways: how many MW of them, and the columns of either way."""
    wait = int(np.ceil(link.reversal_h / step_h - 1e-9))
    on = {way: np.sum([k * node.found.x[_numbers(linear, link, way, k)] for k in range(1, link.poles + 1)], axis=0) for way in WAYS}
    summed = {way: np.concatenate([[0.0], np.cumsum(on[way])]) for way in WAYS}
    for begins in range(linear.carried):
        ends = min(begins + wait + 1, linear.carried)
        mw = min(
            (summed[way][ends] - summed[way][begins]) * rated / link.poles
            for way, rated in zip(WAYS, (link.import_mw, link.export_mw), strict=True)
        )
        if mw > _SOME_MW:
            yield mw, *(
                np.concatenate([_numbers(linear, link, way, k)[begins:ends] for k in range(1, link.poles + 1)])
                for way in WAYS
            )


def _numbers(linear: Linear, link: Link, way: str, poles: int) -> Ints:
    first = linear.first[f"{link.name}/{way}_{poles}"]
    return np.arange(first, first + linear.carried)


def _units(linear: Linear, name: str, mw: float, node: Node) -> Iterator[tuple[float, int]]:
    first = linear.first[f"{name}/on"]
    value = node.found.x[first : first + linear.carried]
    doubt = np.abs(value - value.round())
    at = int(np.argmax(doubt))
    if doubt[at] > WHOLE:
        yield doubt[at] * mw, first + at
