r"""Steps in a noisy daily level: where, how large, how sure.

Days outside their usual distance from their neighbours are pulled in, and a step is judged against the
covariance of the days (`wander`) by generalised least squares:

.. math:: z = X b + s_c \beta_c + e,\quad e \sim N(0, K)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.linalg import solve_triangular

from tamna.physics.wander import covariance, own_variance, smooth_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.physics.wander import Daily, Noise

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

YARDSTICK = 0.04
"""Standard error of a step beyond what its days tell [log]: a season that the yardstick has wrong."""
_MEDIAN_TO_SD = 1.4826
_HALF_WINDOW = 7
_OUTLYING = 2.5


def running_median(z: Floats) -> Floats:
    """Give the median of each value with seven neighbours on either side; ends repeat their last value."""
    padded = np.pad(z, _HALF_WINDOW, mode="edge")
    return np.asarray(np.median(sliding_window_view(padded, 2 * _HALF_WINDOW + 1), axis=1))


def held_in(z: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Pull outlying days to 2.5 of their usual distance from the days around; give that distance's square.

    Parameters
    ----------
    size
        Of each day's potential: days of like size err alike, small ones more.
    """
    around = running_median(z)
    away = np.abs(z - around)
    edges = np.quantile(size, np.linspace(0.0, 1.0, 6))
    group = np.clip(np.searchsorted(edges, size) - 1, 0, 4)
    usual = np.array(
        [_MEDIAN_TO_SD * np.median(away[group == k]) if (group == k).any() else 0.0 for k in range(5)]
    )
    usual = np.maximum.accumulate(np.maximum(usual, 0.01)[::-1])[::-1]
    middle = np.array([np.median(size[group == k]) if (group == k).any() else edges[k] for k in range(5)])
    sd = np.interp(size, middle, usual)
    return np.clip(z, around - _OUTLYING * sd, around + _OUTLYING * sd), sd**2


def step(day: Ints, start: Ints, ramp: int) -> Floats:
    """Give columns that rise from 0 before `start` to 1 over `ramp` days (0: at once)."""
    return np.asarray(np.clip((day[:, None] - start[None, :] + 1) / (ramp + 1), 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Judged:
    """For each candidate: size of the step [log], its standard error, and their ratio."""

    size: Floats
    error: Floats

    @property
    def score(self) -> Floats:
        """Steps in standard errors."""
        return self.size / self.error

    def beyond(self, share: float) -> Floats:
        """Standard errors, with the yardstick's own, by which steps are larger than `share`."""
        return np.asarray((np.abs(self.size) + np.log1p(-share)) / np.hypot(self.error, YARDSTICK))


class Judge:
    """Days with their covariance, ready to be asked about many steps."""

    def __init__(
        self, daily: Daily, noise: Noise, known: Sequence[Floats] = (), factor: Floats | None = None
    ) -> None:
        self._daily, self._noise = daily, noise
        self._factor = np.asarray(np.linalg.cholesky(covariance(daily, noise)) if factor is None else factor)
        beside = np.column_stack([np.ones(len(daily.day)), daily.beside, *known])
        basis, _upper = np.linalg.qr(self._white(beside))
        self._basis = basis
        self._z = self._free(self._white(daily.z[:, None]))[:, 0]

    def beside(self, known: Sequence[Floats]) -> Judge:
        """Give the same days with other steps `known`."""
        return Judge(self._daily, self._noise, known, self._factor)

    def _white(self, columns: Floats) -> Floats:
        return np.asarray(solve_triangular(self._factor, columns, lower=True, check_finite=False))

    def _free(self, columns: Floats) -> Floats:
        return np.asarray(columns - self._basis @ (self._basis.T @ columns))

    def of(self, columns: Floats) -> Judged:
        """Judge each column as the one step that is added."""
        free = self._free(self._white(columns))
        power = np.maximum((free**2).sum(axis=0), 1e-12)
        return Judged(free.T @ self._z / power, 1.0 / np.sqrt(power))


@dataclass(frozen=True, slots=True)
class Levels:
    """All steps judged together with what stands `beside`; the level without them on any days and its
    variance [log].
    """

    size: Floats
    covariance: Floats
    beside: Floats
    level: Floats
    variance: Floats


def levels(daily: Daily, noise: Noise, columns: Sequence[Floats], on: Ints) -> Levels:
    """Estimate all steps `columns` at once and the slow level on the days `on` (its best linear guess)."""
    k = len(columns)
    design = np.column_stack([*columns, np.ones(len(daily.day)), daily.beside])
    factor = np.linalg.cholesky(covariance(daily, noise))

    def white(m: Floats) -> Floats:
        return np.asarray(solve_triangular(factor, m, lower=True, check_finite=False))

    a, z = white(design), white(daily.z)
    inverse = np.linalg.pinv(a.T @ a)
    b = inverse @ (a.T @ z)
    across = white(smooth_part(daily.day, on, noise))
    level = b[k] + across.T @ (z - a @ b)
    rest = np.zeros((design.shape[1], len(on)))
    rest[k] = 1.0
    rest -= a.T @ across
    own = own_variance(daily.day, on, noise)
    variance = own - (across**2).sum(axis=0) + np.einsum("kt,kl,lt->t", rest, inverse, rest)
    return Levels(
        b[:k], np.asarray(inverse[:k, :k], dtype=np.float64), b[k + 1 :], level, np.maximum(variance, 1e-5)
    )
