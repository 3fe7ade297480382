"""The book in words and tables, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger.line import sizes
from tamna.ledger.nouns import Status
from tamna.registry.address import trouble
from tamna.serve.cli.ledger_across_text import across, across_text, audited_across
from tamna.serve.cli.out import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamna.registry import Registry
    from tamna.registry.audit import Audited

__all__ = ["audited_text", "keys_text", "signed_text", "standing", "standing_text"]


def standing(book: Registry) -> dict[str, Any]:
    """Collect where a book stands, as JSON would carry it."""
    with trouble(book.url), book.reading() as here:
        state = book.refreshed(here).state
        signed = book.standing(here)["signed"]
    devices = []
    for device, line in zip(state.devices.values(), state.lines, strict=True):
        row = line.base.searchsorted(line.at, side="right") - 1
        live, wh = line.live[row], sizes(line)
        devices.append(
            {
                "name": device.name,
                "owner": device.owner,
                "technology": device.technology,
                "intervals": int(line.live.sum()),
                "restated": int((~line.live).sum()),
                **{f"{s.name.lower()}_wh": int(wh[live & (line.status == s)].sum()) for s in Status},
            }
        )
    accounts = [
        {
            "name": name,
            "intervals": len(load.wh),
            "load_wh": int(load.wh.sum(dtype="int64")),
            "cancelled_wh": int(load.allotted_wh.sum(dtype="int64")),
        }
        for name, load in zip(state.accounts, state.loads, strict=True)
    ]
    return {
        "ledger": book.place,
        "entries": state.size,
        "at": iso(state.at),
        "signed": signed,
        "devices": devices,
        "accounts": accounts,
        **across(state),
        "papers": len(state.rights),
        "claims": len(state.claims),
        "claims_by_standing": _counted([str(c.standing) for c in state.claims.values()]),
    }


def standing_text(found: Mapping[str, Any]) -> str:
    """Lay out where a book stands."""
    lines = [
        str(
            _("{place}: {entries} entries, the latest of {at}; {signed} are signed",
              place=found["ledger"], entries=found["entries"], at=found["at"], signed=found["signed"])
        ),
        str(_("{papers} papers, {claims} claims", papers=found["papers"], claims=found["claims"])),
        *_history(found),
    ]  # fmt: skip
    if found["devices"]:
        heads = (
            _("device"),
            _("owner"),
            _("intervals"),
            _("active [Wh]"),
            _("cancelled [Wh]"),
            _("other [Wh]"),
        )
        rows = [
            (d["name"], d["owner"], d["intervals"], f"{d['active_wh']:,}", f"{d['cancelled_wh']:,}",
             f"{d['locked_wh'] + d['reserved_wh'] + d['expired_wh'] + d['withdrawn_wh']:,}")
            for d in found["devices"]
        ]  # fmt: skip
        lines += ["", table(map(str, heads), rows)]
    if found["accounts"]:
        names = (_("account"), _("intervals"), _("used [Wh]"), _("cancelled for it [Wh]"))
        used = [
            (a["name"], a["intervals"], f"{a['load_wh']:,}", f"{a['cancelled_wh']:,}")
            for a in found["accounts"]
        ]
        lines += ["", table(map(str, names), used)]
    return "\n".join([*lines, *across_text(found)])


def _history(found: Mapping[str, Any]) -> list[str]:
    """Say what no longer stands: it is history, and stays in the journal."""
    standing, lines = found["claims_by_standing"], []
    if len(standing) > 1 or ("good" not in standing and standing):
        counts = {name: standing.get(name, 0) for name in ("good", "review", "replaced")}
        lines.append(
            str(
                _("of the claims {good} stand, {review} are under review, {replaced} were replaced", **counts)
            )
        )
    if n := sum(d["restated"] for d in found["devices"]):
        lines.append(
            str(_("{n} intervals of devices were restated: tamna ledger export bundles shows both", n=n))
        )
    return lines


def audited_text(found: Audited, place: str) -> str:
    """Say what an audit found."""
    lines = [
        str(
            _("{place}: {entries} entries with {rows} rows are whole and keep every rule",
              place=place, entries=f"{found.entries:,}", rows=f"{found.rows:,}")
        ),
        str(_("signed by {issuer} up to entry {signed}; checkpoints: {checkpoints}",
              issuer=found.issuer, checkpoints=found.checkpoints, signed=found.signed)),
    ]  # fmt: skip
    lines += audited_across(found.state)
    if found.entries > found.signed:
        lines.append(
            str(_("{n} entries are not signed yet: tamna ledger checkpoint", n=found.entries - found.signed))
        )
    if found.snapshot == "left aside":
        lines.append(
            str(
                _(
                    "the snapshot is of another version of tamna and is not used; tamna ledger checkpoint keeps a new one"
                )
            )
        )
    if not found.trusted:
        lines.append(str(_("intact, issuer unknown: say whom you trust with --trust FILE")))
    if not found.evidence:
        lines.append(
            str(_("a roll-back is not checkable without a checkpoint that you kept: --checkpoint FILE"))
        )
    return "\n".join(lines)


def signed_text(document: Mapping[str, Any]) -> str:
    """Say what was signed."""
    return str(
        _("signed: {size} entries at {at}, root {root}",
          size=document["size"], at=document["at"], root=document["root"])
    )  # fmt: skip


def keys_text(listed: Sequence[Mapping[str, Any]]) -> str:
    """Lay out the keys of a book."""
    heads = (_("key"), _("since"), _("until"), _("revoked"), _("private key here"))
    rows = [
        (
            k["name"],
            k["begin"],
            k["until"] or "-",
            k["revoked"] or "-",
            _("yes") if k["private_key_here"] else _("no"),
        )
        for k in listed
    ]
    return table(map(str, heads), rows)


def _counted(values: Sequence[str]) -> dict[str, int]:
    return {value: values.count(value) for value in sorted(set(values))}
