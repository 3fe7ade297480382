import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import UsageError
from tamna.optimise.terms import Columns, constant, first, lag, rows_of, total, total_of, window

X, Y = Columns("x", first=0, size=4), Columns("y", first=4, size=4)
VALUES = np.array([1.0, 2.0, 4.0, 8.0, 10.0, 20.0, 40.0, 80.0])


def test_expressions_are_what_they_say_in_every_row():
    got = (3 * X - Y / 2 + np.array([1, 0, 0, 5])).value(VALUES)
    assert got.tolist() == [3 - 5 + 1, 6 - 10, 12 - 20, 24 - 40 + 5]


def test_a_number_or_an_array_may_stand_on_either_side():
    a = np.array([1.0, 2.0, 3.0, 4.0])
    assert (a * X).value(VALUES).tolist() == (X * a).value(VALUES).tolist() == [1, 4, 12, 32]
    assert (a - X).value(VALUES).tolist() == [0, 0, -1, -4]


def test_lag_looks_back_and_finds_nothing_before_the_start():
    assert lag(X).value(VALUES).tolist() == [0, 1, 2, 4]
    assert lag(X, -1).value(VALUES).tolist() == [2, 4, 8, 0]
    assert lag(X, cyclic=True).value(VALUES).tolist() == [8, 1, 2, 4]
    assert lag(X, 9).value(VALUES).tolist() == [0, 0, 0, 0]


def test_lag_moves_constants_along():
    assert lag(X + np.array([1, 2, 3, 4])).value(np.zeros(8)).tolist() == [0, 1, 2, 3]
    assert lag(X + np.array([1, 2, 3, 4]), -2).value(np.zeros(8)).tolist() == [3, 4, 0, 0]


@given(st.integers(0, 5), st.integers(0, 6))
def test_a_window_is_the_sum_of_its_lags(begin, more):
    summed = sum(lag(X, k).value(VALUES) for k in range(begin, begin + more + 1))
    assert window(X, begin, begin + more).value(VALUES).tolist() == summed.tolist()


def test_rows_can_be_chosen_and_added_up():
    assert rows_of(2 * X + 1, [False, True, False, True]).value(VALUES).tolist() == [5, 17]
    assert total(X + 1).value(VALUES).tolist() == [19]
    assert total_of([X, Y, constant(1, 4)], 4).value(VALUES).tolist() == [12, 23, 45, 89]


def test_the_state_before_the_start_stands_in_the_first_row_alone():
    assert first(7, 3).tolist() == [7, 0, 0]


def test_expressions_over_other_steps_are_refused_with_both_sizes():
    with pytest.raises(UsageError, match="4 and 1 rows"):
        X + total(Y)
