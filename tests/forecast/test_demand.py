import numpy as np

from forecast.making import START, island
from tamna.forecast.backtest import day_ahead_rows
from tamna.forecast.demand import DemandFeatures
from tamna.forecast.weather import IssuedWeather
from tamna.grid.clock import DAY, HOUR, KOREA, to_local

FIRST = (START + 150 * DAY).astype("datetime64[D]")
ROWS = day_ahead_rows(FIRST, FIRST + 2, 11, KOREA)


def facts(history):
    return DemandFeatures().facts(ROWS, history)


def test_the_base_is_the_mean_of_the_seven_days_before_yesterday():
    history = island()
    week = [history.actual("demand", ROWS.valid_at - k * DAY) for k in range(2, 9)]
    np.testing.assert_allclose(facts(history).base, np.mean(week, axis=0))


def test_yesterdays_afternoon_is_no_feature_because_it_was_not_known():
    history = island()
    table = facts(history)
    changed = facts(history.poisoned(ROWS.issued_at[0]))
    first = ROWS.issued_at == ROWS.issued_at[0]
    np.testing.assert_array_equal(table.values[first], changed.values[first])


def test_a_hot_morning_shows_in_this_morning():
    history = island()
    track = history.tracks["demand"]
    value = track.value.copy()
    at = int((ROWS.issued_at[0] - START) // HOUR)
    value[at - 11 : at] *= 1.1
    tracks = history.tracks | {"demand": type(track)(track.start, value, track.known_at)}
    raised = facts(type(history)(tracks, history.runs, history.open_names))
    first = ROWS.issued_at == ROWS.issued_at[0]
    ratio = raised.column("morning")[first] / facts(history).column("morning")[first]
    np.testing.assert_allclose(ratio, 1.1, rtol=0.01)


def test_the_operators_word_on_the_day_itself_is_no_feature_at_eleven():
    history = island()
    said = history.at("operator", ROWS.valid_at, ROWS.issued_at)
    assert np.isnan(said).all()
    assert np.isfinite(facts(history).column("operator_yesterday")).all()


def test_weekday_and_hour_are_those_of_the_island():
    table = facts(island())
    local = to_local(ROWS.valid_at, KOREA)
    assert table.column("hour")[:3].tolist() == [0, 1, 2]
    assert (table.column("weekday") == (local.astype("datetime64[D]").astype(int) + 3) % 7).all()


def test_weather_is_that_of_the_issue():
    history = island()
    table = DemandFeatures().sky(ROWS, history, IssuedWeather(history))
    said = IssuedWeather(history).at("temperature", ROWS.valid_at, ROWS.issued_at)
    np.testing.assert_allclose(table.column("temperature"), said)
    assert np.isfinite(table.column("day_mean")).all()


def test_an_island_without_an_operator_has_no_features_of_one():
    history = island()
    tracks = {k: v for k, v in history.tracks.items() if k != "operator"}
    assert not [n for n in facts(type(history)(tracks, {})).names if n.startswith("operator")]
