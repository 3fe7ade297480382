"""All checks together: silent on clean years, and finding in the real files what is known to be there."""

from dataclasses import replace

import numpy as np
import pytest

from tamna.series.quality import KINDS, Track, check_tracks, find_label
from tamna.series.quality.track import hourly
from tamna.sources.block import Kind, Reading

HOUR = np.timedelta64(3600, "s")


@pytest.mark.parametrize(("seed", "years"), [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 3), (6, 7)])
def test_a_clean_year_raises_no_alarm(made, seed, years):
    assert check_tracks(made(seed, years).values()) == []


def test_one_defect_of_each_kind_is_found_once_and_nothing_else(made, planted, without):
    tracks = made(7)
    demand, pv, wind = tracks["jeju/demand"], tracks["jeju/pv"], tracks["jeju/wind"]
    demand = planted(demand, 100, lambda _v: 3.40282e38)
    demand = planted(demand, slice(1000, 1100), lambda v: v * 1000)
    demand = planted(demand, slice(2000, 2020), lambda v: v * 0 + 700.0)
    demand = without(demand, slice(3000, 3100))
    pv = planted(pv, slice(4000, 4010), lambda v: v * 0 - 2.0)
    wind = planted(wind, slice(5000, 5003), lambda v: v * 0 + 900.0)
    found = check_tracks([demand, pv, wind], {"jeju/wind": 315.0})
    assert [(f.kind, f.series) for f in found] == [
        ("flatline", "jeju/demand"),
        ("gap", "jeju/demand"),
        ("impossible_value", "jeju/demand"),
        ("unit_jump", "jeju/demand"),
        ("negative_energy", "jeju/pv"),
        ("beyond_capacity", "jeju/wind"),
    ]
    assert {f.kind for f in found} <= set(KINDS)
    assert all(str(f.text) and str(f.consequence) for f in found)


def test_a_hole_that_a_whole_file_shares_is_told_once(made, without):
    weather = [t for name, t in made().items() if name.startswith("synthetic/")]
    found = check_tracks([without(t, slice(1000, 1048)) for t in weather])
    assert [(f.kind, f.series, f.size) for f in found] == [("gap", "synthetic/jeju/*", 48.0)]


def test_a_track_of_nothing_is_no_trouble(made):
    track = made()["jeju/demand"]
    nothing = replace(track, valid_at=track.valid_at[:0], value=track.value[:0])
    blank = track.with_values(track.value * np.nan)
    single = replace(track, valid_at=track.valid_at[:1], value=track.value[:1])
    assert check_tracks([nothing, blank, replace(single, series="jeju/wind")]) == []


# --- the real files --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(shared_data):
    """Every KPX series of the shared data, one track a source, as the store would hold them."""
    from tamna.sources import read_paths

    folders = ("demand", "generation", "smp", "supply", "day_ahead_demand_forecast")
    paths = [shared_data / "kpx" / name for name in folders]
    paths += [shared_data / "oibc2024" / "market_hourly.csv", *shared_data.glob("oibc2024/제주전력시장_*")]
    parts = {}
    for _path, reading in read_paths(paths):
        assert isinstance(reading, Reading)
        for block in reading.blocks:
            parts.setdefault((block.series, block.source), []).append(block)
    return {f"{series}@{source}": _joined(blocks) for (series, source), blocks in parts.items()}


def _joined(blocks):
    stamps = np.concatenate([b.valid_at for b in blocks])
    value = np.concatenate([b.value for b in blocks])
    stamps, first = np.unique(stamps, return_index=True)
    one = blocks[0]
    return Track(
        series=one.series,
        source=one.source,
        unit=one.unit,
        kind=one.kind,
        resolution_s=one.resolution_s,
        valid_at=stamps,
        value=value[first],
    )


@pytest.fixture(scope="module")
def findings(real):
    return check_tracks(real.values())


def of(findings, kind, name):
    return [f for f in findings if (f.kind, f"{f.series}@{f.source}") == (kind, name)]


def near(stamp, expected, hours=0):
    return abs((stamp - np.datetime64(expected, "s")).astype(int)) <= hours * 3600


@pytest.mark.data
def test_the_160_mw_offset_of_real_time_demand_is_found_with_its_dates(findings):
    (f,) = of(findings, "offset", "jeju/demand@kpx_realtime")
    assert near(f.start, "2024-04-16T07:00")
    assert near(f.end, "2024-04-30T10:00", hours=4)
    assert f.size == pytest.approx(160, abs=2)


@pytest.mark.data
def test_the_same_fortnight_is_missing_from_the_real_time_reserve(findings):
    (f,) = of(findings, "offset", "jeju/supply_reserve@kpx_realtime")
    assert f.size == pytest.approx(-160, abs=3)
    assert near(f.start, "2024-04-16T07:00")


@pytest.mark.data
def test_nothing_else_lies_beside_its_reference(findings):
    assert len([f for f in findings if f.kind == "offset"]) == 2


