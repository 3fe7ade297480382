r"""Steps in a noisy daily level: where, how large, how sure.

The level of a fleet is not white noise around a constant. It grows, it has a season the yardstick does
not know, fronts are missed for two days and turbines stand for a month. All this is written into one
covariance of the days, and a step is judged against it by generalised least squares:

.. math:: z = X b + s_c \beta_c + e,\quad e \sim N(0, K),\quad
          K_{ij} = \sigma_w^2 v_i [i=j] + \sigma_f^2 \sqrt{v_i v_j} e^{-d/2} + \sigma_s^2 e^{-d/20}
          + q \min(t_i, t_j) + \text{season}(d) + \text{trend}^2 \tau_i \tau_j

with :math:`d = |t_i - t_j|` in days. The variances are read from the series itself, from medians of
differences between days, which a break or an outage moves little; only drift, season and trend have
assumed sizes (`DRIFT`, `SEASON`, `TREND`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

FAST_DAYS, SLOW_DAYS = 2.0, 20.0
"""Times after which a missed front, and turbines in service, are forgotten [d]."""
DRIFT, SEASON, TREND = 0.05, 0.08, 0.15
"""Random walk in a year, swing of a year, and steady growth a year, as standard deviations of log level:
PV settled on Jeju grew by 25 % a year, and its yardstick is a tenth lower in summer than in winter."""
LEAST_WHITE, LEAST_SLOW = 0.04, 0.05
YEAR = 365.25
_LAGS = np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64])
_FEWEST_PAIRS = 20
_MEDIAN_TO_SD = 1.4826
_HALF_WINDOW = 7
_OUTLYING = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Variances of the daily log level: of single days, of fronts, of service, and of a day's drift."""

    white: float
    fast: float
    slow: float
    drift: float


@dataclass(frozen=True, slots=True)
class Daily:
    """Informative days of a series: `day` (n,) numbers, `z` log level, `spread` variance of a day over the
    usual one, `beside` (n, k) what else may explain the level (how windy or clear the day was).
    """

    day: Ints
    z: Floats
    spread: Floats
    beside: Floats


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


def noise_of(daily: Daily) -> Noise:
    """Read the variances from medians of differences over 1 to 64 days."""
    n = int(daily.day[-1] - daily.day[0]) + 1
    whole = np.full(n, np.nan)
    whole[daily.day - daily.day[0]] = daily.z
    rows, seen = [], []
    for lag in _LAGS[n > _LAGS]:
        apart = whole[lag:] - whole[:-lag]
        apart = apart[~np.isnan(apart)]
        if len(apart) > _FEWEST_PAIRS:
            rows.append((1.0, 1 - np.exp(-lag / FAST_DAYS), 1 - np.exp(-lag / SLOW_DAYS)))
            drifted = DRIFT**2 / YEAR * lag / 2.0
            seen.append((_MEDIAN_TO_SD * float(np.median(np.abs(apart)))) ** 2 / 2.0 - drifted)
    table = np.array(rows).reshape(-1, 3)
    weight = 1.0 / np.sqrt(_LAGS[: len(table)])
    found = nnls(table * weight[:, None], np.array(seen) * weight)[0] if len(table) else np.zeros(3)
    return Noise(
        white=max(float(found[0]), LEAST_WHITE**2),
        fast=float(found[1]),
        slow=max(float(found[2]), LEAST_SLOW**2),
        drift=DRIFT**2 / YEAR,
    )


def smooth_part(a: Ints, b: Ints, noise: Noise) -> Floats:
    """Give the covariance of the level proper between days `a` and `b`: service, drift, season, trend.

    Drift and trend count from the first day and the middle of `a`.
    """
    most = int(max(a.max(), b.max()) - min(a.min(), b.min()))
    lag = np.arange(most + 1, dtype=float)
    turn = 2.0 * np.pi * lag / YEAR
    near = noise.slow * np.exp(-lag / SLOW_DAYS) + SEASON**2 * (np.cos(turn) + 0.5 * np.cos(2.0 * turn))
    first, middle = a.min(), (a.min() + a.max()) / 2.0
    walk = noise.drift * np.maximum(np.minimum(a[:, None], b[None, :]) - first, 0).astype(float)
    grown = TREND**2 * np.outer((a - middle) / YEAR, (b - middle) / YEAR)
    return np.asarray(near[np.abs(a[:, None] - b[None, :])] + walk + grown)


def covariance(daily: Daily, noise: Noise) -> Floats:
    """Give the covariance of the days: the level proper, missed fronts, and each day's own error."""
    lag = np.arange(int(daily.day[-1] - daily.day[0]) + 1, dtype=float)
    sd = np.sqrt(daily.spread)
    front = noise.fast * np.exp(-lag / FAST_DAYS)
    whole = smooth_part(daily.day, daily.day, noise)
    whole += front[np.abs(daily.day[:, None] - daily.day[None, :])] * np.outer(sd, sd)
    whole[np.diag_indices_from(whole)] += noise.white * daily.spread
    return whole


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


class Judge:
    """Days with their covariance, ready to be asked about many steps."""

    def __init__(self, daily: Daily, noise: Noise, known: Sequence[Floats] = ()) -> None:
        self._factor = np.linalg.cholesky(covariance(daily, noise))
        beside = np.column_stack([np.ones(len(daily.day)), daily.beside, *known])
        basis, _upper = np.linalg.qr(self._white(beside))
        self._basis = basis
        self._z = self._free(self._white(daily.z[:, None]))[:, 0]

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
    since = (on - daily.day[0]).astype(float)
    middle = (on - (daily.day[0] + daily.day[-1]) / 2.0) / YEAR
    own = noise.slow + 1.5 * SEASON**2 + noise.drift * np.maximum(since, 0.0) + TREND**2 * middle**2
    variance = own - (across**2).sum(axis=0) + np.einsum("kt,kl,lt->t", rest, inverse, rest)
    return Levels(b[:k], inverse[:k, :k], b[k + 1 :], level, np.maximum(variance, 1e-5))
