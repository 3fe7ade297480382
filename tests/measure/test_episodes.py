"""RE100 episodes: where they begin, end, and what breaks them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measure.island_of import generation, island
from tamna.errors import UsageError
from tamna.measure import episodes, measure


def of(shares, threshold=1.0, **more):
    h = island([100.0] * len(shares), wind=[100.0 * s for s in shares], **more)
    return episodes(measure(h), "settled", "coverage", threshold)


def test_the_14_april_press_window_is_one_episode_of_three_hours():
    (one,) = of([0.94, 1.05, 1.10, 1.02, 0.9], start="2025-04-14T02:00")
    assert (str(one.start), str(one.end), one.hours) == ("2025-04-14T03:00:00", "2025-04-14T06:00:00", 3)
    assert one.lowest == pytest.approx(1.02)
    assert one.mean == pytest.approx((1.05 + 1.10 + 1.02) / 3)
    assert one.as_dict()["from"] == "2025-04-14T03:00Z"


def test_the_mean_is_weighted_by_load():
    h = island([100.0, 300.0], wind=[200.0, 300.0])
    (one,) = episodes(measure(h), "settled", "coverage")
    assert one.mean == pytest.approx(500 / 400)


def test_an_hour_nobody_knows_ends_an_episode():
    assert [e.hours for e in of([1.0, 1.0, np.nan, 1.0])] == [2, 1]


def test_the_first_and_last_hour_may_belong_to_episodes():
    assert [e.hours for e in of([1.0, 0.5, 1.0])] == [1, 1]
    assert [e.hours for e in of([1.0, 1.0])] == [2]
    assert of([0.5, 0.9]) == ()


def test_a_lower_threshold_is_another_question():
    assert [e.hours for e in of([0.8, 0.85, 0.5], threshold=0.8)] == [2]
    with pytest.raises(UsageError, match="above 0"):
        of([1.0], threshold=0)


def test_an_episode_that_rests_on_an_estimate_says_so():
    h = island([100.0, 100.0], wind=generation("wind", [100.0, 120.0], flag=[0, 1]))
    (one,) = episodes(measure(h), "settled", "coverage")
    assert one.estimated
    assert "metering base" in str(one.definition)


@given(st.lists(st.sampled_from([0.4, 1.0, 1.3, np.nan]), min_size=1, max_size=50))
def test_episodes_hold_exactly_the_hours_at_or_above_the_threshold(shares):
    found = of(shares)
    assert sum(e.hours for e in found) == sum(s >= 1.0 for s in shares)
    for before, after in pairwise(found):
        assert before.end < after.start  # a run is never cut in two
