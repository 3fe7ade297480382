"""Rounding a relaxed commitment: least times and the way down are kept, and the bound is a bound."""

import numpy as np
import pytest

from dispatch.making import any_island
from tamna.dispatch.check.whole import broken
from tamna.dispatch.fast import on_of
from tamna.dispatch.rolling import roll
from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
from tamna.optimise.solver import How

UNIT = Thermal(name="gas", max_mw=100, min_mw=40, min_up_h=3, min_down_h=2, stop_mw=50, ramp_down_mw_per_h=20)
ANY = np.zeros(8, dtype=bool), np.ones(8, dtype=bool)


def rounded(share, *, bounds=ANY, state=None):
    return (
        on_of(UNIT, np.array(share, dtype=float), bounds, state, wanted=0.5, step_h=1.0).astype(int).tolist()
    )


def test_a_gap_shorter_than_the_least_time_off_is_filled():
    assert rounded([0.9, 0.9, 0.9, 0.1, 0.9, 0.9, 0.9, 0]) == [1, 1, 1, 1, 1, 1, 1, 0]


def test_a_run_shorter_than_the_least_time_on_is_made_longer():
    assert rounded([0, 0, 0.8, 0, 0, 0, 0, 0]) == [0, 0, 1, 1, 1, 0, 0, 0]


def test_a_unit_that_gives_more_than_a_stop_allows_comes_down_first():
    assert rounded([0] * 8, state=ThermalState(on=True, mw=85)) == [1, 1, 0, 0, 0, 0, 0, 0]


def test_a_unit_is_never_on_where_it_may_not_be():
    may = np.array([1, 1, 0, 0, 1, 1, 1, 1], dtype=bool)
    assert rounded([1] * 8, bounds=(ANY[0], may)) == [1, 1, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize("seed", [1, 5, 9])
def test_a_quick_commitment_breaks_no_rule_and_its_bound_lies_below_the_best(seed):
    system, hours, state = any_island(seed, steps=10)
    quick = roll(system, hours, state, window_h=10, step_h=10, fast=True, how=How(gap=1e-2, time_limit_s=10))
    best = roll(system, hours, state, window_h=10, step_h=10, how=How(gap=1e-3, time_limit_s=10))
    assert not broken(system, hours, quick.done, state)
    assert quick.windows[0].found.bound <= best.windows[0].found.objective + 1e-6
