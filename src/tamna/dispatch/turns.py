"""Which way each link carries and which units are on: where a linear answer leaves that open, and how to part it.

In a linear answer a link that takes time to turn goes a little one way and a little the other within the steps that a turn
takes. No schedule carries both ways within ``wait + 1`` steps; so of each such stretch one way or the other is closed: a
choice that settles many steps at once, on both sides. A handful of them make a pattern. Units in doubt come after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.fast import on_of
from tamna.dispatch.held import WHOLE, Bounds, Linear, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.system import State, System
    from tamna.optimise.blocks.link import Link

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

WANTED = (0.5, 0.1)
"""A unit is on where the linear answer has it on by more than this: each is tried. [-]"""
LEAST = 1e-3
"""No way is taken to cost less than this to close. [money/MW]"""
_SOME_MW = 1e-4
_WAYS = ("import", "export")


@dataclass(frozen=True, slots=True)
class Closed:
    """A way of a link that is closed for as long as a turn takes, from a step on; what it had on there [MW]."""

    link: str
    way: str
    begins: int
    mw: float


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Two parts of a node that hold all its schedules.

    Attributes
    ----------
    closed
        The way that is closed in each of them; nothing where ways are settled and units are parted.
    """

    parts: tuple[Bounds, Bounds]
    closed: tuple[Closed, ...] = ()


class Turns:
    """The links that take time to turn, and the units, of one window.

    Parameters
    ----------
    step_h
        Length of a step. [h]
    """

    def __init__(self, linear: Linear, system: System, state: State, step_h: float) -> None:
        self._linear, self._state, self._step_h = linear, state, step_h
        self.links = [k for k in system.links if k.technology == "lcc"]
        self._learnt: dict[tuple[str | int, ...], tuple[float, int]] = {}
        self._units = [u for u in system.thermal if u.commits]
        self._on = linear.numbers([f"{u.name}/on" for u in self._units])

    def poles(self, link: Link) -> dict[str, Ints]:
        """Give the columns of each way, (poles, steps)."""
        return {
            way: self._linear.numbers([f"{link.name}/{way}_{k}" for k in range(1, link.poles + 1)])
            for way in _WAYS
        }

    def split(self, node: Node) -> Split | None:
        """Part a node where its answer is furthest from a schedule; None where neither ways nor units are in doubt."""
        turns = [t for link in self.links for t in self._both_ways(link, node)]
        if turns:
            closed = max(turns, key=lambda t: self._rate(t[0]) * self._rate(t[1]))
            one, other = (self._numbers(c) for c in closed)
            return Split((node.bounds.held(one, 0.0), node.bounds.held(other, 0.0)), closed)
        value = node.found.x[self._on]
        doubt = np.abs(value - value.round())
        if not len(self._units) or doubt.max() <= WHOLE:
            return None
        rated = np.array([u.max_mw for u in self._units])
        number = self._on.ravel()[[np.argmax(doubt * rated[:, None])]]
        return Split((node.bounds.held(number, 0.0), node.bounds.held(number, 1.0)))

    def learn(self, split: Split, rises: list[float]) -> None:
        """Remember what closing each way cost [money], so that the dearest choices come first from now on."""
        for closed, rise in zip(split.closed, rises, strict=False):
            per_mw = max(0.0, rise) / closed.mw
            for key in ((closed.link, closed.way, closed.begins), (closed.link, closed.way), ()):
                total, times = self._learnt.get(key, (0.0, 0))
                self._learnt[key] = total + per_mw, times + 1

    def _rate(self, closed: Closed) -> float:
        """Expect what closing a way costs: as it was there, else as it was for that link, else as everywhere. [money]"""
        for key in ((closed.link, closed.way, closed.begins), (closed.link, closed.way), ()):
            if key in self._learnt:
                total, times = self._learnt[key]
                return closed.mw * max(total / times, LEAST)
        return closed.mw

    def _numbers(self, closed: Closed) -> Ints:
        link = next(k for k in self.links if k.name == closed.link)
        ends = closed.begins + self._wait(link) + 1
        return self.poles(link)[closed.way][:, closed.begins : ends].ravel()

    def _both_ways(self, link: Link, node: Node) -> Iterator[tuple[Closed, Closed]]:
        """Find the stretches in which poles are on both ways."""
        numbers, wait, carried = self.poles(link), self._wait(link), self._linear.carried
        rated = {"import": link.import_mw, "export": link.export_mw}
        count = np.arange(1, link.poles + 1) / link.poles
        begins = np.arange(carried)
        ends = np.minimum(begins + wait + 1, carried)
        mw = {}
        for way in _WAYS:
            summed = np.concatenate([[0.0], np.cumsum(rated[way] * count @ node.found.x[numbers[way]])])
            mw[way] = summed[ends] - summed[begins]
        for step in np.flatnonzero(np.minimum(mw["import"], mw["export"]) > _SOME_MW):
            one, other = (Closed(link.name, way, int(step), float(mw[way][step])) for way in _WAYS)
            yield one, other

    def _wait(self, link: Link) -> int:
        return int(np.ceil(link.reversal_h / self._step_h - 1e-9))

    def settled(self, node: Node) -> Bounds:
        """Hold units and ways as they are in a node that leaves none of them open."""
        bounds = node.bounds.held(self._on.ravel(), node.found.x[self._on.ravel()].round())
        for link in self.links:
            numbers = self.poles(link)
            for way, other in (_WAYS, _WAYS[::-1]):
                used = node.found.x[numbers[way]].sum(axis=0) > WHOLE
                bounds = bounds.held(numbers[other][:, _near(used, self._wait(link))].ravel(), 0.0)
        return bounds

    def rounded(self, node: Node, below: float) -> Node | None:
        """Round the units of a node, least times kept; give the cheaper of two roundings, None where both cost `below`."""
        if not self._units:
            return node
        tried: dict[bytes, Node | None] = {}
        for wanted in WANTED:
            held = [self._on_of(k, node, wanted) for k in range(len(self._units))]
            bounds = node.bounds.held(self._on.ravel(), np.concatenate(held).astype(np.float64))
            key = bounds.lower[self._on].tobytes()
            if key not in tried:
                tried[key] = self._linear.at(bounds, below)
        met = [n for n in tried.values() if n is not None]
        return min(met, key=lambda n: n.found.objective) if met else None

    def _on_of(self, k: int, node: Node, wanted: float) -> Bools:
        unit = self._units[k]
        place = node.found.columns[f"{unit.name}/on"].place
        may = node.bounds.lower[place] > 0.5, node.bounds.upper[place] > 0.5
        before = self._state.thermal.get(unit.name)
        on = on_of(unit, node.found.x[place], may, before, wanted=wanted, step_h=self._step_h)
        return on[: self._linear.carried]


def _near(used: Bools, wait: int) -> Bools:
    near = used.copy()
    for k in range(1, min(wait, len(used) - 1) + 1):
        near[k:] |= used[:-k]
        near[:-k] |= used[k:]
    return near
