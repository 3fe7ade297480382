"""Estimates that take long, kept beside the store: worked out once for what it holds.

Each is looked up under everything it follows from (`tamna.series.kept`), and worked out anew where any of that
changed. The physics is loaded only when something has to be worked out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import iso
from tamna.measure.lost import Lost, NotLost, Taught
from tamna.measure.unseen import Outside
from tamna.series.kept import kept, key_of
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.grid.clock import Period, Stamps
    from tamna.grid.model import Island
    from tamna.measure.island import IslandHours
    from tamna.measure.unseen import Gone
    from tamna.series import Series, Store

    Against = Callable[[Series, Stamps], NDArray[np.uint16]]

ROOMS = ("grid", "sources", "series", "physics", "measure")
"""Whose code the estimates follow from."""


def outside_again(store: Store, island: Island, hours: IslandHours, folder: Path | None = None) -> Outside:
    """Give what no meter shows, as far as `hours` have room for it, or take up what was found of it.

    Parameters
    ----------
    folder
        Where estimates are kept between calls; without one they are worked out anew.
    """
    key = key_of(store, island, ROOMS) if folder is not None else ""

    def sunny() -> Outside:
        from tamna.measure.outside import sunny_of

        return sunny_of(store, island)

    def gone() -> tuple[Gone, ...]:
        from tamna.measure.outside import gone_of

        return gone_of(store, island)

    found = Outside(yield_of={})
    if _weather(store) and island.fleet("pv", "behind_the_meter"):
        found = kept(folder, "sunny", key, sunny)
    if _weather(store) and _lacks(hours):
        found = replace(found, gone=kept(folder, "left", key, gone))
    return found


def _weather(store: Store) -> bool:
    return any(i.series.endswith("/wind_speed") for i in store.list())


def _lacks(hours: IslandHours) -> bool:
    """Whether part of the market's wind or PV is not in its series in any of the hours."""
    own = [c for c in hours.classes if c.group in {"wind", "pv"} and c.metering == "market"]
    return any(bool((c.column.flag & np.uint16(Flag.COVERAGE)).any()) and c.column.held for c in own)


def lost_again(
    store: Store,
    island: Island,
    period: Period,
    *,
    against: Against | None = None,
    fits: Path | None = None,
    as_of: np.datetime64 | None = None,
) -> Lost | NotLost:
    """Estimate what wind was lost, as `judge.lost` does, or take up what was found.

    Parameters
    ----------
    against
        What the quality checks hold against a series; it must follow from store and island alone.
    fits
        Folder where fits and estimates are kept between calls.
    """

    def worked_out() -> Lost | NotLost:
        from tamna.measure.judge import lost

        found = lost(store, island, period, against=against, fits=fits, as_of=as_of)
        return found if isinstance(found, NotLost) else replace(found, learned=Taught.of_all(found))

    asked = (iso(period.start), iso(period.end), as_of, against is None)
    key = key_of(store, island, ROOMS, *asked) if fits is not None else ""
    return kept(fits, "lost", key, worked_out)
