"""Demand that gives way, as the reason of a price and of what was held back: small cases worked on paper."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.making import EVERYTHING
from tamna.dispatch.rolling import roll
from tamna.dispatch.story import told
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.why import reasons
from tamna.lang import speaking
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import Load, LoadClass
from tamna.optimise.blocks.electrolyser import Electrolyser, Piece
from tamna.optimise.blocks.ev import EvFleet
from tamna.optimise.blocks.interruptible import Interruptible
from tamna.optimise.blocks.shiftable import Shiftable
from tamna.optimise.blocks.thermal_unit import Thermal
from tamna.optimise.problem import Steps

GAS = Thermal(name="gas", max_mw=100, cost_per_mwh=50)
OIL = Thermal(name="oil", max_mw=100, cost_per_mwh=300)
WIND = Curtailable(name="wind", curtailment_cost_per_mwh=10)


def hours(demand, wind=None, **more):
    count = len(demand)
    wind = [0.0] * count if wind is None else wind
    return Hours(
        steps=Steps(count=count, labels=tuple(f"0{h}:00" for h in range(count))),
        demand_mw=np.array(demand, dtype=float),
        potential_mw={"wind": np.array(wind, dtype=float)},
        **more,
    )


def why_of(system, of, state=None):
    state = state or State()
    rolled = roll(system, of, state, window_h=of.steps.count, step_h=of.steps.count)
    found = reasons(system, of, rolled, of.steps.count)
    return rolled, found, told(system, of, rolled.done, found, ())


def test_a_load_that_is_cut_sets_the_price_at_its_own():
    """Gas gives 100 of 60 + 60 MW: 20 MW of the works are cut at 90."""
    system = System(
        thermal=(GAS,), fleets=(WIND,), interruptible=(Interruptible(name="works", most_mw=60, cut_per_mwh=90),),
        load_classes=EVERYTHING,
    )  # fmt: skip
    _rolled, why, lines = why_of(system, hours([60, 10], load_mw={"works": np.full(2, 60.0)}))
    assert why.price == pytest.approx([90, 50])
    assert why.setters == (("works",), ("gas",))
    assert "90 KRW: more of works would have been cut; 'works' was cut by 20.0 MW for its price" in lines[0]
    assert "cut" not in lines[1]


def test_load_that_is_not_served_sets_the_price_at_its_value():
    system = System(thermal=(GAS,), fleets=(WIND,), load_classes=EVERYTHING)
    _rolled, why, lines = why_of(system, hours([130, 60]))
    assert why.setters == (("demand/all",), ("gas",))
    assert "2,000 KRW: more of demand/all would not have been served" in lines[0]
    assert "30.0 MW of 'demand/all' were not served" in lines[0]


def test_hydrogen_sets_the_price_at_what_it_is_worth_and_names_who_would_lack_it():
    """Wind leaves 20 MW to a plant of 30 that makes 0.6: a MWh less is 0.6 of hydrogen less, worth 200."""
    buses = Load(
        name="buses", bus="hydrogen", classes=(LoadClass(name="all", share=1.0, lost_per_mwh=200.0),)
    )
    plant = Electrolyser(name="plant", power_mw=30, pieces=(Piece(share=1.0, efficiency=0.6),))
    system = System(
        thermal=(OIL,), fleets=(WIND,), electrolysers=(plant,), loads=(buses,), load_classes=EVERYTHING
    )
    of = hours([60, 60], [80, 110], load_mw={"buses": np.full(2, 18.0)}, hydrogen_mw=np.zeros(2))
    _rolled, why, lines = why_of(system, of)
    assert why.price[0] == pytest.approx(120)
    assert why.setters[0] == ("plant", "buses/all")
    assert "120 KRW: less hydrogen, by plant, buses/all; 'buses/all' lacked 6.0 MW of hydrogen" in lines[0]
    assert why.setters[1] == ("wind",)
    assert "20 MW of wind and PV were held back" in lines[1]
    assert "no more could be taken by plant" in lines[1]


def test_vehicles_that_are_full_cannot_take_more_wind_and_those_that_are_not_move_the_price():
    """Noon's wind leaves 40 MW and costs nothing; 20 MWh fit into the vehicles, at 15 MW at most."""
    ev = EvFleet(
        name="ev", energy_mwh=30, charge_mw=15, charging=1.0, discharging=1.0, arriving_share=0.5, leaving_share=1.0,
        missing_per_mwh=5000,
    )  # fmt: skip
    system = System(thermal=(GAS, OIL), fleets=(WIND,), ev_fleets=(ev,), load_classes=EVERYTHING)
    of = hours(
        [60, 60, 60], [100, 100, 50], plugged={"ev": np.array([1.0, 1.0, 0.0])},
        arriving={"ev": np.zeros(3)}, leaving={"ev": np.array([0.0, 0.0, 1.0])},
    )  # fmt: skip
    rolled, _why, lines = why_of(system, of, State(level_mwh={"ev": 10.0}))
    assert rolled.done.columns["ev/charge"].sum() == pytest.approx(20)
    assert "no more could be taken by ev" in lines[1]


