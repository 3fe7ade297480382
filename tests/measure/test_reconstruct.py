"""The balance of an hour on paper; what is known and what is drawn."""

import numpy as np
import pytest

from measure.day_of import the_day
from measure.island_of import generation, island
from tamna.measure.evidence import Evidence, Span
from tamna.measure.reconstruct import Band, Kind, reconstruct
from tamna.sources.block import Flag

NOON = 1  # 12:00-13:00, KPX 13시


def middle(day, boundary, rule):
    return float(np.median(day.shares[boundary, rule][:, NOON]))


def test_the_balance_of_13_closes_on_paper():
    # 217 + 369 + 107.5 + 11.5 + 0 - 532.6 = 172.4 against 171 exported, as printed
    assert np.median(the_day().net_export[:, NOON]) == pytest.approx(172.4)


def test_one_hour_has_several_true_shares():
    day = the_day()
    assert middle(day, "settled", "coverage") == pytest.approx(586 / 532.6)
    assert middle(day, "settled", "proportional") == pytest.approx(586 / 705)
    assert middle(day, "settled", "thermal_first") == pytest.approx((586 - (172.4 - 119)) / 532.6)
    assert day.filed_share[NOON] == pytest.approx((8.8 + 279.9) / 532.6)


def test_bio_turns_the_headline():
    day = the_day()
    counted = middle(day, "settled_bio", "proportional")
    assert counted == pytest.approx(693.5 / 705, abs=0.001)
    assert middle(day, "settled_bio", "coverage") == pytest.approx(693.5 / 532.6, abs=0.001)


def test_a_day_of_imports_has_one_share_under_every_rule():
    from measure.day_of import day

    found = day([600.0], wind=[100.0], pv=[0.0], bio=[160.0], waste=[10.0], lng=[100.0])
    shares = {
        r: float(found.shares["settled", r][0, 0]) for r in ("coverage", "proportional", "thermal_first")
    }
    assert set(np.round(list(shares.values()), 9)) == {round(1 / 6, 9)}
    assert found.net_export[0, 0] == pytest.approx(-230.0)


def seen(hours, **given):
    """Evidence of made hours, all of them the day."""
    n = len(hours)
    plain = {"weather": None, "nameplate_mw": {}, "sizes": {}, "flat": {}, "witnesses": {}}
    return Evidence(hours=hours, at=slice(0, n), price=np.full(n, np.nan), **{**plain, **given})


def test_what_is_metered_has_no_interval():
    hours = island([500.0, 480.0], wind=[100.0, 90.0], pv=[50.0, 60.0], lng=[300.0, 300.0])
    day = reconstruct(seen(hours), draws=20)
    assert {r.kind for r in day.classes.values()} == {Kind.MEASURED}
    assert (day.net_export == [-50.0, -30.0]).all()


def test_a_fleet_without_a_series_follows_the_market_fleet_by_its_size_and_range():
    hours = island([500.0], wind=[100.0], pv=[200.0], lng=[300.0], pv_ppa=None)
    sizes = {"pv": Span(low=400, value=400, high=400), "pv_ppa": Span(low=50, value=100, high=150)}
    made = reconstruct(seen(hours, sizes=sizes), draws=4000).classes["pv_ppa"]
    band = made.band
    assert made.kind is Kind.SIZED
    assert band.middle[0] == pytest.approx(50.0, rel=0.03)  # 100 MW at the market's factor of one half
    # a triangle of 25..50..75 has its tenths at 25 + 25 sqrt(0.2) and 75 - 25 sqrt(0.2)
    assert band.low[0] == pytest.approx(36.2, abs=1.0)
    assert band.high[0] == pytest.approx(63.8, abs=1.0)


def test_a_year_spread_evenly_keeps_its_range():
    hours = island([500.0, 500.0], wind=[100.0, 90.0], pv=[0.0, 0.0], lng=[400.0, 400.0], waste=None)
    day = reconstruct(seen(hours, flat={"waste": Span(low=7, value=11.5, high=14)}), draws=2000)
    waste = day.classes["waste"]
    assert waste.kind is Kind.FLAT
    assert (waste.draws[:, 0] == waste.draws[:, 1]).all()
    assert 7 <= waste.draws.min() < waste.draws.max() <= 14


def test_what_nobody_knows_stays_unknown_and_takes_the_balance_with_it():
    hours = island([500.0], wind=[100.0], pv=[50.0], lng=None)
    day = reconstruct(seen(hours), draws=10)
    assert day.classes["lng"].kind is Kind.UNKNOWN
    assert np.isnan(day.net_export).all()
    assert np.isfinite(day.shares["settled", "coverage"]).all()
    assert np.isnan(day.shares["settled", "proportional"]).all()


def test_a_series_that_lost_plants_is_not_taken_for_the_fleet():
    lost = generation("wind", [3.0], flag=Flag.COVERAGE)
    day = reconstruct(seen(island([500.0], wind=lost, pv=[50.0], lng=[300.0])), draws=10)
    assert day.classes["wind"].kind is Kind.UNKNOWN  # no weather here to say more


def test_the_same_evidence_gives_the_same_day():
    hours = island([500.0], wind=[100.0], pv=[50.0], lng=[300.0], waste=None)
    one, two = (
        reconstruct(seen(hours, flat={"waste": Span(low=7, value=11, high=14)}), draws=30) for _ in "ab"
    )
    assert (one.net_export == two.net_export).all()


def test_a_band_holds_four_fifths_of_its_draws():
    draws = np.arange(1001.0)[:, None]
    band = Band.of(draws)
    assert (band.low[0], band.middle[0], band.high[0]) == (100.0, 500.0, 900.0)
