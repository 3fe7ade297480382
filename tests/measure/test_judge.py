"""Lost wind on made-up years: judged by the other year, open where it cannot be known, never zero for want of news."""

from __future__ import annotations

import numpy as np
import pytest

from measure.made_island import YEAR_H, made_store
from tamna.grid import load_island
from tamna.grid.clock import HOUR, Resolution, parse_period
from tamna.measure.bins import Bins
from tamna.measure.judge import lost
from tamna.measure.lost import Lost, NotLost, Why
from tamna.measure.lostinputs import inputs_of
from tamna.measure.lostsum import as_dict, sums, worst_day
from tamna.measure.table import lost_columns
from tamna.measure.windfit import learned_without
from tamna.sources.block import Flag

FIRST = parse_period("2022-01-01", "2022-12-31", "Asia/Seoul")


def months(found):
    return Bins(found.valid_at, Resolution.MONTH, "Asia/Seoul")


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    place = tmp_path_factory.mktemp("made")
    store, values = made_store(place / "store")
    return store, values, place / "fits"


@pytest.fixture(scope="module")
def found(made_up):
    store, _values, fits = made_up
    answer = lost(store, load_island("jeju"), FIRST, fits=fits)
    assert isinstance(answer, Lost)
    return answer


def test_planted_curtailment_of_a_year_is_found_by_the_other_year(made_up, found):
    planted = made_up[1]["held"][:YEAR_H]
    assert planted.sum() > 2000
    assert np.nansum(found.estimated_mwh) == pytest.approx(planted.sum(), rel=0.2)
    assert [(x.year, x.anchors) for x in found.learned] == [(2022, (2023,))]


def test_a_second_look_takes_up_the_saved_fit_and_says_the_same(made_up, found):
    store, _values, fits = made_up
    before = {p.name: p.stat().st_mtime_ns for p in fits.iterdir()}
    again = lost(store, load_island("jeju"), FIRST, fits=fits)
    assert {p.name: p.stat().st_mtime_ns for p in fits.iterdir()} == before
    assert np.array_equal(again.estimated_mwh, found.estimated_mwh, equal_nan=True)


def test_what_is_not_published_is_open_and_what_is_estimated_has_its_class(found):
    assert np.isnan(found.published_mwh).all()
    s = sums(found, months(found))
    assert np.isnan(s.published_mwh).all()
    assert s.classes["inferred"] == pytest.approx(s.mwh)
    assert s.classes["market"].sum() == 0.0
    assert (s.low_mwh <= s.high_mwh).all()
    told = as_dict(found, months(found))
    assert told["published_mwh"] == [None] * 12
    assert told["unavailable"] is None


def test_what_each_hour_was_judged_from_is_told_hour_by_hour(found):
    assert np.array_equal(found.given.stamps, found.valid_at)
    assert np.array_equal(found.given.actual_mw, found.actual_mw, equal_nan=True)
    assert np.array_equal(found.given.demand_mw, found.demand_mw, equal_nan=True)
    assert found.given.known.sum() == np.isfinite(found.likelihood).sum()
    assert (found.given.error_mw[found.given.known] > 0).all()
    assert 0.2 < found.given.sunny.mean() < 0.6


def test_noise_below_the_interval_is_no_outage_in_sums(found):
    raw = np.nansum(found.kinds["unexplained"] + found.kinds["outage"])
    s = sums(found, Bins(found.valid_at, Resolution.ALL, "Asia/Seoul"))
    assert s.classes["unexplained"][0] + s.classes["outage"][0] < 0.5 * raw


def test_the_day_that_lost_most_is_an_island_day(found):
    days = Bins(found.valid_at, Resolution.DAY, "Asia/Seoul")
    day = worst_day(found, days)
    assert day.stop - day.start == 24
    assert np.nansum(found.estimated_mwh[day]) == pytest.approx(
        max(np.nansum(found.estimated_mwh[days.slice(i)]) for i in range(len(days)))
    )


