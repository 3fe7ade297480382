"""The short-term forecast: a grid computed, amounts in words, dated by its issue."""

import numpy as np
import pytest

import fake_answers as fake
from live_tools import answer, block_of, stamp
from tamna.errors import SourceError, UsageError
from tamna.grid.clock import Period
from tamna.sources.block import Flag
from tamna.sources.live import Spot
from tamna.sources.live.kma_forecast import amount, cell, issues, offers, read_forecast

JEJU = (Spot(name="jeju", latitude=33.4996, longitude=126.5312),)


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (33.4996, 126.5312, (53, 38)),
        (33.2938, 126.1628, (46, 33)),
        (33.3868, 126.8802, (59, 36)),
        (33.2461, 126.5653, (53, 32)),
        (37.5665, 126.9780, (60, 127)),
    ],
)
def test_the_published_cells_are_hit(latitude, longitude, expected):
    assert cell(latitude, longitude) == expected


@pytest.mark.parametrize("place", [(0, 0), (91, 126), (33, -126), (float("nan"), 126)])
def test_outside_the_grid_is_refused(place):
    with pytest.raises(UsageError, match="outside the grid"):
        cell(*place)


def _read(rows):
    return read_forecast([answer(fake.envelope(rows))], spots=JEJU)


def test_values_are_valid_at_their_time_and_issued_at_the_base():
    wind = block_of(_read(fake.village()), "forecast/jeju/wind_speed")
    assert wind.valid_at[0] == stamp("2026-06-15T06:00:00")
    assert (wind.issued_at == stamp("2026-06-15T05:00:00")).all()
    assert wind.known_at[0] == stamp("2026-06-15T05:10:00")
    assert (wind.value == 3.5).all()


@pytest.mark.parametrize(
    ("text", "value", "estimated"),
    [
        ("강수없음", 0, False),
        ("적설없음", 0, False),
        ("1mm 미만", 0.5, True),
        ("1.0mm 미만", 0.5, True),
        ("0.5cm 미만", 0.25, True),
        ("1.0mm", 1, False),
        ("12mm", 12, False),
        ("3.5", 3.5, False),
        ("30.0~50.0mm", 40, True),
        ("30.0mm~50.0mm", 40, True),
        ("50.0mm 이상", 50, True),
        ("5.0cm 이상", 5, True),
    ],
)
def test_amounts_in_words(text, value, estimated):
    got, flag = amount(text)
    assert got == value
    assert bool(flag & Flag.ESTIMATED) is estimated


@pytest.mark.parametrize("text", ["-999", "900", "많음", "", "mm", "1~mm"])
def test_amounts_that_say_nothing_are_missing(text):
    value, flag = amount(text)
    assert np.isnan(value)
    assert flag & Flag.MISSING


@pytest.mark.parametrize("text", ["-999", "999.0", "900", "-900"])
def test_numbers_out_of_the_world_are_missing(text):
    rows = [row | {"fcstValue": text} if row["category"] == "TMP" else row for row in fake.village(hours=2)]
    assert np.isnan(block_of(_read(rows), "forecast/jeju/temperature").value).all()


def test_daily_extremes_and_new_categories_are_named_not_read():
    reading = _read(fake.village(more=[("TMN", "15.0"), ("XYZ", "1")]))
    assert set(reading.receipt.ignored) == {"TMN", "XYZ"}


@pytest.mark.parametrize(("field", "value"), [("nx", 1), ("fcstDate", "x"), ("baseTime", "")])
def test_another_cell_or_an_unreadable_time_is_refused(field, value):
    rows = fake.village(hours=1)
    rows[2][field] = value
    with pytest.raises(SourceError):
        _read(rows)


def test_eight_issues_a_day_each_ready_ten_minutes_later():
    day = Period(stamp("2026-06-14T15:00:00"), stamp("2026-06-15T15:00:00"))
    hours = [(int(str(p.start)[11:13]) + 9) % 24 for p in issues(day)]
    assert hours == [2, 5, 8, 11, 14, 17, 20, 23]
    assert offers(stamp("2026-06-15T05:09:00")).end == stamp("2026-06-15T05:00:00")
    assert offers(stamp("2026-06-15T05:10:00")).end == stamp("2026-06-15T08:00:00")
