"""From the meter into the book: certificates issued, consumption recorded, and readings corrected later.

Whatever a reading may not be is refused before anything is written: overlapping, doubled, in the future, longer
than an hour, beyond what the plant can deliver. A corrected reading never edits: the old issuance stays as
history, the new one takes over its ids as far as they reach, and claims that rest on it come under review.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.ledger import load
from tamna.ledger.arrays import first_of
from tamna.ledger.crossing import given_up
from tamna.ledger.line import Line, find, grown, sizes
from tamna.ledger.nouns import LONGEST_S, Device, Rules, Status
from tamna.ledger.refusal import refuse
from tamna.ledger.residual import doubt
from tamna.ledger.resting import review

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tamna.ledger.event import Event
    from tamna.ledger.state import Draft

__all__ = [
    "check_capacity",
    "check_form",
    "check_intervals",
    "consume",
    "correct",
    "issue",
    "restate",
    "restate_load",
    "shrink",
]


def issue(draft: Draft, event: Event) -> None:
    """Issue a device's certificates: floor of the net meter, one live issuance an interval (I1)."""
    number = draft.device(event.about.get("device"))
    device, line = draft.device_list[number], draft.lines[number]
    check_intervals(device.name, event, line.start[line.live], line.length_s[line.live])
    check_capacity(device, draft.rules, event.rows)
    _check_free(draft, number)
    draft.lines[number] = grown(line, event.rows, holder=draft.account(device.owner), entry=draft.size)


def consume(draft: Draft, event: Event) -> None:
    """Record what an account's meters used."""
    number = draft.account(event.about.get("account"))
    before = draft.loads[number]
    check_intervals(str(event.about["account"]), event, before.start, before.length_s)
    draft.loads[number] = load.metered(before, event.rows)


def restate_load(draft: Draft, event: Event) -> None:
    """Correct an account's readings; every claim on these intervals comes under review (I9).

    So does every claim that shows, in one of them, evidence of the place counted as a part of this consumption.
    """
    number = draft.account(event.about.get("account"))
    name, before = str(event.about["account"]), draft.loads[number]
    check_form(name, event)
    rows = load.rows_of(before, name, event.rows["start"])
    _check_lengths(name, event.rows, before.length_s[rows])
    draft.loads[number] = load.restated(before, rows, event.rows)
    review(draft, [*np.unique(before.claim[rows]), *_counted_from(draft, name, event.rows["start"])])
    doubt(draft, (draft.accounts[name].zone,), event.rows["start"])


def restate(draft: Draft, event: Event) -> None:
    """Correct a device's readings: replace its issuances, and put what rests on them under review (I9)."""
    number = draft.device(event.about.get("device"))
    device = draft.device_list[number]
    check_form(device.name, event)
    check_capacity(device, draft.rules, event.rows)
    _check_free(draft, number)
    correct(draft, number, event.rows)


def correct(draft: Draft, number: int, rows: NDArray[np.void]) -> None:
    """Issue a device's certificates anew for intervals that it was issued for; what rested on the old is doubted."""
    device, line = draft.device_list[number], draft.lines[number]
    old = find(line, rows["start"])
    for i in first_of(old < 0):
        refuse(_("nothing was issued for this interval"), of=device.name, hour=rows["start"][i])
    _check_lengths(device.name, rows, line.length_s[old])
    after = _replaced(line, old, rows, holder=draft.account(device.owner), entry=draft.size)
    draft.lines[number] = after
    for ref, start, lost in _lost(line, after, old):
        shrink(draft, ref, np.array([start]), np.array([lost]))
    touched = np.unique(line.ref[np.isin(_row(line), old)])
    review(draft, [draft.cancellations[int(r)].claim for r in touched if r >= 0])


def _counted_from(draft: Draft, name: str, start: NDArray[np.datetime64]) -> Iterable[int]:
    """Give the claims that show evidence of the place counted from an account's consumption in these intervals."""
    for one in draft.cancellations.values():
        if one.basis == name and one.claim >= 0 and one.wh[np.isin(one.start, start)].any():
            yield one.claim


def _check_free(draft: Draft, number: int) -> None:
    """Refuse a reading of a device whose certificates follow from what a storage took in."""
    if draft.storages and number in (outlets := draft.outlets()):
        refuse(
            _("what leaves a storage is recorded by its discharge"),
            of=draft.device_list[number].name,
            seen=outlets[number],
        )


def _row(line: Line) -> NDArray[Any]:
    return np.searchsorted(line.base, line.at, side="right") - 1


