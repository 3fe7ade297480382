"""Poles and plants of a schedule whose ways and units are settled: rounded, the surest first.

What flows says what is on: well above their minimum, all poles of a link; below that, as few as carry what the linear
answer has on. A pole that is hardly on may hold reserve, so it stays on until prices say otherwise (`flips`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.held import WHOLE, Bounds, Linear, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.system import System
    from tamna.optimise.blocks.electrolyser import Electrolyser
    from tamna.optimise.blocks.link import Link

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Choice = tuple[Ints, Floats]

WELL_ABOVE = 2.0
"""All poles stay on where the flow is so many times their minimum."""
HARDLY = (0.1, 0.7)
"""Poles that are on by no more than this do not count: each is tried. [-]"""
ROUNDS = 8


def choices(linear: Linear, system: System) -> list[Ints]:
    """Give the columns of which at most one is 1 in each step, (columns, steps) each: of a link, of a plant."""
    names = [
        [f"{link.name}/{way}_{k}" for way in ("import", "export") for k in range(1, link.poles + 1)]
        for link in system.links
        if link.technology == "lcc"
    ]
    names += [[f"{p.name}/on", f"{p.name}/standby"] for p in system.electrolysers if p.commits]
    return [linear.numbers(n) for n in names]


def rounded(linear: Linear, system: System, node: Node, below: float) -> Node | None:
    """Give the cheapest of some roundings; None where all cost `below` or more, or clash."""
    best: Node | None = None
    for hardly in HARDLY:
        met = _rounded(linear, system, node, below, hardly)
        if met is not None:
            best, below = met, met.found.objective
    return best


def _rounded(linear: Linear, system: System, node: Node, below: float, hardly: float) -> Node | None:
    """Hold poles and plants, round by round, at last all of them; None where that costs `below` or more, or clashes."""
    for sure in (True, *(False,) * ROUNDS):
        found = list(_found(linear, system, node, None if sure else hardly))
        if not found:
            if sure:
                continue
            break
        numbers, values = (np.concatenate(part) for part in zip(*found, strict=True))
        again = linear.at(node.bounds.held(numbers, values), below)
        if again is None:
            return None
        node = again
    bounds = node.bounds
    for columns in choices(linear, system):
        bounds = bounds.held(columns.ravel(), node.found.x[columns.ravel()].round())
    return Node(bounds, node.found)


def _found(linear: Linear, system: System, node: Node, hardly: float | None) -> Iterator[Choice]:
    for link in system.links:
        if link.technology == "lcc":
            for way in ("import", "export"):
                yield from _poles(linear, link, way, node, hardly)
    for plant in system.electrolysers:
        if plant.commits and hardly is not None:
            yield from _plant(linear, plant, node)


def _doubtful(share: Floats) -> Ints:
    return np.flatnonzero(np.abs(share - share.round()).max(axis=0) > WHOLE)


def _poles(linear: Linear, link: Link, way: str, node: Node, hardly: float | None) -> Iterator[Choice]:
    rated = link.import_mw if way == "import" else link.export_mw
    columns = linear.numbers([f"{link.name}/{way}_{k}" for k in range(1, link.poles + 1)])
    share, flow = node.found.x[columns], node.found[f"{link.name}/{way}"][: linear.carried]
    number = np.arange(1, link.poles + 1)
    well = flow > max(WELL_ABOVE * link.least_share(way) * rated, WHOLE)
    needed = np.where(well, link.poles, np.clip(np.ceil(number @ share - (hardly or 0.0)), 0, link.poles))
    at = _doubtful(share)
    at = at[well[at]] if hardly is None else at
    if len(at):
        yield columns[:, at].ravel(), (number[:, None] == needed[at]).astype(np.float64).ravel()


def _plant(linear: Linear, plant: Electrolyser, node: Node) -> Iterator[Choice]:
    columns = linear.numbers([f"{plant.name}/on", f"{plant.name}/standby"])
    share = node.found.x[columns]
    pieces = [node.found[f"{plant.name}/power_{k}"] for k in range(1, len(plant.pieces) + 1)]
    power = np.sum(pieces, axis=0)[: linear.carried]
    runs = (share[0] >= 0.5) | (power > max(plant.min_load * plant.power_mw / 2, WHOLE))
    at = _doubtful(share)
    if len(at):
        yield columns[:, at].ravel(), np.stack([runs, ~runs & (share[1] >= 0.5)])[:, at].astype(float).ravel()


def ways(linear: Linear, bounds: Bounds, node: Node) -> Bounds:
    """Hold stores and links that pass through zero to the way that they go."""
    for what, one, other in (("charging", "charge", "discharge"), ("importing", "import", "export")):
        for group in linear.arrays.columns:
            asset = group.name.rsplit("/", 1)[0]
            if group.name.endswith(f"/{what}") and linear.arrays.integer[group.first]:
                carried = slice(0, linear.carried)
                first = node.found[f"{asset}/{one}"][carried] > node.found[f"{asset}/{other}"][carried]
                bounds = bounds.held(linear.numbers([group.name]).ravel(), first.astype(np.float64))
    return bounds
