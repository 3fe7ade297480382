from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tamna.errors import InputError, TamnaError
from tamna.grid import load_island
from tamna.grid.clock import KOREA, to_local
from tamna.physics.btm import hidden_power, hollow, response, unmetered, unmetered_by_year
from tamna.series.store import Store
from tamna.sources.block import Flag
from tamna.sources.reading import read_paths
from tamna.sources.synthetic import typical_year


def year(hollow_mw=220.0, settled_mw=250.0, seed=0, days=365):
    rng = np.random.default_rng(seed)
    stamps = (np.datetime64("2022-12-31T15", "h") + np.arange(24 * days)).astype("datetime64[s]")
    hour = to_local(stamps, KOREA).astype(np.int64) // 3600 % 24
    clear = 1000 * np.maximum(np.cos((hour - 12.5) / 12 * np.pi), 0)
    radiation = clear * rng.uniform(0.2, 1, days).repeat(24)
    warm = 15 + 8 * np.sin(np.arange(24 * days) / 8766 * 2 * np.pi) + 0.004 * radiation
    base = rng.normal(0, 30, days).repeat(24) - 40 * (np.arange(24 * days) // 24 % 7 >= 5)
    demand = 650 + base + 2.0 * warm - hollow_mw * radiation / 1000 + 8 * rng.normal(size=len(stamps))
    pv = settled_mw * radiation / 1000 + 5 * rng.normal(size=len(stamps))
    return stamps, demand, pv, radiation, warm


def test_the_hollow_is_found_with_temperature_weekday_and_level_held_equal():
    stamps, demand, pv, radiation, warm = year()
    found = hollow(stamps, demand, radiation, warm)[2023]
    assert found.mw == pytest.approx(-220, abs=15)
    assert found.low < found.mw < found.high
    assert response(stamps, pv, radiation, warm)[2023].mw == pytest.approx(250, abs=8)


def test_without_pv_there_is_no_hollow():
    stamps, demand, _pv, radiation, warm = year(hollow_mw=0.0, seed=1)
    found = hollow(stamps, demand, radiation, warm)[2023]
    assert abs(found.mw) < 15


def test_unmetered_pv_is_ppa_and_roofs_together_less_habit():
    stamps, demand, pv, radiation, warm = year()
    both = [f(stamps, v, radiation, warm)[2023] for f, v in ((hollow, demand), (response, pv))]
    exact = unmetered(
        *both, settled_mw=(400, 400.001), ppa_mw=(100, 100.001), btm_mw=(0, 500), habit=(0, 1e-9)
    )
    assert exact.both[1] == pytest.approx(220 / 250 * 400, rel=0.08)
    assert exact.behind_the_meter[1] == pytest.approx(exact.both[1] - 100, abs=5)
    usual = unmetered(*both, settled_mw=(380, 420), ppa_mw=(64, 149), btm_mw=(25, 240))
    low, middle, high = usual.behind_the_meter
    assert 25 <= low < middle < high <= 240
    assert middle < exact.behind_the_meter[1]


def test_a_hollow_that_the_grid_file_forbids_says_so():
    stamps, demand, pv, radiation, warm = year()
    both = [f(stamps, v, radiation, warm)[2023] for f, v in ((hollow, demand), (response, pv))]
    found = unmetered(*both, settled_mw=(380, 420), ppa_mw=(64, 149), btm_mw=(900, 950))
    assert found.agrees == 0
    assert found.behind_the_meter == (900, 925, 950)


def test_power_behind_the_meter_is_always_an_estimate():
    hidden = hidden_power((70.0, 140.0, 210.0), np.array([0.0, 0.5, np.nan]))
    assert hidden.mw[:2].tolist() == [0, 70]
    assert (hidden.low[1], hidden.high[1]) == (35, 105)
    assert hidden.flag.tolist() == [Flag.ESTIMATED, Flag.ESTIMATED, Flag.MISSING]


def test_a_fortnight_is_too_little():
    stamps, demand, _pv, radiation, warm = year(days=14)
    with pytest.raises(InputError, match="too few days"):
        hollow(stamps, demand, radiation, warm)


def test_a_made_up_island_shows_the_roofs_it_was_made_with(tmp_path):
    store = Store.open(tmp_path)
    year = typical_year(seed=4)
    held = next(b.value for b in year.blocks if b.series == "jeju/pv_curtailment")
    # what was held back lowers the response of settled PV, not the hollow: give it back
    free = tuple(replace(b, value=b.value + held) if b.series == "jeju/pv" else b for b in year.blocks)
    store.ingest([replace(year, blocks=free)])
    found = unmetered_by_year(store, load_island("jeju"))[2023]
    # demand falls by 245 MW in full sun where settled PV makes 293 to 351 MW
    assert -found.demand.mw / found.settled.mw == pytest.approx(245 / 322, rel=0.15)


def test_a_store_without_demand_is_refused(tmp_path):
    with pytest.raises(InputError, match="needs a demand series"):
        unmetered_by_year(Store.open(tmp_path), load_island("jeju"))


@pytest.mark.data
@pytest.mark.slow
def test_the_hollow_of_jeju_shrinks_as_plants_join_the_market_and_the_roofs_stay(shared_data, tmp_path):
    store = Store.open(tmp_path)
    files = read_paths([shared_data / f for f in ("kpx/demand", "kpx/generation", "kma")])
    store.ingest(r for _p, r in files if not isinstance(r, TamnaError))
    years = unmetered_by_year(store, load_island("jeju"))
    assert sorted(years) == [2022, 2023, 2024]
    assert years[2022].demand.mw < years[2023].demand.mw < years[2024].demand.mw < -150
    assert years[2022].settled.mw < years[2023].settled.mw < years[2024].settled.mw
    both = [y.capacity.both for y in years.values()]
    assert both[0][1] > both[1][1] > both[2][0]
    roofs = [y.capacity.behind_the_meter for y in years.values()]
    assert max(r[0] for r in roofs) < min(r[2] for r in roofs)  # one capacity fits all three years
    assert all(y.capacity.agrees > 0.8 for y in years.values())
