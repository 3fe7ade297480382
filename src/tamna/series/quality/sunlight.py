"""PV against the sun: a clock an hour off, or plants that store and give at night."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import HOUR
from tamna.grid.sun import sine_of_elevation
from tamna.lang import _
from tamna.series.quality.track import Track, by_day, days, hourly, hours_of_day, runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.series.quality.track import Floats
    from tamna.sources.block import Finding

_WINDOW_DAYS = 60
_SHIFTS = (-3, -2, -1, 0, 1, 2, 3)
# Sun's elevation in the hour in which PV passes 2 % of its usual peak, median over sixty days. Over all
# 17 real Korean regions it is 7.6 to 13.5 degrees; an hour more or less moves it by 11 to 12.
_ONSET = 0.02
_ONSET_DEG = 10.5
_DEG_PER_HOUR = 11.5
_DARK = -0.035  # sine of an elevation of 2 degrees under the horizon: refraction, coast, width of Korea
_FEWEST_SHARE = 5e-4  # of all energy that must come in the dark before it is worth a word


def pv_hour_label(track: Track) -> list[Finding]:
    """Find stretches in which PV runs ahead of or behind the sun by whole hours.

    Two witnesses must agree, because storage behind the plants bends one of them: the correlation
    of the whole day with the sun, and the height of the sun when output starts in the morning,
    which storage leaves alone.
    """
    if not track.series.endswith("/pv"):
        return []
    stamps, value = hourly(track)
    if len(stamps) < 24 * _WINDOW_DAYS:
        return []
    window = (days(stamps) - days(stamps[:1])[0]) // _WINDOW_DAYS
    bounds = [rows for _w, rows in by_day(window)]
    shifts = _settled([_shift(stamps[rows], value[rows]) for rows in bounds])
    return [
        _shifted(track, stamps[bounds[low].start], stamps[bounds[high - 1].stop - 1], hours)
        for hours in sorted(set(shifts.tolist()) - {0})
        for low, high in runs(shifts == hours)
    ]


def _shift(stamps: Stamps, value: Floats) -> int | None:
    """How many hours the stamps lie before (negative) or after the sun; None when in doubt."""
    if len(stamps) < 24 * 20 or value.max() <= 0:
        return None
    fits = [float(np.corrcoef(_sun(stamps - s * HOUR), value)[0, 1]) for s in _SHIFTS]
    whole_day = _SHIFTS[int(np.argmax(fits))]
    onset = _onset_deg(stamps, value)
    if onset is None:
        return None
    morning = round((onset - _ONSET_DEG) / _DEG_PER_HOUR)
    agreed = np.sign(morning) == np.sign(whole_day) and abs(morning - whole_day) <= 1
    return whole_day if agreed else None


def _settled(verdicts: list[int | None]) -> NDArray[np.int64]:
    """Let windows in doubt follow their nearest neighbours where these agree; else nothing is off."""
    known = [i for i, v in enumerate(verdicts) if v is not None]
    out = np.zeros(len(verdicts), dtype=np.int64)
    for i, verdict in enumerate(verdicts):
        sides = [
            max((k for k in known if k <= i), default=None),
            min((k for k in known if k >= i), default=None),
        ]
        said = {verdicts[k] for k in sides if k is not None}
        out[i] = verdict if verdict is not None else (said.pop() if len(said) == 1 else 0) or 0
    return out


def _sun(hours: Stamps) -> Floats:
    """Sun on a plane tilted 20 degrees to the south in the middle of each hour; 0 at night."""
    since = hours.astype("datetime64[h]") - hours.astype("datetime64[Y]").astype("datetime64[h]")
    sun: Floats = _sun_of_a_year()[since.astype(np.int64)]
    return sun


@lru_cache(maxsize=1)
def _sun_of_a_year() -> Floats:
    """The hours of a leap year; the others differ by less than a day's change of the sun."""
    first = np.datetime64("2024-01-01T00:30", "s")
    moments = first + np.arange(366 * 24) * HOUR
    up = sine_of_elevation(moments) > 0
    return np.where(up, np.maximum(sine_of_elevation(moments, 33.4 - 20), 0.0), 0.0)


