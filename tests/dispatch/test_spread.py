"""What is held back on average over floors: on paper, against draws, and read off a schedule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.dispatch.rolling import roll
from tamna.dispatch.spread import Room, beyond, room
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.problem import Steps

MW = st.floats(0.0, 300.0)


def one(floor, free, most, anyway=0.0):
    return Room(
        floor_mw=np.array([float(floor)]),
        free_mw=np.array([float(free)]),
        most_mw=np.array([float(most)]),
        anyway_mw=np.array([float(anyway)]),
    )


@pytest.mark.parametrize(
    ("floor", "free", "most", "anyway", "held"),
    [
        (250, 200, 90, 0, 50),  # 50 MW short of the floor
        (250, 300, 90, 0, 0),  # room enough
        (250, 100, 90, 0, 90),  # no more than what turns
        (250, 240, 90, 25, 25),  # a unit that cannot go lower asks for more than the floor
        (250, 200, 10, 25, 10),
    ],
)
def test_at_a_known_floor_it_is_what_is_missing_cut_to_what_there_is(floor, free, most, anyway, held):
    assert one(floor, free, most, anyway).held() == pytest.approx([held])


@given(MW, MW, MW, MW, st.floats(1.0, 80.0))
def test_on_average_it_is_the_mean_over_drawn_floors(floor, free, most, anyway, sd):
    drawn = floor + sd * np.sqrt(2.0) * _normal_nodes()
    each = np.minimum(np.maximum(min(anyway, most), drawn - free), most)
    assert one(floor, free, most, anyway).held(sd)[0] == pytest.approx(each.mean(), abs=0.05 * sd)


def _normal_nodes(count=4001):
    """Even steps of probability, over the square root of two."""
    from scipy.special import erfinv

    return erfinv(2.0 * (np.arange(count) + 0.5) / count - 1.0)


def test_little_is_held_at_the_line_and_more_on_average():
    near = one(250, 260, 90)
    assert near.held()[0] == 0.0
    assert near.held(50.0)[0] == pytest.approx(beyond(np.array([-10.0]), 50.0)[0], abs=1.5)
    assert near.lower(60.0).held(50.0)[0] < near.held(50.0)[0]


def test_hours_may_know_their_floor_more_or_less_surely():
    both = beyond(np.array([-10.0, 30.0, 30.0]), np.array([50.0, 0.0, 50.0]))
    assert both[1] == 30.0
    assert both[[0, 2]] == pytest.approx([float(beyond(np.array([m]), 50.0)[0]) for m in (-10.0, 30.0)])


def three_hours(floor):
    return Hours(
        steps=Steps(count=3),
        demand_mw=np.full(3, 120.0),
        potential_mw={"wind": np.array([50.0, 100.0, 20.0])},
        must_take_mw={"wind": np.full(3, 9.0)},
        floor_mw=np.full(3, floor),
    )


def island(least_mw):
    gas = Thermal(
        name="gas", max_mw=200, min_mw=least_mw, cost_per_mwh=100, starts=(Start(off_h=0, cost=500),)
    )
    fleet = Curtailable(name="wind", curtailment_cost_per_mwh=50)
    return System(
        thermal=(gas,), fleets=(fleet,), load_classes=(LoadClass(name="all", share=1, lost_per_mwh=9000),)
    )


def test_a_schedule_tells_what_was_free_and_what_can_be_held():
    system, hours = island(40.0), three_hours(60.0)
    on = State(thermal={"gas": ThermalState(on=True, mw=40)})
    found = room(system, hours, roll(system, hours, on).done, "wind")
    assert found.free_mw == pytest.approx([70, 20, 100])
    assert found.most_mw == pytest.approx([41, 91, 11])
    assert found.anyway_mw == pytest.approx([0, 0, 0])
    assert found.held() == pytest.approx([0, 40, 0])


def test_what_a_unit_at_its_minimum_holds_back_stays_held_under_any_floor():
    system, hours = island(80.0), three_hours(60.0)
    on = State(thermal={"gas": ThermalState(on=True, mw=80)})
    found = room(system, hours, roll(system, hours, on).done, "wind")
    assert found.held() == pytest.approx([10, 60, 0])
    assert found.lower(1000.0).held() == pytest.approx([10, 60, 0])
