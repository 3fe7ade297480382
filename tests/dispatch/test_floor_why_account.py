"""A noon with too much wind, worked on paper: who gives way, why, what it comes to."""

from dataclasses import replace

import numpy as np
import pytest

from optimise.blocks.golden import assert_golden, text_of
from tamna.dispatch.account import account
from tamna.dispatch.assets import Burns
from tamna.dispatch.check.whole import broken
from tamna.dispatch.floor import add_floor
from tamna.dispatch.resort import Resort, add_resort
from tamna.dispatch.rolling import roll
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.why import reasons
from tamna.errors import Infeasible, InputError
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.thermal import add_thermal
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.problem import Steps

GAS = Thermal(name="gas", max_mw=200, min_mw=40, cost_per_mwh=100, starts=(Start(off_h=0, cost=500),))
ISLAND = System(
    thermal=(GAS,),
    fleets=(Curtailable(name="wind", curtailment_cost_per_mwh=50),),
    load_classes=(LoadClass(name="all", share=1, lost_per_mwh=9000),),
)
ON = State(thermal={"gas": ThermalState(on=True, mw=40)})


def test_the_equations_of_floor_and_last_resort_are_the_golden_ones():
    def floor_of_a_unit(problem):
        share = add_thermal(problem, Thermal(name="gas", max_mw=50, cost_per_mwh=9))
        floor = add_floor(problem, [share], [20, 30], gives_per_mwh=70)
        problem.minimise(floor.cost)
        return share

    assert_golden("floor", text_of(floor_of_a_unit, steps=2, hours=0.5))
    assert_golden("resort", text_of(lambda p: add_resort(p, Resort(surplus_per_mwh=80)), steps=2, hours=0.5))


def three_hours(wind=(50, 100, 20), floor=60.0, demand=(120, 120, 120), **more):
    return Hours(
        steps=Steps(count=3, labels=("00", "01", "02")),
        demand_mw=np.array(demand, dtype=float),
        potential_mw={"wind": np.array(wind, dtype=float)},
        floor_mw=np.full(3, floor),
        **more,
    )


def test_wind_gives_way_to_the_floor_and_the_hour_says_so():
    hours = three_hours()
    rolled = roll(ISLAND, hours, ON)
    assert rolled.done.injection_mw["electricity"]["gas"].tolist() == pytest.approx([70, 60, 100])
    assert rolled.done.injection_mw["electricity"]["wind"].tolist() == pytest.approx([50, 60, 20])
    why = reasons(ISLAND, hours, rolled)
    assert why.cause == (None, "must_run", None)
    assert why.price == pytest.approx(
        [100, -50, 100]
    )  # one more MW at noon is wind that need not be held back
    assert why.floor_worth == pytest.approx([0, 150, 0])
    assert why.setters == (("gas",), ("wind",), ("gas",))
    assert "must-run" in why.sentence(1, "01")
    assert not broken(ISLAND, hours, rolled.done, ON)


def test_without_a_floor_the_unit_that_is_on_holds_wind_back():
    hours = three_hours(wind=(50, 100, 20), floor=0.0)
    why = reasons(ISLAND, hours, roll(ISLAND, hours, ON))
    assert why.cause == (None, "commitment", None)


def test_the_account_adds_up_by_hand():
    hours = three_hours()
    done = roll(ISLAND, hours, ON).done
    burns = {"gas": Burns(fuel="lng", gj_per_mwh=8, tco2_per_mwh=0.4, krw_per_mwh=100)}
    found = account(ISLAND, hours, done, burns, ON)
    assert found.generated_mwh["gas"] == pytest.approx(230)
    assert found.paid_krw == pytest.approx(23_000)
    assert found.held_mwh == pytest.approx({"wind": 40})
    assert found.missed_krw == pytest.approx(2_000)
    assert found.fuel_gj == pytest.approx({"lng": 1840})
    assert found.tco2 == pytest.approx(92)
    assert found.starts == {"gas": 0}
    assert account(ISLAND, hours, done, burns, State()).starts == {"gas": 1}


