from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.series.quality.presence import duplicates, gaps, missing_not_at_random
from tamna.series.quality.track import hourly

HOUR = np.timedelta64(3600, "s")
few = settings(max_examples=25, deadline=None)


@few
@given(at=st.integers(10, 8000), length=st.integers(1, 600), blank=st.booleans())
def test_a_gap_is_found_with_its_hours_absent_or_blank(made, planted, without, at, length, blank):
    track = made()["jeju/demand"]
    rows = slice(at, at + length)
    holed = planted(track, rows, lambda v: v * np.nan) if blank else without(track, rows)
    (f,) = gaps(holed)
    assert (f.kind, f.start, f.end, f.size) == (
        "gap",
        track.valid_at[at],
        track.valid_at[at + length],
        length,
    )


def test_many_short_holes_are_told_in_one_finding_and_a_long_one_stands_alone(made, without):
    track = made()["jeju/demand"]
    rows = [*range(100, 8000, 400), *range(5000, 5100)]
    found = gaps(without(track, rows))
    assert sorted(f.size for f in found) == [20.0, 100.0]


def test_hours_missing_at_the_edge_of_a_span_that_should_be_full_are_found(made, without):
    track = made()["jeju/demand"]
    span = (track.valid_at[0], track.valid_at[-1] + HOUR)
    holed = replace(without(track, [*range(30), *range(8700, 8760)]), expected=span)
    found = gaps(holed)
    assert sorted((f.start, f.end, f.size) for f in found) == [
        (track.valid_at[0], track.valid_at[30], 30.0),
        (track.valid_at[8700], span[1], 60.0),
    ]
    assert gaps(replace(track, expected=span)) == []


def test_a_quarter_hourly_price_published_once_an_hour_misses_nothing(made):
    assert gaps(replace(made()["jeju/smp"], resolution_s=900)) == []


def test_readings_at_irregular_moments_miss_something_only_where_they_stop(made):
    track = made()["synthetic/jeju/temperature"]
    jitter = np.random.default_rng(0).integers(-600, 600, len(track)).astype("timedelta64[s]")
    wavering = replace(track, valid_at=track.valid_at + jitter)
    assert gaps(wavering) == []
    keep = np.r_[0:1000, 1010:8760]
    (f,) = gaps(replace(wavering, valid_at=wavering.valid_at[keep], value=wavering.value[keep]))
    assert 8 <= f.size <= 11


@few
@given(at=st.integers(10, 8000), length=st.integers(1, 72), unlike=st.booleans())
def test_repeated_rows_are_found_and_it_is_said_whether_they_agree(made, at, length, unlike):
    track = made()["jeju/demand"]
    order = np.sort(np.r_[np.arange(len(track)), np.arange(at, at + length)])
    value = track.value[order]
    again = np.flatnonzero(order[1:] == order[:-1]) + 1
    value[again] += 5.0 * unlike
    (f,) = duplicates(replace(track, valid_at=track.valid_at[order], value=value))
    assert (f.kind, f.start, f.size) == ("duplicate", track.valid_at[at], length)
    assert f"{length if unlike else 0} of them with another value" in str(f.text)


def test_prices_missing_just_where_they_were_negative_are_found_by_their_neighbours(made, without):
    for seed in range(4):
        track = made(seed)["jeju/smp"]
        low = np.flatnonzero(track.value < 0)
        (f,) = missing_not_at_random(without(track, low), [])
        assert f.kind == "missing_not_at_random"
        assert f.size == len(low)


def test_another_source_bears_witness(made, without):
    track = made()["jeju/smp"]
    low = np.flatnonzero(track.value < 0)
    (f,) = missing_not_at_random(without(track, low), [hourly(track)])
    assert f"other sources have {len(low)} of them, {len(low)} negative" in str(f.text)


@few
@given(seed=st.integers(0, 3), chance=st.integers(0, 10_000), n=st.integers(5, 200))
def test_prices_missing_by_chance_raise_no_alarm(made, without, seed, chance, n):
    track = made(seed)["jeju/smp"]
    rows = np.random.default_rng(chance).choice(np.arange(1, len(track) - 1), n, replace=False)
    assert missing_not_at_random(without(track, rows), []) == []
