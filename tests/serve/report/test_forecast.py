import re

import numpy as np
import pytest

from serve.made_forecast import made_forecast
from tamna.lang import speaking
from tamna.serve.report.forecast import render_forecast, write_forecast
from tamna.serve.report.forecast_pictures import strongest

COMMAND = "tamna forecast jeju --issue 2024-08-30T11:00+09:00"


@pytest.fixture(scope="module")
def pages():
    return {lang: render_forecast(made_forecast(), COMMAND, lang) for lang in ("en", "ko")}


def test_the_page_speaks_both_languages(pages):
    assert "Electricity demand" in pages["en"]
    assert "전력 수요" in pages["ko"]
    assert "Hour by hour" not in pages["ko"]
    assert pages["ko"].startswith('\n<!DOCTYPE html>\n<html lang="ko">') or '<html lang="ko">' in pages["ko"]


def test_it_asks_nothing_of_the_network(pages):
    for page in pages.values():
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
        assert "<script" not in page


def test_what_fell_back_and_what_drifts_stands_first(pages):
    first = pages["en"].split("<nav")[0]
    assert "no weather run issued by then covers the hour" in first
    assert "drift" in first
    assert "itself an estimate" in first


def test_every_hour_stands_in_the_table_of_each_target(pages):
    assert pages["en"].count("2024-08-30 11:00") >= 2
    assert pages["en"].count("<td>2024-08-31 23:00") + pages["en"].count('">2024-08-31 23:00') >= 2


def test_the_issue_and_the_fit_are_named(pages):
    assert "2024-08-29T11:00+09:00" in pages["en"]
    assert "Issued 2024-08-30 11:00" in pages["en"]


def test_there_is_a_fan_for_each_target_and_drivers_where_they_are_known(pages):
    assert pages["en"].count('class="picture"') == 3


def test_the_same_forecast_gives_the_same_page(pages, tmp_path):
    path = write_forecast(tmp_path / "forecast.html", made_forecast(), COMMAND, "en")
    assert path.read_text("utf-8") == pages["en"]


def test_the_strongest_drivers_come_first():
    assert strongest(made_forecast().targets["demand"])[:2] == ["calendar", "sun"]


@pytest.mark.parametrize("hours", [1, 24, 360])
def test_any_horizon_can_be_drawn(hours):
    page = render_forecast(made_forecast(hours), COMMAND, "en")
    assert page.count('class="picture"') == 3


def test_a_target_that_is_not_known_is_drawn_as_nothing():
    found = made_forecast(3)
    found.targets["wind"].quantiles[:] = np.nan
    with speaking("en"):
        assert "Wind that could be made" in render_forecast(found, COMMAND, "en")
