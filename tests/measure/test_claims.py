"""Printed numbers against hours: the label, the plant, the definition, the unit."""

import pytest

from measure.day_of import the_day
from tamna.grid.facts import Statement
from tamna.measure.claims import close, hold, quantities


def said(says, value, *, at=None, during=None, unit="MWh", source="paper", **more):
    number = {"range": value} if isinstance(value, tuple) else {"value": value}
    return Statement(says=says, at=at, during=during, unit=unit, source=source, **number, **more)


WINDOW = ("11:00", "15:00")
PRINTED = (
    said("demand", 532, at="13:00"),
    said("wind_pv", 586, at="13:00"),
    said("must_run", 120, at="13:00", called="LNG"),
    said("waste", (11, 12), during=WINDOW),
    said("export", 171, at="13:00"),
)


def test_the_demand_settles_what_13_means():
    verdict = hold(the_day(), PRINTED)[0]
    assert verdict.best.hours.name == "end"
    assert verdict.best.misses == pytest.approx(0.6)
    assert verdict.reproduced


def test_other_numbers_of_a_publisher_are_read_under_its_settled_label():
    readings = hold(the_day(), PRINTED)[1].readings
    assert {r.hours.name for r in readings} == {"end"}
    assert next(r for r in readings if r.quantity.name == "market").misses == pytest.approx(0.0)


def test_a_publisher_that_means_the_start_is_believed():
    other = (said("demand", 553, at="13:00"), said("wind_pv", 573, at="13:00"))
    found = hold(the_day(), other)
    assert [v.best.hours.name for v in found] == ["start", "start"]


def test_a_range_that_leaves_out_the_lowest_hour_is_of_fewer_hours():
    verdict = hold(the_day(), [said("demand", (553, 569), during=WINDOW)])[0]
    assert verdict.best.hours.name == "13-15"
    assert verdict.best.middle == (552.8, 568.1)


def test_the_must_run_plant_was_bio_heavy_oil_and_not_lng():
    readings = {r.quantity.name: r for r in hold(the_day(), PRINTED)[2].readings}
    assert readings["lng"].misses == pytest.approx(120.0)
    assert readings["bio"].misses == pytest.approx(12.5)
    assert readings["bio+waste"].misses == pytest.approx(1.0)


def test_the_printed_balance_closes_with_bio_and_waste_in_the_hour_that_ends_at_13():
    best, *others = close(the_day(), PRINTED)
    assert (best.named, best.hours.name) == (("bio", "waste"), "end")
    assert best.implied_mwh == pytest.approx(586 + 107.5 + 11.5 - 532.6)
    assert best.misses == pytest.approx(1.4)
    assert all(abs(c.misses) > 1.4 for c in others)
    nothing = next(c for c in others if c.named == ("lng",) and c.hours.name == "end")
    assert nothing.misses == pytest.approx(586 - 532.6 - 171)


def test_an_export_in_mw_over_a_window_is_energy():
    printed = said("export_total", 587, during=WINDOW, unit="MW")
    readings = {r.quantity.name: r for r in hold(the_day(), [printed])[0].readings}
    day = the_day()
    assert readings["net_export_mwh"].middle[0] == pytest.approx(day.net_export[0, :4].sum())
    assert readings["net_export_mwh"].misses < 1 < 400 < readings["net_export_mw"].misses


def test_a_number_inside_the_interval_is_possible_and_one_outside_is_not():
    wide = the_day(spread=0.2)
    inside, outside = hold(wide, [said("wind", 240, at="13:00"), said("wind", 400, at="13:00")])
    assert inside.best.holds
    assert not outside.best.holds


def test_hours_at_100_percent_depend_on_what_counts():
    printed = said("full_hours", 4, during=WINDOW, unit="h")
    readings = {r.quantity.name: r for r in hold(the_day(), [printed])[0].readings}
    assert readings["settled_coverage"].middle[0] == 4
    assert readings["settled_proportional"].middle[0] == 0


def test_shares_times_demand_settle_a_label_that_no_demand_does():
    printed = (
        said("wind_pv", (572, 586), during=WINDOW),
        said("share", 1.05, at="12:00", unit="%"),
        said("share", 1.02, at="15:00", unit="%"),
    )
    found = hold(the_day(), printed)  # 1.05 x 551.9 and 1.02 x 568.1 are both 579.5
    assert {v.best.hours.name for v in found[1:]} == {"end"}


def test_a_label_outside_the_day_is_left_alone():
    assert hold(the_day(), [said("demand", 700, at="03:00")]) == ()


@pytest.mark.parametrize("says", ["demand", "wind", "pv", "wind_pv", "must_run", "waste", "export", "share"])
def test_everything_that_can_be_said_can_be_read(says):
    names = [q.name for q in quantities(the_day(), says)]
    assert names
    assert len(set(names)) == len(names)
