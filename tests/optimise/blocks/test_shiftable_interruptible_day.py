from dataclasses import replace

import numpy as np
import pytest

from optimise.blocks.golden import assert_golden, text_of
from tamna.errors import Infeasible, InputError
from tamna.optimise.blocks.day import Clock, add_daily
from tamna.optimise.blocks.interruptible import Interruptible, add_interruptible
from tamna.optimise.blocks.link import Link, add_link
from tamna.optimise.blocks.shiftable import Shiftable, add_shiftable
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import add_balance
from tamna.optimise.solver import solve

PUMPS = Shiftable(name="pumps", most_mw=20, span_h=4)
WORKS = Interruptible(name="works", most_mw=10, cut_per_mwh=90, hours_per_day=2, times_per_day=1)


def solved(add, price, *, hours=1.0):
    p = Problem(Steps(count=len(price), hours=hours))
    share = add(p)
    link = Link(name="link", import_mw=100, export_mw=0)
    add_balance(p, [share, add_link(p, link, import_price=price, export_price=0)])
    return solve(p)


def test_the_equations_are_the_golden_ones():
    full = replace(PUMPS, least_mw=2, span_h=2, most_ahead_mwh=15, moved_per_mwh=3, lost_per_mwh=500)
    clock = Clock(elapsed_h=1)
    assert_golden(
        "shiftable",
        text_of(lambda p: add_shiftable(p, full, load_mw=[8, 9, 10, 11], ahead_mwh=-4, clock=clock)),
    )
    assert_golden(
        "interruptible",
        text_of(lambda p: add_interruptible(
            p, WORKS, load_mw=[8, 9, 10, 7], cutting=True, clock=Clock(elapsed_h=22, used={"works/hours": 1, "works/times": 1})
        )),
    )  # fmt: skip


def test_the_equations_of_a_load_that_may_be_lost_are_the_golden_ones():
    lost = Interruptible(name="works", most_mw=10, cut_per_mwh=90, lost_per_mwh=700)
    assert_golden(
        "interruptible_lost", text_of(lambda p: add_interruptible(p, lost, load_mw=[8, 9]), steps=2)
    )


def pumps(price, load=PUMPS, **kwargs):
    return solved(lambda p: add_shiftable(p, load, load_mw=np.full(len(price), 10.0), **kwargs), price)


def test_a_load_moves_into_cheap_hours_and_loses_no_energy():
    found = pumps([10, 40, 20, 40])
    assert found["pumps/power"].tolist() == pytest.approx([20, 0, 20, 0])
    assert found.objective == pytest.approx(20 * 10 + 20 * 20)


def test_a_load_moves_only_where_it_saves_more_than_moving_costs():
    """From 45 to 10 saves 35 a MWh, from 40 to 20 saves 20: at 25 a MWh only the first pays."""
    found = pumps([10, 45, 20, 40], replace(PUMPS, moved_per_mwh=25))
    assert found["pumps/power"].tolist() == pytest.approx([20, 0, 10, 10])
    assert found.objective == pytest.approx(200 + 200 + 400 + 250)


def test_energy_does_not_leave_its_span():
    """Two spans of two hours: the cheap hour of the second one is of no use to the first."""
    found = pumps([40, 30, 10, 50], replace(PUMPS, span_h=2))
    assert found["pumps/power"].tolist() == pytest.approx([0, 20, 20, 0])


def test_what_was_taken_sooner_before_the_first_hour_is_not_taken_again():
    """The span began two hours ago and 10 MWh were taken sooner: 10 are left of 20."""
    found = pumps([30, 10], clock=Clock(elapsed_h=2), ahead_mwh=10)
    assert found["pumps/power"].tolist() == pytest.approx([0, 10])


def test_no_more_is_owed_than_allowed():
    found = pumps([50, 40, 10, 10], replace(PUMPS, most_ahead_mwh=12))
    assert found["pumps/ahead"].min() == pytest.approx(-12)


def test_a_load_that_is_not_served_has_its_value():
    p = Problem(Steps(count=1))
    add_balance(p, [add_shiftable(p, replace(PUMPS, span_h=1, lost_per_mwh=70), load_mw=[10])])
    assert solve(p).objective == pytest.approx(700)


def works(price, load=WORKS, **kwargs):
    return solved(lambda p: add_interruptible(p, load, load_mw=np.full(len(price), 10.0), **kwargs), price)


def test_the_best_two_hours_in_one_go_are_cut():
    found = works([100, 200, 150, 95, 250])
    assert found["works/cut"].tolist() == pytest.approx([0, 10, 10, 0, 0])
    assert found.objective == pytest.approx(10 * (100 + 95 + 250) + 20 * 90)


