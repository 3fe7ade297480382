"""Paths of each day out of what was said of it: read as typed, drawn from what was known, and told."""

from dataclasses import replace

import numpy as np
import pytest

from tamna.errors import UsageError
from tamna.forecast.levels import NINE
from tamna.forecast.trail import Trail
from tamna.runs.foreseeing import TARGETS, Band, Said, issue_of
from tamna.runs.many_paths import AskedPaths, asked_paths, many_of

HOUR = np.timedelta64(3600, "s")
START = np.datetime64("2024-03-03T15:00:00", "s")  # midnight of 4 March in Korea
STAMPS = START + np.arange(48) * HOUR
DAYS = (slice(0, 24), slice(24, 48))


def bands(seed=0):
    rng = np.random.default_rng(seed)
    issued = issue_of(START, "Asia/Seoul") - np.arange(30, -2, -1) * 24 * HOUR
    return {
        name: Band(
            quantiles=np.sort(rng.uniform(-5, 100, (48, 9)), axis=1),
            levels=NINE,
            trail=Trail(
                issued_at=issued,
                misses=rng.standard_normal((32, 24)),
                known_at=issued[:, None] + (13 + np.arange(24)) * HOUR + 5 * HOUR,
            ),
        )
        for name in TARGETS
    }


def told(of):
    return Said(of={}, weather="issued", bands=of)


def test_paths_are_asked_for_by_their_number_and_what_the_worst_weigh():
    assert asked_paths(0, "", "operator") is None
    found = asked_paths(20, "0.9:0.3", "tamna")
    assert (found.count, found.risk.level, found.risk.weight) == (20, 0.9, 0.3)
    assert asked_paths(20, "", "tamna").risk.weight == 0.0


def test_all_that_is_wrong_with_paths_is_told_at_once():
    with pytest.raises(UsageError) as refused:
        asked_paths(1, "a lot", "operator")
    text = str(refused.value)
    assert "3 mistakes" in text
    assert "--paths 20" in text
    assert "Add --forecast tamna." in text
    assert "--cvar 0.9:0.3" in text
    with pytest.raises(UsageError, match=r"must lie in \[0, 1\)"):
        asked_paths(5, "1.0:0.3", "tamna")


def test_each_hours_paths_are_its_band_and_nothing_is_below_zero():
    of = bands()
    many = many_of(told(of), STAMPS, DAYS, AskedPaths(count=9), "Asia/Seoul")
    assert many.demand_mw.shape == (9, 48)
    grid = (np.arange(9) + 0.5) / 9
    hour = np.maximum(np.interp(grid, NINE, of["demand"].quantiles[30]), 0.0)
    assert np.sort(many.demand_mw[:, 30]) == pytest.approx(hour)
    assert (many.potential_mw["wind"] >= 0).all()


def test_what_became_known_after_the_issue_changes_no_path_of_the_day():
    of = bands()
    issue = issue_of(START, "Asia/Seoul")
    assert issue == np.datetime64("2024-03-03T02:00:00", "s")
    later = {
        name: replace(
            b, trail=replace(b.trail, misses=np.where(b.trail.known_at > issue, 99.0, b.trail.misses))
        )
        for name, b in of.items()
    }
    one, other = (
        many_of(told(x), STAMPS, DAYS, AskedPaths(count=6), "Asia/Seoul").demand_mw for x in (of, later)
    )
    assert (one[:, :24] == other[:, :24]).all()
    assert (one[:, 24:] != other[:, 24:]).any()
