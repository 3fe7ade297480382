"""One asset of a grid file at a time: as the optimiser takes it, in won and MW."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import TYPE_CHECKING

from tamna.errors import Mistake, Place
from tamna.grid.quantity import at_day
from tamna.lang import _
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.electrolyser import Electrolyser, Piece
from tamna.optimise.blocks.hydrogen import MWH_PER_KG, FuelCell, HydrogenStore
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.thermal_unit import Start, Thermal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tamna.grid import assets as grid
    from tamna.grid.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Burns:
    """What a unit burns: its fuel, and per MWh sent out the heat [GJ], the carbon [tCO2] and the cost [KRW]."""

    fuel: str
    gj_per_mwh: float
    tco2_per_mwh: float
    krw_per_mwh: float


def called(kind: str, name: str) -> str:
    """Name an asset in a dispatch: ``link:hvdc1``; a battery and a plant may share their name in the file."""
    return f"{kind}:{name}"


def number(figure: Figure | None, otherwise: float) -> float:
    """Give a figure's value, or `otherwise` where the file has none."""
    return otherwise if figure is None else float(figure)


def stands(asset: grid.Thing, day: date) -> bool:
    """Whether an asset is in service on a day: built, not retired, not merely planned."""
    begins, ends = getattr(asset, "commissioned", None), getattr(asset, "retired", None)
    built = getattr(asset, "status", "operating") == "operating"
    return built and (begins is None or begins <= day) and (ends is None or day < ends)


def unit_mistakes(unit: grid.ThermalUnit, krw_per_gj: float | None) -> Iterator[Mistake]:
    """Find what a unit lacks and nobody can assume."""
    lacking = []
    if unit.heat_rate_gj_per_mwh is None:
        lacking.append(f"thermal unit '{unit.name}', heat_rate_gj_per_mwh")
    if krw_per_gj is None:
        lacking.append(f"fuel '{unit.fuel}', krw_per_gj")
    for path in lacking:
        yield Mistake(
            what=_("the dispatch needs this figure, and the grid file has none"),
            where=Place(path=path),
            todo=_("Add it with its source, or as assumed: with a range."),
        )


def unit_of(unit: grid.ThermalUnit, day: date, burns: Burns) -> Thermal:
    """Make a unit: a figure that the file lacks sets no limit; its first and last hour on reach its ramp."""
    most = number(at_day(unit.capacity_mw, day), 0.0)
    least = most * number(unit.min_output, 0.0)
    up, down = (number(ramp, most) for ramp in (unit.ramp_up_mw_per_h, unit.ramp_down_mw_per_h))
    return Thermal(
        name=called("thermal", unit.name),
        max_mw=most,
        min_mw=least,
        cost_per_mwh=burns.krw_per_mwh,
        starts=(Start(off_h=0.0, cost=number(unit.start_cost_krw, 0.0)),),
        ramp_up_mw_per_h=up,
        ramp_down_mw_per_h=down,
        start_mw=max(least, min(up, most)),
        stop_mw=max(least, min(down, most)),
        min_up_h=number(unit.min_up_h, 0.0),
        min_down_h=number(unit.min_down_h, 0.0),
        tco2_per_mwh=burns.tco2_per_mwh,
    )


def carries(link: grid.Link, day: date) -> bool:
    """Whether a link is open in any direction on a day."""
    return stands(link, day) and any(
        number(at_day(way, day), 0.0) > 0.0 for way in (link.import_mw, link.export_mw)
    )


def link_of(link: grid.Link, day: date, tco2_per_mwh: float) -> Link:
    """Make a link, as it is operated: by its dated capacities, and no more than operation keeps to."""
    rated = number(at_day(link.import_mw, day), 0.0)
    return Link(
        name=called("link", link.name),
        import_mw=min(rated, number(link.operated_import_mw, rated)),
        export_mw=number(at_day(link.export_mw, day), 0.0),
        loss=float(link.loss),
        technology=link.technology,
        poles=round(number(link.poles, 1.0)),
        min_transfer=number(link.min_transfer, 0.0),
        reversal_h=number(link.reversal_h, 0.0),
        import_tco2_per_mwh=tco2_per_mwh,
        strength_ratio=number(link.strength_ratio, 0.0) if link.technology == "lcc" else 0.0,
    )


def battery_of(battery: grid.Battery, wear_per_mwh: float) -> Battery:
    """Make a battery: its round trip is lost in equal parts on the way in and out."""
    one_way = sqrt(float(battery.round_trip))
    return Battery(
        name=called("battery", battery.name),
        charge_mw=float(battery.power_mw),
        discharge_mw=float(battery.power_mw),
        energy_mwh=float(battery.energy_mwh),
        charging=one_way,
        discharging=one_way,
        wear_per_mwh=number(battery.wear_krw_per_mwh, wear_per_mwh),
        cycles_per_day=number(battery.cycles_per_day, inf),
    )


def plant_of(plant: grid.Electrolyser) -> Electrolyser:
    """Make an electrolyser: one efficiency, that of the whole plant, where the file has no curve."""
    pieces = [(float(p.share), float(p.kwh_per_kg)) for p in plant.curve] or [(1.0, float(plant.kwh_per_kg))]
    return Electrolyser(
        name=called("electrolyser", plant.name),
        power_mw=float(plant.power_mw),
        pieces=tuple(Piece(share=share, efficiency=1000.0 * MWH_PER_KG / use) for share, use in pieces),
        min_load=number(plant.min_load, 0.0),
        standby=number(plant.standby, 0.0),
        start_cost=number(plant.start_cost_krw, 0.0),
        start_h=number(plant.start_h, 0.0),
        ramp_mw_per_h=number(plant.ramp_mw_per_h, inf),
        wear_per_mwh=number(plant.wear_krw_per_mwh, 0.0),
        hydrogen_mw=number(plant.max_kg_per_day, inf) * MWH_PER_KG / 24.0,
    )


def store_of(store: grid.HydrogenStore) -> HydrogenStore:
    """Make a store of hydrogen."""
    return HydrogenStore(
        name=called("hydrogen_store", store.name),
        energy_mwh=float(store.capacity_kg) * MWH_PER_KG,
        flow_mw=number(store.flow_kg_per_h, inf) * MWH_PER_KG,
    )


def cell_of(cell: grid.FuelCell) -> FuelCell:
    """Make a fuel cell."""
    return FuelCell(
        name=called("fuel_cell", cell.name),
        power_mw=float(cell.power_mw),
        efficiency=float(cell.efficiency),
    )
