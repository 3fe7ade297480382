"""The checker finds nothing in what the optimiser decides, and everything that is broken on purpose."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.making import any_island, broken_rules
from tamna.dispatch.answer import schedule
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How, solve


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.sampled_from([1.0, 0.5]))
def test_no_rule_is_broken_on_any_island(seed, hours):
    system, given_hours, state = any_island(seed, steps=12, hours=hours)
    assert not broken_rules(system, given_hours, state)


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.sampled_from([2, 3, 5, 7]))
def test_windows_that_are_cut_at_any_hour_break_no_rule(seed, step):
    system, given_hours, state = any_island(seed, steps=15)
    assert not broken_rules(system, given_hours, state, window_h=9, step_h=step)


def test_a_piece_of_a_cost_curve_is_not_left_unused_below_a_dearer_one():
    system, given_hours, state = any_island(1779, steps=15)
    assert not broken_rules(system, given_hours, state, window_h=9, step_h=7)


UNIT = Thermal(
    name="gas", max_mw=100, min_mw=40, cost_per_mwh=10, starts=(Start(off_h=0, cost=50),), ramp_up_mw_per_h=30,
    ramp_down_mw_per_h=30, start_mw=50, stop_mw=50, min_up_h=3, min_down_h=2,
)  # fmt: skip


def run_of(power, on, *, unit=UNIT, state=None, cost=None):
    """Write a schedule by hand: one unit that serves exactly the demand."""
    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.check.thermal import unit_cost

    power, on = np.array(power, dtype=float), np.array(on, dtype=float)
    priced = unit_cost(unit, power, on > 0.5, state, 1.0)
    done = Schedule(
        injection_mw={"electricity": {"gas": power, "demand": -power}},
        cost={"gas": priced if cost is None else np.array(cost), "demand": np.zeros(len(power))},
        columns={"gas/on": on},
    )
    hours = Hours(steps=Steps(count=len(power)), demand_mw=power)
    found = broken(
        System(thermal=(unit,)), hours, done, State(thermal={} if state is None else {"gas": state})
    )
    return [(str(b.rule), b.step) for b in found]


@pytest.mark.parametrize(
    ("power", "on", "rule"),
    [
        ([50, 80, 100, 70, 40, 0], [1, 1, 1, 1, 1, 0], None),
        ([50, 90, 100, 70, 40, 0], [1, 1, 1, 1, 1, 0], ("rises faster than its ramp", 1)),
        ([50, 80, 100, 60, 40, 0], [1, 1, 1, 1, 1, 0], ("falls faster than its ramp", 3)),
        ([60, 80, 100, 70, 40, 0], [1, 1, 1, 1, 1, 0], ("starts too high", 0)),
        ([50, 80, 100, 70, 60, 0], [1, 1, 1, 1, 1, 0], ("stops from too high", 5)),
        ([50, 50, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0], ("stops before its least time on", 2)),
        ([50, 50, 50, 0, 50, 50], [1, 1, 1, 0, 1, 1], ("starts before its least time off", 4)),
        ([50, 30, 40, 0, 0, 0], [1, 1, 1, 0, 0, 0], ("runs below its minimum", 1)),
        ([50, 50, 50, 5, 0, 0], [1, 1, 1, 0, 0, 0], ("gives power while off", 3)),
        ([50, 80, 101, 80, 50, 0], [1, 1, 1, 1, 1, 0], ("gives more than what is in service", 2)),
    ],
)
def test_each_rule_of_a_unit_is_found_where_it_is_broken(power, on, rule):
    found = run_of(power, on)
    assert (rule in found) if rule else (found == [])


def test_times_reach_back_before_the_first_hour():
    assert run_of([0, 50], [0, 1], state=ThermalState(on=False, hours=1)) == []
    assert run_of([50, 50], [1, 1], state=ThermalState(on=False, hours=1)) == [
        ("starts before its least time off", 0)
    ]
    assert ("stops before its least time on", 0) in run_of(
        [0, 0], [0, 0], state=ThermalState(on=True, hours=1, mw=40)
    )


def test_a_told_cost_must_be_the_cost_of_what_was_done():
    assert run_of([50, 50, 50], [1, 1, 1], cost=[500, 500, 500]) == [("costs other than told", 0)]


def changed(seed, change):
    """Break one thing of a good schedule and give the rules that the checker names."""
    system, hours, state = any_island(seed, steps=16)
    problem, shares = build(system, hours, state)
    done = schedule(problem, shares, solve(problem, How(gap=1e-2)))
    return {str(b.rule) for b in broken(*change(system, hours, done, state))}


def with_columns(done, **columns):
    return replace(done, columns=dict(done.columns) | {k.replace("__", "/"): v for k, v in columns.items()})


def test_what_is_broken_on_purpose_is_found():
    def level(system, hours, done, state):
        return system, hours, with_columns(done, battery__level=done.columns["battery/level"] + 1), state

    def more_demand(system, hours, done, state):
        return system, replace(hours, demand_mw=hours.demand_mw + 1), done, state

    def less_wind(system, hours, done, state):
        return system, replace(hours, potential_mw={"wind": 0 * hours.demand_mw - 1}), done, state

    def unbalanced(system, hours, done, state):
        of = {b: {k: v + (k == "one") for k, v in x.items()} for b, x in done.injection_mw.items()}
        return system, hours, replace(done, injection_mw=of), state

    assert "holds other than told" in changed(1, level)
    assert "serves other than what is asked for" in changed(1, more_demand)
    assert "gives more than the weather allows" in changed(1, less_wind)
    assert "supply and demand differ" in changed(1, unbalanced)


def test_links_are_held_to_poles_direction_and_waiting_time():
    from tamna.dispatch.check.links import link_rules

    link = Link(
        name="l", import_mw=100, export_mw=100, technology="lcc", poles=2, min_transfer=0.2, reversal_h=2
    )

    def rules(arriving, leaving):
        flows = (np.array(arriving, dtype=float), np.array(leaving, dtype=float))
        return [
            (str(b.rule), b.step)
            for b in link_rules(link, *flows, None, available=np.ones(len(arriving)), step_h=1.0)
        ]

    assert rules([50, 0, 0, 0], [0, 0, 0, 50]) == []
    assert rules([50, 0, 0], [0, 0, 50]) == [("turns before its waiting time", 2)]
    assert rules([5], [0]) == [("carries what no number of poles can", 0)]
    assert ("imports and exports at once", 0) in rules([20], [20])
    assert ("carries more than what is in service", 0) in rules([120], [0])


def test_stores_and_plants_are_held_to_their_limits():
    from tamna.dispatch.check.stores import battery_rules, level_rules, plant_rules

    system, _, _ = any_island(1)
    (battery,), (plant,) = system.batteries, system.electrolysers

    def names(found):
        return {str(b.rule) for b in found}

    flows = np.array([21.0, 5.0, 0.0]), np.array([0.0, 5.0, 26.0])
    assert names(battery_rules(battery, *flows)) == {
        "charges faster than it can", "charges and discharges at once", "gives more than it can",
    }  # fmt: skip
    assert names(level_rules("b", np.array([5.0, -8.0]), np.array([5.0, -3.0]), start_mwh=0.0, capacity_mwh=4.0, step_h=1.0)) == {
        "holds more than it can", "holds less than nothing",
    }  # fmt: skip
    load, made = np.array([2.0, 11.0]), np.array([1.4, 9.0])
    assert names(plant_rules(plant, load, made, None, 1.0)) == {
        "runs below its minimum", "takes more than its power", "changes faster than its ramp",
        "makes more hydrogen than its power gives",
    }  # fmt: skip
