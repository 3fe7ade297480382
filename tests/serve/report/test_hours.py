from __future__ import annotations

import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tamna.serve.report.hours import classes, hour_map_picture, image
from tamna.serve.report.palette import NO_VALUE, RAMP, RAMP_EDGES
from tamna.serve.report.speak import Speaker
from tamna.serve.report.view import HourMap

EN = Speaker("en", "Asia/Seoul")


def test_a_share_at_an_edge_belongs_to_the_class_above_it_and_no_value_to_its_own():
    values = np.array([-0.1, 0.0, 0.0999, 0.1, 0.8, 0.9999, 1.0, 1.7, np.nan])
    assert classes(values).tolist() == [0, 0, 0, 1, 6, 6, 7, 7, 8]
    assert len(RAMP) == len(RAMP_EDGES)


@given(arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 40)), elements=st.integers(0, 8)))
def test_an_image_holds_exactly_its_pixels(pixels):
    body = image(pixels, (*RAMP, NO_VALUE))
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    start = body.index(b"IDAT") + 4
    raw = np.frombuffer(
        zlib.decompress(body[start : start + int.from_bytes(body[start - 8 : start - 4])]), np.uint8
    )
    assert (raw.reshape(len(pixels), -1)[:, 1:] == pixels).all()
    assert (raw.reshape(len(pixels), -1)[:, 0] == 0).all()


def map_of(days: int, first: str = "2023-01-01") -> HourMap:
    values = np.linspace(0, 1.1, days * 24).reshape(days, 24)
    return HourMap(title="Hours", definition="d", first_day=np.datetime64(first), values=values)


def test_a_year_of_hours_is_one_small_image_twice():
    picture = hour_map_picture(map_of(365), EN)
    assert len(picture.panels) == 1
    assert picture.panels[0].title == ""
    assert len(str(picture.panels[0].wide)) < 20_000


def test_two_years_are_two_strips_named_by_year():
    picture = hour_map_picture(map_of(400, "2022-12-01"), EN)
    assert [panel.title for panel in picture.panels] == ["2022", "2023", "2024"]


def test_a_few_days_are_labelled_by_day_and_the_words_count_the_full_hours():
    picture = hour_map_picture(map_of(3, "2023-04-13"), EN)
    assert "4/14" in str(picture.panels[0].wide)
    assert "72 hours have a value; in 7 of them the share was 100% or more" in str(picture.alt)


def test_the_legend_names_missing_hours_only_where_there_are_some():
    whole = map_of(3)
    assert len(hour_map_picture(whole, EN).legend) == 8
    whole.values[0, 0] = np.nan
    assert [str(key.title) for key in hour_map_picture(whole, EN).legend][-1] == "no value"
