"""What an account used of its place's own mix: plants whose attribute went elsewhere, set against what is left.

In an hour in which the zone used L and its plants gave R, whoever used U Wh that nobody else is set against used
``floor(U x R / L)`` of them; where the zone exports, the declared export rule says what goes along (`mix`). What is
matched by right is out of L already: the rest of the zone shares the rest of the energy (residual mix). It is evidence
of the place and no claim. Where a meter was corrected since and less is due than stands against the load already, the
rest is given back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.grid.rules import Rule
from tamna.ledger.event import MOVE, Event, Kind
from tamna.ledger.line import find, sizes
from tamna.ledger.mix import leaving
from tamna.ledger.nouns import Entitlement, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.ledger.line import Line
    from tamna.ledger.state import State

    Whole = NDArray[np.integer[Any]]

__all__ = ["place"]

_OTHER: Final = "the zone's mix is told by another export rule now"
_REASON: Final = "by meters corrected since, less of the zone's residual mix is due"


def place(
    state: State,
    at: np.datetime64,
    account: str,
    zone_account: str,
    devices: Sequence[str],
    *,
    start: np.datetime64,
    end: np.datetime64,
    rule: Rule = Rule.THERMAL_FIRST,
) -> tuple[Event, ...]:
    """Make the entries after which an account's evidence of the place is its part of the zone's mix as metered now.

    Where the zone's consumption is not known nothing is given back. What was cancelled for the account out of other
    plants of this kind is a part of what is due, and stays. Evidence under another export rule is given back first, and
    alone: ask again for what is due under this one.

    Parameters
    ----------
    zone_account
        The account whose consumption is all of the zone's.
    devices
        Plants of the zone whose attribute went elsewhere.
    rule
        What an export of the zone is taken to carry off (`mix`).

    Returns
    -------
    tuple of Event
        What is given back, and what is cancelled; none where evidence and mix agree.
    """
    backing = [
        e
        for e, c in state.cancellations.items()
        if c.account == account and c.entitlement is Entitlement.LOCATION
    ]
    hours = _hours(state, account, zone_account, backing, rule=rule, start=start, end=end)
    names = list(state.devices)
    plants = {names.index(name): state.line(name) for name in devices}
    due = _due(hours, list(plants.values()))
    evidence = {
        "account": account,
        "basis": zone_account,
        "entitlement": str(Entitlement.LOCATION),
        "policy": "residual mix of the zone",
        "export_rule": str(rule),
    }
    other = [e for e in backing if (state.cancellations[e].export_rule or Rule.THERMAL_FIRST) != rule]
    gone = replace(hours, placed_wh=_placed(state, other, hours.start))
    if other and (rows := _less(gone, np.zeros_like(due), plants, other)):
        return _entry(Kind.GIVE_BACK, at, {"account": account, "reason": _OTHER}, rows)
    return (
        *_entry(
            Kind.GIVE_BACK, at, {"account": account, "reason": _REASON}, _less(hours, due, plants, backing)
        ),
        *_entry(Kind.CANCEL, at, evidence, _more(hours, due, plants)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Hours:
    """An account's intervals, (intervals,): what it used and nobody is set against, and what of the zone shares the rest.

    Attributes
    ----------
    known
        Whether the zone's consumption is.
    free_wh, total_wh
        U and L without what the account has by right. [Wh]
    placed_wh
        What stands as evidence of the place already. [Wh]
    """

    start: NDArray[np.datetime64]
    length_s: Whole
    known: NDArray[np.bool_]
    free_wh: Whole
    total_wh: Whole
    placed_wh: Whole


def _hours(
    state: State,
    account: str,
    zone_account: str,
    backing: Sequence[int],
    *,
    rule: Rule,
    start: np.datetime64,
    end: np.datetime64,
) -> _Hours:
    load, zone = state.load(account), state.load(zone_account)
    inside = np.flatnonzero((load.start >= start) & (load.start < end))
    stamps = load.start[inside]
    placed = _placed(state, backing, stamps)
    by_right = load.allotted_wh[inside].astype(np.int64) - placed
    where = np.minimum(np.searchsorted(zone.start, stamps), max(len(zone.start) - 1, 0))
    known = (zone.start[where] == stamps) if len(zone.start) else np.zeros(len(stamps), bool)
    total = np.zeros(len(stamps), np.int64)
    total[known] = zone.wh[where[known]]
    out, told = leaving(state, state.accounts[zone_account].zone, stamps, load.length_s[inside], rule)
    return _Hours(
        start=stamps,
        length_s=load.length_s[inside],
        known=known,
        free_wh=np.maximum(load.wh[inside].astype(np.int64) - by_right, 0),
        total_wh=np.where(told & known, total + out - by_right, 0),
        placed_wh=placed,
    )


def _placed(state: State, backing: Sequence[int], stamps: NDArray[np.datetime64]) -> Whole:
    """Give what these entries have cancelled and still stands. (intervals,) [Wh]"""
    wh = np.zeros(len(stamps), np.int64)
    for one in (state.cancellations[e] for e in backing):
        mine = np.isin(one.start, stamps)
        np.add.at(wh, np.searchsorted(stamps, one.start[mine]), one.wh[mine].astype(np.int64))
    return wh


def _due(hours: _Hours, lines: Sequence[Line]) -> Whole:
    """Give what is due of each plant. (plants, intervals) [Wh]"""
    shape = (len(lines), len(hours.start))
    given = np.array([_issued(line, hours.start, hours.length_s) for line in lines], np.int64).reshape(shape)
    sums = np.minimum(np.cumsum(given, axis=0), np.maximum(hours.total_wh, 0))
    cuts = np.array([_share(hours.free_wh, s, hours.total_wh) for s in sums], np.int64).reshape(shape)
    return np.diff(cuts, axis=0, prepend=0)


def _issued(line: Line, stamps: NDArray[np.datetime64], length_s: Whole) -> Whole:
    """Give what was issued in each interval; 0 where nothing, or for another length."""
    row = find(line, stamps)
    there = row >= 0
    there[there] = line.length_s[row[there]] == length_s[there]
    wh = np.zeros(len(stamps), np.int64)
    wh[there] = (line.base[row + 1] - line.base[row])[there]
    return wh


def _share(used: Whole, part: Whole, whole: Whole) -> Whole:
    """Give ``floor(used x part / whole)`` exactly; 0 where there is no whole."""
    exact = used.astype(object) * part.astype(object) // np.maximum(whole, 1).astype(object)
    return np.where(whole > 0, exact.astype(np.int64), 0)


_Row = tuple[int, np.datetime64, int, int]


def _more(hours: _Hours, due: Whole, plants: dict[int, Line]) -> list[_Row]:
    """Give what is to be cancelled: the first active ids of each plant; an earlier matching stands."""
    open_yet = np.maximum(due.sum(axis=0) - hours.placed_wh, 0)
    wanted = np.diff(np.minimum(np.cumsum(due, axis=0), open_yet), axis=0, prepend=0)
    return [
        row
        for (number, line), wh in zip(plants.items(), wanted, strict=True)
        for row in _ids(line, number, hours.start, wh, line.status == Status.ACTIVE)
    ]


def _less(hours: _Hours, due: Whole, plants: dict[int, Line], backing: Sequence[int]) -> list[_Row]:
    """Give what is to be given back: of what these entries cancelled the last plant's, and the last ids first."""
    left = np.where(hours.known, np.maximum(hours.placed_wh - due.sum(axis=0), 0), 0)
    rows: list[_Row] = []
    for number, line in reversed(plants.items()):
        found = _ids(line, number, hours.start, left, np.isin(line.ref, backing), last=True)
        rows += found
        for _number, stamp, low, high in found:
            left[np.searchsorted(hours.start, stamp)] -= high - low
    return rows


