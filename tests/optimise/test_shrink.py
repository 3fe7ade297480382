import numpy as np
import pytest

from tamna.errors import Infeasible
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.shrink import shrunk
from tamna.optimise.solver import How, Model
from tamna.optimise.terms import total


def knapsack(*, least=7.0):
    """Five things of weight 1 to 5 and cost 1, 3, 4, 8, 9; each step needs 7, the pairs 1 and 2 at most one."""
    p = Problem(Steps(count=5))
    x = p.columns("take/on", upper=1, integer=True, cost=[1.0, 3.0, 4.0, 8.0, 9.0])
    p.rows("weight", total(x * np.arange(1.0, 6.0)), lower=least)
    p.rows("pair", total(x * np.array([1.0, 1.0, 0.0, 0.0, 0.0])), upper=1)
    return p.arrays()


def test_what_is_held_is_put_in_and_what_is_left_has_the_same_answer():
    arrays = knapsack()
    lower, upper = arrays.column_lower.copy(), arrays.column_upper.copy()
    lower[0] = upper[0] = 1.0
    part = shrunk(arrays, lower, upper)
    assert part.free.tolist() == [1, 2, 3, 4]
    found = Model(part.arrays, How(gap=0)).solve()
    assert found.objective == pytest.approx(1 + 4 + 8)  # 1 + 3 + 4 is 8 at least 7; 1 + 3 + 5 costs one more
    assert part.whole(found.x).round().tolist() == [1, 0, 1, 1, 0]


def test_rows_that_can_no_longer_bind_are_left_out():
    arrays = knapsack()
    lower, upper = arrays.column_lower.copy(), arrays.column_upper.copy()
    upper[0] = 0.0
    assert len(shrunk(arrays, lower, upper).arrays.row_lower) == 1  # the pair has one left
    lower[3:] = 1.0
    assert len(shrunk(arrays, lower, upper).arrays.row_lower) == 0


def test_a_row_that_what_is_held_breaks_stays_and_clashes():
    arrays = knapsack()
    lower, upper = arrays.column_lower.copy(), arrays.column_upper.copy()
    lower[:2] = upper[:2] = 1.0
    with pytest.raises(Infeasible):
        Model(shrunk(arrays, lower, upper).arrays).solve()


@pytest.mark.parametrize("seed", range(8))
def test_any_part_held_at_the_answer_leads_back_to_it(seed):
    rng = np.random.default_rng(seed)
    p = Problem(Steps(count=8))
    x = p.columns("take/on", upper=1, integer=True, cost=rng.uniform(1, 9, 8))
    y = p.columns("flow/power", upper=5, cost=2.5)
    for k in range(4):
        p.rows(f"need{k}", total(x * rng.integers(0, 6, 8)) + total(y), lower=float(rng.integers(3, 9)))
    arrays = p.arrays()
    best = Model(arrays, How(gap=0)).solve()
    held = rng.random(len(best.x)) < 0.5
    lower = np.where(held, best.x, arrays.column_lower)
    upper = np.where(held, best.x, arrays.column_upper)
    part = shrunk(arrays, lower, upper)
    if len(part.free):
        again = Model(part.arrays, How(gap=0)).solve()
        assert again.objective == pytest.approx(best.objective)
