"""The entries about links and zones, in words: each function makes one, `book.record` writes or refuses it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.ledger.across import Delivery
from tamna.ledger.event import BALANCE_IN, BALANCE_OUT, BALANCED, SENT, Event, Kind
from tamna.ledger.nouns import MOST_WH
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.ledger.across import Link

    Stamps = NDArray[np.datetime64]

__all__ = ["balance", "balanced", "carried", "flow", "link", "restate_balance", "restate_flow", "sent_for"]


def link(at: np.datetime64, noun: Link) -> Event:
    """Enter a link; its zones are those of accounts and devices."""
    return Event(Kind.LINK, at, {**asdict(noun), "ends": list(noun.ends)})


def carried(
    start: Stamps,
    sent_wh: NDArray[Any],
    delivered_wh: NDArray[Any] | None = None,
    *,
    loss_permille: int = 0,
    length_s: int | NDArray[Any] = 3600,
    estimated: bool | NDArray[np.bool_] = False,
) -> NDArray[np.void]:
    """Make rows of what a link carried one way.

    Parameters
    ----------
    sent_wh : (intervals,) [Wh]
        What the sending end's meter read, >= 0.
    delivered_wh : (intervals,) [Wh]
        What the other end's meter read; None where it follows from `loss_permille`, the link's declared loss.

    Raises
    ------
    LedgerError
        A reading is negative, missing, or larger than an interval's row can hold.

    Examples
    --------
    >>> hour = np.array(["2023-04-01T03"], "M8[s]")
    >>> [int(v) for v in carried(hour, np.array([1000.0]), loss_permille=30)[["sent_wh", "delivered_wh"]][0]]
    [1000, 970]
    """
    rows = np.zeros(len(start), SENT)
    rows["start"], rows["length_s"] = np.asarray(start, "M8[s]"), length_s
    rows["sent_wh"] = sent = _whole(start, sent_wh, MOST_WH)
    due = sent * (1000 - loss_permille) // 1000
    rows["delivered_wh"] = due if delivered_wh is None else _whole(start, delivered_wh, MOST_WH)
    rows["estimated"] = estimated
    return rows


def sent_for(delivered_wh: NDArray[Any], loss_permille: int) -> NDArray[np.int64]:
    """Give the least that was sent where so much arrived, by the declared loss. (intervals,) [Wh]

    Examples
    --------
    >>> sent_for(np.array([970, 1]), 30).tolist()
    [1000, 2]
    """
    return np.asarray(-(-np.floor(delivered_wh).astype(np.int64) * 1000 // (1000 - loss_permille)))


def flow(
    at: np.datetime64,
    name: str,
    rows: NDArray[np.void],
    *,
    ends: tuple[str, str],
    delivery: Delivery = Delivery.METERED,
) -> Event:
    """Record what link `name` carried from the first of `ends` to the second."""
    facts = {"link": name, "from": ends[0], "to": ends[1], "delivery": str(delivery)}
    return Event(Kind.FLOW, at, facts, rows)


def restate_flow(
    at: np.datetime64,
    name: str,
    rows: NDArray[np.void],
    *,
    ends: tuple[str, str],
    reason: str,
    delivery: Delivery = Delivery.METERED,
) -> Event:
    """Correct what a link carried."""
    facts = {"link": name, "from": ends[0], "to": ends[1], "delivery": str(delivery), "reason": reason}
    return Event(Kind.RESTATE_FLOW, at, facts, rows)


def balanced(
    start: Stamps,
    *,
    length_s: int | NDArray[Any] = 3600,
    estimated: bool | NDArray[np.bool_] = False,
    **wh: Any,
) -> NDArray[np.void]:
    """Make rows of a zone's balance.

    Parameters
    ----------
    wh
        By name, each (intervals,) [Wh]: `generation`, `imported`, `discharge`; `load`, `export`, `charge`, `losses`.

    Raises
    ------
    LedgerError
        A term is missing, negative or too large.
    """
    rows = np.zeros(len(start), BALANCED)
    rows["start"], rows["length_s"], rows["estimated"] = np.asarray(start, "M8[s]"), length_s, estimated
    terms = {"imported" if term == "import" else term: term for term in (*BALANCE_IN, *BALANCE_OUT)}
    if set(wh) != set(terms):
        refuse(_("a balance has seven terms"), seen=", ".join(sorted(set(wh) ^ set(terms))))
    for name, term in terms.items():
        rows[f"{term}_wh"] = _whole(start, wh[name], 10**15)
    return rows


def balance(at: np.datetime64, zone: str, rows: NDArray[np.void], *, tolerance_permille: int) -> Event:
    """Record a zone's balance, which closes within so much of what came in."""
    return Event(Kind.BALANCE, at, {"zone": zone, "tolerance_permille": tolerance_permille}, rows)


def restate_balance(
    at: np.datetime64, zone: str, rows: NDArray[np.void], *, tolerance_permille: int, reason: str
) -> Event:
    """Correct a zone's balance."""
    facts = {"zone": zone, "tolerance_permille": tolerance_permille, "reason": reason}
    return Event(Kind.RESTATE_BALANCE, at, facts, rows)


def _whole(start: Stamps, wh: NDArray[Any], most: int) -> NDArray[np.int64]:
    values = np.asarray(wh)
    if values.shape != np.shape(start):
        refuse(_("as many readings as intervals"), seen=f"{values.shape} and {np.shape(start)}")
    for i in np.flatnonzero(~np.isfinite(values))[:1]:
        refuse(_("a reading is missing"), hour=start[i])
    for i in np.flatnonzero(values < 0)[:1]:
        refuse(
            _("a flow or a term of a balance is negative"), hour=start[i], seen=values[i],
            todo=_("Each direction has a reading of its own."),
        )  # fmt: skip
    for i in np.flatnonzero(values > most)[:1]:
        refuse(_("more than an interval can hold"), hour=start[i], seen=values[i])
    found: NDArray[np.int64] = np.floor(values).astype(np.int64)
    return found
