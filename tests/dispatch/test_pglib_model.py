"""Our rows against the library's own, on small instances of every shape that its figures can take."""

import json

import numpy as np
import pytest

from dispatch.pglib_model import optimum, relaxation
from dispatch.test_pglib import INSTANCE, UNIT
from tamna.dispatch.check.pglib import evaluate
from tamna.dispatch.pglib_solve import solve_pglib
from tamna.errors import Infeasible, UsageError


def odd_instance(seed):
    """Starts above and below the ramp, reserve that binds, three kinds of start, units bound by what was before."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(5, 11))
    units = {f"g{k}": _odd_unit(rng) for k in range(int(rng.integers(2, 4)))}
    most = sum(g["power_output_maximum"] for g in units.values())
    return INSTANCE | {
        "time_periods": count,
        "demand": (most * rng.uniform(0.1, 0.8, count)).tolist(),
        "reserves": (most * rng.uniform(0.0, 0.15, count)).tolist(),
        "thermal_generators": units,
        "renewable_generators": {
            "w": {"power_output_minimum": [0.0] * count, "power_output_maximum": (most * rng.uniform(0.2, 0.9, count)).tolist()}
        },
    }  # fmt: skip


def _odd_unit(rng):
    least, most = rng.uniform(20, 50), rng.uniform(60, 150)
    on, down = bool(rng.random() < 0.5), int(rng.integers(1, 4))
    slopes = np.sort(rng.uniform(5, 40, 2))
    middle = rng.uniform(least, most)
    costs = np.cumsum([rng.uniform(100, 900), (middle - least) * slopes[0], (most - middle) * slopes[1]])
    kinds = np.sort(rng.uniform(10, 3000, 3))
    return UNIT | {
        "power_output_minimum": least, "power_output_maximum": most, "unit_on_t0": int(on),
        "power_output_t0": rng.uniform(least, most) * on, "time_up_t0": int(rng.integers(1, 6)) * on,
        "time_down_t0": int(rng.integers(1, 6)) * (not on), "time_up_minimum": int(rng.integers(1, 5)),
        "time_down_minimum": down, "ramp_up_limit": rng.uniform(0.2, 1) * (most - least),
        "ramp_down_limit": rng.uniform(0.2, 1) * (most - least), "ramp_startup_limit": rng.uniform(least, most),
        "ramp_shutdown_limit": rng.uniform(least, most),
        "startup": [{"lag": down + a, "cost": c} for a, c in zip((0, 2, 4), kinds, strict=True)],
        "piecewise_production": [{"mw": m, "cost": c} for m, c in zip((least, middle, most), costs, strict=True)],
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(24))
def test_the_best_schedule_costs_what_the_librarys_model_says(tmp_path, seed):
    given, path = odd_instance(seed), tmp_path / "odd.json"
    path.write_text(json.dumps(given), "utf-8")
    try:
        best = optimum(given)
    except Infeasible:
        with pytest.raises(Infeasible):
            solve_pglib(path, gap=1e-6, time_limit_s=30, model="model.pdf")
        return
    answer = solve_pglib(path, gap=1e-6, time_limit_s=30, model="model.pdf")
    assert answer.keeps == "model.pdf"
    assert answer.broken == ()
    assert answer.objective == pytest.approx(best, rel=3e-6)
    assert answer.bound <= best * (1 + 1e-6)


@pytest.mark.parametrize("seed", range(100, 108))
def test_the_best_schedule_costs_what_reserve_beyond_the_stop_says(tmp_path, seed):
    """Units of UnitCommitment.jl's model: reserve that counts in no stop, dearer or as dear with it."""
    given, path = odd_instance(seed), tmp_path / "odd.json"
    path.write_text(json.dumps(given), "utf-8")
    try:
        best = optimum(given, reserve_to_stop=False)
    except Infeasible:
        with pytest.raises(Infeasible):
            solve_pglib(path, gap=1e-6, time_limit_s=30, model="unitcommitment.jl")
        return
    answer = solve_pglib(path, gap=1e-6, time_limit_s=30, model="unitcommitment.jl")
    assert answer.broken == ()
    assert answer.objective == pytest.approx(best, rel=3e-6)


STOPPING = UNIT | {
    "unit_on_t0": 1,
    "time_up_t0": 9,
    "time_down_t0": 0,
    "power_output_t0": 50.0,
    "ramp_down_limit": 10.0,
}
BESIDE = STOPPING | {
    "power_output_minimum": 0.0, "ramp_down_limit": 100.0, "ramp_up_limit": 100.0, "ramp_shutdown_limit": 100.0,
    "ramp_startup_limit": 100.0, "piecewise_production": [{"mw": 0.0, "cost": 0.0}, {"mw": 100.0, "cost": 9000.0}],
}  # fmt: skip


