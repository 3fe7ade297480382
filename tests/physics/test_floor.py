from __future__ import annotations

import numpy as np
import pytest

from physics.making import fit_year, make_year
from physics.test_curtailment import hours_of
from tamna.physics.curtailment import estimate
from tamna.physics.floor import Anchor, learn_floor


@pytest.fixture(scope="module")
def year():
    return make_year(seed=31, days=240)


@pytest.fixture(scope="module")
def hours(year):
    return hours_of(year, fit_year(make_year(seed=32, days=240)).fit)


def test_the_floor_is_where_the_estimate_meets_the_published_total(year, hours):
    floor = learn_floor([Anchor(hours=hours, total_mwh=float(year.held_mwh.sum()))])
    assert estimate(hours, floor).expected_mwh.sum() == pytest.approx(year.held_mwh.sum(), rel=0.05)


def test_total_and_days_of_one_truth_give_about_one_floor(year, hours):
    island = np.arange(len(year.stamps)) // 24
    days = len(np.unique(island[year.held_mwh > 3]))
    by_days = learn_floor([Anchor(hours=hours, days=days)]).mw[0]
    by_hours = learn_floor([Anchor(hours=hours, held_mwh=year.held_mwh, days=1)]).mw[0]
    assert by_days == pytest.approx(by_hours, abs=60)


def test_between_two_spans_the_floor_runs_along_a_line(year, hours):
    half = np.arange(len(year.stamps)) < 24 * 100
    late = np.arange(len(year.stamps)) >= 24 * 140
    floor = learn_floor([Anchor(hours=hours.pick(half), days=1), Anchor(hours=hours.pick(late), days=60)])
    assert floor.mw[0] == floor.mw[1] < floor.mw[2] == floor.mw[3]
    with pytest.raises(ValueError, match="without a figure"):
        learn_floor([Anchor(hours=hours)])
    middle = floor.at(year.stamps[24 * 120 : 24 * 120 + 1])[0]
    assert middle == pytest.approx((floor.mw[0] + floor.mw[3]) / 2, rel=0.05)
    assert floor.at(year.stamps[-1:] + np.timedelta64(400, "D"))[0] == floor.mw[3]


def test_floors_that_lie_far_apart_make_the_floor_wander_more(year, hours):
    half = np.arange(len(year.stamps)) < 24 * 120
    alike = learn_floor([Anchor(hours=hours, total_mwh=float(year.held_mwh.sum()))])
    apart = learn_floor([Anchor(hours=hours.pick(half), days=1), Anchor(hours=hours.pick(~half), days=90)])
    assert alike.wander_mw == 25.0
    assert apart.wander_mw == pytest.approx(abs(apart.mw[0] - apart.mw[-1]) / np.sqrt(2))
