"""Certificates to consumption, in the same hour only, by a policy that is declared and written down.

In this order, each with what the one before left: an account's own devices; what a storage on its site gives back; PPAs
by their priority; RECs cancelled for the account; if the policy says so, the same with plants in other zones, as far as a
link's flow evidence of the hour reaches; last, if the policy says so, plants whose attribute went elsewhere, as evidence of the
place. All of it first for those who use energy, then for the charging of storages, which can wait. Papers of one priority over the same devices share them as the policy says. Nothing moves between hours.

The result is entries of the journal, not a second truth: `book.record` checks every one of them again, so a
matching cannot cancel what is not there, is not due, or was not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.grid.rules import Rule
from tamna.lang import _
from tamna.ledger import operations as op
from tamna.ledger.across import other_end
from tamna.ledger.arrays import distinct, grouping, places
from tamna.ledger.book import record
from tamna.ledger.event import MOVE, Event, Kind
from tamna.ledger.mix import staying
from tamna.ledger.nouns import Attributes, Entitlement, Status
from tamna.ledger.over_link import over_link
from tamna.ledger.overlay import Share, overlay
from tamna.ledger.refusal import refuse
from tamna.ledger.state import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from tamna.ledger.across import Link
    from tamna.ledger.state import State

    Whole = NDArray[np.integer[Any]]
    Stamps = NDArray[np.datetime64]

__all__ = ["Geography", "Matched", "Policy", "claims_of", "match", "matching"]

_BATCH: Final = (
    2_000_000  # entries that are laid over each other at a time: bounds the memory, not the answer
)


class Geography(StrEnum):
    """How far a certificate may serve."""

    ZONE = "zone"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How energy is matched; its name and its parts go into every entry.

    Attributes
    ----------
    share
        How accounts share what is not enough for all, and plants what is not used up.
    geography
        Whether plants serve accounts of their own zone alone, or others too over a link that carried the energy.
    location
        Whether plants whose attribute went elsewhere are set against what is left, as evidence.
    export_rule
        What an export of the zone is taken to carry off before the rest is evidence of the place (`mix`).
    """

    name: str = "tamna-1"
    share: Share = Share.PROPORTIONAL
    geography: Geography = Geography.ZONE
    location: bool = False
    export_rule: Rule = Rule.THERMAL_FIRST


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The book after a matching, and the entries that led there."""

    state: State
    entries: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Pool:
    """Devices that serve accounts under one kind of right, over `link` if any; `papers` go with `accounts`."""

    entitlement: Entitlement
    devices: tuple[str, ...]
    accounts: tuple[str, ...]
    papers: tuple[str | None, ...]
    link: str | None = None


def match(
    state: State, at: np.datetime64, start: np.datetime64, end: np.datetime64, policy: Policy | None = None
) -> Matched:
    """Cancel what may be cancelled for whom in ``start <= t < end``.

    Raises
    ------
    LedgerError
        Intervals of several lengths in the period.
    """
    entries: list[Event] = []
    for found in matching(state, at, start, end, policy):
        state = found.state
        entries += found.entries
    return Matched(state, tuple(entries))


def matching(
    state: State, at: np.datetime64, start: np.datetime64, end: np.datetime64, policy: Policy | None = None
) -> Iterator[Matched]:
    """Match as `match` does, and give the entries piece by piece: who writes them down need not hold them all."""
    policy = policy or Policy()
    storing = {storage.account for storage in state.storages.values()}
    for step in (*_steps(state, policy, set(state.accounts) - storing), *_steps(state, policy, storing)):
        for low, high in _batches(step, start, end):
            made = [
                e for pool in step for e in _cancellations(state, at, low, high, pool=pool, policy=policy)
            ]
            while made:  # what a paper with a volume could not take is shared again without it
                state = record(state, *made)
                yield Matched(state, tuple(made))
                again = [pool for pool in step if _limited(state, pool)]
                made = [
                    e
                    for pool in again
                    for e in _cancellations(state, at, low, high, pool=pool, policy=policy)
                ]


def claims_of(
    state: State,
    at: np.datetime64,
    start: np.datetime64,
    end: np.datetime64,
    *,
    salts: Callable[[str], str] | None = None,
) -> list[Event]:
    """Make the claims of all accounts that used energy in the period, out of what is cancelled and unclaimed.

    Parameters
    ----------
    salts
        Gives the salt of an account's claim (`shelf.salt`); None makes claims that no shelf certificate can show.
    """
    mine: dict[str, list[int]] = {}
    for entry, one in state.cancellations.items():
        if one.claim < 0 and len(one.start) and start <= one.start[0] and one.start[-1] < end:
            mine.setdefault(one.account, []).append(entry)
    due = []
    for name, load in zip(state.accounts, state.loads, strict=True):
        inside = (load.start >= start) & (load.start < end)
        done = name not in mine and bool((load.claim[inside] >= 0).all())  # claimed before, and nothing since
        if inside.any() and not done:
            salt = None if salts is None else salts(name)
            due.append(op.claim(state, at, name, start, end, cancellations=mine.get(name, []), salt=salt))
    return due


def _steps(state: State, policy: Policy, wanted: set[str]) -> Iterator[list[_Pool]]:
    """Give the pools in their order; the pools of one step have no device and no account in common."""
    if not wanted:
        return
    yield from _by_right(state, wanted, None)
    if policy.geography is Geography.LINK:
        using = wanted - {storage.account for storage in state.storages.values()}
        for link in state.links.values():
            yield from _by_right(state, using, link)
    if policy.location:
        yield list(_places(state, wanted))


def _by_right(state: State, wanted: set[str], link: Link | None) -> Iterator[list[_Pool]]:
    """Give the pools of one zone's plants for the same zone's accounts, or for those at the other end of a link."""
    owned: dict[str, list[str]] = {}
    for device in state.devices.values():
        near = device.owner in wanted and device.zone == _source(state, device.owner, link)
        if near and device.attributes is Attributes.HERE:
            owned.setdefault(device.owner, []).append(device.name)
    name = None if link is None else link.name
    own = [_Pool(Entitlement.SELF, tuple(names), (owner,), (None,), name) for owner, names in owned.items()]
    yield from [own] if link is None else ([pool] for pool in own)  # over one link they take turns
    if link is None:
        yield from _on_site(state, wanted)
    for kind in (Entitlement.PPA, Entitlement.REC):
        groups: dict[tuple[Any, ...], list[str]] = {}
        for paper, right in state.rights.items():
            if right.kind is kind and right.account in wanted:
                groups.setdefault((right.priority, right.devices, right.start, right.end), []).append(paper)
        for _priority, devices, _start, _end in sorted(groups, key=lambda key: key[0]):
            for papers in _once_each(state, groups[_priority, devices, _start, _end]):
                yield _near(state, kind, devices, papers, link)


def _on_site(state: State, wanted: set[str]) -> Iterator[list[_Pool]]:
    """Give the pools across a storage and the account on whose site it stands, after what is used at once."""
    for storage in state.storages.values():
        if storage.site is None:
            continue
        if storage.site in wanted:
            yield [_Pool(Entitlement.SELF, (storage.device,), (storage.site,), (None,))]
        if storage.account in wanted:
            zone = state.accounts[storage.site].zone
            names = tuple(
                d.name
                for d in state.devices.values()
                if d.owner == storage.site and d.zone == zone and d.attributes is Attributes.HERE
            )
            yield [_Pool(Entitlement.SELF, names, (storage.account,), (None,))]


def _source(state: State, account: str, link: Link | None) -> str | None:
    """Give the zone of the plants that serve an account: its own, or the link's other end."""
    zone = state.accounts[account].zone
    return zone if link is None else other_end(link, zone)


