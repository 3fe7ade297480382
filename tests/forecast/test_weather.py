import json

import numpy as np

from forecast.making import START, island, issue_of
from tamna.forecast.weather import IssuedWeather, WeatherError, fit_error, guess_error, roughened
from tamna.grid.clock import DAY, HOUR

HOURS = START + np.arange(150 * 24, 170 * 24) * HOUR


def test_roughened_weather_errs_as_much_as_the_model_says():
    history = island()
    rough = roughened(history, guess_error(), seed=1)
    miss = rough.at("temperature", HOURS, issue_of(HOURS)) - history.actual("observed/temperature", HOURS)
    assert 0.5 < miss.std() < 1.6
    assert np.corrcoef(miss[1:], miss[:-1])[0, 1] > 0.8


def test_the_same_seed_roughens_alike_and_another_does_not():
    history = island()
    one, again, other = (
        roughened(history, guess_error(), seed=s).at("temperature", HOURS, issue_of(HOURS)) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_cloud_stays_between_none_and_all():
    cloud = roughened(island(), guess_error(), seed=3).at("cloud_cover", HOURS, issue_of(HOURS))
    assert cloud.min() >= 0
    assert cloud.max() <= 100


def test_an_error_is_fitted_on_runs_issued_before_and_guessed_without_them():
    history = island()
    issued = IssuedWeather(history)
    early = fit_error(history, issued, START + 100 * DAY)
    late = fit_error(history, issued, START + 190 * DAY)
    assert "temperature" in early.assumed
    assert "temperature" not in late.assumed
    assert late.quantities["temperature"].hours <= (190 - 120) * 24
    assert 0.5 < late.quantities["temperature"].spread < 1.5


def test_runs_that_were_issued_later_do_not_change_a_fit():
    history = island()
    before = START + 160 * DAY
    poisoned = history.poisoned(before)
    one, two = (fit_error(h, IssuedWeather(h), before) for h in (history, poisoned))
    assert one.as_dict() == two.as_dict()


def test_the_bias_of_runs_is_taken_off_by_what_was_known():
    history = island()
    runs = dict(history.runs)
    run = runs["forecast/temperature"]
    runs["forecast/temperature"] = type(run)(run.key, run.value + 5.0)
    shifted = type(history)(history.tracks, runs, history.open_names)
    found = IssuedWeather(shifted).at("temperature", HOURS, issue_of(HOURS))
    miss = found - history.actual("observed/temperature", HOURS)
    assert abs(miss.mean()) < 1.5  # of 5, after three weeks of runs


def test_without_a_run_there_is_no_issued_weather():
    early = START + np.arange(24) * HOUR + 10 * DAY
    assert np.isnan(IssuedWeather(island()).at("temperature", early, issue_of(early))).all()


def test_an_error_model_comes_back_from_json_unchanged():
    error = guess_error()
    assert WeatherError.from_dict(json.loads(json.dumps(error.as_dict()))) == error
