"""EVs and condensers that a word adds: how many, or how much; all else of them is assumed and listed.

Vehicles that are added charge beside the demand, when it suits the island: they come and go as `PLUGGED` says, and a trip
that lacks energy has its price. With ``/v2g`` they give back with the power of their chargers. A condenser stands where the
grid file, or a link that needs a strong grid, asks for support; without that it would stand still.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch import assumed
from tamna.dispatch.daily import hour_of, traffic
from tamna.optimise.blocks.ev import EvFleet
from tamna.optimise.blocks.synchronous import Condenser, Machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.assumed import Assumed
    from tamna.dispatch.system import Hours, State, System

    Case = tuple[System, Hours, State]

DAY = assumed.ADDED_EV_DAY.value
NIGHT = assumed.ADDED_EV_NIGHT.value
PLUGGED = (
    *[NIGHT] * 7,
    (2 * NIGHT + DAY) / 3,
    *[DAY] * 9,
    (NIGHT + 2 * DAY) / 3,
    (2 * NIGHT + DAY) / 3,
    *[NIGHT] * 5,
)
"""Share of the vehicles that are plugged in, by hour of the day: all night, and fewer from 08:00 to 17:00. [-]"""
ARRIVING = 0.5


def of_vehicles(count: float) -> tuple[float, float]:
    """Give what chargers and batteries of so many vehicles add up to [MW, MWh].

    Examples
    --------
    >>> of_vehicles(10_000)
    (70.0, 600.0)
    """
    return (
        count * assumed.ADDED_EV_CHARGER.value / 1000.0,
        count * assumed.ADDED_EV_BATTERY.value / 1000.0,
    )


def with_vehicles(
    name: str, power: float, energy: float, case: Case, local: NDArray[np.datetime64], *, back: bool
) -> Case:
    """Add vehicles with so much of chargers [MW] and batteries [MWh], half full before the first hour.

    Parameters
    ----------
    local : (steps,)
        Start of each step on the island's clock.
    back
        They give back, with the power of their chargers.
    """
    system, hours, state = case
    fleet = EvFleet(
        name=name, energy_mwh=energy, charge_mw=power, discharge_mw=power if back else 0.0,
        charging=assumed.EV_WAY.value, discharging=assumed.EV_WAY.value, arriving_share=ARRIVING,
        leaving_share=ARRIVING + assumed.ADDED_EV_TRIPS.value, wear_per_mwh=assumed.WEAR.value,
        missing_per_mwh=assumed.TRIP.value,
    )  # fmt: skip
    inside, came, left = traffic(np.array(PLUGGED), hour_of(local))
    return (
        replace(system, ev_fleets=(*system.ev_fleets, fleet)),
        replace(
            hours,
            plugged={**hours.plugged, name: inside},
            arriving={**hours.arriving, name: came},
            leaving={**hours.leaving, name: left},
        ),
        replace(
            state,
            level_mwh={**state.level_mwh, name: energy * PLUGGED[hour_of(local)[0] - 1] / 2},
        ),
    )


def with_condenser(name: str, rated_mva: float, case: Case) -> Case:
    """Add a condenser of a rating [MVA] to those who support the grid; the case as it is where nothing asks for that."""
    system, hours, state = case
    need = system.synchronous
    if need is None:
        return case
    machine = Machine(
        name=name,
        strength_mva=rated_mva * assumed.ADDED_STRENGTH.value,
        inertia_mws=rated_mva * assumed.ADDED_INERTIA.value,
    )
    turns = Condenser(name=name, loss_mw=rated_mva * assumed.ADDED_TURNING.value)
    return (
        replace(
            system,
            condensers=(*system.condensers, turns),
            synchronous=replace(need, machines=(*need.machines, machine)),
        ),
        hours,
        state,
    )


def assumed_flexible(kinds: Iterable[str], *, back: bool) -> Iterator[Assumed]:
    """List what had to be assumed of EVs and condensers."""
    found = set(kinds)
    if "ev" in found:
        yield from (assumed.ADDED_EV_BATTERY, assumed.ADDED_EV_CHARGER)
    if found & {"ev", "ev_mw"}:
        yield from (assumed.ADDED_EV_NIGHT, assumed.ADDED_EV_DAY, assumed.ADDED_EV_TRIPS)
        yield from (assumed.EV_WAY, assumed.TRIP, *((assumed.WEAR,) if back else ()))
    if "condenser" in found:
        yield from (assumed.ADDED_STRENGTH, assumed.ADDED_INERTIA, assumed.ADDED_TURNING)
