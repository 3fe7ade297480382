"""Evidence of the place given back, in a database: the same after opening anew, from its snapshot, and for the auditor."""

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, device, hours
from ledger.test_any_order import fates
from registry.kept import founded
from tamna.errors import LedgerError
from tamna.ledger import operations as op
from tamna.ledger.nouns import Account, Attributes
from tamna.ledger.place import place
from tamna.ledger.state import Standing, State
from tamna.registry import Registry, keyring, snapshot
from tamna.registry.audit import audit
from tamna.registry.reading import Known, caught_up
from tamna.registry.signing import sign

N = 6
END = DAY + N * HOUR


def read(wh):
    return op.readings(hours(N), np.full(N, wh))


def placed(book):
    """Show the place, as the zone's meters have it now; in the run of the append, as a writer beside others does."""
    return book.append(lambda s: place(s, AT, "eggs", "all", ["rps"], start=DAY, end=END)).state


def claimed(book):
    def make(state):
        mine = [e for e, c in state.cancellations.items() if c.account == "eggs"]
        old = [
            e for e, c in state.claims.items() if c.account == "eggs" and c.standing is not Standing.REPLACED
        ]
        return [op.claim(state, AT, "eggs", DAY, END, cancellations=mine, replaces=old)]

    return book.append(make).state


def test_a_demand_corrected_in_a_database_leads_to_the_same_book_from_journal_and_snapshot(
    ledger_address, tmp_path
):
    book = founded(ledger_address, tmp_path / "keys", N)
    book.record(
        op.account(AT, Account(name="all", zone="jeju")),
        op.device(AT, device("rps", "wind", attributes=Attributes.ELSEWHERE)),
    )
    book.record(op.issue(AT, "rps", read(50)), op.consume(AT, "all", read(100)))
    placed(book)
    first = claimed(book)
    book.record(op.restate_load(AT, "all", read(400), reason="read again"))
    doubted = book.state()
    assert [c.standing for c in doubted.claims.values()] == [Standing.REPLACED, Standing.REVIEW]
    state = placed(book)
    shown = sum(int(c.wh.sum()) for c in state.cancellations.values() if c.basis == "all")
    assert 0 < shown < sum(int(c.wh.sum()) for c in first.cancellations.values() if c.basis == "all")
    assert state.used_wh == first.used_wh
    state = claimed(book)
    wrong = op.give_back(
        AT, op.ranges(state, [("hallim", DAY + HOUR, 0, 1)]), account_name="eggs", reason="test"
    )
    with pytest.raises(LedgerError, match="by right is not given back"):
        book.record(wrong)
    sign(book, keyring.signing_key(state, tmp_path / "keys"), AT, keep=True)
    assert audit(book, trust=keyring.trust(state)).exit_code == 0
    with book.reading() as here:
        kept = snapshot.found(here)
        folded = caught_up(here, Known(State()), book.standing(here))
    assert dict(snapshot.parts(kept)) == dict(snapshot.parts(folded))
    assert fates(Registry.open(ledger_address).state()) == fates(state)
