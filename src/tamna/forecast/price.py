"""Features of a price: what it was on the days before, how the mainland's stands to it, the day, the weather.

What is learned is the price's distance from `base`, the middle of the same hour on the last seven days that
were known, so a negative price is as good as any and the level of fuel need not be learned. The day-ahead price
of the day of issue was published the evening before: at 11:00 all of it is known, so `one day ago` is a feature
and the first rival.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.blend import Member
from tamna.forecast.calendar import days_between
from tamna.forecast.history import Rows
from tamna.forecast.network import Network
from tamna.forecast.table import Once, issue_hours, mean_known, table_of
from tamna.forecast.target import Target
from tamna.forecast.trees import Trees
from tamna.grid.clock import DAY, HOUR, KOREA, to_local, to_utc
from tamna.grid.sun import JEJU, sine_of_elevation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.forecast.history import History
    from tamna.forecast.table import Table
    from tamna.forecast.weather import Weather

    Floats = NDArray[np.float64]

WEEK = tuple(range(1, 8))
LAGS = (1, 2, 3, 7, 14)
MONTH = 28
MORNING_H = 6
"""Hours before the issue whose demand counts as `this morning` [h]."""
TIED = 0.01
"""Two prices nearer than this are one price: the link sets it. [KRW/kWh]"""
FULL_SPEED = 11.0
"""Above so much wind at the stations the fleet gives no more [m/s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFeatures:
    """Features of an hourly price at a place.

    Attributes
    ----------
    track
        The history's track of the price [KRW/kWh].
    beside
        Tracks of prices that go along with it (the mainland's, the day-ahead one) [KRW/kWh].
    demand
        The track of demand; left out where the history has none [MW].
    timezone, country
        Whose days and holidays.
    place
        Where the sun is looked at [degrees north, degrees east].
    """

    track: str = "price"
    beside: tuple[str, ...] = ("price_mainland",)
    demand: str = "demand"
    timezone: str = KOREA
    country: str = "KR"
    place: tuple[float, float] = JEJU

    def facts(self, rows: Rows, history: History) -> Table:
        """Make what holds whatever the weather: calendar, recent prices, the prices beside it, demand.

        Returns
        -------
        Table
            ``base`` is what the learner's answer is added to [KRW/kWh]; NaN where the last week is unknown.
        """
        lag = {k: _lag(history, self.track, rows, k) for k in range(1, MONTH + 1)}
        base = _middle([lag[k] for k in WEEK])
        columns = _calendar(rows, self)
        columns |= {f"days_ago_{k}": lag[k] - base for k in LAGS}
        columns |= {f"hours_{h:+d}": _lag(history, self.track, rows, 1, h) - base for h in (-2, -1, 1, 2)}
        columns["week"] = mean_known([lag[k] for k in WEEK]) - base
        columns["month"] = _middle(list(lag.values())) - base
        columns["low"] = _edge([lag[k] for k in WEEK], lowest=True) - base
        columns["high"] = _edge([lag[k] for k in WEEK], lowest=False) - base
        columns["base"] = base
        columns |= _days(rows, history, self)
        for name in self.beside:
            if history.has(name):
                columns |= _beside(rows, history, name, lag, base)
        if history.has(self.demand):
            columns |= _demand(rows, history, self.demand)
        return table_of(columns, base)

    def sky(self, rows: Rows, history: History, weather: Weather) -> Table:
        """Make the weather of the hour and the day as issued: what wind and sun will give, what people use."""
        return table_of(_weather(rows, history, weather, self), np.ones(len(rows)))


def _lag(history: History, name: str, rows: Rows, days: int, hours: int = 0) -> Floats:
    return history.at(name, rows.valid_at - days * DAY + hours * HOUR, rows.issued_at)


def _middle(parts: list[Floats]) -> Floats:
    """Give the median of what is known, row by row; NaN where nothing is."""
    stack = np.sort(np.stack(parts), axis=0)
    count = (~np.isnan(stack)).sum(axis=0)
    at = np.arange(stack.shape[1])
    low, high = stack[np.maximum(count - 1, 0) // 2, at], stack[np.minimum(count // 2, len(parts) - 1), at]
    return np.asarray((low + high) / 2)


def _edge(parts: list[Floats], *, lowest: bool) -> Floats:
    stack = np.stack(parts)
    known = ~np.isnan(stack)
    edge = (
        np.where(known, stack, np.inf).min(axis=0) if lowest else np.where(known, stack, -np.inf).max(axis=0)
    )
    return np.asarray(np.where(known.any(axis=0), edge, np.nan))


def _calendar(rows: Rows, how: PriceFeatures) -> dict[str, Floats]:
    local = to_local(rows.valid_at, how.timezone)
    day = local.astype("datetime64[D]")
    days = days_between(day.min() - 10, day.max() + 10, how.country)
    at = days.index(rows.valid_at, how.timezone)
    year = 2 * np.pi * (day - day.astype("datetime64[Y]")).astype(np.float64) / 365.25
    hour = np.asarray((local - day) // HOUR, dtype=np.float64)
    # fuel is priced by the month: a month's first days stand on the month before
    in_month = (day - day.astype("datetime64[M]").astype("datetime64[D]")).astype(np.float64)
    columns: dict[str, Floats] = {
        "hour": hour,
        "weekday": days.weekday[at].astype(float),
        "kind": days.kind[at].astype(float),
        "off": days.off[at].astype(float),
        "off_before": days.off_at(-1)[at].astype(float),
        "off_week_before": days.off_at(-7)[at].astype(float),
        "feast": np.minimum(np.abs(days.seollal[at]), np.abs(days.chuseok[at])).astype(float),
        "season_sin": np.sin(year),
        "season_cos": np.cos(year),
        "day_of_month": in_month,
        "new_month": (in_month < 1).astype(float),
    }
    for k in (1, 2, 3):
        columns[f"hour_sin_{k}"] = np.sin(2 * np.pi * k * hour / 24)
        columns[f"hour_cos_{k}"] = np.cos(2 * np.pi * k * hour / 24)
    return columns


def _days(rows: Rows, history: History, how: PriceFeatures) -> dict[str, Floats]:
    """What the prices of whole days were, asked once a day and issue: level, trend, spread."""
    once = Once.of(to_local(rows.valid_at, how.timezone).astype("datetime64[D]"), rows.issued_at)
    midnight, issued = to_utc(once.first, how.timezone), once.second

    def day(days: int) -> list[Floats]:
        return [history.at(how.track, midnight + h * HOUR - days * DAY, issued) for h in range(24)]

    whole = {k: day(k) for k in (1, 2, 7)}
    mean = {k: mean_known(v) for k, v in whole.items()}
    week = mean_known([mean[1], mean[2], *(mean_known(day(k)) for k in range(3, 8))])
    found = {
        "level": week,
        "level_1": mean[1] - week,
        "level_2": mean[2] - week,
        "level_7": mean[7] - week,
        "lowest_1": _edge(whole[1], lowest=True) - week,
        "highest_1": _edge(whole[1], lowest=False) - week,
        "trend": week - mean_known([mean_known(day(k)) for k in range(8, 15)]),
    }
    return {name: value[once.back] for name, value in found.items()}


def _beside(
    rows: Rows, history: History, name: str, lag: dict[int, Floats], base: Floats
) -> dict[str, Floats]:
    """How another price stands to this one; how often the two were one."""
    other = {k: _lag(history, name, rows, k) for k in WEEK}
    apart = [lag[k] - other[k] for k in WEEK]
    tied = [np.where(np.isnan(a), np.nan, np.abs(a) < TIED) for a in apart]
    return {
        f"{name}_1": other[1] - base,
        f"{name}_7": other[7] - base,
        f"{name}_week": _middle(list(other.values())) - base,
        f"{name}_tied_1": tied[0],
        f"{name}_tied": mean_known(tied),
        f"{name}_apart": mean_known(apart),
    }


def _demand(rows: Rows, history: History, name: str) -> dict[str, Floats]:
    """How demand stood against the week: its last day, this morning."""
    week = mean_known([_lag(history, name, rows, k) for k in range(2, 9)])
    once = Once.of(rows.issued_at, rows.issued_at)
    hours = issue_hours(Rows(once.first, once.second), MORNING_H, 1)
    now = [history.at(name, h, once.second) for h in hours]
    before = [mean_known([history.at(name, h - k * DAY, once.second) for k in range(1, 8)]) for h in hours]
    return {
        "demand_week": week,
        "demand_2": _lag(history, name, rows, 2) / week,
        "demand_7": _lag(history, name, rows, 7) / week,
        "demand_morning": mean_known([n / b for n, b in zip(now, before, strict=True)])[once.back],
    }


def _weather(rows: Rows, history: History, weather: Weather, how: PriceFeatures) -> dict[str, Floats]:
    sun = np.maximum(sine_of_elevation(rows.valid_at + HOUR // 2, *how.place), 0.0)

    def at(quantity: str, hours: int = 0) -> Floats:
        return weather.at(quantity, rows.valid_at + hours * HOUR, rows.issued_at)

    def seen(quantity: str) -> Floats:
        return mean_known([_lag(history, f"observed/{quantity}", rows, k) for k in range(2, 9)])

    warm, speed = at("temperature"), mean_known([at("wind_speed", k) for k in (-1, 0, 1)])
    cloud = mean_known([at("cloud_cover", k) for k in (-1, 0, 1)])
    columns = {
        "temperature": warm,
        "warmer": warm - seen("temperature"),
        "cooling": np.maximum(warm - 22.0, 0.0),
        "heating": np.maximum(12.0 - warm, 0.0),
        "humidity": at("humidity"),
        "cloud": cloud,
        "sun": sun,
        "clear": _clear(sun, cloud),
        "wind": _wind(speed),
        "windier": _wind(speed) - _wind(seen("wind_speed")),
        "rain": at("precipitation"),
    }
    return columns | _days_weather(rows, weather, how)


def _days_weather(rows: Rows, weather: Weather, how: PriceFeatures) -> dict[str, Floats]:
    once = Once.of(to_local(rows.valid_at, how.timezone).astype("datetime64[D]"), rows.issued_at)
    midnight, issued = to_utc(once.first, how.timezone), once.second

    def hours(quantity: str) -> list[Floats]:
        return [weather.at(quantity, midnight + h * HOUR, issued) for h in range(24)]

    suns = [
        np.maximum(sine_of_elevation(midnight + h * HOUR + HOUR // 2, *how.place), 0.0) for h in range(24)
    ]
    found = {
        "day_temperature": mean_known(hours("temperature")),
        "day_wind": mean_known([_wind(v) for v in hours("wind_speed")]),
        "day_clear": mean_known([_clear(s, c) for s, c in zip(suns, hours("cloud_cover"), strict=True)]),
    }
    return {name: value[once.back] for name, value in found.items()}


def _clear(sun: Floats, cloud: Floats) -> Floats:
    """Give what gets through the cloud, as a part of a clear noon [-]."""
    return np.asarray(sun * (1 - 0.7 * (cloud / 100) ** 2))


def _wind(speed: Floats) -> Floats:
    """Give what a wind fleet makes of a station's wind, as a part of its most [-]."""
    return np.asarray(np.minimum((speed / FULL_SPEED) ** 3, 1.0))


def price_tracks(island: str) -> dict[str, list[str]]:
    """Name the series that prices are forecast from: track -> series in the store."""
    return {
        "price": [f"{island}/smp"],
        "price_mainland": ["mainland/smp"],
        "price_da": [f"{island}/price_da"],
        "price_rt": [f"{island}/price_rt"],
    }


def price_target() -> Target:
    """Give the day-ahead price as it is forecast by default: a network for the band, both for the middle."""
    return _target("price", PriceFeatures())


def price_rt_target() -> Target:
    """Give the real-time price, a mean of the hour's quarters; of the day of issue only the morning is known."""
    return _target("price_rt", PriceFeatures(track="price_rt", beside=("price_da", "price_mainland")))


def _target(name: str, features: PriceFeatures) -> Target:
    return Target(
        name=name,
        track=features.track,
        unit="KRW/kWh",
        facts=features.facts,
        sky=features.sky,
        members=(
            Member(learner=Network(noise=0.4, decay=0.1, epochs=6), weight=1.0),
            Member(
                learner=Trees(rounds=250, rate=0.03, leaves=16, least=80, own=(0.5,)), weight=1.0, whole=False
            ),
        ),
        added=True,
    )
