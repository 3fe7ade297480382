"""States of every kind of book as bytes and back."""

import numpy as np
import pytest

from ledger.island import AT, DAY
from ledger.test_converting import batch, haengwon, made
from ledger.test_lots import farm, shared_out
from ledger.test_storing import battery, charged, gave
from tamna.errors import LedgerError
from tamna.ledger import chains
from tamna.ledger.book import record
from tamna.registry.reading import Known
from tamna.registry.snapshot import parts
from tamna.registry.values import from_bytes, to_bytes


def books():
    lots, _entry = shared_out(*farm())
    state, claim = charged(battery())
    stored = record(state, chains.discharge(AT, "cell", gave(), claim=claim))
    state, claim = haengwon()
    made_of = batch(state, claim, made([1_000_000]))
    return {"lots": lots, "storage": stored, "hydrogen": made_of}


@pytest.mark.parametrize("name", ["lots", "storage", "hydrogen"])
def test_a_state_is_the_same_from_its_bytes(name):
    state = books()[name]
    raw = to_bytes(state)
    again = from_bytes(raw)
    assert to_bytes(again) == raw
    assert dict(parts(Known(again))) == dict(parts(Known(state)))
    assert again.claims == state.claims
    assert (again.lots, again.devices, again.rights) == (state.lots, state.devices, state.rights)


def test_arrays_and_moments_keep_their_form():
    rows = np.zeros(3, [("start", "<M8[s]"), ("wh", "<u4")])
    value = (DAY, {"a": rows, 3: np.arange(4, dtype="<i8")}, None, True, "글")
    start, found, *rest = from_bytes(to_bytes(value))
    assert start == DAY
    assert rest == [None, True, "글"]
    assert found["a"].dtype == rows.dtype
    assert found[3].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("value", [1.5, object(), np.array([object()]), {"a": [1]}])
def test_what_the_ledger_does_not_hold_is_refused(value):
    with pytest.raises(LedgerError, match="not a value of the ledger"):
        to_bytes(value)


def test_bytes_with_something_behind_them_are_refused():
    with pytest.raises(LedgerError, match="altered"):
        from_bytes(to_bytes((1, 2)) + b"x")