def _ids(
    line: Line,
    number: int,
    stamps: NDArray[np.datetime64],
    wanted: Whole,
    able: NDArray[np.bool_],
    *,
    last: bool = False,
) -> list[_Row]:
    """Take the first ids of each interval, or the last, of pieces that are able: as many as are wanted and there."""
    row_of, size = np.searchsorted(line.base, line.at, side="right") - 1, sizes(line)
    rows = find(line, stamps)
    found: list[_Row] = []
    for stamp, row, wh in zip(stamps, rows.tolist(), wanted.tolist(), strict=True):
        left = wh
        first, end = np.searchsorted(row_of, [row, row + 1]) if row >= 0 and left else (0, 0)
        pieces = range(int(first), int(end))
        for piece in reversed(pieces) if last else pieces:
            if left and able[piece]:
                low, whole = int(line.at[piece] - line.base[row]), int(size[piece])
                take = min(left, whole)
                begin = low + whole - take if last else low
                found.append((number, stamp, begin, begin + take))
                left -= take
    return found


def _entry(kind: Kind, at: np.datetime64, facts: dict[str, str], rows: list[_Row]) -> tuple[Event, ...]:
    """Make an entry of rows in order of time; none without rows."""
    if not rows:
        return ()
    return (Event(kind, at, facts, np.array(sorted(rows, key=lambda r: r[1]), MOVE)),)
