"""Leaks, planted in every place where one could be: each is refused by name, or shown to change nothing."""

import dataclasses

import numpy as np
import pytest

from forecast.making import START, island
from tamna.errors import InputError, UsageError
from tamna.forecast.backtest import Plan, backtest
from tamna.forecast.blend import Member
from tamna.forecast.calibration import Conformal, calibrated
from tamna.forecast.demand import DemandFeatures
from tamna.forecast.history import Rows
from tamna.forecast.jeju import demand_target
from tamna.forecast.rivals import climatology, demand_rivals, persistence, without_bias
from tamna.forecast.simple import Line
from tamna.forecast.table import Table
from tamna.forecast.weather import IssuedWeather, fit_error, roughened
from tamna.grid.clock import DAY, HOUR
from tamna.runs.forecasting import answered, load

FEATURES = DemandFeatures()
DAY0 = (START + 9 * HOUR).astype("datetime64[D]")
PLAN = Plan(first=DAY0 + 160, last=DAY0 + 166, since=DAY0 + 30, warm_days=14, train_every_days=7)


def target(**changes):
    return dataclasses.replace(demand_target(), members=(Member(learner=Line()),), copies=1, **changes)


def beside(table, name, column):
    return Table((*table.names, name), np.concatenate([table.values, column[:, None]], 1), table.base)


# --- features: facts, sky, base ---------------------------------------------------------------------


def tomorrow(rows, history):
    return beside(FEATURES.facts(rows, history), "tomorrow", history.actual("demand", rows.valid_at))


def after_issue(rows, history):
    """An hour that lies before the forecast hour and yet after the issue."""
    stamps = rows.issued_at.astype("datetime64[h]").astype("datetime64[s]") + HOUR
    return beside(FEATURES.facts(rows, history), "next_hour", history.actual("demand", stamps))


def operator_early(rows, history):
    """The operator's forecast of tomorrow, published at 18:00, at 11:00."""
    return beside(FEATURES.facts(rows, history), "operator_says", history.actual("operator", rows.valid_at))


def shifted_issue(rows, history):
    """Honest features of a later issue."""
    later = Rows(rows.valid_at, rows.issued_at + 12 * HOUR)
    return FEATURES.facts(later, history)


def scaled(rows, history):
    """A base that knows the mean of the day it is asked of."""
    table = FEATURES.facts(rows, history)
    ahead = history.actual("demand", rows.valid_at)
    return Table(table.names, table.values, table.base * 0 + ahead.mean())


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (tomorrow, "tomorrow"),
        (after_issue, "next_hour"),
        (operator_early, "operator_says"),
        (shifted_issue, "morning"),
        (scaled, "base"),
    ],
)
def test_facts_that_look_ahead_are_refused_by_name(facts, words):
    with pytest.raises(InputError, match=rf"looked ahead.*{words}"):
        backtest(target(facts=facts), island(), PLAN)


def seen_weather(rows, history, weather):
    column = history.observed("observed/temperature", rows.valid_at)
    return beside(FEATURES.sky(rows, history, weather), "seen", column)


def late_run(rows, history, weather):
    """The run of the evening, where only the one of eleven o'clock had been issued."""
    table = FEATURES.sky(rows, history, weather)
    return beside(table, "late_run", history.at("forecast/temperature", rows.valid_at, rows.issued_at + DAY))


def island_with_evening_runs():
    history = island()
    run = history.runs["forecast/temperature"]
    valid, issued, value = run.rows()
    both = type(run).of(
        np.concatenate([valid, valid]), np.concatenate([issued, issued + 9 * HOUR]), np.concatenate([value, value + 1])
    )  # fmt: skip
    return dataclasses.replace(history, runs={**history.runs, "forecast/temperature": both})


@pytest.mark.parametrize(("sky", "words"), [(seen_weather, "seen"), (late_run, "late_run")])
def test_a_sky_that_looks_ahead_is_refused_by_name(sky, words):
    with pytest.raises(InputError, match=rf"looked ahead.*{words}"):
        backtest(target(sky=sky), island_with_evening_runs(), PLAN)


def test_a_closed_track_cannot_be_opened_by_a_feature():
    def peeking(rows, history):
        return beside(FEATURES.facts(rows, history), "x", history.observed("demand", rows.valid_at))

    with pytest.raises(UsageError, match="as of an issue time"):
        backtest(target(facts=peeking), island(), PLAN)


