"""Hydrogen under two rules, each number worked on paper or taken from facts/certificates.md section D."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import LedgerError
from tamna.ledger.hydrogen import EU_LIMIT_KG, TIERS, Route, Worked, eu_routes, intensity, one_more_hour, tier

GRID = 417.3  # g/kWh


def worked(load, made, matched, storage=None, redispatch=None, price=None, allowance=None):
    n = len(load)
    zero, nan = np.zeros(n, int), np.full(n, np.nan)
    return Worked(
        load_wh=np.array(load), made_wh=np.array(made), matched_wh=np.array(matched),
        storage_wh=zero if storage is None else np.array(storage),
        redispatch_wh=zero if redispatch is None else np.array(redispatch),
        price_eur_mwh=nan if price is None else np.array(price, float),
        allowance_eur=nan if allowance is None else np.array(allowance, float),
    )  # fmt: skip


def test_the_largest_share_of_grid_energy_of_each_tier_is_as_published():
    """At 55 kWh/kg and 0.4173: tier 1 0.44 %, tier 2 4.4 %, tier 3 8.7 %, EU 14.7 %, tier 4 17.4 %."""
    whole = intensity(np.array([55_000]), 10**6, GRID)
    assert round(whole, 2) == 22.95
    shares = {number: round(100 * edge / whole, 2) for number, edge in TIERS}
    assert shares == {1: 0.44, 2: 4.36, 3: 8.71, 4: 17.43}
    assert round(100 * EU_LIMIT_KG / whole, 1) == 14.7
    for number, edge in TIERS:
        wh = np.array([int(55_000 * edge / whole)])
        assert tier(intensity(wh, 10**6, GRID)) == number
    assert tier(whole) is None


def test_each_hour_states_its_route_and_no_route_makes_energy():
    hours = worked(
        load=[10, 10, 10, 10, 10], made=[25, 5, 10, 0, 0], matched=[10, 5, 10, 0, 0], storage=[0, 0, 4, 0, 0],
        redispatch=[0, 2, 0, 0, 0], price=[90, 90, 90, 19.99, 20.01],
    )  # fmt: skip
    found = {str(route): wh.tolist() for route, wh in eu_routes(hours).items()}
    assert found == {
        "hour": [10, 5, 6, 0, 0],
        "storage": [0, 0, 4, 0, 0],
        "redispatch": [0, 2, 0, 0, 0],
        "price": [0, 0, 0, 10, 0],
        "month": [0, 3, 0, 0, 2],
        "none": [0, 0, 0, 0, 8],
    }


def test_a_price_is_also_low_against_the_allowance():
    hours = worked([10, 10], [30, 0], [0, 0], price=[25, 30], allowance=[70, 80])
    assert eu_routes(hours)[Route.PRICE].tolist() == [10, 0]  # 0.36 x 70 = 25.2; 0.36 x 80 = 28.8


@given(st.lists(st.tuples(*[st.integers(0, 50)] * 4), min_size=1, max_size=20))
def test_routes_sum_to_the_load_and_draw_no_more_than_was_made(rows):
    load, made, redispatch, price = (np.array(c) for c in zip(*rows, strict=True))
    matched = np.minimum(load, made)
    found = eu_routes(worked(load, made, matched, redispatch=redispatch, price=price))
    assert (sum(found.values()) == load).all()
    assert all((wh >= 0).all() for wh in found.values())
    drawn = sum(int(found[r].sum()) for r in (Route.HOUR, Route.STORAGE, Route.PRICE, Route.MONTH))
    assert drawn <= made.sum()


def test_more_matched_than_made_is_refused():
    with pytest.raises(LedgerError, match="interval 2"):
        eu_routes(worked([10, 10], [10, 5], [10, 6]))


def test_one_more_renewable_hour_and_how_many_make_a_better_tier():
    unmatched = np.array([0, 500, 2_000, 4_000, 6_000])
    assert tier(intensity(unmatched, 10**6, GRID)) is None
    more = one_more_hour(unmatched, 10**6, GRID)
    assert (more.hour, more.tier, more.hours_to_next) == (4, 4, 1)
    assert more.kg_per_kg == pytest.approx(6_500 * GRID / 10**6)
    done = one_more_hour(np.zeros(3, int), 10**6, GRID)
    assert (done.hour, done.tier, done.hours_to_next) == (-1, 1, 0)


def test_a_batch_without_hydrogen_has_no_intensity():
    with pytest.raises(LedgerError, match="without hydrogen"):
        intensity(np.array([1]), 0, GRID)
