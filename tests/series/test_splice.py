from __future__ import annotations

import numpy as np
import pytest

from series.making import NAN, at, block, period, reading
from tamna.errors import UsageError
from tamna.series.store import Store
from tamna.sources.block import Flag, Kind


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path / "store")


MW = {"unit": "MW", "kind": Kind.MEAN, "source": "kpx_system"}
REAL_TIME = {"unit": "MW", "kind": Kind.INSTANT, "source": "kpx_realtime"}


def test_the_declared_order_is_spliced_hour_by_hour_and_power_becomes_energy(store):
    store.ingest([reading(block([0, 1, 2], [1, NAN, 3])), reading(block([0, 1, 3], [90, 20, 40], **MW))])
    got = store.read("jeju/demand", period(0, 9))
    assert (got.unit, got.kind) == ("MWh", Kind.SUM)
    assert got.value.tolist() == [1, 20, 3, 40]
    assert [got.sources[c] for c in got.source_code] == [
        "kpx_demand",
        "kpx_system",
        "kpx_demand",
        "kpx_system",
    ]
    assert not (got.flag & Flag.MISSING).any()


def test_an_hour_that_no_source_has_stays_missing(store):
    store.ingest([reading(block([0, 1], [1, NAN])), reading(block([0, 1], [90, NAN], **MW))])
    got = store.read("jeju/demand", period(0, 9))
    assert np.isnan(got.value).tolist() == [False, True]
    assert got.flag[1] & Flag.MISSING


def test_half_hours_of_power_become_half_as_much_energy(store):
    half = {"step": 1800, "series": "x/wind"}
    first = block([0, 0.5], [1, 2], unit="MWh", source="a", **half)
    second = block([1, 1.5], [10, 20], unit="MW", kind=Kind.MEAN, source="b", **half)
    store.ingest([reading(first), reading(second)])
    spliced = Store.open(store._place, default_sources={"x/wind": ("a", "b")})
    assert spliced.read("x/wind", period(0, 2)).value.tolist() == [1, 2, 5, 10]


def test_a_part_of_another_step_joins_by_hours(store):
    store.ingest(
        [
            reading(block([0, 1], [1, 2], source="a", series="x/wind")),
            reading(
                block(
                    [2, 2.25, 2.5, 2.75, 3],
                    [4, 4, 8, 8, 1],
                    source="b",
                    series="x/wind",
                    unit="MW",
                    kind=Kind.MEAN,
                    step=900,
                )
            ),
            reading(block([3, 4, 5], [10, 20, 30], **{**REAL_TIME, "series": "x/wind", "source": "c"})),
        ]
    )
    spliced = Store.open(store._place, default_sources={"x/wind": ("a", "b", "c")})
    got = spliced.read("x/wind", period(0, 5))
    assert got.value.tolist() == [1, 2, 6, 15, 25]
    assert got.sources == ("a", "b", "c")
    assert (got.flag[3:] & Flag.ESTIMATED).all()


def test_what_says_something_else_stays_out(store):
    store.ingest(
        [
            reading(block([0], [1], source="a", series="x/t", unit="degC", kind=Kind.MEAN)),
            reading(block([1], [1], source="b", series="x/t", unit="K", kind=Kind.MEAN)),
        ]
    )
    spliced = Store.open(store._place, default_sources={"x/t": ("a", "b")})
    assert spliced.read("x/t", period(0, 9)).sources == ("a",)


def test_a_source_is_asked_for_by_name(store):
    store.ingest([reading(block([0], [1])), reading(block([0, 1], [90, 20], **MW))])
    assert store.read("jeju/demand@kpx_system", period(0, 9)).value.tolist() == [90, 20]
    assert store.read("jeju/demand", period(0, 9), source="kpx_system").unit == "MW"
    assert [v.source for v in store.versions("jeju/demand", period(0, 9))] == ["kpx_demand", "kpx_system"]
    assert [v.source for v in store.versions("jeju/demand@kpx_system", period(0, 9))] == ["kpx_system"]


def test_real_time_demand_answers_only_when_asked_for(store):
    store.ingest([reading(block([0, 1], [1, 2], **REAL_TIME))])
    with pytest.raises(UsageError, match="jeju/demand@kpx_realtime"):
        store.read("jeju/demand", period(0, 1))
    assert store.read("jeju/demand@kpx_realtime", period(0, 1)).value.tolist() == [1]


def test_an_undeclared_source_answers_where_no_declared_one_is_held(store):
    store.ingest([reading(block([0], [5], source="synthetic"))])
    assert store.read("jeju/demand", period(0, 1)).sources == ("synthetic",)
    store.ingest([reading(block([1], [6]))])
    assert store.read("jeju/demand", period(0, 2)).sources == ("kpx_demand",)


def test_a_series_nobody_declared_answers_from_one_source_only(store):
    store.ingest([reading(block([0], [5], series="x/y", source="mapped"))])
    store.ingest([reading(block([1], [6], series="x/y", source="cases"))])
    got = store.read("x/y", period(0, 2))
    assert (got.sources, got.value.tolist()) == (("cases",), [6])


def test_splicing_keeps_to_what_was_known(store):
    store.ingest([reading(block([0], [1], source="kpx_demand")), reading(block([0], [9], **MW))])
    assert store.read("jeju/demand", period(0, 1), as_of=at(1)).value.tolist() == []
    assert store.read("jeju/demand", period(0, 1), as_of=at(2)).value.tolist() == [1]
