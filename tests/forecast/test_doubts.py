import dataclasses
import re

import numpy as np
import pytest

from forecast.making import START, island
from tamna.forecast.doubts import trusted_runs
from tamna.forecast.history import Runs
from tamna.grid.clock import DAY, HOUR

NOW = START + 160 * DAY


def spoiled(name, change):
    history = island()
    run = history.runs[name]
    return dataclasses.replace(
        history, runs={**history.runs, name: dataclasses.replace(run, value=change(run.value))}
    )


def test_honest_runs_are_believed():
    found = trusted_runs(island(), NOW)
    assert set(found.history.runs) == set(island().runs)
    assert not found.notes


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("forecast/temperature", lambda v: v + 273.15, r"temperature are left out.*\+27\d degC"),
        ("forecast/wind_speed", lambda v: v * 3.6, r"wind_speed are left out.*x 3\.[56]"),
        ("forecast/cloud_cover", lambda v: v / 100, r"cloud_cover are left out.*x 0\.01"),
        ("forecast/humidity", lambda v: v / 100, r"humidity are left out.*x 0\.01"),
    ],
)
def test_runs_in_another_unit_are_left_out_by_name(name, change, words):
    found = trusted_runs(spoiled(name, change), NOW)
    assert name not in found.history.runs
    assert len(found.history.runs) == len(island().runs) - 1
    (note,) = found.notes
    assert re.search(words, str(note))


def test_what_is_only_known_later_does_not_speak_against_a_run():
    history = spoiled("forecast/wind_speed", lambda v: v * 3.6)
    assert not trusted_runs(history, START + 100 * DAY).notes  # the runs begin later
    poisoned = history.poisoned(NOW)
    assert [str(n) for n in trusted_runs(poisoned, NOW).notes] == [
        str(n) for n in trusted_runs(history, NOW).notes
    ]


def test_rows_of_one_hour_and_issue_that_contradict_leave_it_to_the_run_before():
    hour = np.repeat(START + 40 * HOUR, 4)
    issue = START + np.array([0, 6, 6, 9]) * HOUR
    runs = Runs.of(hour, issue, np.array([1.0, 2.0, 3.0, np.nan]))
    assert runs.at(hour[:1], START[None] + 20 * HOUR).tolist() == [1.0]


def test_equal_rows_count_once():
    hour = np.repeat(START + 40 * HOUR, 2)
    runs = Runs.of(hour, np.repeat(START, 2), np.array([2.0, 2.0]))
    assert len(runs.key) == 1
    assert runs.at(hour[:1], START[None]).tolist() == [2.0]


def test_a_run_of_the_future_never_answers():
    hour = np.array([START + 40 * HOUR])
    runs = Runs.of(hour, START[None] + 50 * HOUR, np.array([9.0]))
    assert np.isnan(runs.at(hour, START[None] + 39 * HOUR)).all()
