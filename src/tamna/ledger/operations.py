"""The entries of the journal, in words: each function makes one, `book.record` writes or refuses it.

Ranges are ids of whole watt-hours inside an issuance, half-open: ``(device, start, low, high)``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger.claiming import hours_of
from tamna.ledger.event import MOVE, READ, Event, Kind
from tamna.ledger.load import covering
from tamna.ledger.nouns import MOST_WH, Account, Confirmation, Device, Entitlement, Right, Rules
from tamna.ledger.refusal import refuse
from tamna.ledger.state import State, bound_for, number
from tamna.ledger.stated import stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Range = tuple[str, np.datetime64, int, int]

__all__ = [
    "account", "book", "cancel", "claim", "confirmation", "consume", "device", "expire", "give_back", "issue", "key",
    "lock", "ranges", "readings", "release", "reserve", "restate", "restate_load", "right", "split", "transfer", "unlock", "withdraw",
]  # fmt: skip


def book(at: np.datetime64, rules: Rules | None = None) -> Event:
    """Open a book under `rules`."""
    return Event(Kind.OPEN, at, asdict(rules or Rules()))


def account(at: np.datetime64, noun: Account) -> Event:
    """Enter an account."""
    return Event(Kind.ACCOUNT, at, asdict(noun))


def device(at: np.datetime64, noun: Device) -> Event:
    """Enter a device."""
    facts = {**asdict(noun), "since": iso(noun.since), "attributes": str(noun.attributes)}
    return Event(Kind.DEVICE, at, {name: fact for name, fact in facts.items() if fact or name != "meter"})


def right(at: np.datetime64, noun: Right) -> Event:
    """Enter a PPA, or a REC that was cancelled for an account; the paper is locked from then on."""
    facts = {
        **asdict(noun),
        "kind": str(noun.kind),
        "devices": list(noun.devices),
        "start": iso(noun.start),
        "end": iso(noun.end),
    }
    return Event(Kind.RIGHT, at, facts)


def confirmation(at: np.datetime64, noun: Confirmation) -> Event:
    """Enter a paper for a volume without hours; its number is locked from then on."""
    return Event(Kind.CONFIRM, at, {**asdict(noun), "start": iso(noun.start), "end": iso(noun.end)})


def key(at: np.datetime64, name: str, act: str = "begin") -> Event:
    """Enter a key of the issuer, ``DID#Multikey``; `act` is ``begin``, ``end`` (rotated) or ``revoke``."""
    return Event(Kind.KEY, at, {"name": name, "act": act})


def readings(
    start: NDArray[np.datetime64],
    wh: NDArray[Any],
    *,
    length_s: int | NDArray[Any] = 3600,
    estimated: bool | NDArray[np.bool_] = False,
) -> NDArray[np.void]:
    """Make rows of net meter readings: whole watt-hours, rounded down.

    Parameters
    ----------
    start : (intervals,) [UTC]
        Start of each interval.
    wh : (intervals,) [Wh]
        Net energy, >= 0.

    Raises
    ------
    LedgerError
        A reading is negative, missing, or larger than an interval's row can hold.

    Examples
    --------
    >>> hours = np.array(["2023-04-01T03", "2023-04-01T04"], "M8[s]")
    >>> [int(w) for w in readings(hours, np.array([41.9, 7.0]))["wh"]]
    [41, 7]
    """
    values = np.asarray(wh)
    if values.shape != np.shape(start):
        refuse(_("as many readings as intervals"), seen=f"{values.shape} and {np.shape(start)}")
    for i in np.flatnonzero(~np.isfinite(values))[:1]:
        refuse(_("a reading is missing"), hour=start[i])
    for i in np.flatnonzero(values < 0)[:1]:
        refuse(
            _("a net reading is negative"),
            hour=start[i],
            seen=values[i],
            todo=_("What a plant draws from the grid is consumption: give it to an account."),
        )
    for i in np.flatnonzero(values > MOST_WH)[:1]:
        refuse(_("more than an interval can hold"), hour=start[i], seen=values[i])
    rows = np.zeros(len(values), READ)
    rows["start"], rows["length_s"] = np.asarray(start, "M8[s]"), length_s
    rows["wh"], rows["estimated"] = np.floor(values), estimated
    return rows


def issue(at: np.datetime64, device_name: str, rows: NDArray[np.void]) -> Event:
    """Issue a device's certificates for its readings."""
    return Event(Kind.ISSUE, at, {"device": device_name}, rows)


def consume(at: np.datetime64, account_name: str, rows: NDArray[np.void]) -> Event:
    """Record an account's consumption."""
    return Event(Kind.CONSUME, at, {"account": account_name}, rows)


