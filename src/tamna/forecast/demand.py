"""Features of demand: the kind of day, the level of the last week, this morning, and the weather as issued.

The learner's target is the logarithm of demand over `base`, the mean of the same hour on the seven days before
yesterday, so that growth and season need not be learned and years add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.calendar import days_between
from tamna.forecast.history import Rows
from tamna.forecast.table import Once, issue_hours, mean_known, table_of
from tamna.grid.clock import DAY, HOUR, KOREA, to_local, to_utc
from tamna.grid.sun import JEJU, sine_of_elevation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.forecast.calendar import Days
    from tamna.forecast.history import History
    from tamna.forecast.table import Table
    from tamna.forecast.weather import Weather
    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MORNING_H = 10
"""Hours before the issue whose level counts as `this morning` [h]."""
WEEK = tuple(range(2, 9))
SAME_KIND_DAYS = 35
_FADE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandFeatures:
    """Features of demand at a place.

    Attributes
    ----------
    track
        The history's track of demand [MW].
    timezone, country
        Whose days and holidays.
    place
        Where the sun is looked at [degrees north, degrees east].
    """

    track: str = "demand"
    timezone: str = KOREA
    country: str = "KR"
    place: tuple[float, float] = JEJU

    def facts(self, rows: Rows, history: History) -> Table:
        """Make what holds whatever the weather: calendar, recent level, this morning, the operator's misses.

        Returns
        -------
        Table
            ``base`` is the level that the answer multiplies [MW]; NaN where the last week is unknown.
        """
        local = to_local(rows.valid_at, self.timezone)
        hour = np.asarray((local - local.astype("datetime64[D]")) // HOUR, dtype=np.float64)
        lag = {k: _lag(history, self.track, rows, k) for k in (*range(1, 22), 28)}
        base = mean_known([lag[k] for k in WEEK])
        columns: dict[str, Floats] = {"hour": hour}
        columns |= _calendar(rows, local, self)
        columns |= {f"days_ago_{k}": lag[k] / base for k in (2, 3, 7, 8, 14, 21)}
        columns["month"] = mean_known([lag[k] for k in (*range(2, 22), 28)]) / base
        columns["same_kind"] = _same_kind(history, rows, self) / base
        columns |= _this_morning(history, self.track, rows)
        if history.has("operator"):
            columns |= _operator(history, rows, lag, base)
        return table_of(columns, base)

    def sky(self, rows: Rows, history: History, weather: Weather) -> Table:
        """Make the weather of the hour and the day as issued, and how it differs from the days before."""
        columns = _weather(rows, history, weather, self.place)
        columns |= _days_weather(rows, history, weather, self.timezone)
        return table_of(columns, np.ones(len(rows)))


def _lag(history: History, name: str, rows: Rows, days: int) -> Floats:
    return history.at(name, rows.valid_at - days * DAY, rows.issued_at)


def _calendar(rows: Rows, local: Stamps, how: DemandFeatures) -> dict[str, Floats]:
    day = local.astype("datetime64[D]")
    days = days_between(day.min() - 10, day.max() + 10, how.country)
    at = days.index(rows.valid_at, how.timezone)
    year = 2 * np.pi * (day - day.astype("datetime64[Y]")).astype(np.float64) / 365.25
    kind = days.kind[at]
    columns: dict[str, Floats] = {
        "weekday": days.weekday[at].astype(float),
        "kind": kind.astype(float),
        "holiday": days.holiday[at].astype(float),
        "off": days.off[at].astype(float),
        "bridge": days.bridge[at].astype(float),
        "substitute": days.substitute[at].astype(float),
        "seollal": days.seollal[at].astype(float),
        "chuseok": days.chuseok[at].astype(float),
        "season_sin": np.sin(year),
        "season_cos": np.cos(year),
    }
    for shift in (-2, -1, 1):
        columns[f"off_{shift:+d}"] = days.off_at(shift)[at].astype(float)
    for shift in (-1, 1, -7):
        columns[f"holiday_{shift:+d}"] = days.holiday_at(shift)[at].astype(float)
    angle = 2 * np.pi * np.asarray((local - day) // HOUR, dtype=np.float64) / 24
    for k in (1, 2, 3, 4):
        columns[f"hour_sin_{k}"], columns[f"hour_cos_{k}"] = np.sin(k * angle), np.cos(k * angle)
    for k in range(8):
        columns[f"kind_{k}"] = (kind == k).astype(float)
    return columns


def _this_morning(history: History, target: str, rows: Rows) -> dict[str, Floats]:
    """Compare the last known hours with the same hours of the days before."""
    once = Once.of(rows.issued_at, rows.issued_at)
    issue = Rows(once.first, once.second)
    hours = issue_hours(issue, MORNING_H, 1)
    now = [history.at(target, h, issue.issued_at) for h in hours]
    week = [
        mean_known([history.at(target, h - k * DAY, issue.issued_at) for k in range(1, 8)]) for h in hours
    ]
    yesterday = [history.at(target, h - DAY, issue.issued_at) for h in hours]
    week_ago = [history.at(target, h - 7 * DAY, issue.issued_at) for h in hours]
    ratio = [n / w for n, w in zip(now, week, strict=True)]
    found = {
        "morning": mean_known(ratio),
        "morning_last": ratio[0],
        "morning_night": mean_known(ratio[MORNING_H // 2 :]),
        "morning_by_yesterday": mean_known([n / y for n, y in zip(now[:3], yesterday[:3], strict=True)]),
        "morning_by_week_ago": mean_known([n / y for n, y in zip(now, week_ago, strict=True)]),
        "level": mean_known(week),
    }
    if history.has("operator"):
        said = [history.at("operator", h, issue.issued_at) for h in hours]
        found["operator_missed_this_morning"] = mean_known(
            [(n - s) / w for n, s, w in zip(now, said, week, strict=True)]
        )
    return {name: value[once.back] for name, value in found.items()}


def _operator(history: History, rows: Rows, lag: dict[int, Floats], base: Floats) -> dict[str, Floats]:
    """What the operator said of the days before, and how it missed; its word on the day itself is a rival."""
    missed = {k: lag[k] - _lag(history, "operator", rows, k) for k in range(2, 16)}
    return {
        "operator_yesterday": _lag(history, "operator", rows, 1) / base,
        "operator_missed_2": missed[2] / base,
        "operator_missed": mean_known(list(missed.values())) / base,
    }


def _same_kind(history: History, rows: Rows, how: DemandFeatures) -> Floats:
    """Average the same hour of the last five days of the same kind, the nearest counting most."""
    day = to_local(rows.valid_at, how.timezone).astype("datetime64[D]")
    days = days_between(day.min() - SAME_KIND_DAYS - 10, day.max() + 10, how.country)
    at = days.index(rows.valid_at, how.timezone)
    first = int(at.min())
    past = [_alike(days, i) for i in range(first, int(at.max()) + 1)]
    steps = max(len(p) for p in past)
    total, weight = np.zeros(len(rows)), np.zeros(len(rows))
    for step in range(steps):
        back = np.array([p[step] if step < len(p) else 0 for p in past])[at - first]
        value = history.at(how.track, rows.valid_at - back * DAY, rows.issued_at)
        there = (back > 0) & ~np.isnan(value)
        total[there] += _FADE**step * value[there]
        weight[there] += _FADE**step
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(weight > 0, total / weight, np.nan))


def _alike(days: Days, day: int) -> list[int]:
    """Name the last days of the same kind, as days ago; Tuesdays to Fridays that are worked are alike."""
    off, kind = days.off, days.kind
    middle = not off[day] and 1 <= kind[day] <= 4
    span = range(2, min(SAME_KIND_DAYS, day) + 1)
    same = [
        k
        for k in span
        if off[day - k] == off[day] and (kind[day - k] == kind[day] or (middle and 1 <= kind[day - k] <= 4))
    ]
    return (same or [k for k in span if off[day - k] == off[day]])[:5]


def _weather(rows: Rows, history: History, weather: Weather, place: tuple[float, float]) -> dict[str, Floats]:
    """The weather of the hour and the day as issued, and how it differs from the days that the base is of."""

    def at(quantity: str, hours: int = 0) -> Floats:
        return weather.at(quantity, rows.valid_at + hours * HOUR, rows.issued_at)

    def seen(quantity: str, days: int) -> Floats:
        return _lag(history, f"observed/{quantity}", rows, days)

    warm, humid, cloud = at("temperature"), at("humidity"), at("cloud_cover")
    cloud_around = mean_known([at("cloud_cover", k) for k in range(-2, 3)])
    sun = np.maximum(sine_of_elevation(rows.valid_at + HOUR // 2, *place), 0.0)
    clear = sun * (1 - 0.7 * (cloud_around / 100) ** 2)
    lit = mean_known([seen("radiation", k) for k in WEEK])
    return {
        "temperature": warm,
        "temperature_before": mean_known([at("temperature", -k) for k in range(6)]),
        "humidity": humid,
        "cloud": cloud,
        "cloud_around": cloud_around,
        "wind": at("wind_speed"),
        "rain": at("precipitation"),
        "sun": sun,
        "clear": clear,
        "warmer_than_2": warm - seen("temperature", 2),
        "warmer_than_7": warm - seen("temperature", 7),
        "warmer_than_week": warm - mean_known([seen("temperature", k) for k in WEEK]),
        "radiation_2": seen("radiation", 2),
        "radiation_7": seen("radiation", 7),
        "radiation_week": lit,
        "brighter_than_week": clear * 900.0 - lit,
        "cooling": np.maximum(warm - 22.0, 0.0) * humid / 70.0,
        "heating": np.maximum(12.0 - warm, 0.0),
    }


def _days_weather(rows: Rows, history: History, weather: Weather, timezone: str) -> dict[str, Floats]:
    """What a whole day's weather is, asked once a day and issue."""
    once = Once.of(to_local(rows.valid_at, timezone).astype("datetime64[D]"), rows.issued_at)
    midnight, issued = to_utc(once.first, timezone), once.second

    def hours(quantity: str, first: int, last: int) -> Floats:
        return np.stack([weather.at(quantity, midnight + h * HOUR, issued) for h in range(first, last)])

    warm = hours("temperature", 0, 24)
    known = ~np.isnan(warm)
    some = known.any(axis=0)

    def seen(quantity: str, days: int, first: int, last: int) -> Floats:
        return mean_known(
            [
                history.at(f"observed/{quantity}", midnight + h * HOUR - days * DAY, issued)
                for h in range(first, last)
            ]
        )

    found = {
        "day_mean": mean_known(list(warm)),
        "day_least": np.where(some, np.where(known, warm, np.inf).min(axis=0), np.nan),
        "day_most": np.where(some, np.where(known, warm, -np.inf).max(axis=0), np.nan),
        "day_cloud": mean_known(list(hours("cloud_cover", 8, 18))),
        "day_rain": mean_known(list(hours("precipitation", 7, 19))),
        "day_radiation_2": seen("radiation", 2, 0, 24),
        "warmer_this_morning": seen("temperature", 1, 0, 10) - seen("temperature", 2, 0, 10),
    }
    return {name: value[once.back] for name, value in found.items()}
