import numpy as np
import pytest

from tamna.errors import UsageError
from tamna.optimise.paths import Risk, tail_mean, together
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.solver import Model


def path(need, *, name="buy_late"):
    """Buy now at 10, or late at 30; what is too much is lost."""
    p = Problem(Steps(count=1))
    now = p.columns("buy_now", cost=10)
    late = p.columns(name, cost=30)
    p.rows("served", now + late, lower=need)
    return p.arrays()


def bought(needs, chance, risk=None):
    form = together([path(n) for n in needs], chance, lambda name: name == "buy_now", risk)
    found = Model(form.arrays).solve()
    return found["buy_now"][0], found.objective


def test_as_much_is_bought_now_as_pays_on_average():
    """The second 10 are needed with 0.5: 10 now against 0.5 * 30 later, so buy; with 0.2 they cost 6 later."""
    assert bought([10, 20], [0.5, 0.5]) == pytest.approx((20, 200))
    assert bought([10, 20], [0.8, 0.2]) == pytest.approx((10, 100 + 0.2 * 300))


def test_the_worst_path_decides_where_only_the_worst_counts():
    """Costs of 10 now: 100 and 400; of 20 now: 200 and 200. The worst is best at 20."""
    assert bought([10, 20], [0.8, 0.2], Risk(weight=1, level=0.9)) == pytest.approx((20, 200))


def test_without_a_tail_the_worst_are_all_and_the_mean_decides():
    for risk in (Risk(weight=1, level=0), Risk(weight=0, level=0.9)):
        assert bought([10, 20], [0.8, 0.2], risk) == pytest.approx((10, 160))


def test_between_the_ends_both_count():
    """At level 0 to 0.8 the tail holds the bad path and a part of the good one: w (CVaR) against (1 - w) mean, by hand.

    Level 0.6: the worst 0.4 are half bad, half good. Buying x of the second 10 now costs the mean 4 x more (10 x - 0.2 * 30 x)
    and the tail 5 x less (0.5 * 30 x - 10 x): it pays where w 5 > (1 - w) 4, from w = 4 / 9 on.
    """
    assert bought([10, 20], [0.8, 0.2], Risk(weight=0.40, level=0.6))[0] == pytest.approx(10)
    assert bought([10, 20], [0.8, 0.2], Risk(weight=0.48, level=0.6))[0] == pytest.approx(20)


def test_what_is_minimised_is_the_mean_and_the_tail_of_what_paths_cost():
    risk = Risk(weight=0.3, level=0.6)
    chance = np.array([0.8, 0.2])
    _, objective = bought([10, 20], chance.tolist(), risk)
    cost = np.array([100.0, 400.0])
    assert objective == pytest.approx(0.7 * cost @ chance + 0.3 * tail_mean(cost, chance, 0.6))


def test_the_form_shares_what_is_decided_once():
    form = together(
        [path(10), path(20)], [0.5, 0.5], lambda name: name == "buy_now", Risk(weight=0.5, level=0.5)
    )
    assert [g.name for g in form.arrays.columns] == [
        "buy_now", "path 1/buy_late", "path 2/buy_late", "risk/quantile", "risk/excess",
    ]  # fmt: skip
    assert [at.tolist() for at in form.place] == [[0, 1], [0, 2]]


def test_an_offset_of_a_path_counts_in_its_outcome():
    def shifted(by):
        p = Problem(Steps(count=1))
        p.columns("buy_now", cost=10)
        p.minimise(p.nothing() + by)
        return p.arrays()

    form = together([shifted(5.0), shifted(9.0)], [0.5, 0.5], lambda _name: True, Risk(weight=1, level=0.9))
    assert Model(form.arrays).solve().objective == pytest.approx(9)


def test_what_cannot_be_meant_is_refused_at_once():
    with pytest.raises(UsageError) as refused:
        together([path(1), path(2, name="other")], [0.5, 0.6], bool, Risk(weight=2, level=1))
    said = str(refused.value)
    assert "the probabilities are not shares of 1 (got 0.5, 0.6)" in said
    assert "path 2 has other columns or rows than the first" in said
    assert len(refused.value.mistakes) == 4
    with pytest.raises(UsageError, match="each path needs a probability"):
        together([], [], bool)