def test_a_floor_that_nobody_can_carry_is_refused_in_words_with_the_nearest_answer():
    with pytest.raises(Infeasible) as refused:
        roll(ISLAND, three_hours(floor=250.0, demand=(300, 300, 300)), ON)
    text = str(refused.value)
    assert "must-run units and the links' least flow" in text
    assert "nearest answer" in text
    assert "missed by 50" in text


def test_a_broken_floor_is_found_by_the_checker():
    hours = three_hours()
    done = roll(ISLAND, hours, ON).done
    found = broken(ISLAND, three_hours(floor=65.0), done, ON)
    assert [(b.asset, b.step, b.by) for b in found] == [("floor", 1, pytest.approx(5.0))]


def test_everything_wrong_with_hours_and_units_comes_at_once():
    bad = Thermal(name="gas", max_mw=30, min_mw=40)
    hours = three_hours(wind=(50, np.nan, 20))
    short = Hours(
        steps=hours.steps,
        demand_mw=np.full(2, 120.0),
        potential_mw=hours.potential_mw,
        floor_mw=hours.floor_mw,
    )
    with pytest.raises(InputError) as refused:
        roll(System(thermal=(bad,), fleets=ISLAND.fleets), short, State(), window_h=3, step_h=3)
    text = str(refused.value)
    assert "thermal unit 'gas', min_mw" in text
    assert "the demand has 2 values where there are 3 steps" in text
    assert "potential_mw, 01: the potential is not a number" in text


def sun_and_wind(floor, gives=150.0):
    system = System(
        thermal=(GAS,),
        fleets=(
            Curtailable(name="wind", curtailment_cost_per_mwh=10),
            Curtailable(name="pv", curtailment_cost_per_mwh=200),
        ),
        load_classes=ISLAND.load_classes,
        floor_gives_per_mwh=gives,
    )
    hours = Hours(
        steps=Steps(count=3, labels=("00", "01", "02")),
        demand_mw=np.full(3, 120.0),
        potential_mw={"wind": np.full(3, 30.0), "pv": np.array([0.0, 75.0, 20.0])},
        must_take_mw={"wind": np.full(3, 5.0)},
        floor_mw=np.full(3, floor),
    )
    return system, hours


def test_the_floor_gives_way_after_all_wind_and_before_any_pv():
    system, hours = sun_and_wind(70.0)
    done = roll(system, hours, ON).done
    of = done.injection_mw["electricity"]
    assert of["wind"].tolist() == pytest.approx([30, 5, 30])
    assert of["pv"].tolist() == pytest.approx([0, 75, 20])
    assert of["gas"].tolist() == pytest.approx([90, 40, 70])
    assert done.columns["floor/below"].tolist() == pytest.approx([0, 30, 0])
    assert not broken(system, hours, done, ON)
    burns = {"gas": Burns(fuel="lng", gj_per_mwh=8, tco2_per_mwh=0.4, krw_per_mwh=100)}
    found = account(system, hours, done, burns, ON)
    assert found.below_floor_mwh == pytest.approx(30)
    assert found.missed_krw == pytest.approx(25 * 10 + 30 * 150)
    assert found.paid_krw == pytest.approx(200 * 100)


def test_a_floor_that_gave_way_unpaid_is_found_by_the_checker():
    system, hours = sun_and_wind(70.0)
    done = roll(system, hours, ON).done
    dearer = replace(system, floor_gives_per_mwh=160.0)
    assert [(b.asset, b.step) for b in broken(dearer, hours, done, ON)] == [("floor", 1)]


def test_a_floor_without_units_or_links_asks_for_nothing():
    system, hours = sun_and_wind(70.0)
    bare = replace(system, thermal=())
    done = roll(bare, hours, State()).done
    assert "floor/below" not in done.columns
    assert not broken(bare, hours, done, State())
