from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from physics.making import fit_year, make_year
from physics.test_curtailment import FLOOR, hours_of
from tamna.physics.curtailment import estimate
from tamna.physics.paths import joined, joined_wander, pick, totals, wandering


@pytest.fixture(scope="module")
def hours():
    return hours_of(make_year(seed=42, days=180), fit_year(make_year(seed=41, days=240)).fit)


@pytest.fixture(scope="module")
def found(hours):
    return estimate(hours, STIFF)


STIFF = replace(FLOOR, day_sd_mw=5.0)
"""A system whose days all have one floor: there an error of the line is an error of every day."""


def width(sums):
    return sums.quantiles[0.9] - sums.quantiles[0.1]


def test_a_floor_that_wanders_widens_the_interval_and_moves_its_middle_little(hours, found):
    month = np.arange(len(found.stamps)) // 720
    fixed = totals(found, month)
    loose = totals(found, month, wander=wandering(hours, replace(STIFF, wander_mw=40.0)))
    big = fixed.expected_mwh > 100
    assert big.any()
    assert width(loose)[big].sum() > 1.1 * width(fixed)[big].sum()
    assert loose.expected_mwh.tolist() == fixed.expected_mwh.tolist()
    assert loose.quantiles[0.5][big] == pytest.approx(fixed.quantiles[0.5][big], rel=0.2)


def test_the_further_a_floor_wanders_the_wider_the_interval(hours, found):
    year = np.zeros(len(found.stamps), dtype=np.int64)
    widths = [
        float(width(totals(found, year, wander=wandering(hours, replace(STIFF, wander_mw=mw))))[0])
        for mw in (10.0, 30.0, 60.0)
    ]
    assert widths == sorted(widths)


def test_the_same_seed_gives_the_same_paths(hours, found):
    year, wander = np.zeros(len(found.stamps), dtype=np.int64), wandering(hours, FLOOR)
    one, two = (totals(found, year, wander=wander, seed=4).quantiles[0.9] for _ in range(2))
    assert one.tolist() == two.tolist()


def test_what_is_cut_apart_and_joined_is_the_same(hours, found):
    early = np.arange(len(found.stamps)) < 1000
    again = joined([pick(found, early), pick(found, ~early)])
    assert again.log_odds.tolist() == found.log_odds.tolist()
    wander = wandering(hours, FLOOR)
    whole = joined_wander([wander.pick(early), wander.pick(~early)])
    assert whole.high.depth_mwh.tolist() == wander.high.depth_mwh.tolist()
    assert whole.sd_mw == FLOOR.wander_mw
