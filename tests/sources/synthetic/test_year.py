"""The typical year: exact books, the same bytes, plainly labelled; and like the real island."""

import time
from pathlib import Path

import numpy as np
import pytest

from tamna.errors import UsageError
from tamna.sources.block import Flag
from tamna.sources.synthetic import typical_year


def columns(reading):
    return {block.series: block.value for block in reading.blocks}


@pytest.mark.parametrize(("seed", "years"), [(0, 1), (3, 7), (11, 2)])
def test_every_hour_balances_to_the_last_bit(seed, years):
    c = columns(typical_year(seed=seed, years=years))
    made = c["jeju/wind"] + c["jeju/pv"] + c["jeju/bio"] + c["jeju/waste"] + c["jeju/lng"]
    assert (c["jeju/demand"] == made + c["jeju/import"] - c["jeju/export"]).all()


def test_energies_are_whole_watt_hours_and_never_negative():
    for block in typical_year(seed=1, years=7).blocks:
        if block.unit == "MWh":
            assert (block.value * 1e6 == np.round(block.value * 1e6)).all()
            assert block.value.min() >= 0


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_year():
    assert typical_year(seed=4).receipt.sha256 == typical_year(seed=4).receipt.sha256
    assert typical_year(seed=4).receipt.sha256 != typical_year(seed=5).receipt.sha256


def test_it_says_that_it_is_synthetic():
    reading = typical_year()
    assert {block.source for block in reading.blocks} == {"synthetic"}
    assert "synthetic" in reading.receipt.notes[0]
    assert "not measured" in reading.receipt.notes[0]


def test_a_leap_year_has_8784_hours_and_starts_at_midnight_on_the_island():
    block = typical_year(year=2024).blocks[0]
    assert len(block) == 8784
    assert block.valid_at[0] == np.datetime64("2023-12-31T15:00:00")
    assert (block.flag == Flag.MEASURED).all()


def test_seven_years_take_under_two_seconds():
    before = time.process_time()
    typical_year(seed=2, years=7)
    assert time.process_time() - before < 2.0


@pytest.mark.parametrize("seed", range(4))
def test_power_leaves_the_island_and_wind_stands_still_at_spring_noon(seed):
    reading = typical_year(seed=seed)
    c = columns(reading)
    local = reading.blocks[0].valid_at + np.timedelta64(9, "h")
    month = local.astype("datetime64[M]").astype(int) % 12 + 1
    noon = np.isin(local.astype(int) // 3600 % 24, [10, 11, 12, 13, 14])
    spring = noon & np.isin(month, [3, 4, 5])
    for name in ("jeju/export", "jeju/wind_curtailment"):
        assert c[name][spring].sum() > 0.3 * c[name].sum()  # in 5 % of the hours
    assert c["jeju/smp"][spring].min() < 0
    assert (c["jeju/smp"] < 0)[~noon].mean() < 0.02


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"years": 0}, {"year": 1900}])
def test_a_year_out_of_range_is_refused(wrong):
    with pytest.raises(UsageError, match="seed"):
        typical_year(**wrong)


# --- against the real island -----------------------------------------------------------------

SEEDS = range(6)
FIRST, LAST = np.datetime64("2022-01-01", "s"), np.datetime64("2024-06-01", "s")  # full coverage, KST


