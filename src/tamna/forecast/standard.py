"""Features on one scale: zero in the middle, one apart; a missing one counts as the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

UNSEEN = 1e30
"""So wide that any later value counts as the middle."""


def moments(features: Floats) -> tuple[Floats, Floats]:
    """Give mean and standard deviation of each column, (features,); a column that never changes gets 1.

    A column that never has a value gets `UNSEEN`: what was not learned from says nothing later.
    """
    there = ~np.isnan(features)
    count = np.maximum(there.sum(axis=0), 1)
    centre = np.where(there, features, 0.0).sum(axis=0, dtype=np.float64) / count
    spread = np.sqrt(np.where(there, (features - centre) ** 2, 0.0).sum(axis=0, dtype=np.float64) / count)
    return centre, np.where(there.any(axis=0), np.where(spread > 1e-9, spread, 1.0), UNSEEN)


def standard(features: Floats, centre: Floats, spread: Floats) -> Floats:
    """Scale by `centre` and `spread`.

    Examples
    --------
    >>> standard(np.array([[3.0], [np.nan]]), np.array([1.0]), np.array([2.0])).tolist()
    [[1.0], [0.0]]
    """
    return np.nan_to_num((features - centre) / spread)
