"""The standard cases J1 and J2 of an island's dispatch: figures in MW and kKRW, hours of Jeju in 2023."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.daily import traffic
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.electrolyser import Electrolyser, Piece
from tamna.optimise.blocks.ev import EvFleet
from tamna.optimise.blocks.hydrogen import HydrogenStore
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.reserve import Reserve
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How

if TYPE_CHECKING:
    from pathlib import Path

WIND_MW, PV_MW = 420.0, 700.0
QUICK = How(gap=1e-3, presolve=False, heuristics=(), time_limit_s=60)
J1_OPTIMUM = 545_626_709.843
J2_COST = {7: 11_943_509.10, 14: 24_489_687.52}


@dataclass(frozen=True)
class Unit:
    """MW, kKRW/MWh, tCO2/MWh; then for J2 start cost and, over capacity: minimum, ramp, start and stop ramp."""

    name: str
    mw: float
    cost: float
    tco2: float
    start: float
    least: float
    ramp: float
    edge: float


UNITS = (
    Unit("bio1", 100, 150, 0.20, 5000, 0.4, 0.3, 0.4),
    Unit("bio2", 100, 155, 0.20, 5200, 0.4, 0.3, 0.4),
    Unit("cc160", 160, 118, 0.37, 9000, 0.4, 0.5, 0.5),
    Unit("cc120a", 120, 112, 0.37, 7000, 0.4, 0.5, 0.5),
    Unit("cc120b", 120, 114, 0.37, 7100, 0.4, 0.5, 0.5),
)
LINKS = {"hvdc1": (400.0, 150.0, 1.02, 0.88), "hvdc2": (200.0, 100.0, 1.03, 0.87)}
BATTERY, STORE = (140.0, 460.0, 0.95), 1666.5
ELECTROLYSER, HYDROGEN_MW = (30.0, 0.65), 10.0
LOST, LOST_HYDROGEN = 10_000.0, 500.0


def profiles(data: Path) -> dict[str, np.ndarray]:
    with (data / "cases" / "jeju_2023_profiles.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {k: np.array([float(r[k]) for r in rows]) for k in rows[0] if k != "hour_start_kst"}


def thermal(unit: Unit, *, commit: bool) -> Thermal:
    if not commit:
        return Thermal(name=unit.name, max_mw=unit.mw, cost_per_mwh=unit.cost, tco2_per_mwh=unit.tco2)
    return Thermal(
        name=unit.name, max_mw=unit.mw, min_mw=unit.least * unit.mw, cost_per_mwh=unit.cost, tco2_per_mwh=unit.tco2,
        starts=(Start(off_h=0, cost=unit.start),), min_up_h=6, min_down_h=6,
        ramp_up_mw_per_h=unit.ramp * unit.mw, ramp_down_mw_per_h=unit.ramp * unit.mw,
        start_mw=unit.edge * unit.mw, stop_mw=unit.edge * unit.mw,
    )  # fmt: skip


def system(*, commit: bool) -> System:
    power, energy, way = BATTERY
    return System(
        thermal=tuple(thermal(u, commit=commit) for u in UNITS),
        fleets=(Curtailable(name="wind"), Curtailable(name="pv")),
        links=tuple(
            Link(name=n, import_mw=most, export_mw=out, import_tco2_per_mwh=0.43)
            for n, (most, out, _i, _e) in LINKS.items()
        ),
        batteries=(
            Battery(name="battery", charge_mw=power, discharge_mw=power, energy_mwh=energy, charging=way, discharging=way),
        ),
        electrolysers=(
            Electrolyser(name="electrolyser", power_mw=ELECTROLYSER[0], pieces=(Piece(share=1, efficiency=ELECTROLYSER[1]),)),
        ),
        hydrogen_stores=(HydrogenStore(name="h2store", energy_mwh=STORE),),
        load_classes=(LoadClass(name="all", share=1, lost_per_mwh=LOST),),
        hydrogen_classes=(LoadClass(name="all", share=1, lost_per_mwh=LOST_HYDROGEN),),
    )  # fmt: skip


PLUGGED = (0.8,) * 6 + (0.7, 0.5) + (0.4,) * 9 + (0.5, 0.6, 0.7, 0.75) + (0.8,) * 3
"""Share of the EVs that is plugged in, by hour of the day."""
EV = EvFleet(
    name="ev", energy_mwh=2400, charge_mw=280, discharge_mw=40, charging=0.95, discharging=0.93, arriving_share=0.5,
    leaving_share=0.75, wear_per_mwh=30, missing_per_mwh=1000,
)  # fmt: skip
"""40,000 vehicles of 60 kWh at 7 kW, a seventh of the chargers giving back."""


def everything() -> System:
    """J2 with hydrogen plant that starts and waits, EVs, LCC links that take time to turn, and reserve both ways."""
    base = system(commit=True)
    return replace(
        base,
        links=tuple(
            replace(k, technology="lcc", poles=2, min_transfer=0.075, reversal_h=3) for k in base.links
        ),
        electrolysers=tuple(
            replace(p, min_load=0.15, standby=0.02, start_cost=50, ramp_mw_per_h=15)
            for p in base.electrolysers
        ),
        ev_fleets=(EV,),
        reserves=(
            Reserve(name="up", duration_h=1, response_h=1, short_per_mwh=500),
            Reserve(name="down", way="down", duration_h=1, response_h=1, short_per_mwh=100),
        ),
    )


def everything_hours(given: dict[str, np.ndarray]) -> Hours:
    base = hours(given)
    at = np.arange(base.steps.count) % 24
    plugged, arriving, leaving = traffic(np.array(PLUGGED), at)
    return replace(base, plugged={"ev": plugged}, arriving={"ev": arriving}, leaving={"ev": leaving})


def everything_state() -> State:
    """What `first_state` says, and the vehicles that are plugged in half full."""
    base = first_state()
    return replace(base, level_mwh=dict(base.level_mwh) | {"ev": EV.energy_mwh * PLUGGED[-1] / 2})


def hours(given: dict[str, np.ndarray]) -> Hours:
    price = given["mainland_smp_krw_per_kwh"]
    count = len(price)
    return Hours(
        steps=Steps(count=count),
        demand_mw=given["demand_mw"],
        hydrogen_mw=np.full(count, HYDROGEN_MW),
        potential_mw={"wind": WIND_MW * given["wind_cf"], "pv": PV_MW * given["pv_cf"]},
        import_price={n: price * i for n, (_m, _o, i, _e) in LINKS.items()},
        export_price={n: price * e for n, (_m, _o, _i, e) in LINKS.items()},
    )


def first_state() -> State:
    """All units off for 24 h, stores half full."""
    return State(
        thermal={u.name: ThermalState(on=False, hours=24) for u in UNITS},
        level_mwh={"battery": BATTERY[1] / 2, "h2store": STORE / 2},
    )
