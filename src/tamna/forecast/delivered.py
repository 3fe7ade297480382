"""Features of what fleets deliver, curtailment in it, and of net load: the weather's offer and the room for it.

A fleet is held back where demand less both offers comes near the floor of the system. So what is delivered sees,
beside everything that its potential sees, the demand of late, the other fleet's offer, and what is left of both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.demand import DemandFeatures
from tamna.forecast.fleet import days_ago, level_at, observed_sun, observed_wind
from tamna.forecast.pv import PvFeatures, pv_made, pv_sky
from tamna.forecast.table import Table, mean_known, table_of
from tamna.forecast.wind import WindFeatures, wind_facts, wind_sky

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.forecast.history import History, Rows
    from tamna.forecast.weather import Weather

    Floats = NDArray[np.float64]

WEEK = tuple(range(1, 9))


@dataclass(frozen=True, slots=True, kw_only=True)
class WindDelivered:
    """Features of wind as delivered; sizes of both fleets come from hours in which they were free."""

    wind: WindFeatures = field(default_factory=WindFeatures)
    pv: PvFeatures = field(default_factory=PvFeatures)

    def facts(self, rows: Rows, history: History) -> Table:
        """Add the demand of late to what holds of the wind fleet."""
        return _beside(self.wind.facts(rows, history), demand_lately(rows, history))

    def sky(self, rows: Rows, history: History, weather: Weather) -> Table:
        """Add both offers and the room they leave to the wind as issued."""
        own = _wind_columns(rows, history, weather, self.wind)
        shone = _pv_offer(rows, history, pv_made(rows, weather, self.pv.place), self.pv)
        return table_of(own | _offers(rows, history, own["made_around"], shone), np.ones(len(rows)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PvDelivered:
    """Features of PV as delivered."""

    wind: WindFeatures = field(default_factory=WindFeatures)
    pv: PvFeatures = field(default_factory=PvFeatures)

    def facts(self, rows: Rows, history: History) -> Table:
        """Add the demand of late to what holds of the PV fleet."""
        return _beside(self.pv.facts(rows, history), demand_lately(rows, history))

    def sky(self, rows: Rows, history: History, weather: Weather) -> Table:
        """Add both offers and the room they leave to the clouds as issued."""
        own = pv_sky(rows, weather, self.pv)
        blown = _wind_columns(rows, history, weather, self.wind)["made_around"]
        shone = _pv_offer(rows, history, own["made"], self.pv)
        return table_of(own | _offers(rows, history, blown, shone), np.ones(len(rows)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NetLoadFeatures:
    """Features of net load: those of demand, and both fleets' offers as parts of the demand of late."""

    demand: DemandFeatures = field(default_factory=DemandFeatures)
    wind: WindFeatures = field(default_factory=WindFeatures)
    pv: PvFeatures = field(default_factory=PvFeatures)

    def facts(self, rows: Rows, history: History) -> Table:
        """Make demand's facts and the last hours of the wind fleet.

        Returns
        -------
        Table
            ``base`` is the demand of late [MW]: net load is learned as a part of it.
        """
        own = self.demand.facts(rows, history)
        lately = {f"wind_{k}": v / own.base for k, v in wind_facts(rows, history, self.wind.reading).items()}
        net = days_ago(history, "reading/net_load", rows.valid_at, rows.issued_at, 2)
        return _beside(own, lately | {"net_load_2": net / own.base})

    def sky(self, rows: Rows, history: History, weather: Weather) -> Table:
        """Add both offers to the weather that demand sees."""
        own = self.demand.sky(rows, history, weather)
        winds, suns = (
            _wind_columns(rows, history, weather, self.wind),
            pv_sky(rows, weather, self.pv),
        )
        blows = {f"wind_{k}": v for k, v in winds.items() if k.startswith(_WIND) or "/wind_" in k}
        shines = {f"pv_{k}": v for k, v in suns.items() if k.startswith(_SUN)}
        shone = _pv_offer(rows, history, suns["made"], self.pv)
        return _beside(own, blows | shines | _offers(rows, history, winds["made_around"], shone))


_WIND = ("speed", "made", "east", "north", "tendency")
_SUN = ("through", "day_", "humidity")


def demand_lately(rows: Rows, history: History) -> dict[str, Floats]:
    """Give the demand of the same hour over the last days, and a week ago. [MW]"""
    lag = {k: days_ago(history, "demand", rows.valid_at, rows.issued_at, k) for k in WEEK}
    return {"demand_lately": mean_known(list(lag.values())), "demand_week_ago": lag[7]}


def _offers(rows: Rows, history: History, blown: Floats, shone: Floats) -> dict[str, Floats]:
    """Put what the weather as issued would make of each fleet beside what demand leaves. [MW]"""
    left = demand_lately(rows, history)["demand_lately"] - blown - shone
    return {"wind_offer": blown, "pv_offer": shone, "room": left}


def _wind_columns(rows: Rows, history: History, weather: Weather, how: WindFeatures) -> dict[str, Floats]:
    return wind_sky(
        rows, history, weather, level_at(history, how.reading, observed_wind(history), rows.issued_at)
    )


def _pv_offer(rows: Rows, history: History, made: Floats, how: PvFeatures) -> Floats:
    return made * level_at(history, how.reading, observed_sun(history, how.place), rows.issued_at)


def _beside(table: Table, columns: dict[str, Floats]) -> Table:
    more = table_of(columns, table.base)
    return Table(table.names + more.names, np.concatenate([table.values, more.values], axis=1), table.base)
