"""A broken rule: which asset, which rule, when, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

    from tamna.lang import Message

TOLERANCE_MW = 1e-4
"""A solver keeps its rows to 1e-6 each; sums of them a little worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A rule that a schedule breaks in a step, and by how much [MW, MWh, h or money, as the rule counts]."""

    asset: str
    rule: Message
    step: int
    by: float

    def __str__(self) -> str:
        return f"{self.asset}: {self.rule} ({self.step}: {self.by:g})"


def above(
    asset: str, rule: Message, value: ArrayLike, most: ArrayLike, tolerance: float = TOLERANCE_MW
) -> Iterator[Broken]:
    """Give the steps in which `value` exceeds `most`."""
    over = np.atleast_1d(np.asarray(value, dtype=np.float64) - np.asarray(most, dtype=np.float64))
    over = np.where(np.isnan(over), np.inf, over)
    for step in np.flatnonzero(over > tolerance):
        yield Broken(asset=asset, rule=rule, step=int(step), by=float(over[step]))


def apart(
    asset: str, rule: Message, value: ArrayLike, other: ArrayLike, tolerance: float = TOLERANCE_MW
) -> Iterator[Broken]:
    """Give the steps in which two values that must agree differ."""
    yield from above(asset, rule, np.abs(np.asarray(value) - np.asarray(other)), 0.0, tolerance)
