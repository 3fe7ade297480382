"""From text cells to blocks: numbers, stamps, order, duplicates, and when each value was known."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake, Place, SourceError, gather
from tamna.grid.clock import KOREA, iso, to_utc
from tamna.lang import Message, _
from tamna.sources.block import Block, Finding, Flag, Kind, Reading, Receipt
from tamna.sources.known import known_at
from tamna.sources.table import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tamna.sources.live.http import Answer

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_LARGEST = 1e9  # no power, price or weather quantity comes near; 3.40282E+38 does
_MOST_MISTAKES = 20
MISSING = int(Flag.MISSING | Flag.BY_READER)
SUSPECT = int(Flag.SUSPECT | Flag.BY_READER)
ESTIMATED = int(Flag.ESTIMATED | Flag.BY_READER)


@dataclass(slots=True)
class Column:
    """One series while it is being read: what it is, and its cells so far."""

    series: str
    source: str
    unit: str
    kind: Kind
    resolution_s: int
    valid: list[np.datetime64] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    flag: list[int] = field(default_factory=list)
    issued: list[np.datetime64] = field(default_factory=list)

    def add(
        self, valid: np.datetime64, value: float, flag: int = 0, issued: np.datetime64 | None = None
    ) -> None:
        """Add one cell; a value that is no number is missing."""
        self.valid.append(valid)
        self.value.append(value)
        self.flag.append(flag | (MISSING if math.isnan(value) else 0))
        if issued is not None:
            self.issued.append(issued)


def number(text: str | None, factor: float = 1.0) -> tuple[float, int]:
    """Read a cell: its number and flag. Empty is missing; what is not a number is missing and suspect.

    >>> number("1,234.5"), number("3.40282E+38")[1] == MISSING | SUSPECT
    ((1234.5, 0), True)
    """
    text = (text or "").strip().replace(",", "")
    if text in {"", "-", "null", "None", "NaN", "nan"}:
        return math.nan, MISSING
    if len(text) > 40 or not _NUMBER.fullmatch(text) or not text.isascii():
        return math.nan, MISSING | SUSPECT
    value = float(text)
    return (value * factor, 0) if abs(value) < _LARGEST else (math.nan, MISSING | SUSPECT)


def stamp(text: str, *, timezone: str = KOREA) -> np.datetime64 | None:
    """Read ``YYYYMMDD[HH[MM[SS]]]`` with or without separators as UTC; 24:00 is the next day; None if it is no time."""
    digits = re.sub(r"[-: T./]", "", text.strip())
    if not re.fullmatch(r"\d{8}(\d{2}){0,3}", digits) or not digits.isascii():
        return None
    digits = digits.ljust(14, "0")
    late = digits[8:10] == "24"
    if late and digits[10:] != "0000":
        return None
    try:
        day, clock = digits[:8], ("00" if late else digits[8:10]) + digits[10:]
        # the provider's wall clock, made UTC below
        moment = datetime.strptime(day + clock, "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError:
        return None
    if not 1970 <= moment.year < 2100:
        return None
    local = np.datetime64(moment + timedelta(days=int(late)), "s")
    return local if timezone == "UTC" else utc(local, timezone)


def utc(local: np.datetime64, timezone: str) -> np.datetime64:
    """Give the UTC moment of one wall-clock stamp."""
    moment: np.datetime64 = to_utc(np.array([local]), timezone)[0]
    return moment


def unplaced(answer: Answer, row: int, column: str, seen: str) -> Mistake:
    """Say that a row cannot be placed in time."""
    return Mistake(
        what=_("a row without a readable time"),
        where=Place(path=answer.address, row=row, column=column),
        seen=seen,
        todo=_("Run tamna fetch --check: the provider may have changed its format."),
    )


def reading(
    answers: Sequence[Answer],
    columns: Iterable[Column],
    *,
    reader: str,
    source: str,
    mistakes: Sequence[Mistake] = (),
    findings: Sequence[Finding] = (),
    notes: Sequence[str] = (),
    ignored: Mapping[str, str] | None = None,
    short_by: int = 0,
) -> Reading:
    """Close the columns of one answer (all its pages): sorted, without duplicates, dated, with a receipt.

    Raises
    ------
    SourceError
        `mistakes` were found (the first twenty are told), or there was no answer.
    """
    gather(list(mistakes)[:_MOST_MISTAKES], SourceError)
    if not answers:
        raise SourceError(_("the answer is empty"))
    retrieved = answers[-1].retrieved
    blocks: list[Block] = []
    noticed = list(findings)
    for column in columns:
        if column.valid:
            block, doubled = _closed(column, retrieved)
            blocks.append(block)
            noticed += doubled
    if short_by:
        start, end = _span(blocks, retrieved)
        noticed.append(
            Finding(
                kind="truncated",
                series="",
                source=source,
                start=start,
                end=end,
                size=float(short_by),
                unit="rows",
                text=_("the provider says there are {n} more rows than it sent", n=short_by),
                consequence=_("the missing rows are asked for again at the next fetch"),
            )
        )
    body = b"".join(a.body for a in answers)
    start, end = _span(blocks, retrieved)
    receipt = Receipt(
        name=answers[0].address,
        sha256=hashlib.sha256(body).hexdigest(),
        size_bytes=len(body),
        reader=f"live.{reader}",
        reader_version=1,
        source=source,
        data_start=iso(start),
        data_end=iso(end),
        rows=max((len(b) for b in blocks), default=0),
        notes=tuple(notes),
        ignored=dict(ignored or {}),
        retrieved_at=iso(retrieved),
    )
    return Reading(receipt=receipt, blocks=tuple(blocks), findings=tuple(noticed))


def noticed(block: Block, kind: str, where: np.ndarray, text: Message, consequence: Message) -> list[Finding]:
    """Make one finding of the marked values of a block, if there are any; size in values."""
    if not where.any():
        return []
    stamps = block.valid_at[where]
    return [
        Finding(
            kind=kind,
            series=block.series,
            source=block.source,
            start=stamps.min(),
            end=stamps.max() + np.timedelta64(block.resolution_s, "s"),
            size=float(where.sum()),
            unit="values",
            text=text,
            consequence=consequence,
        )
    ]


def gaps(block: Block) -> list[Finding]:
    """Name the stamps that are absent between the first and the last of a regular series."""
    stamps = np.unique(block.valid_at)
    if block.issued_at is not None or len(stamps) < 2:
        return []
    steps = np.diff(stamps) / np.timedelta64(block.resolution_s, "s")
    return [
        Finding(
            kind="gap",
            series=block.series,
            source=block.source,
            start=stamps[i] + np.timedelta64(block.resolution_s, "s"),
            end=stamps[i + 1],
            size=float(steps[i] - 1) * block.resolution_s / 3600,
            unit="h",
            text=_("{n} stamps are absent from the answer", n=round(float(steps[i] - 1))),
            consequence=_("the hours they belong to are not averaged as if whole"),
        )
        for i in np.flatnonzero(steps > 1.001)[:50]
    ]


def known_by(block: Block, retrieved: np.datetime64) -> Block:
    """Date a block: as the source table tells, a forecast its delay after its issue, never later than retrieved.

    Where the table's assumption stands, the values are flagged so.
    """
    entry = SOURCES[block.source]
    if block.issued_at is not None:
        told = block.issued_at + np.timedelta64(entry.delay_s, "s")
    else:
        told = known_at(block, entry)
    assumed = (told < retrieved) & entry.assumed
    flag = block.flag | np.where(assumed, int(Flag.ASSUMED_KNOWN), 0).astype(np.uint16)
    return replace(block, known_at=np.minimum(told, retrieved), flag=flag.astype(np.uint16))


def _closed(column: Column, retrieved: np.datetime64) -> tuple[Block, list[Finding]]:
    valid = np.array(column.valid, dtype="datetime64[s]")
    value = np.array(column.value, dtype=np.float64)
    flag = np.array(column.flag, dtype=np.uint16)
    issued = np.array(column.issued, dtype="datetime64[s]") if column.issued else None
    order = np.lexsort((valid,) if issued is None else (issued, valid))  # stable: the later row stays later
    valid, value, flag = valid[order], value[order], flag[order]
    same = np.zeros(len(valid), dtype=bool)
    same[1:] = valid[1:] == valid[:-1]
    if issued is not None:
        issued = issued[order]
        same[1:] &= issued[1:] == issued[:-1]
    group = np.cumsum(~same) - 1
    keep = np.zeros(int(group[-1]) + 1, dtype=np.int64)
    torn = np.zeros(len(keep), dtype=bool)
    for i, g in enumerate(group):  # a number wins over a blank, and the later of two different numbers
        if not same[i] or np.isnan(value[keep[g]]):
            keep[g] = i
        elif not np.isnan(value[i]):
            torn[g] |= value[i] != value[keep[g]]
            keep[g] = i
    kept_flag = flag[keep] | np.where(torn, SUSPECT, 0).astype(np.uint16)
    block = Block(
        series=column.series,
        source=column.source,
        unit=column.unit,
        kind=column.kind,
        resolution_s=column.resolution_s,
        valid_at=valid[keep],
        value=value[keep],
        flag=kept_flag.astype(np.uint16),
        issued_at=None if issued is None else issued[keep],
    )
    block = known_by(block, retrieved)
    found = noticed(
        block,
        "duplicate",
        torn,
        _("the same moment occurs twice with different values; the later row is kept"),
        _("these values are flagged suspect"),
    )
    strange = (block.flag & Flag.MISSING > 0) & (block.flag & Flag.SUSPECT > 0)
    return block, found + noticed(
        block,
        "impossible_value",
        strange,
        _("cells that are no number, or larger than anything real"),
        _("these values are treated as missing"),
    )


def _span(blocks: Sequence[Block], retrieved: np.datetime64) -> tuple[np.datetime64, np.datetime64]:
    if not blocks:
        return retrieved, retrieved
    start = min(b.valid_at[0] for b in blocks)
    end = max(
        b.valid_at[-1] + np.timedelta64(0 if b.kind is Kind.INSTANT else b.resolution_s, "s") for b in blocks
    )
    return start, end