def test_twice_a_day_reaches_two_dear_hours_that_lie_apart():
    found = works([100, 200, 150, 95, 250], replace(WORKS, times_per_day=2))
    assert found["works/cut"].tolist() == pytest.approx([0, 10, 0, 0, 10])


def test_a_new_day_has_its_own_hours_and_times():
    """Midnight after the second hour: a cut that lasts over it counts on both days."""
    price = [200, 200, 200, 200, 200]
    assert works(price, clock=Clock(elapsed_h=22))["works/cut"].sum() == pytest.approx(40)
    used = Clock(elapsed_h=22, used={"works/hours": 2.0, "works/times": 1.0})
    assert works(price, clock=used)["works/cut"][:2].sum() == pytest.approx(0)
    half = Clock(elapsed_h=22, used={"works/hours": 1.0, "works/times": 1.0})
    assert works(price, clock=half, cutting=True)["works/cut"][:2].tolist() == pytest.approx([10, 0])
    assert works(price, clock=half, cutting=False)["works/cut"][:2].sum() == pytest.approx(0)


def test_without_limits_no_yes_or_no_is_asked():
    p = Problem(Steps(count=2))
    add_interruptible(p, Interruptible(name="works", most_mw=10, cut_per_mwh=90), load_mw=10)
    assert not p.arrays().integer.any()


def test_what_may_be_cut_no_more_is_lost_at_its_value():
    """No supply at all: two hours are cut for 90, the third goes dark at 700."""
    p = Problem(Steps(count=3))
    load = replace(WORKS, lost_per_mwh=700)
    add_balance(p, [add_interruptible(p, load, load_mw=[10, 10, 10])])
    found = solve(p)
    assert found["works/cut"].sum() == pytest.approx(20)
    assert found["works/unserved"].sum() == pytest.approx(10)
    assert found.objective == pytest.approx(20 * 90 + 10 * 700)
    p = Problem(Steps(count=3))
    add_balance(p, [add_interruptible(p, WORKS, load_mw=[10, 10, 10])])
    with pytest.raises(Infeasible):
        solve(p)


def test_a_day_is_counted_in_its_steps_of_five_minutes():
    """Two hours from 23:00 on: the first hour belongs to the day that has used 0.5 h of its 1 h already."""
    p = Problem(Steps(count=24, hours=1 / 12))
    x = p.columns("x", upper=1.0, cost=-1.0)
    clock = Clock(elapsed_h=23, used={"x": 0.5})
    add_daily(p, "x", x * (1 / 12), limit=1.0, clock=clock, says="x")
    found = solve(p)["x"] / 12
    assert found[:12].sum() == pytest.approx(0.5)
    assert found[12:].sum() == pytest.approx(1.0)
    assert np.flatnonzero(clock.begins_day(p.steps)).tolist() == [12]


@pytest.mark.parametrize(("by", "hours"), [(1.0, 23), (-1.0, 25), (0.0, 24)])
def test_a_day_on_which_the_clock_is_put_forward_or_back_is_an_hour_shorter_or_longer(by, hours):
    """Put forward (or back) after 3 h of the first day: its midnight comes after 23 (or 25) hours, that of the next 24 later."""
    clock = Clock(jumps=((3.0, by),))
    days = clock.spans(Steps(count=72))
    assert [int((days == k).sum()) for k in (0, 1)] == [hours, 24]
    assert (
        np.flatnonzero(clock.begins_day(Steps(count=72))).tolist()
        == [0, hours, hours + 24, hours + 48][: 4 if by > 0 else 3]
    )


def test_a_clock_that_is_put_back_over_midnight_ends_no_day_twice():
    """At 00:00 it shows 23:00 again: that hour belongs to the day that has begun, once."""
    clock = Clock(jumps=((24.0, -1.0),))
    assert clock.spans(Steps(count=26)).tolist() == [0] * 25 + [1]


def test_loads_outside_their_own_limits_are_refused_with_their_hour():
    p = Problem(Steps(count=2))
    shares = [
        add_shiftable(p, replace(PUMPS, least_mw=30, span_h=0), load_mw=[10, 25]),
        add_interruptible(p, replace(WORKS, cut_per_mwh=-1), load_mw=[5, 11]),
    ]
    add_balance(p, shares)
    with pytest.raises(InputError) as refused:
        solve(p)
    said = str(refused.value)
    assert "shiftable load 'pumps', least_mw: must not lie above most_mw (got 30 > 20)" in said
    assert "shiftable load 'pumps', span_h: must be above 0" in said
    assert (
        "interruptible load 'works', load_mw, step 1: the load as it would be lies outside its own limits"
        in said
    )
    assert len(refused.value.mistakes) == 5
