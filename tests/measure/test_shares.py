"""Shares of an island's hours, worked on paper and true for any hours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measure.island_of import generation, island
from tamna.errors import UsageError
from tamna.grid.clock import Resolution
from tamna.lang import _, speaking
from tamna.measure import ALL, RULES, Boundary, Rule, measure
from tamna.sources.block import Flag

NAN = float("nan")
WITH_BIO = Boundary.of_classes("with_bio", _("wind, PV and bio"), ("wind", "pv", "bio"))


def at_13_on_14_april():
    """12:00-13:00 KST: khan's wind and PV, KPX's bio and demand, the press's waste and export."""
    return island(
        [532.6], start="2025-04-14T03:00", wind=[217.0], pv=[369.0], bio=[107.5], waste=[11.5], lng=[0.0],
        imports=[0.0], exports=[172.0],
    )  # fmt: skip


def test_14_april_2025_at_13_is_110_percent_covered_and_83_percent_mixed():
    m = measure(at_13_on_14_april(), by=Resolution.HOUR)
    assert m["settled", "coverage"][0].value == pytest.approx(586 / 532.6)
    assert round(m["settled", "coverage"][0].value, 2) == 1.10
    assert round(m["settled", "proportional"][0].value, 2) == 0.83
    assert not m["settled", "proportional"][0].estimated
    assert m["settled", "hourly_matching"][0].value == 1.0


def test_the_same_hour_with_bio_flips_the_headline():
    m = measure(at_13_on_14_april(), boundaries=[WITH_BIO])
    values = [m["with_bio", rule][0].value for rule in Rule]
    assert [round(v, 2) for v in values] == [1.30, 0.98, 1.00]


def test_without_the_link_meters_the_same_hour_is_estimated_by_balance_and_says_so():
    h = island([532.6], wind=[217.0], pv=[369.0], bio=[107.5], waste=[11.5], lng=[0.0])
    answer = measure(h)["settled", "proportional"][0]
    assert answer.value == pytest.approx(586 / 705)
    assert answer.estimated
    assert "links not measured: net import estimated as demand minus" in str(answer.definition)
    exported = measure(h)["settled", "thermal_first"][0]
    # 705 made - 532.6 used = 172.4 exported, 119 of it bio and waste: 53.4 MWh of wind and PV leave
    assert exported.numerator_mwh == pytest.approx(586 - 53.4)


def test_a_class_nobody_measures_is_named_inside_the_estimate():
    h = island([532.6], wind=[217.0], pv=[369.0], bio=[107.5], lng=[0.0], waste=None)
    assert "not measured and so inside it: waste" in str(measure(h)["settled", "proportional"][0].definition)


def test_links_measured_and_thermal_not_gives_generation_by_balance():
    h = island([100.0], wind=[50.0], lng=None, imports=[30.0], exports=[10.0])
    answer = measure(h)["settled", "proportional"][0]
    assert answer.value == pytest.approx(50 / (80 + 30))  # 100 - 30 + 10 = 80 made
    assert answer.estimated


def test_without_links_and_thermal_the_rules_that_need_them_are_unavailable_with_the_reason():
    m = measure(island([100.0], wind=[50.0], lng=None))
    assert m["settled", "coverage"][0].value == 0.5
    for rule in ("proportional", "thermal_first"):
        answer = m["settled", rule][0]
        assert answer.value is None
        assert str(answer.reason) == "not measured in this period: imports and exports, lng"
        assert answer.hours_missing == 1


def test_plants_missing_from_a_series_are_not_taken_for_imports():
    wind = generation("wind", [50.0, 20.0], flag=[0, Flag.COVERAGE])
    m = measure(island([100.0, 100.0], wind=wind, lng=[30.0, 30.0]), by=Resolution.HOUR)
    assert m["settled", "coverage"].value.tolist() == [0.5, 0.2]
    assert m["settled", "proportional"][0].value == 0.5
    assert str(m["settled", "proportional"][1].reason) == (
        "not measured in this period: imports and exports, part of the fleet in wind"
    )


def test_measured_links_close_the_balance_around_plants_missing_from_a_series():
    wind = generation("wind", [20.0], flag=Flag.COVERAGE)
    h = island([100.0], wind=wind, lng=[30.0], imports=[10.0], exports=[0.0])
    answer = measure(h)["settled", "proportional"][0]
    assert answer.denominator_mwh == 100  # 90 made on the island, 40 of it seen
    assert (answer.estimated_hours, answer.coverage_hours) == (1, 1)


