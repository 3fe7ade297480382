"""The nouns of the store: a series as read, all its versions, an hourly column, what an ingest did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Finding, Kind, NotSeries, Receipt

NEVER = np.datetime64("NaT", "s")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One value per stamp: the latest version that was known.

    Attributes
    ----------
    name
        As asked for: ``jeju/demand`` or ``jeju/demand@kpx_system``.
    valid_at : (n,)
        UTC start of the interval or the instant; increasing, no stamp twice.
    known_at : (n,)
        When this value became known (UTC).
    issued_at : (n,) or None
        For forecasts, when it was issued (UTC).
    value : (n,)
        In `unit`; NaN where the publication has no number.
    flag : (n,) uint16
        Bits of `tamna.sources.block.Flag`.
    source_code : (n,) uint8
        Index into `sources`: which publication the value is from.
    """

    name: str
    unit: str
    kind: Kind
    resolution_s: int
    valid_at: Stamps
    known_at: Stamps
    value: NDArray[np.float64]
    flag: NDArray[np.uint16]
    source_code: NDArray[np.uint8]
    sources: tuple[str, ...]
    issued_at: Stamps | None = None

    def __len__(self) -> int:
        return len(self.valid_at)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """A quantity on a gapless grid of hours.

    Attributes
    ----------
    valid_at : (hours,)
        UTC start of each hour.
    value : (hours,)
        In `unit`; NaN where the hour is missing.
    flag : (hours,) uint16
        Every bit of what the hour was made of, ``MISSING`` where it has no value.
    known_at : (hours,)
        When the last part of the hour became known; NaT where it is missing.
    """

    unit: str
    valid_at: Stamps
    value: NDArray[np.float64]
    flag: NDArray[np.uint16]
    known_at: Stamps

    def __len__(self) -> int:
        return len(self.valid_at)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Versions:
    """Every version of one source of a series, oldest publication first within a stamp.

    Attributes
    ----------
    reading : (n,) int
        Index into `receipts`: the first publication that carried this version.
    latest : (n,) bool
        Whether no later publication differs.
    """

    series: str
    source: str
    unit: str
    kind: Kind
    resolution_s: int
    valid_at: Stamps
    issued_at: Stamps | None
    known_at: Stamps
    value: NDArray[np.float64]
    flag: NDArray[np.uint16]
    reading: NDArray[np.int64]
    latest: NDArray[np.bool_]
    receipts: tuple[Receipt, ...]

    def __len__(self) -> int:
        return len(self.valid_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesInfo:
    """What the store holds of one source of a series; `end` is the end of the last interval."""

    series: str
    source: str
    unit: str
    kind: Kind
    resolution_s: int
    start: np.datetime64
    end: np.datetime64
    rows: int
    publications: int
    forecast: bool

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        return {
            "series": self.series,
            "source": self.source,
            "unit": self.unit,
            "kind": self.kind.value,
            "resolution_s": self.resolution_s,
            "from": iso(self.start),
            "to": iso(self.end),
            "rows": self.rows,
            "publications": self.publications,
            "forecast": self.forecast,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One island day on which two publications of one source disagree.

    Attributes
    ----------
    day
        Local date of the source's time zone.
    earlier, later
        Names of the two files; the later one holds.
    cells, differing, withdrawn
        Stamps that both have; of these, how many differ; how many the later one leaves blank.
    earlier_total, later_total
        Over the stamps where both have a number: the sum, or the mean for means and instants. [unit]
    largest
        Largest difference of one stamp. [unit]
    """

    series: str
    source: str
    unit: str
    day: str
    earlier: str
    later: str
    cells: int
    differing: int
    withdrawn: int
    earlier_total: float
    later_total: float
    largest: float

    @property
    def total_differs(self) -> bool:
        """Whether the day as a whole differs, not only some of its hours."""
        return bool(
            abs(self.later_total - self.earlier_total)
            > 1e-9 * max(abs(self.earlier_total), abs(self.later_total))
        )

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        return {name: getattr(self, name) for name in self.__slots__} | {"total_differs": self.total_differs}


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What one ingest did.

    Attributes
    ----------
    added, unchanged
        Files that are new, and files the store already held.
    rows
        Rows stored.
    agreed
        Stamps at which a new file repeats what another publication of its source says.
    superseded
        The days on which a new file and another publication disagree; both are kept.
    """

    added: tuple[Receipt, ...]
    unchanged: tuple[Receipt, ...]
    rows: int
    agreed: int
    superseded: tuple[Difference, ...]
    not_series: tuple[NotSeries, ...]
    findings: tuple[Finding, ...]
