"""What came, on the base on which it was forecast: the hours that the loop lives and settles.

A forecast of wind and PV is learned from the island's record of what they gave (`tamna.forecast.records`): real-time
readings where there are any, settled energy before them. Settled energy alone would not do: on Jeju most wind and PV
left it in June 2024, and a forecast would be held against a fleet of another size. So demand, floor and prices are those
of any dispatch (`dispatch_hours`), wind and PV those of the record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.jeju import island_history
from tamna.grid.clock import DAY, Period, to_local
from tamna.lang import _
from tamna.runs.dispatch_hours import NEAREST, around, came, nearest_days

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.grid import Island
    from tamna.measure.lost import Lost
    from tamna.runs.dispatch_hours import Came, Potential
    from tamna.series import Store

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

BEFORE = 10 * DAY
"""Read so much before the period: PV of the record rests on the nights before. [d]"""
SHORT_GAP = 3
"""Gaps of the record up to so many hours are drawn straight; days with longer ones are not counted. [h]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LivedHours:
    """What came.

    Attributes
    ----------
    came
        With wind and PV of the record.
    doubtful : (hours,)
        Hours whose wind or PV nobody recorded: stood in for, and their days not counted.
    """

    came: Came
    doubtful: Bools


def lived_hours(
    store: Store,
    island: Island,
    period: Period,
    *,
    potential: Potential = "published",
    fits: Path | None = None,
    lost: Lost | None = None,
) -> LivedHours:
    """Read what came.

    Parameters
    ----------
    lost
        What is known of wind held back in these hours, where that was worked out already.

    Raises
    ------
    InputError
        As `came` does.
    """  # fmt: skip
    read = came(store, island, period, potential=potential, fits=fits, lost=lost)
    record = Period(period.start - BEFORE, period.end + NEAREST + DAY)
    history = island_history(store, record, island=prefix_of(island))
    stamps, notes = read.stamps, list(read.notes)
    if "wind_delivered" not in history.tracks or "pv_delivered" not in history.tracks:
        return LivedHours(came=read, doubtful=np.zeros(len(stamps), dtype=bool))
    wide, inside = around(period)
    wind, pv = (history.actual(name, wide.stamps()) for name in ("wind_delivered", "pv_delivered"))
    settled = np.full(len(wind), np.nan)
    settled[inside] = read.wind_mw
    wind, wind_gone = _bridged(wind, settled)
    pv, pv_gone = _bridged(pv, nearest_days(pv))
    wind, wind_gone, pv, pv_gone = wind[inside], wind_gone[inside], pv[inside], pv_gone[inside]
    held = np.isnan(history.actual("wind", stamps)) & ~wind_gone
    where = held | (potential == "estimated")
    wind = np.where(where, np.maximum(wind, read.wind_mw) if potential == "published" else read.wind_mw, wind)
    doubtful = wind_gone | pv_gone
    notes.append(
        _(
            "wind and PV are those of the island's record, as the forecasts learn them: real-time readings where there"
            " are any; PV of it is an estimate (total renewables less wind and steady plant)"
        )
    )
    if held.any():
        notes.append(
            _(
                "in {n} hours wind was or may have been held back: what it could have given there is estimated",
                n=int(held.sum()),
            )
        )
    if doubtful.any():
        days = np.unique(to_local(stamps[doubtful], island.timezone).astype("datetime64[D]"))
        notes.append(
            _(
                "nobody recorded wind or PV for hours on {days}: stood in for, and these days are not counted",
                days=", ".join(str(d) for d in days),
            )
        )
    return LivedHours(
        came=replace(read, wind_mw=np.maximum(wind, 0.0), pv_mw=np.maximum(pv, 0.0), notes=tuple(notes)),
        doubtful=doubtful,
    )


def prefix_of(island: Island) -> str:
    """Give the first part of the names of an island's series."""
    prefix = "" if island.demand is None else island.demand.series.rpartition("/")[0]
    return prefix or island.name


def _bridged(values: Floats, instead: Floats) -> tuple[Floats, Bools]:
    """Draw short gaps straight and fill long ones with `instead`; say where those are."""
    missing = np.isnan(values)
    if not missing.any():
        return values, missing
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(np.int8)))
    long = np.zeros(len(values), dtype=bool)
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        inside = first > 0 and end < len(values)
        long[first:end] = end - first > SHORT_GAP or not inside
    there, at = np.flatnonzero(~missing), np.arange(len(values))
    straight = np.interp(at, there, values[there]) if len(there) else np.zeros(len(values))
    filled = np.where(missing, straight, values)
    return np.where(long, np.where(np.isnan(instead), filled, instead), filled), long
