import numpy as np
import pytest

from tamna.forecast.calendar import FAR, HOLIDAY, days_between

D = np.datetime64


def day(text, margin=0):
    return days_between(D(text) - margin, D(text) + margin)


@pytest.mark.parametrize("text", ["2023-01-22", "2024-02-10", "2022-02-01"])
def test_the_middle_of_lunar_new_year_is_day_zero(text):
    assert day(text).seollal.tolist() == [0]
    assert day(text).holiday.all()


@pytest.mark.parametrize(("text", "since"), [("2023-09-27", -2), ("2023-09-29", 0), ("2023-09-30", 1)])
def test_days_are_counted_from_chuseok(text, since):
    assert day(text).chuseok.tolist() == [since]


def test_a_substitute_holiday_is_a_holiday_and_said_to_be_one():
    found = day("2024-02-12")
    assert found.substitute.all()
    assert found.kind.tolist() == [HOLIDAY]


def test_a_working_day_between_days_off_is_a_bridge():
    assert days_between(D("2022-06-01"), D("2022-06-07")).bridge.tolist() == [False] * 7
    assert day("2023-06-05").bridge.all()  # Monday before Memorial Day


def test_an_ordinary_tuesday_is_nothing_else():
    found = day("2023-11-14")
    assert (found.kind[0], found.off[0], found.seollal[0], found.chuseok[0]) == (1, False, FAR, FAR)


def test_stamps_find_their_island_day():
    found = days_between(D("2024-03-01"), D("2024-03-03"))
    stamps = np.array(["2024-02-29T15:00", "2024-03-01T14:59", "2024-03-01T15:00"], "datetime64[s]")
    assert found.index(stamps, "Asia/Seoul").tolist() == [0, 0, 1]
