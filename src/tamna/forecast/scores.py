"""How good a forecast was: of the middle, of the band, and how sure we are of the difference.

Every score takes plain arrays; hours without an answer or an actual must be left out before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.forecast.draws import DRAWS, SHARE, Draws, ends
from tamna.forecast.levels import between

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def pinball(actual: Floats, quantiles: Floats, levels: Floats) -> Floats:
    r"""Give the pinball loss of each hour and level, (hours, levels), in the unit of the actual.

    :math:`L_\tau(y, q) = (\tau - 1_{y<q})\,(y - q)`.

    References
    ----------
    Koenker and Bassett, "Regression quantiles", Econometrica 46, 1978.

    Examples
    --------
    >>> pinball(np.array([10.0]), np.array([[8.0]]), np.array([0.9])).tolist()
    [[1.8]]
    """
    miss = actual[:, None] - quantiles
    return np.asarray(np.maximum(levels * miss, (levels - 1.0) * miss))


def crps(actual: Floats, quantiles: Floats, levels: Floats) -> Floats:
    r"""Give the continuous ranked probability score of each hour from its quantiles, (hours,).

    :math:`2 \int_0^1 L_\tau\, d\tau`, by trapezoids over the levels given; beyond them the outermost quantiles hold.
    With few levels it is an approximation; name the number of levels beside it.

    References
    ----------
    Gneiting and Raftery, "Strictly proper scoring rules", JASA 102, 2007.
    """
    loss = pinball(actual, quantiles, levels)
    grid = np.concatenate([[0.0], levels, [1.0]])
    first, last = (pinball(actual, quantiles[:, [i]], np.array([end])) for i, end in ((0, 0.0), (-1, 1.0)))
    padded = np.concatenate([first, loss, last], axis=1)
    widths = np.diff(grid)
    return np.asarray(2.0 * ((padded[:, 1:] + padded[:, :-1]) / 2.0 @ widths))


def band(quantiles: Floats, levels: Floats, share: float) -> tuple[Floats, Floats]:
    """Give the ends of the central interval that should hold `share` of the actuals."""
    ends = between(quantiles, levels, np.array([(1 - share) / 2, (1 + share) / 2]))
    return ends[:, 0], ends[:, 1]


def inside(actual: Floats, low: Floats, high: Floats) -> NDArray[np.bool_]:
    """Whether each actual lies in its band, ends included."""
    return np.asarray((actual >= low) & (actual <= high))


def pit(
    actual: Floats, quantiles: Floats, levels: Floats, *, atoms: tuple[float, ...] = (), seed: int = 0
) -> Floats:
    """Give where each actual lies in its forecast distribution, 0..1: even, if the bands are honest.

    At an atom (zero, capacity) many levels share one value; there it is drawn evenly among them. Beyond the
    outermost levels it is drawn evenly too, since nothing is said about the tail.
    """
    rng = np.random.default_rng(seed)
    below = np.array(
        [np.interp(y, row, levels) for y, row in zip(actual, quantiles, strict=True)], dtype=np.float64
    )
    under, over = actual < quantiles[:, 0], actual > quantiles[:, -1]
    below[under] = rng.uniform(0.0, levels[0], int(under.sum()))
    below[over] = rng.uniform(levels[-1], 1.0, int(over.sum()))
    grid = np.concatenate([[0.0], levels, [1.0]])
    for atom in atoms:
        at = actual == atom
        low = (quantiles[at] < atom).sum(axis=1)
        high = (quantiles[at] <= atom).sum(axis=1)
        first = np.where(low == 0, 0.0, grid[low])
        last = np.where(high == len(levels), 1.0, grid[np.maximum(high, low + 1)])
        below[at] = rng.uniform(first, np.maximum(last, first))
    return below


def reliability(actual: Floats, quantiles: Floats) -> Floats:
    """Say whether each actual lay below each quantile, (hours, levels): 1, 0, and a half where they meet."""
    return np.asarray((actual[:, None] < quantiles) + 0.5 * (actual[:, None] == quantiles), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the interval that its day-block bootstrap gives."""

    value: float
    low: float
    high: float


def by_days(
    values: Floats, days: Ints, *, draws: int = DRAWS, seed: int = 0, share: float = SHARE
) -> Interval:
    """Give the mean of `values` with its interval: whole days are drawn again, since hours of a day err together.

    Parameters
    ----------
    values : (hours,)
        Such as a loss, a difference of losses, or 0 and 1 for inside.
    days : (hours,)
        Which day each hour belongs to.
    """
    found = ends(Draws.of(days, draws=draws, seed=seed).means(values), share) or (np.nan, np.nan)
    return Interval(float(values.mean()), *found)


def middle_scores(actual: Floats, middle: Floats, *, capacity: float | None = None) -> dict[str, Any]:
    """Score a single number an hour: MAE, RMSE, bias, MAPE (where every actual is positive), nMAE.

    Parameters
    ----------
    capacity
        What nMAE is a part of; by default the mean of the actuals. [MW]
    """
    miss = middle - actual
    base = float(capacity if capacity is not None else np.abs(actual).mean())
    mae = float(np.abs(miss).mean())
    found: dict[str, Any] = {
        "hours": len(actual),
        "mae_mw": mae,
        "rmse_mw": float(np.sqrt((miss**2).mean())),
        "bias_mw": float(miss.mean()),
        "nmae_percent": 100.0 * mae / base if base > 0 else None,
    }
    if len(actual) and actual.min() > 0:
        found["mape_percent"] = 100.0 * float((np.abs(miss) / actual).mean())
    return found


def band_scores(actual: Floats, quantiles: Floats, levels: Floats, days: Ints) -> dict[str, Any]:
    """Score the distribution: pinball, CRPS, coverage and width of the 80 and 90 % bands, each with its interval.

    Coverage counts only hours where the band has a width: a night of zeros proves nothing.
    """
    found: dict[str, Any] = {
        "pinball": float(pinball(actual, quantiles, levels).mean()),
        "crps": float(crps(actual, quantiles, levels).mean()),
        "levels": len(levels),
    }
    for share in (0.8, 0.9):
        low, high = band(quantiles, levels, share)
        wide = high > low
        name = f"{round(100 * share)}"
        if wide.any():
            hit = by_days(inside(actual, low, high)[wide].astype(float), days[wide])
            found[f"coverage_{name}"] = hit.value
            found[f"coverage_{name}_interval"] = [hit.low, hit.high]
            found[f"width_{name}_mw"] = float((high - low)[wide].mean())
    return found
