r"""A whole fleet seen through one weather point: what it usually gave, and how far off that was.

One grid point knows the wind of an island badly: its middle errs by tens of MW. What makes it usable is that
the error is known. The hours are dealt into blocks of sixty days; each block is said by learners that did
not see it; what was then missed, next to what was said, is the `Scatter`. A draw for a new hour is what is
said plus one of the misses of the hours that were said to be alike; the draws of neighbouring hours go
together as the misses did, by the autocorrelation of their normal scores (a Gaussian copula).

Everything is a capacity factor: output over the nameplate of that day. The nameplate is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from tamna.errors import InputError, Mistake, gather
from tamna.lang import _
from tamna.physics import pv, wind
from tamna.physics.learners import Network, Trees, blend, fit_network, fit_trees
from tamna.physics.sun import sky_under, sun_over
from tamna.physics.weather import LAGS, Features, bridge, shifted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

BLOCK_DAYS = 60
"""Length of what is left out at once: a season's weather, so that neighbours do not tell."""
FOLDS = 4
FEWEST_HOURS = 1000
NEAR = 400
"""How many misses of alike hours stand for a new one; enough for a tenth on either side."""
APART = 48
"""Up to how many hours apart misses are held together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointWeather:
    """Weather at one point, (hours,): instants at the hour's start, radiation as the mean over the hour.

    Attributes
    ----------
    speed
        Wind at 10 m. [m/s]
    temperature, humidity
        [degC], [%]
    radiation
        Global horizontal. [W/m2]
    latitude, longitude
        Of the point, or of the fleet where the point is not stated. [deg]
    """

    speed: Floats
    temperature: Floats
    humidity: Floats
    radiation: Floats
    latitude: float
    longitude: float


def wind_at_point(weather: PointWeather, stamps: Stamps) -> Features:
    """Tabulate what a wind fleet feels, as far as one point without direction or pressure knows it."""
    speed, warm = bridge(weather.speed), bridge(weather.temperature)
    named = {f"speed{lag:+d}": shifted(speed, lag) for lag in LAGS}
    made = wind.capacity_factor(wind.WindFleet(), speed * 1.5)
    named["power"] = wind.hourly_from_instants(made)
    named["energy"] = np.minimum(speed + shifted(speed, 1), 50.0) ** 2 / 10.0
    named["around"] = np.mean([shifted(speed, lag) for lag in range(-4, 6)], axis=0)
    named["temperature"], named["humidity"] = warm, bridge(weather.humidity)
    named["front"] = warm - shifted(warm, -24)  # cold air comes with the north-west wind
    named["radiation"] = bridge(weather.radiation)
    turn, season = _turns(weather, stamps)
    named["clock/cos"], named["clock/sin"] = np.cos(turn), np.sin(turn)
    named["season/cos"], named["season/sin"] = np.cos(season), np.sin(season)
    rows = np.column_stack(list(named.values()))
    return Features(tuple(named), rows, np.zeros(len(rows), dtype=bool))


def pv_at_point(weather: PointWeather, stamps: Stamps) -> Features:
    """Tabulate what a PV fleet feels; ``height`` is the cosine of the sun's zenith angle, 0 at night."""
    sun = sun_over(stamps, weather.latitude, weather.longitude)
    air, breeze = (wind.hourly_from_instants(bridge(v)) for v in (weather.temperature, weather.speed))
    fleet = pv.PvFleet()
    made = pv.capacity_factor(fleet, sun, sky_under(sun, bridge(weather.radiation)), air, breeze)
    clear = pv.capacity_factor(fleet, sun, sky_under(sun, sun.clear_ghi), air, breeze)
    named = {
        "power": made,
        "clear": clear,
        "before": shifted(made, -1),
        "after": shifted(made, 1),
        "height": np.maximum(np.cos(np.radians(sun.zenith)), 0.0),
        "azimuth": sun.azimuth,
        "temperature": air,
        "humidity": bridge(weather.humidity),
    }
    rows = np.column_stack(list(named.values()))
    return Features(tuple(named), rows, np.zeros(len(rows), dtype=bool))


def is_dark(weather: PointWeather, stamps: Stamps) -> Bools:
    """Say where the sun stays below the horizon all hour."""
    sun = sun_over(stamps, weather.latitude, weather.longitude)
    dark: Bools = sun.zenith > 97.0
    return dark


def _turns(weather: PointWeather, stamps: Stamps) -> tuple[Floats, Floats]:
    seconds = (stamps.astype("datetime64[s]") - stamps.astype("datetime64[D]")).astype(np.int64)
    day = (stamps.astype("datetime64[D]") - stamps.astype("datetime64[Y]")).astype(np.int64)
    clock = 2.0 * np.pi * (seconds / 86400.0 + weather.longitude / 360.0)
    return np.asarray(clock), np.asarray(2.0 * np.pi * day / 365.25)


