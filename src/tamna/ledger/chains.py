"""The entries that carry claimed energy on, in words: through a storage, into hydrogen, over lots."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger.event import MADE, Event, Kind
from tamna.ledger.lots import lot_hours
from tamna.ledger.refusal import refuse
from tamna.ledger.state import Draft, State
from tamna.ledger.stated import stated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tamna.ledger.carried import LotShare
    from tamna.ledger.nouns import Converter, Storage

__all__ = ["convert", "converter", "discharge", "lots_of", "made", "retrace", "share_out", "storage"]


def storage(at: np.datetime64, noun: Storage) -> Event:
    """Enter a storage; its account and its two devices stand in the book."""
    facts = {**asdict(noun), "tracing": str(noun.tracing)}
    return Event(Kind.STORAGE, at, {name: value for name, value in facts.items() if value is not None})


def discharge(
    at: np.datetime64,
    storage_name: str,
    rows: NDArray[np.void],
    *,
    claim: int,
    content_wh: tuple[int, int] | None = None,
    parasitic_wh: int = 0,
) -> Event:
    """Record what a storage gave back over the period of a claim on its charging.

    Parameters
    ----------
    rows : (intervals,) of event.READ
        The discharge meter.
    content_wh
        What it held at the start and at the end, read from the storage; None while that is not known. [Wh]
    parasitic_wh
        What cooling and control used of their own. [Wh]
    """
    return Event(Kind.DISCHARGE, at, _measured(storage_name, claim, content_wh, parasitic_wh), rows)


def retrace(
    at: np.datetime64,
    storage_name: str,
    rows: NDArray[np.void],
    *,
    claim: int,
    replaces: int,
    reason: str,
    content_wh: tuple[int, int] | None = None,
    parasitic_wh: int = 0,
) -> Event:
    """Trace a window again, with losses that were measured since, or with a charging that was claimed again."""
    facts = _measured(storage_name, claim, content_wh, parasitic_wh)
    return Event(Kind.RETRACE, at, {**facts, "replaces": replaces, "reason": reason}, rows)


def _measured(name: str, claim: int, content_wh: tuple[int, int] | None, parasitic_wh: int) -> dict[str, Any]:
    facts: dict[str, Any] = {"storage": name, "claim": int(claim)}
    if content_wh is not None:
        first, last = content_wh
        facts |= {
            "content_start_wh": int(first),
            "content_end_wh": int(last),
            "parasitic_wh": int(parasitic_wh),
        }
    return facts


def converter(at: np.datetime64, noun: Converter) -> Event:
    """Enter an electrolyser; its account stands in the book."""
    return Event(Kind.CONVERTER, at, asdict(noun))


def made(
    start: NDArray[np.datetime64],
    mg: NDArray[Any],
    *,
    length_s: int | NDArray[Any] = 3600,
    heat_wh: int | NDArray[Any] = 0,
) -> NDArray[np.void]:
    """Make rows of hydrogen: whole milligrams, rounded down.

    Raises
    ------
    LedgerError
        A mass is negative or missing.
    """
    values = np.asarray(mg, dtype=np.float64)
    for i in np.flatnonzero(~(np.isfinite(values) & (values >= 0) & (values < 2**53)))[:1]:
        refuse(_("a mass of hydrogen is negative, missing or too large"), hour=start[i], seen=values[i])
    rows = np.zeros(len(values), MADE)
    rows["start"], rows["length_s"] = np.asarray(start, "M8[s]"), length_s
    rows["mg"], rows["heat_wh"] = np.floor(values), heat_wh
    return rows


def convert(
    at: np.datetime64,
    converter_name: str,
    rows: NDArray[np.void],
    *,
    batch: str,
    claim: int,
    replaces: int | None = None,
) -> Event:
    """Record a batch of hydrogen made of the electricity of one claim."""
    facts = {"converter": converter_name, "batch": batch, "claim": int(claim)}
    return Event(Kind.CONVERT, at, facts if replaces is None else {**facts, "replaces": replaces}, rows)


def share_out(
    at: np.datetime64,
    product: str,
    shares: Sequence[LotShare],
    *,
    claim: int,
    replaces: int | Sequence[int] | None = None,
) -> Event:
    """Share a claim's hours out over lots; `replaces` names the sharings of this product whose place it takes."""
    facts: dict[str, Any] = {
        "product": product,
        "claim": int(claim),
        "rule": "largest remainder",
        "lots": [{**asdict(s), "start": iso(s.start), "end": iso(s.end)} for s in shares],
    }
    if replaces is not None:
        facts["replaces"] = replaces if isinstance(replaces, int) else [int(e) for e in replaces]
    return Event(Kind.LOTS, at, facts)


def lots_of(
    state: State,
    at: np.datetime64,
    entry: int,
    names: Sequence[str] | None = None,
    *,
    salts: Callable[[str], str] | None = None,
) -> list[Event]:
    """Make the entries of the lots of a sharing; all of them, or those named.

    Parameters
    ----------
    salts
        Gives the salt of a lot's entry by its name (`shelf.salt`); None makes lots that no shelf certificate can show.
    """
    found = state.lots[entry]
    claim = state.claims[found.claim]
    tables = lot_hours(Draft(state), found)
    said = stated(state.cancellations[c] for c in claim.cancellations)
    ends = {s.lot: (iso(s.start), iso(s.end)) for s in found.shares}
    return [
        Event(
            Kind.LOT,
            at,
            {
                "account": claim.account,
                "lot": name,
                "lots": int(entry),
                "product": found.product,
                "start": ends[name][0],
                "end": ends[name][1],
                **({"stated": said} if said else {}),
                **({} if salts is None else {"salt": salts(name)}),
            },
            tables[name],
        )
        for name in (tables if names is None else names)
    ]
