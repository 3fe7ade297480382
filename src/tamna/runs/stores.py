"""What goes into the store: files as they were published, and live sources; each piece whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import SourceError
from tamna.grid.clock import Period
from tamna.sources import READERS, Flag, NotSeries, fingerprint, mapping_beside, read_file
from tamna.sources.live import covered, fetch_since, fetcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tamna.series import IngestReport, Store
    from tamna.sources import Finding, Reading, Receipt
    from tamna.sources.live import Client, Fetcher, Options


def silent(_n: int) -> None:
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


def ingest(store: Store, files: Iterable[Path], *, advance: Callable[[int], None] = silent) -> Ingested:
    """Read `files` into `store`, all that can be read in one step; a refused file stops nothing.

    A file whose bytes the store holds already, read by the present version of its reader, is not
    read again, unless a mapping file beside it says how to read it now.
    """
    held = _held(store)
    known: list[Receipt] = []
    refused: list[tuple[str, SourceError]] = []

    def readings() -> Iterator[Reading | NotSeries]:
        for path in files:
            try:
                mapping = mapping_beside(path)
                described = mapping is not None and mapping.of(path.name) is not None
                receipt = None if described else held.get(fingerprint(path))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came over the network: pieces stored, rows, and what the readers noticed."""

    name: str
    pieces: int
    rows: int
    findings: tuple[Finding, ...]


def fetch(
    store: Store,
    name: str,
    since: np.datetime64,
    until: np.datetime64 | None = None,
    *,
    client: Client | None = None,
    options: Options | None = None,
    advance: Callable[[int], None] = silent,
) -> Fetched:
    """Fetch a live source into `store`, each piece stored before the next is asked for.

    What the store holds is not asked for again, so a fetch that broke off goes on where it stopped.

    Raises
    ------
    TamnaError
        The provider refuses, the quota is reached, or an answer cannot be read; what came before is stored.
    """
    source = fetcher(name)
    pieces, rows = 0, 0
    noted: list[Finding] = []
    for reading in fetch_since(
        name,
        since,
        until,
        _spans_held(store, source, since),
        client=client,
        options=options,
    ):
        report = store.ingest([reading])
        pieces, rows = pieces + 1, rows + report.rows
        noted += reading.findings
        advance(1)
    return Fetched(name=name, pieces=pieces, rows=rows, findings=tuple(noted))


def _spans_held(
    store: Store, source: Fetcher, since: np.datetime64
) -> Callable[[str, str], tuple[Period, ...]]:
    """Say which spans of a series and source the store holds; of forecasts, which issues."""
    wanted = Period(since, np.datetime64("2100-01-01", "s"))
    second = np.timedelta64(1, "s")

    def have(series: str, name: str) -> tuple[Period, ...]:
        if not store.has(f"{series}@{name}"):
            return ()
        if source.by_issue:
            versions = (v for v in store.versions(series, wanted) if v.source == name)
            issued = [v.issued_at for v in versions if v.issued_at is not None]
            stamps = np.unique(np.concatenate(issued)) if issued else ()
            return tuple(chunk for at in stamps for chunk in source.chunks(Period(at, at + second)))
        got = store.read(f"{series}@{name}", wanted)
        return covered(got.valid_at[(got.flag & Flag.MISSING) == 0], got.resolution_s)

    return have
