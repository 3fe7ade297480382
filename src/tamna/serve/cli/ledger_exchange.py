"""``tamna ledger export`` and ``tamna ledger read``: what leaves a book, and what another registry's file holds."""

from __future__ import annotations

import base64
import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import typer

from tamna.errors import LedgerError, Place, UsageError
from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger import energytag
from tamna.ledger.canonical import canonical, parse
from tamna.ledger.facts import whole
from tamna.ledger.journal import CHECKPOINT
from tamna.ledger.nouns import Status
from tamna.ledger.state import bundles
from tamna.registry import Registry
from tamna.registry.address import trouble
from tamna.registry.reading import stored
from tamna.registry.signing import checkpoints, consistency
from tamna.serve.cli.out import Json, emit, table
from tamna.settings import setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TextIO

    from tamna.ledger.nouns import Bundle

__all__ = ["LedgerAt", "document", "export", "give", "kept", "opened", "read"]

LedgerAt = Annotated[
    str,
    typer.Option(
        "--ledger",
        metavar="ADDRESS",
        help=str(_("the ledger's database; else TAMNA_LEDGER, else ledger.db in this folder")),
    ),
]
_PARTS: Final = ("journal", "checkpoint", "consistency", "bundles", "energytag", "tables")


def export(
    what: Annotated[
        str,
        typer.Argument(
            metavar="journal|checkpoint|consistency|bundles|energytag|tables", help=str(_("what to write"))
        ),
    ],
    ledger: LedgerAt = "",
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help=str(_("a file; else stdout; for tables a folder")))
    ] = "",
    since: Annotated[
        str,
        typer.Option("--since", metavar="FILE", help=str(_("the earlier checkpoint of a consistency proof"))),
    ] = "",
) -> None:
    """Write a part of the book to a file or to stdout."""
    if what not in _PARTS:
        raise UsageError(
            _("unknown part of the book"),
            seen=what,
            todo=_("journal, checkpoint, consistency, bundles, energytag or tables."),
        )
    if (what == "consistency") != bool(since):
        raise UsageError(_("a proof of consistency, and only that, needs --since FILE"))
    if what == "tables" and not out:
        raise UsageError(_("tables are Parquet files: say into which folder with --out DIR"))
    if what == "energytag" and Path(out or "x.json").suffix.lower() not in {".json", ".csv"}:
        raise UsageError(_("an EnergyTag file is JSON or CSV"), seen=out, todo=_("Name it .json or .csv."))
    with opened(ledger) as book:
        if what == "tables":
            _write_tables(book, Path(out))
        else:
            give(out, lambda file: _write(book, what, file, since=since, as_csv=out.lower().endswith(".csv")))


def read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=str(_("EnergyTag bundles, as JSON or CSV")))],
    json: Json = False,
) -> None:
    """Read bundles of another registry, and say what they are; nothing is entered into a book."""
    found = held(_bundles_in(file))
    emit("ledger read", {"file": file, **found}, lambda: held_text(found, file), as_json=json)


def held(found: Sequence[Bundle]) -> dict[str, Any]:
    """Count what bundles hold; watt-hours are those that no corrected reading replaced. [Wh]"""
    live = [b for b in found if b.live]
    devices: dict[str, dict[str, int]] = {}
    status: dict[str, int] = {}
    for one in live:
        mine = devices.setdefault(one.device, {"bundles": 0, "wh": 0})
        mine["bundles"] += 1
        mine["wh"] += one.quantity_wh
        name = Status(one.status).name.lower()
        status[name] = status.get(name, 0) + one.quantity_wh
    ends = [b.start + np.timedelta64(b.length_s, "s") for b in found]
    return {
        "bundles": len(found),
        "replaced": len(found) - len(live),
        "from": iso(min(b.start for b in found)) if found else None,
        "to": iso(max(ends)) if found else None,
        "wh": sum(b.quantity_wh for b in live),
        "wh_by_status": dict(sorted(status.items())),
        "carriers": sorted({b.carrier for b in found}),
        "accounts": sorted({b.holder for b in found}),
        "devices": [{"name": name, **counts} for name, counts in sorted(devices.items())],
    }


def held_text(found: dict[str, Any], file: Path) -> str:
    """Lay out what bundles hold."""
    if not found["bundles"]:
        return str(_("{file}: no bundles", file=file))
    lines = [
        str(_("{file}: {bundles:,} bundles of {devices} devices, {first} to {last} (UTC), {kwh:,.3f} kWh",
              file=file, bundles=found["bundles"], devices=len(found["devices"]), first=found["from"],
              last=found["to"], kwh=found["wh"] / 1000)),
        str(_("carriers: {carriers}; accounts: {accounts}", carriers=", ".join(found["carriers"]),
              accounts=", ".join(found["accounts"]))),
    ]  # fmt: skip
    if found["replaced"]:
        lines.append(
            str(_("{n} more bundles were replaced by corrected readings: history", n=found["replaced"]))
        )
    rows = [(name, f"{wh:,}") for name, wh in found["wh_by_status"].items()]
    lines += ["", table((str(_("status")), str(_("Wh"))), rows)]
    heads = (str(_("device")), str(_("bundles")), str(_("Wh")))
    lines += ["", table(heads, [(d["name"], f"{d['bundles']:,}", f"{d['wh']:,}") for d in found["devices"]])]
    return "\n".join(lines)


