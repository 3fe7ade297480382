"""EVs, loads that move or are cut, condensers, contracts, caps: nothing broken on random islands, and what is, is found."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.making import any_rich_island, broken_rules, decided
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.resort import Resort
from tamna.optimise.solver import How, solve


@settings(max_examples=5)
@given(st.integers(0, 10_000), st.sampled_from([1.0, 0.25]))
def test_no_rule_is_broken_on_any_rich_island(seed, hours):
    system, given_hours, state = any_rich_island(seed, steps=12, hours=hours)
    assert not broken_rules(system, given_hours, state)


@settings(max_examples=3)
@given(st.integers(0, 10_000), st.sampled_from([2, 3, 5, 7]))
def test_rich_windows_that_are_cut_at_any_hour_break_no_rule(seed, step):
    system, given_hours, state = any_rich_island(seed, steps=21)
    assert not broken_rules(system, given_hours, state, window_h=9, step_h=step)


@pytest.mark.slow
@settings(max_examples=4)
@given(st.integers(0, 10_000), st.sampled_from([5, 7, 11]))
def test_days_of_rich_islands_break_no_rule(seed, step):
    system, given_hours, state = any_rich_island(seed, steps=54)
    assert not broken_rules(system, given_hours, state, window_h=14, step_h=step)


def everything(steps=14, **more):
    """A seed whose draw has every asset."""
    for seed in range(200):
        system, hours, state = any_rich_island(seed, steps=steps)
        parts = (
            "ev_fleets",
            "shiftable",
            "interruptible",
            "loads",
            "matchings",
            "co2",
            "reserves",
            "condensers",
        )
        if all(getattr(system, part) for part in parts):
            return replace(system, **more), hours, state
    raise AssertionError


@pytest.fixture(scope="module")
def good():
    system, hours, state = everything()
    done = decided(system, hours, state, How(gap=2e-2, time_limit_s=10))
    assert not [str(b) for b in broken(system, hours, done, state)]
    return system, hours, state, done


COLUMNS = {
    "ev/level": (1.0, "holds other than told"),
    "ev/charge": (50.0, "charges faster than it can"),
    "ev/discharge": (50.0, "gives more than it can"),
    "ev/leaving": (100.0, "vehicles leave fuller than full"),
    "ev/missing": (-50.0, "trips lack more than told"),
    "pumps/power": (30.0, "takes more than its power"),
    "pumps/unserved": (40.0, "sheds more than is asked for"),
    "works/cut": (30.0, "sheds more than is asked for"),
    "works/unserved": (30.0, "sheds more than is asked for"),
    "condenser/on": (1.0, "takes other than its losses"),
    "synchronous/short_mva": (-500.0, "gives less short-circuit power than is required"),
    "synchronous/short_mws": (-900.0, "gives less inertia than is required"),
    "green/short": (-90.0, "takes more than its contracts cover"),
    "ferry/all_unserved": (20.0, "sheds more than is asked for"),
    "plant/on": (-1.0, "makes hydrogen while cold"),
    "slow/ev": (40.0, "holds more than it can give"),
    "slow/one": (200.0, "holds more than comes in time"),
    "up/lcc": (30.0, "holds more than it can give"),
    "down/lcc": (60.0, "holds more than it can give"),
    "down/battery": (400.0, "holds more than its energy lasts"),
    "up/short": (1.0, "costs other than told"),
    "battery/discharge": (1.0, "costs other than told"),
}


@pytest.mark.parametrize("column", COLUMNS)
def test_each_column_is_held_to_its_rule(good, column):
    system, hours, state, done = good
    by, rule = COLUMNS[column]
    columns = dict(done.columns) | {column: done.columns[column] + by}
    if column == "plant/on":
        columns |= {"plant/on": 0 * columns[column], "plant/standby": 0 * columns[column]}
        columns |= {"plant/power_1": columns["plant/power_1"] + 3.0}
    found = {str(b.rule) for b in broken(system, hours, replace(done, columns=columns), state)}
    assert rule in found


def test_each_figure_is_held_to_its_rule(good):
    system, hours, state, done = good

    def rules(**changes):
        return {str(b.rule) for b in broken(replace(system, **changes), hours, done, state)}

    def first(part, **changes):
        found = getattr(system, part)
        return {part: (replace(found[0], **changes), *found[1:])}

    cutting = replace(done, columns=dict(done.columns) | {"works/cutting": np.ones(14)})
    told = {str(b.rule) for b in broken(system, hours, cutting, state)}
    assert "is cut for more hours a day than allowed" in told
    flicker = replace(done, columns=dict(done.columns) | {"works/cutting": np.arange(14) % 2.0})
    told = {str(b.rule) for b in broken(system, hours, flicker, state)}
    assert "is cut more often a day than allowed" in told
    quiet = replace(
        done, columns=dict(done.columns) | {"works/cutting": np.zeros(14), "works/cut": np.ones(14)}
    )
    assert "is cut without being told" in {str(b.rule) for b in broken(system, hours, quiet, state)}
    assert "is further ahead or behind than allowed" in rules(**first("shiftable", most_ahead_mwh=-1.0))
    more = replace(hours, load_mw=dict(hours.load_mw) | {"pumps": hours.load_mw["pumps"] + 1})
    found = broken(replace(system, **first("shiftable", span_h=1.0)), more, done, state)
    assert "takes other than its energy within a span" in {str(b.rule) for b in found}
    assert "is sold twice" in rules(**first("matchings", supply={"wind": 1.4}))
    assert "makes more hydrogen than can be dried and compressed" in rules(
        **first("electrolysers", hydrogen_mw=-1.0)
    )
    assert "makes more cycles a day than allowed" in rules(**first("batteries", cycles_per_day=-0.1))
    assert "more is emitted than allowed" in rules(co2=replace(system.co2, cap_t=-1.0))


def test_two_products_do_not_share_one_megawatt(good):
    """Each alone fits into the battery's room; together they do not."""
    system, hours, state, done = good
    room = system.batteries[0].discharge_mw - done.injection_mw["electricity"]["battery"]
    columns = dict(done.columns) | {"up/battery": 0.9 * room, "slow/battery": 0.9 * room}
    found = {(b.asset, str(b.rule)) for b in broken(system, hours, replace(done, columns=columns), state)}
    assert ("up, battery", "holds more than it can give") in found


