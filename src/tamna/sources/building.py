"""From columns to blocks: order, duplicates, missing and impossible values, and the receipt.

Every reader ends here, so the rules about what is kept, flagged and reported stand once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import iso
from tamna.lang import Message, _
from tamna.sources.block import Block, Finding, Flag, Kind, Reading, Receipt
from tamna.sources.files import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.files import File
    from tamna.sources.log import Log

# Beyond these a value is not of this world (an island, a country, the weather); by unit, inclusive.
PLAUSIBLE: dict[str, tuple[float, float]] = {
    "MW": (-100_000.0, 200_000.0),
    "MWh": (-100_000.0, 200_000.0),
    "KRW/kWh": (-100_000.0, 100_000.0),
    "degC": (-90.0, 95.0),
    "m/s": (0.0, 120.0),
    "deg": (0.0, 360.0),
    "%": (0.0, 100.0),
    "hPa": (0.0, 1100.0),
    "W/m2": (-20.0, 1800.0),
    "mm": (0.0, 500.0),
    "mm/h": (0.0, 500.0),
    "h": (0.0, 1.05),
}
_NO_NUMBER = 1e30  # 3.40282E+38 is the largest 4-byte float: a program wrote it for "none"
_NEVER_NEGATIVE = ("demand", "wind", "pv", "lng", "bio", "renewables", "curtailment", "events", "capacity")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A series on its way to a block."""

    series: str
    source: str
    unit: str
    resolution_s: int
    valid_at: Stamps
    issued_at: Stamps | None
    value: NDArray[np.float64]
    flag: NDArray[np.uint16]

    def take(self, rows: NDArray[Any]) -> _Draft:
        """Keep or reorder rows."""
        return replace(
            self,
            valid_at=self.valid_at[rows],
            issued_at=None if self.issued_at is None else self.issued_at[rows],
            value=self.value[rows],
            flag=self.flag[rows],
        )

    def finding(
        self, kind: str, rows: NDArray[Any], size: float, unit: str, text: Message, *, so: Message
    ) -> Finding:
        """Report `rows` of the draft as one finding over their span."""
        moments = self.valid_at[rows]
        return Finding(
            kind=kind,
            series=self.series,
            source=self.source,
            start=moments.min(),
            end=moments.max() + np.timedelta64(self.resolution_s, "s"),
            size=size,
            unit=unit,
            text=text,
            consequence=so,
        )


def make_block(
    log: Log,
    *,
    series: str,
    source: str,
    unit: str,
    kind: Kind,
    resolution_s: int,
    valid_at: Stamps,
    value: NDArray[np.float64],
    flag: NDArray[np.uint16] | None = None,
    issued_at: Stamps | None = None,
    column: str = "",
    delay_s: int | None = None,
) -> Block:
    """Make one series: sorted, each moment once, NaN flagged missing, the impossible flagged suspect.

    A moment that occurs twice with one value merges; where the values differ the last row stays and
    is flagged. A number beyond 1e30 is no number (NaN, suspect and missing); one beyond what its unit
    allows, or negative where nothing can be, keeps its value and is flagged suspect. So is the last value
    of a text file that has no line end: its last digits may be missing.
    """
    draft = _Draft(
        series=series,
        source=source,
        unit=unit,
        resolution_s=resolution_s,
        valid_at=np.asarray(valid_at, dtype="datetime64[s]"),
        issued_at=issued_at,
        value=np.array(value, dtype=np.float64),
        flag=np.zeros(len(value), dtype=np.uint16) if flag is None else flag.astype(np.uint16),
    )
    _mark_impossible(log, draft, column or series)
    if log.cut_column and column in ("", log.cut_column):
        draft.flag[-1:] |= np.uint16(Flag.SUSPECT | Flag.BY_READER)
    draft.flag[np.isnan(draft.value)] |= np.uint16(Flag.MISSING)
    draft = _once(log, draft)
    return Block(
        series=series,
        source=source,
        unit=unit,
        kind=kind,
        resolution_s=resolution_s,
        valid_at=draft.valid_at,
        value=draft.value,
        flag=draft.flag,
        issued_at=draft.issued_at,
        delay_s=delay_s,
    )