@pytest.mark.data
def test_the_wind_that_left_the_settled_files_on_the_first_of_june_is_found(findings):
    (f,) = of(findings, "coverage_break", "jeju/wind@kpx_settled")
    assert f.start == np.datetime64("2024-05-31T15:00")  # 2024-06-01 on the island
    assert 80_000 < f.size < 95_000  # MWh by the end of August
    (pv,) = of(findings, "coverage_break", "jeju/pv@kpx_settled")
    assert pv.start == f.start
    assert "84 %" in str(pv.text)


@pytest.mark.data
def test_the_wind_of_2025_is_only_a_shred_of_the_fleet(findings):
    (f,) = of(findings, "coverage_break", "jeju/wind@kpx_fuel")
    assert f.start == np.datetime64("2025-02-28T15:00")


@pytest.mark.data
def test_the_noon_hours_missing_from_smp_are_not_random(findings):
    (f,) = [f for f in findings if f.kind == "missing_not_at_random"]
    assert (f.series, f.source, f.size) == ("jeju/smp", "epsis", 66.0)
    assert "23 days" in str(f.text)
    assert "3 of them, 3 negative" in str(f.text)


@pytest.mark.data
def test_settled_pv_at_night_is_storage_and_no_clock_is_off(findings):
    (f,) = of(findings, "night_generation", "jeju/pv@kpx_settled")
    assert f.size > 10_000
    assert "storage behind plants" in str(f.text)
    assert [f for f in findings if f.kind == "hour_label"] == []


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("jeju/demand@kpx_realtime", "readings at the stamp"),
        ("jeju/wind@kpx_realtime", "readings at the stamp"),
        ("jeju/supply_capacity@kpx_realtime", "readings at the stamp"),
        ("jeju/supply_reserve@kpx_realtime", "readings at the stamp"),
        ("jeju/operating_reserve@kpx_realtime", "readings at the stamp"),
        ("jeju/renewables@kpx_realtime", "almost alike"),
        ("jeju/price_da@kpx_realtime", "interval that starts"),
        ("jeju/price_rt@kpx_realtime", "interval that starts"),
        ("jeju/price_rt_provisional@kpx_realtime", "interval that starts"),
        ("jeju/smp@epsis", "interval that starts"),
        ("jeju/demand@kpx_system", "interval that starts"),
    ],
)
def test_each_column_has_its_label_by_comparison(findings, name, says):
    (f,) = of(findings, "label", name)
    assert says in str(f.text)


@pytest.mark.data
def test_the_two_labels_in_one_row_of_the_market_file_show_in_its_raw_stamps(shared_data, real):
    import pandas as pd

    raw = pd.read_csv(shared_data / "oibc2024" / "market_hourly.csv")
    stamps = pd.to_datetime(raw["ts"]).to_numpy().astype("datetime64[s]")
    power = find_label(
        stamps, raw["현재 수요(kW)"].to_numpy() / 1000.0, hourly(real["jeju/demand@kpx_demand"])
    )
    price = find_label(
        stamps,
        raw["하루전가격(원/kWh)"].to_numpy(),
        hourly(real["jeju/price_da@kpx_price_da"]),
        instants=False,
    )
    assert (power.label, power.is_clear) == ("instant", True)
    assert (price.label, price.is_clear) == ("end", True)


@pytest.mark.data
def test_demand_has_no_gap_and_no_jump_from_2017_to_august_2024(findings):
    assert [f for f in findings if (f.series, f.source) == ("jeju/demand", "kpx_demand")] == []


@pytest.mark.data
def test_of_the_measured_values_none_raises_a_false_alarm(findings):
    # looked at one by one: the real KPX files hold none of these
    quiet = {"flatline", "beyond_capacity", "negative_energy", "unit_jump", "duplicate", "hour_label"}
    assert [(f.kind, f.series, f.source) for f in findings if f.kind in quiet] == []
    assert len(findings) < 60


@pytest.mark.data
def test_the_cell_of_3_4e38_is_found_where_the_reader_leaves_it(real):
    track = real["jeju/operating_reserve@kpx_supply"]
    at = int(np.searchsorted(track.valid_at, np.datetime64("2024-06-21T06:00", "s")))
    value = track.value.copy()
    value[at] = 3.40282e38  # as the file has it; the reader blanks it and says so
    (f,) = [f for f in check_tracks([track.with_values(value)]) if f.kind == "impossible_value"]
    assert (f.start, f.end - f.start) == (np.datetime64("2024-06-21T06:00"), HOUR)


@pytest.mark.data
def test_kwh_before_mwh_is_found_in_the_raw_numbers(real):
    track = real["jeju/demand@kpx_demand"]
    border = np.datetime64("2023-09-30T15:00", "s")
    raw = track.with_values(np.where(track.valid_at < border, track.value * 1000, track.value))
    (f,) = [f for f in check_tracks([raw]) if f.kind == "unit_jump"]
    assert f.start == border  # by far most of it is in kWh, so the MWh are the odd ones
    assert f.size == pytest.approx(0.001)


@pytest.mark.data
def test_a_planted_instant_is_an_instant(real):
    assert real["jeju/demand@kpx_realtime"].kind is Kind.INSTANT
