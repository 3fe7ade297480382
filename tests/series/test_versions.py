from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from series.making import NAN, at, demand, period
from tamna.series.segments import UNISSUED, Rows
from tamna.series.store import Store
from tamna.series.versions import Ranking, agrees, latest, merged

HOURS = 4
DELAY = 2  # kpx_demand: the hour itself and one more

values = st.sampled_from([1.0, 1.0 * (1 + 1e-12), 2.0, 3.0, NAN])
publication = st.tuples(
    st.integers(0, 12),  # data end [h]
    st.dictionaries(st.integers(0, HOURS - 1), values, min_size=1, max_size=HOURS),
)
publications = st.lists(publication, min_size=1, max_size=5)


def alike(one, other):
    return (math.isnan(one) and math.isnan(other)) or abs(one - other) <= 1e-9 * max(abs(one), abs(other))


def slow(pubs, as_of):
    """Say in plain words and dicts what holds: {hour: (value, known_at)}."""
    ranked = sorted(range(len(pubs)), key=lambda i: (pubs[i][0], i))
    holds = {}
    for hour in range(HOURS):
        said = [(pubs[i][0], pubs[i][1][hour]) for i in ranked if hour in pubs[i][1]]
        versions = []
        last = NAN
        for place, (end, value) in enumerate(said):
            known = hour + DELAY if place == 0 else max(hour + DELAY, end)
            if place and math.isnan(value):
                continue
            if as_of is not None and known > as_of:
                continue
            if versions and alike(last, value):
                last = value
                continue
            versions.append((value, known))
            last = value
        if versions:
            holds[hour] = versions[-1]
    return holds


def as_rows(pubs):
    flat = [(h, v, i) for i, (_end, said) in enumerate(pubs) for h, v in sorted(said.items())]
    ends = np.array([at(end) for end, _said in pubs])
    rank = np.empty(len(pubs), np.int64)
    rank[np.lexsort((np.arange(len(pubs)), ends.astype(np.int64)))] = np.arange(len(pubs))
    rows = Rows(
        valid_at=np.array([at(h) for h, _v, _i in flat]),
        issued_at=np.full(len(flat), UNISSUED),
        known_at=np.array([at(h + DELAY) for h, _v, _i in flat]),
        value=np.array([v for _h, v, _i in flat]),
        flag=np.zeros(len(flat), np.uint16),
        reading=np.array([i for _h, _v, i in flat]),
    )
    return rows, Ranking(rank=rank, data_end=ends)


def as_dict(stamps, value, known):
    return {
        int((s - at(0)) // np.timedelta64(3600, "s")): (v, int((k - at(0)) // np.timedelta64(3600, "s")))
        for s, v, k in zip(stamps, value, known, strict=True)
    }


def same(one, other):
    return one.keys() == other.keys() and all(
        alike(one[h][0], other[h][0]) and one[h][1] == other[h][1] for h in one
    )


@settings(max_examples=400, deadline=None)
@given(publications, st.one_of(st.none(), st.integers(0, 16)))
def test_what_holds_is_what_the_slow_rule_says(pubs, as_of):
    rows, ranking = as_rows(pubs)
    got = latest(merged(rows, ranking, None if as_of is None else at(as_of)))
    assert same(as_dict(got.valid_at, got.value, got.known_at), slow(pubs, as_of))


@settings(max_examples=200, deadline=None)
@given(publications, st.integers(0, 16))
def test_nothing_is_read_that_was_not_known(pubs, as_of):
    rows, ranking = as_rows(pubs)
    assert (merged(rows, ranking, at(as_of)).known_at <= at(as_of)).all()


@settings(max_examples=25, deadline=None)
@given(draw=st.data())
def test_the_store_reads_the_same_in_whatever_order_it_was_filled(draw, tmp_path_factory):
    pubs = draw.draw(st.lists(publication, min_size=1, max_size=4, unique_by=lambda p: p[0]))
    order = draw.draw(st.permutations(range(len(pubs))))
    cuts = draw.draw(st.sets(st.integers(0, len(pubs))))
    as_of = draw.draw(st.one_of(st.none(), st.integers(0, 16)))
    store = Store.open(tmp_path_factory.mktemp("store"))
    waiting = []
    for place, i in enumerate(order):
        end, said = pubs[i]
        waiting.append(demand(sorted(said), [said[h] for h in sorted(said)], name=str(i), data_end=end))
        if place in cuts:
            store.ingest(waiting)
            waiting = []
    store.ingest(waiting)
    got = store.read("jeju/demand", period(0, HOURS), as_of=None if as_of is None else at(as_of))
    assert same(as_dict(got.valid_at, got.value, got.known_at), slow(pubs, as_of))


def test_values_agree_up_to_the_rounding_of_a_unit_change():
    one = np.array([100.1, 0.0, NAN, NAN, 5.0, -3.0])
    other = np.array([100100 * 0.001, 0.0, NAN, 1.0, 5.000001, 3.0])
    assert agrees(one, other).tolist() == [True, True, True, False, False, False]
