"""Windows with links that turn: by linear answers and a small search, within every rule and near the best."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.making import any_rich_island
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.dive import Finish, dived
from tamna.dispatch.flips import flipped
from tamna.dispatch.held import Linear
from tamna.dispatch.rolling import roll
from tamna.dispatch.rounded import choices, rounded
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.tree import Enough, Tree
from tamna.dispatch.turns import Turns
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


def the_linear(system, hours, carried=None):
    problem, _shares = build(system, hours, State())
    linear = Linear(problem.arrays(), carried or hours.steps.count)
    return linear, Turns(linear, system, State(), 1.0)


def test_a_stretch_that_carries_both_ways_is_parted_without_losing_a_schedule():
    """Four hours of need and four of surplus: whatever turn is chosen, one half or the other holds it."""
    system, hours = turning([0, 0, 0, 0, 50, 50, 50, 50], [80, 80, 80, 80, 0, 0, 0, 0])
    linear, turns = the_linear(system, hours)
    root = linear.at(linear.own)
    split = turns.split(root)
    assert {c.way for c in split.closed} == {"import", "export"}
    closed = [np.flatnonzero(part.upper < linear.own.upper) for part in split.parts]
    apart = [n.tolist() for n in ways_of_numbers(linear, closed)]
    assert apart[0] == apart[1]  # the same hours, one way in the one half and the other in the other
    assert len(apart[0]) == 3  # as long as a turn takes, and one
    best = solve(build(system, hours, State())[0], How(gap=1e-9))
    assert [bool((best.x[n] < 0.5).all()) for n in closed].count(True) >= 1
    assert max(linear.at(p).found.objective for p in split.parts) > root.found.objective


def ways_of_numbers(linear, closed):
    of = {int(n): step for row in linear.numbers([f"hvdc/{w}_{k}" for w in ("import", "export") for k in (1, 2)])
          for step, n in enumerate(row)}  # fmt: skip
    return [np.unique([of[int(n)] for n in numbers]) for numbers in closed]


def test_what_was_dear_to_close_is_parted_first_and_what_was_cheap_last():
    system, hours = turning([0, 0, 0, 0, 50, 50, 50, 50], [80, 80, 80, 80, 0, 0, 0, 0])
    linear, turns = the_linear(system, hours)
    root = linear.at(linear.own)
    first = turns.split(root)
    assert first.closed[0].begins == 5
    dear = replace(first, closed=tuple(replace(c, begins=4) for c in first.closed))
    turns.learn(dear, [900.0, 900.0])
    turns.learn(first, [0.0, 0.0])
    assert turns.split(root).closed[0].begins == 4


def test_a_tree_proves_more_the_more_it_asks():
    system, hours = turning([0, 0, 0, 0, 50, 50, 50, 50], [80, 80, 80, 80, 0, 0, 0, 0])
    proven = []
    for answers in (0, 2, 100):
        linear, turns = the_linear(system, hours)
        tree = Tree(linear, turns, Enough(0.0, answers, np.inf), Finish(linear, system, turns, QUICK))
        tree.search(linear.at(linear.own))
        assert tree.asked <= answers
        proven.append((tree.bound, tree.cost))
    relaxed, best = (
        linear.at(linear.own).found.objective,
        solve(build(system, hours, State())[0], How(gap=1e-9)).objective,
    )
    assert proven[0] == (pytest.approx(relaxed), np.inf)
    assert relaxed < proven[1][0] <= proven[2][0] <= best + 1e-6
    assert proven[2][1] == pytest.approx(best)


def test_without_units_there_is_nothing_to_round():
    system, hours = turning([0] * 4, [80] * 4)
    linear, turns = the_linear(system, hours)
    root = linear.at(linear.own)
    assert turns.rounded(root, np.inf) is root


def test_ways_that_are_settled_keep_the_other_way_closed_for_as_long_as_a_turn_takes():
    system, hours = turning([0] * 8, [80, 80, 0, 0, 0, 0, 0, 0])
    linear, turns = the_linear(system, hours)
    node = linear.at(linear.own)
    assert turns.split(node) is None
    settled = turns.settled(node)
    open_ = settled.upper[linear.numbers(["hvdc/export_1", "hvdc/export_2"])] > 0.5
    assert np.flatnonzero(open_.all(axis=0)).tolist() == [4, 5, 6, 7]


def test_units_are_parted_once_no_way_is_in_doubt():
    unit = Thermal(name="one", max_mw=100, min_mw=50, cost_per_mwh=20, min_up_h=2, min_down_h=2)
    system, hours = turning([0] * 4, [130] * 4)
    linear, turns = the_linear(replace(system, thermal=(*system.thermal, unit)), hours)
    node = linear.at(linear.own)
    split = turns.split(node)
    assert not split.closed
    number = np.flatnonzero(split.parts[0].upper != split.parts[1].upper)
    assert len(number) == 1
    assert int(number[0]) in linear.numbers(["one/on"])
    whole = turns.rounded(node, np.inf)
    assert set(whole.found["one/on"].tolist()) <= {0.0, 1.0}
    assert whole.found.objective >= node.found.objective


def test_poles_are_all_on_well_above_their_minimum_and_few_near_it():
    """Ten MW are the least of both poles: at 80 both stay on, at 6 one carries it, at 0 none."""
    system, hours = turning([0] * 3, [80, 6, 0])
    linear, _turns = the_linear(system, hours)
    whole = rounded(linear, system, linear.at(linear.own), np.inf)
    on = whole.found.x[linear.numbers(["hvdc/import_1", "hvdc/import_2"])]
    assert on.round().tolist() == [[0, 1, 0], [1, 0, 0]]
    assert linear.is_whole(whole.found)
    assert whole.found["hvdc/import"].tolist() == pytest.approx([80, 6, 0])


def test_a_pole_that_is_off_where_it_would_pay_is_found_by_its_price():
    system, hours = turning([0] * 3, [80, 6, 60])
    linear, _turns = the_linear(system, hours)
    whole = rounded(linear, system, linear.at(linear.own), np.inf)
    numbers = linear.numbers(["hvdc/import_1", "hvdc/import_2"])
    off = linear.at(whole.bounds.moved(numbers[:, [0, 2]].ravel(), np.zeros(4)))
    better = flipped(linear, choices(linear, system), linear.own, off)
    assert off.found.objective > whole.found.objective
    assert better.found.objective == pytest.approx(whole.found.objective)


def test_flips_keep_to_what_is_open():
    system, hours = turning([0] * 2, [80, 80])
    linear, _turns = the_linear(system, hours)
    numbers = linear.numbers([f"hvdc/{way}_{k}" for way in ("import", "export") for k in (1, 2)])
    shut = linear.own.held(numbers[:, 0], 0.0)
    off = linear.at(linear.own.held(numbers.ravel(), 0.0))
    better = flipped(linear, choices(linear, system), shut, off)
    assert better.found["hvdc/import"].tolist() == pytest.approx([0, 80])


@pytest.mark.parametrize("seed", range(6))
def test_a_window_carried_out_whole_is_proven_and_near_the_best(seed):
    """Prices and needs at random, all steps whole: the best lies between what is proven and what was found."""
    rng = np.random.default_rng(seed)
    unit = Thermal(name="one", max_mw=60, min_mw=30, cost_per_mwh=30, min_up_h=3, min_down_h=3)
    system, hours = turning(rng.uniform(0, 60, 16), rng.uniform(-80, 120, 16))
    system = replace(system, thermal=(*system.thermal, unit))
    problem, _shares = build(system, hours, State())
    best = solve(problem, How(gap=1e-9)).objective
    found = dived(problem.arrays(), system, State(), QUICK, (16, 1.0))
    assert found.bound <= best + 1e-6 * abs(best)
    assert best - 1e-6 * abs(best) <= found.objective <= best + 0.02 * abs(best)
    assert found.gap <= 0.05


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
