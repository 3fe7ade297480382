"""Whether the database holds the journal that was signed, and nothing that does not follow from it.

Each part is looked at by itself and answers with its own reason:

===========  ==========================================================================================================
tables       the tables and their guards are there, of a form this program knows
journal      every entry is number n, follows from the one before, reads back, and its rows are those of its root
standing     where the ledger says it stands is where the journal ends
checkpoints  each is in canonical bytes, signed by a key that the journal knew and the reader trusts; its root is that of
             the journal's first entries; it names the one before
rules        folding the journal from nothing breaks no rule, and every invariant holds, by ``==``
snapshot     it is what the journal leads to; one of another form of state is left aside, for no book is opened with it
evidence     a checkpoint that the reader kept is the beginning of this journal: nothing was rolled back
===========  ==========================================================================================================

What a database alone cannot show is that its end was cut off together with all that speaks of it: for that the reader
brings an earlier checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select, text

from tamna.errors import LedgerError, Mistake, Place
from tamna.lang import _
from tamna.ledger.book import record
from tamna.ledger.canonical import parse
from tamna.ledger.facts import moment
from tamna.ledger.invariants import broken
from tamna.ledger.journal import CHECKPOINT
from tamna.ledger.merkle import tree_of_hashes
from tamna.ledger.multibase import from_multikey
from tamna.ledger.proof import check_proof, method_of
from tamna.ledger.refusal import refuse
from tamna.ledger.state import State
from tamna.registry import snapshot, tables
from tamna.registry.address import trouble
from tamna.registry.packing import BEGIN
from tamna.registry.reading import Known, batches, followed, stored
from tamna.registry.signing import checkpoints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from tamna.ledger.event import Event
    from tamna.registry.book import Registry

__all__ = ["Audited", "audit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What an audit found that refused nothing.

    Attributes
    ----------
    entries, rows
        How many entries the journal holds, and rows in them.
    signed
        How many of the entries the latest checkpoint covers.
    checkpoints
        How many were checked.
    root
        Of the tree over all entries, in hex.
    issuer
        Who signed.
    trusted
        Whether the reader's own list of keys says so.
    evidence
        Whether an earlier checkpoint was held against the journal.
    snapshot
        What became of the snapshot: "sound", "left aside" (whole, of another form of state), or "none".
    """

    entries: int
    rows: int
    signed: int
    checkpoints: int
    root: str
    issuer: str
    trusted: bool
    evidence: bool
    snapshot: str
    state: State = field(repr=False)

    @property
    def exit_code(self) -> int:
        """0 if it is trusted, else 1: intact, by whom is unknown."""
        return 0 if self.trusted else 1


@dataclass(slots=True)
class _Found:
    """What the parts of an audit tell each other."""

    state: State = field(default_factory=State)
    chain: bytes = BEGIN
    leaves: bytearray = field(default_factory=bytearray)
    rows: int = 0
    followed: bool = False  # every entry reads back and follows from the one before
    kept: Known | None = None  # the state where the snapshot was taken
    snapshot: str = "none"

    @property
    def size(self) -> int:
        """How many entries were followed."""
        return len(self.leaves) // 32

    def root(self, size: int) -> str:
        """Give the root over the first entries, in hex."""
        return tree_of_hashes(bytes(self.leaves[: 32 * size])).root.hex()


def audit(
    registry: Registry,
    *,
    trust: Mapping[str, Any] | None = None,
    earlier: Sequence[Mapping[str, Any]] = (),
) -> Audited:
    """Check a whole registry against what was signed, in one look at the database.

    Parameters
    ----------
    trust
        ``{"issuer": DID, "keys": [{"id", "publicKeyMultibase", "until"?, "revoked"?}]}``; without it a sound book is
        intact, and by whom is unknown.
    earlier
        Checkpoints that the reader kept.

    Raises
    ------
    LedgerError
        With a reason for each part that is not sound.
    """
    found, wrong = _Found(), list[Mistake]()

    def look(part: Callable[[], None]) -> bool:
        try:
            part()
        except LedgerError as error:
            wrong.extend(error.mistakes)
            return False
        return True

    with trouble(registry.url), registry.reading() as here:
        if not look(lambda: _tables(here)):
            raise LedgerError(wrong)
        sound = look(lambda: _journal(here, found))
        if found.followed:
            look(lambda: _standing(here, found))
        if sound:
            look(lambda: _snapshot(here, found))
        documents = list[dict[str, Any]]()
        look(lambda: documents.extend(_checkpoints(here, found, trust)))
        for one in earlier:
            look(lambda one=one: _evidence(one, found, trust))  # type: ignore[misc]  # the loop's own value
    if wrong:
        raise LedgerError(list(dict.fromkeys(wrong)))
    return Audited(
        entries=found.size,
        rows=found.rows,
        signed=documents[-1]["size"],
        checkpoints=len(documents),
        root=found.root(found.size),
        issuer=documents[-1]["issuer"],
        trusted=trust is not None,
        evidence=bool(earlier),
        snapshot=found.snapshot,
        state=found.state,
    )


