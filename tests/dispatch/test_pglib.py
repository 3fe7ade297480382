import json
from dataclasses import replace

import numpy as np
import pytest

from tamna.dispatch.answer import schedule
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.pglib import read_instance
from tamna.errors import SourceError
from tamna.optimise.blocks.thermal_unit import Segment, Start, ThermalState
from tamna.optimise.solver import How, Model, solve

UNIT = {
    "must_run": 0, "power_output_minimum": 40.0, "power_output_maximum": 100.0, "ramp_up_limit": 30.0,
    "ramp_down_limit": 50.0, "ramp_startup_limit": 90.0, "ramp_shutdown_limit": 60.0, "time_up_minimum": 2,
    "time_down_minimum": 2, "power_output_t0": 0.0, "unit_on_t0": 0, "time_down_t0": 3, "time_up_t0": 0,
    "startup": [{"lag": 2, "cost": 100.0}, {"lag": 5, "cost": 300.0}],
    "piecewise_production": [{"mw": 40.0, "cost": 400.0}, {"mw": 80.0, "cost": 800.0}, {"mw": 100.0, "cost": 1100.0}],
}  # fmt: skip
RUNNING = UNIT | {
    "unit_on_t0": 1,
    "time_up_t0": 9,
    "time_down_t0": 0,
    "power_output_t0": 50.0,
    "ramp_up_limit": 100.0,
}
INSTANCE = {
    "time_periods": 4,
    "demand": [60.0, 70.0, 130.0, 60.0],
    "reserves": [0.0, 0.0, 20.0, 0.0],
    "thermal_generators": {"cold": UNIT, "running": RUNNING},
    "renewable_generators": {
        "wind": {"power_output_minimum": [0.0, 0.0, 5.0, 0.0], "power_output_maximum": [10.0, 0.0, 5.0, 0.0]}
    },
}


@pytest.fixture
def instance(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(INSTANCE), "utf-8")
    return path


def test_figures_are_read_as_they_are(instance):
    system, hours, state = read_instance(instance)
    cold, running = system.thermal
    assert cold.segments == (Segment(width_mw=40, cost_per_mwh=10), Segment(width_mw=20, cost_per_mwh=15))
    assert cold.starts == (Start(off_h=2, cost=100), Start(off_h=5, cost=300))
    assert cold.start_mw == 40 + 30  # the ramp holds at a start too
    assert running.stop_mw == 60
    assert state.thermal["cold"] == ThermalState(on=False, hours=3)
    assert state.thermal["running"] == ThermalState(on=True, hours=9, mw=50)
    assert hours.must_take_mw["wind"].tolist() == [0, 0, 5, 0]


def test_a_small_instance_costs_what_paper_says(instance):
    """Net of wind 50, 70, 125 and 60 MW at 10 each are 3050; the third hour with its reserve of 20 needs both units.

    Kept running, the one is joined by the cold one, by then off for 5 h: 300. Cheaper: they change places in the first
    hour, 100 for the other's start after 3 h, and the first one comes back after its least 2 h off for another 100.
    """
    system, hours, state = read_instance(instance)
    problem, shares = build(system, hours, state)
    found = solve(problem, How(gap=1e-9))
    assert found.objective == pytest.approx(3050 + 2 * 100)
    assert found["cold/on"].round().tolist() == [1, 1, 1, 0]
    assert found["running/on"].round().tolist() == [0, 0, 1, 1]
    assert found["spinning/cold"][2] + found["spinning/running"][2] >= 20 - 1e-6
    done = schedule(problem, shares, found)
    assert not broken(system, hours, done, state)


def test_reserve_that_is_missing_is_found(instance):
    system, hours, state = read_instance(instance)
    problem, shares = build(system, hours, state)
    done = schedule(problem, shares, solve(problem))
    more = replace(hours, reserve_mw={"spinning": hours.reserve_mw["spinning"] + 50})
    assert {str(b.rule) for b in broken(system, more, done, state)} == {"is less than required"}


@pytest.mark.data
def test_no_answer_of_the_relaxed_instance_costs_more_than_the_best_known(shared_data):
    """Bound of the rows before any search: within 0.3 % of the best known cost of rts_gmlc/2020-01-27, and below it."""
    system, hours, state = read_instance(shared_data / "pglib_uc" / "rts_gmlc" / "2020-01-27.json")
    arrays = build(system, hours, state)[0].arrays()
    bound = Model(replace(arrays, integer=np.zeros_like(arrays.integer))).solve().objective
    assert 1_227_311.9 * 0.997 < bound < 1_227_311.9


@pytest.mark.parametrize("text", ["{", "[]", '{"thermal_generators": {}}'])
def test_what_is_no_instance_is_refused_with_its_name(tmp_path, text):
    path = tmp_path / "odd.json"
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=r"odd\.json: this is not an instance of PGLib-UC"):
        read_instance(path)
