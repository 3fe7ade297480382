"""A product proved into a kept book: entries, a signed checkpoint, certificates, each checked as a reader would.

What lies in the folder afterwards::

    issuer.json       the keys that a reader may choose to trust
    checkpoint.json   where the book stands, signed
    status.json       which lots and batches were taken back, signed, in force for some days (`taken_back`)
    audit/LOT.json    the auditor's certificate: watt-hours, hour by hour
    shelf/LOT.json    the certificate for the shelf: shares
    */BATCH.batch.json   the same of a batch of hydrogen
    hours.parquet     the product's hours, all its lots
    proof.json        the scores, the gap to the annual paper, and what the check of each certificate said
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from tamna.errors import LedgerError, Place, StoreError, UsageError
from tamna.grid.clock import iso, to_local
from tamna.lang import _
from tamna.ledger import shelf
from tamna.ledger.canonical import canonical
from tamna.ledger.certificate import method_name
from tamna.ledger.event import CLAIM_PARTS
from tamna.ledger.journal import Journal, checkpoint
from tamna.ledger.keys import SigningKey, fingerprint
from tamna.ledger.multibase import multikey
from tamna.ledger.verify.files import verified
from tamna.registry import Registry, keyring
from tamna.registry.address import parsed
from tamna.registry.reading import stored
from tamna.registry.signing import sign
from tamna.runs.proving import Proved, prove
from tamna.runs.proving_files import BATCH, Certified, certified, certified_batches
from tamna.runs.proving_hydrogen import ProvedHydrogen, proved_hydrogen
from tamna.runs.taken_back import CERTIFIED, STATUS_NAME, stands_for, status_list
from tamna.runs.told import told_size, untold
from tamna.series.export import whole
from tamna.series.frames import write_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamna.grid import Island
    from tamna.grid.clock import Period
    from tamna.grid.product import Product
    from tamna.ledger.event import Entries, Event
    from tamna.ledger.merkle import Tree
    from tamna.ledger.state import State
    from tamna.runs.restating import Salts
    from tamna.series import Store

__all__ = ["TRIAL", "Certificates", "certify", "certify_trial", "proof_dict"]

TRIAL: Final = "did:web:trial.invalid"
"""Issuer of certificates that `tamna run` and the demo leave: its key is no secret."""
_NO_TABLE: Final = 4096
"""Size of an SQLite file of one page, which holds no table. [B]"""
_SLACK: Final = np.timedelta64(3600, "s")
"""By how much two machines' clocks may differ, and how long a run may think before it writes."""
_MEANINGS: Final = {
    "start_utc": "UTC start of the hour",
    "start_local": "the same in island time",
    "load_wh": "Wh used",
    "self_wh": "Wh of its own plants, in the same hour",
    "ppa_wh": "Wh under a PPA, in the same hour",
    "rec_wh": "Wh under a REC of a named plant, in the same hour",
    "location_wh": "Wh of the zone's own wind and sun that nobody claims: evidence of the place, no claim",
    "estimated": "whether nobody metered the load",
    "stored_wh": "Wh of self_wh that its own plants made in an earlier hour and that came out of the battery on its site",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certificates:
    """What was proved and where its certificates lie.

    Attributes
    ----------
    answers
        What the check of each certificate for the shelf said (a batch of hydrogen by its name and `BATCH`), against the book's own keys, status list and opening.
    """

    proved: Proved
    folder: Path
    ledger: str
    issuer: str
    fingerprint: str
    answers: dict[str, str]
    hydrogen: ProvedHydrogen | None = None

    @property
    def valid(self) -> int:
        """How many certificates the check found valid."""
        return sum(answer == "valid" for answer in self.answers.values())


def certify(
    store: Store,
    island: Island,
    product: Product,
    period: Period,
    *,
    ledger: str,
    keys: Path,
    issuer: str,
    at: np.datetime64,
    out: Path,
) -> Certificates:
    """Prove a product into the book at `ledger`, make it if there is none, and leave its certificates in `out`.

    Parameters
    ----------
    keys
        Folder of the issuer's private keys.
    issuer
        DID of a new book; one that is there keeps its own.

    Raises
    ------
    InputError, UsageError, LedgerError, StoreError
        As `prove`, `Registry.append` and `registry.signing.sign`; nothing of it was written to the book then.
    """
    _check_folder(out, product)
    stands_for()  # a setting that cannot be read is refused before the book is written
    url = parsed(ledger)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        told_size(out, bytes)  # no book is begun beside certificates of another
    with _book(ledger, keys, issuer, at) as book:
        _check_clock(book.state().at, at)
        told = told_size(out, lambda: book.known().leaves)
        key = keyring.signing_key(book.state(), keys)
        found: list[_Shown] = []

        def make(state: State) -> tuple[Event, ...]:
            salts = partial(shelf.salt, key)
            found[:] = [
                _shown(store, island, product, period, at=max(at, state.at), state=state, salts=salts)
            ]
            return found[0].entries

        first = book.append(make).first
        state, tree = book.state(), book.tree()
        now = max(at, state.at)
        signed = sign(book, key, now, keep=True)
        shown = _told(found[0], book, told, first)
        written = _Issuing(
            island,
            book,
            book.numbers_of(*CERTIFIED),
            state,
            tree,
            signed,
            key,
            keyring.issuer_of(state),
            now,
            keyring.trust(state),
            book.place,
        )
        return _left(shown, written, out)


def _check_clock(latest: np.datetime64, at: np.datetime64) -> None:
    """Refuse to go on with a book that was written under a clock far ahead: no reader would find a certificate valid yet."""
    if latest > at + _SLACK:
        raise LedgerError(
            _("the book's latest entry is dated in the future: a clock was wrong, then or now"),
            seen=f"{iso(latest)} > {iso(at)}",
            todo=_(
                "Set this machine's clock; if it is right, go on with a copy of the book from before that entry."
            ),
        )


def _left(shown: _Shown, written: _Issuing, out: Path) -> Certificates:
    """Leave the certificates; what the book holds already is not lost where the folder refuses."""
    try:
        return _leave(shown, written, out)
    except OSError as error:
        raise StoreError(
            _("the book is written and signed, the certificates could not be left"),
            where=Place(file=str(error.filename or out)),
            seen=error.strerror,
            todo=_("Mend the folder and run again: it goes on from there."),
        ) from error


def _told(shown: _Shown, book: Registry, told: int | None, first: int) -> _Shown:
    """Add what an earlier run into this folder wrote to the book and, killed, did not tell."""
    if told is None or told >= first:
        return shown
    with book.reading() as here:
        entries = [one.event() for one in stored(here)]
    proved = untold(shown.proved, entries, told, first)
    made = None if shown.hydrogen is None else replace(shown.hydrogen, proved=proved)
    return replace(shown, proved=proved, hydrogen=made)


def _check_folder(out: Path, product: Product) -> None:
    """Refuse a folder that holds another product's certificates: its status list and its lots would be written over."""
    there = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise UsageError(
            _("the folder for the certificates cannot be made"), where=Place(file=str(out)), seen=there
        )
    try:
        other = json.loads((out / "proof.json").read_bytes()).get("product")
    except (OSError, ValueError, AttributeError):
        return
    if other != product.name:
        raise UsageError(
            _("the folder holds certificates of another product"),
            where=Place(file=str(out)),
            seen=other,
            todo=_("Give each product a folder of its own with --out."),
        )


def certify_trial(
    store: Store, island: Island, product: Product, period: Period, *, out: Path
) -> Certificates:
    """Prove a product into a book that is nowhere kept, under a key that anybody can make: to look at, not to believe.

    The same input gives the same bytes.
    """
    key, at = SigningKey.from_seed(sha256(b"tamna trial key: anybody holds it").digest()), period.end
    shown = _shown(store, island, product, period, at=at, state=None, salts=partial(shelf.salt, key))
    tree = Journal(shown.entries).tree()
    method = method_name(TRIAL, key.public)
    trust = {"issuer": TRIAL, "keys": [{"id": method, "publicKeyMultibase": multikey(key.public)}]}
    signed = checkpoint(tree, key, issuer=TRIAL, method=method, at=at)
    numbers = [i for i, entry in enumerate(shown.entries) if entry.kind in CERTIFIED]
    written = _Issuing(island, shown.entries, numbers, shown.state, tree, signed, key, TRIAL, at, trust, "")
    return _leave(shown, written, out)


@dataclass(frozen=True, slots=True, eq=False)
class _Issuing:
    """A book and who issues out of it."""

    island: Island
    entries: Entries
    numbers: Sequence[int]
    state: State
    tree: Tree
    checkpoint: dict[str, Any]
    key: SigningKey
    issuer: str
    at: np.datetime64
    trust: dict[str, Any]
    place: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shown:
    """A product proved, with its hydrogen where it makes any, and the entries that say so."""

    proved: Proved
    hydrogen: ProvedHydrogen | None
    entries: tuple[Event, ...]
    state: State


def _shown(
    store: Store,
    island: Island,
    product: Product,
    period: Period,
    *,
    at: np.datetime64,
    state: State | None,
    salts: Salts,
) -> _Shown:
    if product.electrolyser is None:
        found = prove(store, island, product, period, at=at, state=state, salts=salts)
        return _Shown(proved=found, hydrogen=None, entries=found.entries, state=found.state)
    made = proved_hydrogen(store, island, product, period, at=at, state=state, salts=salts)
    return _Shown(proved=made.proved, hydrogen=made, entries=made.entries, state=made.state)


def _leave(shown: _Shown, by: _Issuing, out: Path) -> Certificates:
    """Write what a reader needs and each lot's certificates, and check each as a reader would."""
    proved = shown.proved
    out.mkdir(parents=True, exist_ok=True)
    status = status_list(by.numbers, by.state, key=by.key, issuer=by.issuer, at=by.at)
    _write(out / "issuer.json", by.trust)
    _write(out / "status.json", status)
    answers = {}
    for one in _certified(shown, by):
        audit = _write(out / "audit" / f"{one.name}.json", one.audit)
        file = audit if one.shelf is None else _write(out / "shelf" / f"{one.name}.json", one.shelf)
        found = verified(
            file,
            trust=out / "issuer.json",
            status=out / "status.json",
            opening=None if one.shelf is None else audit,
            now=by.at,
        )
        answers[one.name] = found.report.answer
    _hours(out / "hours.parquet", proved, by.island.timezone)
    made = Certificates(
        proved=proved, folder=out, ledger=by.place, issuer=by.issuer, fingerprint=fingerprint(by.key.public),
        answers=answers, hydrogen=shown.hydrogen,
    )  # fmt: skip
    body = json.dumps(proof_dict(made, by.island.timezone), ensure_ascii=False, indent=1, sort_keys=True)
    _whole(out / "proof.json", (body + "\n").encode())
    _write(out / "checkpoint.json", by.checkpoint)  # last: all that it covers is told now (`told`)
    return made


def _certified(shown: _Shown, by: _Issuing) -> Iterator[Certified]:
    """Certify the lots, and the batches of hydrogen where there are any."""
    facts: dict[str, Any] = {
        "tree": by.tree, "checkpoint": by.checkpoint, "key": by.key, "issuer": by.issuer, "at": by.at,
        "status": STATUS_NAME,
    }  # fmt: skip
    yield from certified(shown.proved, by.island, by.entries, **facts)
    if shown.hydrogen is not None:
        yield from certified_batches(shown.hydrogen, by.island, by.entries, **facts)


def proof_dict(made: Certificates, timezone: str) -> dict[str, Any]:
    """Say what was proved as JSON would."""
    p = made.proved
    worst = p.rows["start"][p.score.worst_hour] if p.score.worst_hour >= 0 else None
    return {
        "product": p.product.name,
        "account": p.account,
        "zone": p.product.zone,
        "from": iso(p.period.start, timezone),
        "to": iso(p.period.end, timezone),
        "method": "tamna-hourly-1",
        "policy": "tamna-product-1",
        "geography": p.product.geography,
        "export_rule": p.product.export_rule,
        "score": p.score.as_dict(),
        "share_claimable": p.score.share_claimable,
        "share_physical": p.score.share_physical,
        "share_annual": p.share_annual,
        "gap": p.share_annual - p.score.share_claimable,
        "papers_wh": p.papers_wh,
        "matched_over_wh": dict(p.over),
        "worst_hour": None if worst is None else iso(worst, timezone),
        "share_estimated": p.score.estimated_wh / p.score.load_wh if p.score.load_wh else None,
        "lots": [
            {
                "name": lot.name,
                "entry": lot.entry,
                "load_wh": lot.score.load_wh,
                "claimable_wh": lot.score.claimable_wh,
                "physical_wh": lot.score.physical_wh,
                "check": made.answers[lot.name],
            }
            for lot in p.lots
        ],
        "batches": [
            {"name": batch.name, "entry": batch.entry, "check": made.answers[f"{batch.name}{BATCH}"]}
            for batch in (() if made.hydrogen is None else made.hydrogen.batches)
        ],
        "ledger": made.ledger,
        "issuer": made.issuer,
        "key_sha256": made.fingerprint,
        "valid": made.valid,
        "notes": [str(n) for n in p.notes],
        "restated": p.restated.as_dict(),
        "storage": None if p.stored is None else p.stored.as_dict(),
    }


def _book(ledger: str, keys: Path, issuer: str, at: np.datetime64) -> Registry:
    """Open the book; where its file is not there yet, make it. On a server a book is made by ``tamna ledger init`` alone."""
    url = parsed(ledger)
    if url.get_backend_name() != "sqlite":
        return Registry.open(ledger)
    path = Path(str(url.database))
    for wait_s in (0.1, 0.4, 1.0):
        try:
            return Registry.open(ledger) if path.is_file() else keyring.found(ledger, keys, issuer, at)
        except StoreError:  # another run may be making it in this moment
            sleep(wait_s)
    begun = path.is_file() and path.stat().st_size <= _NO_TABLE  # by a run that was killed
    return keyring.found(ledger, keys, issuer, at) if begun else Registry.open(ledger)


def _write(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    _whole(path, canonical(document))
    return path


def _whole(path: Path, raw: bytes) -> None:
    def write(fresh: Path) -> None:
        fresh.write_bytes(raw)

    whole(path, write)


def _hours(path: Path, proved: Proved, timezone: str) -> None:
    rows = proved.rows
    columns = {f"{part}_wh": rows[f"{part}_wh"].astype(np.int64) for part in ("load", *CLAIM_PARTS)}
    start = pd.to_datetime(rows["start"]).tz_localize("UTC")
    local = np.datetime_as_string(to_local(rows["start"], timezone), unit="m")
    table = pd.DataFrame(
        {"start_utc": start, "start_local": local, **columns, "estimated": rows["estimated"] > 0}
    )
    if proved.stored is not None:
        table["stored_wh"] = proved.stored.used_wh
    write_frame(table, path, _MEANINGS)
