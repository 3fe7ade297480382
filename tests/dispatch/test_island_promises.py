"""EVs, loads, condensers, contracts, reserve and carbon of a grid file: read, refused, dispatched."""

import json
from datetime import date
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from tamna.dispatch import assumed
from tamna.dispatch.daily import begun, capped, clock_at, traffic
from tamna.dispatch.island import stand
from tamna.errors import GridError
from tamna.grid.load import read_island
from tamna.runs import open_store
from tamna.serve.cli.app import run
from tamna.sources.synthetic import typical_year

JEJU = (resources.files("tamna.grid") / "islands" / "jeju.yaml").read_text("utf-8")
MORE = (Path(__file__).parent / "promises.yaml").read_text("utf-8")
STRONG = JEJU.replace(
    '    loss: {value: 0.03, assumed: "two converters and 101 km',
    '    strength_ratio: 2.0\n    loss: {value: 0.03, assumed: "two converters and 101 km',
).replace(
    "min_load: {value: 0.15, assumed",
    "standby: 0.02\n    start_h: 1\n    start_cost_krw: 50000\n    ramp_mw_per_h: 2\n    wear_krw_per_mwh: 3000\n"
    "    curve: [{share: 0.5, kwh_per_kg: 58}, {share: 0.5, kwh_per_kg: 66}]\n    min_load: {value: 0.15, assumed",
)
TEXT = f"{STRONG}\n{MORE}"
ISLAND = read_island(TEXT)
DAY = date(2023, 4, 8)


@pytest.fixture(scope="module")
def stands():
    return stand(ISLAND, DAY)


def test_every_asset_of_the_file_stands_with_its_figures(stands):
    system = stands.system
    (cars,) = system.ev_fleets
    assert (cars.name, cars.energy_mwh, cars.charge_mw, cars.discharge_mw) == ("ev:cars", 400, 60, 20)
    assert (cars.charging, cars.discharging) == (0.95, 0.93)
    assert stand(ISLAND, date(2023, 3, 1)).system.ev_fleets[0].energy_mwh == 100
    assert (system.shiftable[0].name, system.shiftable[0].most_mw) == ("load:waterworks", 20)
    assert (system.interruptible[0].most_mw, system.interruptible[0].times_per_day) == (8, 2)
    assert [load.name for load in system.loads] == ["load:hospital", "hydrogen:trucks"]
    assert system.condensers[0].name == "condenser:jeju-sc"
    assert [c.name for c in system.load_classes] == ["homes", "farms", "other"]
    assert [p.name for p in system.reserves] == ["reserve:largest", "reserve:slow", "reserve:down"]
    assert system.links[0].strength_ratio == 2.0


def test_a_plant_has_its_curve_and_what_its_start_takes(stands):
    plant = next(p for p in stands.system.electrolysers if p.name == "electrolyser:haengwon")
    assert [p.efficiency for p in plant.pieces] == pytest.approx([33.33 / 58, 33.33 / 66])
    assert (plant.standby, plant.start_h, plant.start_cost, plant.ramp_mw_per_h) == (0.02, 1, 50000, 2)
    assert plant.hydrogen_mw == pytest.approx(1000 * 0.03333 / 24)


def test_a_contract_on_a_fleet_is_its_part_of_all_that_the_market_meters(stands):
    (contract,) = stands.system.matchings
    whole = ISLAND.capacity_mw("wind", DAY, "market")
    mine = next(f for f in ISLAND.fleets if f.name == "wind-market").capacity_at(DAY)
    assert contract.supply["wind"] == pytest.approx(0.05 * float(mine) / whole)


def test_requirements_hold_from_their_day_on(stands):
    assert stands.daily.strength_mva == 400
    assert stand(ISLAND, date(2021, 5, 1)).daily.strength_mva == 0
    assert stands.daily.reserve_mw == {"reserve:slow": 10}


def test_trucks_take_their_kilograms_in_their_hours(stands):
    taken = stands.daily.load_mw["hydrogen:trucks"]
    assert sum(taken) == pytest.approx(300 * 0.03333)
    assert taken[0] == 0
    assert taken[8] == pytest.approx(300 * 0.03333 / 8)


def test_a_period_has_its_part_of_the_cap_of_a_year(stands):
    class Hours:
        class steps:  # noqa: N801
            count, hours = 876, 1.0

    assert capped(stands.system, Hours).co2.cap_t == pytest.approx(300_000)


def test_vehicles_come_and_go_with_the_shares_of_the_day():
    day = np.array(ISLAND.ev_fleets[0].plugged)
    for start in (0, 7):
        plugged, came, left = traffic(day, (start + np.arange(30)) % 24)
        assert plugged[1:] == pytest.approx(plugged[:-1] + came[1:] - left[1:])
    assert traffic(day, np.array([7]))[2][0] == pytest.approx(0.2)


def test_the_clock_knows_where_in_the_day_a_period_begins():
    local = np.array(["2023-04-08T06:30", "2023-04-08T07:00"], dtype="datetime64[m]")
    assert clock_at(local).elapsed_h == 6.5
    assert clock_at(local).jumps == ()
    whole = np.arange("2024-03-30T00:00", "2024-03-31T03:00", 60, dtype="datetime64[m]")
    spring = np.append(whole, np.arange("2024-03-31T04:00", "2024-04-01T00:00", 60, dtype="datetime64[m]"))
    assert clock_at(spring).jumps == ((27.0, 1.0),)


