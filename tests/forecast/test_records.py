import numpy as np
import pytest

from tamna.forecast.history import Track
from tamna.forecast.jeju import island_history
from tamna.forecast.records import _spliced, night_median
from tamna.grid.clock import DAY, HOUR, KOREA, parse_period, to_local
from tamna.series.store import Store
from tamna.sources.reading import read_paths

START = np.datetime64("2024-01-01T00:00:00", "s")
LATE = 30 * DAY


def track(value, delay=HOUR):
    stamps = START + np.arange(len(value)) * HOUR
    return Track(START, np.array(value, dtype=float), stamps + HOUR + delay)


def test_settled_energy_stands_before_the_record_and_never_in_its_gaps():
    live = track([np.nan, np.nan, 5.0, np.nan, 7.0])
    settled = track([1.0, 2.0, 3.0, 4.0, 5.0], LATE)
    truth, reading = _spliced(live, settled)
    np.testing.assert_array_equal(truth.value, [1.0, 2.0, 5.0, np.nan, 7.0])
    np.testing.assert_array_equal(reading.value, truth.value)


def test_what_was_settled_is_known_as_late_as_it_was():
    settled = track(np.ones(60 * 24), LATE)
    live = track(np.where(np.arange(60 * 24) < 50 * 24, np.nan, 2.0))
    truth, _reading = _spliced(live, settled)
    np.testing.assert_array_equal(truth.known_at[: 50 * 24], settled.known_at[: 50 * 24])


def test_a_settled_hour_counts_as_read_at_once_only_if_it_was_known_when_the_record_began():
    settled = track(np.ones(60 * 24), LATE)
    live = track(np.where(np.arange(60 * 24) < 50 * 24, np.nan, 2.0))
    _truth, reading = _spliced(live, settled)
    begin = START + 50 * DAY
    stamps = START + np.arange(60 * 24) * HOUR
    early = settled.known_at <= begin
    assert (reading.known_at[early] <= stamps[early] + 2 * HOUR).all()
    between = ~early & (stamps < begin)
    np.testing.assert_array_equal(reading.known_at[between], settled.known_at[between])


def test_who_asks_before_the_record_begins_reads_nothing_that_was_not_settled_by_then():
    settled = track(np.ones(60 * 24), LATE)
    live = track(np.where(np.arange(60 * 24) < 50 * 24, np.nan, 2.0))
    asked = START + 45 * DAY
    _truth, reading = _spliced(live, settled, asked)
    not_yet = settled.known_at > asked
    assert not_yet[: 50 * 24].any()
    assert (reading.known_at[: 50 * 24][not_yet[: 50 * 24]] > asked).all()


def test_the_nights_median_looks_back_only():
    rest = np.arange(200.0)
    night = np.arange(200) % 24 < 8
    before = night_median(rest, night)
    after = night_median(np.where(np.arange(200) > 100, 1e6, rest), night)
    np.testing.assert_array_equal(before[:101], after[:101])


def test_too_few_night_hours_give_no_firm_part():
    assert np.isnan(night_median(np.ones(5), np.ones(5, dtype=bool))).all()


@pytest.fixture(scope="module")
def jeju(shared_data, tmp_path_factory):
    store = Store.open(tmp_path_factory.mktemp("jeju"))
    folders = ("kpx/demand", "kpx/generation", "kpx/curtailment", "oibc2024")
    store.ingest(
        r for _p, r in read_paths([shared_data / f for f in folders]) if not isinstance(r, Exception)
    )
    return island_history(store, parse_period("2024-01-01", "2024-09-01", KOREA))


def test_real_time_wind_goes_on_after_bidding_began(jeju):
    stamps = jeju.tracks["wind_delivered"].start + np.arange(len(jeju.tracks["wind_delivered"].value)) * HOUR
    july = to_local(stamps, KOREA).astype("datetime64[M]") == np.datetime64("2024-07")
    assert np.nanmean(jeju.tracks["wind_delivered"].value[july]) > 80  # settled: 15.8 MW


def test_estimated_pv_is_near_settled_pv_before_bidding_and_zero_at_night(jeju):
    pv = jeju.tracks["pv_delivered"]
    local = to_local(pv.start + np.arange(len(pv.value)) * HOUR, KOREA)
    hour = (local - local.astype("datetime64[D]")) // HOUR
    month = local.astype("datetime64[M]")
    noon = (month == np.datetime64("2024-05")) & (hour >= 11) & (hour < 14)
    assert np.nanmean(pv.value[noon]) == pytest.approx(240.0, abs=20.0)  # settled 254, less the firm part 14
    assert np.nanmax(pv.value[(hour < 4) & (month >= np.datetime64("2024-03"))]) == 0.0


def test_a_potential_is_blank_in_spring_noons_without_room_and_whole_in_august(jeju):
    local = to_local(jeju.tracks["wind"].start + np.arange(len(jeju.tracks["wind"].value)) * HOUR, KOREA)
    month = local.astype("datetime64[M]")
    blank = np.isnan(jeju.tracks["wind"].value) & np.isfinite(jeju.tracks["wind_delivered"].value)
    assert 60 < blank[month == np.datetime64("2024-05")].sum() < 200
    assert blank[month == np.datetime64("2024-08")].sum() == 0


def test_net_load_is_demand_less_both(jeju):
    tracks = jeju.tracks
    n = len(tracks["net_load"].value)
    rest = tracks["demand"].value[:n] - tracks["wind_delivered"].value - tracks["pv_delivered"].value
    np.testing.assert_allclose(tracks["net_load"].value, rest)
