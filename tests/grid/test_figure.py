"""A figure says what stands behind it, or is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tamna.grid.figure import Figure

numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)


def refusal(data: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Figure.model_validate(data)
    return "; ".join(str(e.get("ctx", {}).get("what", e["msg"])) for e in caught.value.errors())


def test_a_bare_number_is_an_unsourced_figure():
    assert Figure.model_validate(42).status == "unsourced"


def test_the_value_in_use_of_a_conflict_is_its_value():
    figure = Figure.model_validate(
        {"use": 150, "why": "x", "conflict": [{"value": 150, "source": "a"}, {"value": 170, "source": ["b"]}]}
    )
    assert (figure.value, figure.status, figure.span, figure.sources) == (
        150,
        "conflict",
        (150, 170),
        ("a", "b"),
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"value": 1, "assumed": "because"}, "without a range"),
        ({"value": 1, "assumed": "because", "range": [2, 3]}, "outside its own range"),
        ({"value": 1, "assumed": "because", "range": [3, 2]}, "low end"),
        ({"value": 1, "assumed": "because", "range": 3}, "two numbers"),
        ({"value": 1, "source": "a", "assumed": "because", "range": [0, 2]}, "more than one"),
        ({"use": 1, "why": "x", "conflict": [{"value": 1, "source": "a"}]}, "fewer than two"),
        ({"use": 1, "conflict": [{"value": 1, "source": "a"}, {"value": 2, "source": "b"}]}, "no reason"),
        (
            {"use": 9, "why": "x", "conflict": [{"value": 1, "source": "a"}, {"value": 2, "source": "b"}]},
            "supports",
        ),
        ({"use": 1, "value": 1}, "both"),
        ({"source": "a"}, "no value"),
        (True, "number"),
        ("1,000", "not text"),
        ("many", "number"),
        (float("nan"), "finite"),
        (10**400, "finite"),
        (None, "number"),
        ([1], "number"),
        ({"value": 1, "source": "a", "as_of": 2024}, "day"),
        ({"value": 1, "source": "a", "as_of": "2024-02-30"}, "day"),
    ],
)
def test_what_stands_on_nothing_is_refused_in_words(data, words):
    assert words in refusal(data)


@given(numbers, numbers, numbers)
def test_an_assumed_value_always_lies_in_its_range(value, one, other):
    low, high = sorted((one, other))
    data = {"value": value, "assumed": "a reason", "range": [low, high]}
    if low <= value <= high:
        assert Figure.model_validate(data).span == (low, high)
    else:
        assert "range" in refusal(data)


@given(
    st.one_of(
        st.none(), st.booleans(), st.text(), st.lists(st.integers()), st.dictionaries(st.text(), st.text())
    )
)
def test_nothing_but_a_number_or_a_figure_passes(junk):
    with pytest.raises(ValidationError):
        Figure.model_validate(junk)


def test_a_figure_cannot_be_changed():
    figure = Figure.model_validate(1)
    with pytest.raises(ValidationError):
        figure.value = 2
