import numpy as np

from dispatch.making import any_island
from tamna.dispatch.answer import Schedule
from tamna.dispatch.state import after
from tamna.dispatch.system import State, System
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.link import Link, LinkState
from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState

UNIT = Thermal(name="gas", max_mw=100, min_mw=40)


def unit_after(on, before, hours=1.0):
    on = np.array(on, dtype=float)
    done = Schedule(injection_mw={"electricity": {"gas": 50 * on}}, cost={}, columns={"gas/on": on})
    return after(System(thermal=(UNIT,)), done, State(thermal={"gas": before}), hours).thermal["gas"]


def test_time_on_counts_from_the_last_change_and_reaches_over_the_edge():
    before = ThermalState(on=True, hours=5, mw=50)
    assert unit_after([1, 1, 1], before) == ThermalState(on=True, hours=8, mw=50)
    assert unit_after([0, 0, 1], before) == ThermalState(on=True, hours=1, mw=50)
    assert unit_after([1, 0, 0], before) == ThermalState(on=False, hours=2, mw=0)
    assert unit_after([0, 0, 0], before) == ThermalState(on=False, hours=3, mw=0)
    assert unit_after([0, 0], ThermalState(on=False, hours=5), hours=0.25) == ThermalState(
        on=False, hours=5.5
    )


def test_a_link_remembers_its_last_direction_and_how_long_it_rests():
    link = Link(name="l", import_mw=9, export_mw=9, technology="lcc")

    def link_after(arriving, leaving, before):
        columns = {"l/import": np.array(arriving, dtype=float), "l/export": np.array(leaving, dtype=float)}
        done = Schedule(injection_mw={}, cost={}, columns=columns)
        return after(System(links=(link,)), done, State(links={"l": before}), 1.0).links["l"]

    assert link_after([5, 0, 0], [0, 0, 0], LinkState()) == LinkState(way="import", idle_h=2)
    assert link_after([5, 0, 0], [0, 0, 4], LinkState()) == LinkState(way="export", idle_h=0)
    assert link_after([0, 0], [0, 0], LinkState(way="export", idle_h=1)) == LinkState(way="export", idle_h=3)


def test_a_level_a_breath_over_full_is_full():
    system = System(batteries=(Battery(name="b", charge_mw=1, discharge_mw=1, energy_mwh=60),))
    done = Schedule(injection_mw={}, cost={}, columns={"b/level": np.array([60.0000001])})
    assert after(system, done, State(level_mwh={"b": 1.0}), 1.0).level_mwh == {"b": 60.0}


def test_levels_are_those_of_the_last_hour():
    from tamna.dispatch.rolling import roll

    system, hours, state = any_island(2, steps=8)
    rolled = roll(system, hours, state, window_h=8, step_h=8)
    assert rolled.end.level_mwh["battery"] == max(0.0, rolled.done.columns["battery/level"][-1])
    assert set(rolled.end.level_mwh) == {"battery", "tank"}