def _near(
    state: State, kind: Entitlement, devices: tuple[str, ...], papers: list[str], link: Link | None
) -> list[_Pool]:
    """Make the pools of papers over the same devices: of those that lie where they may serve, one a zone of accounts."""
    zones: dict[str | None, list[str]] = {}
    for paper in papers:
        zones.setdefault(_source(state, state.rights[paper].account, link), []).append(paper)
    name, pools = None if link is None else link.name, []
    for source, mine in zones.items():
        there = tuple(d for d in devices if state.devices[d].zone == source)
        accounts = tuple(state.rights[p].account for p in mine)
        if there:
            pools.append(_Pool(kind, there, accounts, tuple(mine), name))
    return pools


def _places(state: State, wanted: set[str]) -> Iterator[_Pool]:
    for zone in dict.fromkeys(a.zone for a in state.accounts.values()):
        gone = tuple(
            d.name for d in state.devices.values() if d.zone == zone and d.attributes is Attributes.ELSEWHERE
        )
        accounts = tuple(a.name for a in state.accounts.values() if a.zone == zone and a.name in wanted)
        yield _Pool(Entitlement.LOCATION, gone, accounts, (None,) * len(accounts))


def _once_each(state: State, papers: Sequence[str]) -> Iterator[list[str]]:
    """Split papers into groups in which each account stands once: its second paper serves after its first."""
    rest = list(papers)
    while rest:
        first: dict[str, str] = {}
        for paper in rest:
            first.setdefault(state.rights[paper].account, paper)
        yield list(first.values())
        rest = [p for p in rest if p not in set(first.values())]


