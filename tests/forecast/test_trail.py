"""How past issues missed, hour by hour, and what of it was known when."""

import numpy as np
import pytest

from tamna.forecast.history import Rows
from tamna.forecast.trail import trail_of

HOUR = np.timedelta64(3600, "s")
START = np.datetime64("2024-03-01T00:00:00", "s")


def two_days():
    valid = START + np.arange(6) * HOUR
    issued = np.repeat(START - 13 * HOUR + np.arange(2) * 3 * HOUR, 3)
    raw = np.tile([90.0, 100.0, 110.0], (6, 1))
    raw[5] = 100.0
    actual = np.array([100.0, 110, 90, np.nan, 120, 100])
    return trail_of(Rows(valid, issued), raw, np.array([0.1, 0.5, 0.9]), actual, valid + 2 * HOUR)


def test_misses_are_in_widths_of_the_band_by_issue_and_lead():
    trail = two_days()
    assert trail.issued_at.tolist() == (START - 13 * HOUR + np.arange(2) * 3 * HOUR).tolist()
    assert trail.misses == pytest.approx(np.array([[0, 0.5, -0.5], [np.nan, 1.0, 0.0]]), nan_ok=True)


def test_an_issue_sees_only_what_was_issued_and_known_before_it():
    trail = two_days()
    seen = trail.seen(START + 3 * HOUR, 4)
    assert seen == pytest.approx(
        np.array([[0, 0.5, np.nan, np.nan], [np.nan, np.nan, np.nan, np.nan]]), nan_ok=True
    )
    assert trail.seen(trail.issued_at[0], 3).shape == (0, 3)
    assert trail.seen(START + 99 * HOUR, 2) == pytest.approx(trail.misses[:, :2], nan_ok=True)
