import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from tamna.errors import Infeasible, TamnaError, UsageError
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.solver import How, Model, priced, solve
from tamna.optimise.terms import total


def cheapest(cost, need, *, integer=False):
    p = Problem(Steps(count=3))
    x = p.columns("x", upper=5, cost=cost, integer=integer)
    p.rows("need", total(x), lower=need)
    return p


def test_values_and_prices_come_by_name():
    found = solve(cheapest([1, 2, 3], 9))
    assert found["x"].tolist() == [5, 4, 0]
    assert found.dual("need").tolist() == [2]
    assert (found.objective, found.bound, found.gap, found.status) == (13, 13, 0, "optimal")
    assert "x" in found
    assert "y" not in found


def test_unknown_names_and_duals_of_whole_numbers_are_refused():
    found = solve(cheapest([1, 2, 3], 8.5, integer=True))
    assert found["x"].tolist() == [5, 4, 0]
    assert found.nodes >= 0
    with pytest.raises(UsageError, match="no such column"):
        found["z"]
    with pytest.raises(UsageError, match="no duals"):
        found.dual("need")


def test_whole_numbers_held_give_the_duals_of_that_schedule():
    p = Problem(Steps(count=1))
    on, power = p.columns("on", upper=1, integer=True, cost=50), p.columns("power", upper=100, cost=7)
    p.rows("while_on", power - 100 * on, upper=0)
    p.rows("need", power, lower=30)
    found = priced(p, solve(p))
    assert found.dual("need").tolist() == [7]
    assert found.objective == pytest.approx(50 + 210)


def test_a_model_changed_in_place_answers_as_a_new_one():
    model = Model(cheapest([1, 2, 3], 9))
    model.solve()
    model.change_to(cheapest([3, 2, 1], 7))
    assert model.solve()["x"].tolist() == solve(cheapest([3, 2, 1], 7))["x"].tolist() == [0, 2, 5]


def test_another_matrix_is_not_sent_in_place():
    model = Model(cheapest([1, 2, 3], 9))
    other = Problem(Steps(count=3))
    other.rows("need", total(other.columns("x", upper=5) * 2), lower=9)
    with pytest.raises(UsageError, match="other rows or factors"):
        model.change_to(other)


def test_columns_can_be_held_and_released():
    model = Model(cheapest([1, 2, 3], 9))
    model.fix(np.array([0]), np.array([0.0]))
    assert model.solve()["x"].tolist() == [0, 5, 4]
    model.release(np.array([0]))
    assert model.solve()["x"].tolist() == [5, 4, 0]


@pytest.mark.parametrize("offset", [0.0, 1e6, -1e6])
def test_an_answer_is_asked_for_only_below_a_cost(offset):
    model = Model(replace(cheapest([1, 2, 3], 9).arrays(), offset=offset), How(presolve=False))
    model.hold(np.array([0]), np.array([0.0]), np.array([2.0]))
    found = model.below(offset + 22)
    assert found["x"].tolist() == [2, 5, 2]
    assert found.objective == offset + 18
    model.hold(np.array([0]), np.array([0.0]), np.array([1.0]))
    assert model.below(offset + 18) is None  # it costs 20
    model.hold(np.array([0, 1]), np.zeros(2), np.zeros(2))
    assert model.below(np.inf) is None  # there is none
    model.hold(np.array([0, 1]), np.zeros(2), np.full(2, 5.0))
    assert model.below(np.inf).objective == offset + 13


def test_a_basis_starts_the_next_solve_where_it_ended():
    model, again = Model(cheapest([1, 2, 3], 9)), Model(cheapest([1, 2, 3], 9), How(presolve=False))
    model.solve()
    again.start_from(model.basis())
    assert again.solve()["x"].tolist() == [5, 4, 0]
    assert again._highs.getInfo().simplex_iteration_count == 0


def test_a_guess_is_completed_by_the_solver():
    p = cheapest([1, 2, 3], 9, integer=True)
    model = Model(p, How(presolve=False, heuristics=()))
    model.guess(np.array([0, 1]), np.array([5.0, 4.0]))
    assert model.solve().objective == 13


def test_no_answer_and_no_end_are_told_apart():
    with pytest.raises(Infeasible):
        solve(cheapest([1, 2, 3], 16))
    endless = Problem(Steps(count=1))
    endless.columns("x", cost=-1)
    with pytest.raises(TamnaError, match="no answer"):
        solve(endless)


def test_the_best_answer_in_time_comes_with_its_gap():
    """A knapsack that needs a search: with no time to search, what is offered is given back with the bound."""
    rng = np.random.default_rng(5)
    n = 60
    p = Problem(Steps(count=n))
    weight = rng.uniform(1, 2, (6, n))
    x = p.columns("x", upper=1, integer=True, cost=-rng.uniform(1, 2, n))
    for k in range(6):
        p.rows(f"weight_{k}", total(weight[k] * x), upper=weight[k].sum() / 2)
    model = Model(p, How(time_limit_s=0.05, gap=0.0, heuristics=()))
    model.guess(np.arange(n), np.zeros(n))
    found = model.solve()
    assert found.status == "time_limit"
    assert found.bound < found.objective
    assert found.gap > 0


def test_the_solver_does_not_write_where_our_data_go():
    code = (
        "from tamna.optimise.problem import Problem, Steps; from tamna.optimise.solver import solve;"
        "p = Problem(Steps(count=1)); p.columns('x', cost=1); solve(p); print('{}')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "{}\n"
