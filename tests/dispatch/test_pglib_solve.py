import json
from dataclasses import replace

import numpy as np
import pytest

from dispatch.instances import random_instance
from dispatch.test_pglib import INSTANCE, RUNNING, UNIT
from tamna.dispatch.check.pglib import PglibSchedule, evaluate
from tamna.dispatch.pglib_solve import solve_pglib
from tamna.errors import Infeasible, UsageError
from tamna.runs.pglib import _held, pglib


def written(folder, **parts):
    path = folder / "given.json"
    path.write_text(json.dumps(INSTANCE | parts), "utf-8")
    return path


def lone(folder, unit, demand, reserves=None):
    """One unit and a dear one that can always help, at 1000 a MWh."""
    helper = UNIT | {
        "power_output_minimum": 0.0, "power_output_maximum": 500.0, "ramp_up_limit": 500.0, "ramp_down_limit": 500.0,
        "ramp_startup_limit": 500.0, "ramp_shutdown_limit": 500.0, "time_up_minimum": 1, "time_down_minimum": 1,
        "startup": [{"lag": 1, "cost": 0.0}],
        "piecewise_production": [{"mw": 0.0, "cost": 0.0}, {"mw": 500.0, "cost": 500_000.0}],
    }  # fmt: skip
    return written(
        folder,
        time_periods=len(demand),
        demand=demand,
        reserves=reserves or [0.0] * len(demand),
        thermal_generators={"unit": unit, "helper": helper},
        renewable_generators={},
    )


def test_the_small_instance_costs_what_paper_says_by_both_accounts(tmp_path):
    """`test_pglib` works it out: 3050 of output and two starts of 100."""
    answer = solve_pglib(written(tmp_path), gap=1e-6)
    assert answer.objective == pytest.approx(3250)
    assert answer.repriced == pytest.approx(3250)
    assert answer.broken == ()
    assert answer.schedule.renewable_mw["wind"].tolist() == pytest.approx([10, 0, 5, 0])


def test_a_start_is_as_cold_as_the_time_off_before_the_first_hour_made_it(tmp_path):
    """Off for 3 h before; needed from the second hour, when it was off for 4 h: hot. A third hour later: 5 h, cold."""
    for idle, price in ((1, 100.0), (2, 300.0)):
        demand = [0.0] * idle + [50.0, 50.0]
        answer = solve_pglib(lone(tmp_path, UNIT, demand), gap=1e-6)
        assert answer.schedule.on["unit"].tolist() == [False] * idle + [True, True]
        assert answer.objective == pytest.approx(price + 2 * 500)
        assert answer.repriced == pytest.approx(answer.objective)


@pytest.mark.parametrize(("before_mw", "stops"), [(60.0, True), (60.5, False)])
def test_a_unit_stops_in_the_first_hour_only_from_below_its_shutdown_ramp(tmp_path, before_mw, stops):
    """Shutdown ramp 60, ramp down 50 from 60.5: it must stay on at its minimum where it cannot stop."""
    unit = RUNNING | {"power_output_t0": before_mw}
    answer = solve_pglib(lone(tmp_path, unit, [40.0 * (not stops), 0.0]), gap=1e-6)
    assert answer.schedule.on["unit"].tolist() == [not stops, False]
    assert answer.broken == ()
    forced = replace(answer.schedule, on=answer.schedule.on | {"unit": np.array([False, False])})
    rules = {str(b.rule) for b in evaluate(_of(tmp_path), forced)[1]}
    assert ("stops from too high" in rules) is not stops


def test_a_unit_that_may_run_one_hour_keeps_both_its_start_and_its_stop_ramp(tmp_path):
    """Least time on 1 h, first hour at most 70 (ramp 30 above 40), last at most 60: alone in its hour it gives 60."""
    unit = UNIT | {"time_up_minimum": 1}
    answer = solve_pglib(lone(tmp_path, unit, [0.0, 100.0, 0.0]), gap=1e-6)
    assert answer.schedule.output_mw["unit"].tolist() == pytest.approx([0, 60, 0])
    assert answer.objective == pytest.approx(100 + 600 + 40 * 1000)
    high = answer.schedule.output_mw["unit"] + [0, 5, 0]
    less = answer.schedule.output_mw["helper"] - [0, 5, 0]
    output = {"unit": high, "helper": less}
    rules = [str(b.rule) for b in evaluate(_of(tmp_path), replace(answer.schedule, output_mw=output))[1]]
    assert rules == ["stops from too high"]


