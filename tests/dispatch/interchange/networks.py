"""Islands that PyPSA can hold whole, and networks that PyPSA users draw, both from a seed; and PyPSA's own optimum."""

import logging
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd

from tamna.dispatch.build import build
from tamna.dispatch.interchange.case import Case
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.co2 import Co2
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.electrolyser import Electrolyser, ElectrolyserState, Piece
from tamna.optimise.blocks.hydrogen import FuelCell, HydrogenStore
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How, solve

SOLVER = {"output_flag": False, "threads": 1, "mip_rel_gap": 1e-9, "mip_abs_gap": 1e-9}


def optimum(network):
    """Give PyPSA's optimum, with the constant that it leaves out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            status, _condition = network.optimize(
                solver_name="highs", solver_options=SOLVER, log_to_console=False
            )
        finally:
            logging.disable(logging.NOTSET)
    assert status == "ok"
    return float(network.objective) + network.meta.get("tamna", {}).get("constant", 0.0)


def own_optimum(case):
    problem, _shares = build(case.system, case.hours, case.state)
    return solve(problem, How(gap=1e-9)).objective


def linear(seed, *, steps=12):
    """No whole numbers: ramps, outages, must-take, a link, two batteries, hydrogen, a class of load, CO2."""
    rng = np.random.default_rng(seed)
    h = float(rng.choice([1.0, 0.5, 0.25]))
    ramp = float(rng.choice([15.0, 40.0, np.inf]))
    units = (
        Thermal(name="steam", max_mw=90, cost_per_mwh=60, tco2_per_mwh=0.8, ramp_up_mw_per_h=ramp, ramp_down_mw_per_h=ramp),
        Thermal(name="gas", max_mw=70, cost_per_mwh=85, tco2_per_mwh=0.4),
    )  # fmt: skip
    wind, pv = rng.uniform(0, 120, steps), rng.uniform(0, 60, steps)
    price = rng.uniform(-20, 140, steps)
    system = System(
        thermal=units,
        fleets=(Curtailable(name="wind", curtailment_cost_per_mwh=float(rng.choice([0, 25]))), Curtailable(name="pv", cost_per_mwh=1.5)),
        links=(Link(name="cable", import_mw=40, export_mw=30, loss=0.03, import_tco2_per_mwh=0.45),),
        batteries=(
            Battery(name="cyclic", charge_mw=20, discharge_mw=25, energy_mwh=60, charging=0.9, discharging=0.95, wear_per_mwh=2.0),
            Battery(name="started", charge_mw=10, discharge_mw=10, energy_mwh=30, charging=0.92, discharging=0.92),
        ),
        electrolysers=(Electrolyser(name="plant", power_mw=15, pieces=(Piece(share=1.0, efficiency=0.65),), wear_per_mwh=3.0,
                                    ramp_mw_per_h=float(rng.choice([6.0, np.inf]))),),
        hydrogen_stores=(HydrogenStore(name="tank", energy_mwh=40),),
        fuel_cells=(FuelCell(name="cell", power_mw=4, efficiency=0.5),),
        load_classes=(LoadClass(name="loose", share=0.3, lost_per_mwh=400), LoadClass(name="firm", share=0.7, lost_per_mwh=5000)),
        hydrogen_classes=(LoadClass(name="all", share=1, lost_per_mwh=250),),
        co2=(None, Co2(price_per_t=40.0), Co2(price_per_t=5.0, cap_t=20.0 * steps * h))[rng.integers(3)],
    )  # fmt: skip
    hours = Hours(
        steps=Steps(count=steps, hours=h),
        demand_mw=rng.uniform(60, 220, steps),
        hydrogen_mw=rng.uniform(1, 8, steps),
        potential_mw={"wind": wind, "pv": pv},
        must_take_mw={"pv": 0.2 * pv},
        import_price={"cable": price + 8.0},
        export_price={"cable": price},
        available={"gas": np.where(rng.random(steps) < 0.2, 0.5, 1.0), "cable": np.where(rng.random(steps) < 0.2, 0.0, 1.0)},
    )  # fmt: skip
    state = State(
        thermal={"steam": ThermalState(on=True, mw=30.0)} if rng.random() < 0.5 else {},
        electrolysers={"plant": ElectrolyserState(mw=5.0)},
        level_mwh={"started": 12.0, "tank": 10.0},
    )
    return Case(system=system, hours=hours, state=state)


def committing(seed, *, steps=12):
    """The same island with units that are on or off, bound by what they were before."""
    rng = np.random.default_rng(seed + 1000)
    case = linear(seed, steps=steps)
    hours = replace(case.hours, steps=Steps(count=steps), available={}, demand_mw=case.hours.demand_mw)
    units, state = [], {}
    for name in ("one", "two", "three"):
        most = float(rng.integers(40, 110))
        least = round(0.4 * most, 3)
        ramp = float(rng.choice([0.3, 0.6])) * most
        edge = min(most, least + float(rng.choice([0.0, 0.2])) * most)
        up, down = (float(rng.integers(1, 6)) for _way in range(2))
        units.append(
            Thermal(name=name, max_mw=most, min_mw=least, cost_per_mwh=float(rng.integers(40, 110)), tco2_per_mwh=0.5,
                    starts=(Start(off_h=0, cost=float(rng.integers(200, 3000))),), on_cost_per_h=float(rng.choice([0, 120])),
                    ramp_up_mw_per_h=ramp, ramp_down_mw_per_h=ramp, start_mw=edge, stop_mw=edge, min_up_h=up, min_down_h=down)
        )  # fmt: skip
        on = bool(rng.integers(2))
        state[name] = ThermalState(on=on, hours=float(rng.integers(1, 7)), mw=edge if on else 0.0)
    units.append(
        Thermal(name="must", max_mw=30, min_mw=10, cost_per_mwh=70, must_run=True, on_cost_per_h=50.0)
    )
    state["must"] = ThermalState(on=True, mw=12.0)
    plant = replace(case.system.electrolysers[0], min_load=0.3, ramp_mw_per_h=np.inf)
    return Case(
        system=replace(case.system, thermal=tuple(units), electrolysers=(plant,)),
        hours=hours,
        state=replace(case.state, thermal=state, electrolysers={}),
    )


def drawn(seed, *, steps=12, commit=False):
    """A network as a PyPSA user draws it: trade as generators, a battery as bus, links and store, a two-way link."""
    import pypsa

    rng = np.random.default_rng(seed)
    n = pypsa.Network()
    n.set_snapshots(pd.date_range("2024-01-25", periods=steps, freq="h"))
    for bus, carrier in (("island", "AC"), ("cells", "battery"), ("gas", "H2"), ("abroad", "AC")):
        n.add("Bus", bus, carrier=carrier)
    for name, tco2 in (("AC", 0.0), ("battery", 0.0), ("H2", 0.0), ("wind", 0.0), ("lng", 0.2)):
        n.add("Carrier", name, co2_emissions=tco2)
    price = rng.uniform(20, 140, steps)
    n.add("Load", "town", bus="island", p_set=rng.uniform(60, 150, steps))
    n.add("Load", "farm", bus="island", p_set=20.0)
    n.add("Load", "buses", bus="gas", p_set=4.0)
    n.add("Generator", "turbines", bus="island", carrier="wind", p_nom=110, p_max_pu=rng.uniform(0, 1, steps))
    tied = {
        "committable": True, "p_min_pu": 0.4, "start_up_cost": 900.0, "min_up_time": 3, "min_down_time": 2,
        "ramp_limit_up": 0.4, "ramp_limit_down": 0.5, "ramp_limit_start_up": 0.6, "ramp_limit_shut_down": 0.6,
        "stand_by_cost": 30.0,
    } if commit else {"ramp_limit_up": 0.3}  # fmt: skip
    n.add(
        "Generator",
        "ccgt",
        bus="island",
        carrier="lng",
        efficiency=0.5,
        p_nom=100,
        marginal_cost=80.0,
        **tied,
    )
    n.add("Generator", "waste", bus="island", p_nom=12, p_min_pu=0.5, marginal_cost=20.0)
    n.add("Generator", "buy", bus="island", p_nom=30, marginal_cost=price + 15)
    n.add("Generator", "sell", bus="island", p_nom=20, p_min_pu=-1, p_max_pu=0, marginal_cost=price - 5)
    n.add("Generator", "grid", bus="abroad", p_nom=500, p_min_pu=-1, marginal_cost=price + 4)
    n.add("Link", "strait", bus0="abroad", bus1="island", p_nom=25, p_min_pu=-1)
    n.add("Link", "in", bus0="island", bus1="cells", p_nom=20, efficiency=0.9)
    n.add("Link", "out", bus0="cells", bus1="island", p_nom=22, efficiency=0.92, marginal_cost=1.0)
    n.add("Store", "rack", bus="cells", e_nom=60, e_initial=20)
    n.add(
        "StorageUnit",
        "pumped",
        bus="island",
        p_nom=15,
        max_hours=4,
        efficiency_store=0.85,
        cyclic_state_of_charge=True,
    )
    n.add("Link", "stack", bus0="island", bus1="gas", p_nom=15, efficiency=0.65)
    n.add("Store", "tank", bus="gas", e_nom=40, e_cyclic=True)
    n.add("Generator", "trucks", bus="gas", p_nom=10, marginal_cost=200.0)
    n.add("Generator", "shedding", bus="island", p_nom=500, marginal_cost=3000.0)
    if rng.random() < 0.5:
        n.add("GlobalConstraint", "limit", sense="<=", constant=15.0 * steps)
    return n
