"""One asset of a grid file at a time: as the optimiser takes it, in won and MW."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch import assumed
from tamna.errors import Mistake, Place
from tamna.grid.quantity import at_day
from tamna.lang import _
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.curve import quadratic
from tamna.optimise.blocks.electrolyser import Electrolyser, Piece
from tamna.optimise.blocks.hydrogen import MWH_PER_KG, FuelCell, HydrogenStore
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.thermal_unit import FOREVER_H, Segment, Start, Thermal, ThermalState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray

    from tamna.grid import assets as grid
    from tamna.grid.figure import Figure
    from tamna.grid.thermal import ThermalUnit

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Burns:
    """What a unit burns: its fuel, and per MWh sent out the heat [GJ], the carbon [tCO2] and the cost [KRW].

    Where heat does not simply grow with output, those are of its full output, and `points` tell the curve.

    Attributes
    ----------
    points
        Output and the heat of an hour there, from the lowest output to the highest; straight lines between. [MW, GJ/h]
    """

    fuel: str
    gj_per_mwh: float
    tco2_per_mwh: float
    krw_per_mwh: float
    points: tuple[tuple[float, float], ...] = ()

    @property
    def krw_per_gj(self) -> float:
        """Price of the fuel. [KRW/GJ]"""
        return self.krw_per_mwh / self.gj_per_mwh

    @property
    def tco2_per_gj(self) -> float:
        """Carbon of the fuel. [tCO2/GJ]"""
        return self.tco2_per_mwh / self.gj_per_mwh

    def heat_gj(self, power_mw: Floats, on: Bools, step_h: float) -> Floats:
        """Give the heat of a schedule, (steps,) [GJ]."""
        if not self.points:
            return np.asarray(step_h * self.gj_per_mwh * power_mw)
        mw, gj = zip(*self.points, strict=True)
        return np.where(on, step_h * np.interp(power_mw, mw, gj), 0.0)


HEAT_ERROR = 1e-3
"""A quadratic is cut into as few straight pieces as keep this part of the heat at full output. [-]"""


def heat_points(unit: ThermalUnit, day: date) -> tuple[tuple[float, float], ...]:
    """Give a unit's heat from its lowest to its highest output, [MW, GJ/h]; nothing where one rate holds for all of it.

    Raises
    ------
    InputError
        A quadratic that cannot be meant.
    """
    most = number(at_day(unit.capacity_mw, day), 0.0)
    least = most * number(unit.min_output, 0.0)
    if unit.heat_curve:
        at = np.array([float(p.share) * most for p in unit.heat_curve])
        heat = at * [float(p.gj_per_mwh) for p in unit.heat_curve]
        mw = np.concatenate([[least], at[at > least + 1e-9]])
        return tuple(zip(mw.tolist(), np.interp(mw, at, heat).tolist(), strict=True))
    if (bent := unit.heat_quadratic) is None:
        return ()
    a, b, c = float(bent.gj_per_h), float(bent.gj_per_mwh), float(bent.gj_per_mw2_h)
    curve = quadratic(
        unit.name, per_h=a, per_mwh=b, per_mw2_h=c, min_mw=least, max_mw=most,
        error_per_h=HEAT_ERROR * (a + b * most + c * most**2),
    )  # fmt: skip
    mw = least + np.cumsum([0.0, *(s.width_mw for s in curve.segments)])
    return tuple((float(p), a + b * float(p) + c * float(p) ** 2) for p in mw)


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


def unit_mistakes(unit: ThermalUnit, krw_per_gj: float | None) -> Iterator[Mistake]:
    """Find what a unit lacks and nobody can assume."""
    lacking = []
    if unit.heat_rate_gj_per_mwh is None and not unit.heat_curve and unit.heat_quadratic is None:
        lacking.append(f"thermal unit '{unit.name}', heat_rate_gj_per_mwh")
    if krw_per_gj is None:
        lacking.append(f"fuel '{unit.fuel}', krw_per_gj")
    for path in lacking:
        yield Mistake(
            what=_("the dispatch needs this figure, and the grid file has none"),
            where=Place(path=path),
            todo=_("Add it with its source, or as assumed: with a range."),
        )


def unit_of(unit: ThermalUnit, day: date, burns: Burns) -> Thermal:
    """Make a unit: a figure that the file lacks sets no limit; its first and last hour on reach its ramp."""
    most = number(at_day(unit.capacity_mw, day), 0.0)
    least = most * number(unit.min_output, 0.0)
    up, down = (number(ramp, most) for ramp in (unit.ramp_up_mw_per_h, unit.ramp_down_mw_per_h))
    return Thermal(
        name=called("thermal", unit.name),
        max_mw=most,
        min_mw=least,
        ramp_up_mw_per_h=up,
        ramp_down_mw_per_h=down,
        start_mw=max(least, min(number(unit.start_mw, up), most)),
        stop_mw=max(least, min(number(unit.stop_mw, down), most)),
        min_up_h=number(unit.min_up_h, 0.0),
        min_down_h=number(unit.min_down_h, 0.0),
        must_run=unit.must_run,
        starts=tuple(Start(off_h=float(s.off_h), cost=float(s.cost_krw)) for s in unit.starts)
        or (Start(off_h=0.0, cost=number(unit.start_cost_krw, 0.0)),),
        **_running(burns),
    )


def _running(burns: Burns) -> dict[str, Any]:
    """Give what output costs and emits: by MWh, or along the curve of heat."""
    if not burns.points:
        return {"cost_per_mwh": burns.krw_per_mwh, "tco2_per_mwh": burns.tco2_per_mwh}
    (_least, at_least), krw, tco2 = burns.points[0], burns.krw_per_gj, burns.tco2_per_gj
    slopes = [(b[0] - a[0], (b[1] - a[1]) / (b[0] - a[0])) for a, b in pairwise(burns.points)]
    most_mw, at_most = burns.points[-1]
    return {
        "cost_per_mwh": krw
        * (at_most - at_least)
        / most_mw,  # for who has no word for a curve: right at full output
        "on_cost_per_h": krw * at_least,
        "on_tco2_per_h": tco2 * at_least,
        "segments": tuple(
            Segment(width_mw=width, cost_per_mwh=krw * slope, tco2_per_mwh=tco2 * slope)
            for width, slope in slopes
        ),
    }


def before_of(unit: ThermalUnit, least_mw: float) -> ThermalState:
    """Give what a unit was before the first hour: what the file says, else on for long, at its lowest output."""
    was = unit.before
    if was is None:
        return ThermalState(on=True, mw=least_mw)
    return ThermalState(
        on=was.on,
        hours=number(was.hours, FOREVER_H),
        mw=number(was.mw, least_mw) if was.on else 0.0,
    )


def carries(link: grid.Link, day: date) -> bool:
    """Whether a link is open in any direction on a day."""
    return stands(link, day) and any(
        number(at_day(way, day), 0.0) > 0.0 for way in (link.import_mw, link.export_mw)
    )


def link_of(link: grid.Link, day: date, tco2_per_mwh: float) -> Link:
    """Make a link, as it is operated: by its dated capacities, and no more than operation keeps to.

    The least flow of a pole is a part of its rating, whatever operation keeps to and whichever way it carries.
    """
    rated, poles = number(at_day(link.import_mw, day), 0.0), round(number(link.poles, 1.0))
    kept, back = min(rated, number(link.operated_import_mw, rated)), number(at_day(link.export_mw, day), 0.0)
    least = number(link.min_transfer, 0.0) * number(link.pole_mw, max(rated, back) / max(poles, 1)) * poles
    return Link(
        name=called("link", link.name),
        import_mw=kept,
        export_mw=back,
        loss=float(link.loss),
        technology=link.technology,
        poles=poles,
        min_transfer=min(1.0, least / kept) if kept else 0.0,
        min_export_transfer=min(1.0, least / back) if back else 0.0,
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


def starts(plant: grid.Electrolyser) -> bool:
    """Whether a cold start of a plant takes money or time, so that waiting warm is worth something."""
    return number(plant.start_cost_krw, 0.0) > 0.0 or number(plant.start_h, 0.0) > 0.0


def plant_of(plant: grid.Electrolyser) -> Electrolyser:
    """Make an electrolyser: one efficiency, that of the whole plant, where the file has no curve."""
    pieces = [(float(p.share), float(p.kwh_per_kg)) for p in plant.curve] or [(1.0, float(plant.kwh_per_kg))]
    return Electrolyser(
        name=called("electrolyser", plant.name),
        power_mw=float(plant.power_mw),
        pieces=tuple(Piece(share=share, efficiency=1000.0 * MWH_PER_KG / use) for share, use in pieces),
        min_load=number(plant.min_load, 0.0),
        standby=number(plant.standby, assumed.STANDBY.value if starts(plant) else 0.0),
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
