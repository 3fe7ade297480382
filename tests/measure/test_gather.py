"""From store and island file to an island's hours."""

from __future__ import annotations

import numpy as np
import pytest

from tamna.errors import SourceError
from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.measure import change, measure
from tamna.measure.gather import gather
from tamna.series import Store
from tamna.sources.block import Block, Flag, Kind, Reading, Receipt

YEAR = parse_period("2023-01-01", "2023-12-31", "Asia/Seoul")


def block(series, source, value, *, valid_at=None, unit="MWh", resolution_s=3600, flag=0):
    valid_at = YEAR.stamps() if valid_at is None else valid_at
    value = np.broadcast_to(np.asarray(value, dtype=float), valid_at.shape).copy()
    return Block(
        series=series, source=source, unit=unit, kind=Kind.SUM, resolution_s=resolution_s, valid_at=valid_at,
        value=value, flag=np.full(len(value), flag, dtype=np.uint16),
    )  # fmt: skip


def held(tmp_path, *blocks):
    store = Store.open(tmp_path / "store")
    readings = [
        Reading(
            receipt=Receipt(
                name=f"{i}.csv", sha256=f"{i:064x}", size_bytes=1, reader="test", reader_version=1,
                source=b.source, data_start="2023-01-01", data_end="2024-01-01", rows=len(b),
            ),
            blocks=(b,),
        )
        for i, b in enumerate(blocks)
    ]  # fmt: skip
    store.ingest(readings)
    return store


NOON = np.where(np.arange(8760) % 24 == 12, 240.0, 0.0)


@pytest.fixture
def store(tmp_path):
    return held(
        tmp_path,
        block("jeju/demand", "kpx_demand", 700.0),
        block("jeju/wind", "kpx_settled", 80.0),
        block("jeju/pv", "kpx_settled", NOON),
        block("jeju/wind_curtailment_events", "kpx_curtailment", [2.0], unit="events", resolution_s=86400,
              valid_at=YEAR.stamps()[24:25]),
    )  # fmt: skip


def test_measured_classes_come_with_their_metering_base(store):
    h = gather(store, load_island("jeju"), YEAR)
    assert len(h) == 8760
    assert h.demand_mwh.sum() == 700 * 8760
    assert h["wind"].column.bases_in(slice(None)) == ("settled",)
    assert "demand: system; wind: settled; pv: settled" in str(h.metering_base(("demand", "wind", "pv")))
    assert measure(h)["settled", "coverage"][0].value == pytest.approx((80 + 10) / 700)


def test_an_estimate_spreads_the_years_energy_over_its_shape_and_is_flagged(store):
    island = load_island("jeju")
    ppa = gather(store, island, YEAR)["pv_ppa"]
    declared = next(c for c in island.classes if c.name == "pv_ppa").estimate.year_mwh(2023).value
    assert ppa.column.mwh.sum() == pytest.approx(declared)
    assert (ppa.column.mwh[NOON == 0] == 0).all()
    assert (ppa.column.flag & Flag.ESTIMATED).all()
    assert ppa.assumed


def test_the_range_of_a_years_energy_bounds_every_hour_of_it(store):
    island = load_island("jeju")
    figure = next(c for c in island.classes if c.name == "pv_ppa").estimate.year_mwh(2023)
    column = gather(store, island, YEAR)["pv_ppa"].column
    assert column.within.low.sum() == pytest.approx(figure.span[0])
    assert column.within.high.sum() == pytest.approx(figure.span[1])
    assert gather(store, island, YEAR)["pv"].column.within is None


def test_a_part_of_the_year_gets_its_part_of_the_estimate(store):
    island, day = load_island("jeju"), parse_period("2023-07-01", "2023-07-01", "Asia/Seoul")
    whole, part = (gather(store, island, p)["pv_ppa"].column.mwh.sum() for p in (YEAR, day))
    assert part == pytest.approx(whole / 365)


def test_a_shape_with_a_season_missing_gives_no_estimate(tmp_path):
    summer = np.where(np.arange(8760) < 4000, np.nan, NOON)
    store = held(tmp_path, block("jeju/demand", "kpx_demand", 700.0), block("jeju/pv", "kpx_settled", summer))
    assert not gather(store, load_island("jeju"), YEAR)["pv_ppa"].column.held


def test_what_the_store_does_not_hold_is_not_measured(store):
    h = gather(store, load_island("jeju"), YEAR)
    assert h.imports is None
    assert not h["lng"].column.held
    assert measure(h)["settled", "thermal_first"][0].value is None
    assert h.curtailment == {}


def test_events_stand_at_the_first_hour_of_their_day_and_other_days_are_unknown(store):
    events = gather(store, load_island("jeju"), YEAR).curtailment_events["wind"].mwh
    assert events[24:48].tolist() == [2.0] + [0.0] * 23
    assert np.isnan(events[:24]).all()
    assert np.isnan(events[48:]).all()


def test_what_quality_holds_against_a_series_reaches_the_hours(store):
    def against(series, hours):
        return np.full(len(hours), Flag.SUSPECT if series.name == "jeju/wind" else 0, dtype=np.uint16)

    answer = measure(gather(store, load_island("jeju"), YEAR, against=against))["settled", "coverage"][0]
    assert answer.suspect_hours == 8760


def test_a_declared_metering_regime_flags_the_hours_in_which_plants_are_missing(tmp_path):
    june = parse_period("2024-05-31", "2024-06-01", "Asia/Seoul")
    store = held(
        tmp_path,
        block("jeju/demand", "kpx_demand", 700.0, valid_at=june.stamps()),
        block("jeju/wind", "kpx_settled", 80.0, valid_at=june.stamps()),
    )
    h = gather(store, load_island("jeju"), june)
    assert ((h["wind"].column.flag & Flag.COVERAGE) != 0).tolist() == [False] * 24 + [True] * 24


@pytest.mark.data
def test_jeju_2022_and_2023_from_the_public_files(shared_data, tmp_path):
    from tamna.sources import read_paths

    store = Store.open(tmp_path / "store")
    folders = [shared_data / "kpx" / name for name in ("demand", "generation", "curtailment")]
    store.ingest(read for _path, read in read_paths(folders) if not isinstance(read, SourceError))
    m = measure(gather(store, load_island("jeju"), parse_period("2022-01-01", "2023-12-31", "Asia/Seoul")))
    share = m["settled", "coverage"]
    assert [round(v, 3) for v in share.value] == [0.158, 0.159]
    assert share.denominator_mwh[1] == pytest.approx(6_321_230.8, abs=0.1)
    assert share.hours_missing.tolist() == [0, 0]
    assert str(m["settled_bio", "coverage"][1].reason) == "not measured: bio"
    assert "PPA to the market" in str(change(m, "settled", "coverage", 2022, 2023).refused[0])
    assert "assumed for each year" in str(change(m, "ppa", "coverage", 2022, 2023).refused[0])
