"""Weather of an island's stations, out of the store: what its fleets feel, one value for each hour's start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import HOUR, Period

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.grid.model import Island
    from tamna.physics.weather import Place
    from tamna.series import Store

    Floats = NDArray[np.float64]

NEEDED = ("wind_speed", "wind_direction", "temperature", "humidity", "sea_level_pressure")
"""What a station must have for a wind fleet to be judged by it."""


def stations(island: Island) -> tuple[str, ...]:
    """Name the ASOS stations that the places of the island's wind and PV fleets declare."""
    from tamna.sources.kma import STATIONS  # loads a reader: only who asks for weather needs it

    named = {p.station for f in island.fleets for p in f.places if p.station is not None}
    return tuple(sorted(s for s in named if s.isdigit() and int(s) in STATIONS))


def needed_series(island: Island) -> tuple[str, ...]:
    """Name the weather series that a wind fleet needs, station by station."""
    return tuple(f"asos/{s}/{quantity}" for s in stations(island) for quantity in NEEDED)


def weather_span(store: Store, island: Island) -> Period | None:
    """Give the hours that every declared station reaches, or None where one has nothing."""
    wanted = needed_series(island)
    held = [[i for i in store.list() if i.series == name] for name in wanted]
    if not wanted or not all(held):
        return None
    start = max(min(i.start for i in infos) for infos in held).astype("datetime64[h]").astype("datetime64[s]")
    end = min(max(i.end for i in infos) for infos in held) + np.timedelta64(
        1, "s"
    )  # the last instant's hour too
    return Period(start, end) if end - start > HOUR else None


def weather_places(
    store: Store, island: Island, period: Period, as_of: np.datetime64 | None = None
) -> Mapping[str, Place]:
    """Give each station's weather over `period`, whole hours; NaN where not known."""
    from tamna.physics.weather import Place  # heavy: only who asks for weather needs it
    from tamna.sources.kma import STATIONS

    stamps = period.stamps()

    def column(name: str) -> Floats:
        out = np.full(len(stamps), np.nan)
        if store.has(name):
            series = store.read(name, period, as_of=as_of)
            at, inside = _places_of(series.valid_at, stamps)
            out[at[inside]] = series.value[inside]
        return out

    return {
        f"asos/{station}": Place(
            latitude=STATIONS[int(station)][0],
            longitude=STATIONS[int(station)][1],
            speed=column(f"asos/{station}/wind_speed"),
            direction=column(f"asos/{station}/wind_direction"),
            temperature=column(f"asos/{station}/temperature"),
            humidity=column(f"asos/{station}/humidity"),
            pressure=column(f"asos/{station}/sea_level_pressure"),
            cloud=column(f"asos/{station}/cloud_cover") / 100.0,
        )
        for station in stations(island)
    }


def _places_of(valid_at: Stamps, stamps: Stamps) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find each value's hour; a value between hours has none."""
    at = ((valid_at - stamps[0]) // HOUR).astype(np.int64)
    whole = (valid_at - stamps[0]) % HOUR == np.timedelta64(0, "s")
    return at, whole & (at >= 0) & (at < len(stamps))
