"""A batch of hydrogen: its form, its two entries in the journal, and its routes and carbon counted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.errors import LedgerError
from tamna.lang import _
from tamna.ledger.canonical import canonical
from tamna.ledger.hydrogen import Route
from tamna.ledger.hydrogen_score import COUNTS, INPUTS, counted_batch, counted_shelf, routes_in, shelf_part
from tamna.ledger.merkle import check_inclusion, leaf_hash, root_of_rows
from tamna.ledger.verify.form import check_parts, is_shelf, rows_of, strange

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_entries", "check_hydrogen", "check_hydrogen_form", "check_opened"]

_BOTH: Final = frozenset({"grid_mg_per_kwh", "process", "result", "routes"})
_ROUTES: Final = frozenset(map(str, Route))
_MADE: Final = np.dtype([("start", "<M8[s]"), ("length_s", "<u4"), ("mg", "<u8"), ("heat_wh", "<u4")])
_SIGNED: Final = INPUTS[3:]


def check_hydrogen_form(document: Mapping[str, Any]) -> None:
    """Refuse what is not the form of the part that a batch has more than a lot."""
    subject = document["credentialSubject"]
    part, count = subject["hydrogen"], len(subject["hours"]["estimated"])
    check_parts(part, _BOTH | {"wh_per_kg" if is_shelf(document) else "hours"}, "hydrogen")
    check_parts(part["routes"], _ROUTES, "hydrogen")
    check_parts(part["result"], {*COUNTS}, "hydrogen")
    tables: dict[str, Any] = dict(part["routes"])
    factors = part["grid_mg_per_kwh"]
    if not isinstance(part["process"], str) or not _whole(factors, 2, most=10**9) or factors[0] > factors[1]:
        strange("hydrogen")
    if is_shelf(document):
        if not _whole([part["wh_per_kg"]], 1, most=10**9, least=1):
            strange("hydrogen")
    else:
        check_parts(part["hours"], {"mg", *INPUTS}, "hydrogen")
        tables |= {name: part["hours"][name] for name in ("mg", *INPUTS[:3])}
        if not all(_whole(part["hours"][name], count, least=-(2**53), may_lack=True) for name in _SIGNED):
            raise LedgerError(_("a price is something else than whole thousandths of a euro, or null"))
    if not all(_whole(column, count) for column in tables.values()):
        raise LedgerError(_("an hour of hydrogen holds something else than whole numbers"))


def _whole(values: Any, count: int, *, most: int = 2**53, least: int = 0, may_lack: bool = False) -> bool:
    return (
        isinstance(values, list)
        and len(values) == count
        and all((v is None and may_lack) or (type(v) is int and least <= v < most) for v in values)
    )


def check_entries(document: Mapping[str, Any]) -> None:
    """Lead the hours to the claim and the mass to the conversion that rests on it, both under one checkpoint."""
    subject, evidence = document["credentialSubject"], document["evidence"]
    rows, made, claim = rows_of(subject["hours"]), evidence["head"], evidence["claim"]
    mass = np.zeros(len(rows), _MADE)
    for part in ("start", "length_s"):
        mass[part] = rows[part]
    mass["mg"] = subject["hydrogen"]["hours"]["mg"]
    for head, table in ((claim["head"], rows), (made, mass)):
        if head["rows"] != len(table) or head["root"] != root_of_rows(table.tobytes(), table.itemsize).hex():
            raise LedgerError(_("the hours are not those of the entry in the journal"))
    names = ("account", "start", "end")
    if (
        (made["kind"], claim["head"]["kind"]) != ("convert", "claim")
        or (made["about"]["batch"], made["about"]["claim"]) != (subject["batch"], claim["index"])
        or {k: subject[k] for k in names} != {k: claim["head"]["about"][k] for k in names}
        or canonical([subject.get("stated")]) != canonical([claim["head"]["about"].get("stated")])
    ):
        raise LedgerError(_("the certificate speaks of another claim than the entry in the journal"))
    if type(claim["index"]) is not int:
        raise LedgerError(_("the leaf lies outside its tree"), seen=claim["index"])
    point = evidence["checkpoint"]
    check_inclusion(
        leaf_hash(canonical(claim["head"])), claim["index"], point["size"],
        [bytes.fromhex(h) for h in claim["inclusion"]], bytes.fromhex(point["root"]),
    )  # fmt: skip


def check_hydrogen(document: Mapping[str, Any]) -> None:
    """Count the batch again: the route of every hour out of what is stated of it, and the carbon of a kilogram."""
    subject = document["credentialSubject"]
    part, grid = subject["hydrogen"], subject["hydrogen"]["grid_mg_per_kwh"]
    if is_shelf(document):
        if sum(sum(v) for v in part["routes"].values()) == 0 or subject["score"]["load"] == 0:
            raise LedgerError(_("no load to take shares of"))
        found = counted_shelf(subject["score"], part["routes"], part["wh_per_kg"], grid)
    else:
        if part["routes"] != routes_in(subject["hours"], part["hours"]):
            raise LedgerError(_("counting the hours again gives another {part}", part="routes"))
        mg = sum(part["hours"]["mg"])
        if mg == 0:
            raise LedgerError(_("a batch without hydrogen has no carbon intensity"))
        found = counted_batch(subject["score"], part["routes"], mg, grid)
    for name in COUNTS:
        if canonical(found[name]) != canonical(part["result"][name]):  # as text: for Python 1 == True
            raise LedgerError(
                _("counting the hours again gives another {part}", part=name),
                seen=canonical(found[name]).decode(),
            )


def check_opened(here: Mapping[str, Any], there: Mapping[str, Any]) -> None:
    """Make the shelf's part of a batch again out of the opening's."""
    found = shelf_part(there, max(there["hours"]["load_wh"]), here["hours"]["largest"])
    said = {k: v for k, v in here["hydrogen"].items() if k != "result"}
    if canonical(found) != canonical(said):
        raise LedgerError(_("the opened batch gives another hydrogen part"))
