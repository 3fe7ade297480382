"""What wind and PV gave, on one metering base: the real-time record, and settled energy before it begins.

The real-time record of an island shows wind and the total of renewables as instants at the stamp. Wind of an hour
is the mean of the instants at its ends. The total holds other plants too, some 10 to 15 MW on Jeju by day and
night, and its sun reads about half an hour late: so PV of an hour is the total less wind at the hour's end, less
the median of the same difference over the last nights. That is an estimate and says so.

Before the record begins settled energy stands for it, one to one. On Jeju the two go together (2024-03 to 05:
correlation 0.996 for wind, real-time 2.5 % above settled; 0.99 for PV, 4 % below). Settled energy is known thirty
days after the day. Where it was known before the record began it counts, as a reading, as seen at once: such hours
can only teach what a reading of the last hours is worth, and answer nothing that is asked from then on. Who asks
before the record begins gets as seen at once only what was settled by then (`as_of`). After the record begins its
gaps stay gaps: settled energy lost most of the wind when bidding began.

A potential is seen only where nobody held the fleet back: hours of published curtailment, and hours with little
room (demand less PV less wind near the floor of the system), are blank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.history import Track
from tamna.grid.clock import DAY, HOUR
from tamna.grid.sun import JEJU, sine_of_elevation
from tamna.physics.fit import ROOM_MW, trusted_hours
from tamna.series.align import hourly_mean, needed
from tamna.series.model import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Period, Stamps
    from tamna.series.store import Store

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Pair = tuple[Track, Track]

REAL_TIME = "kpx_realtime"
READ_AFTER = np.timedelta64(65, "m")
"""After an hour's start: the hour, and five minutes for the reading at its end."""
FIRM_DAYS = 4
_FEWEST_NIGHT_HOURS = 6
PV_ROOM_MW = 260.0
"""Wind is held back first; PV only where even less is left. As `benchmarks.wind_potential` judges PV."""
DEEP_NIGHT = -0.1
"""Sine of the sun's elevation below which no light is left."""


