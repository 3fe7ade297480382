"""Why wind was held back, on hand-made hours: for each cause the case in which it alone is the reason."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.making import EVERYTHING
from tamna.dispatch.build import build
from tamna.dispatch.moves import Moves
from tamna.dispatch.rolling import roll
from tamna.dispatch.story import told
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.why import CAUSES, of_steps, reasons
from tamna.lang import speaking
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.reserve import Reserve
from tamna.optimise.blocks.synchronous import Machine, Synchronous
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.problem import Steps
from tamna.optimise.solver import Model

WIND = Curtailable(name="wind", curtailment_cost_per_mwh=50)
GAS = Thermal(name="gas", max_mw=100, min_mw=20, cost_per_mwh=100)
MUST = Thermal(name="gas", max_mw=100, min_mw=20, cost_per_mwh=100, must_run=True)
ON = State(thermal={"gas": ThermalState(on=True, hours=9, mw=40)})
READY = Reserve(name="ready", short_per_mwh=5000, providers=("gas", "oil"), largest=False)
LCC = Link(name="lcc", import_mw=100, export_mw=60, technology="lcc", poles=1, min_transfer=0.1, reversal_h=2)
VSC = Link(name="vsc", import_mw=100, export_mw=20)


def windy(count=3, demand=50.0, wind=80.0, links=(), **more):
    """Hours in which wind alone could give more than is asked for."""
    more |= {
        "import_price": {k: np.full(count, 10.0) for k in links},
        "export_price": {k: np.full(count, 5.0) for k in links},
    }
    return Hours(
        steps=Steps(count=count, labels=tuple(f"0{t}:00" for t in range(count))),
        demand_mw=np.broadcast_to(demand, (count,)).astype(float),
        potential_mw={"wind": np.broadcast_to(wind, (count,)).astype(float)},
        **more,
    )


def why_of(hours, state=ON, **system):
    system = System(fleets=(WIND,), load_classes=EVERYTHING, **system)
    count = hours.steps.count
    rolled = roll(system, hours, state, window_h=count, step_h=count)
    why = reasons(system, hours, rolled, count)
    return why.cause, told(system, hours, rolled.done, why, ())


def test_demand_is_low_when_nothing_else_runs():
    cause, said = why_of(windy(), thermal=(GAS,))
    assert set(cause) == {"demand"}
    assert "30 MW of wind and PV were held back: demand is low, 50 MW, and everything else is off" in said[0]


def test_demand_is_low_and_the_link_is_full():
    cause, said = why_of(windy(links=["vsc"]), thermal=(GAS,), links=(VSC,))
    assert set(cause) == {"demand"}
    assert (
        "10 MW of wind and PV were held back: demand is low, 50 MW; units are off and links send out all"
        " they can, 20 MW" in said[1]
    )


def test_a_unit_that_must_run_is_named_as_such_and_not_as_one_too_dear_to_stop():
    cause, said = why_of(windy(), thermal=(MUST,))
    assert set(cause) == {"must_run"}
    assert "units that must run take 20 of 50 MW of demand at their minimum" in said[0]


def test_a_unit_kept_on_for_reserve_alone_is_kept_for_reserve_though_it_has_some_to_spare():
    """30 MW of reserve are asked for and the unit could hold 80: its dual is 0, and still nothing else keeps it on."""
    hours = windy(reserve_mw={"ready": np.full(3, 30.0)})
    alone = replace(READY, providers=("gas",))
    cause, said = why_of(hours, thermal=(GAS,), reserves=(alone,))
    assert set(cause) == {"reserve"}
    assert "units stay on with 20 MW to hold reserve" in said[0]


def test_a_unit_that_others_could_stand_in_for_is_not_kept_for_reserve():
    """Two units on that cannot stop yet: either alone could hold the 30 MW, so it is their least time on that counts."""
    two = tuple(Thermal(name=n, max_mw=100, min_mw=10, cost_per_mwh=100, min_up_h=9) for n in ("gas", "oil"))
    on = State(thermal={u.name: ThermalState(on=True, hours=1, mw=10) for u in two})
    hours = windy(reserve_mw={"ready": np.full(3, 30.0)})
    cause, _said = why_of(hours, on, thermal=two, reserves=(READY,))
    assert set(cause) == {"commitment"}


def test_reserve_for_the_loss_of_the_other_unit():
    """Two must-take blocks: oil runs at 60 MW and may fail; only gas, at its minimum of 20, could make up for it."""
    oil = Thermal(name="oil", max_mw=60, min_mw=60, cost_per_mwh=1, min_up_h=9)
    on = State(
        thermal={"oil": ThermalState(on=True, hours=1, mw=60), "gas": ThermalState(on=True, hours=9, mw=20)}
    )
    loss = Reserve(name="ready", short_per_mwh=5000, providers=("gas", "oil"))
    cause, _said = why_of(windy(demand=100.0), on, thermal=(GAS, oil), reserves=(loss,))
    assert set(cause) == {"reserve"}


def test_a_unit_kept_on_to_support_the_grid():
    support = Synchronous(machines=(Machine(name="gas", strength_mva=200),), short_per_mva_h=1e5)
    hours = windy(strength_mva=np.full(3, 100.0))
    cause, said = why_of(hours, thermal=(GAS,), synchronous=support)
    assert set(cause) == {"support"}
    assert "to give the grid short-circuit power or inertia" in said[0]


def test_a_link_that_has_just_brought_power_in_waits_to_turn():
    """It imports 40 MW in the first hour; for two more it may carry nothing, and only then sends 40 of 80 MW out."""
    hours = windy(5, demand=(100, 40, 40, 40, 40), wind=(60, 80, 80, 80, 80), links=["lcc"])
    cause, said = why_of(hours, State(), links=(LCC,))
    assert cause == (None, "turning", "turning", None, None)
    assert "links could send out 60 MW more, but are still turning" in said[1]


@pytest.mark.parametrize(("wind", "held", "cause"), [(45.0, 10, "link"), (75.0, 40, "commitment")])
@pytest.mark.parametrize("export", [0.0, 60.0])
def test_what_takes_as_much_as_was_held_back_is_the_reason(wind, held, cause, export):
    """10 MW over a link at its least and 55 from a unit that cannot stop yet, of 100 MW that are asked for.

    A link that could send 60 MW out instead, had it not been decided otherwise, would take all of it.
    """
    cause = "link" if export else cause
    least = Link(name="lcc", import_mw=100, export_mw=export, technology="lcc", poles=1, min_transfer=0.1)
    base = Thermal(name="gas", max_mw=100, min_mw=55, cost_per_mwh=100, min_up_h=9)
    system = System(fleets=(WIND,), load_classes=EVERYTHING, thermal=(base,), links=(least,))
    hours = windy(1, demand=100.0, wind=wind, links=["lcc"])
    problem, shares = build(system, hours, State(thermal={"gas": ThermalState(on=True, hours=1, mw=55)}))
    arrays = problem.arrays()
    brings = next(g for g in arrays.columns if g.name == "lcc/import_1")
    arrays.column_lower[brings.first] = 1.0  # decided the day before
    model = Model(replace(arrays, integer=np.zeros_like(arrays.integer)))
    found = model.solve()
    moves = Moves(system=system, shares=shares, model=model, found=found, steps=hours.steps)
    why = of_steps(hours, arrays, moves, slice(0, 1))
    assert hours.potential_mw["wind"][0] - found["wind/power"][0] == pytest.approx(held)
    assert why.cause == (cause,)


def test_a_unit_that_is_dear_to_start_again_stays_on():
    dear = Thermal(
        name="gas", max_mw=100, min_mw=20, cost_per_mwh=100, starts=(Start(off_h=0, cost=90_000),), min_up_h=0
    )
    hours = windy(demand=(100, 50, 100), wind=(60, 80, 60))
    cause, _said = why_of(hours, thermal=(dear,))
    assert cause == (None, "commitment", None)


@pytest.mark.parametrize("name", CAUSES)
def test_every_cause_is_told_in_korean(name):
    with speaking("ko"):
        korean = str(CAUSES[name])
    assert any("가" <= letter <= "힣" for letter in korean)


def test_the_sentences_are_told_in_korean():
    with speaking("ko"):
        _cause, said = why_of(windy(), thermal=(MUST,))
        assert "반드시 운전해야 하는 발전기가 최소 출력으로 수요 50 MW 가운데 20 MW를 맡고" in said[0]
