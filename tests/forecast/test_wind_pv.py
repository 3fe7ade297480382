import dataclasses

import numpy as np
import pytest

from forecast.fleets import PV_MW, fleet_island, without_run
from forecast.making import START
from tamna.forecast.backtest import Plan, backtest, day_ahead_rows
from tamna.forecast.blend import Member
from tamna.forecast.network import Network
from tamna.forecast.physical import pv_physics, wind_physics
from tamna.forecast.pv import PvFeatures
from tamna.forecast.simple import Line
from tamna.forecast.targets import target_named
from tamna.forecast.verdict import verdict
from tamna.forecast.weather import IssuedWeather, apart
from tamna.forecast.wind import WindFeatures
from tamna.grid.clock import HOUR, KOREA

DAY0 = (START + 9 * HOUR).astype("datetime64[D]")
PLAN = Plan(first=DAY0 + 170, last=DAY0 + 189, since=DAY0 + 30, warm_days=28)
ROWS = day_ahead_rows(PLAN.first, PLAN.first + 4, 11, KOREA)
NAMES = ("wind", "wind_delivered", "pv", "pv_delivered", "net_load")


def quick(name):
    members = (Member(learner=Network(width=16, epochs=4)),)
    return dataclasses.replace(target_named(name), members=members, copies=1)


@pytest.fixture(scope="module")
def made():
    return fleet_island()


@pytest.fixture(scope="module")
def answers(made):
    return {name: backtest(quick(name), made, PLAN) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_hour_is_answered(answers, name):
    assert len(answers[name].rows) == 20 * 24
    assert np.isfinite(answers[name].quantiles).all()
    assert answers[name].notes


@pytest.mark.parametrize("name", NAMES)
def test_it_beats_persistence_on_a_made_up_island(answers, name):
    scores = verdict(answers[name])["scores"][name]
    assert scores["tamna"]["mae_mw"] < scores["persistence"]["mae_mw"]
    assert {"physics", "climatology"} <= set(scores)


def test_hours_in_which_the_fleet_was_held_back_are_not_scored(made, answers):
    held = np.isnan(made.actual("wind", answers["wind"].rows.valid_at))
    assert held.any()
    assert np.isnan(answers["wind"].actual[held]).all()
    assert np.isfinite(answers["wind_delivered"].actual).all()


def test_what_is_delivered_falls_where_the_potential_does_not(made, answers):
    held = np.isnan(made.actual("wind", answers["wind"].rows.valid_at))
    assert answers["wind_delivered"].middle[held].mean() < answers["wind"].middle[held].mean()


def test_pv_of_the_night_is_zero_and_not_scored(answers):
    answer = answers["pv"]
    night = np.isnan(answer.actual)
    assert (answer.quantiles[night].max(axis=1) < 0.05 * PV_MW).all()
    local = (answer.rows.valid_at + 9 * HOUR).astype("datetime64[h]").astype(int) % 24
    assert (answer.quantiles[(local < 4) | (local > 21)] == 0.0).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_weather_run_is_answered_all_the_same(made, name):
    poor = without_run(made, ROWS.issued_at[-1])
    plan = dataclasses.replace(PLAN, last=PLAN.first + 4, warm_days=14)
    found = backtest(quick(name), poor, plan)
    assert np.isfinite(found.quantiles).all()


def test_physics_alone_finds_the_made_up_fleets(made):
    for found, name in ((wind_physics(ROWS, made), "wind"), (pv_physics(ROWS, made), "pv")):
        actual = made.actual(name, ROWS.valid_at)
        use = np.isfinite(actual) & np.isfinite(found) & (actual > 1.0)
        assert np.corrcoef(found[use], actual[use])[0, 1] > 0.6


def test_physics_alone_knows_nothing_that_was_not_known(made):
    poisoned = made.poisoned(ROWS.issued_at[0])
    first = ROWS.pick(ROWS.issued_at == ROWS.issued_at[0])
    for physics in (wind_physics, pv_physics):
        np.testing.assert_array_equal(physics(first, poisoned), physics(first, made))


def test_physics_without_a_run_is_silent(made):
    poor = dataclasses.replace(made, runs={})
    assert np.isnan(wind_physics(ROWS, poor)).all()
    assert (
        "physics"
        not in backtest(
            quick("wind"), poor, dataclasses.replace(PLAN, last=PLAN.first + 1, warm_days=7)
        ).rivals
    )


@pytest.mark.parametrize("features", [WindFeatures(), PvFeatures()])
def test_features_of_an_issue_come_from_before_it(made, features):
    first = ROWS.pick(ROWS.issued_at == ROWS.issued_at[0])
    poisoned = made.poisoned(ROWS.issued_at[0])
    tables = [(features.facts(first, h), features.sky(first, h, IssuedWeather(h))) for h in (made, poisoned)]
    for clean, other in zip(*tables, strict=True):
        np.testing.assert_array_equal(clean.values, other.values)
        np.testing.assert_array_equal(clean.base, other.base)


def test_places_apart_from_their_mean_sum_to_nothing(made):
    found = apart(made, IssuedWeather(made), "wind_speed", ROWS.valid_at, ROWS.issued_at)
    assert set(found) == {"east", "west"}
    np.testing.assert_allclose(found["east"] + found["west"], 0.0, atol=1e-9)


def test_a_share_is_learned_by_its_base():
    target = dataclasses.replace(target_named("pv"), members=(Member(learner=Line()),))
    value, base = np.array([10.0, 5.0, 0.0]), np.array([20.0, 0.0, 10.0])
    learned = target.forward(value, base)
    np.testing.assert_array_equal(learned, [0.5, np.nan, 0.0])
    np.testing.assert_array_equal(target.back(np.array([[0.5], [0.7], [-0.1]]), base), [[10.0], [0.0], [0.0]])
