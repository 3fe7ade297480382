from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tamna.grid.clock import parse_period
from tamna.lang import speaking
from tamna.serve.report.blocks import Amount
from tamna.serve.report.speak import Speaker

EN, KO = Speaker("en", "Asia/Seoul"), Speaker("ko", "Asia/Seoul")


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")])
def test_nothing_is_a_dash_and_never_a_zero(nothing):
    assert EN.number(nothing) == EN.percent(nothing) == EN.amount(Amount(value=nothing, unit="MW")) == "–"


def test_numbers_carry_thousands_decimals_and_a_real_minus():
    assert EN.number(6321230.84) == "6,321,230.8"
    assert EN.number(-12.5, signed=True) == "−12.5"
    assert EN.number(12.5, signed=True) == "+12.5"
    assert EN.number(-0.01) == "0.0"
    assert EN.number(-0.01, signed=True) == "0.0"


def test_a_share_is_a_fraction_and_reads_as_percent():
    assert EN.percent(0.1817, 2) == KO.percent(0.1817, 2) == "18.17%"
    assert EN.percent(1.1) == "110.0%"
    assert EN.amount(Amount(value=0.159, unit="%")) == "15.9%"
    assert EN.amount(Amount(value=883.2, unit="MW", digits=0)) == "883 MW"


def test_moments_and_days_are_the_islands():
    assert EN.moment(np.datetime64("2023-04-14T02:00:00")) == "2023-04-14 11:00"
    assert EN.day(date(2023, 4, 14)) == "14 April 2023"
    assert KO.day(date(2023, 4, 14)) == "2023년 4월 14일"
    assert (EN.month("2023-04"), KO.month("2023-04")) == ("Apr", "4월")
    assert (EN.month("2023-04", alone=False), KO.month("2023-04", alone=False)) == ("Apr 2023", "2023년 4월")


def test_a_period_of_whole_days_names_its_last_day_and_others_their_hours():
    year = parse_period("2023-01-01", "2023-12-31", "Asia/Seoul")
    assert EN.period(year) == "1 January 2023 to 31 December 2023"
    with speaking("ko"):
        assert KO.period(year) == "2023년 1월 1일 – 2023년 12월 31일"
    assert EN.period(parse_period("2023-04-14", "2023-04-14", "Asia/Seoul")) == "14 April 2023"
    noon = parse_period("2023-04-14T11:00+09:00", "2023-04-14T15:00+09:00", "Asia/Seoul")
    assert EN.period(noon) == "2023-04-14 11:00 to 2023-04-14 15:00"
