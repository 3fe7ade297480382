"""READ THIS FIRST: the only place where the rooms meet.

Each verb is a function here: it opens what lies at the edge (a folder of files, a store, an island
file), hands values from room to room, and gives back one frozen result. Pages, tables and JSON are
made of these results in `tamna.serve`; nothing here prints.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamna.errors import SourceError
from tamna.series import IngestReport, Store
from tamna.sources import READERS, NotSeries, read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tamna.grid import Island
    from tamna.sources import Reading, Receipt


def _silent(_n: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What an ingest did: the store's report, files known without reading, files refused."""

    report: IngestReport
    known: tuple[Receipt, ...]
    refused: tuple[tuple[str, SourceError], ...]

    @property
    def not_series(self) -> tuple[NotSeries, ...]:
        """Files that were recognised and hold no series."""
        return self.report.not_series


def open_store(location: str | Path, island: Island | None = None) -> Store:
    """Open a store; the island's declared order of sources splices its series."""
    return Store.open(location, default_sources=island.default_sources if island else None)


def ingest(store: Store, files: Iterable[Path], *, advance: Callable[[int], None] = _silent) -> Ingested:
    """Read `files` into `store`, all that can be read in one step; a refused file stops nothing.

    A file whose bytes the store holds already, read by the present version of its reader, is not
    read again.
    """
    held = _held(store)
    known: list[Receipt] = []
    refused: list[tuple[str, SourceError]] = []

    def readings() -> Iterator[Reading | NotSeries]:
        for path in files:
            receipt = held.get(_sha256(path))
            try:
                if receipt is not None:
                    known.append(receipt)
                else:
                    yield read_file(path)
            except SourceError as error:
                refused.append((path.name, error))
            advance(1)

    report = store.ingest(readings())
    return Ingested(report=report, known=tuple(known), refused=tuple(refused))


def _held(store: Store) -> dict[str, Receipt]:
    """Give the receipts of files that need no second reading, by the hash of their bytes."""
    versions = {reader.name: reader.version for reader in READERS}
    return {r.sha256: r for r in store.receipts() if versions.get(r.reader) == r.reader_version}


def _sha256(path: Path) -> str:
    """Hash a file's bytes; what cannot be read has none, and the reader says why."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
