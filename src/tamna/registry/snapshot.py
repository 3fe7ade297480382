"""A state of the book kept beside the journal, so that opening a large one is quick. Never an authority.

A snapshot is in parts: one for what is small, one a device, one an account, one for a thousand cancellations. It is used
if it is whole and belongs to this journal (its chain is that of the entry it ends with), else the journal is read from its
beginning. The audit makes it again and compares.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import delete, insert, select

from tamna.errors import LedgerError
from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger.canonical import canonical, parse
from tamna.ledger.line import Line
from tamna.ledger.load import Load
from tamna.ledger.nouns import Account, Attributes, Device, Entitlement, KeyUse, Right, Rules
from tamna.ledger.refusal import refuse
from tamna.ledger.state import Cancellation, Claim, Standing, State
from tamna.registry import tables
from tamna.registry.reading import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

__all__ = ["check", "found", "keep", "parts"]

_LINE: Final = ("<M8[s]", "<u2", "<i8", "?", "<i4", "<i8", "<i4", "i1", "<i4")
_LOAD: Final = ("<M8[s]", "<u2", "<u4", "?", "<u4", "<i4")
_CANCELLED: Final = ("<M8[s]", "<u4")
_TOGETHER: Final = 1000
_MOST_BYTES: Final = 2**30


def keep(to: Connection, known: Known) -> int:
    """Write the state as it stands in place of the snapshot before; give its size in bytes."""
    to.execute(delete(tables.snapshot))
    written = 0
    for name, raw in parts(known):
        packed = zlib.compress(raw, 1)
        written += len(packed)
        to.execute(
            insert(tables.snapshot).values(
                part=name, size=known.size, packed=packed, digest=_digest(name, known.size, packed)
            )
        )
    return written


def found(here: Connection) -> Known | None:
    """Give the snapshot, if there is one that is whole and belongs to the journal; else None."""
    try:
        kept = dict(_read(here))
        known = _known(kept) if kept else None
    except (LedgerError, ValueError, KeyError, TypeError, IndexError, OverflowError, struct.error):
        return None
    if known is None:
        return None
    chain = here.execute(select(tables.entry.c.link).where(tables.entry.c.seq == known.size - 1)).scalar()
    return known if chain is not None and bytes(chain) == known.link else None


def check(here: Connection, known: Known) -> None:
    """Refuse a snapshot that is not the state `known`, which the journal led to.

    Raises
    ------
    LedgerError
        A part is missing, altered, or not what the journal gives.
    """
    kept = dict(_read(here))
    if not kept:
        return
    due = dict(parts(known))
    for name in sorted(set(kept) ^ set(due)):
        refuse(_("a part of the snapshot is missing, or belongs to none"), of=name)
    for name, raw in due.items():
        if kept[name] != raw:
            refuse(_("the snapshot is not what the journal leads to"), of=name)


def parts(known: Known) -> Iterator[tuple[str, bytes]]:
    """Write a state in parts: each a name and bytes, the same for the same journal."""
    state = known.state
    yield "head", canonical(_head(known))
    yield "leaves", known.leaves
    for i, line in enumerate(state.lines):
        yield f"line/{i}", _joined([getattr(line, name) for name in Line.__slots__], _LINE)
    for i, load in enumerate(state.loads):
        yield f"load/{i}", _joined([getattr(load, name) for name in Load.__slots__], _LOAD)
    every = list(state.cancellations.values())
    for i in range(0, len(every), _TOGETHER):
        some = every[i : i + _TOGETHER]
        yield (
            f"cancelled/{i // _TOGETHER}",
            _joined(
                [np.concatenate([c.start for c in some]), np.concatenate([c.wh for c in some])], _CANCELLED
            ),
        )


def _head(known: Known) -> dict[str, Any]:
    state = known.state
    return {
        "link": known.link.hex(),
        "size": state.size,
        "at": iso(state.at),
        "rules": asdict(state.rules),
        "devices": [{**asdict(d), "since": iso(d.since), "attributes": str(d.attributes)} for d in state.devices.values()],
        "accounts": [asdict(a) for a in state.accounts.values()],
        "rights": [
            {**asdict(r), "kind": str(r.kind), "devices": list(r.devices), "start": iso(r.start), "end": iso(r.end)}
            for r in state.rights.values()
        ],
        "used_wh": dict(state.used_wh),
        "cancellations": [
            [e, c.account, str(c.entitlement), c.paper, c.claim, len(c.start)] for e, c in state.cancellations.items()
        ],
        "claims": [
            [e, c.account, iso(c.start), iso(c.end), list(c.cancellations), str(c.standing)]
            for e, c in state.claims.items()
        ],
        "keys": [[k.name, iso(k.begin), _maybe(k.until), _maybe(k.revoked)] for k in state.keys.values()],
    }  # fmt: skip


def _known(kept: dict[str, bytes]) -> Known:
    head = parse(kept["head"])
    devices = [
        Device(**{**d, "since": _moment(d["since"]), "attributes": Attributes(d["attributes"])})
        for d in head["devices"]
    ]
    accounts = [Account(**a) for a in head["accounts"]]
    rights = [
        Right(
            **{
                **r,
                "kind": Entitlement(r["kind"]),
                "devices": tuple(r["devices"]),
                "start": _moment(r["start"]),
                "end": _moment(r["end"]),
            }
        )
        for r in head["rights"]
    ]
    state = State(
        size=head["size"],
        at=_moment(head["at"]),
        rules=Rules(**head["rules"]),
        devices={d.name: d for d in devices},
        accounts={a.name: a for a in accounts},
        rights={r.paper: r for r in rights},
        lines=tuple(Line(*_split(kept[f"line/{i}"], _LINE)) for i in range(len(devices))),
        loads=tuple(Load(*_split(kept[f"load/{i}"], _LOAD)) for i in range(len(accounts))),
        used_wh=head["used_wh"],
        cancellations=dict(_cancellations(head["cancellations"], kept)),
        claims={
            e: Claim(account, _moment(start), _moment(end), tuple(backing), Standing(standing))
            for e, account, start, end, backing, standing in head["claims"]
        },
        keys={
            name: KeyUse(
                name=name,
                begin=_moment(begin),
                until=None if until is None else _moment(until),
                revoked=None if revoked is None else _moment(revoked),
            )
            for name, begin, until, revoked in head["keys"]
        },
    )
    if len(kept["leaves"]) != 32 * state.size:
        refuse(_("a part of the snapshot is missing, or belongs to none"), of="leaves")
    return Known(state, bytes.fromhex(head["link"]), kept["leaves"])


def _cancellations(listed: Sequence[Any], kept: dict[str, bytes]) -> Iterator[tuple[int, Cancellation]]:
    for i in range(0, len(listed), _TOGETHER):
        start, wh = _split(kept[f"cancelled/{i // _TOGETHER}"], _CANCELLED)
        first = 0
        for entry, account, entitlement, paper, claim, length in listed[i : i + _TOGETHER]:
            some = slice(first, first := first + length)
            yield entry, Cancellation(account, Entitlement(entitlement), paper, start[some], wh[some], claim)


def _read(here: Connection) -> Iterator[tuple[str, bytes]]:
    size = None
    for name, of, packed, digest in here.execute(select(tables.snapshot).order_by(tables.snapshot.c.part)):
        if bytes(digest) != _digest(name, of, packed) or of != (size := size or of):
            refuse(_("a part of the snapshot was altered"), of=name)
        reader = zlib.decompressobj()
        try:
            raw = reader.decompress(packed, _MOST_BYTES)
        except zlib.error:
            refuse(_("a part of the snapshot was altered"), of=name)
        yield name, raw


def _digest(name: str, size: int, packed: bytes) -> bytes:
    return sha256(f"{name} {size} ".encode() + packed).digest()


def _joined(arrays: Sequence[NDArray[Any]], forms: Iterable[str]) -> bytes:
    raw = [np.ascontiguousarray(a.astype(form, copy=False)) for a, form in zip(arrays, forms, strict=True)]
    planes = [a.view(np.uint8).reshape(-1, a.itemsize).T.tobytes() if len(a) else b"" for a in raw]
    return struct.pack(f"<{len(raw)}Q", *(len(a) for a in raw)) + b"".join(planes)


def _split(raw: bytes, forms: Sequence[str]) -> list[NDArray[Any]]:
    lengths = struct.unpack_from(f"<{len(forms)}Q", raw)
    at, arrays = 8 * len(forms), []
    for form, length in zip(forms, lengths, strict=True):
        kind = np.dtype(form)
        size = length * kind.itemsize
        planes = np.frombuffer(raw, np.uint8, size, at).reshape(kind.itemsize, length)
        arrays.append(np.frombuffer(planes.T.tobytes(), kind))
        at += size
    if at != len(raw):
        refuse(_("a part of the snapshot was altered"))
    return arrays


def _maybe(moment: np.datetime64 | None) -> str | None:
    return None if moment is None else iso(moment)


def _moment(text: str) -> np.datetime64:
    return np.datetime64(text.removesuffix("Z"), "s")