def test_three_hours_by_hand_over_the_period():
    h = island(
        [100.0, 100.0, 100.0], wind=[20.0, 120.0, 60.0], lng=[30.0, 40.0, 30.0],
        imports=[50.0, 0.0, 20.0], exports=[0.0, 60.0, 10.0], part=0.1,
    )  # fmt: skip
    m = measure(h, by=Resolution.ALL)
    assert m["settled", "coverage"][0].value == pytest.approx(200 / 300)
    assert m["settled", "proportional"][0].value == pytest.approx(207 / 370)
    assert m["settled", "thermal_first"][0].value == pytest.approx((25 + 100 + 62) / 300)
    assert m["settled", "hourly_matching"][0].value == pytest.approx(180 / 300)
    # a yearly figure for imports flags the two hours with imports, and only the rules that use it
    assert m["settled", "proportional"][0].estimated_hours == 2
    assert m["settled", "coverage"][0].estimated_hours == 0


def test_behind_the_meter_enters_both_sides_and_a_ppa_that_the_demand_holds_only_one():
    m = measure(island([100.0], wind=[20.0], pv=[10.0], pv_ppa=[15.0], pv_btm=[25.0]))
    ppa, btm = m["ppa", "coverage"][0], m["btm", "coverage"][0]
    assert (ppa.numerator_mwh, ppa.denominator_mwh) == (45, 100)
    assert (btm.numerator_mwh, btm.denominator_mwh) == (70, 125)
    assert btm.estimated_share == pytest.approx(40 / 70)
    assert "L = system demand plus pv_btm" in str(btm.definition)


def test_a_class_that_is_not_counted_stands_with_the_others():
    h = island([100.0], wind=[20.0], pv_ppa=[15.0], lng=[65.0], imports=[0.0], exports=[0.0])
    m = measure(h)
    assert m["settled", "proportional"][0].value == pytest.approx(20 / 100)
    assert m["ppa", "proportional"][0].value == pytest.approx(35 / 100)


def test_a_part_without_data_makes_the_boundary_unavailable_and_names_it():
    m = measure(island([100.0], wind=[20.0], pv=[5.0], pv_ppa=None))
    answer = m["ppa", "coverage"][0]
    assert answer.value is None
    assert str(answer.reason) == "not measured: wind and PV sold through a PPA"


def test_one_class_of_a_part_without_data_is_left_out_and_named():
    answer = measure(island([100.0], wind=[20.0], pv=None))["settled", "coverage"][0]
    assert answer.value == 0.2
    assert "left out because not measured: pv" in str(answer.definition)
    assert answer.definition.as_dict()["left_out"] == ["pv"]


def test_waste_that_the_grid_file_does_not_call_renewable_never_counts():
    m = measure(at_13_on_14_april())
    assert m["settled_bio", "coverage"].track.definition.counted.names == ("wind", "pv", "bio")


def test_an_hour_with_a_missing_input_leaves_numerator_and_denominator_together():
    m = measure(island([100.0, 100.0, NAN], wind=[20.0, NAN, 30.0]), by=Resolution.ALL)
    answer = m["settled", "coverage"][0]
    assert answer.value == 0.2
    assert (answer.hours_counted, answer.hours_missing) == (1, 2)


def test_renewable_and_carbon_free_are_two_scores():
    h = island([100.0], wind=[20.0], bio=[30.0], nuclear=[40.0])
    m = measure(h)
    assert m["settled", "coverage"][0].value == 0.2
    assert m["settled", "carbon_free"][0].value == 0.6
    assert m["settled_bio", "coverage"][0].value == 0.5
    assert m["settled_bio", "carbon_free"][0].value == 0.6  # bio heavy oil is renewable, not carbon-free
    assert m["settled", "carbon_free_hourly_matching"][0].value == 0.6


def test_matching_is_refused_imports_and_never_exceeds_the_hour():
    h = island([100.0, 100.0], wind=[200.0, 0.0], lng=[0.0, 50.0], imports=[0.0, 50.0], exports=[100.0, 0.0],
               part=0.5)  # fmt: skip
    answer = measure(h, by=Resolution.ALL)["settled", "hourly_matching"][0]
    assert answer.value == 0.5
    assert "coverage" not in str(answer.definition)


def test_flags_follow_into_the_answer():
    h = island(
        [100.0, 100.0, 100.0],
        wind=generation("wind", [10.0, 10.0, NAN], flag=[Flag.SUSPECT, Flag.COVERAGE, Flag.SUSPECT]),
    )
    answer = measure(h, by=Resolution.ALL)["settled", "coverage"][0]
    assert (answer.suspect_hours, answer.coverage_hours, answer.hours_counted) == (1, 1, 2)


def test_all_hours_missing_is_unavailable_and_not_zero():
    m = measure(island([NAN, NAN], wind=[1.0, 2.0], lng=[1.0, 1.0]), by=Resolution.ALL)
    for measured in RULES:
        answer = m["settled", measured][0]
        assert answer.value is None
        assert str(answer.reason)
        assert answer.hours_missing == 2


