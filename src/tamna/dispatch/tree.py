"""A tree of linear answers, the most promising part first: schedules, and the bound that proves them.

From the lowest node it goes down, always into the cheaper half, until nothing is in doubt; a schedule is made of that. The
halves left behind prove what no schedule can cost less than.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamna.dispatch.held import Linear, Node
    from tamna.dispatch.turns import Split, Turns

FAR = 3.0
"""A first schedule that is proven to lie within so many gaps only is followed by a guess."""


def _cost(node: Node) -> float:
    return node.found.objective


@dataclass(frozen=True, slots=True)
class Enough:
    """When to stop: a gap that is proven [-], so many linear answers, or a time on the clock of `time.monotonic` [s]."""

    gap: float
    answers: int
    end: float


class Tree:
    """What is still open, the best schedule, and what is proven.

    Parameters
    ----------
    finish
        Makes a schedule that costs less than its second argument out of a node, None where it finds none.

    Attributes
    ----------
    best
        The cheapest schedule that was met.
    asked
        Linear answers so far.
    """

    def __init__(
        self, linear: Linear, turns: Turns, enough: Enough, finish: Callable[[Node, float], Node | None]
    ) -> None:
        self._linear, self._turns, self._enough, self._finish = linear, turns, enough, finish
        self._open: list[tuple[float, int, Node]] = []
        self._closed = np.inf
        self._number = count()
        self.best: Node | None = None
        self.asked = 0

    @property
    def cost(self) -> float:
        """Of the best schedule; inf for none. [money]"""
        return np.inf if self.best is None else self.best.found.objective

    @property
    def bound(self) -> float:
        """What no schedule can cost less than. [money]"""
        return min(self._closed, self.cost, self._open[0][0] if self._open else np.inf)

    def search(self, root: Node) -> None:
        """Search below `root` until it is enough."""
        self._go_down(root)
        if self._goes_on and (self.best is None or self.cost - self.bound > self._far):
            self._guess(root)
        while self._goes_on:
            self._go_down(heapq.heappop(self._open)[2])

    @property
    def _goes_on(self) -> bool:
        lowest = self._open[0][0] if self._open else np.inf
        return lowest < min(self._useless, self._closed) and self._may_ask

    def _guess(self, root: Node) -> None:
        """Look for one more schedule the other way round: units first, then ways; it proves nothing."""
        at = self._turns.rounded(root, self.cost)
        while at is not None and self._may_ask:
            split = self._turns.split(at)
            if split is None:
                self._meet(at)
                return
            halves = self._halves(at, split, self.cost)
            at = min((h for h in halves if h is not None), key=_cost, default=None)

    def _go_down(self, node: Node) -> None:
        rounded, at = False, node
        while self._may_ask:
            split = self._turns.split(at)
            if split is None:
                self._closed = min(self._closed, _cost(at))
                self._meet(at)
                return
            if not split.closed and not rounded:
                rounded = True
                self._meet(at)
            cheaper = self._part(at, split)
            if cheaper is None:
                return
            at = cheaper
        self._push(at)

    def _part(self, node: Node, split: Split) -> Node | None:
        """Ask for both halves; give the cheaper and keep the other for later."""
        useless = self._useless
        met = [h for h in self._halves(node, split, useless) if h is not None]
        if len(met) < len(split.parts):
            self._closed = min(self._closed, useless)
        met.sort(key=_cost)
        for half in met[1:]:
            self._push(half)
        return met[0] if met else None

    def _halves(self, node: Node, split: Split, useless: float) -> list[Node | None]:
        halves = [self._linear.at(bounds, useless) for bounds in split.parts]
        self.asked += len(halves)
        rises = [(useless if h is None else _cost(h)) - _cost(node) for h in halves]
        if np.isfinite(rises).all():
            self._turns.learn(split, rises)
        return halves

    def _meet(self, node: Node) -> None:
        found = self._finish(node, self.cost)
        if found is not None and found.found.objective < self.cost:
            self.best = found

    def _push(self, node: Node) -> None:
        heapq.heappush(self._open, (_cost(node), next(self._number), node))

    @property
    def _useless(self) -> float:
        """What is not worth a look: within the gap of the best schedule, or above it. [money]"""
        return np.inf if self.best is None else self.cost - self._enough.gap * abs(self.cost)

    @property
    def _far(self) -> float:
        return FAR * self._enough.gap * abs(self.cost)

    @property
    def _may_ask(self) -> bool:
        return self.asked < self._enough.answers and time.monotonic() < self._enough.end
