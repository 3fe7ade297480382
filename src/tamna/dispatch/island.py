"""From a grid file to what stands on an island day, and what of it had to be assumed.

What the file does not know is taken from `tamna.dispatch.assumed`, with its range and its reason, and listed; what
the file itself assumes is listed there already (`tamna grid show`). Planned assets, and those that are not yet or no
longer in service on the day, are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamna.dispatch import assumed
from tamna.dispatch.assets import (
    Burns,
    battery_of,
    before_of,
    called,
    carries,
    cell_of,
    heat_points,
    link_of,
    number,
    plant_of,
    stands,
    starts,
    store_of,
    unit_mistakes,
    unit_of,
)
from tamna.dispatch.daily import HOURS_A_YEAR, Daily, daily_of
from tamna.dispatch.flexible import (
    condensers_of,
    contracts_of,
    ev_of,
    firm_of,
    interruptible_of,
    reserve_of,
    shiftable_of,
    synchronous_of,
    user_of,
)
from tamna.dispatch.system import State, System
from tamna.errors import GridError, gather
from tamna.grid.quantity import at_day
from tamna.optimise.blocks.co2 import Co2
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.hydrogen import MWH_PER_KG
from tamna.optimise.blocks.link import LinkState
from tamna.optimise.blocks.reserve import Reserve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from tamna.dispatch.assumed import Assumed
    from tamna.grid.model import Island
    from tamna.grid.thermal import ThermalUnit

WIND, PV, STEADY = "wind", "pv", "steady"
"""Fleets of a dispatch: metered wind, metered PV, and plants that run evenly and cannot be held back."""
UP = "reserve_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What stands on a day.

    Attributes
    ----------
    system, state
        Assets in won and MW. Where the file says nothing, units were on, at their minimum, for long, and stores are half full.
    burns
        By thermal unit.
    hydrogen_mw
        What vehicles and others ask for, even over the year, on the lower heating value. [MW]
    assumed
        What the file does not know.
    daily
        Loads and requirements by hour of the day.
    """

    day: date
    system: System
    state: State
    burns: Mapping[str, Burns]
    hydrogen_mw: float
    assumed: tuple[Assumed, ...]
    daily: Daily = field(default_factory=Daily)


def stand(island: Island, day: date) -> Stand:
    """Make the assets of an island day.

    Raises
    ------
    GridError
        Every figure that is missing and cannot be assumed, at once.
    """
    units = [u for u in island.thermal if stands(u, day)]
    prices = _prices(island)
    gather((m for u in units for m in unit_mistakes(u, prices.get(u.fuel))), GridError)
    burns = {called("thermal", u.name): _burns(island, u, day, prices) for u in units}
    plants = tuple(plant_of(p) for p in island.electrolysers if stands(p, day))
    carbon = _import_carbon(island, day)
    system = System(
        thermal=tuple(unit_of(u, day, burns[called("thermal", u.name)]) for u in units),
        fleets=(
            Curtailable(name=WIND, curtailment_cost_per_mwh=assumed.HELD.value),
            Curtailable(name=PV, curtailment_cost_per_mwh=assumed.HELD.value + assumed.AFTER_WIND),
            Curtailable(name=STEADY),
        ),
        links=tuple(link_of(k, day, carbon) for k in island.links if carries(k, day)),
        batteries=tuple(battery_of(b, assumed.WEAR.value) for b in island.batteries if stands(b, day)),
        electrolysers=plants,
        hydrogen_stores=tuple(store_of(s) for s in island.hydrogen_stores if stands(s, day)) if plants else (),
        fuel_cells=tuple(cell_of(c) for c in island.fuel_cells if stands(c, day)) if plants else (),
        load_classes=_classes(island),
        hydrogen_classes=(
            LoadClass(name="all", share=1.0, lost_per_mwh=assumed.LOST_HYDROGEN.value / MWH_PER_KG),
        ),
        reserves=tuple(reserve_of(p) for p in island.reserves)
        or (Reserve(name=UP, duration_h=1.0, response_h=1.0, short_per_mwh=assumed.SHORT.value),),
        matchings=contracts_of(island, day, {"wind": WIND, "pv": PV}),
        co2=_co2(island, day),
        floor_gives_per_mwh=assumed.FLOOR_GIVES.value,
        exclusive=True,
        **_follows(island, day, hydrogen=bool(plants)),
    )  # fmt: skip
    return Stand(
        day=day,
        system=system,
        state=_before(island, system),
        burns=burns,
        hydrogen_mw=_hydrogen_mw(island) if plants else 0.0,
        assumed=tuple(_noted(system, burns, island)),
        daily=daily_of(island, day, hydrogen=bool(plants)),
    )


def _classes(island: Island) -> tuple[LoadClass, ...]:
    """Give the classes of the demand; what the file leaves open has the assumed value."""
    named = [
        LoadClass(name=c.name, share=float(c.share), lost_per_mwh=float(c.lost_krw_per_mwh))
        for c in island.load_classes
    ]
    left = 1.0 - sum(c.share for c in named)
    rest = LoadClass(name="all" if not named else "other", share=left, lost_per_mwh=assumed.LOST_LOAD.value)
    return (*named, rest) if left > 1e-9 else tuple(named)


def _co2(island: Island, day: date) -> Co2 | None:
    """Give price and cap of a year of 8,760 h (`tamna.dispatch.daily.capped` gives a period its part)."""
    of = island.co2
    if of is None:
        return None
    price = None if of.krw_per_t is None else at_day(of.krw_per_t, day)
    cap = None if of.cap_t_per_year is None else at_day(of.cap_t_per_year, day)
    return Co2(price_per_t=number(price, 0.0), cap_t=number(cap, math.inf))


