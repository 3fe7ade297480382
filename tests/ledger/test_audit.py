"""A journal on disk, and everything that may be done to it."""

import random

import numpy as np
import pytest

from ledger.island import AT, hours
from ledger.test_verify import ISSUER, KEY, OTHER, journal_of
from tamna.errors import LedgerError
from tamna.ledger import operations as op
from tamna.ledger.audit import audit, restored, stored
from tamna.ledger.book import record
from tamna.ledger.certificate import method_name
from tamna.ledger.event import FORM, MOVE, Event, Kind
from tamna.ledger.journal import Journal, checkpoint
from tamna.ledger.merkle import tree_of
from tamna.ledger.state import State

JOURNAL = journal_of(24)
KEPT = [stored(event) for event in JOURNAL.entries]
POINT = checkpoint(JOURNAL.tree(), KEY, issuer=ISSUER, method=method_name(ISSUER, KEY.public), at=AT)


def refused(kept, reason=None):
    with pytest.raises(LedgerError, match=reason):
        audit(kept, POINT, KEY.public)


def test_a_journal_reads_back_and_leads_to_the_same_state():
    state = audit(KEPT, POINT, KEY.public)
    assert state.load("eggs").allotted_wh.tolist() == list(range(24))
    assert [stored(restored(*pair)) for pair in KEPT] == KEPT


def test_a_thousand_random_edits_are_refused():
    dice = random.Random(6)
    for _ in range(1000):
        kept = [list(pair) for pair in KEPT]
        entry = dice.randrange(len(kept))
        side = dice.choice([0, 1]) if kept[entry][1] else 0
        raw = bytearray(kept[entry][side])
        place = dice.randrange(len(raw))
        how = dice.randrange(3)
        if how == 0:
            raw[place] ^= dice.randrange(1, 256)
        elif how == 1:
            del raw[place]
        else:
            raw.insert(place, dice.randrange(256))
        kept[entry][side] = bytes(raw)
        if [tuple(p) for p in kept] != KEPT:
            refused([tuple(p) for p in kept])


def test_a_reordered_cut_or_doubled_journal_is_refused():
    for i in range(len(KEPT) - 1):
        swapped = list(KEPT)
        swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
        refused(swapped, "not the one that was signed")
        refused(KEPT[:i] + KEPT[i + 1 :], "entries are missing")
        refused([*KEPT[:i], KEPT[i], *KEPT[i:]], "not the one that was signed")


def test_a_row_changed_with_its_heads_left_is_refused():
    head, rows = KEPT[5]
    refused([*KEPT[:5], (head, bytes([rows[0] ^ 1]) + rows[1:]), *KEPT[6:]], "not those of the entry")
    refused([*KEPT[:5], (head, rows + rows[:17]), *KEPT[6:]], "not those of the entry")


def test_what_comes_after_the_checkpoint_is_held_to_the_rules_all_the_same():
    more = op.issue(AT, "hallim", op.readings(hours(1, 30), np.array([5])))
    assert audit([*KEPT, stored(more)], POINT, KEY.public).size == len(KEPT) + 1
    again = op.issue(AT, "hallim", op.readings(hours(1), np.array([5])))
    refused([*KEPT, stored(again)], "holds a reading of this interval")


def test_a_journal_rewritten_and_signed_by_a_dishonest_issuer_still_breaks_a_rule():
    """The issuer's own key does not help: a claim beyond the book does not fold."""
    claim = JOURNAL.entries[-1]
    rows = claim.rows.copy()
    rows["ppa_wh"][3] = 60
    forged = Journal((*JOURNAL.entries[:-1], Event(Kind.CLAIM, AT, claim.about, rows)))
    point = checkpoint(forged.tree(), KEY, issuer=ISSUER, method=method_name(ISSUER, KEY.public), at=AT)
    with pytest.raises(LedgerError, match="not those of the book"):
        audit([stored(e) for e in forged.entries], point, KEY.public)


def test_a_checkpoint_of_another_key_is_refused():
    with pytest.raises(LedgerError, match="does not fit"):
        audit(KEPT, POINT, OTHER.public)


@pytest.mark.parametrize(
    "head",
    [
        b"{}",
        b"[]",
        KEPT[0][0].replace(b'"open"', b'"opened"'),
        KEPT[0][0].replace(b"T00:00Z", b"T00:00:00Z"),
        KEPT[0][0].replace(b'"open"', b"[]"),
        KEPT[0][0].replace(b'"rows":0', b'"rows":null'),
    ],
)
def test_a_head_that_is_none_is_refused(head):
    with pytest.raises(LedgerError, match="not the head of an entry"):
        restored(head, b"")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_journal_from_outside_may_hold_anything_and_is_answered(kind):
    """Entries of every kind with facts and rows of every wrong form: a refusal, never another error."""
    form = FORM.get(kind, MOVE)
    filled = np.zeros(1, form)
    strange = [{}, {"account": 1}, {"device": None}, {"account": "eggs"}, {"device": "hallim"}, {"by": [], "to": 1},
               {"account": "eggs", "entitlement": [], "paper": {}}, {"account": "eggs", "entitlement": "ppa", "paper": []}, {"account": "eggs", "start": "x", "end": "y"},
               {"account": "eggs", "entitlement": "ppa", "paper": "no"}, {"name": "x", "devices": 1},
               {"account": "eggs", "start": "2023-04-01T00:00Z", "end": "2023-04-02T00:00Z", "replaces": [],
                "cancellations": [[]]}]  # fmt: skip
    state = record(State(), *JOURNAL.entries)
    for about in strange:
        for rows in (filled[:0], filled):
            with pytest.raises(LedgerError):
                record(state, Event(kind, AT, about, rows))


def test_the_heads_are_the_leaves():
    assert tree_of(head for head, _rows in KEPT).root == JOURNAL.tree().root