@pytest.mark.parametrize(("hour", "before"), [("00:00", 0.9), ("08:00", 0.5), ("08:30", 0.2), ("19:00", 0.2)])
def test_vehicles_that_are_there_when_a_period_begins_are_half_full(hour, before):
    """90 % by night from 20:00 on, half in the hour from 07:00, a fifth from 08:00: never more than those hold."""
    plugged = [0.9] * 7 + [0.5] + [0.2] * 12 + [0.9] * 4
    text = TEXT.replace(TEXT[(a := TEXT.index("plugged: [")) : TEXT.index("]", a) + 1], f"plugged: {plugged}")
    stands = stand(read_island(text), DAY)
    first = np.datetime64(f"2023-04-08T{hour}")
    step = np.timedelta64(60 if hour.endswith("00") else 30, "m")
    local = first + step * np.arange(4)
    state = begun(stands.system, stands.state, stands.daily, local)
    assert state.level_mwh["ev:cars"] == pytest.approx(400 * before / 2)
    assert state.clock == clock_at(local)
    within = not hour.endswith("00")
    inside, came, left = traffic(
        np.array(plugged),
        (local.astype("datetime64[h]") - local.astype("datetime64[D]")).astype(int),
        within=within,
    )
    assert before + came[0] - left[0] == pytest.approx(inside[0])


def test_a_plant_whose_start_costs_something_does_not_wait_for_nothing():
    """Free standby would make every start a warm one; what waiting takes is assumed, and said so."""
    text = TEXT.replace("    standby: 0.02\n", "")
    stands = stand(read_island(text), DAY)
    assert stands.system.electrolysers[0].standby == assumed.STANDBY.value
    assert assumed.STANDBY in stands.assumed
    told = stand(ISLAND, DAY)
    assert told.system.electrolysers[0].standby == 0.02
    assert assumed.STANDBY not in told.assumed
    plain = stand(read_island(JEJU), DAY)
    assert plain.system.electrolysers[0].standby == 0.0
    assert assumed.STANDBY not in plain.assumed


WRONG = """
ev_fleets:
  - {name: cars, zone: juju, energy_mwh: 4, charge_mw: 6, plugged: [0.5, 0.5], arriving_share: 50, leaving_share: 0.8}
loads:
  - {name: works, zone: jeju, kind: interruptible, load_mw: 5, in_demand: true}
  - {name: pumps, zone: jeju, kind: shiftable, load_mw: 5, in_demand: true, most_mw: 3, hours_per_day: 2}
contracts:
  - {name: one, supply: {wind-market: 0.7, wind-marked: 0.1, pv-btm: 0.2}, loads: ["load:pump"]}
  - {name: two, supply: {wind-market: 0.7}, loads: []}
reserves:
  - {name: fast, duration_h: 1, response_h: 0.1, providers: ["battery:nowhere"]}
load_classes:
  - {name: a, share: 0.7, lost_krw_per_mwh: 1}
  - {name: b, share: 0.7, lost_krw_per_mwh: 2}
"""


def test_everything_that_cannot_be_meant_is_refused_at_once():
    with pytest.raises(GridError) as refused:
        read_island(f"{JEJU}\n{WRONG}")
    said = str(refused.value)
    for part in (
        "needs 24 values, one for each hour of the day from 00:00 on",
        "unknown zone",
        "Give a fraction: write 0.5 for 50 %",
        "has no price for being cut",
        "has 'hours_per_day', which belongs to a load that is interruptible",
        "is less than the load as it would be, 5 MW",
        "unknown fleet",
        "no such load to match",
        "more than all of a fleet is contracted",
        "no such asset to hold reserve",
        "the classes of load add up to more than the demand",
    ):
        assert part in said, part


def test_a_curve_that_falls_is_refused():
    with pytest.raises(GridError, match="the pieces must need more and more per kg"):
        read_island(TEXT.replace("{share: 0.5, kwh_per_kg: 58}", "{share: 0.6, kwh_per_kg: 70}"))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("promises") / "store"
    open_store(place, ISLAND).ingest([typical_year(seed=0, year=2023)])
    return place


def test_a_grid_file_with_all_of_it_is_dispatched_and_breaks_no_rule(store, tmp_path, capsys):
    path = tmp_path / "island.yaml"
    path.write_text(TEXT, "utf-8")
    words = ["--from", "2023-04-08", "--to", "2023-04-09", "--store", str(store), "--json"]
    assert run(["dispatch", str(path), *words]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["rules_broken"] == []
    power = {name: np.array(of) for name, of in body["hours"]["injection_mw"].items()}
    assert np.sum([*power.values()], axis=0) == pytest.approx(np.zeros(48), abs=0.05)
    assert power["load:waterworks"].sum() == pytest.approx(-12 * 48, abs=0.05)
    assert power["load:hospital"] == pytest.approx(np.full(48, -3))
    assert power["ev:cars"].min() < 0
    assert np.ptp(power["load:waterworks"]) > 0
    assert body["unserved_mwh"] == pytest.approx(0, abs=1e-3)


def test_loads_that_are_more_than_the_demand_are_refused_with_their_hour(store, tmp_path, capsys):
    path = tmp_path / "island.yaml"
    path.write_text(TEXT.replace("kind: firm, load_mw: 3", "kind: firm, load_mw: 3000"), "utf-8")
    words = ["--from", "2023-04-08", "--to", "2023-04-08", "--store", str(store), "--json"]
    assert run(["dispatch", str(path), *words]) == 2
    assert "loads that the demand should hold are more than all of it" in capsys.readouterr().err
