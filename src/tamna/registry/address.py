"""Where a registry lies, and the door to it: a file of SQLite, or a database of PostgreSQL.

A password in an address is never repeated: neither in an error nor in a log. Better than in the address it stands in
``PGPASSWORD`` or ``~/.pgpass``, which the driver reads by itself.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from tamna.errors import MissingExtra, Place, StoreBusy, StoreError, UsageError
from tamna.lang import _
from tamna.settings import masked

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WRITE", "door", "parsed", "shown", "trouble"]

WRITE: Final = "tamna_write"  # an execution option: the transaction is going to write
_WAIT_S: Final = 60
_TODO: Final = _("Use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE.")


def parsed(address: str) -> URL:
    """Read an address; a bare path is a file of SQLite.

    Raises
    ------
    UsageError
        Another database, or no address.

    Examples
    --------
    >>> parsed("book.db").render_as_string(), parsed("postgresql://eggs@db/book").drivername
    ('sqlite:///book.db', 'postgresql+psycopg')
    """
    if "://" not in address and address:
        return URL.create("sqlite", database=str(Path(address).expanduser()))
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # what it holds may be a password
        raise UsageError(_("no address of a ledger"), todo=_TODO) from None
    kind = url.get_backend_name()
    if kind == "sqlite" and url.database and url.database != ":memory:" and not url.query:
        return url.set(drivername="sqlite")
    if kind == "postgresql" and url.database:
        return url.set(drivername="postgresql+psycopg")
    raise UsageError(_("no address of a ledger"), seen=shown(url), todo=_TODO)


def shown(url: URL) -> str:
    """Write an address for a reader, without its password (also one that stands in its query)."""
    hidden = {k: "***" if "pass" in k.lower() or "key" in k.lower() else v for k, v in url.query.items()}
    return url.set(query=hidden).render_as_string(hide_password=True)


def door(url: URL) -> Engine:
    """Make the engine; nothing is opened yet.

    Raises
    ------
    MissingExtra
        The driver of PostgreSQL is not installed.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url, poolclass=QueuePool, pool_size=2, connect_args={"timeout": _WAIT_S}, hide_parameters=True
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(url, pool_size=2, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise MissingExtra(
            _("a ledger in PostgreSQL needs the library {library}", library="psycopg"),
            todo=_("Run: {command}", command="pip install 'tamna[postgresql]'"),
        ) from error


@contextmanager
def trouble(url: URL) -> Iterator[None]:
    """Turn what a database says into a refusal of ours, without statement, values or password.

    Raises
    ------
    StoreBusy
        Others hold the database for longer than a minute.
    StoreError
        It could not be read or written, or holds something else than a ledger.
    """
    try:
        yield
    except (
        SQLAlchemyError,
        sqlite3.Error,
        UnicodeDecodeError,
    ) as error:  # the last two out of a damaged file
        cause: Any = error.orig if isinstance(error, DBAPIError) else error
        said = masked(" ".join(str(cause).split()))
        if url.password:
            said = said.replace(str(url.password), "***")
        if "database is locked" in said:
            raise StoreBusy(
                _("others are writing to the ledger"),
                where=Place(file=shown(url)),
                todo=_("Try again in a moment."),
            ) from None
        raise StoreError(
            _("the ledger's database refused"),
            where=Place(file=shown(url)),
            seen=said,
            todo=_("Nothing was half-written. See that the database runs and is a ledger."),
        ) from None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Let SQLAlchemy begin transactions; keep what was committed through a loss of power; let readers go on."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_WAIT_S * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    """Take the right to write at once where it will be needed: a reader that turns writer could only fail."""
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
