"""A device's watt-hours on one line, cut where holder or fate changes.

Every watt-hour that was ever issued to a device has one place on its line: issuance after issuance, from 0.
A *row* is an issuance (one interval of one meter version); a *piece* is what lies between two cuts. Only the
cuts are kept, so pieces cannot overlap and cannot leave a gap: that a bundle's ranges are disjoint and cover
the issuance is not checked, it cannot be otherwise.

::

    row      |  12:00  40 Wh        |  13:00  25 Wh  |  14:00 ...
    piece    |   a    |b |    c     |    d     | e   |
    base     0                      40               65
    cuts     0        17 20         40         58    65
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.lang import _
from tamna.ledger.arrays import distinct, first_of, places, shared
from tamna.ledger.nouns import Status
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Whole = NDArray[np.integer[Any]]
    Stamps = NDArray[np.datetime64]

_STATUS: Final = {
    Status.ACTIVE: _("the watt-hours are active"),
    Status.LOCKED: _("the watt-hours are locked"),
    Status.RESERVED: _("the watt-hours are reserved"),
    Status.CANCELLED: _("the watt-hours are cancelled"),
    Status.EXPIRED: _("the watt-hours are expired"),
    Status.WITHDRAWN: _("the watt-hours are withdrawn"),
}

__all__ = ["Line", "cut", "empty", "find", "grown", "moved", "positions", "sizes"]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """All that was issued to one device.

    Attributes
    ----------
    start : (rows,) [UTC]
        Start of each issuance's interval.
    length_s : (rows,) [s]
        Its length.
    base : (rows + 1,) [Wh]
        Where each issuance begins on the line, and the end of all.
    live : (rows,)
        False once a later reading took its place.
    estimated : (rows,)
        Whether the reading is an estimate.
    entry : (rows,)
        The entry of the journal that issued it.
    at : (pieces,) [Wh]
        Where each piece begins on the line, rising.
    holder, status, ref : (pieces,)
        Number of the account, `Status`, and the entry that cancelled it (-1: none).
    """

    start: Stamps
    length_s: Whole
    base: Whole
    live: NDArray[np.bool_]
    estimated: NDArray[np.bool_]
    entry: Whole
    at: Whole
    holder: Whole
    status: Whole
    ref: Whole

    @property
    def total_wh(self) -> int:
        """Everything ever issued, replaced issuances too. [Wh]"""
        return int(self.base[-1])


def empty() -> Line:
    """Give the line of a device that has issued nothing."""
    return Line(
        start=np.empty(0, "M8[s]"),
        length_s=np.empty(0, np.uint16),
        base=np.zeros(1, np.int64),
        live=np.empty(0, bool),
        estimated=np.empty(0, bool),
        entry=np.empty(0, np.int32),
        at=np.empty(0, np.int64),
        holder=np.empty(0, np.int32),
        status=np.empty(0, np.int8),
        ref=np.empty(0, np.int32),
    )


def sizes(line: Line) -> Whole:
    """Give the energy of each piece, (pieces,) [Wh]."""
    return np.diff(line.at, append=line.total_wh)


def find(line: Line, start: Stamps) -> Whole:
    """Find the live issuance for each interval that starts at `start`; -1 where there is none."""
    if not line.live.any():
        return np.full(len(start), -1)
    if line.live.all():
        rows, starts = None, line.start
    else:
        rows = np.flatnonzero(line.live)
        starts = line.start[rows]
    if (starts[1:] < starts[:-1]).any():
        order = np.argsort(starts, kind="stable")
        rows, starts = (order if rows is None else rows[order]), starts[order]
    where = np.minimum(places(starts, start), len(starts) - 1)
    return np.where(starts[where] == start, where if rows is None else rows[where], -1)


def positions(
    line: Line, of: str, start: Stamps, low: Whole, high: Whole, *, length_s: Whole | None = None
) -> tuple[Whole, Whole]:
    """Turn id ranges of live issuances into places on the line, half-open.

    Parameters
    ----------
    length_s : (ranges,) [s]
        How long each interval must be; None asks nothing.

    Raises
    ------
    LedgerError
        No live issuance for an interval, one of another length, or a range that is empty or reaches beyond it.
    """
    row = find(line, start)
    for i in first_of(row < 0):
        refuse(_("nothing was issued for this interval"), of=of, hour=start[i])
    if length_s is not None:
        for i in first_of(line.length_s[row] != length_s):
            refuse(_("generation and consumption are not of the same interval"), of=of, hour=start[i])
    first, last = line.base[row], line.base[row + 1]
    begin, end = first + low.astype(np.int64), first + high.astype(np.int64)
    for i in first_of(begin >= end):
        refuse(_("a range of ids is empty"), of=of, hour=start[i], seen=f"{low[i]}..{high[i]}")
    for i in first_of(end > last):
        refuse(
            _("a range of ids reaches beyond what was issued ({wh} Wh)", wh=int(last[i] - first[i])),
            of=of,
            hour=start[i],
            seen=f"{low[i]}..{high[i]}",
        )
    return begin, end


def grown(line: Line, rows: NDArray[np.void], *, holder: int, entry: int) -> Line:
    """Add issuances for readings (`event.READ`) at the end of the line, each one piece, active, with `holder`."""
    wh, count = rows["wh"], len(rows)
    base = np.concatenate([line.base, line.total_wh + np.cumsum(wh, dtype=np.int64)])
    new = base[len(line.base) - 1 : -1][wh > 0]
    return Line(
        start=shared(np.concatenate([line.start, rows["start"]])),
        length_s=shared(np.concatenate([line.length_s, rows["length_s"].astype(np.uint16)])),
        base=base,
        live=np.concatenate([line.live, np.ones(count, bool)]),
        estimated=shared(np.concatenate([line.estimated, rows["estimated"] > 0])),
        entry=np.concatenate([line.entry, np.full(count, entry, np.int32)]),
        at=np.concatenate([line.at, new]),
        holder=np.concatenate([line.holder, np.full(len(new), holder, np.int32)]),
        status=np.concatenate([line.status, np.full(len(new), Status.ACTIVE, np.int8)]),
        ref=np.concatenate([line.ref, np.full(len(new), -1, np.int32)]),
    )


def cut(line: Line, points: Whole) -> Line:
    """Cut the line at `points`; holder and fate stay on both sides."""
    points = distinct(points[points < line.total_wh])
    where = line.at.searchsorted(points)
    new = line.at[np.minimum(where, len(line.at) - 1)] != points
    points, where = points[new], where[new]
    if not len(points):
        return line
    low, high = (
        int(where[0]) - 1,
        int(where[-1]),
    )  # only pieces low..high-1 are cut: the rest is copied in one go
    into = np.bincount(where - 1 - low) + 1  # how many pieces each of them becomes

    def wider(values: Whole) -> Whole:
        return np.concatenate([values[:low], values[low:high].repeat(into), values[high:]])

    at = wider(line.at)
    at[where + np.arange(len(points))] = points
    return replace(line, at=at, holder=wider(line.holder), status=wider(line.status), ref=wider(line.ref))


def moved(
    line: Line,
    of: str,
    begin: Whole,
    end: Whole,
    *,
    allowed: Iterable[Status],
    to: Status | None,
    held_by: tuple[Whole | int, ...] = (),
    holder: int | None = None,
    ref: Whole | None = None,
) -> Line:
    """Give the line after the watt-hours of each range went to another fate or holder.

    Parameters
    ----------
    begin, end : (moves,) [Wh]
        Ranges on the line, half-open, in any order.
    allowed
        What the watt-hours may be before.
    to
        What they become; None leaves it.
    held_by : each (moves,) or one number
        Accounts of which one must hold them; empty asks nobody.
    holder
        Who holds them afterwards; None leaves it.
    ref : (moves,)
        Which entry they point to afterwards; None leaves it.

    Raises
    ------
    LedgerError
        Two ranges share a watt-hour; a piece is not in an allowed state; somebody else holds it.
    """
    order = begin.argsort(kind="stable")
    begin, end = begin[order], end[order]
    for i in first_of(begin[1:] < end[:-1]):
        refuse(_("the same watt-hours are moved twice"), of=of, hour=_hour(line, begin[i + 1]))
    ends = np.empty(2 * len(begin), np.int64)  # they rise: each range ends before the next begins
    ends[::2], ends[1::2] = begin, end
    after = cut(line, ends)
    first, last = after.at.searchsorted([begin[0], end[-1]])
    at = after.at[first:last]
    which = begin.searchsorted(at, side="right") - 1
    pieces = first + np.flatnonzero(at < end[which])
    which = order[which[pieces - first]]
    _check_pieces(after, of, pieces, allowed, [s if isinstance(s, int) else s[which] for s in held_by])
    return replace(
        after,
        status=after.status if to is None else _put(after.status, pieces, int(to)),
        holder=after.holder if holder is None else _put(after.holder, pieces, holder),
        ref=after.ref if ref is None else _put(after.ref, pieces, ref[which]),
    )


def _check_pieces(
    line: Line, of: str, pieces: Whole, allowed: Iterable[Status], held_by: Sequence[Whole | int]
) -> None:
    may = np.zeros(len(Status), bool)
    may[[int(s) for s in allowed]] = True
    status = line.status[pieces]
    for i in first_of(~may[status]):
        refuse(
            _STATUS[Status(status[i])],
            of=of,
            hour=_hour(line, line.at[pieces[i]]),
        )
    if held_by:
        holder = line.holder[pieces]
        mine = holder == held_by[0]
        for other in held_by[1:]:
            mine |= holder == other
        for i in first_of(~mine):
            refuse(_("somebody else holds the watt-hours"), of=of, hour=_hour(line, line.at[pieces[i]]))


def _put(values: Whole, where: Whole, what: Any) -> Whole:
    changed = values.copy()
    changed[where] = what
    return changed


def _hour(line: Line, place: int) -> np.datetime64:
    row = int(np.searchsorted(line.base, place, side="right")) - 1
    return np.datetime64(line.start[row], "s")
