import numpy as np

from forecast.making import START, island
from tamna.forecast.backtest import day_ahead_rows
from tamna.forecast.rivals import last_week, persistence, without_bias
from tamna.grid.clock import DAY, HOUR, KOREA

FIRST = (START + 150 * DAY).astype("datetime64[D]")
ROWS = day_ahead_rows(FIRST, FIRST + 6, 11, KOREA)


def test_persistence_takes_yesterday_only_where_it_was_known():
    history = island()
    found = persistence(ROWS, history, "demand")
    one, two = (history.actual("demand", ROWS.valid_at - k * DAY) for k in (1, 2))
    known = ROWS.valid_at - DAY + 2 * HOUR <= ROWS.issued_at
    np.testing.assert_array_equal(found, np.where(known, one, two))
    assert 0 < known.mean() < 0.5


def test_last_week_is_the_same_hour_seven_days_before():
    history = island()
    np.testing.assert_array_equal(
        last_week(ROWS, history, "demand"), history.actual("demand", ROWS.valid_at - 7 * DAY)
    )


def test_a_constant_offset_is_taken_off_whole():
    history = island()
    demand = history.tracks["demand"]
    offset = type(demand)(demand.start, demand.value + 33.0, history.tracks["operator"].known_at)
    shifted = type(history)(history.tracks | {"operator": offset}, {})
    found = without_bias(ROWS, shifted, "demand")
    np.testing.assert_allclose(found, history.actual("demand", ROWS.valid_at), atol=1e-6)
