"""A zone's demand or fleet metered anew: evidence of the place follows it, up and down, and no right is touched."""

from dataclasses import replace

import numpy as np
import pytest

from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.grid.product import load_product
from tamna.ledger.book import fold
from tamna.ledger.event import Kind
from tamna.ledger.invariants import broken
from tamna.ledger.state import Standing
from tamna.runs import open_store
from tamna.runs.proving import prove
from tamna.runs.taken_back import CERTIFIED, taken_back
from tamna.sources.synthetic import typical_year

ISLAND = load_island("typical-jeju")
AT = np.datetime64("2024-02-01T00:00:00", "s")
DAYS = parse_period("2023-04-01", "2023-04-02", ISLAND.timezone)
HOURS = 30  # of the period that are metered anew
FARM = """
name: {name}
title: {{ko: 농장, en: Farm}}
zone: jeju
process: {{ko: 농사, en: Farming}}
supply:
  - name: supply
    shape: {{annual_mwh: 100, day: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            month: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}
"""
MILL = """
plants: [{{name: mill, kind: wind, owner: hallim, capacity_kw: 20, commissioned: 2020-01-01}}]
papers: [{{number: PPA-{name}, scheme: ppa, first: 2023-01-01, last: 2023-12-31, plant: mill}}]
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Give the typical year as metered: `change` makes other numbers of a series in the hours of the period."""

    def made(**change):
        year, blocks = typical_year(seed=0, year=2023), []
        for block in year.blocks:
            value, inside = block.value.copy(), (block.valid_at >= DAYS.start) & (block.valid_at < DAYS.end)
            if factor := change.get(block.series.removeprefix("jeju/")):
                value[np.flatnonzero(inside)[:HOURS]] *= factor
            blocks.append(replace(block, value=value))
        held = open_store(tmp_path_factory.mktemp("place") / "store", ISLAND)
        held.ingest([replace(year, blocks=tuple(blocks))])
        return held

    return made


@pytest.fixture(scope="module")
def first(store):
    return store()


@pytest.fixture
def product(tmp_path):
    def made(name, more=""):
        path = tmp_path / f"{name}.yaml"
        path.write_text((FARM + more).format(name=name), encoding="utf-8")
        return load_product(path)

    return made


def proved(store, product, state=None):
    return prove(store, ISLAND, product, DAYS, at=AT, state=state)


def due(store):
    """What the place gives 1 Wh used, hour by hour."""
    made = store.hours("jeju/wind", DAYS).value + store.hours("jeju/pv", DAYS).value
    return np.minimum(made / store.hours("jeju/demand", DAYS).value, 1.0)


@pytest.mark.parametrize(("factor", "given_back"), [(1.5, True), (0.8, False)])
def test_a_demand_metered_anew_changes_the_place_in_the_claim_the_lots_and_their_standing(
    store, first, product, factor, given_back
):
    farm, corrected = product("farm"), store(demand=factor)
    before = proved(first, farm)
    after = proved(corrected, farm, before.state)
    assert after.rows["location_wh"] == pytest.approx(after.rows["load_wh"] * due(corrected), abs=2)
    assert (after.rows["location_wh"][HOURS:] == before.rows["location_wh"][HOURS:]).all()
    assert (after.rows["location_wh"][:HOURS] != before.rows["location_wh"][:HOURS]).any()
    assert [bool(c.claims) for c in after.restated.corrections] == [True]
    assert bool(after.restated.returned) == given_back
    assert {e.kind for e in after.entries} >= {Kind.RESTATE_LOAD, Kind.CLAIM, Kind.LOTS, Kind.LOT}
    assert [c.standing for c in after.state.claims.values()] == [Standing.REPLACED, Standing.GOOD]
    assert [r.entry for r in after.restated.lots] == [lot.entry for lot in before.lots]
    journal = (*before.entries, *after.entries)
    numbers = [i for i, entry in enumerate(journal) if entry.kind in CERTIFIED]
    assert taken_back(numbers, after.state) == [lot.entry for lot in before.lots]
    assert broken(after.state) == []
    assert fold(journal).claims == after.state.claims
    assert proved(corrected, farm, after.state).entries == ()
    back = proved(first, farm, after.state)  # restated twice: as at first
    assert back.score == before.score
    assert broken(back.state) == []


def test_no_watt_hour_of_a_right_is_touched_by_it(store, first, product):
    farm = product("farm", MILL)
    before = proved(first, farm)
    assert before.score.ppa_wh > 0
    after = proved(store(demand=2.0), farm, before.state)
    assert after.restated.returned
    assert (after.rows["ppa_wh"] == before.rows["ppa_wh"]).all()
    assert after.score.physical_wh < before.score.physical_wh
    assert after.state.used_wh == before.state.used_wh


def test_a_fleet_metered_lower_gives_back_what_its_first_watt_hours_still_hold(store, first, product):
    farm, corrected = product("farm"), store(wind=0.5)
    before = proved(first, farm)
    after = proved(corrected, farm, before.state)
    assert after.rows["location_wh"] == pytest.approx(after.rows["load_wh"] * due(corrected), abs=2)
    assert after.restated.returned
    assert broken(after.state) == []


def test_another_products_claim_on_the_old_demand_waits_until_it_is_proved_again(store, first, product):
    farm, dairy, corrected = product("farm"), product("dairy"), store(demand=1.5)
    both = proved(first, dairy, proved(first, farm).state)
    after = proved(corrected, farm, both.state)
    assert {c.account: c.standing for c in after.state.claims.values()} == {
        "farm": Standing.GOOD,
        "dairy": Standing.REVIEW,
    }
    later = proved(corrected, dairy, after.state)
    assert later.restated.returned[0].claims == ()  # it was under review already
    assert later.rows["location_wh"] == pytest.approx(later.rows["load_wh"] * due(corrected), abs=2)
    assert broken(later.state) == []


def test_two_products_of_one_plant_count_it_once_in_the_annual_score_and_say_so(first, product):
    farm, dairy = proved(first, product("farm", MILL)), None
    made = int(farm.state.line("hallim:mill").total_wh)
    assert farm.annual_wh == made
    dairy = proved(first, product("dairy", MILL), farm.state)
    again = proved(first, product("farm", MILL), dairy.state)
    assert dairy.annual_wh + again.annual_wh <= made
    assert again.annual_wh >= again.score.claimable_wh
    assert any("dairy also have a paper" in str(n) for n in again.notes)
    assert again.entries == ()
