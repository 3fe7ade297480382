"""Through a storage: what was charged under a claim comes out again with its origin, and less of it (I5).

A storage's charging is the consumption of its account, and a claim over it says what of that was whose (EnergyTag's
storage charging record). A discharge entry covers the period of one such claim, the next after the one before. What
the book then issues is not in the entry, it follows: `trace`. Before a window is closed by readings of its state of
charge the stated efficiency holds, which must be low; the true one comes with a new tracing, which corrects what
was issued like any other restatement.

References
----------
EnergyTag, "Granular Certificate Scheme Standard", 2024, on storage charging and discharging records.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.lang import _
from tamna.ledger.backing import Backing, backing
from tamna.ledger.carried import Window
from tamna.ledger.claiming import hours_of
from tamna.ledger.event import CLAIM_PARTS
from tamna.ledger.facts import maybe_whole, text, whole
from tamna.ledger.issuing import check_capacity, check_form, correct
from tamna.ledger.line import find, grown
from tamna.ledger.load import covering
from tamna.ledger.nouns import Attributes, Entitlement, Storage, Tracing
from tamna.ledger.refusal import refuse
from tamna.ledger.state import Standing
from tamna.ledger.trace import UNKNOWN, Charge, Passage, trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.ledger.event import Event
    from tamna.ledger.state import Draft

__all__ = ["discharge", "enter_storage", "retrace"]

_LONGEST: Final = np.timedelta64(184, "D")  # EnergyTag: losses over at most six months


def enter_storage(draft: Draft, event: Event) -> None:
    """Add a storage: a charge meter that is an account, and a discharge meter that is two devices of it."""
    about = event.about
    tracing = text(about, "tracing")
    storage = Storage(
        name=text(about, "name"),
        account=text(about, "account"),
        device=text(about, "device"),
        place=text(about, "place"),
        tracing=Tracing.FIFO if tracing == Tracing.FIFO else Tracing.PROPORTIONAL,
        efficiency_permille=whole(about, "efficiency_permille"),
        opening_wh=whole(about, "opening_wh"),
        site=text(about, "site") if "site" in about else None,
    )
    if tracing not in set(Tracing):
        refuse(_("a storage is traced fifo or proportional"), of=storage.name, seen=tracing)
    if storage.name in draft.storages:
        refuse(_("a storage of this name stands in the book"), seen=storage.name)
    if not 0 < storage.efficiency_permille <= 1000 or storage.opening_wh < 0:
        refuse(
            _("an efficiency lies between 0 and 1000 per mille, a content is not negative"), of=storage.name
        )
    account = draft.account(storage.account)
    if storage.account in draft.bound or len(draft.loads[account].start):
        refuse(_("a storage's account uses energy for nothing else"), of=storage.name, seen=storage.account)
    if storage.site is not None and (
        draft.account(storage.site) == account
        or draft.bound.get(storage.site) == "storage"
        or draft.accounts[storage.site].zone != draft.accounts[storage.account].zone
    ):
        refuse(
            _("a storage stands on the site of another account of its zone that is no storage"),
            of=storage.name,
            seen=storage.site,
        )
    taken = draft.outlets()
    for name, attributes in ((storage.device, Attributes.HERE), (storage.place, Attributes.ELSEWHERE)):
        number = draft.device(name)
        device = draft.device_list[number]
        fresh = number not in taken and not len(draft.lines[number].start)
        if device.owner != storage.account or device.attributes is not attributes or not fresh:
            refuse(
                _("a storage gives through two fresh devices of its account, one for each kind of attribute"),
                of=storage.name,
                seen=name,
            )
    draft.storages[storage.name] = storage
    draft.windows[storage.name] = ()
    draft.bound[storage.account] = "storage"


def discharge(draft: Draft, event: Event) -> None:
    """Write a window of a storage and issue what comes out of it."""
    storage = _storage(draft, event)
    before = draft.windows[storage.name]
    window = _window(draft, event, storage)
    if before and draft.claims[before[-1].claim].end != draft.claims[window.claim].start:
        refuse(
            _("a storage's periods follow each other without a gap"),
            of=storage.name,
            hour=_start(draft, window),
        )
    _check_row(draft, storage, (*before, window))
    windows = _traced(storage, (*before, window))
    draft.windows[storage.name] = windows
    for name, wh in _issued(storage, windows[-1]):
        number = draft.device(name)
        rows = window.rows.copy()
        rows["wh"] = wh
        draft.lines[number] = grown(
            draft.lines[number], rows, holder=draft.account(storage.account), entry=draft.size
        )


def retrace(draft: Draft, event: Event) -> None:
    """Replace a window by what is known now, and correct what this and later windows issued."""
    storage, number = _storage(draft, event), whole(event.about, "replaces")
    before = draft.windows[storage.name]
    place = next((i for i, w in enumerate(before) if w.entry == number), None)
    if place is None:
        refuse(_("no such window of the storage"), of=storage.name, seen=number)
    window = _window(draft, event, storage, replaced=before[place])
    old = before[place].rows
    if any(window.rows[part].tobytes() != old[part].tobytes() for part in ("start", "length_s")):
        refuse(
            _("a window is traced again over the same intervals"), of=storage.name, hour=_start(draft, window)
        )
    anew = (*before[:place], window, *before[place + 1 :])
    _check_row(draft, storage, anew)
    after = _traced(storage, anew)
    draft.windows[storage.name] = after
    for new in after[place:]:
        for name, wh in _issued(storage, new):
            line = draft.lines[draft.device(name)]
            row = find(line, new.rows["start"])
            changed = (wh != np.diff(line.base)[row]) | (line.estimated[row] != (new.rows["estimated"] > 0))
            if changed.any():
                rows = new.rows[changed].copy()
                rows["wh"] = wh[changed]
                correct(draft, draft.device(name), rows)


def _storage(draft: Draft, event: Event) -> Storage:
    name = text(event.about, "storage")
    if name not in draft.storages:
        refuse(_("no such storage in the book"), seen=name)
    return draft.storages[name]


def _window(draft: Draft, event: Event, storage: Storage, *, replaced: Window | None = None) -> Window:
    check_form(storage.name, event)
    number = whole(event.about, "claim")
    claim = draft.claims.get(number)
    if claim is None or claim.account != storage.account or claim.standing is not Standing.GOOD:
        refuse(
            _("a discharge rests on a good claim over the storage's charging"), of=storage.name, seen=number
        )
    if any(w.claim == number for w in draft.windows[storage.name] if w is not replaced):
        refuse(_("claimed already"), of=storage.name, seen=number)
    if replaced is not None and _period(draft, replaced.claim) != (claim.start, claim.end):
        refuse(_("a window is traced again over the same intervals"), of=storage.name, hour=claim.start)
    if claim.end - claim.start > _LONGEST:
        refuse(_("losses are measured over six months at most"), of=storage.name, hour=claim.start)
    rows = event.rows
    last = rows["start"][-1] + rows["length_s"][-1].astype("m8[s]")
    if rows["start"][0] < claim.start or last > claim.end:
        refuse(_("discharge outside the period of the claim"), of=storage.name, hour=rows["start"][0])
    for name in (storage.device, storage.place):
        check_capacity(draft.device_list[draft.device(name)], draft.rules, rows)
    charge, content = _charge(draft, number), _content(event, storage)
    charged, out = int(charge.wh.sum()), int(rows["wh"].sum(dtype=np.int64))
    efficiency = _efficiency(event, storage, content, charged, out)
    return Window(draft.size, number, charge, rows, efficiency, content)


def _check_row(draft: Draft, storage: Storage, windows: Sequence[Window]) -> None:
    """Refuse windows that together give more than went in, that meet at two contents, or that open with another."""
    held_wh, content = storage.opening_wh, None
    read = windows[0].content
    if read is not None and read[0] != storage.opening_wh:
        refuse(
            _("the storage was entered with another content than was read first ({wh} Wh)", wh=read[0]),
            of=storage.name, hour=_start(draft, windows[0]), seen=f"{storage.opening_wh} Wh",
            todo=_(
                "Enter it with the content that was read; or leave the contents of its first period out: its stated"
                " efficiency holds there."
            ),
        )  # fmt: skip
    for window in windows:
        most, out = held_wh + int(window.charge.wh.sum()), int(window.rows["wh"].sum(dtype=np.int64))
        if out > most:
            refuse(
                _("more came out than was ever charged ({wh} Wh)", wh=most),
                of=storage.name, hour=_start(draft, window), seen=f"{out} Wh",
            )  # fmt: skip
        if content is not None and window.content is not None and content[1] != window.content[0]:
            refuse(
                _("a period begins with another content than the one before it ended with ({wh} Wh)", wh=content[1]),
                of=storage.name, hour=_start(draft, window), seen=f"{window.content[0]} Wh",
            )  # fmt: skip
        held_wh, content = most - out, window.content


def _content(event: Event, storage: Storage) -> tuple[int, int] | None:
    first, last = (maybe_whole(event.about, f"content_{end}_wh") for end in ("start", "end"))
    if first is None or last is None:
        return None
    if min(first, last) < 0:
        refuse(_("a content or an own use is negative"), of=storage.name)
    return first, last


def _efficiency(
    event: Event, storage: Storage, content: tuple[int, int] | None, charged: int, out: int
) -> tuple[int, int]:
    """Give what comes out of what goes in: measured where the state of charge was read at both ends."""
    parasitic = maybe_whole(event.about, "parasitic_wh") or 0
    if content is None:
        return storage.efficiency_permille, 1000
    first, last = content
    if parasitic < 0:
        refuse(_("a content or an own use is negative"), of=storage.name)
    used_up = charged - (last - first)
    if out > used_up:
        refuse(
            _("the storage gave more than it took in (I5): a meter is wrong"), of=storage.name,
            seen=f"{out} Wh of {used_up} Wh",
        )  # fmt: skip
    given = out - parasitic
    return (given, used_up) if given > 0 else (storage.efficiency_permille, 1000)


def _charge(draft: Draft, number: int) -> Charge:
    """Give what went in under a claim, by origin; the rest of the meter's reading is of unknown origin.

    Where a corrected charge meter leaves less than was cancelled, what the claim does not hold went in nowhere.
    """
    claim = draft.claims[number]
    used = draft.loads[draft.account(claim.account)]
    where = covering(used, claim.account, claim.start, claim.end)
    hours = hours_of(used, where, [draft.cancellations[c] for c in claim.cancellations])
    found = backing(draft.lines, claim.cancellations)
    parts = []
    for part in CLAIM_PARTS:
        of_part = [c for c in claim.cancellations if draft.cancellations[c].entitlement == part]
        pieces = _sorted([_pieces(found, of_part, claimable=part != Entitlement.LOCATION)])
        parts.append(_within(pieces, hours["start"], hours[f"{part}_wh"].astype(np.int64)))
    start, wh = used.start[where], used.wh[where].astype(np.int64)
    known = np.zeros(len(wh), np.int64)
    for piece in parts:
        np.add.at(known, np.searchsorted(start, piece.start), piece.wh)
    rest = Charge(start, np.full(len(wh), UNKNOWN), np.zeros(len(wh), bool), wh - known)
    return _sorted([*parts, rest])


def _within(pieces: Charge, start: NDArray[np.datetime64], most_wh: NDArray[np.int64]) -> Charge:
    """Keep the first `most_wh` of the pieces of each interval; both rise in time."""
    before = np.cumsum(pieces.wh) - pieces.wh
    inside = before - before[np.searchsorted(pieces.start, pieces.start)]
    most = most_wh[np.searchsorted(start, pieces.start)]
    return replace(pieces, wh=np.clip(most - inside, 0, pieces.wh))


def _pieces(found: Backing, entries: Sequence[int], *, claimable: bool) -> Charge:
    """Give the watt-hours that some of the entries cancelled, by plant and interval."""
    mine = np.isin(found.entry, np.array(entries, np.int64))
    return Charge(found.start[mine], found.device[mine], np.full(int(mine.sum()), claimable), found.wh[mine])


def _sorted(parts: Sequence[Charge]) -> Charge:
    start, device, claimable, wh = (
        np.concatenate([getattr(p, name) for p in parts]) for name in Charge.__slots__
    )
    # by right first: then how the rest falls into evidence of the place and the unknown moves no watt-hour of a right
    order = np.lexsort((device, ~claimable, start))
    order = order[wh[order] > 0]
    return Charge(start[order], device[order], claimable[order], wh[order])


def _traced(storage: Storage, windows: Sequence[Window]) -> tuple[Window, ...]:
    passages = [Passage(w.charge, w.rows["start"], w.rows["wh"], w.efficiency) for w in windows]
    found = trace(passages, storage.tracing, storage.opening_wh)
    return tuple(replace(w, traced=t) for w, t in zip(windows, found, strict=True))


def _issued(storage: Storage, window: Window) -> list[tuple[str, NDArray[Any]]]:
    start = window.rows["start"]
    return [
        (storage.device, window.traced.certified(start, claimable=True)),
        (storage.place, window.traced.certified(start, claimable=False)),
    ]


def _period(draft: Draft, claim: int) -> tuple[np.datetime64, np.datetime64]:
    return draft.claims[claim].start, draft.claims[claim].end


def _start(draft: Draft, window: Window) -> np.datetime64:
    return draft.claims[window.claim].start
