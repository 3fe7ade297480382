import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import UsageError
from tamna.forecast.settling import hour_errors, incentive, penalty, two_settlements
from tamna.grid.settlement import Settlement

SCHEME = {
    "name": "scheme",
    "kind": "forecast_incentive",
    "start": "2021-10-01",
    "source": "a",
    "bands": [{"error": 0.06, "krw_per_kwh": 4}, {"error": 0.08, "krw_per_kwh": 3}],
    "error_of": "capacity",
    "least_output": 0.1,
}
PILOT = {
    "name": "pilot",
    "kind": "two_settlement",
    "start": "2024-06-01",
    "source": "a",
    "day_ahead": "isle/price_da",
    "real_time": "isle/price_rt",
}
DELIVERED = np.array([50.0, 50.0, 50.0, 9.0])
SAID = np.array([55.0, 58.0, 60.0, 9.0])
CAPACITY = np.full(4, 100.0)


def scheme(**changes):
    return Settlement.model_validate(SCHEME | changes)


def pilot(**changes):
    return Settlement.model_validate(PILOT | changes)


def test_each_hour_is_paid_by_the_narrowest_band_that_holds_its_error():
    found = incentive(SAID, DELIVERED, scheme(), CAPACITY)
    assert found.tolist() == [50_000 * 4, 50_000 * 3, 0, 0]  # 5 %, 8 %, 10 %, not judged


def test_an_hour_of_little_output_is_not_judged():
    found = hour_errors(SAID, DELIVERED, scheme(), CAPACITY)
    np.testing.assert_allclose(found, [0.05, 0.08, 0.10, np.nan])


def test_an_error_may_be_a_part_of_what_was_delivered():
    found = hour_errors(SAID, DELIVERED, scheme(error_of="delivered", least_output=None), CAPACITY)
    np.testing.assert_allclose(found, [0.1, 0.16, 0.2, 0.0])


def test_a_forecast_of_something_where_nothing_came_is_as_wrong_as_can_be():
    rule = scheme(error_of="delivered", least_output=None)
    found = hour_errors(np.array([1.0, 0.0]), np.zeros(2), rule, CAPACITY[:2])
    assert found.tolist() == [np.inf, 0.0]


def test_what_the_file_does_not_know_is_refused_in_its_own_words():
    rule = scheme(error_of=None, unknown={"error_of": "nobody says of what"})
    with pytest.raises(UsageError, match="nobody says of what"):
        incentive(SAID, DELIVERED, rule, CAPACITY)


def test_too_little_is_bought_back_and_too_much_is_sold_at_the_real_time_price():
    found = two_settlements(
        np.array([10.0, 10.0]), np.array([8.0, 12.0]), np.full(2, 100.0), np.full(2, -30.0)
    )
    assert found.tolist() == [1000 * (1000 + 60), 1000 * (1000 - 60)]


@given(st.lists(st.tuples(*[st.floats(-500, 500)] * 3), min_size=1, max_size=30))
def test_a_perfect_forecast_never_meets_the_real_time_price(hours):
    amount, day_ahead, real_time = np.array(hours).T
    np.testing.assert_allclose(
        two_settlements(amount, amount, day_ahead, real_time), 1000 * amount * day_ahead, atol=1e-6
    )


def test_a_deviation_within_the_tolerance_costs_nothing_on_top():
    rule = pilot(tolerance=0.1, penalty_krw_per_kwh=50)
    found = penalty(np.array([10.0, 10.0]), np.array([9.0, 12.0]), rule)
    np.testing.assert_allclose(found, [0.0, 50_000.0])
    assert penalty(np.array([10.0]), np.array([0.0]), pilot()).tolist() == [0.0]