def _rows(path: Path):
    import pandas as pd

    for encoding in ("utf-8-sig", "cp949"):
        try:
            return pd.read_csv(path, encoding=encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError(path)


def _real(folder: Path):
    import pandas as pd

    settled = pd.concat(_rows(p) for p in sorted(folder.glob("kpx/generation/제주도_풍력태양광_시간별_*")))
    at = pd.to_datetime(settled["datetime"]).to_numpy().astype("datetime64[s]")
    keep = (at >= FIRST) & (at < LAST)
    hours = np.arange(FIRST, LAST, np.timedelta64(3600, "s"))
    assert (np.sort(at[keep]) == hours).all()
    order = np.argsort(at[keep])
    wind = settled["풍력발전량(MWh)"].to_numpy()[keep][order]
    pv = settled["태양광발전량(MWh)"].to_numpy()[keep][order]
    days = {}
    for path in sorted(folder.glob("kpx/demand/시간별 제주전력수요_*")):
        for row in _rows(path).itertuples(index=False):
            day = np.datetime64(row[0], "D")
            scale = 1000 if day < np.datetime64("2023-10-01") else 1
            days[day] = np.asarray(row[1:25], dtype=float) / scale
    demand = np.concatenate([days[d] for d in np.arange(FIRST, LAST, dtype="datetime64[D]")])
    # PV as if the fleet of mid-2023 had stood all along: 235 MW on 2022-01-01, 58 MW more each year
    years = (hours - FIRST) / np.timedelta64(int(365.25 * 86400), "s")
    return hours, {"wind": wind, "pv": pv * 322 / (235.2 + 58.07 * years), "demand": demand}


def _made(seed: int):
    reading = typical_year(seed=seed)
    c = columns(reading)
    return reading.blocks[0].valid_at + np.timedelta64(9, "h"), {
        name: c[f"jeju/{name}"] for name in ("wind", "pv", "demand")
    }


def _faded(x, hours):
    y = x - x.mean()
    return np.mean(y[hours:] * y[:-hours]) / y.var()


def _statistics(local, series):
    month = local.astype("datetime64[M]").astype(int) % 12
    hour = local.astype(int) // 3600 % 24
    season = (month + 1) % 12 // 3
    out = {}
    for name, x in series.items():
        mean = x.mean()
        ramp = np.diff(x)
        out[name, "mean"] = mean
        out[name, "months"] = np.array([x[month == m].mean() for m in range(12)]) / mean
        out[name, "shape"] = (
            np.array([x[(season == s) & (hour == h)].mean() for s in range(4) for h in range(24)]) / mean
        )
        out[name, "after 1 h"], out[name, "after 24 h"] = _faded(x, 1), _faded(x, 24)
        out[name, "ramp"] = ramp.std() / mean
        out[name, "ramp 99 %"] = np.quantile(np.abs(ramp), 0.99) / mean
        out[name, "duration"] = np.quantile(x, [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]) / mean
    for a, b in (("wind", "pv"), ("wind", "demand"), ("pv", "demand")):
        x, y = series[a], series[b]
        out[f"{a}-{b}", "all hours"] = np.corrcoef(x, y)[0, 1]
        midday = (hour >= 10) & (hour < 15)
        out[f"{a}-{b}", "noon"] = np.mean(
            [np.corrcoef(x[midday & (season == s)], y[midday & (season == s)])[0, 1] for s in range(4)]
        )
    return out


@pytest.fixture(scope="module")
def both(shared_data):
    made = [_statistics(*_made(seed)) for seed in SEEDS]
    return _statistics(*_real(shared_data)), {key: np.array([m[key] for m in made]) for key in made[0]}


# How far the mean over the seeds may lie from the real value. One real year lies about as far from
# another: single months of wind differ by half, of PV by a fifth, of demand by a twentieth.
TOLERANCE = {
    ("wind", "mean"): 4.0,  # MWh in the hour; the real years are 65.0, 58.4
    ("pv", "mean"): 3.5,
    ("demand", "mean"): 12.0,
    ("wind", "months"): 0.25,  # share of the year's mean
    ("pv", "months"): 0.20,
    ("demand", "months"): 0.10,
    ("wind", "after 1 h"): 0.01,
    ("pv", "after 1 h"): 0.02,
    ("demand", "after 1 h"): 0.01,
    ("wind", "after 24 h"): 0.06,
    ("pv", "after 24 h"): 0.03,
    ("demand", "after 24 h"): 0.04,
    ("wind", "ramp"): 0.030,  # real 0.253 of the mean
    ("pv", "ramp"): 0.065,  # real 0.529
    ("demand", "ramp"): 0.005,  # real 0.047
    ("wind", "ramp 99 %"): 0.12,  # real 0.907
    ("pv", "ramp 99 %"): 0.16,  # real 1.641
    ("demand", "ramp 99 %"): 0.016,  # real 0.137
    ("wind", "duration"): 0.20,  # share of the mean, at every one of nine quantiles
    ("pv", "duration"): 0.20,
    ("demand", "duration"): 0.05,
    ("wind-pv", "all hours"): 0.06,  # real -0.19
    ("wind-demand", "all hours"): 0.11,  # real 0.21
    ("pv-demand", "all hours"): 0.07,  # real -0.29
    ("wind-pv", "noon"): 0.11,  # real -0.35
    ("wind-demand", "noon"): 0.10,  # real 0.33
    ("pv-demand", "noon"): 0.08,  # real -0.58
}


@pytest.mark.data
@pytest.mark.parametrize("key", sorted(TOLERANCE), ids=" ".join)
def test_the_typical_year_has_the_statistics_of_the_real_island(both, key):
    real, made = both
    assert np.abs(made[key].mean(axis=0) - real[key]).max() <= TOLERANCE[key]


@pytest.mark.data
@pytest.mark.parametrize(("name", "tolerance"), [("wind", 0.13), ("pv", 0.20), ("demand", 0.03)])
def test_the_hours_of_each_season_have_the_real_shape(both, name, tolerance):
    real, made = both  # root mean square over 4 seasons x 24 hours, in shares of the mean
    gap = made[name, "shape"].mean(axis=0) - real[name, "shape"]
    assert np.sqrt(np.mean(gap**2)) <= tolerance
    assert np.corrcoef(made[name, "shape"].mean(axis=0), real[name, "shape"])[0, 1] > 0.9


@pytest.mark.data
def test_each_single_year_could_be_a_real_one(both):
    real, made = both
    for name, months in (("wind", 0.6), ("pv", 0.45), ("demand", 0.15)):
        assert np.abs(made[name, "months"] - real[name, "months"]).max() < months
