from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks.coverage import made, plant

from tamna.grid import load_island
from tamna.grid.clock import DAY
from tamna.lang import _, speaking
from tamna.physics.breaks import SCORE
from tamna.physics.coverage import (
    KIND,
    Fleet,
    check_fleets,
    coverage_flags,
    estimate_missing,
    explained_by,
    findings_of,
    joined,
)
from tamna.series.quality import flags_for
from tamna.series.store import Store
from tamna.sources.block import Finding, Flag
from tamna.sources.synthetic import typical_year

DAY_OF_BREAK = 200


@pytest.fixture(scope="module")
def whole():
    return made(11)[0]


@pytest.fixture(scope="module")
def coverage(whole):
    return plant(whole, DAY_OF_BREAK, 0.6, 0).found()


@pytest.fixture(scope="module")
def fleet(coverage):
    return Fleet(series="jeju/wind", source="synthetic", kind="wind", coverage=coverage)


def regime(start, end=None, touches=("jeju/wind",), name="files-cut"):
    text = SimpleNamespace(ko="파일 축소", en="Files cut")
    days = [None if d is None else np.datetime64(d, "D").astype(object) for d in (start, end)]
    return SimpleNamespace(name=name, title=text, start=days[0], end=days[1], touches=touches)


def test_what_left_is_estimated_with_an_interval_and_labelled(coverage, whole):
    missing = estimate_missing(coverage)
    after = np.arange(len(whole.stamps)) >= 24 * (DAY_OF_BREAK + 3)
    gone = after & whole.use
    assert missing.mw[gone].sum() == pytest.approx(0.6 * whole.measured[gone].sum(), rel=0.12)
    assert set(missing.flag[after].tolist()) == {int(Flag.ESTIMATED)}
    early = np.arange(len(whole.stamps)) < 24 * (DAY_OF_BREAK - 3)
    assert not missing.mw[early].any()
    assert not missing.flag[early].any()
    assert (missing.low <= missing.mw).all()
    assert (missing.mw <= missing.high).all()
    middle, low, high = missing.energy_mwh()
    assert 0 < low < middle < high


def test_a_better_potential_may_stand_for_its_own(coverage):
    doubled = estimate_missing(coverage, 2 * coverage.potential_mw)
    assert doubled.mw.sum() == pytest.approx(2 * estimate_missing(coverage).mw.sum())


def test_the_hours_after_a_break_are_flagged_as_partial(coverage, fleet):
    flags = coverage_flags(coverage)
    assert flags[-1] == Flag.COVERAGE | Flag.BY_QUALITY
    assert flags[0] == 0
    by_finding = flags_for(findings_of(fleet), "jeju/wind", "synthetic", coverage.stamps)
    assert np.array_equal(by_finding, flags)


def test_plants_that_join_flag_their_own_days_only(whole):
    joins = Fleet(series="jeju/wind", source="s", kind="wind", coverage=plant(whole, 180, -0.5, 0).found())
    (found,) = findings_of(joins)
    assert "join the series" in str(found.text)
    assert found.end - found.start <= 11 * DAY


def test_a_break_is_explained_by_a_regime_of_its_series_and_day_only(coverage):
    (one,) = coverage.breaks
    day = str(one.start + np.timedelta64(9, "h"))[:10]
    far = str(one.start + 40 * DAY)[:10]
    given = [
        regime(day), regime(far, name="far"), regime("2020-01-01", day, name="ends"),
        regime(day, touches=("jeju/pv",), name="other"),
    ]  # fmt: skip
    assert [r.name for r in explained_by(one, "jeju/wind", given)] == ["files-cut", "ends"]


def test_the_finding_speaks_both_languages(fleet):
    day = str(fleet.coverage.breaks[0].start + np.timedelta64(9, "h"))[:10]
    (found,) = findings_of(fleet, [regime(day)])
    assert (found.kind, found.unit) == (KIND, "MW")
    assert "loses 6" in str(found.text) or "loses 5" in str(found.text)
    assert "Files cut" in str(found.text)
    with speaking("ko"):
        assert "파일 축소" in str(found.text)
        assert "설비" in str(found.text)
    assert "nothing in the grid file" in str(findings_of(fleet)[0].text)


