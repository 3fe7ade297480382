"""Targets of an island as the store holds them: which series feed which track, and the learners by default."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.blend import Member
from tamna.forecast.delivered import NetLoadFeatures, PvDelivered, WindDelivered
from tamna.forecast.demand import DemandFeatures
from tamna.forecast.history import read_history, read_wind_runs, read_winds
from tamna.forecast.network import Network
from tamna.forecast.physical import net_load_rivals, pv_rivals, wind_rivals
from tamna.forecast.price import price_tracks
from tamna.forecast.pv import PvFeatures, daylight, faint
from tamna.forecast.records import fleet_tracks
from tamna.forecast.rivals import demand_rivals
from tamna.forecast.target import Target
from tamna.forecast.trees import Trees
from tamna.forecast.weather import QUANTITIES
from tamna.forecast.wind import WindFeatures
from tamna.lang import _

if TYPE_CHECKING:
    from tamna.forecast.history import History
    from tamna.grid.clock import Period
    from tamna.series.store import Store

BLANK_IS_NOTHING = ("observed/precipitation",)


def island_history(
    store: Store, period: Period, *, island: str = "jeju", as_of: np.datetime64 | None = None
) -> History:
    """Read demand, the operator's forecast of it, wind and PV, observed weather and weather runs of an island.

    Observed weather is averaged over the stations, runs over their places. Observations are open: a stated
    error model makes forecasts of them where no run exists. `as_of` is the first moment that is answered for: see
    `fleet_tracks`.
    """
    held = {info.series for info in store.list()}

    def named(pattern: str) -> list[str]:
        return sorted(name for name in held if fnmatchcase(name, pattern))

    tracks = {"demand": [f"{island}/demand"], "operator": [f"{island}/demand_forecast"]}
    tracks |= price_tracks(island)
    seen = {f"observed/{q}": named(f"asos/*/{q}") for q in (*QUANTITIES, "radiation")}
    seen["observed/pressure"] = named("asos/*/sea_level_pressure")  # runs are at sea level too
    runs = {f"forecast/{q}": named(f"forecast/*/{q}") for q in QUANTITIES}
    plain = read_history(
        store,
        period,
        tracks=tracks | seen,
        runs=runs,
        blank_is_zero=BLANK_IS_NOTHING,
        open_names=seen,
    )
    winds = read_winds(store, period, _folders(named("asos/*/wind_direction")))
    blown = read_wind_runs(store, period, _folders(named("forecast/*/wind_direction")))
    return replace(
        plain,
        tracks=dict(plain.tracks)
        | {f"observed/{name}": track for name, track in winds.items()}
        | fleet_tracks(store, island, period, plain.tracks.get("demand"), as_of=as_of),
        runs=dict(plain.runs) | {f"forecast/{name}": run for name, run in blown.items()},
        open_names=plain.open_names | {f"observed/{name}" for name in winds},
    )


def _folders(names: list[str]) -> list[str]:
    return [name.rpartition("/")[0] for name in names]


def demand_target() -> Target:
    """Give demand as it is forecast by default: a network for the band, trees and the network for the middle."""
    features = DemandFeatures()
    return Target(
        name="demand",
        track="demand",
        unit="MW",
        facts=features.facts,
        sky=features.sky,
        members=(
            Member(learner=Network(noise=0.4, decay=0.1), weight=1.0),
            Member(
                learner=Trees(rounds=220, rate=0.06, leaves=31, least=30, own=(0.5,)), weight=1.0, whole=False
            ),
        ),
        relative=True,
        bounds=(0.0, np.inf),
        rivals=demand_rivals,
    )


ESTIMATED_PV = _("PV is an estimate: total renewables less wind less the part that also runs at night")
STOOD_IN = _(
    "before the real-time record, settled energy stands for it one to one; as a reading it counts as seen at once"
)
HELD_BLANK = _("hours in which the fleet was or likely was held back are not counted")


def _members() -> tuple[Member, ...]:
    return (
        Member(learner=Network(noise=0.3, decay=0.1, epochs=8), weight=1.0),
        Member(
            learner=Trees(rounds=160, rate=0.06, leaves=24, least=60, own=(0.5,)), weight=1.0, whole=False
        ),
    )


def wind_target() -> Target:
    """Give what a wind fleet could give: learned and scored where nobody held it back."""
    features = WindFeatures()
    return Target(
        name="wind",
        track="wind",
        unit="MW",
        facts=features.facts,
        sky=features.sky,
        members=_members(),
        bounds=(0.0, np.inf),
        rivals=wind_rivals,
        atoms=(0.0,),
        notes=(STOOD_IN, HELD_BLANK),
    )


def pv_target() -> Target:
    """Give what a PV fleet could give: learned and scored in daylight, where nobody held it back."""
    features = PvFeatures()
    return Target(
        name="pv",
        track="pv",
        unit="MW",
        facts=features.facts,
        sky=features.sky,
        members=_members(),
        share=True,
        bounds=(0.0, np.inf),
        rivals=pv_rivals,
        scored=daylight,
        faint=faint,
        atoms=(0.0,),
        estimated=True,
        notes=(ESTIMATED_PV, STOOD_IN, HELD_BLANK),
    )


def wind_delivered_target() -> Target:
    """Give what a wind fleet delivers, curtailment in it: learned and scored in every hour."""
    features = WindDelivered()
    return replace(
        wind_target(),
        name="wind_delivered",
        track="wind_delivered",
        facts=features.facts,
        sky=features.sky,
        notes=(STOOD_IN,),
    )


def pv_delivered_target() -> Target:
    """Give what a PV fleet delivers, curtailment in it."""
    features = PvDelivered()
    return replace(
        pv_target(),
        name="pv_delivered",
        track="pv_delivered",
        facts=features.facts,
        sky=features.sky,
        notes=(ESTIMATED_PV, STOOD_IN),
    )


def net_load_target() -> Target:
    """Give demand less delivered wind and PV."""
    features = NetLoadFeatures()
    return Target(
        name="net_load",
        track="net_load",
        unit="MW",
        facts=features.facts,
        sky=features.sky,
        members=_members(),
        share=True,
        rivals=net_load_rivals,
        estimated=True,
        notes=(ESTIMATED_PV, STOOD_IN),
    )
