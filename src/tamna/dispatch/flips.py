"""A schedule bettered choice by choice, as its prices suggest.

What a choice that is held costs at first is its reduced cost, and a linear problem never falls faster than it does at first:
a change without a gain there has none. So the changes that are left are few. The best of each step are tried together, as
steps hang together loosely; where that is no gain, the best third of them, at last one alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.held import Bounds, Linear, Node

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Key = tuple[int, ...]

TRIES = 16
LEAST = 3e-5
"""A change that may gain less than this part of the cost is left alone. [-]"""


@dataclass(frozen=True, slots=True, eq=False)
class _Flip:
    key: Key
    gain: float
    numbers: Ints
    values: Floats


def flipped(
    linear: Linear, choices: list[Ints], opened: Bounds, node: Node, tries: int | None = None
) -> Node:
    """Give the cheapest schedule that was met.

    Parameters
    ----------
    choices
        Columns of which at most one is 1 in each step, (columns, steps carried out) each; all held in `node`.
    opened
        Bounds within which they may be changed.
    """
    tries = TRIES if tries is None else tries
    refused: set[Key] = set()
    flips = _flips(linear, choices, opened, node, refused)
    share = 1.0
    while tries and flips:
        tries -= 1
        some = flips[: max(1, int(np.ceil(len(flips) * share)))]
        better = _with(linear, node, some)
        if better is not None:
            node, share = better, 1.0
        elif len(some) > 1:
            share /= 3.0
            continue
        else:
            refused.add(some[0].key)
            share = 0.0
        flips = _flips(linear, choices, opened, node, refused)
    return node


def _with(linear: Linear, node: Node, flips: list[_Flip]) -> Node | None:
    numbers = np.concatenate([f.numbers for f in flips])
    bounds = node.bounds.moved(numbers, np.concatenate([f.values for f in flips]))
    return linear.at(bounds, node.found.objective - LEAST * abs(node.found.objective))


def _flips(linear: Linear, choices: list[Ints], opened: Bounds, node: Node, refused: set[Key]) -> list[_Flip]:
    """Give the change of each step that gains most at first, the best first."""
    least = LEAST * abs(node.found.objective)
    gains = _gains(linear, choices, opened, node)
    best: dict[int, _Flip] = {}
    for key, gain in _promising(gains, least):
        step = key[0]
        if key not in refused and (step not in best or gain > best[step].gain):
            best[step] = _flip(choices, key, gain)
    return sorted(best.values(), key=lambda f: -f.gain)


def _gains(linear: Linear, choices: list[Ints], opened: Bounds, node: Node) -> list[Floats]:
    """Give what each choice gains at first, none of its columns first: (1 + columns, steps); -inf where it may not be."""
    price, out = linear.reduced(node.found), []
    for columns in choices:
        x = node.found.x[columns].round()
        cost = np.vstack([np.zeros(columns.shape[1]), price[columns]])
        chosen = np.vstack([1.0 - x.sum(axis=0), x]) > 0.5
        may = np.vstack([opened.lower[columns].max(axis=0) < 0.5, opened.upper[columns] > 0.5])
        out.append(np.where(may & ~chosen, (price[columns] * x).sum(axis=0) - cost, -np.inf))
    return out


def _promising(gains: list[Floats], least: float) -> Iterator[tuple[Key, float]]:
    for g, gain in enumerate(gains):
        for k, step in zip(*np.nonzero(gain > least), strict=True):
            yield (int(step), g, int(k)), float(gain[k, step])
    for g, h in combinations(range(len(gains)), 2):
        both = gains[g][:, None, :] + gains[h][None, :, :]
        for k, j, step in zip(*np.nonzero(both > least), strict=True):
            yield (int(step), g, int(k), h, int(j)), float(both[k, j, step])


def _flip(choices: list[Ints], key: Key, gain: float) -> _Flip:
    numbers, values = [], []
    for g, k in zip(key[1::2], key[2::2], strict=True):
        columns = choices[g][:, key[0]]
        numbers.append(columns)
        values.append((np.arange(1, len(columns) + 1) == k).astype(np.float64))
    return _Flip(key, gain, np.concatenate(numbers), np.concatenate(values))
