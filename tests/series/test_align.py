from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from series.making import NAN, at, period
from tamna.errors import UsageError
from tamna.series.align import hourly_energy, hourly_mean, hourly_sum, needed
from tamna.series.model import Series
from tamna.series.store import Store
from tamna.sources.block import Flag, Kind


def series(hours, values, *, kind=Kind.MEAN, unit="MW", step=3600, flags=None, name="x/y"):
    n = len(values)
    stamps = np.array([at(h) for h in hours], dtype="datetime64[s]")
    return Series(
        name=name,
        unit=unit,
        kind=kind,
        resolution_s=step,
        valid_at=stamps,
        known_at=stamps + np.timedelta64(step, "s"),
        value=np.asarray(values, dtype=np.float64),
        flag=np.zeros(n, np.uint16) if flags is None else np.asarray(flags, np.uint16),
        source_code=np.zeros(n, np.uint8),
        sources=("s",),
    )


def test_an_hour_of_mean_power_is_as_much_energy_and_the_other_way():
    column = hourly_energy(series([0, 1], [5, 6]), period(0, 2))
    assert (column.unit, column.value.tolist(), column.flag.tolist()) == ("MWh", [5, 6], [0, 0])
    energy = series([0, 1], [5, 6], kind=Kind.SUM, unit="MWh")
    assert hourly_energy(energy, period(0, 2)).value.tolist() == [5, 6]
    assert hourly_mean(energy, period(0, 2)).unit == "MW"


def test_kilowatts_become_megawatt_hours_once():
    assert hourly_energy(series([0], [5000], unit="kW"), period(0, 1)).value.tolist() == [5]
    quarters = series([0, 0.25, 0.5, 0.75], [4000] * 4, unit="kW", step=900)
    assert hourly_energy(quarters, period(0, 1)).value.tolist() == [4]


def test_missing_hours_stand_as_missing_and_their_neighbours_stay():
    column = hourly_energy(series([0, 2], [5, NAN]), period(-1, 4))
    np.testing.assert_array_equal(column.value, [NAN, 5, NAN, NAN, NAN])
    assert column.flag.tolist() == [Flag.MISSING, 0, Flag.MISSING, Flag.MISSING, Flag.MISSING]
    assert np.isnat(column.known_at).tolist() == [True, False, True, True, True]


def test_quarter_hour_prices_become_their_mean():
    column = hourly_mean(
        series([0, 0.25, 0.5, 0.75], [10, 20, 30, 40], unit="KRW/kWh", step=900), period(0, 1)
    )
    assert (column.unit, column.value.tolist(), column.flag.tolist()) == ("KRW/kWh", [25], [0])
    assert column.known_at.tolist() == [at(1)]


def test_a_day_of_five_minutes_with_one_stamp_missing_is_not_averaged_as_if_whole():
    hours = np.delete(np.arange(288) / 12, 100)
    day = series(hours, np.full(287, 3.0), step=300)
    column = hourly_energy(day, period(0, 24))
    assert np.isnan(column.value).nonzero()[0].tolist() == [8]
    assert column.flag[8] == Flag.MISSING
    lenient = hourly_energy(day, period(0, 24), min_coverage=0.9)
    np.testing.assert_allclose(lenient.value, 3.0)
    assert lenient.flag.nonzero()[0].tolist() == [8]
    assert lenient.flag[8] == Flag.ESTIMATED


def test_a_sum_covered_in_part_is_scaled_up_and_flagged():
    column = hourly_sum(
        series([0, 0.5], [1, NAN], kind=Kind.SUM, unit="mm", step=1800), period(0, 1), min_coverage=0.5
    )
    assert column.value.tolist() == [2]
    assert column.flag[0] & Flag.ESTIMATED


def test_power_instants_become_the_mean_of_the_two_at_the_ends_of_the_hour():
    instants = series([0, 1, 2, 4], [10, 20, 40, 60], kind=Kind.INSTANT)
    column = hourly_energy(instants, period(0, 4))
    np.testing.assert_array_equal(column.value, [15, 30, NAN, NAN])
    assert column.flag.tolist() == [Flag.ESTIMATED, Flag.ESTIMATED, Flag.MISSING, Flag.MISSING]
    assert hourly_mean(instants, period(0, 1)).flag.tolist() == [0]


