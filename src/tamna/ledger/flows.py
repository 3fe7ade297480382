"""Links and what they carried: evidence that stands beside the meters of plants and accounts.

A link is entered once, with its ends and what it can carry. What it carried is a reading of both ends, or of one and
the link's declared loss. A corrected reading never edits: what it carries now is shared anew over the cancellations
that took of it, in their order, and the claims on them come under review (I9). What no longer fits stays cancelled
and backs nothing, as it does where a load was corrected.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.lang import _
from tamna.ledger.across import Delivery, Flow, Link
from tamna.ledger.arrays import first_of, shared
from tamna.ledger.crossing import backed_wh, put_flow, rows_of
from tamna.ledger.facts import text, whole
from tamna.ledger.issuing import check_form, check_intervals
from tamna.ledger.refusal import refuse
from tamna.ledger.residual import doubt, told_by_export
from tamna.ledger.resting import review

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.ledger.event import Event
    from tamna.ledger.state import Draft

    Whole = NDArray[np.integer[Any]]

_MOST_W: Final = 10**12

__all__ = ["enter_link", "flow", "restate_flow"]


def enter_link(draft: Draft, event: Event) -> None:
    """Add a link between two zones."""
    about = event.about
    ends = about.get("ends")
    if (
        not isinstance(ends, list | tuple)
        or len(ends) != 2
        or not all(isinstance(e, str) and e for e in ends)
    ):
        refuse(_("a link has two ends"), seen=ends)
    link = Link(
        name=text(about, "name"), ends=(ends[0], ends[1]), capacity_w=whole(about, "capacity_w"),
        both_ways=about.get("both_ways") is True, loss_permille=whole(about, "loss_permille"),
    )  # fmt: skip
    if link.name in draft.links:
        refuse(_("a link of this name stands in the book"), seen=link.name)
    if ends[0] == ends[1] or not isinstance(about.get("both_ways"), bool):
        refuse(
            _("a link leads from one zone to another, and says whether it can do both at once"), of=link.name
        )
    if not 0 < link.capacity_w <= _MOST_W or not 0 <= link.loss_permille < 1000:
        refuse(_("a link has a capacity above 0 W and a loss of 0 to 999 in 1000"), of=link.name)
    draft.links[link.name] = link
    draft.flows[link.name] = (_empty(), _empty())


def flow(draft: Draft, event: Event) -> None:
    """Record what a link carried one way.

    Raises
    ------
    LedgerError
        Intervals that overlap or that the book holds; more delivered than sent, or not what the declared loss leaves;
        more than the link can carry; both ways at once on a link that cannot.
    """
    link, way = _way(draft, event)
    before = draft.flows[link.name][way]
    check_intervals(link.name, event, before.start, before.length_s)
    _check_rows(draft, link, way, event)
    rows = event.rows
    grown = [
        np.concatenate([before.start, rows["start"]]),
        np.concatenate([before.length_s, rows["length_s"].astype(np.uint16)]),
        np.concatenate([before.sent_wh, rows["sent_wh"]]),
        np.concatenate([before.delivered_wh, rows["delivered_wh"]]),
        np.concatenate([before.estimated, rows["estimated"] > 0]),
        np.concatenate([before.used_wh, np.zeros(len(rows), np.uint32)]),
    ]
    order = np.argsort(grown[0], kind="stable")
    start, length_s, *rest = (column[order] for column in grown)
    put_flow(draft, link.name, way, Flow(shared(start), shared(length_s), *rest))
    doubt(draft, link.ends, rows["start"])


def restate_flow(draft: Draft, event: Event) -> None:
    """Correct what a link carried; every claim that took of it comes under review (I9)."""
    link, way = _way(draft, event)
    check_form(link.name, event)
    before, readings = draft.flows[link.name][way], event.rows
    rows, there = rows_of(before, readings["start"])
    for i in first_of(~there):
        refuse(
            _("nothing is known of what the link carried in this interval"),
            of=link.name,
            hour=readings["start"][i],
        )
    for i in first_of(before.length_s[rows] != readings["length_s"]):
        refuse(
            _("a corrected reading has the interval of the one it corrects ({seconds} s)",
              seconds=int(before.length_s[rows[i]])),
            of=link.name, hour=readings["start"][i], seen=f"{readings['length_s'][i]} s",
        )  # fmt: skip
    _check_rows(draft, link, way, event)
    sent, delivered, estimated, used = (
        getattr(before, name).copy() for name in ("sent_wh", "delivered_wh", "estimated", "used_wh")
    )
    sent[rows], delivered[rows] = readings["sent_wh"], readings["delivered_wh"]
    estimated[rows], used[rows] = readings["estimated"] > 0, 0
    after = replace(before, sent_wh=sent, delivered_wh=delivered, estimated=estimated, used_wh=used)
    put_flow(draft, link.name, way, after)
    resting = _shared_anew(draft, link.name, way, rows)
    review(draft, [*resting, *told_by_export(draft, [link.ends[way]], readings["start"])])
    doubt(draft, link.ends, readings["start"])


def _shared_anew(draft: Draft, link: str, way: int, changed: Whole) -> list[int]:
    """Share what a link carries now over the cancellations that took of it, in their order; give their claims."""
    flow, doubted = draft.flows[link][way], []
    used, touched = flow.used_wh.copy(), np.zeros(len(flow.start), bool)
    touched[changed] = True
    for entry, one in draft.cancellations.items():
        if one.over is None or (one.over.link, one.over.way) != (link, way):
            continue
        rows, _there = rows_of(flow, one.start)
        mine = np.flatnonzero(touched[rows])
        if not len(mine):
            continue
        rows = rows[mine]
        wh, carried = one.wh.copy(), one.over.carried_wh.copy()
        carried[mine] = np.minimum(one.over.cancelled_wh[mine], flow.open_wh[rows] - used[rows])
        used[rows] += carried[mine]
        wh[mine] = backed_wh(carried[mine], flow.sent_wh[rows], flow.delivered_wh[rows])
        draft.cancellations[entry] = replace(one, wh=wh, over=replace(one.over, carried_wh=carried))
        _allot_anew(draft, one.account, one.start[mine], wh[mine].astype(np.int64) - one.wh[mine])
        doubted.append(one.claim)
    put_flow(draft, link, way, replace(flow, used_wh=used))
    return doubted


def _allot_anew(draft: Draft, account: str, start: NDArray[np.datetime64], more_wh: Whole) -> None:
    number = draft.account(account)
    used = draft.loads[number]
    allotted = used.allotted_wh.copy()
    where = np.searchsorted(used.start, start)
    allotted[where] = allotted[where].astype(np.int64) + more_wh
    draft.loads[number] = replace(used, allotted_wh=allotted)


def _way(draft: Draft, event: Event) -> tuple[Link, int]:
    """Give the link of an entry, and which of its two ways."""
    name, ends = text(event.about, "link"), (event.about.get("from"), event.about.get("to"))
    link = draft.links.get(name)
    if link is None:
        refuse(_("no such link in the book"), seen=name)
    if ends not in (link.ends, link.ends[::-1]):
        refuse(
            _("the link does not lead from the one zone to the other"), of=name, seen=f"{ends[0]} {ends[1]}"
        )
    return link, link.ends.index(ends[0])


def _check_rows(draft: Draft, link: Link, way: int, event: Event) -> None:
    rows, delivery = event.rows, event.about.get("delivery")
    sent, delivered, length_s = (rows[n].astype(np.int64) for n in ("sent_wh", "delivered_wh", "length_s"))
    if delivery not in tuple(Delivery):
        refuse(_("what arrived is metered, or follows from the declared loss"), of=link.name, seen=delivery)
    for i in first_of(delivered > sent):
        refuse(
            _("more was delivered than sent ({wh} Wh)", wh=int(sent[i])),
            of=link.name, hour=rows["start"][i], seen=f"{delivered[i]} Wh",
        )  # fmt: skip
    due = sent * (1000 - link.loss_permille) // 1000
    for i in first_of((delivered != due) & (delivery == Delivery.DECLARED)):
        refuse(
            _("not what the link's declared loss leaves ({wh} Wh)", wh=int(due[i])),
            of=link.name, hour=rows["start"][i], seen=f"{delivered[i]} Wh",
        )  # fmt: skip
    most = length_s * link.capacity_w * draft.rules.margin_percent // (3600 * 100)
    for i in first_of(sent > most):
        refuse(
            _("more than the link can carry ({wh} Wh)", wh=int(most[i])),
            of=link.name, hour=rows["start"][i], seen=f"{sent[i]} Wh",
        )  # fmt: skip
    if not link.both_ways:
        _check_one_way(link, draft.flows[link.name][1 - way], rows)


def _check_one_way(link: Link, back: Flow, rows: NDArray[np.void]) -> None:
    """Refuse energy one way while it went the other way."""
    busy = back.sent_wh > 0
    begin, end = back.start[busy], (back.start + back.length_s.astype("m8[s]"))[busy]
    first = np.searchsorted(end, rows["start"], side="right")
    last = np.searchsorted(begin, rows["start"] + rows["length_s"].astype("m8[s]"), side="left")
    for i in first_of((rows["sent_wh"] > 0) & (first < last)):
        refuse(
            _("the link cannot carry energy both ways in one interval"),
            of=link.name,
            hour=rows["start"][i],
            todo=_("Correct one of the two readings, or enter the cables as links of their own."),
        )


def _empty() -> Flow:
    nothing = np.empty(0, np.uint32)
    return Flow(np.empty(0, "M8[s]"), np.empty(0, np.uint16), nothing, nothing, np.empty(0, bool), nothing)