def restate(at: np.datetime64, device_name: str, rows: NDArray[np.void], *, reason: str) -> Event:
    """Correct readings of a device that was issued for."""
    return Event(Kind.RESTATE, at, {"device": device_name, "reason": reason}, rows)


def restate_load(at: np.datetime64, account_name: str, rows: NDArray[np.void], *, reason: str) -> Event:
    """Correct readings of an account's consumption."""
    return Event(Kind.RESTATE_LOAD, at, {"account": account_name, "reason": reason}, rows)


def ranges(state: State, wanted: Iterable[Range]) -> NDArray[np.void]:
    """Make rows that name watt-hours: ``(device, start, low, high)``, half-open."""
    rows = [(number(state.devices, name, "device"), start, low, high) for name, start, low, high in wanted]
    for _number, start, low, high in rows:
        if not 0 <= low <= high <= MOST_WH:
            refuse(_("a range of ids is empty"), hour=start, seen=f"{low}..{high}")
    return np.array(rows, MOVE)


def split(at: np.datetime64, rows: NDArray[np.void], *, by: str) -> Event:
    """Cut bundles at the ends of the ranges; holder and state stay."""
    return Event(Kind.SPLIT, at, {"by": by}, rows)


def transfer(at: np.datetime64, rows: NDArray[np.void], *, by: str, to: str) -> Event:
    """Hand watt-hours to another account."""
    return Event(Kind.TRANSFER, at, {"by": by, "to": to}, rows)


def lock(at: np.datetime64, rows: NDArray[np.void], *, by: str) -> Event:
    """Lock watt-hours against any use."""
    return Event(Kind.LOCK, at, {"by": by}, rows)


def unlock(at: np.datetime64, rows: NDArray[np.void], *, by: str) -> Event:
    """Unlock watt-hours."""
    return Event(Kind.UNLOCK, at, {"by": by}, rows)


def reserve(at: np.datetime64, rows: NDArray[np.void], *, by: str) -> Event:
    """Reserve watt-hours for a later cancellation."""
    return Event(Kind.RESERVE, at, {"by": by}, rows)


def release(at: np.datetime64, rows: NDArray[np.void], *, by: str) -> Event:
    """Release reserved watt-hours."""
    return Event(Kind.RELEASE, at, {"by": by}, rows)


def expire(at: np.datetime64, rows: NDArray[np.void]) -> Event:
    """Expire unused watt-hours whose lifetime is over."""
    return Event(Kind.EXPIRE, at, {}, rows)


def withdraw(at: np.datetime64, rows: NDArray[np.void], *, reason: str) -> Event:
    """Withdraw watt-hours that should not have been issued."""
    return Event(Kind.WITHDRAW, at, {"reason": reason}, rows)


def cancel(
    at: np.datetime64,
    rows: NDArray[np.void],
    *,
    account_name: str,
    entitlement: Entitlement,
    paper: str | None = None,
    link: str | None = None,
) -> Event:
    """Cancel watt-hours for an account under one right, over a link where the plants lie at its other end."""
    facts = {"account": account_name, "entitlement": str(entitlement)}
    more = {"paper": paper, "link": link}
    return Event(Kind.CANCEL, at, {**facts, **{k: v for k, v in more.items() if v is not None}}, rows)


def give_back(at: np.datetime64, rows: NDArray[np.void], *, account_name: str, reason: str) -> Event:
    """Give back evidence of the place that stands against an account's load."""
    return Event(Kind.GIVE_BACK, at, {"account": account_name, "reason": reason}, rows)


def claim(
    state: State,
    at: np.datetime64,
    account_name: str,
    start: np.datetime64,
    end: np.datetime64,
    *,
    cancellations: Sequence[int],
    replaces: Sequence[int] = (),
    salt: str | None = None,
) -> Event:
    """Claim what was cancelled for an account over a period; its hours follow from the book.

    Parameters
    ----------
    cancellations, replaces
        Numbers of entries: what backs the claim, and the claims whose place it takes.
    salt
        What keeps the entry's hash from being guessed, random text of its own; a shelf certificate needs it (`shelf`).
    """
    used = state.load(account_name)
    found = [state.cancellations[e] for e in cancellations if e in state.cancellations]
    rows = hours_of(used, covering(used, account_name, start, end), found)
    facts = {
        "account": account_name,
        "start": iso(start),
        "end": iso(end),
        "cancellations": [int(e) for e in cancellations],
        "replaces": [int(e) for e in replaces],
        **({"stated": said} if (said := stated(found)) else {}),
        **({} if salt is None else {"salt": salt}),
    }
    if (purpose := bound_for(state, account_name)) is not None:
        facts["purpose"] = purpose
    return Event(Kind.CLAIM, at, facts, rows)
