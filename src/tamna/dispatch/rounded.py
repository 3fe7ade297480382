"""A whole answer out of one whose ways and units are settled: poles and plants rounded, the surest first.

What flows says what is on: well above the minimum, all poles; below half of it, none. In between the shares of the
linear answer choose. After each round a linear answer tells what that changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.held import WHOLE, Bounds, Linear

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.system import System
    from tamna.dispatch.turns import Node
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Choice = tuple[Ints, Floats]

WELL_ABOVE = 2.0
"""All poles stay on where the flow is so many times their minimum."""
EASY = 0.1
ROUNDS = 8


def rounded(linear: Linear, system: System, node: Node, below: float) -> tuple[Bounds, Solution] | None:
    """Hold what is chosen, round by round; None where that costs `below` or more, or clashes."""
    opened = bounds = _ways(linear, settled(linear, system, node), node.found)
    found = node.found
    for sure in (True, *([False] * ROUNDS)):
        numbers, values = _chosen(linear, system, found, sure=sure)
        if not len(numbers):
            if sure:
                continue
            break
        bounds = bounds.held(numbers, values)
        again = linear.at(bounds, below)
        if again is None:
            return None
        found = again
    for cols in _choices(linear, system):
        bounds = bounds.held(cols.ravel(), found.x[cols.ravel()].round())
    return flipped(linear, system, opened, bounds, found)


TRIES = 10


def flipped(linear, system, opened, bounds, found):
    """Change choices, at most one in each step at once, while that is cheaper; prices rule out most of them."""
    choices = [c for c in _choices(linear, system)]
    tries = TRIES
    least = 1e-5 * abs(found.objective)
    refused = set()
    fresh, share = True, 1.0
    while tries:
        if fresh:
            d = linear.reduced(found)
            best = {}
            for number, cols in enumerate(choices):
                x = found.x[cols].round()
                now = (d[cols] * x).sum(axis=0)
                fixed = (bounds.upper[cols] == bounds.lower[cols]).all(axis=0)
                for k in range(-1, len(cols)):
                    gain = now - (d[cols[k]] if k >= 0 else 0.0)
                    ok = (gain > least) & fixed & ((x[k] < 0.5) & (opened.upper[cols[k]] > 0.5) if k >= 0 else (x.sum(axis=0) > 0.5) & (opened.lower[cols].max(axis=0) < 0.5))
                    for t in np.flatnonzero(ok):
                        key = (number, int(t), k)
                        if key not in refused and gain[t] > best.get(t, (0,))[0]:
                            best[int(t)] = (gain[t], number, k)
            order = sorted(best.items(), key=lambda b: -b[1][0])
            share = 1.0
        if not order:
            break
        part = order[: max(1, int(np.ceil(len(order) * share)))]
        lower, upper = bounds.lower.copy(), bounds.upper.copy()
        for t, (_g, number, k) in part:
            cols = choices[number][:, t]
            values = np.zeros(len(cols))
            if k >= 0:
                values[k] = 1.0
            lower[cols] = upper[cols] = values
        other = Bounds(lower, upper)
        tries -= 1
        again = linear.at(other, found.objective - least)
        if again is not None:
            bounds, found, fresh = other, again, True
        elif len(part) == 1:
            t, (_g, number, k) = part[0]
            refused.add((number, t, k))
            order = order[1:]
            fresh = False
        else:
            share, fresh = share / 3, False
    return bounds, found


def _choices(linear: Linear, system: System) -> Iterator[Ints]:
    steps = np.arange(linear.carried)
    for link in system.links:
        if link.technology == "lcc":
            for way in ("import", "export"):
                yield np.stack([linear.first[f"{link.name}/{way}_{k}"] + steps for k in range(1, link.poles + 1)])
    for plant in system.electrolysers:
        if plant.commits:
            yield np.stack([linear.first[f"{plant.name}/{what}"] + steps for what in ("on", "standby")])


def settled(linear, system, node):
    """Hold ways and units as they are in a node without doubt."""
    bounds = node.bounds
    x = node.found.x
    on = [linear.first[f"{u.name}/on"] + np.arange(linear.carried) for u in system.thermal if u.commits]
    if on:
        on = np.concatenate(on)
        bounds = bounds.held(on, x[on].round())
    for link in system.links:
        if link.technology != "lcc":
            continue
        wait = int(np.ceil(link.reversal_h - 1e-9))
        cols = {way: np.stack([linear.first[f"{link.name}/{way}_{k}"] + np.arange(linear.carried) for k in range(1, link.poles + 1)]) for way in ("import", "export")}
        for way, other in (("import", "export"), ("export", "import")):
            used = x[cols[way]].sum(axis=0) > 1e-6
            near = used.copy()
            for k in range(1, wait + 1):
                near[k:] |= used[:-k]
                near[:-k] |= used[k:]
            bounds = bounds.held(cols[other][:, near].ravel(), 0.0)
    return bounds


def _chosen(linear: Linear, system: System, found: Solution, *, sure: bool) -> Choice:
    parts = [
        c
        for link in system.links
        if link.technology == "lcc"
        for way in ("import", "export")
        for c in _poles(linear, link, way, found, sure=sure)
    ]
    if not sure:
        parts += [c for p in system.electrolysers if p.commits for c in _plant(linear, p.name, p.min_load * p.power_mw, found)]
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0)
    return np.concatenate([n for n, _v in parts]), np.concatenate([v for _n, v in parts])


def _poles(linear: Linear, link: Link, way: str, found: Solution, *, sure: bool) -> Iterator[Choice]:
    rated = link.import_mw if way == "import" else link.export_mw
    steps = np.arange(linear.carried)
    columns = np.stack([linear.first[f"{link.name}/{way}_{k}"] + steps for k in range(1, link.poles + 1)])
    share, flow = found.x[columns], found[f"{link.name}/{way}"][: linear.carried]
    doubt = np.abs(share - share.round()).max(axis=0) > WHOLE
    pole_least = link.min_transfer * rated / link.poles
    well = flow > max(WELL_ABOVE * link.min_transfer * rated, 1e-6)
    at = np.flatnonzero(doubt & well) if sure else np.flatnonzero(doubt)
    if not len(at):
        return
    on = (np.arange(1, link.poles + 1) @ share) - EASY
    number = np.where(well, link.poles, np.clip(np.ceil(on), 1, link.poles))
    number = np.where(on < 0.0, 0, number)[at]
    yield columns[:, at].ravel(), (np.arange(1, link.poles + 1)[:, None] == number).astype(np.float64).ravel()


def _plant(linear: Linear, name: str, least_mw: float, found: Solution) -> Iterator[Choice]:
    steps = np.arange(linear.carried)
    on, waiting = linear.first[f"{name}/on"] + steps, linear.first[f"{name}/standby"] + steps
    power = found[f"{name}/power_1"][: linear.carried]
    columns = np.stack([on, waiting])
    doubt = np.flatnonzero(np.abs(found.x[columns] - found.x[columns].round()).max(axis=0) > WHOLE)
    if not len(doubt):
        return
    runs = found.x[on] >= 0.5
    runs |= power > least_mw / 2
    waits = ~runs & (found.x[waiting] >= 0.5)
    yield columns[:, doubt].ravel(), np.stack([runs, waits])[:, doubt].astype(np.float64).ravel()


def _ways(linear: Linear, bounds: Bounds, found: Solution) -> Bounds:
    """Hold stores and links that pass through zero to the way that they go."""
    for what, one, other in (("charging", "charge", "discharge"), ("importing", "import", "export")):
        for group in linear.arrays.columns:
            asset = group.name.rsplit("/", 1)[0]
            if group.name.endswith(f"/{what}") and linear.arrays.integer[group.first]:
                carried = slice(0, linear.carried)
                first = found[f"{asset}/{one}"][carried] > found[f"{asset}/{other}"][carried]
                bounds = bounds.held(group.first + np.arange(linear.carried), first.astype(np.float64))
    return bounds
