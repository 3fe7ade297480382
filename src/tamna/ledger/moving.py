"""What may become of a certificate, and who may do it.

=========  ==========================  ===========  =============================================
entry      from                        to           by
=========  ==========================  ===========  =============================================
split      active, locked, reserved    as before    its holder
transfer   active                      active       its holder
lock       active                      locked       its holder
unlock     locked                      active       its holder
reserve    active                      reserved     its holder
release    reserved                    active       its holder
cancel     active, reserved            cancelled    whoever the right names (below)
give_back  cancelled as evidence       active       the issuer (`giving_back`)
expire     active, locked, reserved    expired      the issuer, once its lifetime is over
withdraw   active, locked, reserved    withdrawn    the issuer
=========  ==========================  ===========  =============================================

Nothing leads out of what was cancelled by right, expired or withdrawn: a watt-hour ends once (I3). One whose attribute
went elsewhere has ended there: here it only stands against one account's load at a time, as evidence of the place, and
may be given back. A cancellation is for one account, under one right, in hours in which that account used at least as
much in the same zone, or in a zone to which a link brought as much from the plant's (I4, `crossing`):

============  ==============================  =======================================
right         the device                      held by
============  ==============================  =======================================
self          is the account's own, or stands the device's owner
              on one site with it (a storage)
ppa, rec      stands on the account's paper   the account or the device's owner
location      gave its attribute elsewhere    the device's owner
============  ==============================  =======================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.grid.rules import Rule
from tamna.lang import _
from tamna.ledger import load
from tamna.ledger.arrays import first_of, grouping, places, runs, shared
from tamna.ledger.crossing import cross, source_of
from tamna.ledger.event import MOVE, Event, Kind
from tamna.ledger.line import moved, positions
from tamna.ledger.nouns import Entitlement, Right, Status
from tamna.ledger.refusal import refuse
from tamna.ledger.residual import within
from tamna.ledger.state import Cancellation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tamna.lang import Message
    from tamna.ledger.state import Draft

    Whole = NDArray[np.integer[Any]]

__all__ = ["MOVES", "cancel", "check_rows", "move"]

_OPEN: Final = (Status.ACTIVE, Status.LOCKED, Status.RESERVED)
MOVES: Final[dict[Kind, tuple[tuple[Status, ...], Status | None]]] = {
    Kind.SPLIT: (_OPEN, None),
    Kind.TRANSFER: ((Status.ACTIVE,), None),
    Kind.LOCK: ((Status.ACTIVE,), Status.LOCKED),
    Kind.UNLOCK: ((Status.LOCKED,), Status.ACTIVE),
    Kind.RESERVE: ((Status.ACTIVE,), Status.RESERVED),
    Kind.RELEASE: ((Status.RESERVED,), Status.ACTIVE),
    Kind.EXPIRE: (_OPEN, Status.EXPIRED),
    Kind.WITHDRAW: (_OPEN, Status.WITHDRAWN),
    Kind.CANCEL: ((Status.ACTIVE, Status.RESERVED), Status.CANCELLED),
}
_ISSUER: Final = {Kind.EXPIRE, Kind.WITHDRAW}


def move(draft: Draft, event: Event) -> None:
    """Write one entry that moves watt-hours (all but a cancellation)."""
    check_rows(draft, event)
    rows = event.rows
    if event.kind is Kind.EXPIRE:
        _check_age(draft, event)
    by = None if event.kind in _ISSUER else draft.account(event.about.get("by"))
    to = draft.account(event.about.get("to")) if event.kind is Kind.TRANSFER else None
    order, devices = _by_device(rows["device"])
    rows = rows.take(order)
    for number, mine in devices:
        _move_on(draft, event.kind, number, rows[mine], held_by=() if by is None else (by,), holder=to)


def cancel(draft: Draft, events: Sequence[Event]) -> None:
    """Write cancellations that follow each other, all together: a year's matching is thousands of them."""
    buyers, lengths = [], []
    for offset, event in enumerate(events):
        check_rows(draft, event)
        buyers.append(_check_right(draft, event))
        lengths.append(_allot(draft, event, draft.size + offset))
    rows = events[0].rows if len(events) == 1 else np.concatenate([e.rows for e in events])
    which = np.repeat(np.arange(len(events), dtype=np.int32), [len(e.rows) for e in events])
    buyer, length_s = np.array(buyers, np.int32), np.concatenate(lengths)
    uniform = bool((length_s == length_s[0]).all())
    order, devices = _by_device(rows["device"])
    rows, which = rows.take(order), which.take(order)  # for rows four times as fast as [order]
    for number, mine in devices:
        entry = which[mine]
        _move_on(
            draft,
            Kind.CANCEL,
            number,
            rows[mine],
            held_by=(buyer[entry], int(draft.fleet.owner[number])),
            ref=draft.size + entry,
            length_s=length_s[:1] if uniform else length_s[order[mine]],
        )
    if draft.balances:
        by_right = [e for e in events if e.about["entitlement"] != Entitlement.LOCATION]
        within(draft, (str(e.about["account"]) for e in by_right), rows["start"])


