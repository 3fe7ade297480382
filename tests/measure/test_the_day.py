"""14 April 2025 from public files alone, and how honest its intervals are where the whole fleet is metered."""

import numpy as np
import pytest

from tamna.errors import UsageError
from tamna.grid import load_island
from tamna.measure.evidence import evidence
from tamna.measure.reconstruct import Kind, judge, learned
from tamna.runs import ingest, open_store, rebuilt_day
from tamna.sources import find_files

pytestmark = [pytest.mark.data, pytest.mark.slow]
DAY = "2025-04-14"
NOON = 12  # 12:00-13:00, KPX 13시


@pytest.fixture(scope="module")
def jeju():
    return load_island("jeju")


@pytest.fixture(scope="module")
def store(shared_data, jeju, tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("store"), jeju)
    folders = [shared_data / name for name in ("kpx/demand", "kpx/supply", "kpx/generation", "kpx/smp")]
    ingest(store, find_files([*folders, shared_data / "open_meteo", shared_data / "oibc2024"]))
    return store


@pytest.fixture(scope="module")
def found(store, jeju):
    return rebuilt_day(store, jeju, DAY)


@pytest.fixture(scope="module")
def verdicts(found):
    return {(v.statement.says, v.statement.at): v for v in found.verdicts}


def test_the_wind_of_that_day_is_modelled_and_the_sun_follows_its_series(found):
    classes = found.day.classes
    assert classes["wind"].kind is Kind.MODELLED
    assert classes["pv"].kind is Kind.FOLLOWED
    assert {classes[n].kind for n in ("bio", "lng")} == {Kind.MEASURED}


def test_the_files_alone_make_half_of_the_famous_share(found):
    assert found.day.filed_share[NOON] == pytest.approx((8.8 + 279.9) / 532.6, abs=0.001)


def test_what_was_printed_of_13_lies_in_the_intervals(found, verdicts):
    for says in ("wind", "pv", "wind_pv", "export", "wind_factor", "pv_factor"):
        market = next(
            r
            for r in verdicts[says, "13:00"].readings
            if r.quantity.name in {"market", "wind", "pv", "net_export"}
        )
        assert market.holds, says
        assert market.hours.name == "end"


def test_the_hour_label_of_532_is_kpx_13(verdicts):
    best = verdicts["demand", "13:00"].best
    assert (best.quantity.name, best.hours.name) == ("demand", "end")
    assert best.misses == pytest.approx(0.6, abs=0.1)


def test_553_to_569_are_the_two_hours_after_it(found):
    verdict = next(v for v in found.verdicts if v.statement.says == "demand" and v.statement.range)
    assert verdict.best.hours.name == "13-15"
    assert verdict.best.misses < 1.0


def test_the_must_run_plant_was_bio_heavy_oil(found):
    best = found.closures[0]
    assert (best.named, best.hours.name) == (("bio", "waste"), "end")
    assert abs(best.misses) < 2.0
    assert found.day.classes["lng"].filed[9:15].max() == 0.0


def test_the_printed_export_in_mw_can_only_be_energy(verdicts):
    readings = {r.quantity.name: r for r in verdicts["export_total", None].readings}
    assert readings["net_export_mwh"].holds
    assert not readings["net_export_mw"].holds


def test_mixed_proportionally_the_island_never_came_to_100_percent(found):
    assert np.quantile(found.day.shares["settled", "proportional"], 0.9, axis=0).max() < 0.9


def test_a_day_of_full_coverage_has_no_interval_for_wind_and_sun(store, jeju):
    day = rebuilt_day(store, jeju, "2023-04-14").day
    assert {day.classes[n].kind for n in ("wind", "pv")} == {Kind.MEASURED}
    assert np.isnan(day.net_export).all()  # no thermal generation is published for 2023


def test_a_day_without_demand_is_refused(store, jeju):
    with pytest.raises(UsageError, match="no demand of this day"):
        rebuilt_day(store, jeju, "2024-10-14")


def test_the_interval_of_wind_holds_80_percent_of_hours_left_out(store, jeju):
    """2023 judged by January-May 2024 and the reverse, in hours dark enough that nothing was held back."""
    from tamna.physics import point

    seen = evidence(store, jeju, DAY)
    stamps, truth = seen.hours.valid_at, seen.hours["wind"].column.mwh
    dark = point.is_dark(seen.weather, stamps)
    first = stamps < np.datetime64("2023-12-31T15:00")
    then = ~first & (stamps < np.datetime64("2024-05-31T15:00"))
    judged = []
    for teach, ask in ((first, then), (then, first)):
        fit, features = learned(seen, "wind", within=teach)
        judged.append(judge("wind", fit, features, truth, seen.nameplate_mw["wind"], ask & dark))
    hours = sum(j.hours for j in judged)
    assert hours > 5000
    assert sum(j.covered * j.hours for j in judged) / hours == pytest.approx(0.8, abs=0.05)
    assert all(0.7 < j.covered < 0.9 for j in judged)


def test_the_interval_of_wind_holds_on_the_real_time_summer_of_2024_too(found):
    summer = next(j for j in found.day.judged if j.name == "wind")
    assert summer.hours > 500
    assert 0.7 < summer.covered < 0.9
