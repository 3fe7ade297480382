import highspy
import numpy as np
import pytest

from tamna.optimise.lptext import lp_text
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.solver import solve
from tamna.optimise.terms import total


def mixed(order=1):
    p = Problem(Steps(count=3))
    x = p.columns("cc-1/power", lower=-2, upper=[3, 4, np.inf], cost=[-3, 2, 5])
    y = p.columns("e1/on", upper=1, integer=True, cost=7)
    z = p.columns("2nd/free", lower=-np.inf, cost=1)
    p.rows("both", x + z, lower=-1, upper=[5, 5, -1])
    p.rows("some", total(x * order + 4 * y), lower=4.25)
    p.minimise(x * 0 + 4)
    return p


def test_the_text_says_the_same_problem(tmp_path):
    path = tmp_path / "a.lp"
    path.write_text(lp_text(mixed()), "utf-8")
    read = highspy.Highs()
    read.silent()
    assert read.readModel(str(path)) == highspy.HighsStatus.kOk
    read.run()
    assert read.getInfo().objective_function_value == pytest.approx(solve(mixed()).objective, abs=1e-9)


def test_the_same_problem_gives_the_same_bytes_and_another_one_others():
    assert lp_text(mixed()) == lp_text(mixed())
    assert lp_text(mixed()) != lp_text(mixed(order=2))


def test_names_that_the_format_would_misread_are_changed_and_stay_apart():
    p = Problem(Steps(count=1))
    for name in ("a-b", "a_b", "e1", "2x"):
        p.columns(name)
    text = lp_text(p)
    assert all(f" {name}(0) >= 0" in text for name in ("a_b", "a_b_", "_e1", "_2x"))
