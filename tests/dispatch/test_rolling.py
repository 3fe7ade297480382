import benchmarks.dispatch_cases as cases
import numpy as np
import pytest

from dispatch.making import any_island
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.rolling import roll
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.thermal_unit import Start, Thermal
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How, solve


@pytest.mark.data
def test_two_weeks_of_jeju_cost_what_is_known_and_break_no_rule(shared_data):
    hours, system = cases.hours(cases.profiles(shared_data)), cases.system(commit=True)
    rolled = roll(system, hours, cases.first_state(), carry_out_h=24 * 14)
    assert rolled.done.first(24 * 7).total_cost == pytest.approx(cases.J2_COST[7], rel=1e-3)
    assert rolled.done.total_cost == pytest.approx(cases.J2_COST[14], rel=1e-3)
    assert max(w.found.gap for w in rolled.windows) <= 1e-4
    assert not broken(system, hours.part(0, 24 * 14), rolled.done, cases.first_state())


def test_a_window_over_everything_is_the_whole_problem():
    system, hours, state = any_island(7, steps=12)
    whole = solve(build(system, hours, state)[0], How(gap=1e-6))
    rolled = roll(system, hours, state, window_h=12, step_h=12, how=How(gap=1e-6))
    assert rolled.done.total_cost == pytest.approx(whole.objective, rel=1e-5)


def test_a_short_sighted_window_costs_more_than_a_far_sighted_one():
    """Half full: the short window spends the battery at once, the long one keeps it for the dear hours."""
    count = 12
    price = np.array([20.0] * 6 + [200.0] * 6)
    system = System(
        batteries=(Battery(name="b", charge_mw=10, discharge_mw=10, energy_mwh=60),),
        load_classes=(LoadClass(name="all", share=1, lost_per_mwh=1000),),
        thermal=(Thermal(name="gas", max_mw=5, cost_per_mwh=20),),
    )
    hours = Hours(steps=Steps(count=count), demand_mw=np.where(price > 100, 10.0, 5.0))
    state = State(level_mwh={"b": 30.0})
    near = roll(system, hours, state, window_h=2, step_h=2).done
    far = roll(system, hours, state, window_h=12, step_h=12).done
    assert far.total_cost <= near.total_cost
    assert far.columns["demand/all_unserved"].sum() == pytest.approx(0, abs=1e-6)


def test_the_end_of_the_hours_may_fall_within_a_window():
    system, hours, state = any_island(3, steps=13)
    rolled = roll(system, hours, state, window_h=6, step_h=4, how=How(gap=1e-3))
    assert len(rolled.done.cost["demand"]) == 13
    assert [w.first for w in rolled.windows] == [0, 4, 8, 12]


def test_only_as_much_is_carried_out_as_was_asked_for():
    system, hours, state = any_island(3, steps=13)
    rolled = roll(system, hours, state, window_h=6, step_h=4, carry_out_h=6, how=How(gap=1e-3))
    assert len(rolled.done.cost["demand"]) == 6


def test_a_start_in_one_window_is_not_paid_again_in_the_next():
    unit = Thermal(name="gas", max_mw=100, min_mw=20, cost_per_mwh=1, starts=(Start(off_h=0, cost=1000),))
    hours = Hours(steps=Steps(count=8), demand_mw=np.full(8, 50.0))
    rolled = roll(System(thermal=(unit,)), hours, State(), window_h=4, step_h=2)
    assert rolled.done.total_cost == pytest.approx(1000 + 8 * 50)
