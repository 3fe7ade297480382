import numpy as np

from tamna.forecast.history import Rows
from tamna.forecast.table import Once, issue_hours, mean_known, stacked, table_of
from tamna.grid.clock import HOUR

ISSUE = np.datetime64("2024-03-01T02:00:00", "s")


def test_what_is_known_is_averaged_and_nothing_stays_nothing():
    found = mean_known([np.array([1.0, np.nan, np.nan]), np.array([3.0, 5.0, np.nan])])
    np.testing.assert_array_equal(found, [2.0, 5.0, np.nan])


def test_a_table_gives_its_columns_back():
    table = table_of({"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}, np.ones(2))
    assert table.column("b").tolist() == [3.0, 4.0]
    assert table.pick(np.array([False, True])).column("a").tolist() == [2.0]
    assert len(stacked([table, table])) == 4


def test_rows_of_one_day_and_issue_are_asked_once():
    day = np.repeat(np.datetime64("2024-03-02", "s"), 5)
    once = Once.of(day, np.repeat(ISSUE, 5))
    assert len(once) == 1
    assert once.back.tolist() == [0] * 5


def test_the_last_hours_end_as_long_before_the_issue_as_the_source_is_late():
    rows = Rows(np.array([ISSUE + 13 * HOUR]), np.array([ISSUE]))
    newest, older = issue_hours(rows, 2, 1)
    assert newest[0] == ISSUE - 2 * HOUR  # 00:00-01:00 UTC, known at 02:00
    assert older[0] == ISSUE - 3 * HOUR
