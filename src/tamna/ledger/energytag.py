"""Bundles as EnergyTag's registries exchange them: JSON and CSV, out and in, the same bundles after both ways.

Field names are those of the registry API specification (version 2, March 2024) as the open registry of Future Energy
Associates spells them. A range is inclusive at both ends there and half-open here; power is in W, energy in Wh. What
that form has no field for (that a corrected meter took an issuance's place, the entry that cancelled) travels in
fields that begin with ``tamna_``; they may be absent, as in a file of another registry. Its later revisions call some
fields otherwise and number accounts and devices; both are read.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger.canonical import MOST_WHOLE, parse
from tamna.ledger.nouns import LONGEST_S, MOST_WH, Bundle, Entitlement, Status
from tamna.ledger.refusal import refuse
from tamna.ledger.state import State, bundles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["COLUMNS", "MOST_BYTES", "read_csv", "read_json", "records", "write_csv", "write_json"]

MOST_BYTES: Final = 2**30
_MOST_ROWS: Final = 2_000_000
_STATUS: Final = {
    Status.ACTIVE: "Active", Status.LOCKED: "Locked", Status.RESERVED: "Reserved", Status.CANCELLED: "Cancelled",
    Status.EXPIRED: "Expired", Status.WITHDRAWN: "Withdrawn",
}  # fmt: skip
_FATE: Final = {name: status for status, name in _STATUS.items()} | {"Claimed": Status.CANCELLED}
COLUMNS: Final = (
    "issuance_id", "certificate_bundle_status", "account_id", "certificate_bundle_id_range_start",
    "certificate_bundle_id_range_end", "bundle_quantity", "energy_carrier", "energy_source", "face_value",
    "issuance_post_energy_carrier_conversion", "registry_configuration", "production_device_id",
    "production_device_technology", "production_device_capacity", "production_starting_interval",
    "production_ending_interval", "expiry_datestamp", "is_storage", "issue_market_zone", "tamna_live", "tamna_entry",
)  # fmt: skip

_LISTS: Final = ("certificate_bundles", "granular_certificate_bundles")
# as later revisions of the open registry have it
_ALIAS: Final = {
    "certificate_bundle_status": "certificate_status",
    "certificate_bundle_id_range_start": "bundle_id_range_start",
    "certificate_bundle_id_range_end": "bundle_id_range_end",
    "production_device_id": "device_id",
}
_NUMBERED: Final = ("account_id", "production_device_id")
_NEEDED: Final = (
    "certificate_bundle_status", "account_id", "certificate_bundle_id_range_start", "certificate_bundle_id_range_end",
    "bundle_quantity", "energy_carrier", "face_value", "production_device_id", "production_starting_interval",
    "production_ending_interval",
)  # fmt: skip


def records(state: State, devices: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Give a book's bundles as EnergyTag records, in the order of devices and lines."""
    stores = {s.device for s in state.storages.values()} | {s.place for s in state.storages.values()}
    # a claim by right: evidence of the place is used up by nobody and stands as cancelled
    claimed = {
        e
        for e, c in state.cancellations.items()
        if c.claim >= 0 and c.entitlement is not Entitlement.LOCATION
    }
    out = []
    for name in state.devices if devices is None else devices:
        device = state.devices[name]
        for one in bundles(state, name):
            end = one.start + np.timedelta64(one.length_s, "s")
            out.append(
                {
                    "issuance_id": one.issuance_id,
                    "certificate_bundle_status": "Claimed" if one.entry in claimed else _STATUS[one.status],
                    "account_id": one.holder,
                    "certificate_bundle_id_range_start": one.low,
                    "certificate_bundle_id_range_end": one.high - 1,
                    "bundle_quantity": one.quantity_wh,
                    "energy_carrier": one.carrier,
                    "energy_source": device.source,
                    "face_value": 1,
                    "issuance_post_energy_carrier_conversion": False,
                    "registry_configuration": 1,
                    "production_device_id": name,
                    "production_device_technology": device.technology,
                    "production_device_capacity": device.capacity_w,
                    "production_starting_interval": iso(one.start),
                    "production_ending_interval": iso(end),
                    "expiry_datestamp": iso(end + np.timedelta64(state.rules.lifetime_s, "s")),
                    "is_storage": name in stores,
                    "issue_market_zone": device.zone,
                    "tamna_live": one.live,
                    "tamna_entry": one.entry,
                }
            )
    return out


