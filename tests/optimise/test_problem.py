import numpy as np
import pytest

from tamna.errors import InputError
from tamna.lang import _
from tamna.optimise.problem import Problem, Steps


def test_all_mistakes_come_at_once_each_with_its_place():
    p = Problem(Steps(count=3, labels=("01:00", "02:00", "03:00")))
    x = p.columns("x", lower=[0, 2, 0], upper=1)
    p.columns("x")
    p.columns("y", upper=[1, 2])
    p.rows("r", x * np.array([1.0, np.nan, 1.0]), equal=[0, np.nan, 0])
    with pytest.raises(InputError) as refused:
        p.arrays()
    said = str(refused.value)
    assert "x, 02:00: the lower bound lies above the upper one (got 2 > 1)" in said
    assert "x: this name is taken" in said
    assert "an upper bound has 2 values where there are 3 steps" in said
    assert "r, 02:00: a factor is not a number" in said
    assert "r, 02:00: a right-hand side is not a number" in said
    assert len(refused.value.mistakes) == 5


def test_what_was_not_a_number_is_reported_once_and_not_by_those_who_use_it():
    p = Problem(Steps(count=2))
    demand = p.profile("demand", _("the demand"), [1.0, np.nan])
    p.rows("r", p.columns("x") - demand, equal=0)
    assert len(p.mistakes) == 1


def test_many_hours_of_one_mistake_are_counted_not_listed():
    p = Problem(Steps(count=9))
    p.columns("x", upper=[np.nan] * 9)
    assert "step 0, step 1, step 2 and 6 more" in str(p.mistakes[0])


def test_constants_move_to_the_right_hand_side_and_costs_add_up():
    p = Problem(Steps(count=2))
    x = p.columns("x", cost=3)
    p.rows("r", x + 1, lower=5)
    p.minimise(x * 2 + 10)
    a = p.arrays()
    assert a.row_lower.tolist() == [4, 4]
    assert a.cost.tolist() == [5, 5]
    assert a.offset == 20


def test_hours_become_the_least_number_of_steps_that_lasts_them():
    assert [Steps(count=1, hours=5 / 60).whole(h) for h in (0, 1 / 60, 5 / 60, 1)] == [0, 1, 1, 12]


def test_a_matrix_is_the_same_where_only_bounds_sides_and_costs_differ():
    def made(factor, upper):
        p = Problem(Steps(count=2))
        x = p.columns("x", upper=upper, cost=upper)
        p.rows("r", factor * x, lower=upper)
        return p.arrays()

    assert made(1, 5).same_matrix(made(1, 9))
    assert not made(1, 5).same_matrix(made(2, 5))
