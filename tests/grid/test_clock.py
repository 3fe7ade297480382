import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import UsageError
from tamna.grid.clock import (
    KOREA,
    Label,
    Period,
    Resolution,
    bins,
    from_unix,
    hour_ending,
    interval_start,
    iso,
    parse_period,
    to_local,
    to_utc,
    to_utc_in_order,
)

ZONES = ["Asia/Seoul", "Europe/Berlin", "America/New_York", "Pacific/Chatham", "UTC"]


def stamps(*texts):
    return np.array(texts, dtype="datetime64[s]")


def test_dates_are_whole_island_days_and_both_inclusive():
    period = parse_period("2023-01-01", "2023-12-31", KOREA)
    assert (period.start, period.end) == tuple(stamps("2022-12-31T15:00", "2023-12-31T15:00"))
    assert len(period.stamps()) == 8760


def test_stamps_with_an_offset_are_half_open():
    period = parse_period("2023-01-01T00:00+09:00", "2023-01-01T03:00+09:00", KOREA)
    assert len(period.stamps()) == 3


def test_one_hour_label_is_the_first_hour_of_the_day_and_24_the_last():
    days = stamps("2023-03-01", "2023-03-01")
    assert (
        hour_ending(days, np.array([1, 24])).tolist()
        == stamps("2023-02-28T15:00", "2023-03-01T14:00").tolist()
    )


def test_a_leap_day_has_its_hours():
    assert len(parse_period("2024-02-01", "2024-02-29", KOREA).stamps()) == 29 * 24


@pytest.mark.parametrize(("day", "hours"), [("2023-03-26", 23), ("2023-10-29", 25), ("2023-06-01", 24)])
def test_days_of_23_and_25_hours_are_as_long_as_they_are(day, hours):
    assert len(parse_period(day, day, "Europe/Berlin").stamps()) == hours


def test_the_repeated_autumn_hour_is_told_apart_by_row_order():
    local = stamps("2023-10-29T01:00", "2023-10-29T02:00", "2023-10-29T02:00", "2023-10-29T03:00")
    utc = to_utc_in_order(local, "Europe/Berlin")
    assert np.all(np.diff(utc) == np.timedelta64(3600, "s"))


@pytest.mark.parametrize("minutes", [10, 15, 30, 60])
def test_the_quarters_of_the_repeated_hour_are_its_first_and_its_second_pass(minutes):
    utc = np.arange("2023-10-28T22:00", "2023-10-29T23:00", minutes, dtype="datetime64[m]").astype(
        "datetime64[s]"
    )
    local = to_local(utc, "Europe/Berlin")
    assert (to_utc_in_order(local, "Europe/Berlin") == utc).all()
    assert (to_utc_in_order(local[::-1], "Europe/Berlin") == utc[::-1]).all()


@given(
    st.sampled_from(ZONES),
    st.integers(min_value=0, max_value=4_102_444_800 - 1),
    st.integers(min_value=1, max_value=400),
)
def test_wall_clock_and_back_in_row_order_is_the_same_hour(zone, start, n):
    utc = from_unix(start // 3600 * 3600 + 3600 * np.arange(n))
    utc = utc[utc < np.datetime64("2100-01-01")]
    local = to_local(utc, zone)
    back = to_utc_in_order(local, zone)
    if to_utc(local[:1], zone)[0] == utc[0]:
        assert (back == utc).all()
    else:  # the run starts inside a repeated hour: its first label is ambiguous by nature
        assert (back[2:] == utc[2:]).all()


def test_an_end_label_lies_one_length_after_its_start():
    assert interval_start(stamps("2023-01-01T01:00"), Label.END, 900)[0] == np.datetime64("2023-01-01T00:45")
    assert interval_start(stamps("2023-01-01T01:00"), Label.START, 900)[0] == np.datetime64(
        "2023-01-01T01:00"
    )


def test_seasons_are_named_after_the_year_of_their_last_month():
    period = parse_period("2022-12-01", "2023-03-01", KOREA)
    codes, names = bins(period.stamps(), Resolution.SEASON, KOREA)
    assert names == ["2023-DJF", "2023-MAM"]
    assert np.bincount(codes).tolist() == [90 * 24, 24]


@pytest.mark.parametrize(
    ("by", "first", "count"),
    [
        ("hour", "2023-01-01T00:00+09:00", 8760),
        ("day", "2023-01-01", 365),
        ("month", "2023-01", 12),
        ("year", "2023", 1),
        ("all", "all", 1),
    ],
)
def test_bins_are_the_islands_own_calendar(by, first, count):
    codes, names = bins(parse_period("2023-01-01", "2023-12-31", KOREA).stamps(), Resolution(by), KOREA)
    assert names[0] == first
    assert len(names) == count
    assert codes.min() == 0
    assert codes.max() == count - 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2023-13-01", "2023-12-31"),
        ("2023-02-30", "2023-03-01"),
        ("yesterday", "2023-01-01"),
        ("2023-01-01T00:00", "2023-01-02"),
        ("2023-01-02", "2022-12-31"),
    ],
)
def test_what_is_no_period_is_refused_with_a_way_out(start, end):
    with pytest.raises(UsageError) as caught:
        parse_period(start, end, KOREA)
    assert caught.value.mistakes[0].todo


def test_an_unknown_zone_is_refused():
    with pytest.raises(UsageError, match="unknown time zone"):
        to_local(stamps("2023-01-01"), "Asia/Tamna")


def test_stamps_are_written_for_readers_and_machines():
    moment = np.datetime64("2023-01-01T15:00:00", "s")
    assert iso(moment) == "2023-01-01T15:00Z"
    assert iso(moment, KOREA) == "2023-01-02T00:00+09:00"


def test_a_period_knows_its_length():
    assert Period(*stamps("2023-01-01", "2023-01-02")).seconds == 86400
