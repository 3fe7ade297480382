"""From electricity to hydrogen: a batch is what one claim's energy was turned into, watt-hours to milligrams (I6).

Physics sets a floor under the energy of a kilogram: 39.4 kWh (its higher heating value) where liquid water goes in;
where outside steam goes in, 33.3 kWh of electricity, and 39.4 kWh with that heat, which must then be metered. The
floor binds each batch and all batches together, with the hydrogen that the plant's store held at first as a buffer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tamna.lang import _
from tamna.ledger.carried import Batch
from tamna.ledger.facts import maybe_whole, text, whole
from tamna.ledger.issuing import check_form
from tamna.ledger.load import covering
from tamna.ledger.nouns import Converter
from tamna.ledger.refusal import refuse
from tamna.ledger.state import Standing

if TYPE_CHECKING:
    from tamna.ledger.event import Event
    from tamna.ledger.load import Load
    from tamna.ledger.state import Claim, Draft

__all__ = [
    "FLOOR_WH_PER_KG",
    "STEAM_FLOOR_WH_PER_KG",
    "SUSPECT_WH_PER_KG",
    "convert",
    "enter_converter",
    "suspect",
]

FLOOR_WH_PER_KG: Final = 39_400
STEAM_FLOOR_WH_PER_KG: Final = 33_300
SUSPECT_WH_PER_KG: Final = 45_000
"""Below this a low-temperature plant is better than any that is sold."""
_PROCESSES: Final = ("pem", "alkaline", "aem", "soec")
_LONGEST: Final = np.timedelta64(31, "D")  # a batch lasts one calendar month at most


def enter_converter(draft: Draft, event: Event) -> None:
    """Add an electrolyser."""
    about = event.about
    one = Converter(
        name=text(about, "name"), account=text(about, "account"), process=text(about, "process"),
        buffer_mg=whole(about, "buffer_mg"),
    )  # fmt: skip
    if one.name in draft.converters:
        refuse(_("an electrolyser of this name stands in the book"), seen=one.name)
    if one.process not in _PROCESSES or one.buffer_mg < 0:
        refuse(_("an electrolyser is pem, alkaline, aem or soec, its buffer is not negative"), of=one.name)
    if one.account in draft.bound or len(draft.loads[draft.account(one.account)].start):
        refuse(_("an electrolyser's account uses energy for nothing else"), of=one.name, seen=one.account)
    draft.converters[one.name] = one
    draft.bound[one.account] = "conversion"


def convert(draft: Draft, event: Event) -> None:
    """Write a batch.

    Raises
    ------
    LedgerError
        The claim is another account's, not good, or converted already; an interval was not metered; more hydrogen
        than the energy can give.
    """
    about, rows = event.about, event.rows
    name, number = text(about, "batch"), whole(about, "claim")
    plant = draft.converters.get(text(about, "converter"))
    if plant is None:
        refuse(_("no such electrolyser in the book"), seen=about["converter"])
    claim = draft.claims.get(number)
    if claim is None or claim.account != plant.account or claim.standing is not Standing.GOOD:
        refuse(_("a batch rests on a good claim of its electrolyser"), of=name, seen=number)
    if claim.end - claim.start > _LONGEST:
        refuse(_("a batch lasts one calendar month at most"), of=name, hour=claim.start)
    old = maybe_whole(about, "replaces")
    others = [
        b
        for e, b in draft.batches.items()
        if e != old and draft.claims[b.claim].standing is not Standing.REPLACED
    ]
    if any(b.name == name or b.claim == number for b in others):
        refuse(_("this batch stands in the book, or its energy went into another"), of=name, seen=number)
    if old is not None and (old not in draft.batches or draft.batches[old].name != name):
        refuse(_("no such batch to replace"), of=name, seen=old)
    used = draft.loads[draft.account(plant.account)]
    _check_intervals(name, event, used, claim)
    wh = int(used.wh[covering(used, plant.account, claim.start, claim.end)].sum(dtype=np.int64))
    batch = Batch(name=name, converter=plant.name, claim=number, rows=rows, wh=wh)
    _check_floor(plant, batch, [b for b in others if b.converter == plant.name])
    if old is not None:
        del draft.batches[old]
    draft.batches[draft.size] = batch


def suspect(plant: Converter, batch: Batch) -> bool:
    """Say whether a batch is better than a low-temperature plant can be expected to be."""
    return plant.process != "soec" and batch.wh * 10**6 < batch.mg * SUSPECT_WH_PER_KG


def _check_intervals(name: str, event: Event, used: Load, claim: Claim) -> None:
    check_form(name, event)
    rows = event.rows
    where = np.minimum(np.searchsorted(used.start, rows["start"]), len(used.start) - 1)
    met = (used.start[where] == rows["start"]) & (used.length_s[where] == rows["length_s"])
    inside = (rows["start"] >= claim.start) & (rows["start"] < claim.end)
    for i in np.flatnonzero(~(met & inside))[:1]:
        refuse(_("hydrogen of an interval whose electricity is not claimed"), of=name, hour=rows["start"][i])


def _check_floor(plant: Converter, batch: Batch, others: list[Batch]) -> None:
    for those in ([batch], [*others, batch]):
        mg, wh = sum(b.mg for b in those), sum(b.wh for b in those)
        heat = sum(int(b.rows["heat_wh"].sum(dtype=np.int64)) for b in those)
        if heat and plant.process != "soec":
            refuse(_("only a plant on outside steam takes in heat"), of=batch.name, seen=f"{heat} Wh")
        least = (mg - plant.buffer_mg) * FLOOR_WH_PER_KG
        steam = (mg - plant.buffer_mg) * STEAM_FLOOR_WH_PER_KG
        if (wh + heat) * 10**6 < least or wh * 10**6 < steam:
            refuse(
                _("more hydrogen than {wh} Wh can give (I6)", wh=wh),
                of=batch.name,
                seen=f"{mg} mg",
                todo=_("The floor is 39.4 kWh a kilogram; heat from outside must be metered."),
            )
