import time
from dataclasses import replace

import numpy as np
import pytest

from dispatch.instances import random_instance
from tamna.dispatch.build import build
from tamna.dispatch.commit import _Search, commit, reduced_costs
from tamna.dispatch.pglib import read_instance
from tamna.errors import Infeasible
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.solver import How, Model


@pytest.fixture(params=range(4))
def arrays(request, tmp_path):
    system, hours, state = read_instance(random_instance(tmp_path, seed=request.param))
    return build(system, hours, state)[0].arrays()


def test_what_is_proven_encloses_the_best_answer(arrays):
    best = Model(arrays, How(gap=0)).solve()
    found = commit(arrays, gap=1e-3, time_limit_s=60)
    assert found.bound <= best.objective * (1 + 1e-6)
    assert best.objective * (1 - 1e-6) <= found.objective <= best.objective * (1 + 1.001e-3)
    assert found.gap <= 1e-3
    assert found.objective == pytest.approx(arrays.cost @ found.x + arrays.offset, rel=1e-6)


def test_the_tree_below_what_is_wanted_finds_the_best_answer_or_proves_its_bound(arrays):
    """The long way round, whatever the first schedule was worth: cuts, settled decisions, search."""
    best = Model(arrays, How(gap=0)).solve()
    search = _Search(arrays, 1e-5, time.monotonic() + 60)
    relaxed = Model(replace(arrays, integer=np.zeros_like(arrays.integer))).solve()
    tight, relaxed = search.tightened(relaxed)
    assert relaxed.objective <= best.objective * (1 + 1e-6)
    for _round in range(50):
        if search.done or not search.below(tight, relaxed):
            break
        assert search.bound <= best.objective * (1 + 1e-6)
    assert search.bound <= best.objective * (1 + 1e-6) <= search.objective * (1 + 2e-6)


def test_a_reduced_cost_is_what_one_more_would_add():
    """Least x + 3 y with x + y >= 2, x <= 1: y is 1, another x saves 2, another y neither."""
    p = Problem(Steps(count=1))
    x, y = p.columns("x", upper=1, cost=1.0), p.columns("y", cost=3.0)
    p.rows("need", x + y, lower=2)
    arrays = p.arrays()
    assert reduced_costs(arrays, Model(arrays).solve()).tolist() == pytest.approx([-2, 0])


def test_what_cannot_be_is_refused():
    p = Problem(Steps(count=2))
    on = p.columns("a/on", upper=1, integer=True, cost=1.0)
    p.rows("more", on * 1.0, lower=2.0)
    with pytest.raises(Infeasible):
        commit(p.arrays(), gap=1e-3, time_limit_s=5)
