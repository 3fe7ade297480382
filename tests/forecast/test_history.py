import numpy as np
import pytest

from tamna.errors import UsageError
from tamna.forecast.history import History, Rows, Runs, Track, mean_track
from tamna.grid.clock import HOUR

START = np.datetime64("2024-03-01T00:00:00", "s")
HOURS = START + np.arange(4) * HOUR


def track(values=(1.0, 2.0, 3.0, 4.0), delay=2):
    return Track(START, np.array(values), HOURS + delay * HOUR)


def test_an_hour_is_unknown_until_its_delay_has_passed():
    issue = np.full(4, START + 3 * HOUR)
    np.testing.assert_array_equal(track().at(HOURS, issue), [1.0, 2.0, np.nan, np.nan])


def test_hours_beyond_the_track_are_unknown():
    far = np.array([START - HOUR, START + 9 * HOUR])
    assert np.isnan(track().at(far, far + 99 * HOUR)).all()


def test_the_latest_run_that_was_issued_answers():
    valid = np.repeat(START + 20 * HOUR, 2)
    runs = Runs.of(valid, np.array([START, START + 6 * HOUR]), np.array([10.0, 20.0]))
    asked = np.repeat(START + 20 * HOUR, 3)
    issue = np.array([START - HOUR, START + HOUR, START + 7 * HOUR])
    np.testing.assert_array_equal(runs.at(asked, issue), [np.nan, 10.0, 20.0])


def test_a_run_speaks_of_its_own_hours_only():
    runs = Runs.of(HOURS[:1], HOURS[:1] - HOUR, np.array([5.0]))
    assert np.isnan(runs.at(HOURS[1:2], HOURS[1:2])).all()


def test_a_mean_of_stations_is_known_when_the_last_of_them_is():
    mean = mean_track([track(delay=1), track((3.0, np.nan, 5.0, 6.0), delay=5)])
    np.testing.assert_array_equal(mean.value, [2.0, 2.0, 4.0, 5.0])
    assert mean.known_at[0] == START + 5 * HOUR
    assert mean.known_at[1] == START + 2 * HOUR


def test_poison_changes_all_that_was_not_known_and_nothing_else():
    history = History({"x": track(), "seen": track()}, {}, frozenset({"seen"}))
    poisoned = history.poisoned(START + 3 * HOUR, open_too=False)
    now = np.full(4, START + 99 * HOUR)
    changed = poisoned.at("x", HOURS, now) != history.at("x", HOURS, now)
    assert changed.tolist() == [False, False, True, True]
    np.testing.assert_array_equal(poisoned.at("seen", HOURS, now), history.at("seen", HOURS, now))


def test_only_open_tracks_may_be_read_ahead():
    history = History({"x": track()}, {})
    with pytest.raises(UsageError, match="as of an issue time"):
        history.observed("x", HOURS)


def test_the_lead_counts_from_the_issue():
    assert Rows(HOURS, np.full(4, START - 13 * HOUR)).lead_h.tolist() == [13.0, 14.0, 15.0, 16.0]
