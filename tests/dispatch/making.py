"""Small islands for the tests: one drawn from a seed, with everything on it."""

from dataclasses import replace

import numpy as np

from tamna.dispatch.answer import schedule
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.rolling import roll
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.co2 import Co2
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.day import Clock
from tamna.optimise.blocks.demand import Load, LoadClass
from tamna.optimise.blocks.electrolyser import Electrolyser, Piece
from tamna.optimise.blocks.ev import EvFleet
from tamna.optimise.blocks.hydrogen import FuelCell, HydrogenStore
from tamna.optimise.blocks.interruptible import Interruptible
from tamna.optimise.blocks.link import Link, LinkState
from tamna.optimise.blocks.matching import Matching
from tamna.optimise.blocks.reserve import Reserve
from tamna.optimise.blocks.shiftable import Shiftable
from tamna.optimise.blocks.synchronous import Condenser, Machine, Synchronous
from tamna.optimise.blocks.thermal_unit import Segment, Start, Thermal, ThermalState
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How, settled, solve

EVERYTHING = (LoadClass(name="all", share=1, lost_per_mwh=2000),)


def any_unit(rng, name):
    most = float(rng.integers(40, 120))
    least = round(most * rng.choice([0, 0.3, 0.5]))
    width = (most - least) / 2
    curve = tuple(Segment(width_mw=width, cost_per_mwh=float(c)) for c in sorted(rng.integers(40, 90, 2)))
    starts = ((), (Start(off_h=0, cost=900),), (Start(off_h=0, cost=300), Start(off_h=4, cost=1500)))[
        rng.integers(3)
    ]
    edge = max(least, most * float(rng.choice([0.5, 0.7, 1.0])))
    return Thermal(
        name=name, max_mw=most, min_mw=float(least), cost_per_mwh=float(rng.integers(40, 90)),
        segments=curve if rng.random() < 0.5 else (), on_cost_per_h=float(rng.choice([0, 200])), starts=starts,
        min_up_h=float(rng.integers(0, 6)), min_down_h=float(rng.integers(0, 6)),
        ramp_up_mw_per_h=most * float(rng.choice([0.2, 0.5, 9])), ramp_down_mw_per_h=most * float(rng.choice([0.25, 0.5, 9])),
        start_mw=edge if rng.random() < 0.7 else None, stop_mw=edge if rng.random() < 0.7 else None,
    )  # fmt: skip


def any_island(seed, *, steps=30, hours=1.0):
    """Two units, wind, an LCC and a VSC link, a battery and a hydrogen chain; prices that make links turn."""
    rng = np.random.default_rng(seed)
    lcc = Link(
        name="lcc", import_mw=80, export_mw=60, loss=0.03, technology="lcc", poles=2, min_transfer=0.2,
        reversal_h=float(rng.integers(0, 4)),
    )  # fmt: skip
    system = System(
        thermal=(any_unit(rng, "one"), any_unit(rng, "two")),
        fleets=(Curtailable(name="wind", curtailment_cost_per_mwh=float(rng.choice([0, 20]))),),
        links=(lcc, Link(name="vsc", import_mw=30, export_mw=30, loss=0.02)),
        batteries=(Battery(name="battery", charge_mw=20, discharge_mw=25, energy_mwh=60, charging=0.9, discharging=0.95),),
        electrolysers=(
            Electrolyser(
                name="plant", power_mw=10, min_load=0.3, standby=0.05, start_cost=40, ramp_mw_per_h=6,
                pieces=(Piece(share=0.6, efficiency=0.7), Piece(share=0.4, efficiency=0.6)),
            ),
        ),
        hydrogen_stores=(HydrogenStore(name="tank", energy_mwh=40, flow_mw=8),),
        fuel_cells=(FuelCell(name="cell", power_mw=3, efficiency=0.5),),
        load_classes=EVERYTHING,
        hydrogen_classes=(LoadClass(name="all", share=1, lost_per_mwh=300),),
        reserves=(
            Reserve(name="up", short_per_mwh=60, response_h=0.5),
            Reserve(name="down", way="down", short_per_mwh=40, duration_h=0.5),
        )
        if rng.random() < 0.5
        else (),
        exclusive=True,
    )  # fmt: skip
    price = rng.uniform(10, 110, steps).round(2)
    given = Hours(
        steps=Steps(count=steps, hours=hours),
        demand_mw=rng.uniform(20, 200, steps).round(2),
        hydrogen_mw=np.full(steps, 2.0),
        potential_mw={"wind": rng.uniform(0, 180, steps).round(2)},
        import_price={"lcc": price, "vsc": price + 5},
        export_price={"lcc": 0.9 * price, "vsc": 0.9 * price},
        available={"one": np.where(rng.random(steps) < 0.05, 0.0, 1.0)} if rng.random() < 0.3 else {},
    )
    return system, given, any_state(rng, system)


