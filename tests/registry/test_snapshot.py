"""A snapshot opens a large book quickly and is believed only as far as it goes."""

from dataclasses import dataclass

import numpy as np
import pytest
from sqlalchemy import update

from ledger.island import AT, hours
from ledger.test_any_order import fates
from registry.kept import everything, founded, replaced
from tamna.errors import LedgerError
from tamna.ledger import operations as op
from tamna.ledger.state import State
from tamna.registry import Registry, keyring, snapshot, tables, values
from tamna.registry.audit import audit
from tamna.registry.reading import Known, caught_up, stored
from tamna.registry.signing import sign


def counted(monkeypatch):
    read = []
    monkeypatch.setattr(
        "tamna.registry.reading.stored", lambda here, first=0: read.append(first) or stored(here, first)
    )
    return read


def test_a_book_opens_at_its_snapshot_and_reads_only_what_came_after(ledger_address, tmp_path, monkeypatch):
    book = founded(ledger_address, tmp_path / "keys")
    read = counted(monkeypatch)
    again = Registry.open(ledger_address).state()
    assert read[:1] == [book.state().size - 1]
    assert fates(again) == fates(book.state())
    assert (again.claims, again.used_wh, again.keys) == (
        book.state().claims,
        book.state().used_wh,
        book.state().keys,
    )


def test_a_restated_book_is_the_same_from_its_snapshot(ledger_address, tmp_path):
    book = founded(ledger_address, tmp_path / "keys")
    book.record(
        op.restate(AT, "hallim", op.readings(hours(2, 1), np.array([3, 99])), reason="meter exchanged")
    )
    with book.writing() as to:
        snapshot.keep(to, book.refreshed(to))
    with book.reading() as here:
        kept = snapshot.found(here)
        folded = caught_up(here, Known(State()), book.standing(here))
    assert dict(snapshot.parts(kept)) == dict(snapshot.parts(folded))
    assert fates(kept.state) == fates(folded.state)


@pytest.mark.parametrize("what", ["packed", "digest", "size", "missing", "link"])
def test_a_snapshot_that_is_not_whole_is_left_aside(ledger_address, tmp_path, monkeypatch, what):
    book = founded(ledger_address, tmp_path / "keys")
    rows = [list(r) for r in everything(book)["ledger_snapshot"]]
    with book.writing() as to:
        if what == "missing":
            replaced(to, tables.snapshot, rows[1:])
        elif what == "size":
            to.execute(update(tables.snapshot).values(size=3))
        elif what == "link":  # a snapshot that is whole, of another journal
            known = book.refreshed(to)
            snapshot.keep(to, type(known)(known.state, bytes(32), known.leaves))
        else:
            at = 1 + [c.name for c in tables.snapshot.columns][1:].index(what)
            rows[0][at] = bytes([rows[0][at][0] ^ 1]) + rows[0][at][1:]
            replaced(to, tables.snapshot, rows)
    read = counted(monkeypatch)
    again = Registry.open(ledger_address).state()
    assert read == [0]
    assert fates(again) == fates(book.state())


def older(monkeypatch):
    """Let what is kept now be of the form that an earlier version of this program had."""
    for module in ("values", "snapshot"):
        monkeypatch.setattr(f"tamna.registry.{module}.FORM", bytes(32))


@pytest.mark.parametrize("how", ["other nouns", "before forms were told"])
def test_a_snapshot_of_another_form_is_left_aside_and_kept_anew(ledger_address, tmp_path, monkeypatch, how):
    with monkeypatch.context() as earlier:
        older(earlier)
        if how == "before forms were told":
            earlier.setattr("tamna.registry.snapshot.FORM", b"")
        book = founded(ledger_address, tmp_path / "keys")
    assert audit(book).snapshot == "left aside"
    read = counted(monkeypatch)
    with Registry.open(ledger_address) as again:
        assert fates(again.state()) == fates(book.state())
        assert read[0] == 0
    key = keyring.signing_key(book.state(), tmp_path / "keys")
    sign(book, key, AT, keep=True)
    assert audit(book).snapshot == "sound"
    read.clear()
    assert Registry.open(ledger_address).state().size == book.state().size == read[0]


def test_a_snapshot_of_another_form_is_still_refused_where_it_was_altered(
    ledger_address, tmp_path, monkeypatch
):
    with monkeypatch.context() as earlier:
        older(earlier)
        book = founded(ledger_address, tmp_path / "keys")
    rows = [list(r) for r in everything(book)["ledger_snapshot"]]
    rows[0][2] = bytes([rows[0][2][0] ^ 1]) + rows[0][2][1:]
    with book.writing() as to:
        replaced(to, tables.snapshot, rows)
    with pytest.raises(LedgerError, match="a part of the snapshot was altered"):
        audit(book)


def test_a_snapshot_is_kept_also_where_nothing_is_new_to_sign(ledger_address, tmp_path, monkeypatch):
    book = founded(ledger_address, tmp_path / "keys")
    key = keyring.signing_key(book.state(), tmp_path / "keys")
    signed = sign(book, key, AT)
    assert sign(book, key, AT, keep=True) == signed
    with book.reading() as here:
        assert snapshot.found(here).size == signed["size"]
        assert snapshot.current(here, book.known())
    monkeypatch.setattr(snapshot, "keep", None)  # what is kept already is not written again
    assert sign(book, key, AT, keep=True) == signed


def test_the_form_follows_the_fields_of_every_noun(monkeypatch):
    @dataclass
    class Load:
        start: int

    assert values._form() == values.FORM
    monkeypatch.setitem(values._NOUNS, "Load", Load)
    assert values._form() != values.FORM
