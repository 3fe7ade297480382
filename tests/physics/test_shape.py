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
    found = fit_shape(basis, measured, np.ones(n, dtype=bool), np.zeros(n), np.zeros((n, 0))).power
    assert np.corrcoef(found, truth)[0, 1] > 0.999
    assert found.mean() == pytest.approx(truth.mean(), rel=0.03)


def test_the_shape_is_of_the_whole_fleet_and_the_step_and_growth_are_found_beside_it(case):
    places, _stamps = case
    basis = wind_basis(places)
    n = len(basis)
    truth = 30 * basis[:, 5] + 20 * basis[:, 9]
    rise = (np.arange(n) >= n // 2).astype(float)
    years = (np.arange(n) - n / 2) / 8766
    measured = truth * np.exp(0.2 * years) * np.where(rise > 0, 0.2, 1.0)
    found = fit_shape(basis, measured, np.ones(n, dtype=bool), years, rise[:, None])
    assert np.exp(found.sizes) == pytest.approx([0.2], rel=0.01)
    assert found.growth == pytest.approx(0.2, abs=0.01)
    assert found.power.sum() == pytest.approx(truth.sum(), rel=0.02)


def test_a_step_does_not_bend_a_yardstick_that_could_draw_a_season(case):
    # two columns that differ by season alone: without the step beside them they would take it over
    n = 24 * 365
    rng = np.random.default_rng(3)
    gust = rng.random(n)
    season = np.cos(2 * np.pi * np.arange(n) / n)
    basis = np.column_stack([gust * (1 + 0.3 * season), gust * (1 - 0.3 * season)])
    rise = (np.arange(n) >= 0.45 * n).astype(float)
    measured = basis.sum(axis=1) * np.where(rise > 0, 0.7, 1.0)
    found = fit_shape(basis, measured, np.ones(n, dtype=bool), (np.arange(n) - n / 2) / n, rise[:, None])
    assert np.exp(found.sizes) == pytest.approx([0.7], rel=0.02)
    assert np.corrcoef(found.power, basis.sum(axis=1))[0, 1] > 0.999


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
