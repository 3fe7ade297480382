"""All learners hold to one promise: they find a plain truth, do not cross, and come back from JSON unchanged."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tamna.forecast.blend import KINDS, Member, fit_blend
from tamna.forecast.levels import NINE
from tamna.forecast.network import Network
from tamna.forecast.simple import Analogue, Line
from tamna.forecast.trees import Trees

LEARNERS = {
    "network": Network(width=16, epochs=80),
    "trees": Trees(rounds=120, rate=0.1),
    "line": Line(),
    "analogue": Analogue(neighbours=40),
}


def truth(rows=1500, seed=0):
    """y = 3 x + noise of spread 1, beside a feature that means nothing."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2))
    return x, 3 * x[:, 0] + rng.normal(size=rows)


@pytest.fixture(scope="module", params=LEARNERS)
def fitted(request):
    x, y = truth()
    return request.param, LEARNERS[request.param].fit(x, y, NINE, weight=np.ones(len(y)), seed=0)


def test_the_middle_follows_the_truth(fitted):
    x, _y = truth(seed=1)
    found = fitted[1].predict(x)[:, 4]
    assert np.abs(found - 3 * x[:, 0]).mean() < 0.6


def test_the_band_holds_most_and_not_all(fitted):
    x, y = truth(seed=2)
    q = fitted[1].predict(x)
    assert 0.6 < ((y > q[:, 2]) & (y < q[:, 6])).mean() < 0.95


def test_quantiles_do_not_cross(fitted):
    assert (np.diff(fitted[1].predict(truth(seed=3)[0]), axis=1) >= 0).all()


def test_it_comes_back_from_json_unchanged(fitted):
    kind, model = fitted
    again = KINDS[kind].from_dict(json.loads(json.dumps(model.as_dict())))
    x = truth(rows=50, seed=4)[0]
    np.testing.assert_allclose(again.predict(x), model.predict(x), rtol=1e-4, atol=1e-4)


def test_a_missing_feature_is_no_reason_to_fail(fitted):
    x = truth(rows=20, seed=5)[0]
    x[::2, 1] = np.nan
    assert np.isfinite(fitted[1].predict(x)).all()


@pytest.mark.parametrize("kind", ["network", "trees"])
def test_the_same_seed_gives_the_same_bytes(kind):
    x, y = truth(rows=600)
    one, two = (
        json.dumps(LEARNERS[kind].fit(x, y, NINE, weight=np.ones(600), seed=7).as_dict()) for _again in "ab"
    )
    assert one == two


def test_the_trees_say_what_each_feature_adds():
    x, y = truth()
    model = Trees(rounds=60).fit(x, y, np.array([0.5]), weight=np.ones(len(y)), seed=0)
    parts = model.contributions(x)
    np.testing.assert_allclose(parts.sum(axis=1), model.predict(x)[:, 0], atol=1e-6)
    assert np.abs(parts[:, 0]).mean() > 10 * np.abs(parts[:, 1]).mean()


def test_a_member_of_the_middle_moves_the_band_and_keeps_its_width():
    x, y = truth()
    names = ("a", "b")
    line = fit_blend((Member(learner=Line()),), names, x, y, NINE)
    both = fit_blend(
        (Member(learner=Line()), Member(learner=Trees(rounds=60), whole=False)), names, x, y, NINE
    )
    q, alone = both.predict(names, x), line.predict(names, x)
    np.testing.assert_allclose(q[:, 6] - q[:, 2], alone[:, 6] - alone[:, 2])
    assert np.abs(q[:, 4] - alone[:, 4]).max() > 0.01


ON_THREADS = """
import hashlib, json, numpy as np
from tamna.forecast.levels import NINE
from tamna.forecast.network import Network
from tamna.forecast.trees import Trees
rng = np.random.default_rng(0)
x = rng.normal(size=(3000, 76))
y = x[:, 0] + rng.normal(size=3000)
for learner in (Network(epochs=2, noise=0.4), Trees(rounds=20, own=(0.5,))):
    model = learner.fit(x, y, NINE, weight=np.ones(3000), seed=1)
    print(hashlib.sha256(json.dumps(model.as_dict()).encode() + model.predict(x).tobytes()).hexdigest())
"""


def test_one_thread_or_two_give_the_same_bytes():
    found = [
        subprocess.run(
            [sys.executable, "-c", ON_THREADS], capture_output=True, text=True, check=True,
            env={**os.environ, "OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for n in ("1", "2")
    ]  # fmt: skip
    assert found[0] == found[1]
    assert len(found[0].split()) == 2