def _tables(here: Connection) -> None:
    if here.dialect.name == "sqlite":  # an index that tells another story than its table
        said = here.execute(text("PRAGMA integrity_check(1)")).scalar()
        if said != "ok":
            refuse(_("the file of the database is damaged"), seen=said)
    there = set(inspect(here).get_table_names())
    for name in sorted(t.name for t in tables.METADATA.tables.values()):
        if name not in there:
            refuse(_("a table of the ledger is missing"), of=name)
        due = {c.name for c in tables.METADATA.tables[name].columns}
        if {c["name"] for c in inspect(here).get_columns(name)} != due:
            refuse(_("a table of the ledger has other columns"), of=name)
    asked, due = tables.guards(here.dialect.name)
    for name in sorted(due - {str(n) for n in here.execute(text(asked)).scalars()}):
        refuse(_("the guard against changes of the journal was taken away"), of=name)


def _journal(here: Connection, found: _Found) -> None:
    """Follow the whole journal and fold it; what follows a broken rule is still held against the signatures."""
    pause = here.execute(select(tables.snapshot.c.size).order_by(tables.snapshot.c.size).limit(1)).scalar()
    broke: LedgerError | None = None
    for batch in batches(stored(here)):
        events: list[Event] = []
        for i, one in enumerate(batch):
            event = one.event()
            found.chain, leaf = followed(one, found.size, found.chain)
            found.leaves += leaf
            found.rows += len(event.rows)
            events.append(event)
            if broke is None and (found.size == pause or i == len(batch) - 1):
                try:
                    found.state = _folded(found.state, events)
                except LedgerError as error:
                    broke = error
                if found.size == pause:
                    found.kept = Known(found.state, found.chain, bytes(found.leaves))
                events = []
    found.followed = True
    if broke is not None:
        raise broke
    for message in broken(found.state):
        refuse(message)


def _folded(state: State, events: Sequence[Event]) -> State:
    """Record entries; where one is refused, say which."""
    try:
        return record(state, *events)
    except LedgerError:
        for event in events:
            try:
                state = record(state, event)
            except LedgerError as error:
                refuse(_("the entry breaks a rule: {reason}", reason=str(error)), of=f"#{state.size}")
        raise


def _standing(here: Connection, found: _Found) -> None:
    stands = here.execute(select(tables.standing)).mappings().all()
    if len(stands) != 1 or stands[0]["form"] != tables.FORM:
        refuse(_("the ledger's tables are of another form"), of=tables.standing.name)
    if found.size < stands[0]["size"]:
        refuse(_("the journal was cut: entries are missing"), seen=f"{found.size} / {stands[0]['size']}")
    if found.size > stands[0]["size"]:
        refuse(
            _("the journal holds more entries than were written"),
            seen=f"{found.size} / {stands[0]['size']}",
        )
    if bytes(stands[0]["link"]) != found.chain:
        refuse(_("the journal does not end where the ledger says"), of=tables.standing.name)


def _snapshot(here: Connection, found: _Found) -> None:
    if found.kept is not None:
        found.snapshot = "sound" if snapshot.check(here, found.kept) else "left aside"
    elif here.execute(select(tables.snapshot.c.size).limit(1)).scalar() is not None:
        refuse(_("the snapshot is of another journal"), of=tables.snapshot.name)


