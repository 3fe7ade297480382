import itertools
from dataclasses import replace

import numpy as np
import pytest

from dispatch.instances import random_instance
from tamna.dispatch.build import build
from tamna.dispatch.commit import Search, commit, reduced_costs
from tamna.dispatch.pglib import read_instance
from tamna.dispatch.pglib_prices import bound_and_dearer
from tamna.dispatch.pglib_relaxed import relaxed, reserve_mw, spare_mw, tightened
from tamna.dispatch.pglib_rows import pairs_of, with_pairs
from tamna.dispatch.pglib_solve import _as_one_fleet
from tamna.dispatch.system import Hours, State, System
from tamna.errors import Infeasible, TamnaError
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.solver import How, Model


@pytest.fixture(params=range(4))
def instance(request, tmp_path):
    system, hours, state = read_instance(random_instance(tmp_path, seed=request.param))
    system, hours = _as_one_fleet(system, hours)
    return build(system, hours, state)[0].arrays(), system, hours, state


def test_what_is_proven_encloses_the_best_answer(instance):
    arrays = instance[0]
    best = Model(arrays, How(gap=0)).solve()
    found = commit(*instance, gap=1e-3, time_limit_s=60)
    assert found.bound <= best.objective * (1 + 1e-6)
    assert best.objective * (1 - 1e-6) <= found.objective <= best.objective * (1 + 1.001e-3)
    assert found.gap <= 1e-3
    assert found.objective == pytest.approx(arrays.cost @ found.x + arrays.offset, rel=1e-6)


def test_tight_rows_change_no_answer_and_raise_the_bound(instance):
    arrays, system, hours, state = instance
    tight, paired = tightened(arrays, system, hours, state)
    assert Model(tight, How(gap=0)).solve().objective == pytest.approx(
        Model(arrays, How(gap=0)).solve().objective
    )
    loose = Model(replace(arrays, integer=np.zeros_like(arrays.integer))).solve().objective
    assert relaxed(tight, paired, system, hours, state).bound >= loose - 1e-6 * abs(loose)


def test_nothing_cheaper_than_the_room_is_settled_away(instance):
    """The best schedule stands in every part with room for it, with cuts and without."""
    arrays, system, hours, state = instance
    best = Model(arrays, How(gap=0)).solve().objective
    first = relaxed(*tightened(arrays, system, hours, state), system, hours, state)
    assert first.bound <= best * (1 + 1e-6)
    for given in (first, first.cut(1.05 * (best - first.bound) + 1.0, 30)):
        room = best - given.bound + 1e-4 * best
        assert Model(given.part(room).arrays, How(gap=0)).solve().objective <= best * (1 + 1e-6)
        assert given.bound <= best * (1 + 1e-6)
        assert given.below >= best


def test_any_prices_give_a_bound(instance):
    arrays, system, hours, state = instance
    best = Model(arrays, How(gap=0)).solve().objective
    tight, paired = tightened(arrays, system, hours, state)
    rng = np.random.default_rng(7)
    for _try in range(5):
        bound, _dearer = bound_and_dearer(
            tight, rng.normal(0, 30, len(tight.row_lower)), system, state, paired
        )
        assert bound <= best


def test_path_prices_are_what_going_through_every_way_finds():
    """Four hours, least times 2 and 1, a hot start after at most 2 h off: all ways by hand against the paths."""
    unit = Thermal(
        name="u",
        max_mw=2,
        min_mw=1,
        min_up_h=2,
        min_down_h=1,
        starts=(Start(off_h=1, cost=5), Start(off_h=3, cost=9)),
    )
    state = ThermalState(on=True, hours=1, mw=1)
    pairs = pairs_of(unit, state, 4)
    assert list(zip(pairs.stop.tolist(), pairs.start.tolist(), strict=True)) == [
        (0, 1),
        (0, 2),
        (1, 2),
        (1, 3),
        (2, 3),
    ]
    assert pairs.saves.tolist() == [4.0] * 5
    cost = [3.0, -4.0, 6.0, -7.0]
    ways = {on: _cost(on, cost) for on in itertools.product((0, 1), repeat=4) if on[0] and _keeps(on)}
    system, whole = System(thermal=(unit,)), State(thermal={"u": state})
    hours = Hours(steps=Steps(count=4), demand_mw=np.zeros(4))
    arrays, paired = with_pairs(build(system, hours, whole)[0].arrays(), system, whole, 4)
    on = next(g for g in arrays.columns if g.name == "u/on")
    arrays.cost[on.place] = cost
    bound, dearer = bound_and_dearer(arrays, np.zeros(len(arrays.row_lower)), system, whole, paired)
    assert bound == pytest.approx(min(ways.values()))
    for hour in range(4):
        for here, value in ((dearer["u"].on[hour], 1), (dearer["u"].off[hour], 0)):
            best = min((c for way, c in ways.items() if way[hour] == value), default=1e18)
            assert here == pytest.approx(best - bound)


def _keeps(on):
    runs = [len(list(run)) for value, run in itertools.groupby((1, *on)) if value]
    return all(run >= 2 for run in runs[:-1]) and (runs[-1] >= 2 or on[-1])


def _cost(on, cost):
    starts = [t for t in range(1, 4) if on[t] and not on[t - 1]]
    off = [t - max([s for s in range(t) if on[s]], default=-1) - 1 for t in starts]
    return float(np.dot(on, cost)) + sum(5 if 1 <= o < 3 else 9 for o in off)


def test_reserve_that_is_short_in_a_relaxation_is_seen(instance):
    _arrays, system, hours, state = instance
    found = relaxed(*tightened(*instance), system, hours, state)
    spare = spare_mw(found, reserve_mw(system, hours))
    assert (spare[~found.busy] >= 0.0).all()
    assert (spare_mw(found, reserve_mw(system, hours) + 1e5) < 0.0).all()


def test_what_cannot_be_is_refused(instance):
    _arrays, system, hours, state = instance
    much = replace(hours, demand_mw=hours.demand_mw + 1e6)
    arrays = build(system, much, state)[0].arrays()
    with pytest.raises(Infeasible):
        commit(arrays, system, much, state, gap=1e-3, time_limit_s=5)


def test_no_schedule_within_the_time_is_told():
    with pytest.raises(TamnaError, match="no schedule was found within the time"):
        Search(None, np.zeros(1), 1e-3, 0.0).answer()


def test_a_reduced_cost_is_what_one_more_would_add():
    """Least x + 3 y with x + y >= 2, x <= 1: y is 1, another x saves 2, another y neither."""
    p = Problem(Steps(count=1))
    x, y = p.columns("x", upper=1, cost=1.0), p.columns("y", cost=3.0)
    p.rows("need", x + y, lower=2)
    arrays = p.arrays()
    assert reduced_costs(arrays, Model(arrays).solve()).tolist() == pytest.approx([-2, 0])