# --- the whole: no answer knows what came after its own issue -----------------------------------------


@pytest.fixture(scope="module")
def answers():
    return backtest(target(), island(), PLAN)


@pytest.mark.parametrize("day", [0, 3, 6])
def test_no_answer_changes_when_all_that_came_after_its_issue_is_nonsense(answers, day):
    issue = np.unique(answers.rows.issued_at)[day]
    again = backtest(target(), island().poisoned(issue), PLAN)
    mine = answers.rows.issued_at <= issue
    np.testing.assert_array_equal(again.quantiles[mine], answers.quantiles[mine])
    np.testing.assert_array_equal(again.raw[mine], answers.raw[mine])
    later = answers.rows.issued_at > issue + DAY
    assert not later.any() or not np.array_equal(again.raw[later], answers.raw[later])  # the poison is real


def test_a_fit_that_serves_warm_and_scored_days_shows_the_scored_ones_no_later_weather():
    plan = dataclasses.replace(PLAN, warm_days=10, train_every_days=14)
    honest = backtest(target(), island(), plan)
    for issue in np.unique(honest.rows.issued_at)[[1, 3]]:
        again = backtest(target(), island().poisoned(issue), plan)
        mine = honest.rows.issued_at <= issue
        np.testing.assert_array_equal(again.raw[mine], honest.raw[mine])


def test_fits_learn_from_nothing_that_was_not_known_at_their_moment(answers):
    moment, learned = answers.fits[-1]
    history = island()
    hours = PLAN.since.astype("datetime64[s]") - 9 * HOUR + np.arange(400 * 24) * HOUR
    known = history.at("demand", hours[hours < answers.rows.valid_at[-1]], np.array([moment]))
    assert learned <= np.isfinite(known).sum()


# --- what competes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("rival", [persistence, climatology])
def test_a_simple_rival_knows_nothing_after_the_issue(answers, rival):
    rows = answers.rows.pick(answers.rows.issued_at == answers.rows.issued_at[0])
    history = island()
    poisoned = history.poisoned(rows.issued_at[0])
    np.testing.assert_array_equal(rival(rows, poisoned, "demand"), rival(rows, history, "demand"))


def test_taking_off_a_bias_uses_only_misses_that_were_known(answers):
    rows = answers.rows.pick(answers.rows.issued_at == answers.rows.issued_at[0])
    history = island()
    poisoned = history.poisoned(rows.issued_at[0])
    bias = [
        without_bias(rows, h, "demand") - h.actual("operator", rows.valid_at) for h in (history, poisoned)
    ]
    assert np.abs(bias[0]).max() > 1
    np.testing.assert_allclose(bias[1], bias[0], rtol=0, atol=1e-9)


def test_only_the_operators_own_word_on_the_day_comes_later_than_the_issue(answers):
    rows = answers.rows.pick(answers.rows.issued_at == answers.rows.issued_at[0])
    history = island()
    poisoned = history.poisoned(rows.issued_at[0])
    honest, spoiled = (demand_rivals(rows, h, "demand") for h in (history, poisoned))
    changed = {n for n in honest if not np.array_equal(honest[n], spoiled[n], equal_nan=True)}
    assert changed == {"operator", "operator_debiased"}


# --- weather: its bias and its error model -----------------------------------------------------------


def test_the_bias_of_runs_is_learned_from_misses_that_were_known():
    history = island()
    issue = START + 150 * DAY + 2 * HOUR
    hours = issue.astype("datetime64[h]").astype("datetime64[s]") + np.arange(13, 37) * HOUR
    asked = (hours, np.full(24, issue))
    honest = IssuedWeather(history).at("temperature", *asked)
    spoiled = IssuedWeather(history.poisoned(issue)).at("temperature", *asked)
    np.testing.assert_array_equal(spoiled, honest)
    assert not np.array_equal(honest, history.at("forecast/temperature", *asked))  # a bias was taken off


def test_the_weather_error_is_fitted_on_runs_and_readings_that_were_known():
    history = island()
    moment = START + 160 * DAY
    fits = [fit_error(h, IssuedWeather(h), moment).as_dict() for h in (history, history.poisoned(moment))]
    assert fits[0] == fits[1]
    assert fits[0]["temperature"]["hours"] > 0


