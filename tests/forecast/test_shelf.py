import json

import numpy as np
import pytest

from tamna.errors import InputError
from tamna.forecast.blend import Member, fit_blend
from tamna.forecast.levels import NINE
from tamna.forecast.shelf import MANIFEST, MODEL, keep, take
from tamna.forecast.simple import Line


@pytest.fixture
def kept(tmp_path):
    x = np.random.default_rng(0).normal(size=(300, 1))
    model = fit_blend((Member(learner=Line()),), ("a",), x, x[:, 0], NINE)
    keep(model, tmp_path / "demand", about={"target": "demand", "seed": 0})
    return tmp_path / "demand", model


def test_what_is_kept_comes_back_the_same(kept):
    folder, model = kept
    found = take(folder)
    x = np.array([[0.5]])
    np.testing.assert_allclose(found.model.predict(("a",), x), model.predict(("a",), x))
    assert found.about["target"] == "demand"


def test_the_same_model_gives_the_same_bytes(kept, tmp_path):
    folder, model = kept
    keep(model, tmp_path / "again", about={"target": "demand", "seed": 0})
    for name in (MODEL, MANIFEST):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_a_changed_model_is_refused(kept):
    folder, _model = kept
    text = (folder / MODEL).read_text("utf-8")
    (folder / MODEL).write_text(text.replace("0.5", "0.6"), "utf-8")
    with pytest.raises(InputError, match="vouches"):
        take(folder)


@pytest.mark.parametrize("damage", ["missing", "no json", "other format"])
def test_a_damaged_shelf_is_refused_with_what_to_do(kept, damage):
    folder, _model = kept
    if damage == "missing":
        (folder / MODEL).unlink()
    elif damage == "no json":
        (folder / MANIFEST).write_text("{", "utf-8")
    else:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        (folder / MANIFEST).write_text(json.dumps(manifest | {"format": "pickle"}), "utf-8")
    with pytest.raises(InputError, match="Fit the model again"):
        take(folder)
