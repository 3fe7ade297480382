from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from physics.making import FLOOR_MW, fit_year, make_year
from physics.test_curtailment import hours_of
from tamna.physics.curtailment import SystemFloor, estimate, evidence
from tamna.physics.floor import Anchor, learn_floor


@pytest.fixture(scope="module")
def year():
    return make_year(seed=31, days=240)


@pytest.fixture(scope="module")
def hours(year):
    return hours_of(year, fit_year(make_year(seed=32, days=240)).fit)


@pytest.fixture(scope="module")
def learned(hours):
    return learn_floor([Anchor(hours=hours)])


def test_the_planted_floor_is_found_from_hours_alone(learned):
    assert learned.mw[0] == pytest.approx(FLOOR_MW, abs=30)
    assert learned.counted is None
    assert learned.wander_mw == 25.0


def test_no_floor_nearby_is_likelier_than_the_one_found(hours, learned):
    best = evidence(hours, learned)
    for away in (-40.0, 40.0):
        assert evidence(hours, replace(learned, mw=learned.mw + away)) < best


def test_a_line_that_is_off_moves_the_energy_little_for_days_tell_their_own_floor(year, hours, learned):
    for off in (-30.0, 30.0):
        found = estimate(hours, replace(learned, mw=learned.mw + off))
        assert found.expected_mwh.sum() == pytest.approx(
            estimate(hours, learned).expected_mwh.sum(), rel=0.06
        )
    held = year.held_mwh > 10
    assert found.floor_mw[held].mean() == pytest.approx(FLOOR_MW, abs=15)


def test_what_the_island_counts_is_published_energy_over_what_is_missing(year, hours, learned):
    missing = float(estimate(hours, learned).expected_mwh.sum())
    assert missing == pytest.approx(year.held_mwh.sum(), rel=0.15)
    floor = learn_floor([Anchor(hours=hours, published_mwh=1.2 * missing, counted=1.03)])
    assert floor.counted == pytest.approx([1.2, 1.2])
    assert estimate(hours, floor).expected_mwh.sum() == pytest.approx(1.2 * missing)


def test_another_base_tells_what_the_island_counts_where_nothing_is_published(hours):
    half = np.arange(len(hours.stamps)) < 24 * 120
    floor = learn_floor([Anchor(hours=hours.pick(~half)), Anchor(hours=hours.pick(half), counted=1.03)])
    assert floor.counted == pytest.approx([1.03] * 4)
    assert floor.days[0] == hours.stamps[0]


def test_the_judged_span_tells_its_other_base_and_none_of_its_hours(hours):
    half = np.arange(len(hours.stamps)) < 24 * 120
    other = Anchor(hours=hours.pick(half))
    shifted = replace(hours.pick(~half), demand_mw=hours.demand_mw[~half] + 80.0)
    floor = learn_floor([other, Anchor(hours=shifted, counted=1.03, judged=True, published_mwh=9e9)])
    assert floor.mw == pytest.approx(np.repeat(learn_floor([other]).mw[0], 4))
    assert floor.counted == pytest.approx([1.03] * 4)
    with pytest.raises(ValueError, match="nothing to learn"):
        learn_floor([Anchor(hours=shifted, judged=True)])


def test_between_two_spans_floor_and_counting_run_along_a_line(hours):
    floor = SystemFloor(
        days=hours.stamps[[0, 24 * 100]], mw=np.array([300.0, 200.0]), counted=np.array([1.2, 1.0])
    )
    at = hours.stamps[[24 * 50, -1]]
    assert floor.at(at) == pytest.approx([250.0, 200.0])
    assert floor.counted_at(at) == pytest.approx([1.1, 1.0])


def test_floors_that_lie_far_apart_make_the_floor_wander_more(hours):
    half = np.arange(len(hours.stamps)) < 24 * 120
    higher = replace(hours.pick(~half), demand_mw=hours.demand_mw[~half] + 80.0)
    apart = learn_floor([Anchor(hours=hours.pick(half)), Anchor(hours=higher)])
    assert apart.mw[2] == apart.mw[3] > apart.mw[0] + 40
    assert apart.wander_mw == pytest.approx((apart.mw[2] - apart.mw[0]) / np.sqrt(2))
