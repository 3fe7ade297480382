"""What an island's hours must be before anything is measured."""

from __future__ import annotations

import numpy as np
import pytest

from measure.island_of import generation, island, stamps
from tamna.errors import InputError
from tamna.measure import Column, IslandHours
from tamna.sources.block import Flag


def test_negative_demand_is_refused_with_its_hour():
    with pytest.raises(InputError, match=r"column 'demand', hour 2025-04-13T16:00Z: is negative .*-5"):
        island([10.0, -5.0], wind=[1.0, 1.0])


def test_all_mistakes_come_at_once():
    with pytest.raises(InputError) as refused:
        island([-1.0, 10.0], wind=[1.0], lng=[np.inf, 1.0])
    assert len(refused.value.mistakes) == 3


def test_no_hours_are_refused():
    with pytest.raises(InputError, match="no hours"):
        island([], wind=[])


@pytest.mark.parametrize("order", [[0, 2, 3], [1, 0, 2], [0, 0, 1]])
def test_hours_that_do_not_follow_each_other_are_refused(order):
    with pytest.raises(InputError, match="do not follow"):
        IslandHours(valid_at=stamps(4)[order], demand=Column.of([1.0] * 3), classes=())


def test_negative_generation_is_allowed_because_meters_count_station_use():
    assert island([10.0], lng=[-0.3]).generation_mwh["lng"][0] == -0.3


def test_a_gap_is_flagged_missing_and_a_missing_flag_makes_a_gap():
    column = Column.of([1.0, np.nan, 3.0], flag=[0, 0, Flag.MISSING])
    assert (column.flag & Flag.MISSING).astype(bool).tolist() == [False, True, True]
    assert np.isnan(column.mwh).tolist() == [False, True, True]


def test_the_metering_base_names_every_base_that_has_values():
    wind = Column(
        mwh=np.array([1.0, 2.0, np.nan]), flag=np.zeros(3, np.uint16), bases=("settled", "real-time", "other"),
        base=np.array([0, 1, 2], dtype=np.int16),
    )  # fmt: skip
    assert wind.bases_in(slice(None)) == ("settled", "real-time")
    assert wind.bases_in(slice(2, 3)) == ()


def test_a_class_is_found_by_name_and_names_itself():
    h = island([1.0], wind=generation("wind", [1.0]))
    assert str(h["wind"]) == "wind"
    assert list(h.columns) == ["demand", "wind"]