def _replaced(line: Line, old: NDArray[Any], rows: NDArray[np.void], *, holder: int, entry: int) -> Line:
    """Issue anew with the pieces of the old issuances, cut off or followed by an active one."""
    before, piece_row, size = line.total_wh, _row(line), sizes(line)
    after = grown(line, rows, holder=holder, entry=entry)
    at, holders, status, refs = ([array] for array in (line.at, line.holder, line.status, line.ref))
    for r, base, wh in zip(old, after.base[len(line.start) : -1], rows["wh"], strict=True):
        kept = np.flatnonzero(piece_row == r)
        low = line.at[kept] - line.base[r]
        kept, low = kept[low < wh], low[low < wh]
        at.append(base + low)
        holders.append(line.holder[kept])
        status.append(line.status[kept])
        refs.append(line.ref[kept])
        end = int(low[-1] + size[kept[-1]]) if len(kept) else 0
        if end < wh:
            at.append(np.array([base + end]))
            holders.append(np.array([holder], np.int32))
            status.append(np.array([Status.ACTIVE], np.int8))
            refs.append(np.array([-1], np.int32))
    live = after.live.copy()
    live[old] = False
    assert after.total_wh >= before
    return replace(
        after,
        live=live,
        at=np.concatenate(at).astype(np.int64),
        holder=np.concatenate(holders),
        status=np.concatenate(status),
        ref=np.concatenate(refs),
    )


def _lost(before: Line, after: Line, old: NDArray[Any]) -> Iterable[tuple[int, np.datetime64, int]]:
    """Give, for each cancellation and interval, what no longer stands behind it. [Wh]"""
    new = len(before.start)
    rows, refs, wh = _row(after), after.ref, sizes(after)
    for i, r in enumerate(old):
        was, now = rows == r, rows == new + i
        for ref in np.unique(refs[was & (refs >= 0)]):
            lost = int(wh[was & (refs == ref)].sum() - wh[now & (refs == ref)].sum())
            if lost:
                yield int(ref), before.start[r], lost


def shrink(draft: Draft, ref: int, start: NDArray[np.datetime64], lost: NDArray[Any]) -> None:
    """Take `lost` Wh from a cancellation, from the account's allotment and from the paper's use; each `start` once."""
    found = draft.cancellations[ref]
    wh, where, less = found.wh.copy(), np.searchsorted(found.start, start), lost
    if found.over is not None:
        found, less = given_up(draft, found, where, lost)
    wh[where] -= less.astype(wh.dtype)
    draft.cancellations[ref] = replace(found, wh=wh)
    number = draft.account(found.account)
    used = draft.loads[number]
    allotted = used.allotted_wh.copy()
    allotted[np.searchsorted(used.start, start)] -= less.astype(allotted.dtype)
    draft.loads[number] = replace(used, allotted_wh=allotted)
    if found.paper is not None:
        draft.used_wh[found.paper] -= int(lost.sum())


def check_form(of: str, event: Event) -> None:
    """Refuse rows that are no set of intervals: empty, too long, out of order, overlapping, not over yet."""
    start, length = event.rows["start"].copy(), event.rows["length_s"].astype("m8[s]")
    if not len(start):
        refuse(_("an entry without rows"), of=of)
    for i in first_of((event.rows["length_s"] < 1) | (event.rows["length_s"] > LONGEST_S)):
        refuse(
            _("an interval lasts 1 s to 1 h"),
            of=of,
            hour=start[i],
            seen=f"{event.rows['length_s'][i]} s",
        )
    for i in first_of(start[1:] == start[:-1]):
        refuse(_("two readings of one interval"), of=of, hour=start[i], todo=_("Keep the one that holds."))
    for i in first_of(start[1:] < start[:-1] + length[:-1]):
        refuse(_("intervals overlap or are out of order"), of=of, hour=start[i + 1])
    if start[-1] + length[-1] > event.at:
        refuse(_("the interval is not over yet"), of=of, hour=start[-1])


def check_intervals(of: str, event: Event, start: NDArray[Any], length_s: NDArray[Any]) -> None:
    """Refuse intervals that overlap with the ones the book holds for the same meter."""
    check_form(of, event)
    first = event.rows["start"][0]
    if not len(start) or (start + length_s.astype("m8[s]")).max() <= first:
        return
    starts = np.concatenate([start, event.rows["start"]])
    lengths = np.concatenate([length_s.astype(np.int64), event.rows["length_s"]]).astype("m8[s]")
    order = np.argsort(starts, kind="stable")
    starts, lengths = starts[order], lengths[order]
    for i in first_of(starts[1:] < starts[:-1] + lengths[:-1]):
        refuse(
            _("the book holds a reading of this interval"),
            of=of,
            hour=starts[i + 1],
            todo=_("Correct it by a restatement."),
        )


def check_capacity(device: Device, rules: Rules, rows: NDArray[np.void]) -> None:
    """Refuse more than capacity x time x margin, in whole numbers, and what was made before operation."""
    for i in first_of(rows["start"] < device.since):
        refuse(_("before the device's first operation"), of=device.name, hour=rows["start"][i])
    most = rows["length_s"].astype(np.int64) * device.capacity_w * rules.margin_percent // (3600 * 100)
    over = rows["wh"] > most
    for i in first_of(over):
        refuse(
            _("more than the device can deliver ({wh} Wh)", wh=int(most[i])),
            of=device.name,
            hour=rows["start"][i],
            seen=f"{rows['wh'][i]} Wh",
        )


def _check_lengths(of: str, rows: NDArray[np.void], length_s: NDArray[Any]) -> None:
    for i in first_of(rows["length_s"] != length_s):
        refuse(
            _(
                "a corrected reading has the interval of the one it corrects ({seconds} s)",
                seconds=int(length_s[i]),
            ),
            of=of,
            hour=rows["start"][i],
            seen=f"{rows['length_s'][i]} s",
        )
