"""The requests of `ledger.test_any_order`, in any order, through a database: the same answers, and nothing lost."""

import os
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis.stateful import rule, run_state_machine_as_test
from sqlalchemy import delete, insert, text

from ledger.island import AT
from ledger.test_any_order import Book
from registry.kept import unsynced
from tamna.ledger.journal import Journal
from tamna.registry import Registry, snapshot, tables
from tamna.registry.packing import BEGIN


class KeptBook(Book):
    """A book in a database; `registry` is set by the test."""

    steps = 0
    accepted = Counter()
    registry = None

    def open(self, events):
        with self.registry.writing() as to:  # an empty journal in the tables that are there
            for table in (tables.snapshot, tables.entry):
                to.execute(delete(table))
            to.execute(delete(tables.standing))
            to.execute(insert(tables.standing).values(id=1, form=tables.FORM, size=0, link=BEGIN, signed=0))
        type(self).registry = self.again()
        self.state = self.registry.record(*events).state
        self.journal = Journal(tuple(events))

    def write(self, event):
        size = self.state.size
        done = self.registry.record(event)
        assert (done.first, done.state.size) == (size, size + 1)
        self.journal = self.journal.with_entry(event)
        return done.state

    def read_again(self):
        """Forget everything and open the database anew; as often as not from a snapshot."""
        type(self).registry = self.again()
        return self.registry.state()

    @rule()
    def keep_a_snapshot(self):
        with self.registry.writing() as to:
            snapshot.keep(to, self.registry.refreshed(to))

    def again(self):
        url = self.registry.url
        self.registry.close()
        return unsynced(Registry(url))

    def teardown(self):
        if hasattr(self, "journal"):
            again = self.read_again()
            assert again.size == len(self.journal.entries)
            assert self.registry.tree().root == self.journal.tree().root


def prepared(address):
    """Make the tables, and take the guards away: the machine begins many books in one database."""
    registry = Registry.create(address, AT)
    with registry.writing() as to:
        for table in tables.GUARDED:
            if to.dialect.name == "sqlite":
                for what in ("update", "delete"):
                    to.execute(text(f"DROP TRIGGER {table.name}_no_{what}"))
            else:
                to.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
    return registry


@pytest.mark.slow
def test_requests_in_any_order_through_a_database_keep_every_invariant(ledger_address):
    """10,000 requests together with the pure machine's; TAMNA_LEDGER_KEPT_STEPS asks for more."""
    wanted = int(os.environ.get("TAMNA_LEDGER_KEPT_STEPS", "600"))
    KeptBook.registry, KeptBook.steps, KeptBook.accepted = prepared(ledger_address), 0, Counter()
    while KeptBook.steps < wanted:
        run_state_machine_as_test(
            KeptBook, settings=settings(max_examples=15, stateful_step_count=60, deadline=None)
        )
    assert {"issue", "consume", "cancel", "transfer", "split", "restate"} <= set(KeptBook.accepted)
