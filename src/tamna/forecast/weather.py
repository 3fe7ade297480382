"""Weather as a forecaster had it: the runs of the time, or observations made as rough as forecasts are.

A learner that trains on observed weather trusts it more than it will be able to. So where no runs exist,
`WeatherError` turns observations into what a forecast of them would have looked like: offset by hour of the
day, slope, and an error that lasts for hours. It is fitted where both exist, on runs issued before a stated
moment; with too few of those it is the packaged guess, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from scipy.signal import lfilter

from tamna.forecast.table import mean_known
from tamna.grid.clock import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.forecast.history import History
    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]

QUANTITIES = (
    "temperature", "humidity", "cloud_cover", "wind_speed", "precipitation", "wind_east", "wind_north", "pressure",
    "wind_most",
)  # fmt: skip
"""A new one goes to the end: each draws its noise by its number."""
_ERR_WITH = {"wind_most": "wind_speed"}
"""Whose error goes along with whose: a run that misses the mean wind misses the strongest alike."""
LEAST_HOURS = 14 * 24
BIAS_DAYS = 21
PULL_DAYS = 4.0
_NEAR_H = 1
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class QuantityError:
    """The error of one quantity: ``forecast = offset(hour of day) + slope * observed + noise``.

    Attributes
    ----------
    offset
        By UTC hour of the day, 24 numbers. [the quantity's unit]
    slope
        [-]
    spread
        Standard deviation of the noise. [the quantity's unit]
    stay
        How much of the noise is left an hour later, 0..1. [-]
    low, high
        What the quantity cannot go beyond.
    hours
        Hours it was fitted on; 0 for the packaged guess.
    """

    offset: tuple[float, ...]
    slope: float
    spread: float
    stay: float
    low: float
    high: float
    hours: int

    def forecast_like(self, observed: Floats, stamps: Stamps, rng: np.random.Generator) -> Floats:
        """Make observations of consecutive hours as rough as forecasts of them."""
        fresh = rng.standard_normal(len(observed)) * np.sqrt(1 - self.stay**2)
        noise = lfilter([1.0], [1.0, -self.stay], fresh) * self.spread
        hour = stamps.astype("datetime64[h]").astype(np.int64) % 24
        rough = np.array(self.offset)[hour] + self.slope * observed + noise
        return np.asarray(np.clip(rough, self.low, self.high))


_LIMITS = {
    "temperature": (-50.0, 60.0),
    "humidity": (0.0, 100.0),
    "cloud_cover": (0.0, 100.0),
    "wind_speed": (0.0, 75.0),
    "precipitation": (0.0, 200.0),
    "wind_east": (-75.0, 75.0),
    "wind_north": (-75.0, 75.0),
    "pressure": (870.0, 1085.0),
    "wind_most": (0.0, 75.0),
}
_GUESS = {
    "temperature": (0.0, 1.0, 1.0, 0.93),
    "humidity": (0.0, 1.0, 7.0, 0.93),
    "cloud_cover": (9.0, 0.85, 25.0, 0.9),
    "wind_speed": (0.0, 1.0, 1.3, 0.93),
    "precipitation": (0.1, 0.3, 0.6, 0.7),
    "wind_east": (0.0, 0.9, 1.5, 0.93),
    "wind_north": (0.0, 0.9, 1.5, 0.93),
    "pressure": (0.0, 1.0, 1.0, 0.95),
    "wind_most": (0.0, 1.0, 2.0, 0.93),
}
"""Offset, slope, spread, stay of a day-ahead regional forecast: assumed, used only until enough runs are known."""


@dataclass(frozen=True, slots=True)
class WeatherError:
    """The error of every quantity."""

    quantities: Mapping[str, QuantityError]

    @property
    def assumed(self) -> tuple[str, ...]:
        """Name the quantities whose error is a packaged guess."""
        return tuple(name for name, error in self.quantities.items() if error.hours == 0)

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        return {
            name: {k: getattr(e, k) for k in QuantityError.__slots__} for name, e in self.quantities.items()
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> WeatherError:
        """Take up a saved error model, its quantities in the house's order: each draws its noise by its number."""
        known = [name for name in QUANTITIES if name in saved]
        names = known + [name for name in saved if name not in known]
        return cls({n: QuantityError(**{**saved[n], "offset": tuple(saved[n]["offset"])}) for n in names})


def guess_error(names: tuple[str, ...] = QUANTITIES) -> WeatherError:
    """Give the packaged guess."""
    return WeatherError(
        {
            name: QuantityError((_GUESS[name][0],) * 24, *_GUESS[name][1:], *_LIMITS[name], 0)
            for name in names
            if name in _GUESS
        }
    )


def fit_error(
    history: History,
    issued: IssuedWeather,
    before: np.datetime64,
    names: tuple[str, ...] = QUANTITIES,
) -> WeatherError:
    """Fit the error on runs issued, and observations known, before a moment; guess what has too few hours.

    A quantity that nobody observed is left out: there is nothing to make rough.

    Parameters
    ----------
    history
        Runs ``forecast/<quantity>`` and open tracks ``observed/<quantity>``.
    issued
        The runs as they are answered with, their bias taken off.
    """
    guess = guess_error(names).quantities
    found = {}
    for name in names:
        runs, track = history.runs.get(f"forecast/{name}"), history.tracks.get(f"observed/{name}")
        fitted = None
        if track is None:
            continue
        if runs is not None:
            valid, run, _raw = runs.rows()
            value = issued.at(name, valid, run)
            seen = track.at(valid, np.full(len(valid), before))
            use = (run < before) & np.isfinite(seen) & np.isfinite(value)
            if use.sum() >= LEAST_HOURS:
                fitted = _fit_one(valid[use], seen[use], value[use], *_LIMITS[name])
        if fitted is not None or name in guess:
            found[name] = fitted or guess[name]
    return WeatherError(found)


def _fit_one(valid: Stamps, seen: Floats, value: Floats, low: float, high: float) -> QuantityError:
    apart = seen - seen.mean()
    spread = float(apart @ apart)
    slope = float(np.clip(apart @ value / spread, 0.2, 1.3)) if spread > 1e-9 else 1.0
    miss = value - slope * seen
    hour = valid.astype("datetime64[h]").astype(np.int64) % 24
    near = [np.abs((hour - h + 12) % 24 - 12) <= _NEAR_H for h in range(24)]
    offset = np.array([miss[n].mean() if n.any() else miss.mean() for n in near])
    noise = miss - offset[hour]
    next_hour = np.diff(valid) == HOUR
    now, later = noise[:-1][next_hour], noise[1:][next_hour]
    varies = len(now) > 1 and now.std() > 1e-9 and later.std() > 1e-9
    stay = float(np.corrcoef(now, later)[0, 1]) if varies else 0.9
    return QuantityError(
        tuple(np.round(offset, 4).tolist()),
        round(slope, 4),
        round(float(noise.std()), 4),
        round(float(np.clip(stay, 0.0, 0.97)), 4),
        low,
        high,
        len(valid),
    )


class Weather(Protocol):
    """Weather for hours, as it was forecast at an issue time."""

    def at(self, quantity: str, stamps: Stamps, issued_at: Stamps) -> Floats:
        """Give the forecast of each hour, NaN without one."""


def places_of(history: History, quantity: str) -> tuple[str, ...]:
    """Name the places of which runs of `quantity` are held apart."""
    names = (name.split("/") for name in history.runs)
    return tuple(sorted(n[1] for n in names if len(n) == 3 and n[2] == quantity))


def apart(
    history: History, weather: Weather, quantity: str, stamps: Stamps, issued_at: Stamps
) -> dict[str, Floats]:
    """Say how each place's run differs from the mean of the places, place -> (rows,); NaN without a run.

    Observations made rough know nothing of the places, so older rows are blank here.
    """
    said = {p: weather.at(f"{p}/{quantity}", stamps, issued_at) for p in places_of(history, quantity)}
    mean = mean_known(list(said.values())) if said else np.empty(0)
    return {place: value - mean for place, value in said.items()}


@dataclass(frozen=True, slots=True, eq=False)
class IssuedWeather:
    """The latest run that had been issued, its recent bias against the stations taken off.

    Places of a forecast lie elsewhere than stations, higher or by the sea. What the runs of the last three
    weeks missed, by hour of the day, as far as it was known at the issue, is added; with few runs, little of it.
    """

    history: History
    held: dict[str, tuple[Stamps, Floats]] = field(default_factory=dict)

    def at(self, quantity: str, stamps: Stamps, issued_at: Stamps) -> Floats:
        """Give the run's value of each hour, NaN without one."""
        value = self.history.at(f"forecast/{quantity}", stamps, issued_at)
        if f"observed/{quantity}" not in self.history.tracks or not len(stamps):
            return value
        issues, bias = self._bias(quantity, np.unique(issued_at))
        hour = stamps.astype("datetime64[h]").astype(np.int64) % 24
        low, high = _LIMITS[quantity]
        return np.asarray(np.clip(value + bias[np.searchsorted(issues, issued_at), hour], low, high))

    def _bias(self, quantity: str, issues: Stamps) -> tuple[Stamps, Floats]:
        """Give the mean miss by issue and UTC hour of the day, (issues, 24), pulled to zero by `PULL_DAYS`."""
        held = self.held.get(quantity)
        new = issues if held is None else np.setdiff1d(issues, held[0])
        if held is None or len(new):
            parts = [self._missed(quantity, new[at : at + _AT_ONCE]) for at in range(0, len(new), _AT_ONCE)]
            every, bias = new, np.concatenate(parts)
            if held is not None:
                every, bias = np.concatenate([held[0], new]), np.concatenate([held[1], bias])
            order = np.argsort(every, kind="stable")
            held = self.held[quantity] = every[order], bias[order]
        return held

    def _missed(self, quantity: str, issues: Stamps) -> Floats:
        """Give the mean miss before each issue, (issues, 24)."""
        track = self.history.tracks[f"observed/{quantity}"]
        midnight = issues.astype("datetime64[D]").astype("datetime64[s]")
        back = np.arange(24) * HOUR - np.arange(BIAS_DAYS + 1)[:, None] * DAY
        shape = (len(issues), *back.shape)
        stamps = np.asarray(midnight[:, None, None] + back, dtype="datetime64[s]").reshape(-1)
        issue = np.repeat(issues, back.size)
        said = self.history.at(f"forecast/{quantity}", stamps, np.minimum(issue, stamps))
        miss = (track.at(stamps, issue) - said).reshape(shape)
        there = ~np.isnan(miss)
        total, count = np.where(there, miss, 0.0).sum(axis=1), there.sum(axis=1).astype(np.float64)
        near = [[(h + k) % 24 for k in range(-_NEAR_H, _NEAR_H + 1)] for h in range(24)]
        total, count = (np.stack([x[:, n].sum(axis=1) for n in near], axis=1) for x in (total, count))
        return np.asarray(total / (count + PULL_DAYS * (2 * _NEAR_H + 1)))


@dataclass(frozen=True, slots=True, eq=False)
class RoughWeather:
    """Observations made rough, one path a seed; the runs of the time where they exist, if wanted."""

    issued: IssuedWeather | None
    start: np.datetime64
    paths: Mapping[str, Floats]

    def at(self, quantity: str, stamps: Stamps, issued_at: Stamps) -> Floats:
        """Give the run's value where there is one, else the roughened observation."""
        path = self.paths.get(quantity)
        rough = np.full(len(stamps), np.nan)
        if path is not None:
            index = np.asarray((stamps - self.start) // HOUR, dtype=np.int64)
            there = (index >= 0) & (index < len(path))
            rough = np.where(there, path[np.where(there, index, 0)], np.nan)
        if self.issued is None:
            return rough
        issued = self.issued.at(quantity, stamps, issued_at)
        return np.where(np.isnan(issued), rough, issued)


def roughened(
    history: History, error: WeatherError, *, seed: int, issued: IssuedWeather | None = None
) -> RoughWeather:
    """Make every observation rough, by `error` and a seed; where `issued` has a run it answers."""
    paths = {}
    start = next(iter(history.tracks.values())).start
    for name, how in error.quantities.items():
        track = history.tracks.get(f"observed/{name}")
        if track is None:
            continue
        stamps = start + np.arange(len(track.value)) * HOUR
        value = history.observed(f"observed/{name}", stamps)
        number = QUANTITIES.index(_ERR_WITH.get(name, name))
        paths[name] = how.forecast_like(value, stamps, np.random.default_rng([seed, number]))
    return RoughWeather(issued, start, paths)
