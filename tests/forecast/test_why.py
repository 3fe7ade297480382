from dataclasses import replace

import numpy as np
import pytest

from tamna.forecast.blend import Member, fit_blend
from tamna.forecast.jeju import demand_target
from tamna.forecast.levels import NINE
from tamna.forecast.simple import Line
from tamna.forecast.table import Table
from tamna.forecast.trees import Trees
from tamna.forecast.why import LEVEL, OTHERS, explained, group_of, largest

TARGET = demand_target()
NAMES = ("hour", "days_ago_2", "temperature")


def made(members, relative):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(600, 3))
    base = np.full(600, 700.0)
    learned = 0.1 * values[:, 2] + 0.02 * values[:, 0]
    model = fit_blend(members, NAMES, values, learned if relative else 700 * learned, NINE)
    return model, Table(NAMES, values[:40], base[:40])


@pytest.mark.parametrize("kind", ["relative", "share", "added", "plain"])
def test_all_groups_together_are_the_middle(kind):
    model, table = made((Member(learner=Trees(rounds=40)), Member(learner=Line())), relative=kind != "plain")
    target = replace(TARGET, **({"relative": False} | ({kind: True} if kind != "plain" else {})))
    middle = np.linspace(600, 800, 40)
    why = explained(model, table, 2, middle, target)
    np.testing.assert_allclose(np.sum(list(why.values()), axis=0), middle, rtol=1e-9)


def test_trees_alone_leave_nothing_to_other_members():
    model, table = made((Member(learner=Trees(rounds=40, own=(0.5,))),), relative=True)
    middle = table.base * np.exp(model.predict(NAMES, table.values)[:, 4])
    why = explained(model, table, 2, middle, TARGET)
    np.testing.assert_allclose(why[OTHERS], 0.0, atol=1e-6)
    assert why[LEVEL] == pytest.approx(np.full(40, why[LEVEL][0]))


def test_what_moves_the_target_is_what_is_named_first():
    model, table = made((Member(learner=Trees(rounds=80, own=(0.5,))),), relative=True)
    middle = table.base * np.exp(model.predict(NAMES, table.values)[:, 4])
    why = explained(model, table, 2, middle, TARGET)
    hottest = int(np.argmax(table.values[:, 2]))
    name, value = largest(why, hottest)[0]
    assert (name, value > 0) == ("temperature", True)


def test_a_blend_without_trees_cannot_say():
    model, table = made((Member(learner=Line()),), relative=False)
    assert explained(model, table, 2, np.zeros(40), TARGET) is None


@pytest.mark.parametrize(
    ("name", "sky", "group"),
    [
        ("weekday", False, "calendar"),
        ("hour_sin_1", False, "time_of_day"),
        ("season_cos", False, "season"),
        ("morning_last", False, "this_morning"),
        ("operator_missed", False, "operator"),
        ("brighter_than_week", True, "sun"),
        ("unheard_of", True, "weather"),
        ("unheard_of", False, "recent_days"),
    ],
)
def test_features_are_grouped_into_words(name, sky, group):
    assert group_of(name, sky=sky) == group
