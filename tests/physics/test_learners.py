from __future__ import annotations

import json

import numpy as np
import pytest

from tamna.physics.learners import Network, Trees, blend, fit_network, fit_trees

RNG = np.random.default_rng(5)
X = RNG.normal(size=(3000, 4))
Y = 40 * np.sin(X[:, 0]) + 20 * X[:, 1] ** 2


def test_both_learn_a_bent_surface():
    network, trees = fit_network(X, Y, epochs=100), fit_trees(X, Y)
    usual = np.abs(Y - np.median(Y)).mean()
    assert np.abs(network.predict(X) - Y).mean() < 0.15 * usual
    assert np.abs(trees.predict(X) - Y).mean() < 0.25 * usual


def test_the_same_seed_gives_the_same_bytes():
    one, two = (
        json.dumps([fit_network(X, Y, epochs=2).as_dict(), fit_trees(X, Y).as_dict()]) for _ in range(2)
    )
    assert one == two


def test_both_survive_being_saved():
    network, trees = fit_network(X, Y, epochs=2), fit_trees(X, Y)
    again = Network.from_dict(json.loads(json.dumps(network.as_dict())))
    assert again.predict(X) == pytest.approx(network.predict(X), abs=1e-4)
    assert (Trees.from_dict(trees.as_dict()).predict(X) == trees.predict(X)).all()


def test_a_tenth_of_outages_moves_the_smooth_one_little():
    broken = np.where(RNG.random(len(Y)) < 0.1, -100.0, Y)
    assert np.median(fit_network(X, broken, epochs=60).predict(X) - Y) > -8


def test_the_trees_answer_where_a_feature_is_missing_and_nobody_where_all_are():
    network, trees = fit_network(X, Y, epochs=2), fit_trees(X, Y)
    rows = X[:3].copy()
    rows[1, 0] = np.nan
    rows[2] = np.nan
    out = blend([network], trees, rows)
    assert out[1] == trees.predict(rows)[1]
    assert np.isnan(out[2])
    assert not np.isnan(out[:2]).any()
