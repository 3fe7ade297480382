import numpy as np
import pytest

from optimise.blocks.golden import assert_golden, text_of
from tamna.errors import InputError
from tamna.optimise.blocks.demand import LoadClass, add_demand
from tamna.optimise.blocks.thermal import add_thermal
from tamna.optimise.blocks.thermal_unit import Segment, Start, Thermal, ThermalState
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import ELECTRICITY, add_balance
from tamna.optimise.solver import solve

STEADY = Thermal(name="gas", max_mw=100, min_mw=40, cost_per_mwh=10, starts=(Start(off_h=0, cost=500),))
LOST = 1000.0


def serve(unit, demand, *, state=None, backup=50.0, hours=1.0, available=1.0):
    """One unit, a dear backup without limits, and demand; gives output, backup and cost."""
    p = Problem(Steps(count=len(demand), hours=hours))
    shares = [
        add_thermal(p, unit, state, available=available),
        add_thermal(p, Thermal(name="backup", max_mw=1e4, cost_per_mwh=backup)),
        add_demand(
            p, "demand", demand_mw=demand, classes=(LoadClass(name="all", share=1, lost_per_mwh=LOST),)
        ),
    ]
    add_balance(p, shares)
    found = solve(p)
    return found.of(shares[0].injection_mw[ELECTRICITY]).round(6), found["backup/power"].round(6), found


def test_the_equations_are_the_golden_ones():
    unit = Thermal(
        name="gas", max_mw=100, min_mw=40, segments=(Segment(width_mw=40, cost_per_mwh=10), Segment(width_mw=20, cost_per_mwh=15)),
        on_cost_per_h=400, starts=(Start(off_h=2, cost=100), Start(off_h=4, cost=300)), ramp_up_mw_per_h=30,
        ramp_down_mw_per_h=25, start_mw=40, stop_mw=45, min_up_h=3, min_down_h=2,
    )  # fmt: skip
    state = ThermalState(on=True, hours=1, mw=70)
    assert_golden(
        "thermal", text_of(lambda p: add_thermal(p, unit, state, available=[1, 1, 0.8, 1, 1]), steps=5)
    )


def test_a_linear_unit_has_one_column():
    unit = Thermal(name="gas", max_mw=100, cost_per_mwh=10, ramp_up_mw_per_h=30)
    assert_golden("thermal_linear", text_of(lambda p: add_thermal(p, unit, ThermalState(on=True, mw=20))))


def test_a_start_is_paid_only_where_it_saves_more():
    """Backup costs 40/MWh more: 50 MW for 1 h save 2000 > 500; 5 h at 40 MW or nothing in between."""
    power, backup, found = serve(STEADY, [50, 0, 10, 50])
    assert power.tolist() == [50, 0, 0, 50]
    assert backup.tolist() == [0, 0, 10, 0]
    assert found.objective == pytest.approx(2 * (500 + 500) + 10 * 50)


def test_least_time_on_keeps_a_unit_running_at_its_minimum():
    """On for 3 h once started; with 40 MW in every hour it cannot help with 10, so it waits for hours that take it."""
    unit = Thermal(name="gas", max_mw=100, min_mw=40, cost_per_mwh=10, min_up_h=3)
    power, _, _ = serve(unit, [90, 90, 10, 90, 90, 90])
    assert power.tolist() == [0, 0, 0, 90, 90, 90]


def test_least_time_off_reaches_back_before_the_first_hour():
    unit = Thermal(name="gas", max_mw=100, min_mw=40, cost_per_mwh=10, min_down_h=5)
    power, _, _ = serve(unit, [90] * 5, state=ThermalState(on=False, hours=2))
    assert power.tolist() == [0, 0, 0, 90, 90]


def test_least_time_on_reaches_back_before_the_first_hour():
    """Started an hour ago, 4 h to go on: 40 MW in hours that ask for 40 to 90, then off where 10 are asked for."""
    unit = Thermal(name="gas", max_mw=100, min_mw=40, cost_per_mwh=60, min_up_h=4)
    power, _, _ = serve(unit, [90, 90, 90, 90], state=ThermalState(on=True, hours=1, mw=40))
    assert power.tolist() == [40, 40, 40, 0]


def test_ramps_and_start_and_stop_limits_shape_the_output():
    """From off: 50 in the first hour, then 30 more an hour; before the stop no more than 45, 25 more an hour before."""
    unit = Thermal(
        name="gas", max_mw=120, min_mw=40, cost_per_mwh=1, ramp_up_mw_per_h=30, ramp_down_mw_per_h=25,
        start_mw=50, stop_mw=45, min_up_h=4,
    )  # fmt: skip
    power, _, _ = serve(unit, [120] * 5 + [0])
    assert power.tolist() == [50, 80, 95, 70, 45, 0]


def test_a_unit_shut_down_in_the_first_hour_comes_from_a_low_level():
    """At 70 MW with a stop limit of 45 and 25 an hour down, it must first come down one hour."""
    unit = Thermal(
        name="gas",
        max_mw=100,
        min_mw=40,
        cost_per_mwh=1,
        ramp_down_mw_per_h=25,
        stop_mw=45,
        ramp_up_mw_per_h=60,
    )
    power, _, _ = serve(unit, [70, 0, 0], state=ThermalState(on=True, hours=9, mw=70), backup=2)
    assert power.tolist() == [45, 0, 0]


