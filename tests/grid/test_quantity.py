"""Each kind of figure refuses what it cannot be, and says how to write it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tamna.grid import quantity

percent = st.floats(min_value=1.001, max_value=100)


def words(kind: object, data: object) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(data)
    context = caught.value.errors()[0]["ctx"]
    return f"{context['what']}. {context['todo'] or ''}"


@given(percent)
def test_a_percentage_is_told_how_to_be_a_fraction(value):
    told = words(quantity.Efficiency, value)
    assert f"write {value / 100:.6g}" in told
    assert "(0, 1]" in told


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (quantity.Positive, [1e-9, 1e9], [0, -1]),
        (quantity.NonNegative, [0, 5], [-0.1]),
        (quantity.Fraction, [0, 1], [-0.01, 1.01]),
        (quantity.Efficiency, [0.01, 1], [0, 1.01, 850]),
        (quantity.Latitude, [-90, 90], [91, -90.5]),
        (quantity.Longitude, [-180, 180], [181]),
        (quantity.HydrogenUse, [33.3, 99], [20, 33.2]),
    ],
)
def test_bounds_hold_at_their_ends(kind, good, bad):
    adapter = TypeAdapter(kind)
    for value in good:
        assert adapter.validate_python(value).value == value
    for value in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


def test_a_range_may_not_leave_the_bounds_either():
    data = {"value": 0.9, "assumed": "a reason", "range": [0.8, 1.2]}
    assert "reaches 1.2" in words(quantity.Efficiency, data)


def test_the_figure_of_a_day_is_the_last_that_began():
    figures = TypeAdapter(quantity.DatedPositive).validate_python(
        [{"value": 1}, {"from": "2024-01-01", "value": 2}, {"from": "2025-01-01", "value": 3}]
    )
    held = {
        day: quantity.at_day(figures, day) for day in (date(2000, 1, 1), date(2024, 1, 1), date(2026, 1, 1))
    }
    assert [figure.value if figure else None for figure in held.values()] == [1, 2, 3]


def test_before_the_first_dated_figure_there_is_none():
    figures = TypeAdapter(quantity.DatedPositive).validate_python([{"from": "2024-01-01", "value": 2}])
    assert quantity.at_day(figures, date(2023, 12, 31)) is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "empty"),
        ([{"from": "2024-01-01", "value": 1}, {"value": 2}], "without 'from'"),
        ([{"from": "2024-01-01", "value": 1}, {"from": "2024-01-01", "value": 2}], "do not rise"),
    ],
)
def test_dated_figures_stand_in_order(data, said):
    assert said in words(quantity.DatedPositive, data)
