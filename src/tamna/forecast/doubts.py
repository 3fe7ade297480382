"""Weather runs held against the stations: a run in another unit is left out, and the answer says so.

A file can state m/s and carry km/h. Over the last weeks before an issue, what the runs said and what stations
then saw must be of one size; a place can be windier or milder than a station, but not 3.6 times or by 273 degrees.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, HOUR
from tamna.lang import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.forecast.history import History
    from tamna.lang import Message

    Floats = NDArray[np.float64]

HELD = ("temperature", "wind_speed", "cloud_cover", "humidity", "pressure")
"""Quantities that are held against stations; rain falls too unevenly, and components of wind follow the speed."""
LOOK_BACK_DAYS = 28
LEAST_HOURS = 24
MOST_OFFSET_K = 40.0
"""Half-way between a mountain's chill and a scale of another kind. [K]"""
MOST_RATIO = 2.6
"""A ridge has up to twice a station's wind, km/h read as m/s 3.6 times. [-]"""


@dataclass(frozen=True, slots=True)
class Trusted:
    """A history without the runs that cannot be what they say, and why each was left out."""

    history: History
    notes: tuple[Message, ...]


def trusted_runs(history: History, issued_at: np.datetime64) -> Trusted:
    """Leave out runs whose unit the stations contradict, judged by what was known at `issued_at`.

    Quantities without a station, or with fewer than `LEAST_HOURS` common hours, are believed.
    """
    notes = {
        name: note
        for name in history.runs
        if name.partition("/")[2] in HELD and (note := _doubt(history, name, issued_at)) is not None
    }
    kept = {name: run for name, run in history.runs.items() if name not in notes}
    return Trusted(replace(history, runs=kept), tuple(notes.values()))


def _doubt(history: History, name: str, issued_at: np.datetime64) -> Message | None:
    quantity = name.partition("/")[2]
    last = issued_at.astype("datetime64[h]").astype("datetime64[s]")
    stamps = np.asarray(last - np.arange(1, LOOK_BACK_DAYS * (DAY // HOUR) + 1) * HOUR, "datetime64[s]")
    seen = history.at(f"observed/{quantity}", stamps, np.full(len(stamps), issued_at))
    said = history.at(name, stamps, stamps)
    both = np.isfinite(seen) & np.isfinite(said)
    if both.sum() < LEAST_HOURS:
        return None
    seen, said = seen[both], said[both]
    if quantity == "temperature":
        off = float(np.median(said - seen))
        wrong, how = abs(off) > MOST_OFFSET_K, f"{off:+.0f} degC"
    else:
        ratio = _ratio(said, seen)
        wrong, how = not 1 / MOST_RATIO <= ratio <= MOST_RATIO, f"x {ratio:.2f}"
    if not wrong:
        return None
    return _(
        "weather runs of {quantity} are left out: against the stations they are off by {how}, so their unit is wrong",
        quantity=quantity,
        how=how,
    )


def _ratio(said: Floats, seen: Floats) -> float:
    below = float(np.abs(seen).sum())
    return float(np.abs(said).sum()) / below if below > 0 else 1.0
