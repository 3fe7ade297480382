"""The store: what we hold to be true, with when it was known, and who said it.

>>> store = Store.open("store")                                   # doctest: +SKIP
>>> store.ingest([read_file("demand.csv")])                         # doctest: +SKIP
>>> store.read("jeju/demand", parse_period("2023-01-01", "2023-12-31", "Asia/Seoul"))   # doctest: +SKIP

A `Store` reads one generation of the manifest: what was there when it was opened, or what its own
last ingest made; `refresh` takes up what other processes have written since.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from tamna.errors import Place, StoreBusy, StoreError
from tamna.lang import _
from tamna.series import align
from tamna.series import manifest as manifests
from tamna.series.bucket import LocalBucket, Unconfirmed
from tamna.series.catalogue import FAR, Catalogue, named, overlap, within
from tamna.series.defaults import DEFAULT_SOURCES
from tamna.series.drafting import Drafter
from tamna.series.manifest import KEY, Manifest
from tamna.series.model import IngestReport, Series, SeriesInfo, Versions
from tamna.series.segments import UNISSUED, Shelf
from tamna.series.splice import spliced
from tamna.series.trouble import Trouble, said
from tamna.series.versions import compared, highest, latest, merged
from tamna.sources.table import SOURCES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Period, Stamps
    from tamna.lang import Message
    from tamna.series.bucket import Bucket
    from tamna.series.manifest import Draft, Strand
    from tamna.series.model import Column, Difference
    from tamna.series.segments import Rows
    from tamna.sources.block import Finding, NotSeries, Reading, Receipt

_ATTEMPTS = 60


class Store:
    """Series in a folder or bucket: `ingest` adds to it, `read` gives what holds, `versions` gives everything.

    Reading may go on from several threads and processes at once, and while others write. Ingests
    of several processes at once all land.
    """

    def __init__(
        self,
        bucket: Bucket,
        place: str,
        default_sources: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._bucket = bucket
        self._place = place
        self._defaults = {**DEFAULT_SOURCES, **(default_sources or {})}
        self._shelf = Shelf(bucket)
        self._ingesting = threading.Lock()
        self._held = Catalogue.of(Manifest())
        self.refresh()

    @classmethod
    def open(
        cls, location: str | Path, *, default_sources: Mapping[str, Sequence[str]] | None = None
    ) -> Store:
        """Open the store at `location`, a folder; one that is not there yet is an empty store.

        Parameters
        ----------
        location
            A folder, or ``s3://bucket/prefix`` (needs ``tamna[s3]``; see `tamna.series.s3`).
        default_sources
            For each series, the sources that answer when none is named, best first (from the grid file);
            they come before `tamna.series.defaults`.

        Raises
        ------
        StoreError
            It is a file, or another folder than a store, or its list is damaged or of a newer format.
            Of a bucket: it does not exist, refuses the credentials, or cannot be reached.
        MissingExtra
            It is on S3 and the library for that is not installed.
        """
        if str(location).startswith("s3:"):
            from tamna.series.s3 import S3Bucket

            bucket = S3Bucket(str(location))
            return cls(bucket, bucket.place, default_sources)
        path = Path(location).expanduser()
        if path.exists() and not path.is_dir():
            raise StoreError(
                _("the store must be a folder, and this is a file"),
                where=Place(file=str(location)),
                todo=_("Give a folder with --store or TAMNA_STORE."),
            )
        return cls(LocalBucket(path), str(location), default_sources)

    def refresh(self) -> None:
        """Take up what other processes have ingested since."""
        with self._trouble(_("the store could not be read")):
            self._held = self._current()[0]

    # --- writing

    def knows(self, sha256: str, reader: str | None = None, reader_version: int = 0) -> bool:
        """Whether a file of this hash is held, read by `reader` (any) of `reader_version` or later."""
        return any(
            h.receipt.sha256 == sha256
            and reader in (None, h.receipt.reader)
            and h.receipt.reader_version >= reader_version
            for h in self._held.manifest.readings
        )

    def ingest(self, readings: Iterable[Reading | NotSeries]) -> IngestReport:
        """Store what is new of `readings`, all of it or (killed, disk full, refused) none of it.

        A file that is held already, read by the same reader, changes nothing; one read by a newer
        version of its reader, or by a corrected mapping, replaces its older reading. What is read afterwards does not depend on
        the order of ingests, but for two publications whose data end at the same moment: of these
        the later ingest ranks higher.

        Raises
        ------
        StoreError
            The disk is full, may not be written, or what is there is damaged. What the store held is
            still there.
        StoreBusy
            Other processes keep writing.
        """
        failed = _(
            "the ingest could not be stored; nothing of it was, and what the store held is still there"
        )
        with self._ingesting, contextlib.ExitStack() as stack:
            with self._trouble(failed):
                self._found()
                work = stack.enter_context(self._bucket.writing())
                drafter = Drafter(self._shelf, work, self._held.manifest)
            for reading in readings:  # what goes wrong in reading is not the store's trouble
                with self._trouble(failed):
                    drafter.take(reading)
            with self._trouble(failed):
                drafter.flush()
                report = self._commit(drafter)
            self._collect()
        return report

    def _found(self) -> None:
        """Begin a new store with an empty list, so that a lost list is never taken for a new store."""
        if self._current()[1] is None:
            strangers = self._bucket.strangers()
            if strangers:
                raise StoreError(
                    _("the folder is not empty and is not a store"),
                    where=Place(file=self._place),
                    seen=strangers[0],
                    todo=_("Give an empty or new folder with --store."),
                )
            with self._bucket.writing():
                self._bucket.swap(KEY, manifests.write(Manifest()), None)
        self._held = self._current()[0]

    def _commit(self, drafter: Drafter) -> IngestReport:
        for attempt in range(_ATTEMPTS):
            now, tag = self._current()
            drafter.renew(now.manifest.sweeps)
            manifest, added, known = now.manifest.extended(drafter.drafts, drafter.segments)
            if not added:
                self._held = now
                return _report(drafter, [], known, 0, ())
            following = Catalogue.of(manifest)
            agreed, differences = self._compared(following, len(added))
            try:
                done = self._bucket.swap(KEY, manifests.write(manifest), tag)
            except Unconfirmed as error:
                self._held = following
                raise StoreError(
                    _("everything was stored, but the disk did not confirm it"),
                    where=Place(file=self._place),
                    seen=error.strerror,
                    todo=_("Check the disk, then ingest the same files again: what is there stays as it is."),
                ) from error
            if done:
                self._held = following
                return _report(drafter, added, known, agreed, differences)
            time.sleep(random.uniform(0, 0.02 * min(attempt + 1, 10)))  # noqa: S311  (spreads retries, no secret)
        raise StoreBusy(
            _("other processes keep writing to the store"),
            where=Place(file=self._place),
            todo=_("Wait until they are done and try again; nothing was changed."),
        )

    def _compared(self, following: Catalogue, added: int) -> tuple[int, tuple[Difference, ...]]:
        """Hold the newest `added` readings against what overlaps them."""
        fresh = np.zeros(len(following.manifest.readings), dtype=bool)
        fresh[len(fresh) - added :] = True
        agreed = 0
        differences: list[Difference] = []
        for strand, entries in following.strands.items():
            span = overlap(entries, fresh)
            if span is not None:
                same, unlike = self._differing(following, strand, span, fresh)
                agreed += same
                differences += unlike
        return agreed, tuple(differences)

    def _collect(self) -> None:
        """Remove what no list names. Should that fail, it is harmless and the next ingest does it."""
        with contextlib.suppress(OSError, StoreError):
            self._bucket.collect("segments/", lambda: list(self._current()[0].segments), self._retire)

    def _retire(self, keys: Collection[str]) -> Collection[str]:
        """Count one more sweep, so that every writer of now puts its segments again before naming them."""
        now, tag = self._current()
        unnamed = set(keys).difference(now.segments)
        if not unnamed or tag is None:
            return ()
        held = now.manifest
        swept = replace(held, generation=held.generation + 1, sweeps=held.sweeps + 1)
        return unnamed if self._bucket.swap(KEY, manifests.write(swept), tag) else ()

    # --- reading

    def list(self) -> tuple[SeriesInfo, ...]:
        """Name every series and source held, in order of name."""
        return self._held.infos()

    def has(self, name: str) -> bool:
        """Whether `read(name, ...)` has something to read from: ``jeju/demand`` or ``jeju/demand@kpx_system``."""
        return bool(self._held.answering(*named(name), self._defaults))

    def read(
        self,
        name: str,
        period: Period,
        *,
        as_of: np.datetime64 | None = None,
        source: str | None = None,
    ) -> Series:
        """Give the value that holds at each stamp of `period`.

        Without a source the declared default order answers, spliced stamp by stamp: the first source
        that has a number. Of a forecast, the issue that was the latest.

        Parameters
        ----------
        name
            ``jeju/demand`` or ``jeju/demand@kpx_system``.
        as_of
            Give what was known at that moment (UTC), and nothing that was not.
        source
            The same as ``@source`` in the name.

        Raises
        ------
        UsageError
            The store has no such series, or not from that source.
        StoreError
            A segment is missing or damaged.
        """
        held = self._held
        series, at = named(name)
        strands = held.answering(series, source or at, self._defaults)
        if not strands:
            raise held.unknown(series, source or at)
        with self._trouble(_("the store could not be read")):
            first, *others = strands
            parts = [self._part(held, first, period, as_of)]
            for strand in others:
                same_step = (strand.resolution_s, strand.kind) == (first.resolution_s, first.kind)
                span = period if same_step else align.needed(period, strand.resolution_s)
                parts.append(self._part(held, strand, span, as_of))
        return spliced(name, parts, period)

    def hours(
        self, name: str, period: Period, *, as_of: np.datetime64 | None = None, min_coverage: float = 1.0
    ) -> Column:
        """Read a power or energy series as energy of every hour of `period` [MWh] (see `align`)."""
        span = align.needed(period)
        return align.hourly_energy(self.read(name, span, as_of=as_of), period, min_coverage=min_coverage)

    def versions(self, name: str, period: Period) -> tuple[Versions, ...]:
        """Give everything held of `name` in `period`: per source, every version, superseded ones too."""
        held = self._held
        with self._trouble(_("the store could not be read")):
            return tuple(self._versions(held, s, period) for s in held.of_series(name))

    def differences(self, name: str, period: Period = FAR) -> tuple[Difference, ...]:
        """Give the island days on which two publications of one source of `name` differ."""
        held = self._held
        every = np.ones(len(held.manifest.readings), dtype=bool)
        with self._trouble(_("the store could not be read")):
            return tuple(
                difference
                for strand in held.of_series(name)
                for difference in self._differing(held, strand, period, every)[1]
            )

    @property
    def digest(self) -> str:
        """Hash all that answers follow from: files, readings, segments, and which source stands first."""
        held = self._held
        order = sorted((name, list(sources)) for name, sources in self._defaults.items())
        return hashlib.sha256(manifests.write(held.manifest) + repr(order).encode()).hexdigest()

    def receipts(self) -> tuple[Receipt, ...]:
        """Give the receipt of every file held, in the order of ingest, without replaced readings."""
        return tuple(h.receipt for h in self._held.manifest.readings if not h.replaced)

    def findings(self) -> tuple[Finding, ...]:
        """Give what the readers noticed in the files held."""
        return tuple(f for h in self._held.manifest.readings if not h.replaced for f in h.findings)

    def verify(self) -> tuple[str, ...]:
        """Hash every segment; name those that are missing or are not what was written."""
        bad = []
        for segment in self._held.manifest.segments:
            try:
                self._shelf.check(segment, anew=True)
            except Trouble as error:  # the bucket cannot be asked, which says nothing of the segment
                raise said(error, _("the store could not be read"), self._place) from error
            except (StoreError, OSError):
                bad.append(segment.key)
        return tuple(bad)

    # --- inside

    def _current(self) -> tuple[Catalogue, str | None]:
        held = self._bucket.read_tagged(KEY)
        if held is None and self._bucket.list("segments/"):
            held = self._bucket.read_tagged(KEY)  # somebody may have founded the store between the two looks
            if held is None:
                raise manifests.damaged(f"{self._place}/{KEY}")
        if held is None:
            return Catalogue.of(Manifest()), None
        return Catalogue.of(manifests.read(held[0], f"{self._place}/{KEY}")), held[1]

    def _rows(self, held: Catalogue, strand: Strand, period: Period) -> Rows:
        entries = within(held.strands[strand], period)
        return self._shelf.rows(held.segments, entries, period)

    def _part(self, held: Catalogue, strand: Strand, period: Period, as_of: np.datetime64 | None) -> Series:
        rows = latest(merged(self._rows(held, strand, period), held.ranking, as_of))
        return Series(
            name=strand.series,
            unit=strand.unit,
            kind=strand.kind,
            resolution_s=strand.resolution_s,
            valid_at=rows.valid_at,
            known_at=rows.known_at,
            issued_at=_issued(rows) if any(e.forecast for e in held.strands[strand]) else None,
            value=rows.value,
            flag=rows.flag,
            source_code=np.zeros(len(rows), dtype=np.uint8),
            sources=(strand.source,),
        )

    def _versions(self, held: Catalogue, strand: Strand, period: Period) -> Versions:
        rows = merged(self._rows(held, strand, period), held.ranking)
        return Versions(
            series=strand.series,
            source=strand.source,
            unit=strand.unit,
            kind=strand.kind,
            resolution_s=strand.resolution_s,
            valid_at=rows.valid_at,
            issued_at=_issued(rows) if any(e.forecast for e in held.strands[strand]) else None,
            known_at=rows.known_at,
            value=rows.value,
            flag=rows.flag,
            reading=rows.reading,
            latest=highest(rows),
            receipts=tuple(h.receipt for h in held.manifest.readings),
        )

    def _differing(
        self, held: Catalogue, strand: Strand, period: Period, fresh: NDArray[np.bool_]
    ) -> tuple[int, tuple[Difference, ...]]:
        zone = SOURCES.get(strand.source, SOURCES["mapped"]).timezone
        return compared(
            self._rows(held, strand, period),
            ranking=held.ranking,
            strand=strand,
            fresh=fresh,
            names=held.names,
            timezone=zone,
        )

    @contextlib.contextmanager
    def _trouble(self, failed: Message) -> Iterator[None]:
        try:
            yield
        except (OSError, duckdb.Error) as error:
            raise said(error, failed, self._place) from error


def _issued(rows: Rows) -> Stamps:
    return np.where(rows.issued_at == UNISSUED, np.datetime64("NaT", "s"), rows.issued_at)


def _report(
    drafter: Drafter,
    added: Sequence[Draft],
    known: Sequence[Draft],
    agreed: int,
    differences: tuple[Difference, ...],
) -> IngestReport:
    return IngestReport(
        added=tuple(d.held.receipt for d in added),
        unchanged=(*drafter.unchanged, *(d.held.receipt for d in known)),
        rows=sum(e.rows for d in added for e in d.entries),
        agreed=agreed,
        superseded=differences,
        not_series=tuple(drafter.not_series),
        findings=tuple(f for d in added for f in d.held.findings),
    )