def _onset_deg(stamps: Stamps, value: Floats) -> float | None:
    """Elevation of the sun in the hour in which output passes 2 % of its peak, median over days [deg]."""
    day, clock = days(stamps), hours_of_day(stamps)
    peaks = [value[rows].max() for _d, rows in by_day(day)]
    bright = value > _ONSET * float(np.quantile(peaks, 0.9))
    starts = []
    for _d, rows in by_day(day):
        morning = np.flatnonzero(bright[rows] & (clock[rows] >= 3) & (clock[rows] <= 12))
        # a start is dark before: output left over from the night is not one
        if len(morning) and morning[0] > 0 and not bright[rows][morning[0] - 1]:
            starts.append(rows.start + int(morning[0]))
    if len(starts) < 15:
        return None
    sine = sine_of_elevation(stamps[np.array(starts)] + HOUR // 2)
    return float(np.median(np.degrees(np.arcsin(sine))))


def _shifted(track: Track, start: np.datetime64, last: np.datetime64, hours: int) -> Finding:
    text = (
        _("output starts {n} h before the sun: the stamps look {n} h too early", n=-hours)
        if hours < 0
        else _("output lags the sun by {n} h: the stamps look {n} h too late", n=hours)
    )
    return track.finding(
        "hour_label",
        start,
        last + HOUR,
        hours,
        "h",
        text,
        _("hourly shares pair this hour's PV with another hour's demand; check what the label means"),
    )


def night_generation(track: Track, shifted: list[Finding]) -> list[Finding]:
    """Find PV in the dark while the day is in step with the sun: storage behind the plants.

    `shifted` is what `pv_hour_label` found: output in the dark of a shifted clock is not storage.
    """
    if shifted or not track.series.endswith("/pv"):
        return []
    stamps, value = hourly(track)
    if len(stamps) < 24 * 10:
        return []
    dark = is_dark(stamps)
    at = np.flatnonzero(dark & (value > 0))
    total, whole = float(value[dark].sum()), float(value.sum())
    if not len(at) or whole <= 0 or total < _FEWEST_SHARE * whole:
        return []
    clock = hours_of_day(stamps[at])
    energy = np.bincount(clock, weights=value[at], minlength=24)
    return [
        track.finding(
            "night_generation",
            stamps[at[0]],
            stamps[at[-1]] + HOUR,
            total,
            "MWh",
            _(
                "{total} MWh ({share} % of all) come while the sun is down, most at {hour}:00, up to {most} MWh"
                " in an hour; the days are in step with the sun, so this is storage behind plants, not the clock",
                total=f"{total:.0f}",
                share=f"{100 * total / whole:.2g}",
                hour=int(energy.argmax()),
                most=f"{float(value[at].max()):.1f}",
            ),
            _("settled PV is not the sun's course: part of the noon's energy is counted in the evening"),
        )
    ]


def is_dark(starts: Stamps) -> NDArray[np.bool_]:
    """Whether the sun stays down for the whole hour, anywhere in Korea."""
    # Korea's PV stands between 126 and 130 degrees east: a quarter of an hour of sun
    west, east = 126.0, 130.0
    begin = np.maximum(sine_of_elevation(starts, 33.4, east), sine_of_elevation(starts, 38.0, east))
    finish = np.maximum(
        sine_of_elevation(starts + HOUR, 33.4, east), sine_of_elevation(starts + HOUR, 38.0, east)
    )
    evening = np.maximum(sine_of_elevation(starts, 33.4, west), sine_of_elevation(starts, 38.0, west))
    dark: NDArray[np.bool_] = np.maximum(np.maximum(begin, finish), evening) < _DARK
    return dark
