from __future__ import annotations

import json

import numpy as np
import pytest

from physics.making import fit_year, make_year
from tamna.errors import InputError
from tamna.physics.fit import FleetFit, fit_fleet, follow_level, load_fit, trusted_hours
from tamna.physics.level import Level


@pytest.fixture(scope="module")
def year():
    return make_year(seed=11)


@pytest.fixture(scope="module")
def fitted(year):
    return fit_year(year)


@pytest.fixture(scope="module")
def other():
    return make_year(seed=12)


def test_a_year_not_seen_is_predicted_without_its_curtailment(fitted, other):
    found = fitted.fit.potential(other.table, other.stamps)
    bias = (found.power_mw - other.free_mw)[other.held_mwh > 5].mean()
    lost = other.held_mwh[other.held_mwh > 5].mean()
    assert abs(bias) < 0.15 * lost
    assert np.abs(found.power_mw - other.free_mw).mean() < 16


def test_eighty_percent_of_free_hours_lie_in_the_80_percent_interval(fitted, other):
    found = fitted.fit.potential(other.table, other.stamps)
    free = other.held_mwh == 0
    inside = (other.free_mw >= found.bands[0.1]) & (other.free_mw <= found.bands[0.9])
    assert inside[free].mean() == pytest.approx(0.8, abs=0.04)


def test_bands_are_in_order_and_within_the_fleet(fitted, other):
    found = fitted.fit.potential(other.table, other.stamps)
    stack = np.array([found.bands[q] for q in sorted(found.bands)])
    assert (np.diff(stack, axis=0) >= -1e-9).all()
    assert stack.min() >= 0
    assert stack.max() < 1.3 * 250


def test_a_fit_survives_being_saved_and_says_what_it_learned_from(fitted, year, tmp_path):
    fitted.fit.save(tmp_path / "fit.json")
    again = load_fit(tmp_path / "fit.json")
    before, after = (f.potential(year.table, year.stamps).power_mw for f in (fitted.fit, again))
    assert np.abs(before - after).max() < 1.0
    assert again.learned == fitted.fit.learned
    assert again.learned["hours"] > 5000
    again.save(tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text())["format"] == "tamna-fleet-fit/1"


def test_something_else_is_refused_as_a_fit(tmp_path):
    (tmp_path / "fit.json").write_text('{"format": "other"}')
    with pytest.raises(InputError, match="not a saved fleet fit"):
        load_fit(tmp_path / "fit.json")


def test_other_weather_columns_are_refused(fitted, year):
    wrong = type(year.table)(("x", *year.table.names[1:]), year.table.rows, year.table.estimated)
    with pytest.raises(InputError, match="other columns"):
        fitted.fit.potential(wrong, year.stamps)


def test_a_fortnight_is_too_little_to_learn_from():
    short = make_year(days=14)
    with pytest.raises(InputError, match="too few trusted hours"):
        fit_fleet(short.table, short.stamps, short.wind_mw, short.dark, fleet="x")


def test_a_fleet_half_the_size_is_followed(fitted: FleetFit, other):
    own = follow_level(fitted.fit, other.table, other.stamps, other.free_mw / 2, other.held_mwh == 0)
    assert np.median(own.level.size / fitted.fit.level.size.mean()) == pytest.approx(0.5, abs=0.05)


def test_power_scales_with_the_size_of_the_fleet(fitted, year):
    days = year.stamps[:1]
    one, two = (
        fitted.fit.potential(year.table, year.stamps, level=Level(days, np.array([s]))).power_mw
        for s in (1.0, 2.0)
    )
    assert two == pytest.approx(2 * one)


def test_hours_without_room_or_without_demand_are_not_trusted_by_day():
    left = np.array([400.0, 300.0, np.nan, 300.0])
    dark = np.array([False, False, False, True])
    assert trusted_hours(left, np.zeros(4), np.zeros(4), dark).tolist() == [True, False, False, True]