def _of(folder):
    return json.loads((folder / "given.json").read_text("utf-8"))


@pytest.mark.parametrize("seed", range(6))
def test_random_instances_break_no_rule_and_cost_what_the_json_says(tmp_path, seed):
    path = random_instance(tmp_path, seed=seed, units=6, hours=18)
    told = pglib(path, gap=1e-3, time_limit_s=60)
    assert told["proven"]
    assert told["repriced"] == pytest.approx(told["objective"], rel=1e-6)
    assert told["bound"] <= told["objective"] <= told["bound"] * 1.002


SPOILED = {
    "supply is not demand": lambda s: replace(s, renewable_mw={"wind": s.renewable_mw["wind"] - [1, 0, 0, 0]}),
    "is less than required": lambda s: replace(s, reserve_mw={k: r * 0.5 for k, r in s.reserve_mw.items()}),
    "gives more than it can": lambda s: replace(s, renewable_mw={"wind": s.renewable_mw["wind"] + [0, 5, 0, 0]}),
    "runs below its minimum": lambda s: replace(s, output_mw=s.output_mw | {"cold": s.output_mw["cold"] * 0.5}),
    "holds less than nothing": lambda s: replace(s, reserve_mw=s.reserve_mw | {"cold": np.full(4, -1.0)}),
    "starts too high": lambda s: replace(s, output_mw=s.output_mw | {"cold": np.array([95.0, 70, 65, 0])}),
    "falls faster than its ramp": lambda s: replace(s, output_mw=s.output_mw | {"cold": np.array([70.0, 100, 40, 0])}),
    "rises faster than its ramp": lambda s: replace(s, output_mw=s.output_mw | {"cold": np.array([40.0, 95, 60, 0])}),
    "stops before its least time on": lambda s: replace(s, on=s.on | {"cold": np.array([True, False, True, True])}),
    "starts before its least time off": lambda s: replace(s, on=s.on | {"cold": np.array([True, False, True, False])}),
}  # fmt: skip


@pytest.mark.parametrize("rule", SPOILED)
def test_every_rule_that_is_broken_is_found(tmp_path, rule):
    path = written(tmp_path)
    spoiled = SPOILED[rule](solve_pglib(path, gap=1e-6).schedule)
    assert rule in {str(b.rule) for b in evaluate(_of(tmp_path), spoiled)[1]}


def test_must_run_is_held_by_both(tmp_path):
    unit = RUNNING | {"must_run": 1}
    answer = solve_pglib(lone(tmp_path, unit, [50.0, 50.0]), gap=1e-6)
    assert answer.broken == ()
    off = PglibSchedule(
        on=answer.schedule.on | {"unit": np.array([True, False])},
        output_mw=answer.schedule.output_mw,
        reserve_mw=answer.schedule.reserve_mw,
        renewable_mw={},
    )
    assert "is off though it must run" in {str(b.rule) for b in evaluate(_of(tmp_path), off)[1]}


def test_a_wrong_price_or_a_broken_rule_is_no_answer(tmp_path):
    path = written(tmp_path)
    answer = solve_pglib(path, gap=1e-6)
    _held(answer)
    with pytest.raises(Infeasible, match="costs other than the solver says"):
        _held(replace(answer, repriced=answer.repriced * 1.01))
    spoiled = SPOILED["supply is not demand"](answer.schedule)
    with pytest.raises(Infeasible, match="supply is not demand"):
        _held(replace(answer, broken=evaluate(_of(tmp_path), spoiled)[1]))


@pytest.mark.parametrize(("gap", "seconds"), [(1.0, 10.0), (-0.1, 10.0), (float("nan"), 10.0), (0.1, 0.0)])
def test_a_gap_or_time_that_cannot_be_meant_is_refused(tmp_path, gap, seconds):
    with pytest.raises(UsageError, match="the gap must lie in"):
        solve_pglib(written(tmp_path), gap, seconds)