def stopping(tmp_path, reserve):
    given = INSTANCE | {
        "time_periods": 2, "demand": [50.0, 0.0], "reserves": [reserve, 0.0], "renewable_generators": {},
        "thermal_generators": {"unit": STOPPING, "other": BESIDE},
    }  # fmt: skip
    path = tmp_path / "given.json"
    path.write_text(json.dumps(given), "utf-8")
    return given, path


def test_reserve_before_a_stop_may_reach_beyond_the_ramp_down(tmp_path):
    """Shutdown ramp 60, minimum 40, ramp down 10: before its stop the unit gives 50 at most, and holds 10 more."""
    answer = solve_pglib(stopping(tmp_path, 110.0)[1], gap=1e-6)
    assert answer.schedule.on["unit"].tolist() == [True, False]
    assert answer.schedule.output_mw["unit"][0] == pytest.approx(50)
    assert answer.schedule.reserve_mw["unit"][0] == pytest.approx(10)
    assert answer.objective == pytest.approx(500)


def test_unitcommitment_jl_lets_a_unit_that_stops_hold_reserve_up_to_its_capacity(tmp_path):
    """From 50 the unit's ramp up reaches 80: it holds 30 there, 10 by MODEL.pdf, whose evaluator finds the other 20."""
    given, path = stopping(tmp_path, 130.0)
    with pytest.raises(Infeasible):
        solve_pglib(path, gap=1e-6, model="model.pdf")
    answer = solve_pglib(path, gap=1e-6, model="unitcommitment.jl")
    assert answer.broken == ()
    assert answer.objective == pytest.approx(500)
    by_the_library = evaluate(given, answer.schedule)[1]
    assert [(str(b.rule), b.asset, b.step) for b in by_the_library] == [("stops from too high", "unit", 0)]
    assert by_the_library[0].by == pytest.approx(20)


def test_a_model_that_nobody_wrote_is_refused(tmp_path):
    with pytest.raises(UsageError, match="--model is not understood"):
        solve_pglib(stopping(tmp_path, 0.0)[1], model="egret")


def test_a_point_above_the_line_between_others_is_never_used(tmp_path):
    """60 MW lie at 900, on the line from 400 at 40 to 1000 at 100 at 600; the unit alone gives 70: 700."""
    bent = [{"mw": 40.0, "cost": 400.0}, {"mw": 60.0, "cost": 900.0}, {"mw": 100.0, "cost": 1000.0}]
    given = INSTANCE | {
        "time_periods": 1, "demand": [70.0], "reserves": [0.0], "renewable_generators": {},
        "thermal_generators": {"unit": UNIT | {"piecewise_production": bent}},
    }  # fmt: skip
    path = tmp_path / "given.json"
    path.write_text(json.dumps(given), "utf-8")
    answer = solve_pglib(path, gap=1e-6)
    assert answer.objective == pytest.approx(700 + 100)
    assert answer.repriced == pytest.approx(answer.objective)
    assert optimum(given) == pytest.approx(answer.objective)


@pytest.mark.parametrize("seed", [1, 13, 38, 43, 78, 101])
@pytest.mark.parametrize("gap", [1e-6, 3e-2])
def test_a_schedule_keeps_model_pdf_wherever_one_lies_within_the_gap(tmp_path, seed, gap):
    """On odd instances (the rules are 0 and 0.2 to 1.1 % apart): the bound holds for both, and the answer says whose it keeps."""
    given, path = odd_instance(seed), tmp_path / "odd.json"
    path.write_text(json.dumps(given), "utf-8")
    strict, loose = optimum(given), optimum(given, reserve_to_stop=False)
    answer = solve_pglib(path, gap=gap, time_limit_s=30)
    assert answer.gap <= gap
    assert answer.bound <= loose * (1 + 1e-6)
    assert answer.objective >= (strict if answer.keeps == "model.pdf" else loose) * (1 - 3e-6)
    assert answer.broken == ()
    assert (answer.beyond == ()) is (answer.keeps == "model.pdf")
    if strict - loose < 1e-7 * loose:
        assert answer.keeps == "model.pdf"
    if strict * (1 - gap) > loose * (1 + 3e-6):
        assert answer.keeps == "unitcommitment.jl"


@pytest.mark.slow
@pytest.mark.data
def test_the_published_relaxation_of_a_day_is_that_without_reserve_at_stops(shared_data):
    """UnitCommitment.jl's table says 1203721.0 for rts_gmlc/2020-01-27: below what MODEL.pdf allows even when halved."""
    given = json.loads((shared_data / "pglib_uc" / "rts_gmlc" / "2020-01-27.json").read_text("utf-8"))
    assert relaxation(given, reserve_to_stop=False) == pytest.approx(1_203_721.0, abs=0.5)
    assert relaxation(given) == pytest.approx(1_205_494.5, abs=0.5)