@dataclass(frozen=True, slots=True)
class Scatter:
    """What was missed, next to what was said, of hours left out of the learning.

    Attributes
    ----------
    said, missed : (n,) [-]
        Sorted by `said`; `missed` is measured minus said.
    together : (APART,) [-]
        Correlation of the misses' normal scores, by hours apart.
    blocks : (m,) [-]
        Measured over said energy of each block left out: how far off a whole season may be.
    most : float [-]
        The largest factor ever measured.
    """

    said: Floats
    missed: Floats
    together: Floats
    blocks: Floats
    most: float

    def alike(self, said: float) -> Floats:
        """Give the misses of the hours that were said to be most alike, sorted."""
        near = min(max(NEAR, len(self.said) // 25), len(self.said))
        at = int(np.clip(np.searchsorted(self.said, said) - near // 2, 0, len(self.said) - near))
        return np.sort(self.missed[at : at + near])

    def draws(self, said: Floats, count: int, rng: np.random.Generator) -> Floats:
        """Draw `count` days, (count, hours): each hour by its alike misses, neighbours going together."""
        hours = len(said)
        apart = np.abs(np.subtract.outer(np.arange(hours), np.arange(hours)))
        close = self.together[np.minimum(apart, APART - 1)] * (apart < APART)
        size, way = np.linalg.eigh(close)
        root = way * np.sqrt(np.maximum(size, 0.0))
        score = rng.standard_normal((count, hours)) @ root.T
        rank = norm.cdf(score / np.sqrt(np.maximum((root**2).sum(axis=1), 1e-9)))
        out = np.full((count, hours), np.nan)
        for h in np.flatnonzero(np.isfinite(said)):
            misses = self.alike(float(said[h]))
            out[:, h] = said[h] + np.quantile(misses, rank[:, h])
        drawn: Floats = np.clip(out, 0.0, self.most)
        return drawn


@dataclass(frozen=True, slots=True)
class PointFit:
    """A fleet learned through one weather point; see `learn`."""

    names: tuple[str, ...]
    networks: tuple[Network, ...]
    trees: Trees
    scatter: Scatter
    hours: int

    def says(self, rows: Floats) -> Floats:
        """Give the usual capacity factor of `rows` of the features, (hours,) [-]; NaN without weather."""
        return np.clip(blend(self.networks, self.trees, rows), 0.0, self.scatter.most)


def learn(features: Features, stamps: Stamps, factor: Floats, trusted: Bools, *, seed: int = 0) -> PointFit:
    """Learn a fleet's capacity factor from weather at one point.

    Parameters
    ----------
    factor : (hours,) [-]
        Measured output over nameplate; NaN where not measured.
    trusted : (hours,)
        Whether the output shows what the weather gave (see `fit.trusted_hours`).

    Raises
    ------
    InputError
        Fewer than 1000 trusted hours with weather and output.
    """
    rows = features.rows
    use = trusted & np.isfinite(factor) & ~np.isnan(rows).any(axis=1)
    if use.sum() < FEWEST_HOURS:
        few = Mistake(
            what=_("too few trusted hours to fit a fleet"),
            seen=str(int(use.sum())),
            todo=_("Give at least {n} hours of weather and output together.", n=FEWEST_HOURS),
        )
        gather([few], InputError)
    block = stamps.astype("datetime64[D]").astype(np.int64) // BLOCK_DAYS
    said = np.full(len(stamps), np.nan)
    networks = []
    for k in range(FOLDS):
        take, left = use & (block % FOLDS != k), use & (block % FOLDS == k)
        network = fit_network(rows[take], factor[take], seed=seed + k, epochs=10, width=16)
        trees = fit_trees(rows[take], factor[take], seed=seed + k)
        said[left] = blend([network], trees, rows[left])
        networks.append(network)
    most = float(np.max(factor[use]))
    said = np.clip(said, 0.0, most)
    return PointFit(
        names=features.names,
        networks=tuple(networks),
        trees=fit_trees(rows[use], factor[use], seed=seed),
        scatter=_scatter(said, factor, use, block, most),
        hours=int(use.sum()),
    )


def _scatter(said: Floats, factor: Floats, use: Bools, block: NDArray[np.int64], most: float) -> Scatter:
    order = np.flatnonzero(use)[np.argsort(said[use], kind="stable")]
    missed = factor - said
    score = np.full(len(said), np.nan)
    for part in np.array_split(order, max(1, len(order) // NEAR)):
        rank = np.argsort(np.argsort(missed[part], kind="stable"), kind="stable")
        score[part] = norm.ppf((rank + 0.5) / len(part))
    together = np.array([1.0, *(_at_distance(score, lag) for lag in range(1, APART))])
    code = np.unique(block[use], return_inverse=True)[1]
    have, told = np.bincount(code, factor[use]), np.bincount(code, said[use])
    many = np.bincount(code) >= 0.3 * np.median(np.bincount(code))  # a stump of a block is no season
    return Scatter(said[order], missed[order], together, np.sort((have / told)[many]), most)


def _at_distance(score: Floats, lag: int) -> float:
    a, b = score[:-lag], score[lag:]
    both = np.isfinite(a) & np.isfinite(b)
    return float(np.mean(a[both] * b[both])) if both.sum() > NEAR else 0.0