def test_columns_of_the_hourly_table_are_open_where_nothing_was_judged(found):
    columns = lost_columns(found)
    assert set(columns) >= {
        "wind_potential_mw", "wind_curtailment_estimated_mwh", "curtailment_likelihood", "curtailment_unavailable",
    }  # fmt: skip
    judged = found.why == Why.JUDGED
    assert (columns["curtailment_unavailable"][judged] == "").all()
    assert np.isnan(columns["wind_curtailment_estimated_mwh"][~judged]).all()
    assert (columns["wind_potential_p10_mw"] <= columns["wind_potential_p90_mw"])[judged].all()


def test_without_weather_the_whole_question_is_unavailable_with_what_to_do(tmp_path):
    store, _values = made_store(tmp_path / "store", weather=False)
    answer = lost(store, load_island("jeju"), FIRST)
    assert isinstance(answer, NotLost)
    assert "ASOS" in str(answer.todo)
    assert "weather" in as_dict(answer, None)["unavailable"]


def test_hours_without_output_are_not_judged_and_say_why(tmp_path):
    half = YEAR_H // 2
    store, _values = made_store(tmp_path / "store", published_from=0, wind_until=YEAR_H + half)
    late = parse_period("2023-10-01", "2023-12-31", "Asia/Seoul")
    answer = lost(store, load_island("jeju"), late)
    assert isinstance(answer, Lost)
    assert (answer.why == Why.NO_OUTPUT).all()
    assert np.isnan(answer.estimated_mwh).all()
    assert np.isfinite(answer.potential_mw).mean() > 0.99
    told = as_dict(answer, months(answer))
    assert told["mwh"] == [None] * 3
    assert told["hours_judged"] == [0, 0, 0]
    assert all("no wind output" in reason for reason in told["reason"])


def test_one_year_alone_teaches_nothing(tmp_path):
    store, _values = made_store(tmp_path / "store", wind_until=YEAR_H)
    answer = lost(store, load_island("jeju"), FIRST)
    assert isinstance(answer, NotLost)
    assert "to learn from" in str(answer.reason)


@pytest.mark.parametrize("by", [Resolution.HOUR, Resolution.DAY, Resolution.MONTH, Resolution.ALL])
def test_what_is_expected_lies_within_what_is_told(found, by):
    s = sums(found, Bins(found.valid_at, by, "Asia/Seoul"))
    known = s.hours_judged > 0
    assert (s.low_mwh[known] <= s.mwh[known]).all()
    assert (s.mwh[known] <= s.high_mwh[known]).all()
    assert np.isnan(s.mwh[~known]).all()
    columns = lost_columns(found)
    assert (columns["wind_curtailment_estimated_mwh"] <= columns["wind_curtailment_estimated_p90_mwh"])[
        found.why == Why.JUDGED
    ].all()


def test_a_saved_fit_is_not_taken_up_for_other_hours(tmp_path):
    store, _values = made_store(tmp_path / "store")
    flagged = np.uint16(Flag.COVERAGE)

    def half(_series, hours):
        return np.where(hours >= FIRST.end + 4000 * HOUR, flagged, np.uint16(0)).astype(np.uint16)

    plain, spoken_against = (
        inputs_of(store, load_island("jeju"), against=against).record for against in (None, half)
    )
    told = [learned_without(r, 2022, tmp_path / "fits") for r in (plain, spoken_against, plain)]
    assert len(list((tmp_path / "fits").glob("*.floor.json"))) == 2
    assert told[0].floor.mw.tolist() == told[2].floor.mw.tolist() != told[1].floor.mw.tolist()


def test_a_year_that_nothing_teaches_says_so_beside_one_that_is_judged(tmp_path):
    store, _values = made_store(tmp_path / "store", wind_until=YEAR_H)
    both = parse_period("2022-01-01", "2023-12-31", "Asia/Seoul")
    answer = lost(store, load_island("jeju"), both)
    assert isinstance(answer, Lost)
    assert set(answer.why[:YEAR_H].tolist()) == {Why.NOT_LEARNED}
    assert set(answer.why[YEAR_H:].tolist()) <= {Why.NO_OUTPUT, Why.NO_WEATHER}


def test_an_island_without_wind_is_told_so(tmp_path):
    store, _values = made_store(tmp_path / "store")
    island = load_island("jeju")
    calm = island.model_copy(update={"classes": tuple(c for c in island.classes if c.group != "wind")})
    answer = lost(store, calm, FIRST)
    assert isinstance(answer, NotLost)
    assert "no wind" in str(answer.reason)
