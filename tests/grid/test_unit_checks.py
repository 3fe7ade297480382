"""One thermal unit, or one battery, that contradicts itself: told with its line, all at once, in both languages."""

import pytest

from tamna.errors import GridError
from tamna.grid.load import read_island
from tamna.lang import speaking

HEAD = """\
name: isle
title: {ko: 섬, en: Isle}
timezone: Asia/Seoul
zones:
  - {name: isle}
fuels:
  - {name: oil, renewable: false, tco2e_per_gj: 0.08, krw_per_gj: 20000}
"""
WRONG = """\
thermal:
  - name: twice
    zone: isle
    fuel: oil
    capacity_mw: 100
    min_output: 0.4
    heat_rate_gj_per_mwh: 9
    heat_curve: [{share: 0.5, gj_per_mwh: 9}, {share: 1, gj_per_mwh: 9}]
    start_cost_krw: 5
    starts: [{off_h: 8, cost_krw: 3}, {off_h: 0, cost_krw: 4}]
    start_mw: 30
    before: {on: false, mw: 20}
  - name: bent
    zone: isle
    fuel: oil
    capacity_mw: [{value: 90}, {from: 2024-01-01, value: 100}]
    min_output: 0.4
    heat_curve: [{share: 0.4, gj_per_mwh: 9}, {share: 0.7, gj_per_mwh: 10}, {share: 1, gj_per_mwh: 8}]
    before: {on: true, mw: 120}
  - {name: kilo, zone: isle, fuel: oil, capacity_mw: 12, heat_rate_gj_per_mwh: 9500}
  - {name: small, zone: isle, fuel: oil, capacity_mw: 12, heat_quadratic: {gj_per_h: 1, gj_per_mwh: 0.1, gj_per_mw2_h: 0}}
batteries:
  - {name: flash, zone: isle, power_mw: 5000, energy_mwh: 20, round_trip: 0.85}
  - {name: forever, zone: isle, power_mw: 1, energy_mwh: 20000, round_trip: 0.85}
"""
SAID = (
    "15, thermal unit 'twice', heat_curve: is told by 'heat_rate_gj_per_mwh' already. Keep one of",
    "17, thermal unit 'twice', starts: is told by 'start_cost_krw' already. Keep one of",
    "15, thermal unit 'twice', heat_curve: the points must rise from the lowest output, 0.4, or less, to 1 (got 0.5, 1)",
    "17, thermal unit 'twice', starts: starts must be listed from hot to cold, costs rising (got 8 h: 3, 0 h: 4)",
    "18, thermal unit 'twice', start_mw: is less than the lowest stable output, 40 MW (got 30)",
    "19, thermal unit 'twice', before, mw: gives power while off (got 20)",
    "25, thermal unit 'bent', heat_curve: the next MWh takes less heat on the way up (got 11.33 GJ/MWh, 3.333 GJ/MWh)",
    "26, thermal unit 'bent', before, mw: is more than the unit's capacity, 100 MW (got 120)",
    "27, thermal unit 'kilo', heat_rate_gj_per_mwh: must lie in [3.6, 72] (got 9500)",
    "28, thermal unit 'small', heat_quadratic: gives a heat rate outside [3.6, 72] GJ/MWh at full output (got 0.1833 GJ/MWh)",
    "30, battery 'flash', energy_mwh: would be empty after 0.004 h at full power (got 20)",
    "31, battery 'forever', energy_mwh: would be empty after 2e+04 h at full power (got 20000)",
)


def refused(text):
    with pytest.raises(GridError) as caught:
        read_island(text, "isle.yaml")
    return caught.value


def test_everything_that_a_unit_contradicts_itself_in_comes_at_once_with_its_line():
    told = refused(HEAD + WRONG)
    for said in SAID:
        assert f"isle.yaml:{said}" in str(told), said
    assert len(told.mistakes) == len(SAID)
    assert all(m.todo for m in told.mistakes if "must lie" not in str(m.what))


def test_the_same_in_korean():
    told = refused(HEAD + WRONG)
    with speaking("ko"):
        text = str(told)
    for said in ("열소비", "기동", "kW", "최저 안정 출력"):
        assert said in text, said


def test_fuel_with_a_thousand_times_its_carbon_is_refused():
    assert "must lie in [0, 1] (got 80)" in str(refused(HEAD.replace("0.08", "80")))


def test_a_unit_that_says_everything_once_is_fine():
    good = """\
thermal:
  - name: steam
    zone: isle
    fuel: oil
    capacity_mw: 100
    min_output: 0.4
    must_run: true
    heat_curve: [{share: 0.3, gj_per_mwh: 10}, {share: 1, gj_per_mwh: 9}]
    starts: [{off_h: 0, cost_krw: 4}, {off_h: 8, cost_krw: 9}]
    start_mw: 40
    before: {on: true, hours: 5, mw: 60}
"""
    (unit,) = read_island(HEAD + good).thermal
    assert [float(s.off_h) for s in unit.starts] == [0, 8]
