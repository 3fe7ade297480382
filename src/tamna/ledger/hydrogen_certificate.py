"""A batch of hydrogen as a file that anyone can check: for its auditor in watt-hours and milligrams, for the shelf in shares.

Both are credentials like a lot's (`certificate`, `shelf`): the hours of electricity and their score stand where a lot has
them. What is more stands in one part, ``hydrogen``: the mass of each hour, what the rules of Korea and the EU ask of it,
the EU's route of each hour's load, and the carbon of a kilogram by each count over the range of the grid's factor.

Two entries stand behind a batch: the conversion, whose hash names the certificate, and the claim that its electricity
comes from. What the rules ask of an hour beside these (a price, an instruction, what the plants made and nobody used) is
in no meter of the book: its issuer states it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tamna.lang import _
from tamna.ledger.certificate import issued, placed, span_of, table_of
from tamna.ledger.event import Kind
from tamna.ledger.hydrogen_score import counted_batch, counted_shelf, inputs_of, routes_in, shelf_part
from tamna.ledger.merkle import leaf_hash
from tamna.ledger.refusal import refuse
from tamna.ledger.score import score
from tamna.ledger.shares import counted, shares

if TYPE_CHECKING:
    import numpy as np

    from tamna.ledger.event import Entries, Event
    from tamna.ledger.hydrogen import Worked
    from tamna.ledger.keys import SigningKey
    from tamna.ledger.merkle import Tree
    from tamna.ledger.shelf import Lot

__all__ = [
    "METHOD",
    "SHELF_METHOD",
    "SHELF_TYPE",
    "TYPE",
    "Stated",
    "batch_certificate",
    "batch_shelf_certificate",
]

METHOD: Final = "tamna-hydrogen-1"
TYPE: Final = "TamnaHydrogenBatch"
SHELF_METHOD: Final = "tamna-hydrogen-shelf-1"
SHELF_TYPE: Final = "TamnaHydrogenShelfBatch"
_SALT: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What an issuer states of a batch beside the journal.

    Attributes
    ----------
    process
        ``alkaline``, ``pem``, ``aem`` or ``soec``.
    worked
        What the rules ask of each of its hours.
    grid_mg_per_kwh
        Low and high carbon of grid electricity. [mg CO2e/kWh]
    """

    process: str
    worked: Worked
    grid_mg_per_kwh: tuple[int, int]


def batch_certificate(
    entries: Entries,
    index: int,
    stated: Stated,
    *,
    tree: Tree,
    checkpoint: dict[str, Any],
    zone: str,
    key: SigningKey,
    issuer: str,
    at: np.datetime64,
    status: tuple[str, int] | None = None,
) -> dict[str, Any]:
    """Make the auditor's certificate of a batch.

    Parameters
    ----------
    entries, index
        The journal, and which of its entries is the conversion.
    tree, checkpoint, zone, status
        As for `certificate.certificate`.

    Raises
    ------
    LedgerError
        The entry is no conversion; it does not speak of every interval of its claim; heat from outside went into it,
        whose carbon nobody states.
    """
    subject, claim = _subject(entries, index, stated, zone)
    number = int(entries[index].about["claim"])
    behind = {"head": claim.head(), "index": number, "inclusion": [h.hex() for h in tree.inclusion(number)]}
    evidence = {"head": entries[index].head(), "claim": behind, **_placed(tree, index, checkpoint)}
    return issued(subject, evidence, TYPE, key=key, issuer=issuer, at=at, status=status)


def batch_shelf_certificate(
    entries: Entries,
    index: int,
    stated: Stated,
    lot: Lot,
    *,
    tree: Tree,
    checkpoint: dict[str, Any],
    zone: str,
    key: SigningKey,
    issuer: str,
    at: np.datetime64,
    status: tuple[str, int] | None = None,
) -> dict[str, Any]:
    """Make the shelf certificate of a batch: no mass and no watt-hour, but what a kilogram took.

    Raises
    ------
    LedgerError
        As `batch_certificate`; an entry without a salt, or a batch without electricity.
    """
    subject, claim = _subject(entries, index, stated, zone)
    if any(len(str(e.about.get("salt", ""))) < _SALT for e in (entries[index], claim)):
        refuse(
            _("the claim has no salt: its watt-hours could be guessed from its hash"),
            of=f"#{index}",
            todo=_("Claim with a salt of 32 hexadecimal digits or more."),
        )
    table = shares(claim.rows)
    part = shelf_part(subject, int(claim.rows["load_wh"].max()), table["largest"])
    found = counted(table)
    part["result"] = counted_shelf(found, part["routes"], part["wh_per_kg"], part["grid_mg_per_kwh"])
    shown: dict[str, Any] = {
        **{name: subject[name] for name in ("account", "start", "end", "zone", "stated") if name in subject},
        "lot": lot.as_dict(),
        "method": SHELF_METHOD,
        "hours": {**span_of(claim.rows), **table},
        "score": found,
        "hydrogen": part,
    }
    evidence = {"leaf": leaf_hash(entries[index].leaf()).hex(), **_placed(tree, index, checkpoint)}
    return issued(shown, evidence, SHELF_TYPE, key=key, issuer=issuer, at=at, status=status)


def _placed(tree: Tree, index: int, checkpoint: dict[str, Any]) -> dict[str, Any]:
    if checkpoint.get("root") != tree.root.hex() or checkpoint.get("size") != tree.size:
        refuse(_("the checkpoint is of another tree"), seen=checkpoint.get("root"))
    return placed(tree, index, checkpoint)


def _subject(entries: Entries, index: int, stated: Stated, zone: str) -> tuple[dict[str, Any], Event]:
    made = entries[index]
    if made.kind is not Kind.CONVERT:
        refuse(_("the entry is no batch of hydrogen"), of=f"#{index}", seen=str(made.kind))
    claim = entries[int(made.about["claim"])]
    same = all(made.rows[part].tolist() == claim.rows[part].tolist() for part in ("start", "length_s"))
    if not same or len(stated.worked.load_wh) != len(claim.rows):
        refuse(_("the batch does not speak of every interval of its claim"), of=made.about["batch"])
    if made.rows["heat_wh"].any():
        refuse(
            _("heat from outside went into the batch, and nobody states its carbon"), of=made.about["batch"]
        )
    if not made.rows["mg"].any():
        refuse(_("a batch without hydrogen has no carbon intensity"), of=made.about["batch"])
    hours, inputs = table_of(claim), inputs_of(stated.worked)
    routes, sums = routes_in(hours, inputs), score(claim.rows).as_dict()
    mg = made.rows["mg"].tolist()
    states: dict[str, Any] = {"stated": claim.about["stated"]} if "stated" in claim.about else {}
    return {
        "account": claim.about["account"],
        "batch": made.about["batch"],
        "start": claim.about["start"],
        "end": claim.about["end"],
        "zone": zone,
        "method": METHOD,
        **states,
        "hours": hours,
        "score": sums,
        "hydrogen": {
            "grid_mg_per_kwh": list(stated.grid_mg_per_kwh),
            "hours": {"mg": mg, **inputs},
            "process": stated.process,
            "result": counted_batch(sums, routes, sum(mg), stated.grid_mg_per_kwh),
            "routes": routes,
        },
    }, claim