def any_rich_island(seed, *, steps=30, hours=1.0):
    """What `any_island` has, and what a draw adds: EVs, loads that move or are cut, condensers, contracts, a cap on CO2."""
    system, given, state = any_island(seed, steps=steps, hours=hours)
    rng = np.random.default_rng([seed, 1])
    elapsed = float(rng.integers(0, 48))
    plugged, arriving, leaving = any_traffic(rng, steps)
    loads = {
        "works": rng.uniform(5, 20, steps).round(2), "pumps": rng.uniform(2, 12, steps).round(2),
        "ferry": rng.uniform(0, 6, steps).round(2), "trucks": rng.uniform(0, 3, steps).round(2),
        "green": rng.uniform(0, 10, steps).round(2),
    }  # fmt: skip
    ev = EvFleet(
        name="ev", energy_mwh=40, charge_mw=12, discharge_mw=float(rng.choice([0, 8])), charging=0.9, discharging=0.9,
        arriving_share=0.4, leaving_share=0.8, wear_per_mwh=5, missing_per_mwh=500,
    )  # fmt: skip
    units = tuple(
        Machine(name=u.name, strength_mva=2 * u.max_mw, inertia_mws=3 * u.max_mw) for u in system.thermal
    )
    turning = Machine(name="condenser", strength_mva=90, inertia_mws=100)
    own = rng.random() < 0.5 or not system.thermal[0].commits
    drawn = {
        "ev_fleets": (ev,),
        "shiftable": (Shiftable(name="pumps", most_mw=18, span_h=float(rng.choice([6, 24])), most_ahead_mwh=30,
                                moved_per_mwh=3, lost_per_mwh=800),),
        "interruptible": (Interruptible(name="works", most_mw=20, cut_per_mwh=90, hours_per_day=4, lost_per_mwh=900,
                                        times_per_day=float(rng.choice([1, 2]))),),
        "loads": (Load(name="ferry", classes=(LoadClass(name="all", share=1, lost_per_mwh=5000),)),
                  Load(name="trucks", bus="hydrogen", classes=(LoadClass(name="all", share=1, lost_per_mwh=400),))),
        "condensers": (Condenser(name="condenser", loss_mw=2, start_cost=30, of=None if own else "one"),),
        "synchronous": Synchronous(machines=(*units, turning), short_per_mva_h=20, short_per_mws_h=20),
        "matchings": (Matching(name="green", supply={"wind": 0.4}, loads=("ferry", "ev"), share=0.8, short_per_mwh=50),),
        "co2": Co2(price_per_t=float(rng.choice([0, 20])), cap_t=float(rng.choice([700, 1500])) * steps * hours / 24),
    }  # fmt: skip
    battery = replace(system.batteries[0], cycles_per_day=float(rng.choice([0.5, 1])), wear_per_mwh=3)
    plant = replace(
        system.electrolysers[0], start_h=float(rng.choice([0, 2])), hydrogen_mw=5.5, wear_per_mwh=2
    )
    kept = {k: v for k, v in drawn.items() if k in {"synchronous", "condensers"} or rng.random() < 0.7}
    if "ev_fleets" not in kept or "loads" not in kept:
        kept.pop("matchings", None)
    again = Reserve(name="slow", short_per_mwh=30, duration_h=2, largest=False)
    system = replace(
        system,
        thermal=tuple(replace(u, tco2_per_mwh=0.4) for u in system.thermal),
        links=(replace(system.links[0], strength_ratio=2.0, import_tco2_per_mwh=0.4), *system.links[1:]),
        batteries=(battery,),
        electrolysers=(plant,),
        reserves=(*system.reserves, again) if system.reserves else (),
        **kept,
    )
    named = (*system.shiftable, *system.interruptible, *system.loads, *system.matchings)
    with_ev = bool(system.ev_fleets)
    given = replace(
        given, load_mw={a.name: loads[a.name] for a in named}, plugged={"ev": plugged} if with_ev else {},
        arriving={"ev": arriving} if with_ev else {}, leaving={"ev": leaving} if with_ev else {},
        strength_mva=np.full(steps, 100.0), inertia_mws=np.full(steps, 150.0),
        reserve_mw={"slow": np.full(steps, 15.0)} if system.reserves else {},
    )  # fmt: skip
    level = dict(state.level_mwh) | ({"ev": 20.0 * plugged[0]} if with_ev else {})
    jump = (elapsed + hours * int(rng.integers(1, steps)), float(rng.choice([-1, 0, 1])))
    return system, given, replace(state, level_mwh=level, clock=Clock(elapsed_h=elapsed, jumps=(jump,)))


def any_traffic(rng, steps):
    """Draw who is plugged in, who came and who left in each step."""
    plugged = np.empty(steps)
    arriving, leaving = rng.uniform(0, 0.3, steps), rng.uniform(0, 0.3, steps)
    inside = 0.6
    for step in range(steps):
        leaving[step] = min(leaving[step], inside)
        arriving[step] = min(arriving[step], 1 - inside + leaving[step])
        inside += arriving[step] - leaving[step]
        plugged[step] = inside
    return plugged, arriving, leaving


def any_state(rng, system):
    units = {}
    for u in system.thermal:
        on = bool(rng.integers(2))
        units[u.name] = ThermalState(
            on=on, hours=float(rng.integers(1, 8)), mw=max(u.min_mw, 1.0) if on else 0.0
        )
    way = ("import", "export", None)[rng.integers(3)]
    return State(
        thermal=units,
        links={"lcc": LinkState(way=way, idle_h=float(rng.integers(0, 3)))},
        level_mwh={"battery": 30.0, "tank": 20.0},
    )


QUICK = How(gap=5e-2, time_limit_s=5)
"""Rules are kept whatever the gap."""


def decided(system, hours, state, how=QUICK):
    """Solve an island whole, and give its schedule."""
    problem, shares = build(system, hours, state)
    return schedule(problem, shares, settled(problem, solve(problem, how)))


def broken_rules(system, hours, state, *, window_h=None, step_h=None):
    """Tell which rules an island's schedule breaks: solved whole, or window by window."""
    if window_h is None:
        done = decided(system, hours, state)
    else:
        done = roll(system, hours, state, window_h=window_h, step_h=step_h, how=QUICK).done
    return [str(b) for b in broken(system, hours, done, state)]
