"""A change between years only on a constant metering base; else the reasons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from measure.island_of import generation, island
from tamna.errors import UsageError
from tamna.measure import BaseChange, Column, change, measure
from tamna.sources.block import Flag

TWO_YEARS, FIRST = 2 * 8760, 8760
START = "2021-12-31T15:00"  # 2022 and 2023 on Jeju


def years(wind=(20.0, 25.0), flag=0, **more):
    values = np.repeat(np.array(wind), FIRST)
    made = generation("wind", values, flag=flag)
    return island([100.0] * TWO_YEARS, wind=made, start=START, **more)


def told(h, boundary="settled", rule="coverage"):
    return change(measure(h), boundary, rule, 2022, 2023)


def pv(values, **more):
    return generation("pv", np.repeat(np.array(values), FIRST), **more)


def test_on_a_constant_base_the_change_is_printed():
    found = told(years())
    assert found.refused == ()
    assert found.points == pytest.approx(0.05)
    assert str(found) == "2022 to 2023: +5.00 percentage points"


def test_a_missing_season_refuses_it():
    h = years(wind=(20.0, 25.0))
    h["wind"].column.mwh[: 24 * 90] = np.nan
    assert str(told(h).refused[0]) == "2022: only 6600 of 8760 hours are counted"
    assert told(h).points is None


def test_a_few_missing_hours_do_not():
    h = years()
    h["wind"].column.mwh[:20] = np.nan
    assert told(h).points is not None


def test_a_series_that_lacks_part_of_its_fleet_refuses_it():
    flag = np.zeros(TWO_YEARS, dtype=np.uint16)
    flag[-5:] = Flag.COVERAGE
    assert [str(r) for r in told(years(flag=flag)).refused] == [
        "2023: in 5 hours a series lacks part of its fleet"
    ]


def test_another_base_in_the_later_year_refuses_it():
    base = np.repeat(np.array([0, 1], dtype=np.int16), FIRST)
    demand = Column(mwh=np.full(TWO_YEARS, 100.0), flag=np.zeros(TWO_YEARS, np.uint16),
                    bases=("system", "real-time"), base=base)  # fmt: skip
    h = island(demand=demand.mwh, wind=[20.0] * TWO_YEARS, start=START)
    object.__setattr__(h, "demand", demand)
    assert str(told(h).refused[0]) == "demand is metered on another base (system, then real-time)"


def test_plants_that_move_between_ppa_and_market_refuse_a_boundary_with_only_one_of_them():
    moved = BaseChange(at=np.datetime64("2022-06-01T00:00:00"), until=np.datetime64("2023-06-01T00:00:00"),
                       between=("pv", "pv_ppa"), text="plants moved from PPA to the market")  # fmt: skip
    h = years(pv=pv([5.0, 9.0]), pv_ppa=generation("pv_ppa", np.repeat([9.0, 5.0], FIRST)), changes=[moved])
    assert "plants moved from PPA to the market" in str(told(h))
    both = told(h, "ppa")
    assert both.refused == ()
    assert both.points == pytest.approx(0.05)  # wind alone grew: what moved is in both years


def test_plants_that_leave_the_books_refuse_every_boundary_that_counts_them():
    left = BaseChange(at=np.datetime64("2023-06-01T00:00:00"), between=("wind",), text="bidding pilot")
    assert str(told(years(changes=[left])).refused[0]) == "bidding pilot (2023-06-01)"
    before = BaseChange(at=np.datetime64("2021-06-01T00:00:00"), between=("wind",), text="earlier")
    assert told(years(changes=[before])).refused == ()
    other = BaseChange(at=np.datetime64("2023-06-01T00:00:00"), between=("lng",), text="of no concern")
    assert told(years(changes=[other])).refused == ()


def test_a_year_without_an_answer_refuses_with_its_own_reason():
    found = told(years(lng=None), rule="proportional")
    assert str(found.refused[0]) == "2022: not measured in this period: imports and exports, lng"
    assert found.as_dict()["points"] is None


def test_an_assumed_class_refuses_it():
    made = replace(generation("pv_ppa", np.repeat([9.0, 5.0], FIRST)), assumed=True)
    assert str(told(years(pv_ppa=made), "ppa").refused[0]) == "pv_ppa: assumed for each year"


def test_a_year_outside_the_measurement_is_a_wrong_question():
    with pytest.raises(UsageError, match="it holds 2022, 2023"):
        change(measure(years()), "settled", "coverage", 2022, 2030)
