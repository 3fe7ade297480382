"""Code asks the island; nobody writes a date or a capacity into a program."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from pydantic import ValidationError

from tamna.errors import UsageError
from tamna.grid import load_island, read_island, starter


@pytest.fixture(scope="module")
def jeju():
    return load_island("jeju")


def regimes(island, moment) -> set[str]:
    return {r.name for r in island.regimes_at(moment)}


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2023, 6, 1), {"demand-in-kwh", "ppa-to-market"}),
        (date(2024, 2, 29), set()),
        (date(2024, 3, 1), {"bidding-pilot-mock"}),
        (date(2024, 5, 31), {"bidding-pilot-mock"}),
        (date(2024, 6, 1), {"bidding-pilot", "settled-files-partial", "curtailment-redefined"}),
        (date(2024, 11, 28), {"bidding-pilot", "settled-files-partial", "curtailment-redefined"}),
        (date(2024, 11, 29), {"bidding-pilot", "settled-files-partial", "curtailment-redefined", "hvdc3"}),
    ],
)
def test_regimes_hold_on_their_days_both_ends_included(jeju, day, holds):
    assert regimes(jeju, day) == holds


def test_a_utc_stamp_belongs_to_the_island_day(jeju):
    assert "bidding-pilot" in regimes(jeju, np.datetime64("2024-05-31T15:00:00"))
    assert "bidding-pilot" not in regimes(jeju, np.datetime64("2024-05-31T14:59:59"))
    assert "bidding-pilot" in regimes(jeju, datetime(2024, 5, 31, 15, tzinfo=UTC))


def test_a_moment_without_zone_is_refused(jeju):
    with pytest.raises(UsageError, match="without time zone"):
        jeju.regimes_at(datetime(2024, 6, 1))


def test_capacity_follows_the_dated_figures():
    island = read_island(starter("my-island"))
    days = [date(2022, 12, 31), date(2023, 1, 1), date(2024, 6, 30), date(2024, 7, 1)]
    assert [island.capacity_mw("wind", day) for day in days] == [0, 20, 20, 25]


def test_link_3_carries_nothing_before_it_was_completed(jeju):
    link = next(k for k in jeju.links if k.name == "hvdc3")
    assert [(f.start, f.value) for f in link.export_mw] == [(None, 0), (date(2024, 11, 29), 200)]


def test_fleets_are_found_by_kind_and_metering(jeju):
    assert [f.name for f in jeju.fleet("pv")] == ["pv-market", "pv-ppa", "pv-btm"]
    assert [f.name for f in jeju.fleet("wind", "market")] == ["wind-market"]


def test_every_figure_has_a_path_of_its_own(jeju):
    paths = [path for path, _figure in jeju.figures()]
    assert len(paths) == len(set(paths))


def test_an_island_cannot_be_changed(jeju):
    with pytest.raises(ValidationError):
        jeju.name = "udo"
