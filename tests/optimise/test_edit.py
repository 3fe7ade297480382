import numpy as np
import pytest

from tamna.errors import TamnaError
from tamna.optimise.edit import Entries, with_columns, with_rows, without
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.solver import How, Model, Watch
from tamna.optimise.terms import total


@pytest.fixture
def arrays():
    """Least x + 2 y over two steps with x + y >= 3, x <= 2: 2 + 2 each."""
    p = Problem(Steps(count=2))
    x, y = p.columns("x", upper=2, cost=1.0), p.columns("y", cost=2.0)
    p.rows("need", x + y, lower=3)
    return p.arrays()


def test_what_is_left_out_is_gone_with_its_groups(arrays):
    rows, columns = np.array([True, False]), np.array([True, False, False, False])
    left, kept = without(arrays, rows, columns)
    assert kept.tolist() == [1, 2, 3]
    assert [(g.name, g.first, g.size) for g in left.columns] == [("x", 0, 1), ("y", 1, 2)]
    assert Model(left).solve().objective == pytest.approx(4)
    assert [g.name for g in without(arrays, rows, np.array([True, True, False, False]))[0].columns] == ["y"]


def test_rows_and_columns_that_are_added_count(arrays):
    more = with_columns(arrays, "z", np.array([0.5]), "help")
    new = Entries()
    row = new.open(lower=4.0)
    for column, factor in ((0, 1.0), (2, 1.0), (4, 3.0)):
        new.put(row, column, factor)
    found = Model(with_rows(more, "more", new, "more of the first step")).solve()
    assert found["z"][0] == pytest.approx(1 / 3)  # three for half a unit's price each
    assert found.objective == pytest.approx(8 + 0.5 / 3)


def test_who_watches_sees_better_answers_and_can_stop():
    rng = np.random.default_rng(3)
    p = Problem(Steps(count=40))
    x = p.columns("x", upper=1, integer=True, cost=-rng.integers(20, 60, 40).astype(float))
    for k in range(5):
        p.rows(f"bag_{k}", total(x * rng.integers(20, 60, 40).astype(float)), upper=301.0)
    seen, bounds = [], []
    watch = Watch(
        stop=lambda bound: bounds.append(bound) or False, better=lambda x, cost: seen.append((x.sum(), cost))
    )
    found = Model(p, How(gap=0, presolve=False)).solve(watch)
    assert found.status == "optimal"
    assert min(cost for _ones, cost in seen) == pytest.approx(found.objective)
    assert max(bounds) <= found.objective + 1e-6
    with pytest.raises(TamnaError):
        Model(p, How(gap=0, presolve=False, heuristics=())).solve(Watch(stop=lambda _bound: True))
