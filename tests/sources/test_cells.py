"""Numbers, days and moments out of text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.sources.cells import parse_day, parse_hour, parse_moment, parse_number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_written_number_reads_as_itself(number):
    assert parse_number(repr(number)) == number


@given(st.integers(-(10**12), 10**12))
def test_thousands_commas_change_nothing(number):
    assert parse_number(f"{number:,}") == number


@pytest.mark.parametrize(
    ("text", "value"),
    [(" 1,234.5 ", 1234.5), ("１２．５", 12.5), ("−3", -3), ("'7", 7), ("+.5", 0.5), ("1e3", 1000)],
)
def test_numbers_as_people_write_them(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize("text", ["", "-", " – ", "NaN", "n/a", "NULL", "결측"])
def test_words_for_missing_are_missing(text):
    assert np.isnan(parse_number(text))


@pytest.mark.parametrize(
    "text", ["2023-01-02", "2023/1/2", "2023.01.02", "2023. 1. 2.", "20230102", "2023년 1월 2일"]
)
def test_dates_with_the_year_first_are_read(text):
    assert parse_day(text).isoformat() == "2023-01-02"


def test_24_00_ends_its_day():
    assert parse_moment("2023-02-28 24:00") == np.datetime64("2023-03-01T00:00:00")
    assert parse_moment("2023-01-01 1:00") == np.datetime64("2023-01-01T01:00:00")


@pytest.mark.parametrize(
    ("text", "hour"),
    [("1시", 1), ("01", 1), ("24h", 24), (" 7 시", 7), ("24:00", 24), ("H3", 3), ("시", None)],
)
def test_hour_labels(text, hour):
    assert parse_hour(text) == hour
