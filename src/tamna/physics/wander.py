r"""How a fleet's daily level wanders while nothing leaves and nothing joins, read from the series itself.

The level of a fleet is not white noise around a constant. It grows, it has a season the yardstick does
not know, fronts are missed for two days and turbines stand for a month. All this is one covariance of the
days:

.. math:: K_{ij} = \sigma_w^2 v_i [i=j] + \sigma_f^2 \sqrt{v_i v_j} e^{-d/2} + \sigma_s^2 e^{-d/20}
          + \sigma_q^2 \min(t_i, t_j) + \sigma_y^2 (\cos 2\pi d + \tfrac12 \cos 4\pi d) + \sigma_g^2 t_i t_j

with :math:`d = |t_i - t_j|` in days in the exponents and in years elsewhere. How large each part is differs
from fleet to fleet: wind measured at four masts misses a fifth a day and hardly drifts, PV a twentieth
and grows. So the six are those under which the series is likeliest, what explains it taken out first
(restricted likelihood), held near a usual size by a wide prior. A step that is not known would pass for
drift or service, so it must stand among what explains the series when its own score is asked for.

References
----------
Patterson and Thompson, "Recovery of inter-block information when block sizes are unequal", Biometrika 58, 1971.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve, orth
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

FAST_DAYS, SLOW_DAYS = 2.0, 20.0
"""Times after which a missed front, and turbines in service, are forgotten [d]."""
YEAR = 365.25
SLOW, DRIFT, SEASON, TREND = 0.03, 0.03, 0.04, 0.10
"""Usual sizes, as standard deviations of log level: service, random walk in a year, swing of a year, and
growth a year (PV settled on Jeju grew by 25 % a year, wind not at all)."""
ROUGH = 0.4
"""From one day to the next, the level of all wind against four masts differs by 0.3 [log]; that of a few
turbines against one grid point by 0.7, and their season by as much."""
_SPREAD = np.array([0.7, 0.7, 1.0, 1.0, 0.7, 0.7])
"""How far a part may be from its usual size, as standard deviation of its logarithm."""
_FURTHEST = 3.0  # of those deviations
_LEAST = 0.01
_MOST_BINS = 120
_MEDIAN_TO_SD = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Variances of the daily log level: of single days, fronts, service, a year's drift, season and growth."""

    white: float
    fast: float
    slow: float
    drift: float
    season: float
    trend: float


@dataclass(frozen=True, slots=True)
class Daily:
    """Informative days of a series: `day` (n,) numbers, `z` log level, `spread` variance of a day over the
    usual one, `beside` (n, k) what else may explain the level (how windy or clear the day was).
    """

    day: Ints
    z: Floats
    spread: Floats
    beside: Floats


def kernels(a: Ints, b: Ints) -> Iterator[Floats]:
    """Give the covariance of service, drift, season and trend between days `a` and `b`, each of size one.

    Drift and trend count from the first day and the middle of `a`.
    """
    apart = np.abs(a[:, None] - b[None, :])
    lag = np.arange(int(apart.max()) + 1, dtype=float)
    turn = 2.0 * np.pi * lag / YEAR
    first, middle = a.min(), (a.min() + a.max()) / 2.0
    yield np.exp(-lag / SLOW_DAYS)[apart]
    yield np.maximum(np.minimum(a[:, None], b[None, :]) - first, 0) / YEAR
    yield (np.cos(turn) + 0.5 * np.cos(2.0 * turn))[apart]
    yield np.outer((a - middle) / YEAR, (b - middle) / YEAR)


def smooth_part(a: Ints, b: Ints, noise: Noise) -> Floats:
    """Give the covariance of the level proper between days `a` and `b`: all but single days and fronts."""
    sizes = (noise.slow, noise.drift, noise.season, noise.trend)
    return np.asarray(sum(s * k for s, k in zip(sizes, kernels(a, b), strict=True)))


def own_variance(a: Ints, b: Ints, noise: Noise) -> Floats:
    """Give the diagonal of `smooth_part` for the days `b`."""
    since = np.maximum(b - a.min(), 0) / YEAR
    middle = (b - (a.min() + a.max()) / 2.0) / YEAR
    return np.asarray(noise.slow + noise.drift * since + 1.5 * noise.season + noise.trend * middle**2)


