"""A dispatch beside what was published: sums by month, the ladder of causes, and what nobody published."""

from dataclasses import replace

import numpy as np
import pytest

from tamna.dispatch.chance import Scatter
from tamna.dispatch.published import Facts, Told, beside
from tamna.dispatch.spread import Room

LINE_WRONG = Scatter(day_sd_mw=0.0, memory=0.0, width_mw=0.0, wander_mw=10.0)


def two_months(published=(30.0, np.nan, 0.0, 20.0), counted=1.0, margin=0.0, scatter=LINE_WRONG, **told):
    """Four hours under a floor of 250 MW, 70 of it a link that was closed and 50 the links' least flow."""
    room = Room(
        floor_mw=np.full(4, 240.0),
        free_mw=np.array([200.0, 100.0, 300.0, 150.0]),
        most_mw=np.full(4, 100.0),
        anyway_mw=np.zeros(4),
    )
    facts = Facts(
        month=np.array(["2023-01", "2023-01", "2023-02", "2023-02"]),
        published_mwh=np.array(published),
        left_mw=np.array([260.0, 210.0, 300.0, 230.0]),
        floor_mw=np.full(4, 250.0),
        margin_mw=np.full(4, margin),
        closed_mw=np.full(4, 70.0),
        links_least_mw=50.0,
        counted=np.full(4, counted),
        day=np.array([0, 0, 1, 2]),
        scatter=scatter,
        **told,
    )
    return room, facts


def test_only_published_hours_are_added_up_by_month():
    found = beside(*two_months())
    assert [(m.name, m.published_mwh, m.expected_mwh) for m in found.months] == [
        ("2023-01", 30.0, pytest.approx(40.0)),
        ("2023-02", 20.0, pytest.approx(90.0)),
    ]
    assert found.unpublished == 1
    assert found.whole.differs == pytest.approx(130 / 50 - 1)
    assert (found.whole.hours, found.whole.left_mw, found.whole.floor_mw) == (2, 245.0, 250.0)


def test_what_each_part_of_the_floor_adds_is_the_ladder_and_sums_to_the_whole():
    found = beside(*two_months())
    # 250 all in all: without the closed link 170 (0 + 20 held), without the links' least flow 120 and without all 0: none
    assert found.parts_mwh == pytest.approx(
        {
            "demand": 0.0,
            "must_run": 0.0,
            "links_least": 20.0,
            "margin": 0.0,
            "links_closed": 110.0,
            "days": 0.0,
        }
    )
    parts = beside(*two_months(margin=10.0)).parts_mwh
    assert parts == pytest.approx(parts | {"links_least": 10.0, "margin": 10.0, "links_closed": 110.0})
    assert sum(found.parts_mwh.values()) == pytest.approx(found.whole.expected_mwh)


def test_a_line_that_lies_elsewhere_spans_the_interval():
    found = beside(*two_months())
    assert found.whole.low_mwh == pytest.approx(130 - 2 * 12.816, abs=3.0)
    assert found.whole.high_mwh == pytest.approx(40 + 12.816 + 100, abs=1.5)  # all of what turns, and no more


def test_days_that_fall_otherwise_widen_the_interval_and_leave_fewer_months_near():
    sure, days = (
        beside(*two_months(scatter=s))
        for s in (LINE_WRONG, Scatter(day_sd_mw=60.0, memory=0.5, width_mw=15.0, wander_mw=10.0))
    )
    assert days.whole.high_mwh - days.whole.low_mwh > sure.whole.high_mwh - sure.whole.low_mwh
    assert sure.months[1].near > 0.95
    assert days.months[0].near < 0.7 < sure.months[0].near
    assert (sure.all_near, days.all_near) == (1.0, 1.0)  # no month of these two is large enough to be judged


def test_what_days_and_hours_before_told_moves_what_is_expected():
    unknown = beside(*two_months())
    assert np.isnan(unknown.whole.days_mwh)
    assert unknown.as_dict()["whole"]["hours_mwh"] is None
    sure = Told(mean_mw=np.full(4, -15.0), sd_mw=np.zeros(4))
    seen = Told(mean_mw=np.array([-10.0, 0.0, 0.0, -60.0]), sd_mw=np.zeros(4))
    back = Told(mean_mw=np.array([-20.0, 0.0, 0.0, -60.0]), sd_mw=np.zeros(4))
    found = beside(*two_months(days=sure, hours=seen, others=back))
    assert found.whole.expected_mwh == pytest.approx(130)
    assert found.whole.days_mwh == pytest.approx(130 - 2 * 15)
    assert [m.hours_mwh for m in found.months] == pytest.approx([30.0, 30.0])
    assert [m.others_mwh for m in found.months] == pytest.approx([20.0, 30.0])
    assert found.months[0].off(found.months[0].hours_mwh) == pytest.approx(0.0)


def test_who_tells_the_floor_in_use_is_what_is_judged():
    room, facts = two_months(others=Told(mean_mw=np.full(4, -20.0), sd_mw=np.zeros(4)))
    used = replace(facts, in_use_mw=facts.floor_mw - 20.0)
    found = beside(room, used, by="other-hours", found=room.lower(20.0))
    assert (found.whole.expected_mwh, found.whole.told_mwh) == (130.0, 90.0)
    assert found.whole.found_mwh == 90.0
    assert found.whole.differs == pytest.approx(90 / 50 - 1)
    assert found.whole.floor_mw == 230.0
    assert found.parts_mwh == beside(*two_months()).parts_mwh


def test_farms_outside_the_series_count_where_the_potential_leaves_them_out():
    assert beside(*two_months(counted=1.2)).whole.expected_mwh == pytest.approx(1.2 * 130)


def test_nothing_published_is_nothing_to_compare_and_never_zero():
    assert beside(*two_months(published=[np.nan] * 4)) is None


def test_a_month_without_held_hours_says_nothing_of_its_floor():
    body = beside(*two_months(published=(0.0, 0.0, 0.0, 20.0))).as_dict()
    january = body["months"][0]
    assert (january["left_mw"], january["differs"]) == (None, None)
