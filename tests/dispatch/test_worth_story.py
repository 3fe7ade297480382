"""What one more MW would have been worth, held against solving again with it; and an hour told in sentences."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.making import EVERYTHING
from tamna.dispatch.rolling import roll
from tamna.dispatch.story import limits, told
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.why import reasons
from tamna.dispatch.worth import worths
from tamna.lang import speaking
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.problem import Steps

GAS = Thermal(
    name="gas", max_mw=80, min_mw=30, cost_per_mwh=100, starts=(Start(off_h=0, cost=500),), min_up_h=9, ramp_up_mw_per_h=25, ramp_down_mw_per_h=40
)  # fmt: skip
OIL = Thermal(name="oil", max_mw=100, cost_per_mwh=300)
CABLE = Link(name="cable", import_mw=20, export_mw=10, loss=0.1)
BATTERY = Battery(name="battery", charge_mw=15, discharge_mw=15, energy_mwh=30, charging=0.9, discharging=0.9)
WIND = Curtailable(name="wind", curtailment_cost_per_mwh=50)
SYSTEM = System(
    thermal=(GAS, OIL), fleets=(WIND,), links=(CABLE,), batteries=(BATTERY,), load_classes=EVERYTHING
)
STATE = State(thermal={"gas": ThermalState(on=True, hours=1, mw=30)}, level_mwh={"battery": 0.0})
HOURS = Hours(
    steps=Steps(count=6, labels=tuple(f"0{h}:00" for h in range(6))),
    demand_mw=np.array([60.0, 40, 60, 120, 160, 90]),
    potential_mw={"wind": np.array([30.0, 70, 90, 20, 10, 5])},
    import_price={"cable": np.full(6, 150.0)},
    export_price={"cable": np.full(6, 20.0)},
)  # fmt: skip


def cost(system, hours=HOURS):
    return roll(system, hours, STATE, window_h=6, step_h=6).windows[0].found.objective


def found():
    rolled = roll(SYSTEM, HOURS, STATE, window_h=6, step_h=6)
    return rolled, {(w.name, w.figure): w for w in worths(SYSTEM, HOURS, rolled, 6)}


A_LITTLE = 1e-3
BIGGER = {
    ("gas", "capacity"): {"thermal": (replace(GAS, max_mw=80 + A_LITTLE), OIL)},
    ("gas", "least"): {"thermal": (replace(GAS, min_mw=30 - A_LITTLE), OIL)},
    ("gas", "ramp_up"): {"thermal": (replace(GAS, ramp_up_mw_per_h=25 + A_LITTLE), OIL)},
    ("cable", "import"): {"links": (replace(CABLE, import_mw=20 + A_LITTLE),)},
    ("cable", "export"): {"links": (replace(CABLE, export_mw=10 + A_LITTLE),)},
    ("battery", "power"): {"batteries": (replace(BATTERY, charge_mw=15 + A_LITTLE, discharge_mw=15 + A_LITTLE),)},
    ("battery", "energy"): {"batteries": (replace(BATTERY, energy_mwh=30 + A_LITTLE),)},
}  # fmt: skip


@pytest.mark.parametrize("thing", BIGGER)
def test_what_a_bit_more_would_be_worth_is_what_it_saves_when_solved_again(thing):
    """The derivative against the difference: one side of a kink at most (degenerate limits) may be less."""
    _rolled, priced = found()
    saved = (cost(SYSTEM) - cost(replace(SYSTEM, **BIGGER[thing]))) / A_LITTLE
    told_worth = priced[thing].total if thing in priced else 0.0
    assert told_worth == pytest.approx(saved, rel=1e-3, abs=0.5)


def test_a_bit_more_wind_is_worth_what_it_saves_where_it_is_not_held_back():
    _rolled, priced = found()
    wind = priced["wind", "weather"].saves
    for step in range(6):
        more = HOURS.potential_mw["wind"].copy()
        more[step] += A_LITTLE
        saved = (cost(SYSTEM) - cost(SYSTEM, replace(HOURS, potential_mw={"wind": more}))) / A_LITTLE
        assert wind[step] == pytest.approx(max(saved, 0.0), rel=1e-3, abs=0.5)


def test_by_hand_a_full_cable_and_a_dear_unit():
    """100 MW of demand, the cable's 20 MW at 50, oil at 300 for the rest: a MW more of import saves 250 in each hour."""
    system = System(thermal=(OIL,), links=(replace(CABLE, loss=0.0, export_mw=0),), load_classes=EVERYTHING)
    hours = Hours(
        steps=Steps(count=2), demand_mw=np.full(2, 100.0), import_price={"cable": np.full(2, 50.0)},
        export_price={"cable": np.zeros(2)},
    )  # fmt: skip
    rolled = roll(system, hours, State())
    (only,) = worths(system, hours, rolled)
    assert (only.name, only.figure, only.bound) == ("cable", "import", 2)
    assert only.saves == pytest.approx([250, 250])
    assert str(only.thing) == "a MW more of import over 'cable'"