def _follows(island: Island, day: date, *, hydrogen: bool) -> dict[str, Any]:
    """Give what can follow the wind, and what turns for the grid's sake."""
    turning = tuple(condensers_of(island, day))
    users = tuple(user_of(u) for u in island.hydrogen_users) if hydrogen else ()
    return {
        "ev_fleets": tuple(ev_of(e, day) for e in island.ev_fleets if stands(e, day)),
        "shiftable": tuple(shiftable_of(n, day) for n in island.loads if n.kind == "shiftable"),
        "interruptible": tuple(interruptible_of(n, day) for n in island.loads if n.kind == "interruptible"),
        "loads": (*(firm_of(n) for n in island.loads if n.kind == "firm"), *users),
        "condensers": tuple(c for c, _machine in turning),
        "synchronous": synchronous_of(island, day, tuple(m for _c, m in turning)),
    }


def _prices(island: Island) -> Mapping[str, float]:
    """Give each fuel's price [KRW/GJ]: the file's, or what is assumed; a fuel that has neither is left out."""
    taken = {name: one.value for name, one in assumed.FUELS.items()}
    return taken | {f.name: float(f.krw_per_gj) for f in island.fuels if f.krw_per_gj is not None}


def _burns(island: Island, unit: ThermalUnit, day: date, prices: Mapping[str, float]) -> Burns:
    found = next((f for f in island.fuels if f.name == unit.fuel), None)
    carbon = 0.0 if found is None else number(found.tco2e_per_gj, 0.0)
    points = heat_points(unit, day)
    heat = points[-1][1] / points[-1][0] if points else number(unit.heat_rate_gj_per_mwh, 0.0)
    return Burns(
        fuel=unit.fuel,
        gj_per_mwh=heat,
        tco2_per_mwh=heat * carbon,
        krw_per_mwh=heat * prices[unit.fuel],
        points=points,
    )


def _import_carbon(island: Island, day: date) -> float:
    """Give what an imported MWh carries: the consumption-end factor of the nearest year published [tCO2/MWh]."""
    years = {
        f.year: float(f.tco2e_per_mwh) for f in island.factors if f.year and f.basis == "consumption-end"
    }
    return years[min(years, key=lambda y: abs(y - day.year))] if years else 0.0


def _before(island: Island, system: System) -> State:
    start = {called("battery", b.name): b.start_mwh for b in island.batteries}
    kept = {called("hydrogen_store", s.name): s.start_kg for s in island.hydrogen_stores}
    level = {b.name: number(start[b.name], b.energy_mwh / 2) for b in system.batteries}
    plugged = {called("ev", e.name): e.plugged for e in island.ev_fleets}
    level |= {e.name: e.energy_mwh * plugged[e.name][-1] / 2 for e in system.ev_fleets}
    level |= {
        s.name: s.energy_mwh / 2 if (kg := kept[s.name]) is None else float(kg) * MWH_PER_KG
        for s in system.hydrogen_stores
    }
    units = {called("thermal", u.name): u for u in island.thermal}
    links = {called("link", k.name): k.before for k in island.links}
    carried = {
        k.name: LinkState(way=was.way, idle_h=float(was.idle_h))
        for k in system.links
        if (was := links[k.name]) is not None
    }
    on = {u.name: before_of(units[u.name], u.min_mw) for u in system.thermal}
    return State(thermal=on, links=carried, level_mwh=level)


def _hydrogen_mw(island: Island) -> float:
    kg = sum(
        float(m.annual_kg)
        for site in island.sites
        for m in site.meters
        if m.carrier == "hydrogen" and m.direction == "consumption" and m.annual_kg is not None
    )
    return kg * MWH_PER_KG / HOURS_A_YEAR


def _noted(system: System, burns: Mapping[str, Burns], island: Island) -> Iterator[Assumed]:
    """List the assumptions that bear on this system."""
    priced = {f.name for f in island.fuels if f.krw_per_gj is not None}
    used = {b.fuel for b in burns.values()} - priced
    yield from (assumed.FUELS[name] for name in sorted(used))
    yield from (assumed.HELD, assumed.FLOOR_GIVES, assumed.MARGIN, assumed.LOST_LOAD, assumed.SHORT)
    if system.ev_fleets:
        yield from (assumed.EV_WAY, assumed.TRIP)
    if system.synchronous is not None:
        yield assumed.SUPPORT
    if system.matchings:
        yield assumed.SAME_WIND
    units = [u for u in island.thermal if called("thermal", u.name) in burns]
    if any(u.start_mw is None or u.stop_mw is None for u in units):
        yield assumed.EDGES
    if any(u.before is None for u in units):
        yield assumed.ALL_ON
    if system.links:
        yield assumed.IMPORT_CARBON
    if system.batteries or system.ev_fleets:
        yield assumed.WEAR
    if system.batteries or system.hydrogen_stores or system.ev_fleets:
        yield assumed.HALF_FULL
    if system.electrolysers:
        yield assumed.LOST_HYDROGEN
    stand_here = {p.name for p in system.electrolysers}
    waiting = [p for p in island.electrolysers if called("electrolyser", p.name) in stand_here]
    if any(starts(p) and p.standby is None for p in waiting):
        yield assumed.STANDBY
