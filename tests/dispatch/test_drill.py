"""The loss of the largest, worked on paper: what ramps within the hour, what stores hold, who starts when, who stays supplied."""

from dataclasses import replace

import numpy as np
import pytest

from tamna.dispatch.answer import Schedule
from tamna.dispatch.critical import classes_of, critical
from tamna.dispatch.drill import drill, has_poles, worst
from tamna.dispatch.system import Hours, State, System
from tamna.grid import load_island
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.electrolyser import Electrolyser, Piece
from tamna.optimise.blocks.link import Link, LinkState
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.problem import Steps

ALL = (
    LoadClass(name="town", share=0.9, lost_per_mwh=1000),
    LoadClass(name="site:farm", share=0.1, lost_per_mwh=9000),
)
CABLE = Link(name="cable", import_mw=100, export_mw=100)
STEAM = Thermal(
    name="steam", max_mw=120, min_mw=20, cost_per_mwh=50, starts=(Start(off_h=0, cost=9),), ramp_up_mw_per_h=30, min_down_h=2
)  # fmt: skip
COLD = Thermal(name="cold", max_mw=60, min_mw=10, cost_per_mwh=70, starts=(Start(off_h=0, cost=9),), ramp_up_mw_per_h=60, min_down_h=2)  # fmt: skip
BATTERY = Battery(name="battery", charge_mw=40, discharge_mw=40, energy_mwh=60)
N = 5


def island(**more):
    """Demand of 150 MW: the cable brings 90, steam gives 60; the cold unit is off for long."""
    system = System(thermal=(STEAM, COLD), links=(CABLE,), **more)
    hours = Hours(
        steps=Steps(count=N), demand_mw=np.full(N, 150.0), import_price={"cable": np.full(N, 10.0)},
        export_price={"cable": np.zeros(N)},
    )  # fmt: skip
    power = {"cable": np.full(N, 90.0), "steam": np.full(N, 60.0), "cold": np.zeros(N)}
    columns = {
        "steam/on": np.ones(N),
        "cold/on": np.zeros(N),
        "cable/export": np.zeros(N),
        "battery/level": np.full(N, 40.0),
    }
    return system, hours, State(level_mwh={"battery": 40.0}), Schedule(injection_mw={"electricity": power}, cost={}, columns=columns)  # fmt: skip


def first(case, start_h=3.0, classes=ALL, **how):
    return drill(*case, classes=classes, start_h={"cold": start_h}, **how)[0]


def test_what_is_on_ramps_and_what_is_off_comes_after_its_start_time():
    """The cable's 90 MW are gone. Steam: 90, 120, 120, 120 MW; cold: 60 MW from the fourth hour on.

    Missing: 60, 30, 30, 0 MW. The farm's 15 MW are worth more: the town's 135 MW carry all of it.
    """
    failure = first(island())
    assert (failure.lost, failure.lost_mw) == ("cable", 90.0)
    assert failure.first_mw == pytest.approx(60)
    assert failure.shed_mwh == {"town": pytest.approx(120)}
    assert (failure.shed_steps, failure.last_step, failure.open_end) == (3, 2, False)


def test_the_battery_gives_what_it_holds_and_no_more():
    """40 MWh at up to 40 MW, at once: of 120 MWh 80 are left to shed, 20 of them in the first hour."""
    failure = first(island(batteries=(BATTERY,)))
    assert failure.total_mwh == pytest.approx(80)
    assert failure.first_mw == pytest.approx(20)


def test_a_start_within_the_hours_of_the_drill_counts_from_its_ramp():
    """Started within an hour the cold unit gives 60 MW from the second hour on: 60 MW are missing once."""
    failure = first(island(), start_h=0.5)
    assert failure.shed_mwh == {"town": pytest.approx(60)}
    assert (failure.shed_steps, failure.open_end) == (1, False)


def test_what_is_left_of_the_least_time_off_holds_a_unit_back():
    """It stopped an hour before the first: one of its two hours off is left, whatever its start takes."""
    system, hours, state, done = island()
    state = replace(state, thermal={"cold": ThermalState(on=False, hours=1.0)})
    assert first((system, hours, state, done), start_h=0.0).shed_steps == 1
    assert first((system, hours, State(), done), start_h=0.0).shed_steps == 0  # off for long: there at once


def test_a_unit_that_the_schedule_starts_anyway_is_there_when_the_schedule_has_it():
    system, hours, state, done = island()
    columns = {**done.columns, "cold/on": np.array([0.0, 0, 1, 1, 1])}
    failure = first((system, hours, state, replace(done, columns=columns)), start_h=4.0)
    assert failure.shed_mwh == {"town": pytest.approx(60 + 30)}