def _limited(state: State, pool: _Pool) -> bool:
    return any(paper is not None and state.rights[paper].limit_wh is not None for paper in pool.papers)


def _batches(
    step: Sequence[_Pool], start: np.datetime64, end: np.datetime64
) -> Iterator[tuple[np.datetime64, np.datetime64]]:
    """Cut the period so that at most `_BATCH` supplies and demands are laid over each other at a time."""
    count = sum(len(p.devices) + len(p.accounts) for p in step)
    hours = max(1, _BATCH // max(count, 1))
    low = start
    while low < end:
        yield low, (high := min(end, low + np.timedelta64(hours * 3600, "s")))
        low = high


def _cancellations(
    state: State, at: np.datetime64, start: np.datetime64, end: np.datetime64, *, pool: _Pool, policy: Policy
) -> Iterator[Event]:
    stamps, member, asked = _demands(state, start, end, pool)
    if not len(stamps):
        return
    supply, hour = _supplies(state, pool, stamps)
    if not len(supply):
        return
    most = None
    if pool.link is not None:
        asked, most = over_link(state, pool.link, pool.accounts, stamps, asked)
    elif pool.entitlement is Entitlement.LOCATION:
        most = staying(state, pool.devices, stamps, policy.export_rule)
    laid = overlay(
        hour,
        supply["high"].astype(np.int64) - supply["low"],
        *asked,
        hours=len(stamps),
        share=policy.share,
        most=most,
    )
    whose = member[laid.demand]
    order = grouping(whose)
    rows = supply.take(laid.supply[order])
    rows["low"] += laid.offset_wh[order].astype(np.uint32)
    rows["high"] = rows["low"] + laid.wh[order].astype(np.uint32)
    ends = np.concatenate([[0], np.bincount(whose, minlength=len(pool.accounts)).cumsum()])
    for i, name in enumerate(pool.accounts):
        if ends[i] < ends[i + 1]:
            facts = {"account": name, "entitlement": str(pool.entitlement), "policy": policy.name,
                     "share": str(policy.share)}  # fmt: skip
            paper = pool.papers[i]
            if paper is not None:
                facts["paper"] = paper
            if pool.link is not None:
                facts["link"] = pool.link
            if pool.entitlement is Entitlement.LOCATION:
                facts["export_rule"] = str(policy.export_rule)
            yield Event(Kind.CANCEL, at, facts, _within(rows[ends[i] : ends[i + 1]], _rest(state, paper)))


def _rest(state: State, paper: str | None) -> int | None:
    """Give what a paper still holds, [Wh]; None without limit."""
    limit = None if paper is None else state.rights[paper].limit_wh
    return None if limit is None or paper is None else limit - state.used_wh[paper]


def _within(rows: NDArray[np.void], rest: int | None) -> NDArray[np.void]:
    """Keep the first `rest` Wh of rows in order of time."""
    if rest is None:
        return rows
    size = rows["high"].astype(np.int64) - rows["low"]
    left = rest - (np.cumsum(size) - size)
    kept: NDArray[np.void] = rows[left > 0]
    kept["high"] = kept["low"] + np.minimum(size, left)[left > 0].astype(np.uint32)
    return kept


def _demands(
    state: State, start: np.datetime64, end: np.datetime64, pool: _Pool
) -> tuple[Stamps, Whole, tuple[Whole, Whole]]:
    """Give the hours in which anything is asked for, who asks, and (hour, energy) of each demand, hour by hour."""
    names = {name: i for i, name in enumerate(state.accounts)}
    starts, members, sizes = [], [], []
    lengths: set[int] = set()
    for i, (name, paper) in enumerate(zip(pool.accounts, pool.papers, strict=True)):
        load = state.loads[names[name]]
        low, high = start, end
        if paper is not None:
            low, high = max(low, state.rights[paper].start), min(high, state.rights[paper].end)
        first, last = np.searchsorted(load.start, [low, high])
        free = np.maximum(load.wh[first:last].astype(np.int64) - load.allotted_wh[first:last], 0)
        free[_closed(state, load.claim[first:last])] = 0
        if _rest(state, paper) == 0:
            continue
        wants = np.flatnonzero(free > 0)
        lengths |= set(np.unique(load.length_s[first:last][wants]).tolist())
        starts.append(load.start[first:last][wants])
        members.append(np.full(len(wants), i, np.int32))
        sizes.append(free[wants])
    if len(lengths) > 1:
        refuse(
            _("consumption in intervals of several lengths"),
            seen=", ".join(f"{s} s" for s in sorted(lengths)),
        )
    if not starts:
        return np.empty(0, "M8[s]"), np.empty(0, np.int32), (np.empty(0, np.int64), np.empty(0, np.int64))
    stamps, hour = _numbered(starts)
    order = grouping(hour)
    return stamps, np.concatenate(members)[order], (hour[order], np.concatenate(sizes)[order])


def _numbered(starts: Sequence[Stamps]) -> tuple[Stamps, Whole]:
    """Give each stamp once, rising, and for all `starts` one after another which of them each is.

    Accounts mostly ask for the same hours: what holds the hours already is not sorted into them again.
    """
    union: Stamps = max(starts, key=len)
    for some in starts:
        if len(some) and not (union[np.minimum(places(union, some), len(union) - 1)] == some).all():
            union = np.unique(np.concatenate([union, some]))
    return union, np.concatenate(
        [places(union, some) for some in starts if len(some)] or [np.empty(0, np.int64)]
    )


def _closed(state: State, claim: Whole) -> NDArray[np.bool_]:
    """Say of each interval whether a good claim covers it: it stays as it is until that comes under review."""
    closed = np.zeros(len(claim), bool)
    for entry in distinct(claim[claim >= 0]).tolist():
        if state.claims[entry].standing is Standing.GOOD:
            closed |= claim == entry
    return closed


def _supplies(state: State, pool: _Pool, stamps: Stamps) -> tuple[NDArray[np.void], Whole]:
    """Give the active watt-hours that the pool may use in these hours, as rows of ids, hour by hour, and the hours."""
    names = {name: i for i, name in enumerate(state.accounts)}
    numbers = {name: i for i, name in enumerate(state.devices)}
    single = names[pool.accounts[0]] if len(pool.accounts) == 1 else -1
    found, hours = [], []
    for name in pool.devices:
        line, owner = state.lines[numbers[name]], names[state.devices[name].owner]
        first, last = _window(line.start, line.base, stamps)
        near = slice(*np.searchsorted(line.at, [first, last]))
        row = np.searchsorted(line.base, line.at[near], side="right") - 1
        able = (line.status[near] == Status.ACTIVE) & line.live[row]
        holder = line.holder[near]
        able &= (holder == owner) | (holder == single)
        if pool.entitlement is Entitlement.SELF:  # on one site the owner may be the storage, or the site
            able &= holder == owner
        size = np.diff(
            line.at[near], append=line.at[near.stop] if near.stop < len(line.at) else line.total_wh
        )
        where = np.minimum(places(stamps, start := line.start[row]), len(stamps) - 1)
        able &= stamps[where] == start
        rows = np.empty(int(able.sum()), MOVE)
        rows["device"], rows["start"] = numbers[name], start[able]
        rows["low"] = low = (line.at[near] - line.base[row])[able]
        rows["high"] = low + size[able]
        found.append(rows)
        hours.append(where[able])
    if not found:
        return np.empty(0, MOVE), np.empty(0, np.int64)
    hour = np.concatenate(hours)
    order = grouping(hour)
    return np.concatenate(found).take(order), hour[order]


def _window(start: Stamps, base: Whole, stamps: Stamps) -> tuple[int, int]:
    """Give the part of the line on which issuances of these hours lie."""
    rows = np.flatnonzero((start >= stamps[0]) & (start <= stamps[-1]))
    return (int(base[rows[0]]), int(base[rows[-1] + 1])) if len(rows) else (0, 0)