def test_readings_at_irregular_seconds_become_hours():
    seconds = np.array([-700, 1111, 2900, 4700, 6505, 8300])
    column = hourly_mean(
        series(seconds / 3600, 2 * seconds, kind=Kind.INSTANT, step=1800, unit="degC"), period(0, 2)
    )
    np.testing.assert_allclose(column.value, [3600, 10800])


def test_flags_of_every_part_reach_the_hour():
    flags = [Flag.SUSPECT, 0, Flag.BY_PROVIDER, 0]
    column = hourly_mean(series([0, 0.25, 0.5, 0.75], [1] * 4, step=900, flags=flags), period(0, 2))
    assert column.flag.tolist() == [Flag.SUSPECT | Flag.BY_PROVIDER, Flag.MISSING]
    blank = series(
        [0, 0.25, 0.5, 0.75], [1, NAN, 1, 1], step=900, flags=[0, Flag.BY_READER | Flag.MISSING, 0, 0]
    )
    assert hourly_mean(blank, period(0, 1)).flag.tolist() == [Flag.MISSING | Flag.BY_READER]


def test_an_interval_across_two_hours_counts_in_both_and_is_flagged():
    column = hourly_energy(series([-0.5, 0.5, 1.5], [2, 4, 6], kind=Kind.SUM, unit="MWh"), period(0, 2))
    assert column.value.tolist() == [3, 5]
    assert column.flag.tolist() == [Flag.ESTIMATED, Flag.ESTIMATED]


def test_an_hour_told_twice_is_suspect():
    column = hourly_mean(series([0, 0.25, 0.5, 0.6, 0.75], [1] * 5, step=900), period(0, 1))
    assert column.value.tolist() == [1]
    assert column.flag.tolist() == [Flag.SUSPECT]


def test_directions_are_averaged_round_the_circle():
    column = hourly_mean(series([0, 1], [350, 10], kind=Kind.INSTANT, unit="deg"), period(0, 1))
    np.testing.assert_allclose(np.cos(np.deg2rad(column.value)), 1)


def test_what_cannot_be_hours_is_refused():
    with pytest.raises(UsageError, match="neither power nor energy"):
        hourly_energy(series([0], [1], unit="degC"), period(0, 1))
    with pytest.raises(UsageError, match="has no mean"):
        hourly_mean(series([0], [1], unit="mm", kind=Kind.SUM), period(0, 1))
    with pytest.raises(UsageError, match="not a sum"):
        hourly_sum(series([0], [1]), period(0, 1))
    with pytest.raises(UsageError, match="longer than an hour"):
        hourly_sum(series([0], [1], kind=Kind.SUM, step=86400, unit="1"), period(0, 1))
    with pytest.raises(UsageError, match="min_coverage"):
        hourly_mean(series([0], [1]), period(0, 1), min_coverage=0)


def test_an_empty_series_is_all_missing():
    for kind, step in ((Kind.MEAN, 3600), (Kind.SUM, 900), (Kind.INSTANT, 3600)):
        column = hourly_energy(
            series([], [], kind=kind, step=step, unit="MWh" if kind is Kind.SUM else "MW"), period(0, 3)
        )
        assert np.isnan(column.value).all()
        assert column.flag.tolist() == [Flag.MISSING] * 3


@settings(deadline=None)
@given(st.lists(st.floats(0, 1000), min_size=8, max_size=8), st.sampled_from([300, 600, 900, 1200, 1800]))
def test_energy_is_neither_made_nor_lost(values, step):
    hours = np.arange(0, 6, step / 3600)
    power = np.resize(values, len(hours))
    column = hourly_energy(series(hours, power, step=step), period(0, 6))
    np.testing.assert_allclose(column.value.sum(), power.sum() * step / 3600)


def test_the_span_to_read_holds_what_the_last_hour_needs(tmp_path):
    from series.making import block, reading

    store = Store.open(tmp_path / "s")
    store.ingest(
        [reading(block(range(-3, 9), range(-3, 9), unit="MW", kind=Kind.INSTANT, source="kpx_realtime"))]
    )
    column = store.hours("jeju/demand@kpx_realtime", period(0, 4))
    assert column.value.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert needed(period(0, 4)).start < at(0)
