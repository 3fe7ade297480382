"""Paths through the band: hours that err together and targets that err together, with the calibrated margins.

A Gaussian copula. The misses of past forecasts, ranked hour by hour and turned into normal scores, say how hours and
targets go along; a stated simple law (errors that fade over hours, one correlation between targets) is mixed in,
since some eighty days cannot say how 150 numbers go along. Each hour's scores are then ranked again and read off the
hour's own quantiles, so that every path number is used once at every level: the margins are those of the band.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter
from scipy.special import ndtri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PRIOR_DAYS = 10.0
"""The stated law counts as so many days of misses; assumed."""
FADE = 0.9
"""Correlation of neighbouring hours where no day is known; assumed."""
_MOST = 0.98


def normal_scores(misses: Floats) -> Floats:
    """Rank each column and give normal scores; what is missing is 0, and a column's spread is 1 again.

    Parameters
    ----------
    misses : (days, hours)
        NaN where nothing is known.
    """
    there = np.isfinite(misses)
    count = there.sum(axis=0)
    order = np.argsort(np.argsort(np.where(there, misses, np.inf), axis=0, kind="stable"), axis=0)
    scores = np.where(there, ndtri((order + 0.5) / np.maximum(count, 1)), 0.0)
    size = np.sqrt((scores**2).mean(axis=0)) if len(scores) else np.ones(misses.shape[1])
    return np.asarray(scores / np.where(size > 0, size, 1.0))


def draw_paths(
    misses: Mapping[str, Floats],
    quantiles: Mapping[str, Floats],
    levels: Floats,
    *,
    count: int,
    seed: int,
) -> dict[str, Floats]:
    """Draw paths for all targets together.

    Parameters
    ----------
    misses
        Target -> (days, hours): how past forecasts of the same leads missed, in widths of their band; the same
        days for every target.
    quantiles
        Target -> (hours, levels): the calibrated answer.
    count
        How many paths; level :math:`(i + 1/2)/count` is used once in each hour.

    Returns
    -------
    dict
        Target -> (count, hours): path i of one target belongs to path i of the others.
    """
    rng = np.random.default_rng(seed)
    scores = {name: normal_scores(misses[name]) for name in quantiles}
    days = min((len(s) for s in scores.values()), default=0)
    weight = PRIOR_DAYS / (PRIOR_DAYS + days)
    pick = rng.standard_normal((count, days)) / np.sqrt(max(days, 1))
    law = _by_law(scores, {n: len(q) for n, q in quantiles.items()}, count, rng)
    grid = (np.arange(count) + 0.5) / count
    found = {}
    for name, band in quantiles.items():
        drawn = np.sqrt(weight) * law[name]
        if days:  # einsum: the same sum in the same order on any number of threads
            drawn = drawn + np.sqrt(1 - weight) * np.einsum("pd,dh->ph", pick, scores[name][:days])
        rank = np.argsort(np.argsort(drawn, axis=0, kind="stable"), axis=0)
        values = np.stack([np.interp(grid, levels, hour) for hour in band], axis=1)
        found[name] = np.take_along_axis(values, rank, axis=0)
    return found


def _by_law(
    scores: Mapping[str, Floats], hours: Mapping[str, int], count: int, rng: np.random.Generator
) -> dict[str, Floats]:
    """Draw errors that fade over hours, going along between targets as their misses of the same hour do."""
    names = list(scores)
    between = _between([scores[name] for name in names])
    root = np.linalg.cholesky(between)
    longest = max(hours.values())
    fresh = np.einsum("ij,jph->iph", root, rng.standard_normal((len(names), count, longest)))
    found = {}
    for i, name in enumerate(names):
        stay = _stay(scores[name])
        noise = fresh[i] * np.sqrt(1 - stay**2)
        noise[:, 0] = fresh[i][:, 0]
        found[name] = np.asarray(lfilter([1.0], [1.0, -stay], noise, axis=1))[:, : hours[name]]
    return found


def _stay(scores: Floats) -> float:
    """How much of an hour's error is left in the next hour."""
    if scores.shape[0] < 3 or scores.shape[1] < 2:
        return FADE
    one, two = scores[:, :-1], scores[:, 1:]
    size = np.sqrt((one**2).sum() * (two**2).sum())
    return float(np.clip((one * two).sum() / size, 0.0, _MOST)) if size > 0 else FADE


def _between(scores: list[Floats]) -> Floats:
    """Correlate the targets' scores of the same day and hour, drawn a little to zero so that it has a root."""
    size = len(scores)
    out = np.eye(size)
    for i in range(size):
        for j in range(i):
            if scores[i].shape == scores[j].shape and len(scores[i]) >= 3:
                norm = np.sqrt((scores[i] ** 2).sum() * (scores[j] ** 2).sum())
                out[i, j] = out[j, i] = (scores[i] * scores[j]).sum() / norm if norm > 0 else 0.0
    return np.asarray(0.95 * out + 0.05 * np.eye(size))
