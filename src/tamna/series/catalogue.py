"""One generation of a store, looked up: which blocks make a series, and which source answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import Period
from tamna.lang import _
from tamna.series.defaults import ONLY_WHEN_ASKED
from tamna.series.model import SeriesInfo
from tamna.series.versions import Ranking
from tamna.sources.block import Kind
from tamna.sources.table import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.series.manifest import Entry, Manifest, Segment, Strand

FAR = Period(np.datetime64("1700-01-01", "s"), np.datetime64("2900-01-01", "s"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """A manifest with its indexes; never changed, so that a read sees one generation throughout."""

    manifest: Manifest
    ranking: Ranking
    segments: Mapping[str, Segment]
    strands: Mapping[Strand, Sequence[Entry]]

    @classmethod
    def of(cls, manifest: Manifest) -> Catalogue:
        """Index `manifest`."""
        strands: dict[Strand, list[Entry]] = {}
        for entry in manifest.living():
            strands.setdefault(entry.strand, []).append(entry)
        return cls(
            manifest=manifest,
            ranking=Ranking(rank=manifest.ranks(), data_end=manifest.data_ends()),
            segments={s.key: s for s in manifest.segments},
            strands={strand: strands[strand] for strand in sorted(strands)},
        )

    @property
    def names(self) -> list[str]:
        """Give the file name of each reading."""
        return [h.receipt.name for h in self.manifest.readings]

    def infos(self) -> tuple[SeriesInfo, ...]:
        """Describe every strand."""
        return tuple(_info(strand, entries) for strand, entries in self.strands.items())

    def of_series(self, name: str) -> list[Strand]:
        """Give every strand of ``series`` or ``series@source``.

        Raises
        ------
        UsageError
            There is none.
        """
        series, source = named(name)
        found = [s for s in self.strands if s.series == series and source in (None, s.source)]
        if not found:
            raise self.unknown(series, source)
        return found

    def answering(
        self, series: str, source: str | None, declared: Mapping[str, Sequence[str]]
    ) -> list[Strand]:
        """Order the strands that answer for `series`, best first; of one source, the newest publication's."""
        held = [s for s in self.strands if s.series == series]
        order = [source] if source else _order(declared.get(series, ()), {s.source for s in held})
        newest = {s: max(int(self.ranking.rank[e.reading]) for e in self.strands[s]) for s in held}
        return [
            s
            for name in order
            for s in sorted((s for s in held if s.source == name), key=lambda s: -newest[s])
        ]

    def unknown(self, series: str, source: str | None) -> UsageError:
        """Say that there is no such series, or none from that source."""
        others = [f"{s.series}@{s.source}" for s in self.strands if s.series == series]
        if others:
            return UsageError(
                _("the series is not held from the source asked for"),
                seen=f"{series}@{source}" if source else series,
                todo=_("Ask for one of: {names}.", names=", ".join(dict.fromkeys(others))),
            )
        return UsageError(
            _("the store has no such series"),
            seen=series,
            todo=_("`tamna series list` names what it has; `tamna ingest` adds to it."),
        )


def named(name: str) -> tuple[str, str | None]:
    """Part ``series@source``."""
    series, _at, source = name.partition("@")
    return series, source or None


def within(entries: Sequence[Entry], period: Period) -> list[Entry]:
    """Give the blocks with a stamp in `period`."""
    return [e for e in entries if e.first < period.end and e.last >= period.start]


def overlap(entries: Sequence[Entry], fresh: NDArray[np.bool_]) -> Period | None:
    """Bound the stamps at which a fresh block meets another one, or None where none does."""
    first = np.array([e.first for e in entries])
    last = np.array([e.last for e in entries])
    starts, ends = [], []
    for i, entry in enumerate(entries):
        if not fresh[entry.reading]:
            continue
        met = (first <= entry.last) & (last >= entry.first)
        met[i] = False
        if met.any():
            starts.append(np.maximum(first[met], entry.first).min())
            ends.append(np.minimum(last[met], entry.last).max())
    return Period(min(starts), max(ends) + np.timedelta64(1, "s")) if starts else None


def _order(declared: Sequence[str], held: set[str]) -> Sequence[str]:
    """Give the declared order where it holds anything, else one source: the first of the source table."""
    if any(name in held for name in declared):
        return declared
    table = list(SOURCES)
    rest = sorted(held, key=lambda name: (table.index(name) if name in table else len(table), name))
    return [name for name in rest if not declared or name not in ONLY_WHEN_ASKED][:1]


def _info(strand: Strand, entries: Sequence[Entry]) -> SeriesInfo:
    length = 0 if strand.kind is Kind.INSTANT else strand.resolution_s
    return SeriesInfo(
        series=strand.series,
        source=strand.source,
        unit=strand.unit,
        kind=strand.kind,
        resolution_s=strand.resolution_s,
        start=min(e.first for e in entries),
        end=max(e.last for e in entries) + np.timedelta64(length, "s"),
        rows=sum(e.rows for e in entries),
        publications=len({e.reading for e in entries}),
        forecast=any(e.forecast for e in entries),
    )
