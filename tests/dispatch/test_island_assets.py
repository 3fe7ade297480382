"""A grid file becomes assets: dated capacities, what is not there yet, and what had to be assumed."""

from datetime import date

import pytest

from tamna.dispatch.island import stand
from tamna.errors import GridError
from tamna.grid import load_island

JEJU = load_island("jeju")


def test_the_third_link_stands_from_its_first_day_on():
    before, after = (stand(JEJU, day).system.links for day in (date(2024, 11, 28), date(2024, 11, 29)))
    assert [k.name for k in before] == ["link:hvdc1", "link:hvdc2"]
    third = after[2]
    assert (third.name, third.technology, third.import_mw, third.export_mw) == ("link:hvdc3", "vsc", 200, 200)


def test_links_carry_what_they_are_operated_at_and_turn_as_their_file_says():
    first, second = stand(JEJU, date(2023, 6, 1)).system.links
    assert (first.import_mw, first.export_mw, first.poles, first.reversal_h) == (150, 0, 2, 3)
    assert (second.import_mw, second.export_mw) == (250, 0)


def test_the_least_flow_of_a_pole_is_a_part_of_its_rating_however_little_is_operated():
    """Poles of 150 and 200 MW, 7.5 % of them: 11.25 and 15 MW, though operation keeps to 150 of 300 and 250 of 400 MW."""
    one, two = stand(JEJU, date(2024, 3, 1)).system.links
    assert one.least_share("import") * one.import_mw / one.poles == pytest.approx(11.25)
    assert one.least_share("export") * one.export_mw / one.poles == pytest.approx(11.25)
    assert two.least_share("import") * two.import_mw / two.poles == pytest.approx(15)


def test_link_1_sends_only_in_the_years_in_which_it_is_reported_to():
    days = [(2021, 4, 16), (2021, 4, 17), (2022, 3, 14), (2022, 3, 15), (2023, 12, 31), (2024, 4, 1)]
    sent = [stand(JEJU, date(*day)).system.links[0].export_mw for day in days]
    assert sent == [0, 70, 70, 0, 0, 70]


def test_planned_plant_is_left_out_and_new_batteries_come_on_their_day():
    names = {u.name for u in stand(JEJU, date(2023, 6, 1)).system.thermal}
    assert "thermal:jeju-cc" in names
    assert "thermal:jeju-cc3" not in names
    held = [
        sum(b.energy_mwh for b in stand(JEJU, d).system.batteries)
        for d in (date(2025, 10, 31), date(2025, 11, 1))
    ]
    assert held == [0, 140 + 92 + 61]


def test_a_unit_costs_its_heat_times_its_fuel():
    stands = stand(JEJU, date(2023, 6, 1))
    gas = next(u for u in stands.system.thermal if u.name == "thermal:jeju-cc")
    assert gas.cost_per_mwh == pytest.approx(7.6 * 15_000)
    assert (gas.max_mw, gas.min_mw) == (240, 96)
    assert stands.burns[gas.name].tco2_per_mwh == pytest.approx(7.6 * 0.0561)


def test_what_the_file_lacks_is_said_with_its_range():
    said = {a.path: a for a in stand(JEJU, date(2023, 6, 1)).assumed}
    diesel = said["fuel 'diesel', krw_per_gj"]
    assert diesel.low < diesel.value < diesel.high
    assert "no price" in str(diesel)
    assert all(a.low <= a.value <= a.high for a in said.values())


def test_everything_a_file_lacks_is_refused_at_once():
    units = tuple(
        u.model_copy(update={"heat_rate_gj_per_mwh": None}) if u.name == "jeju-cc" else u
        for u in JEJU.thermal
    )
    fuels = tuple(
        f.model_copy(update={"krw_per_gj": None}) if f.name == "bio_heavy_oil" else f for f in JEJU.fuels
    )
    with pytest.raises(GridError) as refused:
        stand(JEJU.model_copy(update={"thermal": units, "fuels": fuels}), date(2023, 6, 1))
    text = str(refused.value)
    assert "'jeju-cc', heat_rate_gj_per_mwh" in text
    assert "fuel 'bio_heavy_oil', krw_per_gj" in text