def _mark_impossible(log: Log, draft: _Draft, place: str) -> None:
    """Flag what cannot be, in place on the draft's own arrays, and report it."""
    value, unit = draft.value, draft.unit
    absurd = np.abs(value) >= _NO_NUMBER
    low, high = PLAUSIBLE.get(unit, (-np.inf, np.inf))
    beyond = ((value < low) | (value > high)) & ~absurd
    negative = np.zeros(len(value), dtype=bool)
    if unit in ("MW", "MWh", "1") and any(word in draft.series for word in _NEVER_NEGATIVE):
        negative = (value < 0) & ~beyond & ~absurd
    kept = _("Kept, and flagged suspect.")
    for kind, rows, text, so in (
        (
            "impossible_value",
            absurd,
            _("{column} holds a number that is none (such as 3.40282E+38)", column=place),
            _("The hour has no value."),
        ),
        (
            "impossible_value",
            beyond,
            _(
                "{column} is outside {low}..{high} {unit}",
                column=place,
                low=f"{low:g}",
                high=f"{high:g}",
                unit=unit,
            ),
            kept,
        ),
        ("negative_energy", negative, _("{column} is negative", column=place), kept),
    ):
        where = np.flatnonzero(rows)
        # up to ten places one by one, more as one finding over their span
        for group in [where[i : i + 1] for i in range(len(where))] if len(where) <= 10 else [where]:
            worst = value[group][np.argmax(np.abs(value[group]))]
            log.findings.append(draft.finding(kind, group, float(worst), unit, text, so=so))
    value[absurd] = np.nan
    draft.flag[absurd | beyond | negative] |= np.uint16(Flag.SUSPECT | Flag.BY_READER)


def _once(log: Log, draft: _Draft) -> _Draft:
    """Sort, and keep every moment once: of equal moments the last row that has a value."""
    if not (np.diff(draft.valid_at) >= np.timedelta64(0, "s")).all() and draft.issued_at is None:
        log.note("rows out of time order were sorted")
    keys = (draft.valid_at,) if draft.issued_at is None else (draft.valid_at, draft.issued_at)
    draft = draft.take(np.lexsort((~np.isnan(draft.value), *keys[::-1])))
    same = draft.valid_at[1:] == draft.valid_at[:-1]
    if draft.issued_at is not None:
        same &= draft.issued_at[1:] == draft.issued_at[:-1]
    if not same.any():
        return draft
    value = draft.value
    differs = same & (value[1:] != value[:-1]) & ~np.isnan(value[:-1])
    run = np.concatenate([[0], np.cumsum(~same)])
    draft.flag[np.isin(run, run[1:][differs])] |= np.uint16(Flag.SUSPECT | Flag.BY_READER)
    equal = np.flatnonzero(same & ~differs) + 1
    if len(equal):
        text = _("{n} values occur twice in {file} and agree", n=len(equal), file=log.file)
        size = float(len(equal))
        log.findings.append(draft.finding("duplicate", equal, size, "rows", text, so=_("Counted once.")))
    other = np.flatnonzero(differs) + 1
    if len(other):
        text = _("{n} moments occur twice in {file} with different values", n=len(other), file=log.file)
        size = float(np.abs(value[other] - value[other - 1]).max())
        so = _("The later row is kept and flagged suspect.")
        log.findings.append(draft.finding("duplicate", other, size, draft.unit, text, so=so))
    return draft.take(np.concatenate([~same, [True]]))


def make_reading(
    log: Log,
    file: File,
    *,
    reader: str,
    version: int,
    source: str,
    blocks: Iterable[Block],
    rows: int,
    described_by: str = "",
    retrieved_at: str = "",
) -> Reading:
    """Close the log: refuse the file if there were mistakes, else give blocks, findings and receipt.

    Raises
    ------
    SourceError
        All mistakes noted; or no value at all.
    """
    log.check()
    kept = tuple(block for block in blocks if len(block))
    if not any(np.isfinite(block.value).any() for block in kept):
        raise refuse(file.name, _("there is not one value in the file"), todo=_("Download the data again."))
    start, end = span(kept)
    if file.encoding:
        log.note(f"encoding {file.encoding}")
    receipt = Receipt(
        name=file.name,
        sha256=file.sha256,
        size_bytes=len(file.data),
        reader=reader,
        reader_version=version,
        source=source,
        data_start=iso(start),
        data_end=iso(end),
        rows=rows,
        notes=tuple(log.notes),
        ignored=dict(log.ignored),
        described_by=described_by,
        retrieved_at=retrieved_at,
    )
    return Reading(receipt=receipt, blocks=kept, findings=tuple(log.findings))


def span(blocks: Iterable[Block]) -> tuple[Any, Any]:
    """Give the start of the first and the end of the last interval that holds a value."""
    starts, ends = [], []
    for block in blocks:
        there = np.flatnonzero(~np.isnan(block.value))
        at = block.valid_at[there] if len(there) else block.valid_at
        length = 0 if block.kind is Kind.INSTANT else block.resolution_s
        starts.append(at.min())
        ends.append(at.max() + np.timedelta64(length, "s"))
    return min(starts), max(ends)
