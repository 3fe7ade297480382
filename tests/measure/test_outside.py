"""What left a series and what one MW of PV makes, worked out from made-up weather."""

from __future__ import annotations

import numpy as np
import pytest

from measure.made_island import block, fill, made_store
from physics.making import CAPACITY_MW, persistent
from tamna.grid import load_island
from tamna.grid.clock import Period
from tamna.measure.again import lost_again, outside_again
from tamna.measure.gather import gather
from tamna.measure.lost import Lost
from tamna.measure.outside import gone_of, sunny_of
from tamna.measure.unseen import with_outside
from tamna.physics import pv, wind
from tamna.physics.sun import sky_under, sun_over
from tamna.series import Store
from tamna.sources.block import Kind

JEJU = load_island("jeju")
START = np.datetime64("2023-05-31T15:00:00", "s")
HOURS = 24 * 457  # to the end of August 2024
LEFT = np.datetime64("2024-05-31T15:00:00", "s")
STAYS = 0.3


def made_up(place, *, real_time=True):
    """Fill a store: at LEFT 70 % of the wind leaves the settled series; a real-time series goes on seeing it."""
    rng = np.random.default_rng(2)
    stamps = START + np.arange(HOURS) * np.timedelta64(3600, "s")
    air = 7 * np.exp(0.45 * persistent(rng, HOURS, 18))
    sun = sun_over(stamps, 33.4, 126.5)
    ghi = sun.clear_ghi * rng.uniform(0.3, 1, HOURS // 24).repeat(24)
    still, warm = np.full(HOURS, 3.0), np.full(HOURS, 15.0)
    sunny = 0.8 * 437 * pv.capacity_factor(pv.PvFleet(), sun, sky_under(sun, ghi), warm, still)
    whole = CAPACITY_MW * wind.fleet_curve(wind.WindFleet(), wind.hourly_from_instants(air) * 1.15)
    whole = np.clip(
        whole * (1 + 0.08 * persistent(rng, HOURS, 8)) + 2 * rng.normal(size=HOURS), 0, CAPACITY_MW
    )
    seen = np.where(stamps < LEFT, whole, STAYS * whole)
    blocks = [
        block("jeju/demand", "kpx_demand", 700 - 100 * ghi / 1000, stamps),
        block("jeju/wind", "kpx_settled", seen, stamps),
        block("jeju/pv", "kpx_settled", sunny, stamps),
    ]
    if real_time:
        late = stamps >= LEFT - np.timedelta64(90, "D")
        blocks.append(block("jeju/wind", "kpx_realtime", 1.05 * whole[late] + 1.0, stamps[late]))
    for station in (184, 185):
        for quantity, unit, value, kind in (
            ("wind_speed", "m/s", air, Kind.INSTANT),
            ("wind_direction", "deg", (180 + 60 * persistent(rng, HOURS, 30)) % 360, Kind.INSTANT),
            ("temperature", "degC", warm, Kind.INSTANT),
            ("cloud_cover", "%", np.full(HOURS, 40.0), Kind.INSTANT),
            ("radiation", "W/m2", ghi, Kind.MEAN),
        ):
            blocks.append(
                block(f"asos/{station}/{quantity}", "kma_asos", value, stamps, unit=unit, kind=kind)
            )
    store = Store.open(place, default_sources=JEJU.default_sources)
    fill(store, blocks)
    return store, stamps, whole


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return made_up(tmp_path_factory.mktemp("made") / "store")


@pytest.fixture(scope="module")
def gone(made):
    (found,) = (g for g in gone_of(made[0], JEJU) if g.group == "wind")
    return found


def test_the_part_that_left_is_estimated_and_holds_against_who_went_on_seeing_it(made, gone):
    _store, stamps, whole = made
    after = stamps >= LEFT
    truth = (1 - STAYS) * whole[after].sum()
    assert abs(gone.since - LEFT) <= np.timedelta64(7, "D")  # a calm week hides the day
    assert gone.share[0] < 1 - STAYS < gone.share[2]
    assert np.nansum(gone.mwh[gone.stamps >= LEFT]) == pytest.approx(truth, rel=0.12)
    assert not np.nan_to_num(gone.mwh[gone.stamps < gone.since]).any()
    assert gone.check.source == "kpx_realtime"
    assert gone.check.seen_mwh == pytest.approx(truth, rel=0.05)
    assert gone.check.estimated[0] < gone.check.estimated[1] < gone.check.estimated[2]


def test_where_nobody_else_saw_the_fleet_the_estimate_says_it_is_not_checked(tmp_path):
    store, _stamps, _whole = made_up(tmp_path / "store", real_time=False)
    (found,) = (g for g in gone_of(store, JEJU) if g.group == "wind")
    assert found.check is None


def test_one_mw_makes_what_settled_pv_makes_of_its_capacity_in_the_same_sun(made):
    outside = sunny_of(made[0], JEJU)
    early = outside.stamps < LEFT
    settled = made[0].hours("jeju/pv", Period(START, LEFT)).value
    year = (outside.stamps + np.timedelta64(9, "h")).astype("datetime64[Y]").astype(int)[early] + 1970
    mw = np.where(year == 2023, 437.0, 505.0)
    assert np.nansum(outside.per_mw[early] * mw) == pytest.approx(settled.sum(), rel=0.01)
    assert 0.6 < outside.yield_of["asos"] < 0.9
    assert outside.per_mw[np.arange(len(outside.stamps)) % 24 == 0].max() == 0.0


def test_a_second_look_loads_no_physics_and_says_the_same(made, tmp_path, monkeypatch):
    store = made[0]
    period = Period(LEFT, LEFT + np.timedelta64(30, "D"))
    hours = gather(store, JEJU, period)  # the regime of June 2024 flags them
    first = outside_again(store, JEJU, hours, tmp_path)

    def never(*_given):
        raise AssertionError("worked out again")

    monkeypatch.setattr("tamna.measure.outside.gone_of", never)
    monkeypatch.setattr("tamna.measure.outside.sunny_of", never)
    again = outside_again(store, JEJU, hours, tmp_path)
    names = {c.name for c in with_outside(hours, again, JEJU).classes}
    assert "wind_missing_estimated" in names
    for one, two in zip(first.gone, again.gone, strict=True):
        assert np.array_equal(one.mwh, two.mwh, equal_nan=True)
        assert one.check == two.check
    assert np.array_equal(first.per_mw, again.per_mw, equal_nan=True)


def test_before_anything_left_nobody_asks_for_it(made, monkeypatch):
    monkeypatch.setattr("tamna.measure.outside.gone_of", lambda *_g: 1 / 0)
    hours = gather(made[0], JEJU, Period(START, START + np.timedelta64(30, "D")))
    assert outside_again(made[0], JEJU, hours).gone == ()


def test_lost_wind_is_taken_up_whole(tmp_path, monkeypatch):
    store, _values = made_store(tmp_path / "store")
    period = Period(np.datetime64("2022-03-31T15", "s"), np.datetime64("2022-04-30T15", "s"))
    first = lost_again(store, JEJU, period, fits=tmp_path / "fits")
    monkeypatch.setattr("tamna.measure.judge.lost", lambda *_g, **_h: 1 / 0)
    again = lost_again(store, JEJU, period, fits=tmp_path / "fits")
    assert isinstance(again, Lost)
    assert np.array_equal(first.estimated_mwh, again.estimated_mwh, equal_nan=True)
    assert np.array_equal(first.found.interval()[1], again.found.interval()[1], equal_nan=True)
    assert again.learned[0].fit.learned == first.learned[0].fit.learned
    assert again.learned[0].anchors == (2023,)
    with pytest.raises(ZeroDivisionError):
        lost_again(
            store, JEJU, Period(period.start, period.end - np.timedelta64(1, "h")), fits=tmp_path / "fits"
        )
