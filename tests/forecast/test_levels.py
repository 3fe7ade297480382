import numpy as np

from tamna.forecast.levels import between


def test_levels_between_lie_on_straight_lines_and_none_lies_beyond():
    found = between(np.array([[0.0, 4.0]]), np.array([0.25, 0.75]), np.array([0.01, 0.5, 0.99]))
    np.testing.assert_allclose(found, [[0.0, 2.0, 4.0]])


def test_one_level_answers_for_all():
    assert between(np.array([[3.0]]), np.array([0.5]), np.array([0.1, 0.9])).tolist() == [[3.0, 3.0]]