def test_a_stop_limit_without_ramps_holds_in_the_first_hour_too():
    unit = Thermal(name="gas", max_mw=100, min_mw=40, cost_per_mwh=1, stop_mw=45)
    p = Problem(Steps(count=2))
    share = add_thermal(p, unit, ThermalState(on=True, hours=9, mw=70))
    add_balance(p, [share, add_thermal(p, Thermal(name="backup", max_mw=1e3, cost_per_mwh=0)),
                    add_demand(p, "demand", demand_mw=[100, 100])])  # fmt: skip
    assert solve(p)["gas/on"].round().tolist() == [1, 0]


def test_one_hour_of_time_on_allows_a_start_and_a_stop_around_it():
    """Up-time 1: started at most at 50, stopped at most from 45, so a single hour gives 45."""
    unit = Thermal(
        name="gas", max_mw=100, min_mw=40, cost_per_mwh=1, ramp_up_mw_per_h=30, ramp_down_mw_per_h=30,
        start_mw=50, stop_mw=45, min_up_h=1,
    )  # fmt: skip
    power, _, _ = serve(unit, [0, 90, 0])
    assert power.tolist() == [0, 45, 0]


@pytest.mark.parametrize(("off", "paid"), [(1, 100), (2, 100), (3, 300), (6, 300), (7, 900), (50, 900)])
def test_a_start_costs_by_how_long_the_unit_was_off_across_the_edge(off, paid):
    """Hot below 4 h off, warm below 8, cold after; off for `off` hours before, started after one more."""
    starts = (Start(off_h=0, cost=100), Start(off_h=4, cost=300), Start(off_h=8, cost=900))
    unit = Thermal(name="gas", max_mw=100, min_mw=40, cost_per_mwh=1, starts=starts)
    _, _, found = serve(unit, [0, 90, 90], state=ThermalState(on=False, hours=off), backup=20)
    assert found.objective == pytest.approx(paid + 180)


def test_a_stop_within_the_hours_makes_the_next_start_warm():
    starts = (Start(off_h=0, cost=100), Start(off_h=2, cost=300))
    unit = Thermal(name="gas", max_mw=100, min_mw=40, cost_per_mwh=1, starts=starts)
    _, _, found = serve(unit, [90, 0, 0, 90], state=ThermalState(on=True, hours=9, mw=90), backup=20)
    assert found.objective == pytest.approx(180 + 300)


def test_cost_follows_its_segments():
    """40 MW cost 400 an hour, the next 40 MW 10 each, the last 20 MW 15 each."""
    unit = Thermal(
        name="gas", max_mw=100, min_mw=40, on_cost_per_h=400,
        segments=(Segment(width_mw=40, cost_per_mwh=10), Segment(width_mw=20, cost_per_mwh=15)),
    )  # fmt: skip
    _, _, found = serve(unit, [40, 60, 90], hours=0.5)
    assert found.objective == pytest.approx(0.5 * (3 * 400 + 20 * 10 + 40 * 10 + 10 * 15))


def test_ramps_are_per_hour_whatever_the_step():
    unit = Thermal(name="gas", max_mw=100, cost_per_mwh=1, ramp_up_mw_per_h=60)
    power, _, _ = serve(unit, [100] * 4, state=ThermalState(on=True, mw=0), hours=5 / 60)
    assert power.tolist() == [5, 10, 15, 20]


def test_must_run_is_on_and_an_outage_ends_every_duty():
    unit = Thermal(name="gas", max_mw=100, min_mw=40, cost_per_mwh=90, must_run=True)
    power, _, _ = serve(unit, [50, 50, 50], available=[1, 0, 0.45])
    assert power.tolist() == [40, 0, 40]


def test_the_room_above_and_below_is_its_reserve():
    p = Problem(Steps(count=2))
    share = add_thermal(p, STEADY)
    add_balance(p, [share, add_demand(p, "demand", demand_mw=[70, 0])])
    found = solve(p)
    assert found.of(share.up_mw[0]).tolist() == pytest.approx([30, 0])
    assert found.of(share.down_mw[0]).tolist() == pytest.approx([30, 0])


def test_figures_that_cannot_be_meant_come_all_at_once():
    p = Problem(Steps(count=2))
    unit = Thermal(
        name="gas", max_mw=30, min_mw=40, ramp_up_mw_per_h=np.nan, stop_mw=20,
        segments=(Segment(width_mw=5, cost_per_mwh=9), Segment(width_mw=5, cost_per_mwh=8)),
        starts=(Start(off_h=5, cost=1), Start(off_h=2, cost=3)),
    )  # fmt: skip
    add_balance(p, [add_thermal(p, unit)])
    with pytest.raises(InputError) as refused:
        solve(p)
    said = str(refused.value)
    for part in (
        "thermal unit 'gas', min_mw: must not lie above max_mw (got 40 > 30)",
        "ramp_up_mw_per_h: must be at least 0",
        "min_mw: must not lie above stop_mw",
        "the cost curve gets flatter",
        "the segments do not reach",
        "starts must be listed from hot to cold",
    ):
        assert part in said