@pytest.mark.parametrize("parts", [4, 12])
def test_steps_of_fifteen_and_five_minutes_cost_what_hours_cost(parts):
    """Constant profiles, stores that close on themselves: the length of a step changes nothing."""
    hourly = constant_island(1, 2)
    finer = constant_island(parts, 2 * parts)
    costs = [solve(build(*island)[0], How(gap=1e-7)).objective for island in (hourly, finer)]
    assert costs[1] == pytest.approx(costs[0], rel=1e-5)


def constant_island(parts, steps):
    system, hours, _state = everything(co2=None)
    quiet = replace(
        system,
        thermal=tuple(replace(u, starts=(), min_up_h=0, min_down_h=0, ramp_up_mw_per_h=999, ramp_down_mw_per_h=999) for u in system.thermal),
        electrolysers=tuple(replace(p, start_cost=0, start_h=0, ramp_mw_per_h=99) for p in system.electrolysers),
        condensers=tuple(replace(c, start_cost=0) for c in system.condensers),
    )  # fmt: skip

    def even(of):
        return {k: np.full(steps, v.mean()) for k, v in of.items()}

    trip = {"ev": np.full(steps, 0.1 / parts)}
    given_hours = replace(
        hours, steps=replace(hours.steps, count=steps, hours=1 / parts), demand_mw=np.full(steps, 120.0),
        hydrogen_mw=np.full(steps, 2.0), potential_mw={"wind": np.full(steps, 60.0)}, import_price=even(hours.import_price),
        export_price=even(hours.export_price), load_mw=even(hours.load_mw), plugged={"ev": np.full(steps, 0.6)},
        arriving=trip, leaving=trip, available={}, strength_mva=np.full(steps, 100.0), inertia_mws=np.full(steps, 150.0),
        reserve_mw={"slow": np.full(steps, 15.0)},
    )  # fmt: skip
    return quiet, given_hours


def test_a_link_that_imports_does_not_hold_what_only_a_turn_would_give(good):
    """The room of its poles ends at their minimum; an export that needs a turn is no reserve."""
    system, hours, state, done = good
    link, net = system.links[0], done.injection_mw["electricity"]["lcc"]
    step = int(np.argmax(net))
    assert net[step] > 1.0
    columns = dict(done.columns) | {"down/lcc": done.columns["down/lcc"].copy()}
    columns["down/lcc"][step] = (
        net[step] + 0.5 * link.export_mw
    )  # less than a link without minimum and turn could give
    found = broken(system, hours, replace(done, columns=columns), state)
    assert ("down, lcc", "holds more than it can give", step) in {
        (b.asset, str(b.rule), b.step) for b in found
    }


def test_what_nobody_takes_is_no_source_and_is_paid(good):
    """Made up: a surplus that gives 5 MW for nothing."""
    system, hours, state, done = good
    system = replace(system, resort=Resort())
    power = dict(done.injection_mw["electricity"]) | {"surplus": np.full(14, 5.0)}
    wrong = replace(
        done,
        injection_mw=dict(done.injection_mw) | {"electricity": power},
        cost=dict(done.cost) | {"surplus": np.zeros(14)},
    )
    found = {(b.asset, str(b.rule)) for b in broken(system, hours, wrong, state)}
    assert {("surplus", "takes less than nothing"), ("surplus", "costs other than told")} <= found
