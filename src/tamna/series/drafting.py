"""Readings made into segments: whatever the manifest does not know yet, sorted and written once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.series.manifest import Draft, Entry, Held
from tamna.series.units import kept
from tamna.sources.block import Flag, NotSeries
from tamna.sources.known import known_at, known_flag
from tamna.sources.table import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.series.manifest import Manifest, Segment
    from tamna.series.segments import Shelf
    from tamna.sources.block import Block, Reading, Receipt
    from tamna.sources.table import Source

_SEGMENT_ROWS = 4_000_000


class Drafter:
    """Takes readings one by one and writes a segment whenever enough rows have come together."""

    def __init__(self, shelf: Shelf, work: Path, held: Manifest) -> None:
        self._shelf = shelf
        self._work = work
        self._held = held
        self._waiting: list[tuple[Reading, tuple[Block, ...]]] = []
        self._rows = 0
        self._sweeps = held.sweeps
        self.drafts: list[Draft] = []
        self.segments: list[Segment] = []
        self.unchanged: list[Receipt] = []
        self.not_series: list[NotSeries] = []

    def take(self, reading: Reading | NotSeries) -> None:
        """Take one reading; what the store knows already costs nothing more."""
        if isinstance(reading, NotSeries):
            self.not_series.append(reading)
        elif self._held.knows(reading.receipt):
            self.unchanged.append(reading.receipt)
        else:
            blocks = tuple(_tidy(b) for b in reading.blocks if len(b))
            self._waiting.append((reading, blocks))
            self._rows += sum(map(len, blocks))
            if self._rows >= _SEGMENT_ROWS:
                self.flush()

    def flush(self) -> None:
        """Write what waits as one segment."""
        waiting, self._waiting, self._rows = self._waiting, [], 0
        blocks = sorted(
            ((b, i) for i, (_reading, mine) in enumerate(waiting) for b in mine),
            key=lambda pair: (pair[0].series, pair[0].source, pair[0].valid_at[0], pair[1]),
        )
        entries: list[list[Entry]] = [[] for _unused in waiting]
        if blocks:
            file = self._file(len(self.segments))
            described = [_entry(b, code, i) for code, (b, i) in enumerate(blocks)]
            about = {
                "blocks": [
                    [e.series, e.source, e.unit, e.kind.value, e.resolution_s, e.reading] for e in described
                ],
                "receipts": [reading.receipt.as_dict() for reading, _blocks in waiting],
            }
            segment = self._shelf.write(file, _columns([b for b, _i in blocks]), about, self._sweeps)
            self.segments.append(segment)
            for entry in described:
                entries[entry.reading].append(replace(entry, segment=segment.key))
        self.drafts += [
            Draft(held=Held(receipt=reading.receipt, findings=reading.findings), entries=tuple(mine))
            for (reading, _blocks), mine in zip(waiting, entries, strict=True)
        ]

    def renew(self, sweeps: int) -> None:
        """Put every segment again if a sweep came after it was put: it may have been swept away."""
        if sweeps == self._sweeps:
            return
        again = [
            self._shelf.put_again(self._file(i), segment, sweeps) for i, segment in enumerate(self.segments)
        ]
        key = {old.key: new.key for old, new in zip(self.segments, again, strict=True)}
        self.drafts = [
            replace(d, entries=tuple(replace(e, segment=key[e.segment]) for e in d.entries))
            for d in self.drafts
        ]
        self.segments = again
        self._sweeps = sweeps

    def _file(self, number: int) -> Path:
        return self._work / f"{number}.parquet"


def _tidy(block: Block) -> Block:
    """Put a block into the unit it is kept in, in order of time, with MISSING where there is no number."""
    unit, divide = kept(block.unit)
    value = np.asarray(block.value, dtype=np.float64)
    value = np.where(np.isfinite(value), value, np.nan) / divide
    flag = known_flag(block, _source(block))
    flag = np.where(np.isnan(value), flag | Flag.MISSING, flag)
    block = replace(
        block,
        unit=unit,
        value=value,
        flag=flag.astype(np.uint16),
        valid_at=block.valid_at.astype("datetime64[s]"),
        issued_at=None if block.issued_at is None else block.issued_at.astype("datetime64[s]"),
    )
    if (block.valid_at[1:] >= block.valid_at[:-1]).all():
        return block
    by = np.argsort(block.valid_at, kind="stable")
    return replace(
        block,
        valid_at=block.valid_at[by],
        value=block.value[by],
        flag=block.flag[by],
        issued_at=None if block.issued_at is None else block.issued_at[by],
        known_at=None if block.known_at is None else block.known_at[by],
    )


def _source(block: Block) -> Source:
    """Find who published a block; a source that the table does not name is the user's own."""
    return SOURCES.get(block.source, SOURCES["mapped"])


def _entry(block: Block, code: int, reading: int) -> Entry:
    return Entry(
        segment="",
        code=code,
        reading=reading,
        series=block.series,
        source=block.source,
        unit=block.unit,
        kind=block.kind,
        resolution_s=block.resolution_s,
        rows=len(block),
        first=block.valid_at[0],
        last=block.valid_at[-1],
        forecast=block.issued_at is not None,
    )


def _columns(blocks: list[Block]) -> dict[str, NDArray[Any]]:
    never = np.datetime64("NaT", "s")
    return {
        "block": np.repeat(np.arange(len(blocks), dtype=np.uint32), [len(b) for b in blocks]),
        "valid_at": np.concatenate([b.valid_at for b in blocks]),
        "issued_at": np.concatenate(
            [np.full(len(b), never) if b.issued_at is None else b.issued_at for b in blocks]
        ),
        "known_at": np.concatenate([known_at(b, _source(b)).astype("datetime64[s]") for b in blocks]),
        "value": np.concatenate([b.value for b in blocks]),
        "flag": np.concatenate([b.flag for b in blocks]),
    }
