"""A signed book in a database for the registry's tests, and a way to edit its tables behind its back."""

from contextlib import contextmanager

import numpy as np
from sqlalchemy import delete, insert, select, text

from ledger.island import AT, DAY, HOUR, device, hours, right
from tamna.ledger import operations as op
from tamna.ledger.nouns import Account
from tamna.registry import keyring, tables
from tamna.registry.signing import sign

ISSUER = "did:web:jeju.example"
TABLES = (tables.entry, tables.checkpoint, tables.standing, tables.snapshot)


def founded(address, folder, n=6):
    """Give a book of `n` hours, matched and claimed, with two checkpoints, a snapshot, and an unsigned entry."""
    book = keyring.found(address, folder, ISSUER, AT)
    book.record(
        *(op.account(AT, Account(name=name, zone="jeju")) for name in ("wind", "eggs", "milk")),
        op.device(AT, device("hallim", "wind")),
        op.device(AT, device("roof", "eggs", 1_000)),
        op.right(AT, right(end=DAY + n * HOUR)),
    )
    book.record(op.issue(AT, "hallim", op.readings(hours(n), np.arange(n) * 7)))
    book.record(op.issue(AT, "roof", op.readings(hours(n), np.full(n, 5))))
    book.record(op.consume(AT, "eggs", op.readings(hours(n), np.full(n, 30))))
    key = keyring.signing_key(book.state(), folder)
    sign(book, key, AT)
    book.match(AT, DAY, DAY + n * HOUR)
    book.append(lambda s: [op.claim(s, AT, "eggs", DAY, DAY + n * HOUR, cancellations=list(s.cancellations))])
    sign(book, key, AT, keep=True)
    book.record(op.consume(AT, "milk", op.readings(hours(2), np.full(2, 3))))
    return book


def unsynced(book):
    """Let SQLite not wait for the disk: for tests that write thousands of times and pull no plug."""
    if book.url.get_backend_name() == "sqlite":
        raw = book._door.raw_connection()
        raw.driver_connection.execute("PRAGMA synchronous=OFF")
        raw.close()
    return book


def everything(book):
    """Give all rows of all tables."""
    with book.reading() as here:
        return {t.name: sorted(here.execute(select(t)).all(), key=lambda r: r[0]) for t in TABLES}


@contextmanager
def unguarded(book):
    """Let a hand change anything, and put the guards back when it is done."""
    with book.writing() as to:
        sqlite = to.dialect.name == "sqlite"
        if sqlite:
            kept = to.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _sql in kept:
                to.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in tables.GUARDED:
                to.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        yield to
        if sqlite:
            for _name, sql in kept:
                to.execute(text(sql))
        else:
            for table in tables.GUARDED:
                to.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))


def replaced(to, table, rows):
    """Put `rows` in the place of all rows of a table."""
    to.execute(delete(table))
    if rows:
        to.execute(insert(table), [dict(zip(table.columns.keys(), row, strict=True)) for row in rows])
