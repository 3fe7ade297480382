import numpy as np
import pytest

from tamna.errors import InputError, UsageError
from tamna.forecast.blend import BlendModel, Member, fit_blend
from tamna.forecast.levels import NINE
from tamna.forecast.simple import Line


def model(rows=300):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 2))
    return fit_blend((Member(learner=Line()),), ("a", "b"), x, x[:, 0], NINE)


def test_other_features_are_refused_by_name():
    with pytest.raises(UsageError, match="got c"):
        model().predict(("a", "b", "c"), np.zeros((1, 3)))


def test_too_few_hours_are_refused():
    with pytest.raises(InputError, match="too few hours"):
        model(rows=20)


def test_an_unknown_kind_of_model_is_refused():
    saved = model().as_dict()
    saved["members"][0]["kind"] = "oracle"
    with pytest.raises(InputError, match="oracle"):
        BlendModel.from_dict(saved)