def test_roughened_weather_of_the_past_does_not_depend_on_the_future():
    history = island()
    moment = START + 160 * DAY
    error = fit_error(history, IssuedWeather(history), moment)
    hours = START + np.arange(150 * 24) * HOUR
    rough = [
        roughened(h, error, seed=1).at("temperature", hours, hours)
        for h in (history, history.poisoned(moment))
    ]
    np.testing.assert_array_equal(rough[0], rough[1])


# --- calibration ---------------------------------------------------------------------------------------


def misses(days=60, seed=0):
    rng = np.random.default_rng(seed)
    n = days * 24
    valid = START + np.arange(n) * HOUR
    issued = np.repeat(START - 13 * HOUR + np.arange(days) * DAY, 24)
    levels = np.array([0.1, 0.5, 0.9])
    quantiles = 100 + np.array([-5.0, 0.0, 5.0]) + np.zeros((n, 1))
    return valid, issued, levels, quantiles, 100 + rng.normal(0, 20, n)


def calibrate(actual, known_at, issued, quantiles, levels):
    return calibrated(
        quantiles,
        levels,
        actual,
        known_at=known_at,
        issued_at=issued,
        hour=np.arange(len(actual)) % 24,
        test=np.arange(len(actual)) >= 30 * 24,
        how=Conformal(),
    )


@pytest.mark.parametrize("delay_h", [1, 30, 24 * 20])
def test_a_band_is_moved_by_no_miss_that_was_not_known_at_its_issue(delay_h):
    valid, issued, levels, quantiles, actual = misses()
    known_at = valid + (1 + delay_h) * HOUR
    honest = calibrate(actual, known_at, issued, quantiles, levels)
    for issue in np.unique(issued)[[31, 45, 59]]:
        spoiled = np.where(known_at > issue, 9e9, actual)
        again = calibrate(spoiled, known_at, issued, quantiles, levels)
        mine = issued <= issue
        np.testing.assert_array_equal(again[mine], honest[mine])
    assert not np.array_equal(honest, quantiles)  # it did calibrate


def test_misses_said_to_be_known_too_early_would_be_seen_by_this_test():
    valid, issued, levels, quantiles, actual = misses()
    early = np.full(len(valid), START - DAY)  # the planted leak: all known at once
    known_at = valid + 2 * HOUR
    issue = np.unique(issued)[45]
    spoiled = np.where(known_at > issue, 9e9, actual)
    honest, again = (calibrate(a, early, issued, quantiles, levels) for a in (actual, spoiled))
    # even so an issue learns only from issues before its own: what it leaks is their unfinished days
    mine = issued == issue
    assert not np.array_equal(again[mine], honest[mine])


def test_a_value_that_never_became_known_calibrates_nothing():
    valid, issued, levels, quantiles, actual = misses()
    never = np.full(len(valid), np.datetime64("NaT"), "datetime64[s]")
    np.testing.assert_array_equal(calibrate(actual, never, issued, quantiles, levels), quantiles)


# --- the verb: what is answered now --------------------------------------------------------------------


@pytest.mark.parametrize("hours_after_noon", [0, 7])
def test_the_answer_of_an_issue_does_not_change_when_all_that_came_later_is_nonsense(hours_after_noon):
    issue = START + 170 * DAY + (2 + hours_after_noon) * HOUR
    history = island()
    honest, spoiled = (
        answered(load(h, [target()], issue=issue, hours=37, island="made"), paths=5)
        for h in (history, history.poisoned(issue))
    )
    one, two = honest.targets["demand"], spoiled.targets["demand"]
    assert np.isfinite(one.quantiles).all()
    np.testing.assert_array_equal(one.quantiles, two.quantiles)
    np.testing.assert_array_equal(honest.paths["demand"], spoiled.paths["demand"])
    assert one.hour_model == two.hour_model


def test_the_answer_of_a_later_issue_does_change():
    issue = START + 170 * DAY + 2 * HOUR
    history = island()
    later, spoiled = (
        answered(load(h, [target()], issue=issue + DAY, hours=37, island="made"))
        for h in (history, history.poisoned(issue))
    )
    assert not np.array_equal(later.targets["demand"].quantiles, spoiled.targets["demand"].quantiles)
