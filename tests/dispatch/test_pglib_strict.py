"""Two readings of one row: the schedule keeps MODEL.pdf where one that does lies within the gap of the bound, and says so."""

import json

import numpy as np
import pytest

from dispatch.test_pglib_model import BESIDE, STOPPING, stopping
from tamna.dispatch.check.pglib import evaluate
from tamna.dispatch.pglib import read_instance
from tamna.dispatch.pglib_solve import solve_pglib
from tamna.dispatch.pglib_strict import held
from tamna.lang import speaking
from tamna.runs.pglib import pglib


def with_a_spare(tmp_path, on_cost):
    """As `stopping` with 130 MW of reserve, of which MODEL.pdf lets the two units hold 110: a third may hold the rest.

    It costs `on_cost` while on, beside the 500 of 50 MW at 10, which is all that UnitCommitment.jl asks for.
    """
    spare = BESIDE | {
        "unit_on_t0": 0, "time_up_t0": 0, "time_down_t0": 9, "power_output_t0": 0.0, "time_up_minimum": 1,
        "startup": [{"lag": 2, "cost": 0.0}],
        "piecewise_production": [{"mw": 0.0, "cost": on_cost}, {"mw": 100.0, "cost": on_cost + 9000.0}],
    }  # fmt: skip
    given, path = stopping(tmp_path, 130.0)
    given["thermal_generators"] |= {"spare": spare}
    path.write_text(json.dumps(given), "utf-8")
    return given, path


@pytest.mark.parametrize(
    ("on_cost", "gap", "keeps"),
    [(0.4, 1e-3, "model.pdf"), (0.6, 1e-3, "unitcommitment.jl"), (0.6, 2e-3, "model.pdf"), (0.0, 1e-6, "model.pdf")],
)  # fmt: skip
def test_model_pdf_is_kept_where_that_costs_less_than_the_gap(tmp_path, on_cost, gap, keeps):
    """0.4 and 0.6 are 0.08 and 0.12 % of 500."""
    given, path = with_a_spare(tmp_path, on_cost)
    answer = solve_pglib(path, gap=gap)
    strictly = keeps == "model.pdf"
    assert answer.keeps == keeps
    assert answer.objective == pytest.approx(500 + on_cost * strictly)
    assert answer.bound <= 500 * (1 + 1e-9)
    assert answer.gap <= gap
    assert answer.broken == ()
    assert answer.repriced == pytest.approx(answer.objective)
    assert (evaluate(given, answer.schedule)[1] == ()) is strictly


@pytest.mark.parametrize(("model", "cost"), [("model.pdf", 500.6), ("unitcommitment.jl", 500.0)])
def test_either_rule_can_be_forced(tmp_path, model, cost):
    path = with_a_spare(tmp_path, 0.6)[1]
    answer = solve_pglib(path, gap=1e-6, model=model)
    assert answer.keeps == model
    assert answer.objective == pytest.approx(cost)
    assert answer.bound == pytest.approx(cost)


def test_what_lies_beyond_the_row_is_told_by_unit_and_hour(tmp_path):
    """Without the spare there is no schedule by MODEL.pdf: 20 MW of reserve lie beyond it, in the first hour of one unit."""
    answer = solve_pglib(stopping(tmp_path, 130.0)[1], gap=1e-3)
    assert answer.keeps == "unitcommitment.jl"
    assert [(b.asset, b.step) for b in answer.beyond] == [("unit", 0)]
    assert answer.beyond[0].by == pytest.approx(20)


def test_reserve_is_handed_out_within_the_row_first(tmp_path):
    """Two like units that stop at 50, each 10 within the row and 30 with what the other rule lets: 25 need 5 of one of them."""
    _given, path = stopping(tmp_path, 25.0)
    system, _hours, state = read_instance(path)
    pair = type(system)(thermal=(system.thermal[0], system.thermal[0]), reserves=system.reserves)
    does = {"on": [1, 0], "start": [0, 0], "stop": [0, 1], "above": [10, 0]}
    columns = {f"unit/{what}": np.array(value, float) for what, value in does.items()}
    one = held(system.__class__(thermal=system.thermal[:1]), state, columns, np.array([25.0, 0.0]))
    assert one.reserve["unit"].tolist() == pytest.approx([25, 0])
    assert one.beyond["unit"].tolist() == pytest.approx([15, 0])
    assert not one.keeps
    assert held(pair, state, columns, np.array([20.0, 0.0])).keeps
    assert STOPPING["ramp_shutdown_limit"] == 60


def test_the_answer_says_whose_rules_it_keeps_and_where_the_other_would_break(tmp_path):
    path = with_a_spare(tmp_path, 0.6)[1]
    told = pglib(path)
    assert (told["keeps"], told["beyond_unit_hours"], told["proven"]) == ("unitcommitment.jl", 1, True)
    assert told["beyond_mw"] == pytest.approx(20)
    assert "(unit-hours beyond that: 1, 20.0 MW in all, most in hour 1 of unit)" in told["says"]
    assert "by which the bound holds" in pglib(path, model="model.pdf")["says"]
    kept = pglib(path, gap=2e-3)
    assert (kept["keeps"], kept["beyond_unit_hours"], kept["beyond_mw"]) == ("model.pdf", 0, 0.0)
    with speaking("ko"):
        assert "계획은 뒤의 규칙만 지킵니다" in pglib(path)["says"]