def _checkpoints(here: Connection, found: _Found, trust: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    documents = list[dict[str, Any]]()
    before: dict[str, Any] | None = None
    every = checkpoints(here)
    for i, (size, raw) in enumerate(every):
        of = f"checkpoint {size}"
        document = _signed(raw, of)
        if document["size"] != size:
            refuse(_("the checkpoint is filed under another size"), of=of, seen=document["size"])
        if document.get("previous") != (None if before is None else before["root"]):
            refuse(_("a checkpoint before this one is missing or was altered"), of=of)
        _covers(document, of, found)
        _believed(document, of, trust, last=i == len(every) - 1)
        documents.append(document)
        before = document
    signed = here.execute(select(tables.standing.c.signed)).scalar()
    if signed != (0 if before is None else before["size"]):
        refuse(_("a checkpoint is missing"), seen=signed)
    if before is None:
        refuse(_("the journal was not signed yet"), todo=_("Sign it: tamna ledger checkpoint."))
    return documents


def _signed(document: Any, of: str) -> dict[str, Any]:
    """Check a checkpoint's form and that the key in its name signed it; every refusal names it."""
    try:
        _check_signed(document if isinstance(document, dict) else parse(document))
    except LedgerError as error:
        raise LedgerError([replace(m, where=Place(path=of)) for m in error.mistakes]) from error
    return dict(document) if isinstance(document, dict) else dict(parse(document))


def _check_signed(document: Any) -> None:
    parts = {"type", "issuer", "at", "size", "root", "proof"}
    if (
        not isinstance(document, dict)
        or not parts <= set(document) <= parts | {"previous"}
        or document["type"] != CHECKPOINT
        or type(document["size"]) is not int
        or document["size"] < 1
    ):
        refuse(_("the checkpoint is something else"))
    moment(document, "at")
    issuer, _hash, public = method_of(document).partition("#")
    if issuer != document["issuer"]:
        refuse(_("the key is not the issuer's"), seen=issuer)
    check_proof(document, from_multikey(public))


def _covers(document: Mapping[str, Any], of: str, found: _Found) -> None:
    """Check that the journal begins with what was signed, by a key that it knew by then."""
    size = document["size"]
    if not found.followed:  # what is wrong with the journal was said; here only the signature counts
        return
    if size > found.size:
        refuse(_("the journal was cut: entries are missing"), of=of, seen=f"{found.size} / {size}")
    if found.root(size) != document["root"]:
        refuse(_("the journal is not the one that was signed"), of=of)
    if found.state.size >= size and method_of(dict(document)) not in found.state.keys:
        refuse(_("the key is none of the book's"), of=of, seen=method_of(dict(document)))


def _believed(document: Mapping[str, Any], of: str, trust: Mapping[str, Any] | None, *, last: bool) -> None:
    """Ask the reader's list; of the latest checkpoint also that its key was good when it signed.

    An earlier one may be of a key that was revoked since: the later one, by a good key, holds the same entries.
    """
    if trust is None:
        return
    method = method_of(dict(document))
    keys = trust.get("keys")
    if not isinstance(keys, list) or not all(isinstance(k, dict) for k in keys):
        refuse(_("not a list of trusted keys"), of="--trust")
    listed = next((k for k in keys if k.get("id") == method), None)
    if document["issuer"] != trust.get("issuer"):
        refuse(_("the issuer is not on the list of trusted keys"), of=of, seen=document["issuer"])
    if listed is None or listed.get("publicKeyMultibase") != method.partition("#")[2]:
        refuse(_("the key is not on the list of trusted keys"), of=of, seen=method)
    if "until" in listed and moment(document, "at") > moment(listed, "until"):
        refuse(_("signed after the key's use had ended"), of=of, seen=document["at"])
    if last and listed.get("revoked"):
        refuse(_("the key was revoked: it may be in other hands"), of=of, seen=listed["revoked"])


def _evidence(document: Mapping[str, Any], found: _Found, trust: Mapping[str, Any] | None) -> None:
    """Hold a checkpoint that the reader kept against the journal."""
    of = str(_("the checkpoint that was kept"))
    kept = _signed(dict(document), of)
    _believed(kept, of, trust, last=False)
    if not found.followed:
        return
    if kept["size"] > found.size:
        refuse(_("the journal was rolled back"), of=of, seen=f"{found.size} / {kept['size']}")
    if found.root(kept["size"]) != kept["root"]:
        refuse(_("the journal was rewritten since"), of=of)
