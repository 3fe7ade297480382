"""A book as Parquet for auditors: bundles, consumption, claims and lots hour by hour, what was replaced too.

Each table stands on its own: names, not numbers, and the entry of the journal that a row comes from.
"""

from __future__ import annotations

import secrets
import shutil
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from tamna.lang import _
from tamna.ledger.event import BALANCE_IN, BALANCE_OUT, CLAIM_PARTS, Event, Kind
from tamna.ledger.line import sizes
from tamna.ledger.nouns import Status
from tamna.ledger.state import Standing
from tamna.series.frames import write_frame
from tamna.series.trouble import said

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.ledger.state import State

__all__ = ["MEANINGS", "audit_tables", "write_tables"]

MEANINGS: Final = {
    "entry": "number of the journal's entry that the row stands in",
    "device": "whose output was issued",
    "account": "whose consumption, claim or lot",
    "holder": "account that holds the watt-hours",
    "product": "product that the lot is of",
    "lot": "the lot's own mark",
    "start_utc": "UTC start of the interval",
    "length_s": "s, length of the interval",
    "low": "first id of the range inside the issuance",
    "high": "id after the last of the range",
    "quantity_wh": "Wh, ids of the range",
    "status": "active, locked, reserved, cancelled, expired or withdrawn",
    "cancelled_by": "entry that cancelled the watt-hours; empty where none did",
    "claim": "entry of the claim that uses them, or that the lot is a part of; empty where none does",
    "live": "false once a corrected reading took its place; it stays as history",
    "wh": "Wh used, by this reading",
    "load_wh": "Wh used",
    "self_wh": "Wh of own plants, in the same interval",
    "ppa_wh": "Wh under a PPA, in the same interval",
    "rec_wh": "Wh under a REC of a named plant, in the same interval",
    "location_wh": "Wh of the place's own mix: evidence of the place, no claim",
    "estimated": "whether nobody metered it",
    "link": "the link, or cables that are metered as one",
    "from_zone": "zone that sent",
    "to_zone": "zone that received",
    "sent_wh": "Wh sent, at the sending end",
    "delivered_wh": "Wh delivered, at the other end",
    "zone": "zone of the balance",
    "generation_wh": "Wh generated in the zone",
    "import_wh": "Wh that links brought, as they arrived",
    "discharge_wh": "Wh out of storages",
    "export_wh": "Wh that links took away, as they were sent",
    "charge_wh": "Wh into storages",
    "losses_wh": "Wh lost in the zone's grid",
    "standing": "good, review (a reading beneath it was corrected) or replaced",
    "stands": "whether the lot's certificate stands; false once it was taken back",
}


def audit_tables(entries: Sequence[Event], state: State) -> dict[str, pd.DataFrame]:
    """Lay a book out as tables: ``bundles``, ``consumption``, ``claims`` and ``lots``, and what it has beside them.

    ``flows`` and ``balances`` are there where the book has a link or a zone's balance.

    Parameters
    ----------
    entries, state
        The whole journal and where it leads.
    """
    return {
        "bundles": _bundles(state),
        "consumption": _consumption(entries),
        "claims": _claims(entries, state),
        "lots": _lots(entries, state),
        **{
            name: table
            for name, table in (("flows", _flows(entries)), ("balances", _balances(entries)))
            if len(table)
        },
    }


def write_tables(tables: dict[str, pd.DataFrame], folder: Path) -> dict[str, Path]:
    """Write each table as ``NAME.parquet`` into a folder: all of them, or none and the folder stays as it was.

    Raises
    ------
    StoreError
        They could not be written.
    """
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        beside.mkdir()
        for name, table in tables.items():
            write_frame(table, beside / f"{name}.parquet", MEANINGS)
        folder.mkdir(exist_ok=True)
        return {name: (beside / f"{name}.parquet").replace(folder / f"{name}.parquet") for name in tables}
    except OSError as error:
        raise said(error, _("the file could not be written"), str(folder)) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _flows(entries: Sequence[Event]) -> pd.DataFrame:
    """What links carried, corrected readings and those that they corrected."""
    parts = [
        {
            "entry": np.full(len(event.rows), entry),
            **{name: np.full(len(event.rows), event.about[key], object)
               for name, key in (("link", "link"), ("from_zone", "from"), ("to_zone", "to"))},
            "start_utc": event.rows["start"],
            **{name: event.rows[name].astype(np.int64) for name in ("length_s", "sent_wh", "delivered_wh")},
            "estimated": event.rows["estimated"] > 0,
        }
        for entry, event in enumerate(entries)
        if event.kind in (Kind.FLOW, Kind.RESTATE_FLOW)
    ]  # fmt: skip
    return pd.concat([pd.DataFrame(p) for p in parts], ignore_index=True) if parts else pd.DataFrame()


def _balances(entries: Sequence[Event]) -> pd.DataFrame:
    """The balances of zones, corrected ones and those that they corrected."""
    parts = [
        {
            "entry": np.full(len(event.rows), entry),
            "zone": np.full(len(event.rows), event.about["zone"], object),
            "start_utc": event.rows["start"],
            "length_s": event.rows["length_s"].astype(np.int64),
            **{
                f"{term}_wh": event.rows[f"{term}_wh"].astype(np.int64)
                for term in (*BALANCE_IN, *BALANCE_OUT)
            },
            "estimated": event.rows["estimated"] > 0,
        }
        for entry, event in enumerate(entries)
        if event.kind in (Kind.BALANCE, Kind.RESTATE_BALANCE)
    ]
    return pd.concat([pd.DataFrame(p) for p in parts], ignore_index=True) if parts else pd.DataFrame()