def _by_device(device: Whole) -> tuple[Whole, Iterator[tuple[int, slice]]]:
    """Give an order that brings a device's rows together, and where in it each device's lie."""
    order, count = grouping(device), np.bincount(device)
    ends = count.cumsum()
    numbers = np.flatnonzero(count).tolist()
    return order, ((n, slice(int(ends[n] - count[n]), int(ends[n]))) for n in numbers)


def _move_on(
    draft: Draft,
    kind: Kind,
    number: int,
    rows: NDArray[np.void],
    *,
    held_by: tuple[Whole | int, ...],
    holder: int | None = None,
    ref: Whole | None = None,
    length_s: Whole | None = None,
) -> None:
    """Move rows of one device on its line."""
    allowed, to = MOVES[kind]
    line, name = draft.lines[number], draft.device_list[number].name
    begin, end = positions(line, name, rows["start"], rows["low"], rows["high"], length_s=length_s)
    draft.lines[number] = moved(
        line, name, begin, end, allowed=allowed, to=to, held_by=held_by, holder=holder, ref=ref
    )


def check_rows(draft: Draft, event: Event) -> None:
    """Refuse an entry without rows, or of a device that the book does not know."""
    if event.rows.dtype != MOVE or not len(event.rows):
        refuse(_("an entry without rows"), of=str(event.kind))
    if int(event.rows["device"].max()) >= len(draft.device_list):
        refuse(_("no such device in the book"), seen=int(event.rows["device"].max()))


def _check_age(draft: Draft, event: Event) -> None:
    for row in event.rows:
        line = draft.lines[int(row["device"])]
        which = np.flatnonzero(line.live & (line.start == row["start"]))
        length_s = int(line.length_s[which[0]]) if len(which) else 0
        if row["start"] + np.timedelta64(length_s + draft.rules.lifetime_s, "s") > event.at:
            name = draft.device_list[int(row["device"])].name
            refuse(_("the certificate's lifetime is not over"), of=name, hour=row["start"])


