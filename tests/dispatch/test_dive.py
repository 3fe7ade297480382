"""Windows with links that turn: by linear answers and a small search, within every rule and near the best."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.making import any_rich_island
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.dive import _neighbours, _open, _Run, _runs, dived
from tamna.dispatch.rolling import roll
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.thermal_unit import Thermal
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How, solve

QUICK = How(gap=1e-2, time_limit_s=20, presolve=False, heuristics=())
LINK = Link(
    name="hvdc", import_mw=100, export_mw=100, technology="lcc", poles=2, min_transfer=0.1, reversal_h=2
)


def turning(price, net):
    """Demand above zero is imported or made dearly; below zero it is sent out or the must-take is lost at a cost."""
    net = np.asarray(net, dtype=float)
    system = System(
        thermal=(Thermal(name="dear", max_mw=200, cost_per_mwh=100),),
        links=(LINK,),
        load_classes=(LoadClass(name="all", share=1, lost_per_mwh=1000),),
    )
    hours = Hours(
        steps=Steps(count=len(net)), demand_mw=np.maximum(net, 0), import_price={"hvdc": np.full(len(net), 10.0)},
        export_price={"hvdc": np.asarray(price, dtype=float)},
    )  # fmt: skip
    return system, hours


def test_the_runs_of_a_flow_are_its_ways_with_the_last_step_of_each():
    assert _runs(np.array([5.0, 0, 3, -2, -1, 0, 4])) == (_Run(1, 2), _Run(-1, 5), _Run(1, 6))
    assert _runs(np.zeros(3)) == ()


def test_a_way_is_open_in_its_runs_but_not_while_the_link_turns():
    runs = (_Run(1, 2), _Run(-1, 6))
    assert np.flatnonzero(_open(runs, 1, 7, 3)).tolist() == [0, 1, 2]
    assert np.flatnonzero(_open(runs, -1, 7, 3)).tolist() == [5, 6]
    assert _open((), 1, 4, 3).all()


def test_neighbours_move_a_turn_or_give_up_a_short_run():
    runs = (_Run(1, 9), _Run(-1, 12), _Run(1, 23))
    found = set(_neighbours(runs, 24))
    assert (_Run(1, 8), _Run(-1, 12), _Run(1, 23)) in found
    assert (_Run(1, 9), _Run(-1, 15), _Run(1, 23)) in found
    assert (_Run(1, 23),) in found


def test_a_turn_is_placed_where_it_costs_least():
    """Imports save 90 a MWh, exports bring 50: of the hours without flow between them, exports are given up."""
    system, hours = turning([0, 0, 0, 0, 50, 50, 50, 50], [80, 80, 80, 80, 0, 0, 0, 0])
    problem, _shares = build(system, hours, State())
    best = solve(problem, How(gap=1e-9)).objective
    found = dived(problem.arrays(), system, State(), QUICK, (8, 1.0))
    assert found.objective == pytest.approx(best)
    assert found.bound <= best + 1e-6
    assert found["hvdc/import"].tolist() == pytest.approx([80] * 4 + [0] * 4)


def test_where_no_link_turns_there_is_nothing_to_dive_for():
    system, hours = turning([0], [10])
    system = replace(system, links=(replace(LINK, technology="vsc"),))
    assert dived(build(system, hours, State())[0].arrays(), system, State(), QUICK, (1, 1.0)) is None


@pytest.mark.parametrize(("seed", "step"), [(3, 5), (4, 6)])
def test_windows_committed_without_a_long_search_break_no_rule(seed, step):
    system, hours, state = any_rich_island(seed, steps=24)
    rolled = roll(system, hours, state, window_h=12, step_h=step, how=QUICK, fast=True)
    assert not [str(b) for b in broken(system, hours, rolled.done, state)]
    for window in rolled.windows:
        assert window.found.objective >= window.found.bound - 1e-6
