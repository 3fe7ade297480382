"""What a bit more would be worth near starts and stops and where reserve binds, held against solving again."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.making import EVERYTHING
from tamna.dispatch.rolling import roll
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.worth import worths
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.reserve import Reserve
from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
from tamna.optimise.problem import Steps

A_LITTLE = 1e-3
BASE = Thermal(name="base", max_mw=90, min_mw=10, cost_per_mwh=50, ramp_up_mw_per_h=20, ramp_down_mw_per_h=90)
SLOW = Thermal(
    name="slow", max_mw=100, min_mw=20, cost_per_mwh=80, min_up_h=4, ramp_up_mw_per_h=30, ramp_down_mw_per_h=30,
    start_mw=30, stop_mw=30, must_run=False,
)  # fmt: skip
OIL = Thermal(name="oil", max_mw=300, cost_per_mwh=300)
OFF = State(thermal={"base": ThermalState(on=True, hours=9, mw=60), "slow": ThermalState(on=False, hours=9)})


def hours_of(demand, **more):
    return Hours(steps=Steps(count=len(demand)), demand_mw=np.array(demand, dtype=float), **more)


def saved_and_told(system, hours, state, thing, bigger):
    count = hours.steps.count

    def cost(of):
        return roll(of, hours, state, window_h=count, step_h=count).windows[0].found.objective

    rolled = roll(system, hours, state, window_h=count, step_h=count)
    priced = {(w.name, w.figure): w.total for w in worths(system, hours, rolled, count)}
    return (cost(system) - cost(replace(system, **bigger))) / A_LITTLE, priced.get(thing, 0.0)


STARTING = System(thermal=(BASE, SLOW, OIL), load_classes=EVERYTHING)
RISING = hours_of([95, 180, 185, 187, 150, 95])


@pytest.mark.parametrize(
    ("thing", "unit"),
    [
        (("slow", "capacity"), replace(SLOW, max_mw=100 + A_LITTLE)),
        (("slow", "edge"), replace(SLOW, start_mw=30 + A_LITTLE, stop_mw=30 + A_LITTLE)),
        (("base", "capacity"), None),
    ],
)
def test_what_a_start_holds_back_is_not_told_as_missing_capacity(thing, unit):
    """Slow gives 30 MW at most in its first hour: more capacity would not help there, a better start would."""
    thermal = (BASE, unit, OIL) if unit else (replace(BASE, max_mw=90 + A_LITTLE), SLOW, OIL)
    saved, told = saved_and_told(STARTING, RISING, OFF, thing, {"thermal": thermal})
    assert told == pytest.approx(saved, rel=1e-3, abs=0.5)


READY = Reserve(name="ready", short_per_mwh=500, providers=("base", "battery", "cable"), largest=False)
FAST = Reserve(name="ready", short_per_mwh=500, providers=("base",), largest=False, response_h=0.25)
CABLE = Link(name="cable", import_mw=20, export_mw=0, loss=0.1)
BATTERY = Battery(name="battery", charge_mw=5, discharge_mw=5, energy_mwh=100, charging=1.0, discharging=1.0)
HELD = System(
    thermal=(replace(BASE, ramp_up_mw_per_h=90), OIL), links=(CABLE,), batteries=(BATTERY,), reserves=(READY,),
    load_classes=EVERYTHING,
)  # fmt: skip
PRICES = {"import_price": {"cable": np.full(2, 20.0)}, "export_price": {"cable": np.zeros(2)}}
WANTED = hours_of([90, 92], reserve_mw={"ready": np.full(2, 60.0)}, **PRICES)
FULL = State(thermal={"base": ThermalState(on=True, hours=9, mw=60)}, level_mwh={"battery": 50.0})


@pytest.mark.parametrize(
    ("thing", "bigger"),
    [
        (("base", "capacity"), {"thermal": (replace(BASE, ramp_up_mw_per_h=90, max_mw=90 + A_LITTLE), OIL)}),
        (("cable", "import"), {"links": (replace(CABLE, import_mw=20 + A_LITTLE),)}),
        (
            ("battery", "power"),
            {"batteries": (replace(BATTERY, charge_mw=5 + A_LITTLE, discharge_mw=5 + A_LITTLE),)},
        ),
    ],
)
def test_a_mw_that_would_hold_reserve_is_worth_what_the_reserve_is(thing, bigger):
    saved, told = saved_and_told(HELD, WANTED, FULL, thing, bigger)
    assert saved > 1.0
    assert told == pytest.approx(saved, rel=1e-3, abs=0.5)


def test_reserve_that_must_come_quickly_is_held_back_by_the_ramp():
    """Within a quarter of an hour base rises by 5 MW; each MW/h more of ramp is a quarter of a MW more at 500."""
    system = System(thermal=(BASE, OIL), reserves=(FAST,), load_classes=EVERYTHING)
    hours = hours_of([60, 60], reserve_mw={"ready": np.full(2, 30.0)})
    faster = (replace(BASE, ramp_up_mw_per_h=20 + A_LITTLE), OIL)
    state = State(thermal=FULL.thermal)
    saved, told = saved_and_told(system, hours, state, ("base", "ramp_up"), {"thermal": faster})
    assert saved == pytest.approx(2 * 500 / 4, rel=1e-3)
    assert told == pytest.approx(saved, rel=1e-3)
