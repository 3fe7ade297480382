"""Quantile levels: which, and how to read other levels from those at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NINE = np.array([0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99])
PERCENT = np.arange(1, 100) / 100


def between(quantiles: Floats, own: Floats, levels: Floats) -> Floats:
    """Interpolate quantiles, (rows, own), at other levels; beyond the outermost they stay as they are.

    Examples
    --------
    >>> between(np.array([[0.0, 1.0]]), np.array([0.25, 0.75]), np.array([0.1, 0.5, 0.9])).tolist()
    [[0.0, 0.5, 1.0]]
    """
    right = np.clip(np.searchsorted(own, levels), 1, max(len(own) - 1, 1))
    if len(own) == 1:
        return np.repeat(quantiles, len(levels), axis=1)
    left = right - 1
    part = np.clip((levels - own[left]) / (own[right] - own[left]), 0.0, 1.0)
    return np.asarray(quantiles[:, left] * (1 - part) + quantiles[:, right] * part)
