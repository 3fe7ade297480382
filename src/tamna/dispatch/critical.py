"""Whom to supply first: classes of load by what a lost MWh is worth, sites of the grid file that name it apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.optimise.blocks.demand import LoadClass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.system import System
    from tamna.grid.model import Island

HOURS_A_YEAR = 8760.0
SITE = "site:"


def classes_of(island: Island, system: System, demand_mw: NDArray[np.float64]) -> tuple[LoadClass, ...]:
    """Give the classes of a drill.

    Each site that says what a lost MWh is worth to it is a class of its own, as large as its typical year, moving with
    the demand; the island's classes share what is left.
    """
    mean = float(np.mean(demand_mw))
    sites = tuple(
        LoadClass(name=f"{SITE}{site.name}", share=mw / mean, lost_per_mwh=float(site.lost_krw_per_mwh))
        for site in island.sites
        if site.lost_krw_per_mwh is not None
        and (mw := sum(_mean_mw(m.annual_mwh) for m in site.meters if _draws(m.direction, m.carrier))) > 0.0
    )
    left = 1.0 - sum(c.share for c in sites)
    return (*(replace(c, share=c.share * left) for c in system.load_classes), *sites)  # fmt: skip


def critical(classes: tuple[LoadClass, ...]) -> tuple[str, ...]:
    """Name the classes that are worth more than the cheapest: those that should stay supplied."""
    least = min((c.lost_per_mwh for c in classes), default=0.0)
    return tuple(c.name for c in classes if c.lost_per_mwh > least)


def _draws(direction: str, carrier: str) -> bool:
    return direction == "consumption" and carrier == "electricity"


def _mean_mw(annual_mwh: object) -> float:
    return 0.0 if annual_mwh is None else float(annual_mwh) / HOURS_A_YEAR  # type: ignore[arg-type]
