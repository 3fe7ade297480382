"""What a reader hands over: the columns of one file, each with its meaning, and one receipt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntFlag, StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.lang import Message


class Kind(StrEnum):
    """What one value says of its interval."""

    MEAN = "mean"  # a rate, averaged over the interval: MW, m/s
    SUM = "sum"  # an amount, added up over the interval: MWh, mm, events
    INSTANT = "instant"  # a reading at the stamp itself


class Flag(IntFlag):
    """What is known against a value, and who said it. 0 is measured, nothing against it."""

    MEASURED = 0
    ESTIMATED = 1  # somebody calculated it
    MISSING = 2  # there is no value; the value field is NaN
    SUSPECT = 4  # there is a value and a reason not to trust it
    IMPLIED = 8  # zero because the publisher lists only what happened
    ASSUMED_KNOWN = 16  # when it became known is an assumption of the source table
    BY_PROVIDER = 32  # the publisher flagged it
    BY_READER = 64  # the reader flagged it
    BY_QUALITY = 128  # the quality checks flagged it
    COVERAGE = 256  # part of the fleet is not in the series at this time


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One series out of one file. Arrays are equally long, sorted by `valid_at` (then `issued_at`).

    Attributes
    ----------
    series
        ``jeju/demand``, ``asos/184/temperature``, ``forecast/<place>/temperature``.
    source
        Key of `tamna.sources.table.SOURCES`: which publication it is, ``kpx_demand``.
    unit
        As stored, after conversion: ``MWh``, ``MW``, ``KRW/kWh``, ``degC``, ``m/s``, ``W/m2``...
    kind, resolution_s
        What a value says of its interval, and the interval's length [s]; for instants the usual step.
    valid_at : (n,)
        UTC start of the interval, or the instant.
    value : (n,)
        In `unit`; NaN where the file has no usable number.
    flag : (n,) uint16
        Bits of `Flag`.
    issued_at : (n,) or None
        For forecasts, when it was issued (UTC).
    delay_s
        Where the file's own description states how long after the interval values are known [s]; else the
        source table's delay holds.
    known_at : (n,) or None
        Where the reader knows better than the source table when a value became known (UTC): what
        came over the network cannot have been known later than it was retrieved.
    """

    series: str
    source: str
    unit: str
    kind: Kind
    resolution_s: int
    valid_at: Stamps
    value: NDArray[np.float64]
    flag: NDArray[np.uint16]
    issued_at: Stamps | None = None
    delay_s: int | None = None
    known_at: Stamps | None = None

    def __post_init__(self) -> None:
        n = len(self.valid_at)
        if (
            len(self.value) != n
            or len(self.flag) != n
            or (self.issued_at is not None and len(self.issued_at) != n)
            or (self.known_at is not None and len(self.known_at) != n)
        ):
            raise ValueError(f"{self.series}: columns of different length")

    def __len__(self) -> int:
        return len(self.valid_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Where numbers came from: enough to find, check and cite the file again.

    `sha256` is of the bytes as found; `data_end` is the end of the last interval with data and
    ranks publications of one source. `notes` say what the reader decided (unit, label, encoding);
    `ignored` names the columns that are not series, with the reason. `retrieved_at` is set for what
    came over the network (`name` is then its address, keys masked) and for a file whose mapping says
    when it was published; it ranks the publications of a source before `data_end` does. `described_by` is the hash of the mapping entry that said how
    to read the file; empty where the file speaks for itself.
    """

    name: str
    sha256: str
    size_bytes: int
    reader: str
    reader_version: int
    source: str
    data_start: str
    data_end: str
    rows: int
    notes: tuple[str, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)
    retrieved_at: str = ""
    described_by: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Give the receipt as JSON carries it."""
        return {
            name: (list(value) if isinstance(value, tuple) else dict(value) if name == "ignored" else value)
            for name in self.__slots__
            for value in [getattr(self, name)]
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a reader or a check noticed: kind, where, how large, and what it means.

    `size` is in `unit` (hours, MW, ratio...); `start` and `end` bound it in UTC, half-open;
    `consequence` says what the finding does to an answer that touches it.
    """

    kind: str
    series: str
    source: str
    start: np.datetime64
    end: np.datetime64
    size: float
    unit: str
    text: Message
    consequence: Message | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give the finding as JSON carries it: ``kind, series, source, from, to, size, unit, text, ...``."""
        return {
            "kind": self.kind,
            "series": self.series,
            "source": self.source,
            "from": _utc(self.start),
            "to": _utc(self.end),
            "size": float(self.size),
            "unit": self.unit,
            "text": str(self.text),
            "consequence": str(self.consequence) if self.consequence else "",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One file read: its receipt, its blocks, and what the reader noticed."""

    receipt: Receipt
    blocks: tuple[Block, ...]
    findings: tuple[Finding, ...] = ()

    def noticing(self, *findings: Finding) -> Reading:
        """Give the same reading with `findings` added."""
        return replace(self, findings=(*self.findings, *findings))


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSeries:
    """A file that was recognised and holds no series: a README, a PDF, a benchmark case."""

    name: str
    what: Message


def _utc(stamp: np.datetime64) -> str:
    return str(stamp.astype("datetime64[s]")) + "Z"
