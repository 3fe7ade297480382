"""The one list of what a store holds: segments, readings, blocks, findings.

The file is one JSON object whose body carries its own checksum, so a flipped bit is told from a
new format; everything in it is plain enough to be read by eye.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import Place, StoreError
from tamna.lang import Message, _
from tamna.sources.block import Finding, Kind, Receipt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

FORMAT = 1
KEY = "manifest.json"
Identity = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One file the store holds.

    A reading by an older version of its reader, or by another mapping entry, is `replaced`, not removed.
    """

    receipt: Receipt
    replaced: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def identity(self) -> Identity:
        """What makes two readings the same file read the same way, whatever the reader's version."""
        return self.receipt.sha256, self.receipt.reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One Parquet file; its key is its hash, and the sweep after which it was put."""

    key: str
    sha256: str
    size_bytes: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One block: `code` in its segment; `first` and `last` are stamps, not the end of the last interval."""

    segment: str
    code: int
    reading: int
    series: str
    source: str
    unit: str
    kind: Kind
    resolution_s: int
    rows: int
    first: np.datetime64
    last: np.datetime64
    forecast: bool

    @property
    def strand(self) -> Strand:
        """Which values it may be compared with."""
        return Strand(self.series, self.source, self.unit, self.kind, self.resolution_s)


@dataclass(frozen=True, slots=True, order=True)
class Strand:
    """Values of one series and source that say the same thing of equally long intervals."""

    series: str
    source: str
    unit: str
    kind: Kind
    resolution_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A reading not yet in a manifest, with its blocks (whose `reading` number is not yet given)."""

    held: Held
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the store holds; readings stand in the order of their ingest.

    `sweeps` counts how often unnamed segments were removed from a bucket without locks. Whoever put
    segments before a sweep puts them again, under new keys, before naming them.
    """

    generation: int = 0
    sweeps: int = 0
    segments: tuple[Segment, ...] = ()
    readings: tuple[Held, ...] = ()
    entries: tuple[Entry, ...] = field(default=())

    def knows(self, receipt: Receipt) -> bool:
        """Whether these bytes were read already by this reader, and so that nothing new would come of it."""
        return any(
            not h.replaced and h.identity == (receipt.sha256, receipt.reader) and _as_good(h.receipt, receipt)
            for h in self.readings
        )

    def living(self) -> tuple[Entry, ...]:
        """Give the blocks whose reading is not replaced."""
        return tuple(e for e in self.entries if not self.readings[e.reading].replaced)

    def data_ends(self) -> Stamps:
        """Give, for each reading, the end of its data; for what came over the network, when it was retrieved."""
        ends = [h.receipt.retrieved_at or h.receipt.data_end for h in self.readings]
        return np.array([moment(end) for end in ends], dtype="datetime64[s]")

    def ranks(self) -> NDArray[np.int64]:
        """Rank the readings: the one whose data end later stands above, then the later ingest."""
        ends = self.data_ends().astype(np.int64)
        ranks = np.empty(len(ends), dtype=np.int64)
        ranks[np.lexsort((np.arange(len(ends)), ends))] = np.arange(len(ends))
        return ranks

    def extended(
        self, drafts: Sequence[Draft], segments: Iterable[Segment]
    ) -> tuple[Manifest, list[Draft], list[Draft]]:
        """Add what is new of `drafts`; give the next manifest, the drafts added and those it knew."""
        readings, entries = list(self.readings), list(self.entries)
        newest = {h.identity: i for i, h in enumerate(readings) if not h.replaced}
        added: list[Draft] = []
        known: list[Draft] = []
        for draft in drafts:
            held = draft.held
            before = newest.get(held.identity)
            if before is not None:
                if _as_good(readings[before].receipt, held.receipt):
                    known.append(draft)
                    continue
                readings[before] = replace(readings[before], replaced=True)
            newest[held.identity] = len(readings)
            entries += [replace(e, reading=len(readings)) for e in draft.entries]
            readings.append(held)
            added.append(draft)
        used = {e.segment for e in entries}
        every = {s.key: s for s in (*self.segments, *segments) if s.key in used}
        following = Manifest(
            generation=self.generation + 1,
            sweeps=self.sweeps,
            segments=tuple(every.values()),
            readings=tuple(readings),
            entries=tuple(entries),
        )
        return following, added, known


def _as_good(before: Receipt, now: Receipt) -> bool:
    """Whether a file was read before by this version of the reader or a later one, as the same mapping says."""
    return before.reader_version >= now.reader_version and before.described_by == now.described_by


