"""Walk over everything held, ask every check, and tell each thing once."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, HOUR
from tamna.lang import _
from tamna.series.quality.agreement import disagreement, offset
from tamna.series.quality.coverage import coverage_break, fleet_left_out
from tamna.series.quality.labels import label
from tamna.series.quality.presence import duplicates, gaps, missing_not_at_random
from tamna.series.quality.sunlight import night_generation, pv_hour_label
from tamna.series.quality.track import PRICE, Track, hourly, shared
from tamna.series.quality.units import unit_jump
from tamna.series.quality.values import beyond_capacity, flatline, impossible, negative
from tamna.sources.block import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KINDS = (
    "gap",
    "duplicate",
    "unit_jump",
    "flatline",
    "impossible_value",
    "beyond_capacity",
    "negative_energy",
    "hour_label",
    "night_generation",
    "source_disagreement",
    "offset",
    "missing_not_at_random",
    "coverage_break",
    "label",
)

# Series that say the same of the same hour under another name, to hold labels and gaps against
RELATED: dict[str, tuple[str, ...]] = {
    "jeju/price_da": ("jeju/smp",),
    "jeju/price_rt_provisional": ("jeju/price_rt",),
    "jeju/smp": ("jeju/price_da",),
}


def check_tracks(tracks: Iterable[Track], capacity_mw: Mapping[str, float] | None = None) -> list[Finding]:
    """Ask every check about every track and every pair, and tell each thing once.

    Parameters
    ----------
    capacity_mw
        By series name, what stands there [MW].

    Returns
    -------
    list of Finding
        In order of series, source, kind and time.
    """
    found: list[Finding] = []
    clean: list[Track] = []
    for track in tracks:
        if len(track):
            alone, rest = _alone(track, capacity_mw or {})
            found += alone
            clean.append(rest)
    by_series: dict[str, list[Track]] = {}
    for track in [*clean, *_derived(clean)]:
        by_series.setdefault(track.series, []).append(track)
    for group in by_series.values():
        found += _together(group, by_series)
    return sorted(_gathered(found), key=lambda f: (f.series, f.source, f.kind, f.start))


def _alone(track: Track, capacity_mw: Mapping[str, float]) -> tuple[list[Finding], Track]:
    """Ask the checks that need one track; give it back without what cannot be."""
    found = duplicates(track)
    single = _without_duplicates(track)
    found += gaps(single)
    bad, marks = impossible(single)
    clean = single.with_values(np.where(marks, np.nan, single.value))
    jumps, clean = unit_jump(clean)
    found += bad + jumps + negative(clean)
    above = beyond_capacity(clean, capacity_mw.get(track.series))
    shifted = pv_hour_label(clean)
    found += above + flatline(clean) + shifted
    found += night_generation(clean, shifted)
    return found, clean


def _without_duplicates(track: Track) -> Track:
    last = np.ones(len(track), dtype=bool)
    last[:-1] = track.valid_at[1:] != track.valid_at[:-1]
    return replace(track, valid_at=track.valid_at[last], value=track.value[last])


def _derived(tracks: Sequence[Track]) -> list[Track]:
    """What two tracks of one source say together: PV = renewables - wind, renewables = PV + wind.

    PV as operations see it has a little other generation in it; it serves as a witness only.
    """
    by_name = {(t.series, t.source): t for t in tracks}
    summed = {series for series, _source in by_name}
    made = []
    for (series, source), wind in by_name.items():
        place, _slash, quantity = series.rpartition("/")
        if quantity != "wind":
            continue
        whole, pv = by_name.get((f"{place}/renewables", source)), by_name.get((f"{place}/pv", source))
        if whole is not None and pv is None:
            made.append(_combined(whole, wind, -1.0, f"{place}/pv", f"{source} (renewables - wind)"))
        elif pv is not None and whole is None and f"{place}/renewables" in summed:
            made.append(_combined(pv, wind, 1.0, f"{place}/renewables", f"{source} (pv + wind)"))
    return made


def _combined(a: Track, b: Track, sign: float, series: str, source: str) -> Track:
    stamps, first, second = shared((a.valid_at, a.value), (b.valid_at, b.value))
    return replace(a, series=series, source=source, valid_at=stamps, value=first + sign * second)


def _together(group: Sequence[Track], by_series: Mapping[str, Sequence[Track]]) -> list[Finding]:
    """Ask the checks that hold two tracks side by side. The longest record is the yardstick."""
    ranked = sorted(group, key=_standing, reverse=True)
    found: list[Finding] = []
    for yardstick, track in combinations(ranked, 2):
        found += disagreement(track, yardstick)
        if not any(f.kind == "coverage_break" and f.source == track.source for f in found):
            found += fleet_left_out(track, yardstick)
    for track in ranked:
        found += _against(track, _yardstick(track, ranked, by_series))
        if track.unit == PRICE:
            others = [t for t in (*ranked, *_relatives(track, by_series)) if t is not track]
            found += missing_not_at_random(track, [hourly(t) for t in others])
    # what is only put together serves as a witness; nothing is said of it
    return [f for f in found if not f.source.endswith(")")]


def _against(track: Track, yardstick: Track | None) -> list[Finding]:
    if yardstick is None:
        return []
    found = label(track, yardstick) + offset(track, yardstick)
    # the break is told of the settled side, the one that loses plants
    return found + coverage_break(yardstick, track)


def _standing(track: Track) -> tuple[bool, int, str]:
    return (track.kind is not Kind.INSTANT, len(track), track.source)


def _yardstick(
    track: Track, ranked: Sequence[Track], by_series: Mapping[str, Sequence[Track]]
) -> Track | None:
    """The best other track of the same quantity that overlaps by a fortnight."""
    for other in (*ranked, *_relatives(track, by_series)):
        if other is track:
            if track.series in RELATED:
                continue
            return None
        if max(other.resolution_s, track.resolution_s) <= 3600 and _overlap_h(track, other) >= 24 * 14:
            return other
    return None


def _overlap_h(a: Track, b: Track) -> int:
    """Hours in which both have something."""
    if a.resolution_s == b.resolution_s and a.kind == b.kind:
        return len(np.intersect1d(a.valid_at, b.valid_at))
    return len(shared(hourly(a), hourly(b))[0])


def _relatives(track: Track, by_series: Mapping[str, Sequence[Track]]) -> list[Track]:
    return [t for name in RELATED.get(track.series, ()) for t in by_series.get(name, ())]


def _gathered(found: Sequence[Finding]) -> list[Finding]:
    """Tell once what a whole family of series shares: holes in one file, storage in every region."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for f in found:
        folder = f.series.rpartition("/")[0]
        family = folder.split("/")[0]
        if f.kind == "gap" and f.end - f.start >= DAY and f.size * 3600 >= (f.end - f.start).astype(int):
            day = (f.start + HOUR).astype("datetime64[D]")  # instants and hours start an hour apart
            key: tuple[object, ...] = (f.kind, f.source, family, day, f.size)
        elif f.kind == "gap":
            key = (f.kind, f.source, folder)
        elif f.kind == "night_generation" and family == "kr":
            key = (f.kind, f.source, family)
        else:
            key = (id(f),)
        groups.setdefault(key, []).append(f)
    out: list[Finding] = []
    for alike in groups.values():
        out += [_as_one(alike)] if len(alike) > 1 else alike
    return out


def _as_one(alike: Sequence[Finding]) -> Finding:
    largest = max(alike, key=lambda f: f.size)
    series = _pattern([f.series for f in alike])
    return replace(
        largest,
        series=series,
        start=min(f.start for f in alike),
        end=max(f.end for f in alike),
        size=largest.size if largest.kind == "gap" else sum(f.size for f in alike),
        text=_(
            "in {n} series; most in {first}: {what}", n=len(alike), first=largest.series, what=largest.text
        ),
    )


def _pattern(names: Sequence[str]) -> str:
    """Write names as one with ``*`` where their parts differ: ``asos/*/temperature``."""
    parts = [name.split("/") for name in names]
    length = min(len(p) for p in parts)
    return "/".join(
        column[0] if len(set(column)) == 1 else "*"
        for column in zip(*(p[:length] for p in parts), strict=True)
    )
