from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tamna.physics.shape import fit_shape, judging_hours, pv_basis, sun_at, wind_basis
from tamna.physics.weather import Place


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(0)
    n = 24 * 200
    none = np.full(n, np.nan)
    place = Place(
        latitude=33.4, longitude=126.5, speed=7 * np.exp(0.4 * rng.normal(size=n)), direction=none,
        temperature=np.full(n, 15.0), humidity=none, pressure=none, cloud=np.full(n, 0.3),
        radiation=None,
    )  # fmt: skip
    stamps = (np.datetime64("2023-01-01T00", "h") + np.arange(n)).astype("datetime64[s]")
    return {"here": place}, stamps


def test_the_shape_does_not_follow_curtailed_hours(case):
    places, _stamps = case
    basis = wind_basis(places)
    truth = np.maximum(basis @ np.random.default_rng(1).uniform(0, 5, basis.shape[1]), 0)
    measured = truth.copy()
    measured[::9] *= 0.2
    n = len(truth)
    found = fit_shape(basis, measured, np.ones(n, dtype=bool), np.ones(n))
    assert np.corrcoef(found, truth)[0, 1] > 0.999
    assert found.mean() == pytest.approx(truth.mean(), rel=0.03)


def test_the_shape_is_of_the_whole_fleet_where_the_level_is_known(case):
    places, _stamps = case
    basis = wind_basis(places)
    n = len(basis)
    truth = 30 * basis[:, 5] + 20 * basis[:, 9]
    level = np.where(np.arange(n) < n // 2, 1.0, 0.2)
    found = fit_shape(basis, truth * level, np.ones(n, dtype=bool), level)
    assert found[n // 2 :].sum() == pytest.approx(truth[n // 2 :].sum(), rel=0.02)


def test_wind_is_judged_in_the_dark_and_pv_in_a_low_sun(case):
    places, stamps = case
    sun = sun_at(places, stamps)
    dark, low = judging_hours("wind", sun), judging_hours("pv", sun)
    assert not (dark & low).any()
    assert not dark[sun.clear_ghi > 0].any()
    assert sun.clear_ghi[low].max() < 600


def test_a_radiometer_that_came_later_does_not_change_the_yardstick(case):
    places, stamps = case
    sun = sun_at(places, stamps)
    late = np.where(np.arange(len(stamps)) < 3000, np.nan, 0.5 * sun.clear_ghi)
    new = {"here": replace(places["here"], radiation=late)}
    assert np.array_equal(pv_basis(new, sun), pv_basis(places, sun))