def moment(text: str) -> np.datetime64:
    """Read a stamp of a receipt: ISO with ``Z``, an offset, or UTC without either."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return np.datetime64(0, "s")
    at = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    return np.datetime64(at, "s")


def write(manifest: Manifest) -> bytes:
    """Give the manifest as the bytes of its file."""
    body = json.dumps(
        {
            "generation": manifest.generation,
            "sweeps": manifest.sweeps,
            "segments": [_plain(s) for s in manifest.segments],
            "readings": [
                {
                    "receipt": h.receipt.as_dict(),
                    "replaced": h.replaced,
                    "findings": [_finding_out(f) for f in h.findings],
                }
                for h in manifest.readings
            ],
            "blocks": [_plain(e) for e in manifest.entries],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    return _HEAD % (FORMAT, hashlib.sha256(body).hexdigest().encode()) + body + _TAIL


_HEAD = b'{"tamna_store":%d,"sha256":"%s","body":'
_TAIL = b"}\n"


def read(data: bytes, file: str) -> Manifest:
    """Read a manifest and check it.

    Raises
    ------
    StoreError
        It is not a manifest, is damaged, or is of a newer format.
    """
    try:
        whole = json.loads(data)
        version = whole["tamna_store"]
    except (ValueError, TypeError, KeyError) as error:
        raise damaged(file) from error
    if not isinstance(version, int) or version > FORMAT:
        raise StoreError(
            _("the store was written by a newer tamna (format {format})", format=version),
            where=Place(file=file),
            todo=_("Update tamna, or give another folder with --store."),
        )
    try:
        head = _HEAD % (version, whole["sha256"].encode())
        if not (data.startswith(head) and data.endswith(_TAIL)):
            raise damaged(file)
        if hashlib.sha256(data[len(head) : -len(_TAIL)]).hexdigest() != whole["sha256"]:
            raise damaged(file)
        return _manifest_in(whole["body"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(file) from error


def damaged(file: str) -> StoreError:
    """Say that the list of the store is missing or not what was written."""
    return StoreError(
        _("the list of the store is missing or damaged"),
        where=Place(file=file),
        todo=_(
            "Copy manifest.json.previous, the list before the last ingest, over manifest.json and "
            "ingest the last files again. The segments themselves are untouched."
        ),
    )


def _manifest_in(body: dict[str, Any]) -> Manifest:
    return Manifest(
        generation=body["generation"],
        sweeps=body.get("sweeps", 0),
        segments=tuple(Segment(**s) for s in body["segments"]),
        readings=tuple(
            Held(
                receipt=receipt_in(h["receipt"]),
                replaced=h["replaced"],
                findings=tuple(_finding_in(f) for f in h["findings"]),
            )
            for h in body["readings"]
        ),
        entries=tuple(
            Entry(**{**e, "kind": Kind(e["kind"]), "first": moment(e["first"]), "last": moment(e["last"])})
            for e in body["blocks"]
        ),
    )


def receipt_in(plain: dict[str, Any]) -> Receipt:
    """Read a receipt as `Receipt.as_dict` wrote it."""
    return Receipt(**{**plain, "notes": tuple(plain["notes"])})


def _plain(noun: Segment | Entry) -> dict[str, Any]:
    return {
        name: f"{value}Z" if isinstance(value, np.datetime64) else value
        for name in noun.__slots__
        for value in [getattr(noun, name)]
    }


def _finding_out(finding: Finding) -> dict[str, Any]:
    return finding.as_dict() | {
        "text": _message_out(finding.text),
        "consequence": None if finding.consequence is None else _message_out(finding.consequence),
    }


def _finding_in(plain: dict[str, Any]) -> Finding:
    return Finding(
        kind=plain["kind"],
        series=plain["series"],
        source=plain["source"],
        start=moment(plain["from"]),
        end=moment(plain["to"]),
        size=plain["size"],
        unit=plain["unit"],
        text=_message_in(plain["text"]),
        consequence=None if plain["consequence"] is None else _message_in(plain["consequence"]),
    )


def _message_out(message: Message) -> dict[str, Any]:
    """Keep a message untranslated, so that it speaks the reader's language, not the ingester's."""
    values = {
        name: _message_out(value)
        if isinstance(value, Message)
        else value
        if isinstance(value, (str, int, float, bool))
        else str(value)
        for name, value in message.values.items()
    }
    return {"message": message.text, "values": values}


def _message_in(plain: dict[str, Any]) -> Message:
    values = {
        name: _message_in(value) if isinstance(value, dict) else value
        for name, value in plain["values"].items()
    }
    return Message(plain["message"], values)