def test_the_hours_are_told_in_sentences():
    """Second hour: 40 MW of demand, gas cannot go below 30, wind could give 70: what stores and cable leave is held back."""
    rolled, priced = found()
    why = reasons(SYSTEM, HOURS, rolled, 6)
    lines = told(SYSTEM, HOURS, rolled.done, why, tuple(priced.values()))
    assert len(lines) == 6
    assert why.cause[1] == "commitment"
    assert lines[1].startswith(
        "01:00: one more MWh would have cost -50 KRW: less of wind would be held back; "
    )
    assert (
        "MW of wind and PV were held back: units that are on give 30 MW, no less than their minimum"
        in lines[1]
    )
    assert "a MW less of the least output of 'gas' would have saved 150 KRW" in lines[1]
    assert lines[4].startswith("04:00: one more MWh would have cost 300 KRW, from oil")
    assert "a MW more of import over 'cable' would have saved 120 KRW" in lines[4]  # 0.9 * 300 - 150
    assert [w.name for w in limits(4, tuple(priced.values()))]
    with speaking("ko"):
        korean = told(SYSTEM, HOURS, rolled.done, why, tuple(priced.values()))
    assert "01:00: 1 MWh를 더 쓰면 -50원" in korean[1]
    assert "'gas'의 최소 출력이 1 MW 낮으면 150원을 아꼈을 것" in korean[1]


@pytest.mark.parametrize(
    ("more", "cause", "said"),
    [
        ({"floor_mw": np.full(2, 35.0)}, "must_run", "must-run units and the links' least flow take 35 of 60 MW of demand, and wind and PV could have given 50 MW"),
        ({}, "demand", "demand is low, 60 MW, and everything else is off"),
    ],
)  # fmt: skip
def test_why_wind_was_held_back_is_told_with_its_figures(more, cause, said):
    system = System(thermal=(OIL,), fleets=(WIND,), load_classes=EVERYTHING)
    could = 50.0 if more else 70.0
    hours = Hours(
        steps=Steps(count=2), demand_mw=np.full(2, 60.0), potential_mw={"wind": np.full(2, could)}, **more
    )
    rolled = roll(system, hours, State())
    why = reasons(system, hours, rolled)
    assert why.cause[0] == cause
    assert said in told(system, hours, rolled.done, why, ())[0]


def test_an_importing_link_that_cannot_stop_is_named():
    """An LCC with one pole that must carry 40 to 100 MW imports in both hours, as stopping would leave the second dark."""
    lcc = Link(name="lcc", import_mw=100, export_mw=0, technology="lcc", poles=1, min_transfer=0.4)
    system = System(fleets=(WIND,), links=(lcc,), load_classes=EVERYTHING)
    hours = Hours(
        steps=Steps(count=2), demand_mw=np.array([60.0, 60.0]), potential_mw={"wind": np.array([30.0, 30.0])},
        import_price={"lcc": np.full(2, 10.0)}, export_price={"lcc": np.zeros(2)},
    )  # fmt: skip
    rolled = roll(system, hours, State())
    why = reasons(system, hours, rolled)
    assert why.cause == ("link", "link")
    assert (
        "links bring in 40 MW and cannot turn or stop in time" in told(system, hours, rolled.done, why, ())[0]
    )
