"""The weather that a store holds, as places that physics understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import HOUR
from tamna.grid.sun import JEJU
from tamna.physics.weather import Place
from tamna.series.align import hourly_mean, needed
from tamna.sources.block import Kind
from tamna.sources.kma import STATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.grid.clock import Period
    from tamna.series.store import Store

    Floats = NDArray[np.float64]

FAMILIES = ("asos", "synthetic", "open_meteo")
"""In this order where a store holds several."""
_PERCENT = 100.0


def families(store: Store, island: str) -> dict[str, dict[str, tuple[float, float]]]:
    """Give, by family of weather, the folders of `island`'s places with their latitude and longitude [deg].

    Grid points and made-up weather stand for the middle of the island.
    """
    folders = {i.series.rpartition("/")[0] for i in store.list() if i.series.endswith("/wind_speed")}
    asos = {f"asos/{number}": where for number, where in STATIONS.items() if f"asos/{number}" in folders}
    out = {"asos": asos if island == "jeju" else {}}
    for family in FAMILIES[1:]:
        out[family] = {f: JEJU for f in sorted(folders) if f == f"{family}/{island}"}
    return {family: places for family, places in out.items() if places}


def places_in(store: Store, places: Mapping[str, tuple[float, float]], period: Period) -> dict[str, Place]:
    """Read each place's weather over `period`: one value for each hour's start, NaN where not known."""
    return {folder: _place(store, folder, where, period) for folder, where in places.items()}


def _place(store: Store, folder: str, where: tuple[float, float], period: Period) -> Place:
    def column(quantity: str) -> Floats:
        return _column(store, f"{folder}/{quantity}", period)

    radiation, sunshine = column("radiation"), column("sunshine")
    pressure = column("sea_level_pressure")
    return Place(
        latitude=where[0],
        longitude=where[1],
        speed=column("wind_speed"),
        direction=column("wind_direction"),
        temperature=column("temperature"),
        humidity=column("humidity"),
        pressure=column("pressure") if np.isnan(pressure).all() else pressure,
        cloud=column("cloud_cover") / _PERCENT,
        radiation=None if np.isnan(radiation).all() else radiation,
        sunshine=None if np.isnan(sunshine).all() else sunshine,
    )


def _column(store: Store, name: str, period: Period) -> Floats:
    """Place hourly values on the hours of `period`; other steps become means of the hour."""
    n = len(period.stamps())
    out = np.full(n, np.nan)
    if not store.has(name):
        return out
    series = store.read(name, period)
    if series.resolution_s != HOUR.astype(int):
        if series.kind is Kind.SUM:
            return out
        return hourly_mean(store.read(name, needed(period, series.resolution_s)), period).value
    at = ((series.valid_at - period.start) // HOUR).astype(np.int64)
    whole = (series.valid_at - period.start) % HOUR == np.timedelta64(0, "s")
    out[at[whole]] = series.value[whole]
    return out