def test_vehicles_that_charge_set_the_price_of_another_hour():
    """18 MWh into the vehicles: gas leaves 5 and 10 MW, and oil runs in the second hour only, so that hour tells the price."""
    ev = EvFleet(
        name="ev", energy_mwh=30, charge_mw=15, charging=1.0, discharging=1.0, arriving_share=0.5, leaving_share=1.0,
        missing_per_mwh=5000,
    )  # fmt: skip
    system = System(thermal=(GAS, OIL), fleets=(WIND,), ev_fleets=(ev,), load_classes=EVERYTHING)
    of = hours(
        [95, 90, 60], plugged={"ev": np.array([1.0, 1.0, 0.0])}, arriving={"ev": np.zeros(3)},
        leaving={"ev": np.array([0.0, 0.0, 1.0])}, available={"oil": np.array([0.0, 1.0, 1.0])},
    )  # fmt: skip
    _rolled, why, lines = why_of(system, of, State(level_mwh={"ev": 12.0}))
    assert why.price[:2] == pytest.approx([300, 300])
    assert why.setters[:2] == (("ev",), ("oil",))
    assert "300 KRW: ev would have taken it at another hour" in lines[0]


def test_a_load_that_moves_sets_the_price_by_another_hour():
    """The pumps' 20 MWh fit either hour; what gas leaves of the second hour is 10: the rest is taken in the first."""
    pumps = Shiftable(name="pumps", most_mw=20, span_h=24, most_ahead_mwh=20)
    small = replace(GAS, max_mw=50)
    wind = replace(WIND, curtailment_cost_per_mwh=0)
    system = System(thermal=(small,), fleets=(wind,), shiftable=(pumps,), load_classes=EVERYTHING)
    of = hours([60, 45], [25, 0], load_mw={"pumps": np.array([0.0, 20.0])})
    rolled, why, lines = why_of(system, of)
    assert rolled.done.columns["pumps/power"] == pytest.approx([15, 5])
    assert why.setters[1] == ("pumps",)
    assert "pumps would have taken it at another hour" in lines[1]
    with speaking("ko"):
        assert "pumps" in told(system, of, rolled.done, why, ())[1]


def test_what_is_full_or_gave_way_is_told_in_korean():
    system = System(
        thermal=(GAS,), fleets=(WIND,), interruptible=(Interruptible(name="works", most_mw=60, cut_per_mwh=90),),
        load_classes=EVERYTHING,
    )  # fmt: skip
    of = hours([60], load_mw={"works": np.full(1, 60.0)})
    rolled, why, _lines = why_of(system, of)
    with speaking("ko"):
        (line,) = told(system, of, rolled.done, why, ())
    assert "works 부하를 더 차단했을 것" in line
    assert "'works' 부하 20.0 MW를 그 값에 차단했습니다" in line


def test_a_plant_that_only_takes_the_price_of_a_floor_that_gives_way_does_not_set_it():
    """10 MW make the hydrogen that is asked for; units could give 40 of the 60 MW that they should: one more saves 300 - 50."""
    buses = Load(
        name="buses", bus="hydrogen", classes=(LoadClass(name="all", share=1.0, lost_per_mwh=2000.0),)
    )
    plant = Electrolyser(name="plant", power_mw=30, pieces=(Piece(share=1.0, efficiency=0.6),))
    system = System(
        thermal=(GAS,), fleets=(WIND,), electrolysers=(plant,), loads=(buses,), load_classes=EVERYTHING,
        floor_gives_per_mwh=300,
    )  # fmt: skip
    of = hours(
        [30, 30],
        [50, 50],
        load_mw={"buses": np.full(2, 6.0)},
        hydrogen_mw=np.zeros(2),
        floor_mw=np.full(2, 60.0),
    )
    _rolled, why, lines = why_of(system, of)
    assert why.price == pytest.approx([-250, -250])
    assert why.setters[0] == ("gas",)
    assert "gas +1.0 MW, what units and links lack of their floor -1.0 MW" in lines[0]
    assert "less hydrogen" not in lines[0]