def opened(given: str) -> Registry:
    """Open the book at an address, or at the setting's."""
    return Registry.open(given or setting("TAMNA_LEDGER"))


def give(out: str, write: Callable[[TextIO], object]) -> None:
    """Let `write` fill stdout, or a file that is there only when it is whole."""
    from tamna.series.export import whole

    if not out:
        write(sys.stdout)
        return

    def fill(fresh: Path) -> None:
        with fresh.open("w", encoding="utf-8", newline="") as file:
            write(file)

    whole(Path(out), fill)


def document(path: str) -> dict[str, Any]:
    """Read a JSON object that somebody gave; a final newline does not make it another."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(_("the file cannot be read"), seen=f"{path}: {error.strerror}") from None
    found = parse(raw.strip(), canonical_only=False)
    if not isinstance(found, dict):
        raise UsageError(_("not a JSON object"), seen=path)
    return found


def kept(path: str) -> dict[str, Any]:
    """Read a checkpoint that somebody kept: as it was signed, or with the proof that was exported for it."""
    found = document(path)
    point = found.get("checkpoint", found)
    if not isinstance(point, dict) or point.get("type") != CHECKPOINT:
        raise UsageError(_("not a checkpoint"), seen=path)
    return point


def _bundles_in(file: Path) -> tuple[Bundle, ...]:
    """Read a file by its name's ending, else by its first character."""
    try:
        with file.open("rb") as opened_file:
            raw = opened_file.read(energytag.MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(_("the file cannot be read"), seen=f"{file}: {error.strerror}") from None
    ending = file.suffix.lower()
    as_json = ending == ".json" or (ending != ".csv" and raw.lstrip()[:1] in {b"{", b"["})
    try:
        return energytag.read_json(raw) if as_json else energytag.read_csv(_decoded(raw))
    except LedgerError as error:
        named = [
            type(m)(
                what=m.what,
                where=Place(file=file.name, path=m.where.path, hour=m.where.hour),
                seen=m.seen,
                todo=m.todo,
            )
            for m in error.mistakes
        ]
        raise LedgerError(named) from error


def _decoded(raw: bytes) -> str:
    if len(raw) > energytag.MOST_BYTES:
        raise LedgerError(_("longer than a file of this kind can be"), seen=f"> {energytag.MOST_BYTES} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        seen = f"byte {error.start}: 0x{raw[error.start]:02x}"
        raise LedgerError(_("not valid UTF-8"), seen=seen) from error


def _write_tables(book: Registry, folder: Path) -> None:
    from tamna.runs.audit_tables import audit_tables, write_tables

    with trouble(book.url), book.reading() as here:
        state = book.refreshed(here).state
        entries = [one.event() for one in stored(here)]
    write_tables(audit_tables(entries, state), folder)


def _write(book: Registry, what: str, file: TextIO, *, since: str, as_csv: bool) -> None:
    if what == "bundles":
        _write_bundles(book, file)
    elif what == "energytag":
        found = energytag.records(book.state())
        file.write(energytag.write_csv(found) if as_csv else energytag.write_json(found).decode() + "\n")
    else:
        file.writelines(f"{line.decode()}\n" for line in _lines(book, what, since))


def _lines(book: Registry, what: str, since: str) -> Iterable[bytes]:
    if what == "consistency":
        earlier = kept(since)
        proof = consistency(book, whole(earlier, "size"))
        yield canonical(
            {"checkpoint": earlier, "consistency": proof}
        )  # as `tamna verify --checkpoint` takes it
        return
    with trouble(book.url), book.reading() as here:
        if what == "checkpoint":
            yield from [signed for _size, signed in checkpoints(here)][-1:]
            return
        for one in stored(here):
            rows = base64.b64encode(one.event().rows.tobytes()).decode()
            yield canonical({"seq": one.seq, "head": parse(one.head), "rows": rows})


def _write_bundles(book: Registry, file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        (
            "issuance_id",
            "device",
            "start",
            "length_s",
            "low",
            "high",
            "quantity_wh",
            "holder",
            "status",
            "live",
        )
    )
    state = book.state()
    for device in state.devices:
        for b in bundles(state, device):
            writer.writerow(
                (b.issuance_id, b.device, iso(b.start), b.length_s, b.low, b.high, b.quantity_wh, b.holder,
                 Status(b.status).name.lower(), int(b.live))
            )  # fmt: skip