def test_every_number_carries_its_definition_and_metering_base_in_both_languages():
    m = measure(at_13_on_14_april())
    for boundary in ALL:
        for rule in RULES:
            definition = m[boundary.name, rule].track.definition
            assert "metering base demand: system" in str(definition)
            with speaking("ko"):
                assert any("가" <= letter <= "힣" for letter in str(definition))


def test_25_and_23_hour_days_are_one_day_each():
    # Berlin: 2023-10-28 to 30 (25 h on the 29th); 2023-03-25 to 27 (23 h on the 26th)
    for start, lengths in (("2023-10-27T22:00", [24, 25, 24]), ("2023-03-24T23:00", [24, 23, 24])):
        n = sum(lengths)
        m = measure(island([10.0] * n, wind=[5.0] * n, start=start, timezone="Europe/Berlin"),
                    by=Resolution.DAY)  # fmt: skip
        assert m["settled", "coverage"].hours_counted.tolist() == lengths
        assert m["settled", "coverage"].denominator_mwh.tolist() == [10.0 * k for k in lengths]


def test_a_leap_year_has_8784_hours_and_29_february():
    n = 8784
    m = measure(island([2.0] * n, wind=[1.0] * n, start="2023-12-31T15:00"))
    assert (m.bins.names, m["settled", "coverage"].hours_counted.tolist()) == (["2024"], [n])
    days = m.at(Resolution.DAY)
    assert len(days.bins) == 366
    assert days.bins.names[59] == "2024-02-29"


def test_seasons_are_named_after_the_year_of_their_last_month():
    n = 24 * 90
    m = measure(island([2.0] * n, wind=[1.0] * n, start="2022-11-30T15:00"), by=Resolution.SEASON)
    assert m.bins.names == ["2023-DJF"]
    assert m["settled", "coverage"].hours_counted.tolist() == [n]


def test_a_period_that_starts_in_the_middle_of_a_day_keeps_every_hour():
    n = 31
    h = island(np.arange(1.0, n + 1), wind=np.arange(n), start="2023-12-31T10:00")
    m = measure(h, by=Resolution.HOUR)
    for by in Resolution:
        assert m.at(by)["settled", "coverage"].numerator_mwh.sum() == sum(range(n))
        assert m.at(by)["settled", "coverage"].hours_counted.sum() == n


def test_asking_for_nothing_is_refused():
    h = island([1.0], wind=[1.0])
    with pytest.raises(UsageError, match="no boundary or no rule"):
        measure(h, boundaries=[])
    with pytest.raises(UsageError, match="share a name"):
        measure(h, boundaries=[WITH_BIO, WITH_BIO])


energy = st.one_of(st.just(NAN), st.integers(0, 1000).map(float))


@st.composite
def islands(draw):
    n = draw(st.integers(1, 60))

    def column():
        return draw(st.lists(energy, min_size=n, max_size=n))

    links = draw(st.booleans())
    return island(
        column(), wind=column(), pv=column(), pv_btm=column(), bio=column(), lng=column(),
        imports=column() if links else None, exports=column() if links else None,
        start="2023-12-30T20:00",
    )  # fmt: skip


@settings(max_examples=40)
@given(islands(), st.sampled_from(list(Resolution)))
def test_periods_add_up_to_the_whole(h, by):
    m = measure(h, by=by)
    whole = m.at(Resolution.ALL)
    for key, answers in m.answers.items():
        np.testing.assert_allclose(answers.sums.sum(axis=1), whole.answers[key].sums[:, 0])
        assert (answers.hours_counted + answers.hours_missing == m.bins.hours).all()


@settings(max_examples=40)
@given(islands())
def test_every_period_has_either_a_value_or_a_reason(h):
    m = measure(h, by=Resolution.HOUR)
    for answers in m.answers.values():
        for i in range(len(answers)):
            answer = answers[i]
            assert (answer.value is None) == (answer.reason is not None)


@settings(max_examples=40)
@given(islands())
def test_matching_never_exceeds_one_and_counting_more_never_lowers_it(h):
    m = measure(h, by=Resolution.HOUR)
    narrow, wide = m.hourly("settled", "hourly_matching"), m.hourly("settled_bio", "hourly_matching")
    both = np.isfinite(narrow) & np.isfinite(wide)
    assert (narrow[both] <= wide[both]).all()
    assert (wide[both] <= 1).all()


@settings(max_examples=40)
@given(islands())
def test_measuring_leaves_the_input_as_it_was(h):
    before = {name: (c.mwh.copy(), c.flag.copy()) for name, c in h.columns.items()}
    measure(h)
    for name, (mwh, flag) in before.items():
        np.testing.assert_array_equal(h.columns[name].mwh, mwh)
        np.testing.assert_array_equal(h.columns[name].flag, flag)
