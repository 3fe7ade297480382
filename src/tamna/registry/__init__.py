"""Where the book is kept: a database around the pure ledger, SQLite by default, PostgreSQL by setting.

The journal is the only authority. Everything else in the database (where it stands, snapshots) follows from it and is
checked against it by `audit`. The room knows no rules of the ledger: what may be written `ledger.book` says.
"""

from tamna.registry.book import Appended, Registry

__all__ = ["Appended", "Registry"]
