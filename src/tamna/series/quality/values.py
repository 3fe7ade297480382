"""Values that cannot be: outside nature, under zero, above what stands there, or frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.series.quality.track import PRICE, Track, episodes, hour_text, runs

if TYPE_CHECKING:
    from tamna.series.quality.track import Floats, Marks
    from tamna.sources.block import Finding

# What a unit can be on this planet, with room to spare (sentinels such as -999 and 3.40282E+38 fall out).
# Energy of an hour: whole Korea peaks at some 97,000 MW; a thousand times Jeju's is left to `unit_jump`.
BOUNDS: dict[str, tuple[float, float]] = {
    "MWh": (-1e7, 1e7),
    "MW": (-1e7, 1e7),
    PRICE: (-1e4, 1e4),
    "degC": (-60, 80),  # bare ground on Jeju reaches 67
    "m/s": (0, 115),
    "%": (0, 100.5),
    "deg": (0, 360),
    "hPa": (800, 1100),
    "W/m2": (-20, 1600),
    "mm": (0, 500),
    "h": (0, 24),
}

_VAPOUR_HPA = (0.0, 100.0)

_ABOVE_USUAL = 1.5  # times the 99.9 % quantile; over all real series the most is 1.4
_NATURAL_RUN = 2.0  # times the longest run that chance allows; real prices stay put for up to 1.7 times


def impossible(track: Track) -> tuple[list[Finding], Marks]:
    """Find values outside nature; also give their marks, so that no other check stumbles on them."""
    low, high = BOUNDS.get(track.unit, (-1e30, 1e30))
    if track.series.endswith("/vapour_pressure"):
        low, high = _VAPOUR_HPA
    marks = np.isinf(track.value) | (track.value < low) | (track.value > high)
    found = []
    for e in episodes(track, marks):
        worst = track.value[e.first : e.last + 1][marks[e.first : e.last + 1]]
        worst = worst[np.argmax(np.abs(worst))]
        found.append(
            track.finding(
                "impossible_value",
                e.start,
                e.end,
                worst,
                track.unit,
                _(
                    "{n} value(s) that cannot be: {value} {unit} at {at}",
                    n=e.count,
                    value=f"{worst:g}",
                    unit=track.unit,
                    at=hour_text(e.start),
                ),
                _("any mean, sum or extreme that includes it is wrong by its whole size; leave it out"),
            )
        )
    return found, marks


def negative(track: Track) -> list[Finding]:
    """Find negative energy where only zero or more can be."""
    if not track.is_power:
        return []
    marks = track.value < 0
    found = []
    for e in episodes(track, marks):
        total = float(np.minimum(np.nan_to_num(track.value[e.first : e.last + 1]), 0).sum())
        found.append(
            track.finding(
                "negative_energy",
                e.start,
                e.end,
                total,
                track.unit,
                _(
                    "{n} negative value(s), together {total} {unit}",
                    n=e.count,
                    total=f"{total:.3f}",
                    unit=track.unit,
                ),
                _("it lowers sums and shares; plants that draw power from the grid belong to demand"),
            )
        )
    return found


def beyond_capacity(track: Track, capacity_mw: float | None = None) -> list[Finding]:
    """Find power above what stands there.

    The limit is `capacity_mw` where it is known; else 1.5 times what the series itself exceeds in
    one hour of a thousand.
    """
    good = track.value[np.isfinite(track.value)]
    if not track.is_power or len(good) < 1000 or "curtailment" in track.series:
        return []
    hours = track.resolution_s / 3600 if track.unit == "MWh" else 1.0
    usual = _ABOVE_USUAL * float(np.quantile(good, 0.999))
    limit = usual if capacity_mw is None else capacity_mw * hours
    if limit <= 0:
        return []
    marks = track.value > limit
    found = []
    for e in episodes(track, marks):
        most = float(np.nanmax(track.value[e.first : e.last + 1]))
        found.append(
            track.finding(
                "beyond_capacity",
                e.start,
                e.end,
                most,
                track.unit,
                _(
                    "{n} value(s) above {limit} {unit}, up to {most}",
                    n=e.count,
                    limit=f"{limit:.0f}",
                    unit=track.unit,
                    most=f"{most:.1f}",
                ),
                _("sums, peaks and shares of these hours are too high"),
            )
        )
    return found


def flatline(track: Track) -> list[Finding]:
    """Find values that stand still longer than this series ever would.

    How long is too long depends on how often two neighbours are equal at all: by chance the longest
    run of n values is about :math:`\\ln n / -\\ln r`. Values at which a series often rests
    (zero, a lower limit, saturation) do not count, nor does a series that never changes.
    """
    if track.unit not in {"MWh", "MW", PRICE, "degC", "m/s", "hPa", "W/m2"} or len(track) < 200:
        return []
    if "curtailment" in track.series or track.series.rpartition("/")[2].startswith(("soil_", "ground_")):
        return []  # ground under snow stands at zero for days
    value = track.value
    same = np.zeros(len(value), dtype=bool)
    same[1:] = (value[1:] == value[:-1]) & (track.valid_at[1:] - track.valid_at[:-1] == track.step)
    longest = _longest_by_chance(same & (value != 0))
    every = [(low - 1, high) for low, high in runs(same) if high - low + 1 >= 3]
    resting = _resting(value, every)
    still = 0.01 * float(np.nanmax(np.abs(value), initial=0.0))
    found = []
    for low, high in every:
        calm = track.is_generation and abs(value[low]) < still
        if high - low < longest * (4 if calm else 1) or value[low] in resting:
            continue
        hours = (high - low) * track.resolution_s / 3600
        found.append(
            track.finding(
                "flatline",
                track.valid_at[low],
                track.valid_at[high - 1] + track.step,
                hours,
                "h",
                _(
                    "stands at {value} {unit} for {hours} hours",
                    value=f"{value[low]:g}",
                    unit=track.unit,
                    hours=f"{hours:g}",
                ),
                _("a frozen meter or a filled hole: ramps and extremes of these hours are lost"),
            )
        )
    return found


def _longest_by_chance(same: Marks) -> float:
    n = len(same)
    repeat = max(float(same.mean()), 1.0 / n)
    return max(6.0, float(_NATURAL_RUN * np.log(1000 * n) / -np.log(min(repeat, 0.9))))


def _resting(value: Floats, every: list[tuple[int, int]]) -> set[float]:
    """Values at which the series rests again and again: five runs or more of three or more."""
    at = np.array([value[low] for low, _high in every])
    values, count = np.unique(at, return_counts=True)
    resting = set(values[count >= 5].tolist())
    if _hardly_changes(value):
        resting |= set(values.tolist())
    return resting


def _hardly_changes(value: Floats) -> bool:
    known = value[np.isfinite(value)]
    few = np.unique(known[:: max(len(known) // 500, 1)])
    return len(few) <= 3 and bool(np.isin(known, few).all())
