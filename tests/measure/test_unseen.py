"""What no meter shows, laid on hours: a class of its own, labelled, in both sides of a share where it must be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from measure.island_of import generation, island, stamps
from tamna.grid import load_island
from tamna.measure import ALL, measure
from tamna.measure.boundaries import standing
from tamna.measure.island import Within
from tamna.measure.table import hours_table
from tamna.measure.unseen import Check, Gone, HollowYear, Outside, as_dict, capacity, with_outside
from tamna.sources.block import Flag

JEJU = load_island("jeju")
NAN = float("nan")
COVERAGE = np.array([0, int(Flag.COVERAGE), int(Flag.COVERAGE)], dtype=np.uint16)
NOON = stamps(3)


def three(values):
    mwh = np.asarray(values, dtype=float)
    return Within(low=mwh * 0.8, high=mwh * 1.3, alike_low=mwh * 0.9, alike_high=mwh * 1.1)


def gone(values=(0.0, 60.0, NAN), check=None):
    return Gone(
        group="wind", series="jeju/wind", source="kpx_settled", since=NOON[1], share=(0.7, 0.75, 0.8),
        mw=(150.0, 170.0, 190.0), stamps=NOON, mwh=np.array(values), within=three(values),
        flag=np.zeros(3, dtype=np.uint16), check=check,
    )  # fmt: skip


def hours(**more):
    wind = generation("wind", [50.0, 20.0, 10.0], flag=COVERAGE)
    given = {"wind": wind, "pv": [5.0, 5.0, 5.0], "pv_btm": [7.0, 7.0, 7.0], "pv_ppa": [NAN, NAN, NAN]}
    return island([100.0] * 3, **{**given, **more})


def sunny(per_mw=(0.1, 0.2, NAN)):
    return Outside(yield_of={"asos": 0.8}, stamps=NOON, per_mw=np.array(per_mw))


def test_plants_that_left_are_a_class_of_their_own_and_the_settled_share_keeps_its_warning():
    laid = with_outside(hours(), Outside(yield_of={}, gone=(gone(),)), JEJU)
    m = measure(laid, standing(laid))
    plain, whole = m["settled", "coverage"][0], m["settled_whole", "coverage"][0]
    assert (plain.value, plain.coverage_hours, plain.estimated_hours) == (pytest.approx(95 / 300), 2, 0)
    assert whole.value == pytest.approx((55 + 25 + 60) / 200)
    assert (whole.hours_counted, whole.hours_missing) == (2, 1)
    assert (whole.estimated_hours, whole.coverage_hours) == (1, 0)
    assert whole.estimated_share == pytest.approx(60 / 140)


def test_nothing_is_missing_where_nothing_left():
    before = hours(wind=generation("wind", [50.0, 20.0, 10.0]))
    laid = with_outside(before, Outside(yield_of={}, gone=(gone(),)), JEJU)
    assert [c.name for c in laid.classes] == [c.name for c in before.classes]
    assert standing(laid) == ALL


def test_the_hourly_table_names_what_is_missing_with_its_bounds_and_its_flag():
    laid = with_outside(hours(), Outside(yield_of={}, gone=(gone(),)), JEJU)
    table = hours_table(measure(laid, standing(laid)))
    assert table["wind_missing_estimated_mwh"].tolist()[:2] == [0.0, 60.0]
    assert np.isnan(table["wind_missing_estimated_mwh"][2])
    assert table["wind_missing_estimated_low_mwh"][1] == pytest.approx(48.0)
    assert table["wind_missing_estimated_high_mwh"][1] == pytest.approx(78.0)
    assert "estimated:wind_missing_estimated" in table["flags"][1]
    assert "estimated:wind_missing_estimated" not in table["flags"][0]
    assert "coverage:wind" in table["flags"][1]


def test_pv_behind_the_meter_is_capacity_times_sun_and_the_annual_figure_where_the_sun_is_not_known():
    laid = with_outside(hours(), sunny(), JEJU)
    low, middle, high = capacity(JEJU, "behind_the_meter", 2025)
    roof = laid["pv_btm"].column
    assert roof.mwh.tolist() == pytest.approx([middle * 0.1, middle * 0.2, 7.0])
    assert roof.within.low[:2].tolist() == pytest.approx([low * 0.1, low * 0.2])
    assert roof.within.high[:2].tolist() == pytest.approx([high * 0.1, high * 0.2])
    assert ((roof.flag & Flag.ESTIMATED) != 0).all()


def test_pv_under_ppa_is_estimated_so_only_where_its_year_has_no_shape():
    middle = capacity(JEJU, "ppa", 2025)[1]
    assert with_outside(hours(), sunny(), JEJU)["pv_ppa"].column.mwh[0] == pytest.approx(middle * 0.1)
    own = with_outside(hours(pv_ppa=[3.0, 3.0, 3.0]), sunny(), JEJU)
    assert own["pv_ppa"].column.mwh.tolist() == [3.0, 3.0, 3.0]


def test_roofs_stand_in_both_sides_of_the_share_and_in_the_table_by_their_full_name():
    laid = with_outside(hours(), sunny(), JEJU)
    m = measure(laid, standing(laid))
    roofs, ppa = laid["pv_btm"].column.mwh[:2].sum(), laid["pv_ppa"].column.mwh[:2].sum()
    assert m["btm", "coverage"][0].value == pytest.approx((55 + 25 + roofs + ppa) / (200 + roofs))
    table = hours_table(m)
    assert table["pv_behind_the_meter_estimated_mwh"].tolist() == table["pv_btm_mwh"].tolist()
    assert (table["pv_behind_the_meter_estimated_low_mwh"] < table["pv_btm_mwh"]).tolist()[:2] == [True, True]
    assert (table["pv_behind_the_meter_estimated_high_mwh"] > table["pv_btm_mwh"]).tolist()[:2] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("hollow", "word"),
    [
        ((150.0, 200.0, 260.0), "they agree"),
        ((210.0, 250.0, 310.0), "lies below"),
        ((100.0, 130.0, 170.0), "lies above"),
        ((400.0, 450.0, 500.0), "contradict"),
    ],
)
def test_hollow_and_grid_file_are_said_to_agree_or_not(hollow, word):
    year = HollowYear(
        year=2023, hollow_both=hollow, file_both=(89.0, 187.0, 389.0), hollow_btm=(80.0, 140.0, 200.0),
        file_btm=(25.0, 85.0, 240.0), agrees=0.9,
    )  # fmt: skip
    assert word in str(year.verdict)


def test_json_says_when_what_left_and_how_the_estimate_was_checked():
    check = Check(source="kpx_realtime", hours=2, estimated=(50.0, 60.0, 70.0), seen_mwh=75.0)
    outside = Outside(yield_of={}, gone=(gone(check=check),))
    laid = with_outside(hours(), outside, JEJU)
    told = as_dict(outside, laid)
    assert told["left"]["wind"]["since"] == "2025-04-13T16:00Z"
    assert told["left"]["wind"]["check"] == {
        "source": "kpx_realtime", "hours": 2, "estimated_mwh": [50.0, 60.0, 70.0], "seen_mwh": 75.0, "inside": False,
    }  # fmt: skip
    assert "counts as made" in told["notes"][0]
    assert as_dict(outside, hours())["left"] == {}


def test_an_island_without_weather_stays_as_it_was():
    before = hours()
    after = with_outside(before, Outside(yield_of={}), JEJU)
    assert after.classes == before.classes


def test_where_what_left_cannot_be_estimated_it_says_in_how_many_hours():
    lacking = with_outside(hours(), Outside(yield_of={}), JEJU)
    (said,) = as_dict(Outside(yield_of={}), lacking)["notes"]
    assert said.startswith("In 2 hours part of the fleet is in no series and is not estimated")
    whole = hours(wind=generation("wind", [50.0, 20.0, 10.0]))
    assert as_dict(Outside(yield_of={}), whole)["notes"] == []


def test_hours_between_a_rules_day_and_the_day_that_the_weather_shows_are_not_zero():
    flag = np.full(3, int(Flag.COVERAGE), dtype=np.uint16)
    early = hours(wind=generation("wind", [50.0, 20.0, 10.0], flag=flag))
    laid = with_outside(early, Outside(yield_of={}, gone=(gone((0.0, 60.0, 40.0)),)), JEJU)
    missing = laid["wind_missing_estimated"].column
    assert np.isnan(missing.mwh[0])
    assert missing.mwh[1:].tolist() == [60.0, 40.0]
    assert measure(laid, standing(laid))["settled_whole", "coverage"][0].hours_missing == 1


def test_an_hour_in_which_plants_that_left_made_nothing_is_estimated_and_not_open():
    flag = np.full(3, int(Flag.COVERAGE), dtype=np.uint16)
    still = replace(gone((0.0, 0.0, 0.0)), since=NOON[0])
    laid = with_outside(
        hours(wind=generation("wind", [5.0, 2.0, 1.0], flag=flag)), Outside(yield_of={}, gone=(still,)), JEJU
    )
    assert laid["wind_missing_estimated"].column.mwh.tolist() == [0.0] * 3
    assert not any(
        "is not estimated" in note for note in as_dict(Outside(yield_of={}, gone=(still,)), laid)["notes"]
    )


def test_roofs_before_the_first_known_capacity_are_not_zero():
    roofs = JEJU.fleet("pv", "behind_the_meter")[0]
    first = roofs.capacity_mw[0].model_copy(update={"start": date(2026, 1, 1)})
    later = roofs.model_copy(update={"capacity_mw": (first,)})
    young = JEJU.model_copy(update={"fleets": tuple(later if f is roofs else f for f in JEJU.fleets)})
    assert np.isnan(capacity(young, "behind_the_meter", 2025)).all()
    assert with_outside(hours(), sunny(), young)["pv_btm"].column.mwh.tolist() == [7.0, 7.0, 7.0]
