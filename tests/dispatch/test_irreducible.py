"""The smallest clashing set is one: what is named clashes by itself, and leaving out any one of it does not."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.making import any_island
from tamna.dispatch.build import build
from tamna.dispatch.system import Hours, State, System
from tamna.errors import Infeasible
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
from tamna.optimise.clash import _without, explain
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How, Model

SHEDDABLE = (LoadClass(name="some", share=0.05, lost_per_mwh=9000),)


def clashes(arrays, rows, columns):
    try:
        Model(_without(arrays, rows, columns), How(time_limit_s=20)).solve()
    except Infeasible:
        return True
    return False


def members_of(problem, clash):
    """The rows and the columns' limits that the members name, one by one."""
    arrays = problem.arrays()
    places = {g.name: ("row", g.first) for g in arrays.rows}
    columns = {g.name: ("column", g.first) for g in arrays.columns}
    for m in clash.members:
        rows = next((g for g in arrays.rows if g.name == m.name and g.says == m.says), None)
        kind, first = places[m.name] if rows is not None else columns[m.name]
        yield from ((kind, first + step) for step in m.steps)


def assert_irreducible(problem, clash):
    arrays, named = problem.arrays(), list(members_of(problem, clash))
    rows, columns = np.zeros(len(arrays.row_lower), dtype=bool), np.zeros(len(arrays.cost), dtype=bool)
    of = {"row": rows, "column": columns}
    for kind, at in named:
        of[kind][at] = True
    assert clashes(arrays, rows, columns)
    for kind, at in named:
        of[kind][at] = False
        assert not clashes(arrays, rows, columns), (kind, at)
        of[kind][at] = True
    return named


@pytest.mark.parametrize("seed", [0, 1, 5])
def test_more_load_or_floor_than_anybody_can_carry(seed):
    system, hours, state = any_island(seed, steps=12)
    system = replace(system, load_classes=SHEDDABLE, floor_gives_per_mwh=np.inf)
    if seed:
        floor = np.where(np.arange(12) % 4 == seed % 4, hours.demand_mw * 1.3, 10.0)
        hours = replace(hours, floor_mw=floor)
    else:
        hours = replace(hours, demand_mw=hours.demand_mw * 3)
    problem, _shares = build(system, hours, state)
    clash = explain(problem, time_limit_s=30)
    named = assert_irreducible(problem, clash)
    assert len(named) > 1
    assert clash.softened is not None
    assert clash.gives_way


def test_a_clash_that_only_whole_numbers_have():
    """20 MW are asked for, and the one unit gives nothing or 40 to 100: half a unit would do, a whole one does not."""
    gas = Thermal(name="gas", max_mw=100, min_mw=40, cost_per_mwh=100)
    hours = Hours(
        steps=Steps(count=2, labels=("02:00", "03:00")),
        demand_mw=np.array([60.0, 20.0]),
    )
    on = State(thermal={"gas": ThermalState(on=True, hours=9, mw=60)})
    problem, _shares = build(System(thermal=(gas,)), hours, on)
    clash = explain(problem, time_limit_s=30)
    assert_irreducible(problem, clash)
    said = [str(m.what) for m in clash.error(hours.steps).mistakes]
    assert any("supply equals demand" in s and "(03:00)" in s for s in said)
    assert not any("(02:00)" in s for s in said)
    assert any("nearest answer" in s for s in said)
