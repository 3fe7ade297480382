from __future__ import annotations

import numpy as np
import pytest

from physics.making import FLOOR_MW, fit_year, make_year
from tamna.physics.curtailment import Hours, SystemFloor, estimate, split
from tamna.physics.paths import totals

FLOOR = SystemFloor(days=np.array(["2022-01-01"], "datetime64[s]"), mw=np.array([FLOOR_MW]))


def hours_of(year, fit, actual=None):
    found = fit.potential(year.table, year.stamps)
    return Hours(
        stamps=year.stamps, actual_mw=year.wind_mw if actual is None else actual, potential_mw=found.power_mw,
        error_mw=found.error_mw, demand_mw=year.demand_mw, pv_mw=year.pv_mw, sunny=~year.dark,
        most_mw=fit.most_mw,
    )  # fmt: skip


@pytest.fixture(scope="module")
def fit():
    return fit_year(make_year(seed=21)).fit


@pytest.fixture(scope="module")
def year():
    return make_year(seed=22)


@pytest.fixture(scope="module")
def found(fit, year):
    return estimate(hours_of(year, fit), FLOOR)


def test_planted_curtailment_is_recovered(found, year):
    assert year.held_mwh.sum() > 2000
    assert found.expected_mwh.sum() == pytest.approx(year.held_mwh.sum(), rel=0.15)
    day = np.arange(len(year.stamps)) // 24
    daily = [np.bincount(day, e) for e in (found.expected_mwh, year.held_mwh)]
    assert np.corrcoef(*daily)[0, 1] > 0.93


def test_the_interval_of_the_year_holds_the_planted_energy(found, year):
    whole = totals(found, np.zeros(len(year.stamps), dtype=np.int64), quantiles=(0.02, 0.98))
    assert whole.quantiles[0.02][0] < year.held_mwh.sum() < whole.quantiles[0.98][0]


def test_paths_add_up_to_the_expected_energy(found):
    period = np.arange(len(found.stamps)) // (24 * 30)
    sums = totals(found, period, quantiles=(0.25, 0.5, 0.75), paths=800)
    big = sums.expected_mwh > 200
    assert sums.quantiles[0.5][big] == pytest.approx(sums.expected_mwh[big], rel=0.1)


def test_noise_does_not_add_up_to_energy(fit):
    free = make_year(seed=23, curtailed=False)
    roomy = hours_of(free, fit)
    roomy = Hours(**{n: getattr(roomy, n) for n in Hours.__slots__} | {"demand_mw": free.demand_mw + 500})
    found = estimate(roomy, FLOOR)
    assert found.expected_mwh.sum() < 0.002 * free.free_mw.sum()
    clipped = np.maximum(roomy.potential_mw - roomy.actual_mw, 0).sum()
    assert clipped > 0.03 * free.free_mw.sum()  # what a naive difference would have claimed


def test_an_outage_with_room_is_not_called_curtailment(fit):
    free = make_year(seed=24, curtailed=False)
    broken = free.free_mw.copy()
    broken[24 * 100 : 24 * 130] *= 0.5
    hours = hours_of(free, fit, actual=broken)
    hours = Hours(**{n: getattr(hours, n) for n in Hours.__slots__} | {"demand_mw": free.demand_mw + 500})
    assert estimate(hours, FLOOR).expected_mwh.sum() < 0.005 * free.free_mw.sum()


def test_an_hour_that_cannot_be_judged_is_open_not_zero(fit, year):
    gap = year.wind_mw.copy()
    gap[1000:1010] = np.nan
    found = estimate(hours_of(year, fit, actual=gap), FLOOR)
    assert np.isnan(found.expected_mwh[1000:1010]).all()
    assert totals(found, np.zeros(len(gap), dtype=np.int64)).unknown_hours.tolist() == [10]


def test_the_interval_of_an_hour_is_in_order_and_zero_where_nothing_was_held(found, year):
    low, high = found.interval()
    assert (low <= high).all()
    assert (low >= 0).all()
    assert (high[year.dark] < 1).mean() > 0.99
    surely = year.held_mwh > 60
    assert ((low <= year.held_mwh) & (year.held_mwh <= high))[surely].mean() > 0.6


def test_published_energy_stays_as_published_and_the_rest_is_named(found, year):
    n = len(year.stamps)
    published = np.where(np.arange(n) < n // 2, year.held_mwh, np.nan)
    bidding = np.arange(n) >= 3 * n // 4
    parts = split(
        found, actual_mw=year.wind_mw, low_mw=np.zeros(n), instructed_mwh=published, bidding=bidding
    )
    assert np.array_equal(parts["instructed"], published, equal_nan=True)
    assert parts["market"][: 3 * n // 4].sum() == 0
    assert parts["market"].sum() == pytest.approx(found.expected_mwh[bidding].sum())
    assert parts["inferred"][: n // 2].sum() == 0


def test_half_a_day_short_is_an_outage_and_an_hour_is_unexplained(found):
    n = len(found.stamps)
    low = np.zeros(n)
    night = np.flatnonzero(found.likelihood < 0.01)
    start = next(t for t in night if (found.likelihood[t : t + 12] < 0.3).all())
    low[start : start + 7] = 50.0
    low[start + 10] = 20.0
    parts = split(found, actual_mw=np.zeros(n), low_mw=low)
    assert parts["outage"].sum() == pytest.approx(350)
    assert parts["unexplained"].sum() == pytest.approx(20)
