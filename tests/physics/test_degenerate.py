"""Records that say nothing give no answer instead of a fall."""

from __future__ import annotations

import numpy as np
import pytest

from tamna.physics.breaks import find_breaks

HOURS = 24 * 200
STAMPS = np.datetime64("2023-01-01T00", "s") + np.arange(HOURS) * np.timedelta64(3600, "s")
WINDY = np.random.default_rng(0).random((HOURS, 2))


@pytest.mark.parametrize(
    ("basis", "measured"),
    [
        (WINDY, np.zeros(HOURS)),
        (WINDY, np.full(HOURS, -0.2)),
        (WINDY, np.full(HOURS, np.nan)),
        (np.zeros((HOURS, 2)), np.full(HOURS, 5.0)),
        (np.full((HOURS, 2), np.nan), np.full(HOURS, 5.0)),
        (np.zeros((0, 2)), np.zeros(0)),
    ],
    ids=[
        "a fleet that never ran",
        "station use alone",
        "no output",
        "no weather felt",
        "no weather",
        "no hours",
    ],
)
def test_a_record_that_says_nothing_has_no_breaks_to_tell(basis, measured):
    use = np.ones(len(measured), dtype=bool)
    assert find_breaks(basis, STAMPS[: len(measured)], measured, use) is None


def test_weather_that_never_changes_tells_no_break():
    found = find_breaks(np.ones((HOURS, 2)), STAMPS, np.full(HOURS, 50.0), np.ones(HOURS, dtype=bool))
    assert found is not None
    assert found.breaks == ()
    assert found.potential_mw == pytest.approx(np.full(HOURS, 50.0))


def test_days_are_those_of_the_island():
    abroad = find_breaks(
        WINDY, STAMPS, WINDY.sum(axis=1), np.ones(HOURS, dtype=bool), timezone="Atlantic/Azores"
    )
    assert abroad is not None
    assert {str(d)[11:13] for d in abroad.days} <= {"00", "01"}  # its midnight, in UTC