def fleet_tracks(
    store: Store, island: str, period: Period, demand: Track | None, *, as_of: np.datetime64 | None = None
) -> dict[str, Track]:
    """Read what an island's wind and PV gave, hour by hour.

    Parameters
    ----------
    as_of
        The first moment that is answered for: of what is settled later nothing counts as seen at once. None is
        the moment at which the real-time record begins, or any later one.

    Returns
    -------
    dict
        ``wind_delivered``, ``pv_delivered``, ``net_load`` (demand less both); ``wind`` and ``pv``: the same where
        the fleet was not held back, else NaN; ``reading/...``: the same values, known as readings are. [MW]
        What the store lacks is left out.
    """
    stamps = period.stamps()
    light = sine_of_elevation(stamps + HOUR // 2, *JEJU)
    wind = _spliced(_real_time_wind(store, island, period), _settled(store, f"{island}/wind", period), as_of)
    pv = _spliced(_real_time_pv(store, island, period), _settled(store, f"{island}/pv", period), as_of)
    found: dict[str, Pair | None] = {"wind_delivered": wind, "pv_delivered": pv}
    free = _free(store, island, period, light)
    if demand is not None and wind is not None and pv is not None:
        found["net_load"] = _less(demand, wind[0], pv[0]), _less(demand, wind[1], pv[1])
        left = demand.value[: len(light)], pv[0].value, wind[0].value, light < DEEP_NIGHT
        free["wind"] &= trusted_hours(*left, room_mw=ROOM_MW)
        free["pv"] &= trusted_hours(*left, room_mw=PV_ROOM_MW)
    found |= {name: _blanked(whole, free[name]) for name, whole in (("wind", wind), ("pv", pv)) if whole}
    pairs = {name: pair for name, pair in found.items() if pair is not None}
    return {n: p[0] for n, p in pairs.items()} | {f"reading/{n}": p[1] for n, p in pairs.items()}


def _free(store: Store, island: str, period: Period, light: Floats) -> dict[str, Bools]:
    """Say where nothing is published of each fleet being held back."""
    held = np.nan_to_num(_column(store, f"{island}/wind_curtailment", period)) > 0
    events = _event_days(store, f"{island}/pv_curtailment_events", period)
    return {"wind": ~held, "pv": ~(events & (light > 0))}


def _blanked(pair: Pair, free: Bools) -> Pair:
    truth, reading = (Track(t.start, np.where(free, t.value, np.nan), t.known_at) for t in pair)
    return truth, reading


def _less(demand: Track, wind: Track, pv: Track) -> Track:
    n = len(wind.value)
    known = np.maximum(np.maximum(demand.known_at[:n], wind.known_at), pv.known_at)
    return Track(wind.start, demand.value[:n] - wind.value - pv.value, known)


def _settled(store: Store, name: str, period: Period) -> Track | None:
    if not store.has(name):
        return None
    column = hourly_mean(store.read(name, needed(period)), period)
    return Track(column.valid_at[0], column.value, column.known_at)


def _real_time_wind(store: Store, island: str, period: Period) -> Track | None:
    name = f"{island}/wind@{REAL_TIME}"
    if not store.has(name):
        return None
    column = hourly_mean(store.read(name, needed(period)), period)
    return Track(column.valid_at[0], column.value, column.known_at)


def _real_time_pv(store: Store, island: str, period: Period) -> Track | None:
    """Give total less wind at each hour's end, less the nights' median of the same; 0 in the dark."""
    names = [f"{island}/{n}@{REAL_TIME}" for n in ("renewables", "wind")]
    if not all(store.has(name) for name in names):
        return None
    stamps = period.stamps()
    (total, known), (wind, wind_known) = (_at_ends(store, name, period) for name in names)
    rest = total - wind
    firm = night_median(rest, sine_of_elevation(stamps + HOUR, *JEJU) < DEEP_NIGHT)
    sun = np.maximum(rest - firm, 0.0)
    dark = sine_of_elevation(stamps + HOUR // 2, *JEJU) < DEEP_NIGHT
    return Track(stamps[0], np.where(dark & np.isfinite(rest), 0.0, sun), np.maximum(known, wind_known))


def night_median(rest: Floats, night: Bools, days: int = FIRM_DAYS) -> Floats:
    """Give for each hour the median of the last `days` nights, (hours,) [MW]; NaN with too few night hours.

    Examples
    --------
    >>> rest = np.array([9.0, 11.0, 10.0, 10.0, 10.0, 12.0, 80.0])
    >>> float(night_median(rest, np.array([True] * 6 + [False]))[-1])
    10.0
    """
    width = days * 24
    quiet = np.concatenate([np.full(width, np.nan), np.where(night, rest, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(quiet, width)[1:]
    enough = (~np.isnan(windows)).sum(axis=1) >= _FEWEST_NIGHT_HOURS
    out = np.full(len(rest), np.nan)
    out[enough] = np.nanmedian(windows[enough], axis=1)
    return out


def _at_ends(store: Store, name: str, period: Period) -> tuple[Floats, Stamps]:
    """Give the instants at the hours' ends and when they became known."""
    series = store.read(name, needed(period))
    n = len(period.stamps())
    value, known = np.full(n, np.nan), np.full(n, NEVER)
    at = np.asarray((series.valid_at - period.start) // HOUR - 1, dtype=np.int64)
    use = ((series.valid_at - period.start) % HOUR == np.timedelta64(0, "s")) & (at >= 0) & (at < n)
    value[at[use]], known[at[use]] = series.value[use], series.known_at[use]
    return value, known


def _spliced(live: Track | None, settled: Track | None, as_of: np.datetime64 | None = None) -> Pair | None:
    """Put settled energy before the record; give the truth's track and the reading's."""
    if live is None or not np.isfinite(live.value).any():
        return None if settled is None else (settled, settled)
    if settled is None:
        return live, live
    begin = int(np.flatnonzero(np.isfinite(live.value))[0])
    before = np.arange(len(live.value)) < begin
    truth = Track(
        live.start,
        np.where(before, settled.value, live.value),
        np.where(before, settled.known_at, live.known_at),
    )
    stamps = live.start + np.arange(len(live.value)) * HOUR
    by = stamps[begin] if as_of is None else min(stamps[begin], as_of)
    teaches = before & (settled.known_at <= by)
    return truth, Track(live.start, truth.value, np.where(teaches, stamps + READ_AFTER, truth.known_at))


def _column(store: Store, name: str, period: Period) -> Floats:
    if not store.has(name):
        return np.full(len(period.stamps()), np.nan)
    return hourly_mean(store.read(name, needed(period)), period).value


def _event_days(store: Store, name: str, period: Period) -> Bools:
    """Say which hours lie in a day with a published event (daily counts, stamped at the day's start)."""
    stamps = period.stamps()
    if not store.has(name):
        return np.zeros(len(stamps), dtype=bool)
    series = store.read(name, period)
    days = series.valid_at[np.nan_to_num(series.value) > 0]
    at = np.searchsorted(days, stamps, side="right") - 1
    return (
        np.asarray((at >= 0) & (stamps - days[np.maximum(at, 0)] < DAY))
        if len(days)
        else np.zeros(len(stamps), dtype=bool)
    )
