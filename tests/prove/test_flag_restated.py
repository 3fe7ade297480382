"""A reading that stays the same number and becomes a measurement is restated too: the share of estimates follows."""

from dataclasses import replace

import numpy as np
import pytest

from tamna.errors import LedgerError
from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.grid.product import load_product
from tamna.ledger.event import Kind
from tamna.ledger.invariants import broken
from tamna.runs import open_store
from tamna.runs.proving import prove
from tamna.serve.cli.restated_text import restated_text
from tamna.sources.block import Flag
from tamna.sources.synthetic import typical_year

ISLAND = load_island("typical-jeju")
AT = np.datetime64("2024-02-01T00:00:00", "s")
DAY = parse_period("2023-04-01", "2023-04-01", ISLAND.timezone)
FARM = """
name: farm
title: {ko: 농장, en: Farm}
zone: jeju
process: {ko: 농사, en: Farming}
supply: [{name: supply, series: farm/meter}]
plants: [{name: mill, kind: wind, owner: hallim, capacity_kw: 20, commissioned: 2020-01-01, series: mill/meter}]
papers: [{number: PPA-1, scheme: ppa, first: 2023-01-01, last: 2023-12-31, plant: mill}]
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Give a store in which the first hours of a meter are estimated."""

    def made(farm=0, mill=0, gone=0):
        year = typical_year(seed=0, year=2023)
        first = year.blocks[0]
        inside = np.flatnonzero((first.valid_at >= DAY.start) & (first.valid_at < DAY.end))
        meters = []
        for name, mwh, estimated in (("farm", 0.010, farm), ("mill", 0.006, mill)):
            value, flag = np.full(len(first.value), mwh), np.zeros(len(first.value), np.uint16)
            flag[inside[:estimated]] = Flag.ESTIMATED
            if name == "mill":
                value[inside[:gone]], flag[inside[:gone]] = np.nan, Flag.MISSING
            meters.append(replace(first, series=f"{name}/meter", value=value, flag=flag))
        held = open_store(tmp_path_factory.mktemp("flag") / "store", ISLAND)
        held.ingest([replace(year, blocks=(*year.blocks, *meters))])
        return held

    return made


@pytest.fixture
def product(tmp_path):
    path = tmp_path / "farm.yaml"
    path.write_text(FARM, encoding="utf-8")
    return load_product(path)


@pytest.mark.parametrize(("before", "after"), [(24, 0), (24, 5), (0, 3)])
def test_consumption_that_becomes_measured_or_estimated_is_restated_and_the_share_follows(
    store, product, before, after
):
    first = prove(store(farm=before), ISLAND, product, DAY, at=AT)
    assert first.score.estimated_wh == before * 10_000
    later = prove(store(farm=after), ISLAND, product, DAY, at=AT, state=first.state)
    assert later.score == replace(first.score, estimated_wh=after * 10_000)
    assert sum(lot.score.estimated_wh for lot in later.lots) == after * 10_000
    (one,) = later.restated.corrections
    assert (one.before_wh == one.after_wh).all()
    assert len(one.start) == abs(before - after)
    assert len(later.restated.lots) == len(first.lots)
    assert any("the same" in line for line in restated_text(later.restated, ISLAND.timezone))
    assert broken(later.state) == []
    assert prove(store(farm=after), ISLAND, product, DAY, at=AT, state=later.state).entries == ()


def test_a_plants_reading_that_becomes_measured_is_restated_and_takes_nothing_away(store, product):
    first = prove(store(mill=24), ISLAND, product, DAY, at=AT)
    assert first.state.line("hallim:mill").estimated.all()
    later = prove(store(mill=4), ISLAND, product, DAY, at=AT, state=first.state)
    assert [e.kind for e in later.entries if e.kind in {Kind.RESTATE, Kind.RESTATE_LOAD}] == [Kind.RESTATE]
    line = later.state.line("hallim:mill")
    assert line.estimated[line.live].sum() == 4
    assert later.score == first.score
    assert later.state.used_wh == first.state.used_wh
    assert broken(later.state) == []


def test_a_plants_reading_that_is_gone_stays_in_the_book_and_is_told(store, product):
    first = prove(store(), ISLAND, product, DAY, at=AT)
    later = prove(store(gone=3), ISLAND, product, DAY, at=AT, state=first.state)
    assert later.entries == ()
    assert later.score == first.score
    assert any("mill: 3 hours that stand in the book have no reading now" in str(n) for n in later.notes)
    assert not any("no reading now" in str(n) for n in first.notes)


def test_another_product_that_reads_the_plants_meter_under_another_name_is_refused(store, product, tmp_path):
    first = prove(store(), ISLAND, product, DAY, at=AT)
    path = tmp_path / "other.yaml"
    path.write_text(
        FARM.replace("name: farm", "name: other").replace("mill", "sail").replace("sail/meter", "mill/meter")
    )
    with pytest.raises(LedgerError, match="read for another device"):
        prove(store(), ISLAND, load_product(path), DAY, at=AT, state=first.state)