def test_who_is_worth_more_is_shed_last():
    """Without steam's ramp 90 MW are missing; of a town of 75 MW all is shed, and 15 MW of the farm's 75."""
    system, hours, state, done = island()
    stiff = replace(system, thermal=(replace(STEAM, ramp_up_mw_per_h=0.0),))
    halves = (replace(ALL[0], share=0.5), replace(ALL[1], share=0.5))
    failure = first((stiff, hours, state, done), classes=halves, horizon_h=1.0)
    assert failure.shed_mwh == {"town": pytest.approx(75), "site:farm": pytest.approx(15)}
    assert failure.open_end


def test_what_was_sent_out_is_cut_at_once_and_an_lcc_waits_before_it_turns():
    """Steam gives 120 MW, 40 of them leave by a link; it fails. 80 MW of demand are left, the link may bring 100."""
    hours = Hours(
        steps=Steps(count=N), demand_mw=np.full(N, 80.0), import_price={"cable": np.full(N, 10.0)},
        export_price={"cable": np.zeros(N)},
    )  # fmt: skip
    power = {"cable": np.full(N, -40.0), "steam": np.full(N, 120.0)}
    columns = {"steam/on": np.ones(N), "cable/export": np.full(N, 40.0)}
    done = Schedule(injection_mw={"electricity": power}, cost={}, columns=columns)
    for technology, shed in (("vsc", 0.0), ("lcc", 2 * 80.0)):
        link = replace(CABLE, technology=technology, reversal_h=2.0)
        failure = first((System(thermal=(STEAM,), links=(link,)), hours, State(), done))
        assert failure.total_mwh == pytest.approx(shed)
    idle = replace(
        done,
        columns={**columns, "cable/export": np.zeros(N)},
        injection_mw={"electricity": {**power, "cable": np.zeros(N)}},
    )
    before = State(links={"cable": LinkState(way="export", idle_h=1.0)})
    link = replace(CABLE, technology="lcc", reversal_h=2.0)
    assert first((System(thermal=(STEAM,), links=(link,)), hours, before, idle)).total_mwh == pytest.approx(80)  # fmt: skip


def test_of_a_link_that_loses_a_pole_the_other_pole_brings_in_what_it_can():
    """90 MW by two poles of 50: one is gone, the other goes up to 50. 40 MW are left to steam, which rises by 30."""
    system, hours, state, done = island()
    link = replace(CABLE, technology="lcc", poles=2)
    columns = {**done.columns, "cable/import_1": np.zeros(N), "cable/import_2": np.ones(N)}
    case = (replace(system, links=(link,)), hours, state, replace(done, columns=columns))
    failure = first(case, pole=True)
    assert (failure.lost, failure.lost_mw) == ("cable", 45.0)
    assert failure.first_mw == pytest.approx(150 - 50 - 90)
    assert failure.total_mwh == pytest.approx(10)
    assert first(case).lost_mw == 90.0
    alone = {**columns, "cable/import_1": np.ones(N), "cable/import_2": np.zeros(N)}
    assert first((*case[:3], replace(done, columns=alone)), pole=True).lost_mw == 90.0
    assert has_poles(case[0])
    assert not has_poles(system)
    assert first((system, hours, state, done), pole=True).lost == ""


def test_hydrogen_plants_stop_and_free_their_power():
    system, hours, state, done = island(
        electrolysers=(Electrolyser(name="plant", power_mw=60, pieces=(Piece(share=1.0, efficiency=0.6),)),)
    )
    hours = replace(hours, demand_mw=np.full(N, 90.0))  # 60 of the 150 MW went into the plant
    assert first((system, hours, state, done)).total_mwh == 0.0


def test_each_hour_has_its_failure_and_the_worst_come_first():
    system, hours, state, done = island()
    power = {**done.injection_mw["electricity"], "cable": np.array([90.0, 0, 90, 20, 90])}
    failures = drill(
        system,
        hours,
        state,
        replace(done, injection_mw={"electricity": power}),
        classes=ALL,
        start_h={"cold": 3.0},
    )
    assert [f.lost for f in failures] == ["cable", "steam", "cable", "steam", "cable"]
    assert next(worst(failures, 2)).step in {1, 3}
    assert failures[-1].open_end  # only one hour is left to look at


def test_sites_that_say_what_they_are_worth_are_classes_of_their_own():
    island = load_island("jeju")
    system = System(load_classes=(LoadClass(name="all", share=1, lost_per_mwh=10e6),))
    classes = classes_of(island, system, np.array([500.0, 700.0]))
    assert [c.name for c in classes] == ["all", "site:aewol-appadeul", "site:jeju-milk"]
    assert classes[2].share == pytest.approx(1200 / 8760 / 600)
    assert sum(c.share for c in classes) == pytest.approx(1)
    assert critical(classes) == ("site:aewol-appadeul", "site:jeju-milk")
