"""The same over a store: everything held is looked at, readers' findings come along, the grid knows capacities."""

import numpy as np
import pytest

from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.lang import speaking
from tamna.series import Store
from tamna.series.quality import capacities_mw, check, flags_for
from tamna.sources.block import Finding, Flag
from tamna.sources.synthetic import typical_year


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store")


def spoiled(series, rows, value):
    """A typical year with one series spoiled in some rows."""
    from dataclasses import replace

    reading = typical_year(seed=1)
    blocks = []
    for block in reading.blocks:
        if block.series == series:
            changed = block.value.copy()
            changed[rows] = value
            block = replace(block, value=changed)  # noqa: PLW2901 (the spoiled one in its place)
        blocks.append(block)
    return replace(reading, blocks=tuple(blocks))


def test_a_clean_store_has_no_findings(store):
    store.ingest([typical_year(seed=1)])
    assert check(store, load_island("jeju")) == []


def test_an_empty_store_has_no_findings(store):
    assert check(store) == []


def test_a_defect_in_the_store_is_found_and_flags_its_hours(store):
    store.ingest([spoiled("jeju/demand", slice(2000, 2030), 700.0)])
    found = check(store)
    assert [(f.kind, f.series, f.source, f.size) for f in found] == [
        ("flatline", "jeju/demand", "synthetic", 30.0)
    ]
    stamps = store.read("jeju/demand", parse_period("2023-01-01", "2023-12-31", "Asia/Seoul")).valid_at
    flag = flags_for(found, "jeju/demand", "synthetic", stamps)
    assert np.flatnonzero(flag & int(Flag.SUSPECT)).tolist() == list(range(2000, 2030))


def test_the_grid_file_says_what_no_fleet_can_exceed(store):
    store.ingest([spoiled("jeju/wind", slice(100, 102), 430.0)])  # 419 MW is the most that is known
    assert [f.kind for f in check(store, load_island("jeju"))] == ["beyond_capacity"]
    assert capacities_mw(load_island("jeju"))["jeju/wind"] >= 400


def test_a_period_bounds_what_is_looked_at(store):
    store.ingest([spoiled("jeju/demand", slice(2000, 2030), 700.0)])
    assert check(store, period=parse_period("2023-06-01", "2023-12-31", "Asia/Seoul")) == []


def test_a_gap_at_the_edge_of_the_period_is_found_where_the_store_goes_on(store):
    store.ingest([spoiled("jeju/demand", slice(2000, 2100), np.nan)])
    local = parse_period("2023-03-25T12:00+09:00", "2023-04-30T00:00+09:00", "Asia/Seoul")  # hour 2004 on
    assert [(f.kind, f.size, f.start) for f in check(store, period=local)] == [("gap", 96.0, local.start)]


def test_what_a_reader_noticed_comes_along_unless_it_is_left_out(store):
    reading = typical_year(seed=1)
    noticed = Finding(
        kind="unit_jump",
        series="jeju/demand",
        source="synthetic",
        start=np.datetime64("2023-09-30T15:00:00"),
        end=np.datetime64("2023-09-30T16:00:00"),
        size=1000.0,
        unit="ratio",
        text=reading_text(),
    )
    store.ingest([reading.noticing(noticed)])
    assert [f.kind for f in check(store)] == ["unit_jump"]
    assert check(store, readers=False) == []


def reading_text():
    from tamna.lang import Message

    return Message("a test")


def test_findings_speak_korean(store):
    store.ingest([spoiled("jeju/demand", slice(2000, 2030), 700.0)])
    (f,) = check(store)
    with speaking("ko"):
        assert "30시간" in f.as_dict()["text"]
        assert f.as_dict()["consequence"] != ""
