"""A kilogram of hydrogen: what energy it takes at least, whose it was, and how a batch is replaced."""

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, hours, island, issued, right, used
from tamna.errors import LedgerError
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.converting import suspect
from tamna.ledger.invariants import broken
from tamna.ledger.nouns import Account, Converter, Entitlement

KG = 10**6  # mg


def haengwon(process="pem", buffer_mg=0, wh=(60_000, 50_000)):
    """An electrolyser with a PPA on hallim, and its claim over two hours; gives the claim's entry."""
    state = record(
        island(),
        op.account(AT, Account(name="haengwon", zone="jeju")),
        chains.converter(
            AT, Converter(name="haengwon", account="haengwon", process=process, buffer_mg=buffer_mg)
        ),
        op.right(AT, right("PPA-h2", "haengwon")),
    )
    state = used(issued(state, "hallim", (100, 100)), "haengwon", wh)
    rows = op.ranges(state, [("hallim", DAY, 0, 100)])
    cancel = op.cancel(AT, rows, account_name="haengwon", entitlement=Entitlement.PPA, paper="PPA-h2")
    state = record(state, cancel)
    event = op.claim(state, AT, "haengwon", DAY, DAY + 2 * HOUR, cancellations=[state.size - 1])
    return record(state, event), state.size


def made(mg, heat=0, first=0):
    return chains.made(hours(len(mg), first), np.array(mg), heat_wh=heat)


def batch(state, claim, rows, name="B-1", **more):
    return record(state, chains.convert(AT, "haengwon", rows, batch=name, claim=claim, **more))


def test_a_batch_is_made_of_the_energy_of_one_claim():
    state, claim = haengwon()
    state = batch(state, claim, made([KG, KG]))
    [one] = state.batches.values()
    assert (one.mg, one.wh, one.claim) == (2 * KG, 110_000, claim)
    assert not suspect(state.converters["haengwon"], one)
    assert broken(state) == []
    with pytest.raises(LedgerError, match="went into another"):
        batch(state, claim, made([1, 1]), name="B-2")


def test_the_heating_value_is_the_floor_to_the_milligram():
    state, claim = haengwon(wh=(39_400, 39_400))
    assert suspect(
        state.converters["haengwon"], next(iter(batch(state, claim, made([KG, KG])).batches.values()))
    )
    with pytest.raises(LedgerError, match="I6"):
        batch(state, claim, made([KG, KG + 1]))


def test_a_buffer_lets_mass_run_ahead_once():
    state, claim = haengwon(buffer_mg=1000, wh=(39_400, 39_400))
    state = batch(state, claim, made([KG, KG + 1000]))
    assert broken(state) == []
    with pytest.raises(LedgerError, match="I6"):
        batch(haengwon(buffer_mg=999, wh=(39_400, 39_400))[0], claim, made([KG, KG + 1000]))


def test_outside_steam_lowers_the_floor_only_with_its_heat_metered():
    state, claim = haengwon("soec", wh=(36_000, 36_000))
    with pytest.raises(LedgerError, match="I6"):
        batch(state, claim, made([KG, KG]))
    assert broken(batch(state, claim, made([KG, KG], heat=3_400))) == []
    state, claim = haengwon("soec", wh=(33_000, 33_000))
    with pytest.raises(LedgerError, match="I6"):
        batch(state, claim, made([KG, KG], heat=60_000))
    state, claim = haengwon(wh=(36_000, 36_000))
    with pytest.raises(LedgerError, match="takes in heat"):
        batch(state, claim, made([KG, KG], heat=3_400))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (made([1], first=2), "not claimed"),
        (chains.made(hours(1), np.array([1]), length_s=900), "not claimed"),
        (chains.made(hours(2)[[0, 0]], np.array([1, 1])), "two readings"),
    ],
)
def test_hydrogen_outside_the_claim_is_refused(rows, reason):
    state, claim = haengwon()
    with pytest.raises(LedgerError, match=reason):
        batch(state, claim, rows)


def test_a_mass_is_neither_negative_nor_missing():
    for bad in (-1.0, np.nan, 1e18):
        with pytest.raises(LedgerError, match="mass of hydrogen"):
            made([1.0, bad])


def test_a_corrected_meter_leaves_the_batch_to_be_made_again_from_a_new_claim():
    state, claim = haengwon()
    state = batch(state, claim, made([KG, KG]))
    old = state.size - 1
    reading = op.readings(hours(1), np.array([40_000]))
    state = record(state, op.restate_load(AT, "haengwon", reading, reason="counted twice"))
    backing = state.claims[claim].cancellations
    event = op.claim(state, AT, "haengwon", DAY, DAY + 2 * HOUR, cancellations=backing, replaces=[claim])
    state, again = record(state, event), state.size
    state = batch(state, again, made([KG, KG]), replaces=old)
    [one] = state.batches.values()
    assert (one.claim, one.wh) == (again, 90_000)
    assert broken(state) == []
