"""Shares of the largest hour: what is matched is never told larger, and the watt-hours cannot be read back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import LedgerError
from tamna.ledger.score import score
from tamna.ledger.shares import PARTS, counted, shares, steps_for


def table(load, **parts):
    zero = [0] * len(load)
    return {
        "load_wh": load,
        **{f"{p}_wh": parts.get(p, zero) for p in PARTS},
        "estimated": parts.get("estimated", zero),
    }


@st.composite
def claims(draw):
    """Hours with a load and four parts of it that never exceed it, also hours of nothing and hours that are full."""
    count, most = draw(st.integers(1, 40)), draw(st.sampled_from([3, 800, 5_000, 40_000, 3_000_000]))
    columns = {f"{p}_wh": [] for p in PARTS} | {"load_wh": []}
    for _ in range(count):
        parts = [draw(st.integers(0, most) | st.just(0)) for _p in PARTS]
        rest = draw(st.integers(0, most) | st.sampled_from([0, 1]))
        for p, wh in zip(PARTS, parts, strict=True):
            columns[f"{p}_wh"].append(wh)
        columns["load_wh"].append(sum(parts) + rest)
    return columns | {"estimated": [draw(st.integers(0, 1)) for _ in range(count)]}


@given(claims())
def test_the_score_in_shares_is_the_score_in_watt_hours_within_a_step_for_each_part(hours):
    exact = score(hours)
    if not exact.load_wh:
        return
    found = shares(hours)
    steps, one = counted(found), max(hours["load_wh"]) / found["largest"]
    for part in PARTS:
        assert 0 <= getattr(exact, f"{part}_wh") / one - steps[part] < 1
    tiny = sum(
        0 < load - sum(hours[f"{p}_wh"][i] for p in PARTS) < one for i, load in enumerate(hours["load_wh"])
    )
    slips = sum(0 < wh < one for wh in hours["location_wh"])
    assert -4 <= steps["load"] - exact.load_wh / one <= 1 + tiny + slips
    assert steps["hours"] == exact.hours


@given(claims())
def test_an_hour_that_is_not_full_never_looks_full(hours):
    if not sum(hours["load_wh"]):
        return
    found = shares(hours)
    for i, load in enumerate(hours["load_wh"]):
        claimable = sum(hours[f"{p}_wh"][i] for p in PARTS[:3])
        told = sum(found[p][i] for p in PARTS[:3])
        if claimable < load and told:
            assert found["location"][i] + found["rest"][i] > 0
        if load == claimable + hours["location_wh"][i] and found["location"][i]:
            assert found["rest"][i] == 0
    assert counted(found)["hours_full"] <= score(hours).hours_full


def test_worked_on_paper():
    hours = table(
        [20_000, 10_000, 10_000], self=[5_000, 10_000, 9_999], location=[0, 0, 1], estimated=[0, 7, 0]
    )
    found = shares(hours)
    assert found["largest"] == 1000
    assert found["self"] == [250, 500, 499]  # 9,999 Wh are 499.95 steps
    assert found["location"] == [
        0,
        0,
        0,
    ]  # 1 Wh is 0.05 of a step, and the hour must not look claimed in full
    assert found["rest"] == [750, 0, 1]
    assert found["estimated"] == [0, 1, 0]


def test_a_small_lot_is_told_in_coarser_steps():
    assert [steps_for(wh) for wh in (1, 999, 1_000, 9_999, 10_000, 10**9)] == [10, 10, 100, 100, 1000, 1000]
    assert shares(table([500, 250]))["rest"] == [10, 5]


def test_a_lot_without_load_has_no_shares():
    with pytest.raises(LedgerError, match="no load"):
        shares(table([0, 0]))


@pytest.mark.parametrize("largest", [1_000, 1_499, 9_999, 10_000, 40_321, 2_000_000])
def test_many_farms_have_the_same_table_so_none_can_be_named(largest):
    """For another farm, of any largest hour that has these steps, there are loads with the very same table."""
    random = np.random.default_rng(1)
    told = shares(table([largest, *random.integers(0, largest, 48).tolist()]))
    steps = told["largest"]
    for other in (steps, 3 * steps + 1, 9 * steps - 1):
        if steps_for(other) != steps:
            continue
        # the load behind a running sum of n steps: the largest with that ceiling
        sums = np.cumsum(told["rest"]) * other // steps
        loads = np.diff(sums, prepend=0)
        assert shares(table(loads.tolist()))["rest"] == told["rest"], other
