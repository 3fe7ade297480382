"""The tables of a registry, and the guards that keep its journal append-only.

==================  ===============================================================================================
ledger_entry        the journal: an entry's number, its head in canonical bytes, its rows packed, the chain so far
ledger_checkpoint   what the issuer signed, in canonical bytes, by the size of the journal
ledger_standing     one row: the form of these tables, how long the journal is, where its chain ends, what was signed
ledger_snapshot     a state of the book in parts; follows from the journal, is only there so that opening is quick
==================  ===============================================================================================

The guards refuse an update or deletion in the first two. Whoever may change the tables may drop the guards: they are
against mistakes; against intent there are chain, tree and signatures (`registry.audit`).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import DDL, CheckConstraint, Column, Integer, LargeBinary, MetaData, Table, Text, event

__all__ = ["FORM", "GUARDED", "METADATA", "checkpoint", "entry", "guards", "snapshot", "standing"]

FORM: Final = 1  # of these tables; another form is refused, not guessed
METADATA: Final = MetaData()


def _table(name: str, *columns: Column[object] | CheckConstraint) -> Table:
    # strict: SQLite otherwise takes a text where a number stands
    return Table(name, METADATA, *columns, sqlite_strict=True)


entry: Final = _table(
    "ledger_entry",
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("head", LargeBinary, nullable=False),
    Column("rows", LargeBinary, nullable=False),
    Column("link", LargeBinary, nullable=False),
)
checkpoint: Final = _table(
    "ledger_checkpoint",
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("document", LargeBinary, nullable=False),
)
standing: Final = _table(
    "ledger_standing",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("form", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("link", LargeBinary, nullable=False),
    Column("signed", Integer, nullable=False),
    CheckConstraint("id = 1", name="ledger_standing_is_one_row"),
)
snapshot: Final = _table(
    "ledger_snapshot",
    Column("part", Text, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

GUARDED: Final = (entry, checkpoint)
_SAID: Final = "what stands in the ledger is not changed"


def _guard(table: Table, dialect: str, said: str) -> None:
    statement = DDL(said).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
    event.listen(table, "after_create", statement)


for _table_ in GUARDED:
    _name = _table_.name
    for _what in ("UPDATE", "DELETE"):
        _guard(
            _table_,
            "sqlite",
            f"CREATE TRIGGER {_name}_no_{_what.lower()} BEFORE {_what} ON {_name} "
            f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END",
        )
    _guard(
        _table_,
        "postgresql",
        f"CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN RAISE EXCEPTION '{_SAID}'; END $$",
    )
    _guard(
        _table_,
        "postgresql",
        f"CREATE TRIGGER {_name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {_name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
    )


def guards(dialect: str) -> tuple[str, set[str]]:
    """Give the question that lists the guards in the database, and the names it must answer."""
    if dialect == "sqlite":
        names = {f"{t.name}_no_{what}" for t in GUARDED for what in ("update", "delete")}
        return "SELECT name FROM sqlite_master WHERE type = 'trigger'", names
    asked = (
        "SELECT tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = current_schema() AND NOT tgisinternal AND tgenabled <> 'D'"
    )
    return asked, {f"{t.name}_no_change" for t in GUARDED}
