"""What must hold of a book at any moment, with ``==``: counted again from nothing, not taken from the rules.

====  =====================================================================================================
I1    a device has one live issuance an interval, none overlap, none is more than the device can deliver
I2    the pieces of an issuance are disjoint and cover it: over its states they sum to what was issued
I3    a watt-hour ends once; only what an entry cancelled stands as cancelled, only that backs a claim; one whose
      attribute went elsewhere ended there: it stands as evidence of the place alone, for one account at a time
I4    what is cancelled for an account in an interval is what its pieces say; a good claim is within the load
I5    out of a storage comes no more certified energy than its meter read, nor than its efficiency leaves of what
      was charged with that origin; and no more of an origin than was cancelled for the charging
I6    a batch of hydrogen is no heavier than its energy allows, alone and with all batches of its plant
I7    the lots of a claim sum to it, in every interval and in every part
      what a link carried is not used beyond what it sent, and backs no more load than it delivered
I8    a balance that stands closes, says what the links say, and leaves a residual mix of nothing or more
I9    a claim that rests on a replaced reading does not stand as good unless it was made again
I10   under a paper no more is used than it holds, and what is used is what was cancelled under it
====  =====================================================================================================
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import Message, _
from tamna.ledger.claiming import hours_of
from tamna.ledger.invariants_across import across_broken
from tamna.ledger.invariants_carried import carried_broken
from tamna.ledger.line import Line, sizes
from tamna.ledger.load import covering
from tamna.ledger.nouns import Attributes, Entitlement, Status
from tamna.ledger.state import Standing, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["broken"]


def broken(state: State) -> list[Message]:
    """Name every invariant that does not hold; an empty list is a sound book."""
    return [
        *_issued(state),
        *_covered(state),
        *_ended(state),
        *_cancelled(state),
        *_claims(state),
        *_papers(state),
        *carried_broken(state),
        *across_broken(state),
    ]


def _issued(state: State) -> Iterator[Message]:
    for device, line in zip(state.devices.values(), state.lines, strict=True):
        order = np.argsort(line.start[line.live], kind="stable")
        start = line.start[line.live][order]
        length_s = line.length_s[line.live][order]
        if (start[1:] < start[:-1] + length_s[:-1].astype("m8[s]")).any():
            yield _("I1: two live issuances of {name} overlap", name=device.name)
        for seconds, wh in zip(line.length_s.tolist(), np.diff(line.base).tolist(), strict=True):
            if wh * 360_000 > device.capacity_w * seconds * state.rules.margin_percent:
                yield _("I1: {name} was issued more than it can deliver", name=device.name)


def _covered(state: State) -> Iterator[Message]:
    for name, line in zip(state.devices, state.lines, strict=True):
        wh = np.diff(line.base)
        sums = np.zeros(len(wh), np.int64)
        for status in Status:
            mine = line.status == status
            np.add.at(sums, _row(line)[mine], sizes(line)[mine])
        if (sums != wh).any() or (sizes(line) <= 0).any() or (wh < 0).any():
            yield _("I2: the pieces of {name} do not sum to what was issued", name=name)


def _ended(state: State) -> Iterator[Message]:
    place = [e for e, c in state.cancellations.items() if c.entitlement is Entitlement.LOCATION]
    for (name, device), line in zip(state.devices.items(), state.lines, strict=True):
        shown, gone = np.isin(line.ref, place), device.attributes is Attributes.ELSEWHERE
        if (shown != gone)[line.ref >= 0].any():
            yield _(
                "I3: a watt-hour of {name} is evidence of the place and can be claimed, or neither", name=name
            )
        if ((line.status == Status.CANCELLED) != (line.ref >= 0)).any():
            yield _(
                "I3: a watt-hour of {name} is cancelled by no entry, or by one and not cancelled", name=name
            )
        if not set(line.ref[line.ref >= 0].tolist()) <= set(state.cancellations):
            yield _("I3: a watt-hour of {name} is cancelled by an entry that is none", name=name)


def _cancelled(state: State) -> Iterator[Message]:
    """Count the pieces of each cancellation and interval again, and set them against the records."""
    counted: dict[tuple[int, Any], int] = defaultdict(int)
    for line in state.lines:
        row = _row(line)
        there = (line.ref >= 0) & line.live[row]
        for ref, start, wh in zip(
            line.ref[there].tolist(),
            line.start[row[there]].tolist(),
            sizes(line)[there].tolist(),
            strict=True,
        ):
            counted[ref, start] += wh
    recorded: dict[tuple[int, Any], int] = {}
    used: dict[tuple[str, Any], int] = defaultdict(int)
    for entry, one in state.cancellations.items():
        pieces = one.wh if one.over is None else one.over.cancelled_wh
        for start, wh, cancelled in zip(one.start.tolist(), one.wh.tolist(), pieces.tolist(), strict=True):
            used[one.account, start] += wh
            if cancelled:
                recorded[entry, start] = cancelled
    if counted != recorded:
        yield _("I4: what stands cancelled is not what the entries cancelled")
    for name, load in zip(state.accounts, state.loads, strict=True):
        says = dict(zip(load.start.tolist(), load.allotted_wh.tolist(), strict=True))
        if any(wh != used.get((name, start), 0) for start, wh in says.items()):
            yield _("I4: what is allotted to {name} is not what was cancelled for it", name=name)


def _claims(state: State) -> Iterator[Message]:
    for entry, claim in state.claims.items():
        backing = [state.cancellations[c] for c in claim.cancellations]
        if claim.standing is not Standing.REPLACED and any(c.claim != entry for c in backing):
            yield _("I3: claim {entry} rests on what another claim uses", entry=entry)
        if claim.standing is not Standing.GOOD:
            continue
        load = state.load(claim.account)
        where = covering(load, claim.account, claim.start, claim.end)
        rows = hours_of(load, where, backing)
        claimed = sum(
            rows[f"{part}_wh"].astype(np.int64).sum() for part in ("self", "ppa", "rec", "location")
        )
        if claimed != claim.wh:
            yield _("I9: claim {entry} stands as good and no longer holds what it claimed", entry=entry)
        if (load.claim[where] != entry).any():
            yield _("I4: an interval of claim {entry} is claimed by another", entry=entry)


def _papers(state: State) -> Iterator[Message]:
    used: dict[str | None, int] = defaultdict(int)
    for one in state.cancellations.values():
        pieces = one.wh if one.over is None else one.over.cancelled_wh
        used[one.paper] += int(pieces.sum(dtype=np.int64))
    for paper, right in state.rights.items():
        over = right.limit_wh is not None and used[paper] > right.limit_wh
        if over or used[paper] != state.used_wh[paper]:
            yield _("I10: paper {paper} is used beyond its volume, or miscounted", paper=paper)


def _row(line: Line) -> NDArray[Any]:
    return np.searchsorted(line.base, line.at, side="right") - 1