def _bundles(state: State) -> pd.DataFrame:
    holders = np.array(list(state.accounts) or [""], object)
    words = np.array([s.name.lower() for s in Status], object)
    parts = []
    for name, line in zip(state.devices, state.lines, strict=True):
        row = np.searchsorted(line.base, line.at, side="right") - 1
        size, low = sizes(line), line.at - line.base[row]
        parts.append(
            {
                "entry": line.entry[row].astype(np.int64),
                "device": np.full(len(row), name, object),
                "start_utc": line.start[row],
                "length_s": line.length_s[row].astype(np.int64),
                "low": low.astype(np.int64),
                "high": (low + size).astype(np.int64),
                "quantity_wh": size.astype(np.int64),
                "holder": holders[line.holder],
                "status": words[line.status],
                "cancelled_by": line.ref.astype(np.int64),
                "claim": _claim_of(state, line.ref),
                "live": line.live[row],
            }
        )
    shape = {
        "entry": "i8", "device": "O", "start_utc": "M8[s]", "length_s": "i8", "low": "i8", "high": "i8",
        "quantity_wh": "i8", "holder": "O", "status": "O", "cancelled_by": "i8", "claim": "i8", "live": "?",
    }  # fmt: skip
    return _frame(parts, shape, empty_below=("cancelled_by", "claim"))


def _claim_of(state: State, refs: NDArray[Any]) -> NDArray[np.int64]:
    """Give the claim that uses what each entry cancelled, -1 where none does."""
    known = {entry: one.claim for entry, one in state.cancellations.items()}
    each, which = np.unique(refs, return_inverse=True)
    found: NDArray[np.int64] = np.array([known.get(int(e), -1) for e in each] or [-1], np.int64)[which]
    return found


def _consumption(entries: Sequence[Event]) -> pd.DataFrame:
    parts = []
    for number, event in enumerate(entries):
        if event.kind in {Kind.CONSUME, Kind.RESTATE_LOAD}:
            rows = event.rows
            parts.append(
                {
                    "entry": np.full(len(rows), number),
                    "account": np.full(len(rows), str(event.about["account"]), object),
                    "start_utc": rows["start"],
                    "length_s": rows["length_s"].astype(np.int64),
                    "wh": rows["wh"].astype(np.int64),
                    "estimated": rows["estimated"] > 0,
                }
            )
    shape = {
        "entry": "i8",
        "account": "O",
        "start_utc": "M8[s]",
        "length_s": "i8",
        "wh": "i8",
        "estimated": "?",
    }
    table = _frame(parts, shape)
    table["live"] = ~table.duplicated(["account", "start_utc"], keep="last")
    return table


def _claims(entries: Sequence[Event], state: State) -> pd.DataFrame:
    parts = [
        {
            "entry": np.full(len(event.rows), number),
            "account": np.full(len(event.rows), str(event.about["account"]), object),
            "standing": np.full(len(event.rows), str(state.claims[number].standing), object),
            **_hours(event),
        }
        for number, event in enumerate(entries)
        if event.kind is Kind.CLAIM
    ]
    return _frame(parts, {"entry": "i8", "account": "O", "standing": "O", **_HOURS})


def _lots(entries: Sequence[Event], state: State) -> pd.DataFrame:
    parts = []
    for number, event in enumerate(entries):
        if event.kind is not Kind.LOT:
            continue
        n, claim = len(event.rows), int(entries[int(event.about["lots"])].about["claim"])
        stands = number in state.lot_rows and state.claims[claim].standing is Standing.GOOD
        parts.append(
            {
                "entry": np.full(n, number),
                "account": np.full(n, str(event.about["account"]), object),
                "product": np.full(n, str(event.about["product"]), object),
                "lot": np.full(n, str(event.about["lot"]), object),
                "claim": np.full(n, claim),
                "stands": np.full(n, stands),
                **_hours(event),
            }
        )
    shape = {
        "entry": "i8",
        "account": "O",
        "product": "O",
        "lot": "O",
        "claim": "i8",
        "stands": "?",
        **_HOURS,
    }
    return _frame(parts, shape)


_WH: Final = ("load_wh", *(f"{part}_wh" for part in CLAIM_PARTS))
_HOURS: Final = {"start_utc": "M8[s]", "length_s": "i8", **dict.fromkeys(_WH, "i8"), "estimated": "?"}


def _hours(event: Event) -> dict[str, NDArray[Any]]:
    rows = event.rows
    return {
        "start_utc": rows["start"],
        "length_s": rows["length_s"].astype(np.int64),
        **{name: rows[name].astype(np.int64) for name in _WH},
        "estimated": rows["estimated"] > 0,
    }


def _frame(
    parts: list[dict[str, NDArray[Any]]], shape: dict[str, str], *, empty_below: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Join parts into a table of a fixed shape, also of none; numbers below 0 in `empty_below` are empty cells."""
    nothing = {name: np.empty(0, dtype) for name, dtype in shape.items()}
    table = pd.DataFrame(
        {
            name: pd.array(joined, dtype="string") if dtype == "O" else joined
            for name, dtype in shape.items()
            for joined in [np.concatenate([nothing[name], *(part[name] for part in parts)])]
        }
    )
    table["start_utc"] = table["start_utc"].dt.tz_localize("UTC")
    for name in empty_below:
        table[name] = table[name].astype("Int64").where(table[name] >= 0)
    return table
