from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from tamna.physics.states import chain, log_free, log_held


def as_one(x):
    return np.array([x])


def test_both_densities_add_up_to_one():
    for log in (
        lambda x: log_free(as_one(x), as_one(12.0), 5.0),
        lambda x: log_held(as_one(x), as_one(12.0), as_one(30.0)),
    ):
        whole, _error = quad(lambda x, log=log: float(np.exp(log(x))[0]), -400, 900, limit=200)
        assert whole == pytest.approx(1.0, abs=1e-4)


def test_a_chain_of_two_hours_on_paper():
    # P(s) ~ product of evidence times exp(-stay) for a change: sum the four cases
    a, b, stay = 0.7, -0.4, 1.0
    k = np.exp(-stay)
    both, first, second, none = np.exp(a + b), k * np.exp(a), k * np.exp(b), 1.0
    odds = chain(np.array([a, b]), stay)
    assert odds[0] == pytest.approx(np.log((both + first) / (second + none)))
    assert odds[1] == pytest.approx(np.log((both + second) / (first + none)))


def test_without_persistence_each_hour_stands_alone():
    own = np.array([-3.0, 0.0, 5.0])
    assert chain(own, 0.0) is own


def test_neighbours_that_are_sure_lift_a_doubtful_hour_between_them():
    odds = chain(np.array([5.0, 0.0, 5.0, -5.0]), 1.0)
    assert odds[1] > 1.0
    assert odds[3] < 0