def _check_right(draft: Draft, event: Event) -> int:
    """Check the right that the cancellation names; give the account that may hold the rows beside a device's owner."""
    about, rows = event.about, event.rows
    account = draft.account(about.get("account"))
    zone = draft.accounts[str(about["account"])].zone
    kind, paper = about.get("entitlement"), about.get("paper")
    by_paper = kind in (Entitlement.PPA, Entitlement.REC)
    if kind not in tuple(Entitlement) or not (isinstance(paper, str) if by_paper else paper is None):
        refuse(
            _("a cancellation names its right, and a paper for a PPA or a REC alone"), seen=f"{kind} {paper}"
        )
    zone = source_of(draft.links, about, zone)
    fleet, numbers = draft.fleet, np.flatnonzero(np.bincount(rows["device"]))
    names = draft.device_list

    def none_of(wrong: NDArray[np.bool_], what: Message) -> None:
        for i in first_of(wrong):
            refuse(what, of=names[int(numbers[i])].name, seen=about["account"])

    gone = fleet.elsewhere[numbers]
    none_of(fleet.zone[numbers] != zone, _("device and account lie in different zones"))
    rule = about.get("export_rule")
    if rule is not None and (kind != Entitlement.LOCATION or rule not in tuple(Rule)):
        refuse(
            _("an export rule is told of evidence of the place alone"), of=str(about["account"]), seen=rule
        )
    _check_basis(draft, event, zone)
    if kind == Entitlement.LOCATION:
        none_of(~gone, _("a certificate that can be claimed is not used up as evidence of the place"))
        return -1
    none_of(gone, _("the device's attribute went elsewhere: it is evidence of the place, no more"))
    if kind == Entitlement.SELF:
        own = np.isin(fleet.owner[numbers], draft.on_site(str(about["account"])))
        none_of(~own, _("self-generation is from the account's own devices"))
        return account
    right = _check_paper(draft, event, str(kind), str(paper))
    none_of(~draft.covered(right.devices)[numbers], _("the paper does not cover the device"))
    return account


def _check_basis(draft: Draft, event: Event, zone: str) -> None:
    """Check whose consumption the evidence is a part of, where the entry names it."""
    basis = event.about.get("basis")
    if basis is None:
        return
    draft.account(basis)
    if event.about["entitlement"] != Entitlement.LOCATION or draft.accounts[basis].zone != zone:
        refuse(
            _("only evidence of the place is a part of a consumption, and of its own zone's"),
            of=str(event.about["account"]),
            seen=basis,
        )


def _check_paper(draft: Draft, event: Event, kind: str, paper: str) -> Right:
    """Check that the account has the paper, for these hours and with volume left; count its use."""
    right: Right | None = draft.rights.get(paper)
    if right is None or right.kind != kind or right.account != event.about["account"]:
        refuse(_("the account has no such paper"), of=str(event.about["account"]), seen=f"{kind} {paper}")
    start = event.rows["start"]
    for i in first_of((start < right.start) | (start >= right.end)):
        refuse(_("the paper does not cover the hour"), of=paper, hour=start[i])
    used = draft.used_wh[paper] + int((event.rows["high"] - event.rows["low"]).sum(dtype=np.int64))
    if right.limit_wh is not None and used > right.limit_wh:
        refuse(_("the paper's volume is used up ({wh} Wh)", wh=right.limit_wh), of=paper, seen=f"{used} Wh")
    draft.used_wh[paper] = used
    return right


def _allot(draft: Draft, event: Event, entry: int) -> Whole:
    """Set the cancelled energy against the account's consumption; give how long each row's interval is. [s]"""
    rows, about = event.rows, event.about
    if (rows["high"] <= rows["low"]).any():
        refuse(_("a range of ids is empty"), of=str(about["account"]))
    start, which = runs(rows["start"])
    wh = np.bincount(which, weights=rows["high"] - rows["low"]).astype(np.int64)
    over, cancelled = None, wh
    if about.get("link") is not None:
        over, wh = cross(draft, about, start, cancelled)
    number = draft.account(about["account"])
    used = load.allotted(draft.loads[number], str(about["account"]), start, wh)
    draft.loads[number] = used
    draft.cancellations[entry] = Cancellation(
        account=str(about["account"]),
        entitlement=Entitlement(str(about["entitlement"])),
        paper=about.get("paper"),
        start=shared(start),
        wh=wh.astype(np.uint32),
        basis=about.get("basis"),
        over=over,
        export_rule=about.get("export_rule"),
    )
    return used.length_s[places(used.start, start)][which]
