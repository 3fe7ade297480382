"""EV fleets, named loads, hydrogen users, condensers and contracts of a grid file, as the optimiser takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.dispatch import assumed
from tamna.dispatch.assets import called, number, stands
from tamna.grid.quantity import at_day
from tamna.optimise.blocks.demand import Load, LoadClass
from tamna.optimise.blocks.ev import EvFleet
from tamna.optimise.blocks.hydrogen import MWH_PER_KG
from tamna.optimise.blocks.interruptible import Interruptible
from tamna.optimise.blocks.matching import Matching
from tamna.optimise.blocks.reserve import Reserve
from tamna.optimise.blocks.shiftable import Shiftable
from tamna.optimise.blocks.synchronous import Condenser, Machine, Synchronous
from tamna.optimise.share import HYDROGEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from tamna.grid import flexible as grid
    from tamna.grid import needs
    from tamna.grid.model import Island

INF = float("inf")
ALL = "all"


def ev_of(fleet: grid.EvFleet, day: date) -> EvFleet:
    """Make an EV fleet; a way of charging that the file does not know loses what is assumed."""
    back = None if fleet.discharge_mw is None else at_day(fleet.discharge_mw, day)
    return EvFleet(
        name=called("ev", fleet.name),
        energy_mwh=number(at_day(fleet.energy_mwh, day), 0.0),
        charge_mw=number(at_day(fleet.charge_mw, day), 0.0),
        discharge_mw=number(back, 0.0),
        charging=number(fleet.charging, assumed.EV_WAY.value),
        discharging=number(fleet.discharging, assumed.EV_WAY.value),
        arriving_share=float(fleet.arriving_share),
        leaving_share=float(fleet.leaving_share),
        wear_per_mwh=number(fleet.wear_krw_per_mwh, assumed.WEAR.value),
        missing_per_mwh=number(fleet.missing_krw_per_mwh, assumed.TRIP.value),
    )


def usual_mw(load: grid.NamedLoad, day: date) -> tuple[float, ...]:
    """Give a load as it would be, by hour of the day, (24,) [MW]."""
    most = number(at_day(load.load_mw, day), 0.0)
    return tuple(most * share for share in load.hourly)


def hydrogen_mw(user: grid.HydrogenUser, day: date) -> tuple[float, ...]:
    """Give what a user takes by hour of the day, on the lower heating value, (24,) [MW]."""
    daily = number(at_day(user.kg_per_day, day), 0.0) * MWH_PER_KG
    total = sum(user.hourly)
    return tuple(daily * share / total if total else 0.0 for share in user.hourly)


def shiftable_of(load: grid.NamedLoad, day: date) -> Shiftable:
    """Make a load that can be moved: without limits of its own between nothing and twice its largest hour."""
    return Shiftable(
        name=called("load", load.name),
        most_mw=number(load.most_mw, 2.0 * max(usual_mw(load, day))),
        least_mw=number(load.least_mw, 0.0),
        span_h=number(load.span_h, 24.0),
        most_ahead_mwh=number(load.most_ahead_mwh, INF),
        moved_per_mwh=number(load.moved_krw_per_mwh, 0.0),
        lost_per_mwh=number(load.lost_krw_per_mwh, assumed.LOST_LOAD.value),
    )


def interruptible_of(load: grid.NamedLoad, day: date) -> Interruptible:
    """Make a load that can be cut."""
    return Interruptible(
        name=called("load", load.name),
        most_mw=max(usual_mw(load, day)),
        cut_per_mwh=number(load.cut_krw_per_mwh, 0.0),
        hours_per_day=number(load.hours_per_day, INF),
        times_per_day=number(load.times_per_day, INF),
        lost_per_mwh=number(load.lost_krw_per_mwh, assumed.LOST_LOAD.value),
    )


def firm_of(load: grid.NamedLoad) -> Load:
    """Make a load that is served, or lost at its own value."""
    value = number(load.lost_krw_per_mwh, assumed.LOST_LOAD.value)
    return Load(name=called("load", load.name), classes=(LoadClass(name=ALL, share=1.0, lost_per_mwh=value),))


def user_of(user: grid.HydrogenUser) -> Load:
    """Make a user of hydrogen."""
    per_kg = number(user.lost_krw_per_kg, assumed.LOST_HYDROGEN.value)
    return Load(
        name=called("hydrogen", user.name),
        bus=HYDROGEN,
        classes=(LoadClass(name=ALL, share=1.0, lost_per_mwh=per_kg / MWH_PER_KG),),
    )


def condensers_of(island: Island, day: date) -> Iterator[tuple[Condenser, Machine]]:
    """Give condensers of their own, and units that can run as one."""
    for c in island.condensers:
        if stands(c, day):
            name = called("condenser", c.name)
            yield (
                Condenser(name=name, loss_mw=float(c.loss_mw), start_cost=number(c.start_cost_krw, 0.0)),
                Machine(name=name, strength_mva=float(c.strength_mva), inertia_mws=float(c.inertia_mws)),
            )
    for u in island.thermal:
        if u.condenser and stands(u, day) and u.condenser_loss_mw is not None:
            name = called("condenser", u.name)
            yield (
                Condenser(name=name, loss_mw=float(u.condenser_loss_mw), of=called("thermal", u.name)),
                Machine(name=name, **_support(u.strength_mva, u.inertia_mws)),
            )


def _support(strength: object, inertia: object) -> dict[str, float]:
    return {"strength_mva": number(strength, 0.0), "inertia_mws": number(inertia, 0.0)}  # type: ignore[arg-type]


def synchronous_of(island: Island, day: date, machines: tuple[Machine, ...]) -> Synchronous | None:
    """Make the requirement, where the file has one or a link needs a strong grid."""
    need, links = (
        island.synchronous,
        [k for k in island.links if stands(k, day) and k.strength_ratio is not None],
    )
    if need is None and not links:
        return None
    units = tuple(
        Machine(name=called("thermal", u.name), **_support(u.strength_mva, u.inertia_mws))
        for u in island.thermal
        if stands(u, day) and (u.strength_mva is not None or u.inertia_mws is not None)
    )
    mva = None if need is None else need.short_krw_per_mva_h
    mws = None if need is None else need.short_krw_per_mws_h
    return Synchronous(
        machines=(*units, *machines),
        short_per_mva_h=number(mva, assumed.SUPPORT.value),
        short_per_mws_h=number(mws, assumed.SUPPORT.value),
    )


def reserve_of(product: needs.ReserveProduct) -> Reserve:
    """Make a product of reserve."""
    return Reserve(
        name=called("reserve", product.name),
        way=product.way,
        duration_h=float(product.duration_h),
        response_h=float(product.response_h),
        short_per_mwh=number(product.short_krw_per_mwh, assumed.SHORT.value),
        providers=product.providers or None,
        largest=product.largest,
    )


def contracts_of(island: Island, day: date, fleets: Mapping[str, str]) -> tuple[Matching, ...]:
    """Make contracts: a fleet of the file is the part of the dispatch's fleet of its kind that its capacity is.

    Parameters
    ----------
    fleets
        By kind, ``wind`` or ``pv``, the fleet of a dispatch that holds all that the market meters.
    """
    return tuple(
        Matching(
            name=called("contract", c.name),
            supply=_supply(island, day, c, fleets),
            loads=c.loads,
            share=number(c.share, 1.0),
            short_per_mwh=number(c.short_krw_per_mwh, INF),
        )
        for c in island.contracts
    )


def _supply(
    island: Island, day: date, contract: grid.Contract, fleets: Mapping[str, str]
) -> dict[str, float]:
    out: dict[str, float] = {}
    for fleet in island.fleets:
        if fleet.name in contract.supply and fleet.kind in fleets:
            all_mw = island.capacity_mw(fleet.kind, day, "market")
            part = number(fleet.capacity_at(day), 0.0) / all_mw if all_mw else 0.0
            name = fleets[fleet.kind]
            out[name] = out.get(name, 0.0) + part * float(contract.supply[fleet.name])
    return out