def covariance(daily: Daily, noise: Noise) -> Floats:
    """Give the covariance of the days: the level proper, missed fronts, and each day's own error."""
    return np.asarray(sum(s * k for s, k in zip(astuple(noise), _parts(daily), strict=True)))


def _parts(daily: Daily) -> Iterator[Floats]:
    """Give the six parts of the covariance, each of size one."""
    sd = np.sqrt(daily.spread)
    front = np.exp(-np.arange(int(daily.day[-1] - daily.day[0]) + 1) / FAST_DAYS)
    yield np.diag(daily.spread)
    yield front[np.abs(daily.day[:, None] - daily.day[None, :])] * np.outer(sd, sd)
    yield from kernels(daily.day, daily.day)


def noise_of(daily: Daily, known: Sequence[Floats] = ()) -> Noise:
    """Find the sizes under which the days are likeliest, with the steps `known` (n,) left free."""
    bins = _Bins.of(daily)
    binned = _Likelihood(
        tuple(bins.both(part) for part in _parts(daily)),
        orth(bins.rows(np.column_stack([np.ones(len(daily.day)), daily.beside, *known]))),
        bins.rows(daily.z[:, None])[:, 0],
    )
    usual = np.log(_usual(daily))
    reach = _FURTHEST * _SPREAD
    found = minimize(
        lambda x: binned.cost(x, usual),
        usual,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(usual - reach, usual + reach, strict=True)),
        options={"maxiter": 40},
    )
    return Noise(**dict(zip(Noise.__dataclass_fields__, np.exp(2.0 * found.x).tolist(), strict=True)))


def _usual(daily: Daily) -> Floats:
    """Give usual standard deviations; what differs from one day to the next is single days' and fronts'.

    What a yardstick misses single days by beyond `ROUGH`, it may miss by a third in all else.
    """
    next_to = np.diff(daily.z)[np.diff(daily.day) == 1]
    jump = _MEDIAN_TO_SD * float(np.median(np.abs(next_to))) if len(next_to) else 0.0
    each, rough = max(jump / 2.0, _LEAST), max(jump - ROUGH, 0.0) / 3.0
    return np.array([each, each, SLOW + rough, DRIFT + rough, SEASON + rough, TREND])


@dataclass(frozen=True, slots=True, eq=False)
class _Bins:
    """Weighted means over a few days: what a likelihood of six sizes needs, at a tenth of the work."""

    first: Ints
    weight: Floats
    total: Floats

    @classmethod
    def of(cls, daily: Daily) -> _Bins:
        span = int(daily.day[-1] - daily.day[0]) + 1
        number = (daily.day - daily.day[0]) // max(2, -(-span // _MOST_BINS))
        first = np.flatnonzero(np.append(True, np.diff(number) > 0))
        weight = 1.0 / daily.spread
        return cls(first, weight, np.add.reduceat(weight, first))

    def rows(self, m: Floats) -> Floats:
        """Give the means of rows (n, k)."""
        summed = np.add.reduceat(m * self.weight[:, None], self.first, axis=0)
        return np.asarray(summed / self.total[:, None])

    def both(self, m: Floats) -> Floats:
        """Give the covariance of the means from that of the days."""
        return self.rows(self.rows(m).T)


@dataclass(frozen=True, slots=True, eq=False)
class _Likelihood:
    parts: tuple[Floats, ...]
    design: Floats
    z: Floats

    def cost(self, log_sd: Floats, usual: Floats) -> tuple[float, Floats]:
        """Give minus the restricted log likelihood with its prior, and its slope."""
        size = np.exp(2.0 * log_sd)
        whole = sum(s * p for s, p in zip(size, self.parts, strict=True))
        factor = cho_factor(np.asarray(whole), lower=True)
        inverse = cho_solve(factor, np.eye(len(self.z)))
        leaning = inverse @ self.design
        gram = self.design.T @ leaning
        free = inverse - leaning @ np.linalg.solve(gram, leaning.T)
        seen = free @ self.z
        off = (log_sd - usual) / _SPREAD
        cost = np.log(np.diag(factor[0])).sum() + 0.5 * (
            np.linalg.slogdet(gram)[1] + self.z @ seen + off @ off
        )
        slope = np.array(
            [s * ((free * p).sum() - seen @ p @ seen) for s, p in zip(size, self.parts, strict=True)]
        )
        return float(cost), slope + off / _SPREAD