def write_json(found: Sequence[Mapping[str, Any]]) -> bytes:
    """Write records as canonical JSON: their keys are ASCII and their values texts, truths and whole numbers."""
    body = {"certificate_bundles": list(found)}
    return json.dumps(
        body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def write_csv(found: Sequence[Mapping[str, Any]]) -> str:
    """Write records as CSV with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in found:
        writer.writerow({k: str(v).lower() if isinstance(v, bool) else v for k, v in record.items()})
    return text.getvalue()


def read_json(raw: bytes) -> tuple[Bundle, ...]:
    """Read bundles from JSON: a list of them, or an object that holds it.

    Raises
    ------
    LedgerError
        Not JSON, or a record that is no bundle: which one, and why.
    """
    data = parse(raw, canonical_only=False, most_bytes=MOST_BYTES)
    rows = data
    if isinstance(data, dict):
        rows = next((data[name] for name in _LISTS if name in data), None)
    if not isinstance(rows, list):
        refuse(_("no list of certificate bundles"))
    _check_count(len(rows))
    return _checked([_bundle(row, i + 1) for i, row in enumerate(rows)])


def read_csv(text: str) -> tuple[Bundle, ...]:
    """Read bundles from CSV.

    Raises
    ------
    LedgerError
        As `read_json`; the row is counted from the first below the header.
    """
    table = csv.DictReader(io.StringIO(text, newline=""))
    try:
        heads = table.fieldnames or ()
        for name in _NEEDED:
            if name not in heads and _ALIAS.get(name) not in heads:
                refuse(_("a column is missing"), seen=name)
        rows = list(itertools.islice(table, _MOST_ROWS + 1))
    except csv.Error as error:
        refuse(_("not a table of certificate bundles"), seen=f"{table.line_num}: {error}")
    _check_count(len(rows))
    return _checked([_bundle(row, i + 1) for i, row in enumerate(rows)])


def _check_count(count: int) -> None:
    if count > _MOST_ROWS:
        refuse(_("more than {n} rows", n=_MOST_ROWS), seen=count)


def _bundle(row: Any, number: int) -> Bundle:
    name = f"#{number}"
    if not isinstance(row, dict):
        refuse(_("not a certificate bundle"), of=name)
    low, last = (_number(row, f"certificate_bundle_id_range_{end}", name) for end in ("start", "end"))
    start, end = (_moment(row, f"production_{end}_interval", name) for end in ("starting", "ending"))
    length_s = int((end - start) / np.timedelta64(1, "s"))
    if not 0 < length_s <= LONGEST_S:
        refuse(_("an interval lasts 1 s to 1 h"), of=name, hour=start, seen=f"{length_s} s")
    quantity = _number(row, "bundle_quantity", name)
    if not 0 <= low <= last < MOST_WHOLE or quantity != last - low + 1:
        refuse(_("the quantity is not that of the range of ids"), of=name, hour=start, seen=quantity)
    if quantity > MOST_WH:
        refuse(_("more than an interval can hold"), of=name, hour=start, seen=quantity)
    if _number(row, "face_value", name) != 1:
        refuse(_("a certificate's face value is one watt-hour here"), of=name, seen=row.get("face_value"))
    status = _named(row, "certificate_bundle_status")
    if not isinstance(status, str) or status not in _FATE:
        refuse(_("no such status of a bundle"), of=name, seen=status)
    return Bundle(
        device=_text(row, "production_device_id", name),
        carrier=_text(row, "energy_carrier", name),
        start=start,
        length_s=length_s,
        low=low,
        high=last + 1,
        holder=_text(row, "account_id", name),
        status=_FATE[status],
        live=_truth(row, "tamna_live", name),
        entry=-1 if row.get("tamna_entry") in (None, "") else _number(row, "tamna_entry", name),
    )


def _checked(found: list[Bundle]) -> tuple[Bundle, ...]:
    """Refuse bundles that share an id of one live issuance."""
    seen: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in found:
        if one.live:
            seen[one.issuance_id].append((one.low, one.high))
    for issuance, ranges in seen.items():
        ranges.sort()
        for (_low, high), (low, _high) in itertools.pairwise(ranges):
            if low < high:
                refuse(_("two bundles share an id"), of=issuance, seen=low)
    return tuple(found)


def _named(row: Mapping[str, Any], field: str) -> Any:
    """Give a field by its name, or by the one it has in later revisions."""
    return row[field] if field in row else row.get(_ALIAS.get(field, field))


def _text(row: Mapping[str, Any], field: str, name: str) -> str:
    value = _named(row, field)
    if isinstance(value, int) and not isinstance(value, bool) and field in _NUMBERED:
        value = str(value)
    if not isinstance(value, str) or not value:
        refuse(_("{name} must be a text", name=field), of=name, seen=value)
    return value


def _number(row: Mapping[str, Any], field: str, name: str) -> int:
    value = _named(row, field)
    if isinstance(value, str):
        digits = value.removeprefix("-")
        value = int(value) if digits.isascii() and digits.isdigit() and len(digits) < 20 else value
    if not isinstance(value, int) or isinstance(value, bool):
        refuse(_("{name} must be a whole number", name=field), of=name, seen=value)
    return value


def _truth(row: Mapping[str, Any], field: str, name: str) -> bool:
    value = row.get(field)
    told = str(value).lower() if isinstance(value, str | bool) else value
    if told not in (None, "", "true", "false"):
        refuse(_("{name} must be true or false", name=field), of=name, seen=value)
    return told != "false"


def _moment(row: Mapping[str, Any], field: str, name: str) -> np.datetime64:
    """Read an RFC 3339 moment; without an offset it is UTC."""
    value = _text(row, field, name)
    try:
        told = datetime.fromisoformat(value)
        moment = (
            told.replace(tzinfo=None) if told.tzinfo is None else told.astimezone(UTC).replace(tzinfo=None)
        )
    except (ValueError, OverflowError):
        refuse(_("{name} must be a moment in UTC", name=field), of=name, seen=value)
    if moment.microsecond or "T" not in value.upper().replace(" ", "T"):
        refuse(_("{name} must be a moment in UTC", name=field), of=name, seen=value)
    return np.datetime64(moment, "s")
