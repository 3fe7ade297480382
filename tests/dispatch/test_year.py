import benchmarks.dispatch_cases as cases
import numpy as np
import pytest

from tamna.dispatch.check.whole import broken
from tamna.dispatch.year import solve_year
from tamna.errors import UsageError


@pytest.mark.data
def test_a_year_of_jeju_reaches_the_known_optimum(shared_data):
    hours, system = cases.hours(cases.profiles(shared_data)), cases.system(commit=False)
    done, found = solve_year(system, hours)
    assert found.objective == pytest.approx(cases.J1_OPTIMUM, rel=1e-6)
    assert done.total_cost == pytest.approx(found.objective, rel=1e-9)
    assert not broken(system, hours, done)


def made_hours(count):
    rng = np.random.default_rng(1)
    return cases.hours(
        {
            "demand_mw": rng.uniform(400, 900, count), "wind_cf": rng.uniform(0, 1, count),
            "pv_cf": rng.uniform(0, 1, count), "mainland_smp_krw_per_kwh": rng.uniform(60, 200, count),
        }
    )  # fmt: skip


@pytest.mark.parametrize("window_h", [24, 50, 500])
def test_windows_change_the_way_and_not_the_answer(window_h):
    system, hours = cases.system(commit=False), made_hours(170)
    _, whole = solve_year(system, hours, window_h=1000)
    _, stitched = solve_year(system, hours, window_h=window_h)
    assert stitched.objective == pytest.approx(whole.objective, rel=1e-9)


def test_levels_before_the_start_can_be_given():
    system, hours = cases.system(commit=False), made_hours(60)
    done, _ = solve_year(system, hours, cases.first_state(), window_h=24)
    assert not broken(system, hours, done, cases.first_state())


def test_on_and_off_is_left_to_the_rolling_horizon():
    with pytest.raises(UsageError, match="on-off"):
        solve_year(cases.system(commit=True), made_hours(10))