def test_two_witnesses_of_one_break_make_one_finding(fleet):
    (mine,) = findings_of(fleet)
    theirs = replace(mine, text=_("another source goes on"), unit="MWh", size=1.0, start=mine.start + 3 * DAY)
    (one,) = joined([theirs], [mine])
    assert one.unit == "MWh"
    assert str(one.text).startswith("another source goes on. The weather alone says")
    assert len(joined([replace(theirs, start=mine.start + 30 * DAY)], [mine])) == 2
    assert len(joined([replace(theirs, source="x")], [mine])) == 2


def test_a_store_is_judged_by_the_weather_it_holds(tmp_path):
    year = typical_year(seed=11)
    blocks = []
    for block in year.blocks:
        cut = block.series == "jeju/wind"
        rest = np.where(np.arange(len(block)) >= 24 * DAY_OF_BREAK, 0.4, 1.0) if cut else 1.0
        blocks.append(replace(block, value=block.value * rest))
    store = Store.open(tmp_path)
    store.ingest([replace(year, blocks=tuple(blocks))])
    island = load_island("jeju")
    (found,) = check_fleets(store, island)
    assert (found.series, found.source) == ("jeju/wind", "synthetic")
    assert abs(found.start - blocks[0].valid_at[24 * DAY_OF_BREAK]) <= 3 * DAY
    assert check_fleets(store, island, only={"jeju/pv"}) == []
    other = Finding(
        kind="gap",
        series="a",
        source="b",
        start=found.start,
        end=found.end,
        size=1,
        unit="h",
        text=_("a gap"),
    )
    assert check_fleets(store, island, [other], only={"jeju/pv"}) == [other]


@pytest.fixture(scope="module")
def jeju(shared_data):
    from benchmarks.coverage import real

    years, found = real(shared_data)
    return found | {"years": {case.name: case for case in years}}


@pytest.mark.data
@pytest.mark.slow
def test_the_wind_of_june_2024_is_dated_and_sized_from_weather_alone(jeju):
    (found,) = jeju["wind"]["breaks"]
    assert abs(np.datetime64(found["day"]) - np.datetime64("2024-06-01")) <= np.timedelta64(3, "D")
    assert found["share"][1] == pytest.approx(jeju["wind"]["witness_share"], rel=0.2)
    assert jeju["wind"]["missing_gwh"][0] == pytest.approx(jeju["wind"]["witness_missing_gwh"], rel=0.2)


@pytest.mark.data
@pytest.mark.slow
def test_the_pv_of_june_2024_is_dated_and_its_interval_holds_what_the_witness_saw(jeju):
    (found,) = jeju["pv"]["breaks"]
    assert "2024-05-20" <= found["day"] <= "2024-06-20"
    low, _middle, high = found["share"]
    assert low < jeju["pv"]["witness_share"] < high


@pytest.mark.data
@pytest.mark.slow
def test_nothing_is_found_from_2022_to_may_2024(jeju):
    assert jeju["wind"]["to 2024-05-31"] == jeju["pv"]["to 2024-05-31"] == []


@pytest.mark.data
@pytest.mark.slow
def test_what_is_told_lies_far_from_what_is_not(jeju):
    # the largest step of 29 months without a break, against the score that a break needs
    assert max(jeju[kind]["largest score to 2024-05-31"] or 0.0 for kind in ("wind", "pv")) < SCORE - 0.4


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "day", "ramp"), [("wind", 370, 0), ("wind", 390, 10), ("pv", 582, 0), ("pv", 342, 10)]
)
def test_a_third_of_a_real_fleet_that_leaves_is_found(jeju, kind, day, ramp):
    # wind at day 370 to 402 was missed while drift, growth and season had assumed sizes
    case = plant(jeju["years"][f"real {kind}"], day, 0.3, ramp)
    (found,) = case.found().breaks
    assert abs(found.middle - case.stamps[24 * day] - ramp * DAY // 2) <= 8 * DAY
    assert found.share == pytest.approx(0.3, rel=0.2)
    assert found.low < 0.3 < found.high


@pytest.mark.data
@pytest.mark.slow
def test_where_real_wind_was_weak_for_weeks_before_the_interval_of_the_day_says_so(jeju):
    # told 23 days early: the wind itself ran below its weather from then on
    case = plant(jeju["years"]["real wind"], 238, 0.3, 10)
    (found,) = case.found().breaks
    assert found.earliest <= case.stamps[24 * 238] <= found.latest
    assert found.low < 0.3 < found.high
