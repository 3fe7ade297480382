"""Bundles in EnergyTag's form: the same after both ways, and refused where they cannot be bundles."""

import json

import pytest

from ledger.island import AT, DAY, HOUR, cancelled, hours, issued, right, used
from tamna.errors import LedgerError
from tamna.ledger import energytag
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.state import bundles


def book():
    state = used(issued())
    state = record(state, op.right(AT, right()))
    state = cancelled(state, [("hallim", DAY, 0, 80)])
    rows = op.ranges(state, [("hallim", DAY + HOUR, 10, 20)])
    state = record(state, op.lock(AT, rows, by="wind"))
    state = record(state, op.restate(AT, "hallim", op.readings(hours(1), [90]), reason="meter exchanged"))
    event = op.claim(state, AT, "eggs", DAY, DAY + 4 * HOUR, cancellations=list(state.cancellations))
    return record(state, event)


def every(state):
    return tuple(b for name in state.devices for b in bundles(state, name))


def test_json_and_csv_read_back_as_the_same_bundles():
    state = book()
    found = energytag.records(state)
    assert energytag.read_json(energytag.write_json(found)) == every(state)
    assert energytag.read_csv(energytag.write_csv(found)) == every(state)
    assert tuple(found[0]) == energytag.COLUMNS


def test_ranges_are_inclusive_and_a_cancelled_bundle_that_backs_a_claim_is_claimed():
    first = next(
        r
        for r in energytag.records(book())
        if r["tamna_live"] and r["certificate_bundle_status"] == "Claimed"
    )
    assert (first["certificate_bundle_id_range_start"], first["certificate_bundle_id_range_end"]) == (0, 79)
    assert first["bundle_quantity"] == 80
    assert first["issuance_id"] == "hallim-electricity-2023-04-01T00:00Z"


def test_a_file_of_another_registry_needs_none_of_our_fields():
    rows = [
        {k: v for k, v in r.items() if not k.startswith("tamna_")}
        for r in energytag.records(issued(), ["hallim"])
    ]
    assert energytag.read_json(json.dumps({"certificate_bundles": rows}).encode()) == tuple(
        bundles(issued(), "hallim")
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bundle_quantity": 99}, "quantity"),
        ({"certificate_bundle_status": "Sold"}, "no such status"),
        ({"production_ending_interval": "2023-04-01T03:00:00Z"}, "1 h"),
        ({"production_starting_interval": "noon"}, "moment"),
        ({"face_value": 1000}, "face value"),
        ({"account_id": ""}, "must be a text"),
        ({"certificate_bundle_id_range_start": True}, "whole number"),
    ],
)
def test_a_record_that_is_no_bundle_is_named_with_its_reason(change, reason):
    rows = energytag.records(issued(), ["hallim"])
    rows[0] |= change
    with pytest.raises(LedgerError, match=reason) as error:
        energytag.read_json(json.dumps({"certificate_bundles": rows}).encode())
    assert "#1" in str(error.value)


def test_two_bundles_of_one_id_and_what_is_no_list_are_refused():
    rows = energytag.records(issued(), ["hallim"])
    with pytest.raises(LedgerError, match="share an id"):
        energytag.read_csv(energytag.write_csv([rows[0], rows[0]]))
    with pytest.raises(LedgerError, match="no list"):
        energytag.read_json(b"{}")
