"""A book in a database: read it, append to it, sign it; safe with many writers and when killed at any moment.

An append is one transaction. A writer makes its entries for the state it has read, and `ledger.book.record` checks
them; then it takes the right to write, and if meanwhile another was first, it gives the right back, reads what is new,
makes its entries again for the new state, and has them checked again. Nobody waits while somebody thinks. After a few
lost races a writer takes the right first and thinks then, so that none waits for ever.

What a killed writer leaves is what the database leaves of an unfinished transaction: nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import finalize

from sqlalchemy import insert, inspect, select, update

from tamna.errors import Place, StoreError, UsageError
from tamna.lang import _
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.matching import Matched, matching
from tamna.ledger.merkle import Tree, tree_of_hashes
from tamna.ledger.state import State
from tamna.registry import snapshot, tables
from tamna.registry.address import WRITE, door, parsed, shown, trouble
from tamna.registry.packing import BEGIN, Packed, link, packed
from tamna.registry.reading import Known, caught_up, entry_of, numbers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from sqlalchemy import URL, Connection

    from tamna.ledger.event import Event, Kind
    from tamna.ledger.matching import Policy
    from tamna.ledger.nouns import Rules

    Make = Callable[[State], Sequence[Event] | Matched]

__all__ = ["Appended", "Registry"]

_PATIENCE: Final = 3  # races lost before a writer takes the right to write first


@dataclass(frozen=True, slots=True, eq=False)
class Appended:
    """What an append wrote: the number of its first entry, how many, and the state of the book after them."""

    first: int
    entries: tuple[Event, ...]
    state: State


class Registry:
    """A book kept in a database.

    One object may be used by several threads; a process that forks opens its own.

    Examples
    --------
    ::

        registry = Registry.create("sqlite:///book.db", at)
        registry.record(op.account(at, account), op.device(at, device))
        registry.append(lambda state: [op.transfer(at, op.ranges(state, rows), by="wind", to="eggs")])
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self._door = door(url)
        self._closed = finalize(self, self._door.dispose)
        self._lock = RLock()
        self._known = Known(State())

    @classmethod
    def create(
        cls, address: str, at: np.datetime64, rules: Rules | None = None, *, entries: Sequence[Event] = ()
    ) -> Registry:
        """Make the tables and open the book with its rules and, in the same breath, its first entries.

        Raises
        ------
        StoreError
            There is a ledger already, or the database refuses.
        """
        registry = cls(parsed(address))
        with trouble(registry.url), registry.writing() as to:
            if set(inspect(to).get_table_names()) & {t.name for t in tables.METADATA.tables.values()}:
                raise StoreError(
                    _("there is a ledger already"),
                    where=Place(file=registry.place),
                    todo=_("Use it, or give another address."),
                )
            tables.METADATA.create_all(to)
            to.execute(insert(tables.standing).values(id=1, form=tables.FORM, size=0, link=BEGIN, signed=0))
            registry._known = registry._append(to, registry._ready([op.book(at, rules), *entries], State()))
        return registry

    @classmethod
    def open(cls, address: str) -> Registry:
        """Open what is there; a ledger is never made by looking for it.

        Raises
        ------
        StoreError
            No ledger lies there, or one of another form.
        """
        registry = cls(parsed(address))
        if registry.url.get_backend_name() == "sqlite":
            from pathlib import Path

            if not Path(str(registry.url.database)).is_file():
                registry._absent()
        with trouble(registry.url), registry.reading() as here:
            if not inspect(here).has_table(tables.standing.name):
                registry._absent()
            registry.standing(here)
        return registry

    @property
    def place(self) -> str:
        """Where the book lies, without a password."""
        return shown(self.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database's connections; the object can be used again."""
        self._door.dispose()

    def state(self) -> State:
        """Give the state of the book as it now stands; what was read before is not read again."""
        return self.known().state

    def known(self) -> Known:
        """Read what is new and give what is known: state, chain and the hashes of the heads."""
        with self._lock, trouble(self.url), self.reading() as here:
            return self.refreshed(here)

    def tree(self) -> Tree:
        """Grow the tree over the journal as it now stands."""
        return tree_of_hashes(self.known().leaves)

    def __getitem__(self, number: int) -> Event:
        """Give entry `number` of the journal; nothing else of it is read.

        Raises
        ------
        LedgerError
            It is not there, or was altered since it became known.
        """
        leaves = self.known().leaves
        with trouble(self.url), self.reading() as here:
            return entry_of(here, number, leaves)

    def numbers_of(self, *kinds: Kind) -> list[int]:
        """Give the numbers of the entries of some kinds."""
        with trouble(self.url), self.reading() as here:
            return numbers_of(here, *kinds)

    def record(self, *events: Event) -> Appended:
        """Append entries as they are, all or none.

        Where another writer was first, they are checked again after its entries, and dated not before them.

        Raises
        ------
        LedgerError
            One of them breaks a rule; nothing was written.
        """
        first = self.state().at

        def again(state: State) -> list[Event]:
            late = state.at > first
            return [replace(e, at=max(e.at, state.at)) if late and e.at >= first else e for e in events]

        return self.append(again)

    def append(self, make: Make) -> Appended:
        """Append what `make` makes of the state, in one transaction.

        Parameters
        ----------
        make
            Gives the entries for a state, or entries with the state that `ledger.book.record` made of them. It is
            called again with a newer state where another writer was first; nothing to do is an empty list.

        Raises
        ------
        LedgerError
            An entry breaks a rule; nothing was written.
        StoreBusy, StoreError
            The database could not be reached or written.
        """
        with self._lock, trouble(self.url):
            for _lost in range(_PATIENCE):
                with self.reading() as here:
                    self.refreshed(here)
                ready = self._ready(make(self._known.state), self._known.state)
                if not ready.stored:
                    return ready.appended
                with self.writing() as to:
                    stands = self.standing(to)
                    if (stands["size"], bytes(stands["link"])) == (self._known.size, self._known.link):
                        after = self._append(to, ready)
                        break
            else:
                with self.writing() as to:
                    self.standing(to)
                    self.refreshed(to)
                    ready = self._ready(make(self._known.state), self._known.state)
                    after = self._append(to, ready)
            self._known = after
            return ready.appended

    def match(
        self, at: np.datetime64, start: np.datetime64, end: np.datetime64, policy: Policy | None = None
    ) -> int:
        """Match as `ledger.matching` does, each piece a transaction; give how many entries were written.

        A matching that was killed has written whole pieces; called again it goes on with what is left.
        """
        written = 0
        while True:
            begun = self.state()
            done = True
            for found in matching(begun, max(at, begun.at), start, end, policy):
                expected = found.state.size - len(found.entries)
                appended = self.append(_if_still(expected, found))
                if not appended.entries:
                    done = False  # another writer was first: match what it left
                    break
                written += len(appended.entries)
            if done:
                return written

    def reading(self) -> Any:
        """Begin a transaction that sees one moment of the database."""
        if self.url.get_backend_name() == "sqlite":
            return self._door.begin()
        return self._door.execution_options(isolation_level="REPEATABLE READ").begin()

    def writing(self) -> Any:
        """Begin a transaction that may write."""
        return self._door.execution_options(**{WRITE: True}).begin()

    def standing(self, here: Connection) -> dict[str, Any]:
        """Read where the book stands; in a writing transaction nobody else writes from then on.

        Raises
        ------
        StoreError
            The tables are of another form.
        """
        asked = select(tables.standing)
        if here.get_execution_options().get(WRITE, False):
            asked = asked.with_for_update()
        found = here.execute(asked).mappings().one_or_none()
        if found is None or found["form"] != tables.FORM:
            raise StoreError(
                _("the ledger's tables are of another form"),
                where=Place(file=self.place),
                seen=None if found is None else found["form"],
                todo=_("Use the version of tamna that wrote them."),
            )
        return dict(found)

    def _absent(self) -> None:
        raise StoreError(
            _("no ledger lies there"),
            where=Place(file=self.place),
            todo=_("Make one with tamna ledger init, or give its address."),
        )

    def _ready(self, made: Sequence[Event] | Matched, before: State) -> _Ready:
        if isinstance(made, Matched):
            if made.state.size != before.size + len(made.entries):
                raise UsageError(_("entries and state do not belong together"), seen=made.state.size)
            events, after = made.entries, made.state
        else:
            events, after = tuple(made), record(before, *made)
        return _Ready(Appended(before.size, events, after), tuple(packed(e) for e in events))

    def _append(self, to: Connection, ready: _Ready) -> Known:
        """Write entries behind what is known; whoever calls holds the right to write."""
        before, rows = self._known, []
        chain, leaves = before.link, bytearray(before.leaves)
        for seq, one in enumerate(ready.stored, before.size):
            chain = link(chain, one.leaf, one.rows)
            leaves += one.leaf
            rows.append({"seq": seq, "head": one.head, "rows": one.rows, "link": chain})
        if rows:
            to.execute(insert(tables.entry), rows)
            to.execute(update(tables.standing).values(size=before.size + len(rows), link=chain))
        return Known(ready.appended.state, chain, bytes(leaves))

    def refreshed(self, here: Connection) -> Known:
        """Read what is new in the transaction `here`; know it from then on."""
        known = self._known
        if known.size == 0:
            known = snapshot.found(here) or known
        self._known = caught_up(here, known, self.standing(here))
        return self._known


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """Entries that are checked and packed."""

    appended: Appended
    stored: tuple[Packed, ...]


def _if_still(size: int, found: Matched) -> Make:
    """Give what was matched if the book still has `size` entries, else nothing."""
    return lambda state: found if state.size == size else []
