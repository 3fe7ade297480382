"""The softened schedule beside a refusal, worked on paper: what is missed, when, by how much, at what price."""

import numpy as np
import pytest

from tamna.dispatch.nearest import NoSchedule
from tamna.dispatch.rolling import roll
from tamna.dispatch.system import Hours, State, System
from tamna.lang import speaking
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
from tamna.optimise.problem import Steps
from tamna.serve.cli.nearest_text import as_text

GAS = Thermal(name="gas", max_mw=200, min_mw=40, cost_per_mwh=100)
ON = State(thermal={"gas": ThermalState(on=True, mw=200)})
LABELS = ("18:00", "19:00", "20:00")


def refused(system, demand, state=ON, **more):
    hours = Hours(steps=Steps(count=3, labels=LABELS), demand_mw=np.array(demand, dtype=float), **more)
    with pytest.raises(NoSchedule) as error:
        roll(system, hours, state)
    return error.value


def test_an_evening_above_all_capacity_misses_what_is_left_and_runs_the_rest():
    """Demand 150, 260, 230 against 200 MW, 90 % of it never to be shed, the rest at 9,000: 34 and 7 MW stay unserved.

    260 less 26 that may be shed leaves 234, 34 above 200; 230 less 23 leaves 207, 7 above. What runs: 150 + 200 + 200
    MW of gas at 100, and 49 MW shed at 9,000.
    """
    system = System(thermal=(GAS,), load_classes=(LoadClass(name="loose", share=0.1, lost_per_mwh=9000),))
    error = refused(system, (150, 260, 230))
    near = error.nearest
    assert [(m.hour, m.by, m.unit, m.price) for m in near.missed] == [
        ("19:00", pytest.approx(34), "MW", pytest.approx(34 * 9000)),
        ("20:00", pytest.approx(7), "MW", pytest.approx(7 * 9000)),
    ]
    assert near.missed_mwh == pytest.approx(41)
    assert near.cost == pytest.approx(550 * 100 + 49 * 9000)
    assert near.price == pytest.approx(41 * 9000)
    assert near.done.injection_mw["electricity"]["gas"].tolist() == pytest.approx([150, 200, 200])
    assert error.exit_code == 3
    assert any("supply equals demand" in str(m) for m in error.mistakes)
    assert error.beside["missed"][0]["by"] == pytest.approx(34)


def test_a_floor_is_missed_in_its_own_words():
    system = System(thermal=(GAS,), load_classes=(LoadClass(name="all", share=1, lost_per_mwh=9000),))
    near = refused(system, (300, 300, 300), floor_mw=np.full(3, 250.0)).nearest
    assert [m.by for m in near.missed] == pytest.approx([50, 50, 50])
    assert "must-run units and the links' least flow" in str(near.missed[0].says)


def test_more_than_anybody_takes_is_said_so_and_nothing_is_priced_where_no_class_says():
    """A battery of 10 MW cannot take the 40 MW that a unit must make while demand is 20."""
    must = Thermal(name="gas", max_mw=200, min_mw=40, cost_per_mwh=100, must_run=True)
    system = System(
        thermal=(must,), batteries=(Battery(name="b", charge_mw=10, discharge_mw=10, energy_mwh=30),)
    )
    near = refused(
        system, (60, 20, 60), State(thermal={"gas": ThermalState(on=True, mw=60)}, level_mwh={"b": 0.0})
    ).nearest
    ((missed),) = near.missed
    assert (missed.hour, missed.by, missed.price, near.price) == ("19:00", pytest.approx(10), None, None)
    assert "nobody takes" in str(missed.says)


def test_it_is_laid_out_in_both_languages():
    system = System(thermal=(GAS,), load_classes=(LoadClass(name="loose", share=0.1, lost_per_mwh=9000),))
    near = refused(system, (150, 260, 230)).nearest
    text = as_text(near)
    assert "19:00" in text
    assert "34 MW of demand find no supply" in text
    assert "missed in all: 41.0 MWh in 2 hours" in text
    assert "at 9,000 a missed MWh, the dearest class of load, that is 369,000 on top" in text
    with speaking("ko"):
        text = as_text(near)
    assert "수요 34 MW를 공급하지 못합니다" in text
    assert "2개 시간에 41.0 MWh" in text
