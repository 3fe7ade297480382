"""READ THIS FIRST: the only place where the rooms meet.

Each verb is a function of one file here: it opens what lies at the edge (a folder of files, a store, an island
file), hands values from room to room, and gives back one frozen result. Pages, tables and JSON are made of these
results in `tamna.serve`; nothing here prints.

::

    opening      a store, with the island's order of sources
    stores       files and live sources into the store
    measuring    what happened: findings, shares, lost wind
    days         one day rebuilt, and what was printed about it
    dispatching  what should run: assets, hours, commitment, cost and reasons
    forecasting  what may come, from what was known at an issue
    backtesting  forecasts of a past period as they would have been, beside everyone who competed
    proving      which hours of a product were renewable: a book, lots, certificates (certifying)
    nowcasting   the next hours, from the latest readings
    siting       any site in the world, from weather and physics, or its own readings
    road         the whole road: a run folder, the demo
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tamna.runs.days import RebuiltDay, rebuilt_day
from tamna.runs.measuring import METHOD, Measured, changes, findings, measured
from tamna.runs.opening import open_store

if TYPE_CHECKING:
    from tamna.runs.road import DEMO_ISLAND, DEMO_YEAR, Run, demo, leave, manifest, run
    from tamna.runs.stores import Fetched, Ingested, fetch, ingest

_LATE = {
    **dict.fromkeys(("Fetched", "Ingested", "fetch", "ingest"), "stores"),
    **dict.fromkeys(("DEMO_ISLAND", "DEMO_YEAR", "Run", "demo", "leave", "manifest", "run"), "road"),
}
"""Verbs that read files load every reader: only who calls them waits for that."""


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)


__all__ = [
    "DEMO_ISLAND",
    "DEMO_YEAR",
    "METHOD",
    "Fetched",
    "Ingested",
    "Measured",
    "RebuiltDay",
    "Run",
    "changes",
    "demo",
    "fetch",
    "findings",
    "ingest",
    "leave",
    "manifest",
    "measured",
    "open_store",
    "rebuilt_day",
    "run",
]
