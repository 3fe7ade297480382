"""Bounds of shares and energies that count estimates: worked on paper, and true for any estimate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measure.island_of import generation, island
from tamna.grid.clock import Resolution
from tamna.measure import Bins, Column, measure
from tamna.measure.interval import energy_bounds, share_bounds
from tamna.measure.island import Within

NAN = float("nan")


def column(mwh, low, high, alike_low=None, alike_high=None):
    arrays = [np.asarray(v, dtype=float) for v in (mwh, low, high)]
    alike = [arrays[1] if alike_low is None else np.asarray(alike_low, float),
             arrays[2] if alike_high is None else np.asarray(alike_high, float)]  # fmt: skip
    within = Within(low=arrays[1], high=arrays[2], alike_low=alike[0], alike_high=alike[1])
    return Column(mwh=arrays[0], flag=np.zeros(len(arrays[0]), dtype=np.uint16), within=within)


def bins(n, by=Resolution.ALL):
    return Bins(island([1.0] * n).valid_at, by, "Asia/Seoul")


def with_roofs(demand, wind, roofs, low, high):
    roof = generation("pv_btm", roofs)
    bounds = {"low": np.asarray(low, float), "high": np.asarray(high, float)}
    within = Within(**bounds, alike_low=bounds["low"], alike_high=bounds["high"])
    h = island(demand, wind=wind, pv=[0.0] * len(demand), pv_ppa=[0.0] * len(demand), pv_btm=roof)
    classes = [c for c in h.classes if c.name != "pv_btm"]
    from dataclasses import replace

    return replace(h, classes=(*classes, replace(roof, column=replace(roof.column, within=within))))


def test_what_errs_alike_in_every_hour_adds_up():
    low, high = energy_bounds(column([10.0] * 48, [8.0] * 48, [13.0] * 48), bins(48))
    assert (low[0], high[0]) == (pytest.approx(384.0), pytest.approx(624.0))


def test_what_errs_anew_each_day_grows_with_the_root_of_the_days():
    always = [10.0] * (24 * 4)
    made = column(always, [9.0] * 96, [11.0] * 96, alike_low=always, alike_high=always)
    low, high = energy_bounds(made, bins(96))
    assert high[0] - 960.0 == pytest.approx(24.0 * 2.0)  # four days of 24 MWh each, root of four
    assert 960.0 - low[0] == pytest.approx(24.0 * 2.0)
    by_day = energy_bounds(made, bins(96, Resolution.DAY))
    assert by_day[1] - 240.0 == pytest.approx([24.0] * 4)


def test_an_hour_has_its_own_bounds():
    low, high = energy_bounds(column([10.0, 4.0], [8.0, 1.0], [13.0, 9.0]), bins(2, Resolution.HOUR))
    assert low == pytest.approx([8.0, 1.0])
    assert high == pytest.approx([13.0, 9.0])


def test_a_period_without_a_value_has_no_bounds_and_a_meter_has_no_width():
    assert np.isnan(energy_bounds(column([NAN], [NAN], [NAN]), bins(1))).all()
    low, high = energy_bounds(Column.of([5.0, 6.0], "settled"), bins(2))
    assert (low[0], high[0]) == (11.0, 11.0)


def test_a_roof_moves_both_sides_of_the_share():
    m = measure(with_roofs([100.0], [20.0], [10.0], [0.0], [50.0]), by=Resolution.ALL)
    low, high = share_bounds(m)["btm", "coverage"]
    assert m["btm", "coverage"][0].value == pytest.approx(30 / 110)
    assert (low[0], high[0]) == (pytest.approx(20 / 100), pytest.approx(70 / 150))


def test_a_share_that_counts_no_estimate_has_no_bounds():
    spans = share_bounds(measure(with_roofs([100.0], [20.0], [10.0], [0.0], [50.0]), by=Resolution.ALL))
    assert ("settled", "coverage") not in spans
    assert share_bounds(measure(island([100.0], wind=[20.0], pv=[1.0]))) == {}


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 50), st.floats(0, 50)), min_size=1, max_size=60),
    st.sampled_from([Resolution.HOUR, Resolution.DAY, Resolution.ALL]),
)
def test_the_share_always_lies_within_its_bounds(hours, by):
    roofs, below, above = (np.array(v) for v in zip(*hours, strict=True))
    n = len(roofs)
    m = measure(
        with_roofs([100.0] * n, [30.0] * n, roofs, np.maximum(roofs - below, 0.0), roofs + above), by=by
    )
    value = m["btm", "coverage"].value
    spans = share_bounds(m)
    low, high = spans.get(("btm", "coverage"), (value, value))
    assert (low <= value + 1e-12).all()
    assert (value <= high + 1e-12).all()


def test_a_sum_below_zero_lies_within_its_bounds():
    stands = Column.of([-2.0, 1.0], "settled")  # a meter's station use
    low, high = energy_bounds(stands, bins(2))
    assert (low.tolist(), high.tolist()) == ([-1.0], [-1.0])
