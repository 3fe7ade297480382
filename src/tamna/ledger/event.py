"""An entry of the journal: what was done, when, about whom, and the rows it was done to.

An entry carries a batch, many intervals of one device or account, as an array of rows of fixed width. The
rows have a Merkle root; the entry's own leaf is the canonical text of its head with that root, so that a
proof of one entry is short and a proof of one row shorter still.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from tamna.grid.clock import iso
from tamna.ledger.canonical import canonical
from tamna.ledger.merkle import root_of_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = [
    "BALANCED", "BALANCE_IN", "BALANCE_OUT", "CLAIM", "CLAIM_PARTS", "FORM", "MADE", "MOVE", "NOTHING", "READ", "SENT",
    "Entries", "Event", "Kind",
]  # fmt: skip


class Kind(StrEnum):
    """What an entry does."""

    OPEN = "open"
    DEVICE = "device"
    ACCOUNT = "account"
    RIGHT = "right"
    KEY = "key"
    CONFIRM = "confirm"
    ISSUE = "issue"
    CONSUME = "consume"
    RESTATE = "restate"
    RESTATE_LOAD = "restate_load"
    SPLIT = "split"
    TRANSFER = "transfer"
    LOCK = "lock"
    UNLOCK = "unlock"
    RESERVE = "reserve"
    RELEASE = "release"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    GIVE_BACK = "give_back"
    CLAIM = "claim"
    STORAGE = "storage"
    DISCHARGE = "discharge"
    RETRACE = "retrace"
    CONVERTER = "converter"
    CONVERT = "convert"
    LOTS = "lots"
    LOT = "lot"
    LINK = "link"
    FLOW = "flow"
    RESTATE_FLOW = "restate_flow"
    BALANCE = "balance"
    RESTATE_BALANCE = "restate_balance"


NOTHING: Final = np.dtype([("none", "u1")])
# a reading: the interval's UTC start [s], its length [s], its energy [Wh], whether it is an estimate
READ: Final = np.dtype([("start", "<M8[s]"), ("length_s", "<u4"), ("wh", "<u4"), ("estimated", "u1")])
# watt-hours low..high-1 of the live issuance of a device (its number in the book) for an interval
MOVE: Final = np.dtype([("device", "<u4"), ("start", "<M8[s]"), ("low", "<u4"), ("high", "<u4")])
# an hour of a claim: the load and what is claimed of it, by entitlement [Wh]
CLAIM_PARTS: Final = ("self", "ppa", "rec", "location")
CLAIM: Final = np.dtype(
    [
        ("start", "<M8[s]"),
        ("length_s", "<u4"),
        ("load_wh", "<u4"),
        *((f"{part}_wh", "<u4") for part in CLAIM_PARTS),
        ("estimated", "u1"),
    ]
)
# an interval of an electrolyser: hydrogen made, and heat from outside that went into it [mg, Wh]
MADE: Final = np.dtype([("start", "<M8[s]"), ("length_s", "<u4"), ("mg", "<u8"), ("heat_wh", "<u4")])
# what one end of a link sent in an interval and the other end got [Wh]
SENT: Final = np.dtype(
    [
        ("start", "<M8[s]"),
        ("length_s", "<u4"),
        ("sent_wh", "<u4"),
        ("delivered_wh", "<u4"),
        ("estimated", "u1"),
    ]
)
# an interval of a zone: what came in, and where it went [Wh]
BALANCE_IN: Final = ("generation", "import", "discharge")
BALANCE_OUT: Final = ("load", "export", "charge", "losses")
BALANCED: Final = np.dtype(
    [
        ("start", "<M8[s]"),
        ("length_s", "<u4"),
        *((f"{term}_wh", "<u8") for term in (*BALANCE_IN, *BALANCE_OUT)),
        ("estimated", "u1"),
    ]
)
# the form of each kind's rows; all others carry none, or MOVE
FORM: Final = {
    **dict.fromkeys(
        (
            Kind.OPEN, Kind.DEVICE, Kind.ACCOUNT, Kind.RIGHT, Kind.KEY, Kind.CONFIRM, Kind.STORAGE, Kind.CONVERTER,
            Kind.LOTS, Kind.LINK,
        ),
        NOTHING,
    ),
    **dict.fromkeys(
        (
            Kind.ISSUE, Kind.CONSUME, Kind.RESTATE, Kind.RESTATE_LOAD, Kind.DISCHARGE, Kind.RETRACE,
        ),
        READ,
    ),
    **dict.fromkeys((Kind.CLAIM, Kind.LOT), CLAIM),
    Kind.CONVERT: MADE,
    **dict.fromkeys((Kind.FLOW, Kind.RESTATE_FLOW), SENT),
    **dict.fromkeys((Kind.BALANCE, Kind.RESTATE_BALANCE), BALANCED),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One entry of the journal.

    Attributes
    ----------
    about
        Names and small facts, as JSON would carry them.
    rows : (n,) of READ, MOVE, CLAIM, MADE, SENT, BALANCED or NOTHING
        What it was done to.
    """

    kind: Kind
    at: np.datetime64
    about: Mapping[str, Any]
    rows: NDArray[np.void] = field(default_factory=lambda: np.empty(0, NOTHING))

    def head(self) -> dict[str, Any]:
        """Give the entry without its rows, with their number and their root."""
        return {
            "about": dict(self.about),
            "at": iso(self.at),
            "kind": str(self.kind),
            "root": root_of_rows(self.rows.tobytes(), self.rows.itemsize).hex(),
            "rows": len(self.rows),
        }

    def salted(self, salt: str) -> Event:
        """Give the entry with a salt in its head: nobody finds its rows by trying until a hash fits."""
        return replace(self, about={**self.about, "salt": salt})

    def leaf(self) -> bytes:
        """Give the bytes that stand for the entry in the journal's tree."""
        return canonical(self.head())


class Entries(Protocol):
    """A journal's entries by their number: all of them at hand, or each read when it is asked for."""

    def __getitem__(self, number: int, /) -> Event:
        """Give entry `number`, counted from 0."""
        ...
