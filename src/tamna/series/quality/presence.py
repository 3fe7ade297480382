"""What is not there, or there twice: gaps, repeated stamps, and gaps that hide something."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, HOUR
from tamna.lang import _
from tamna.series.quality.track import PRICE, Episode, Track, episodes, hours_of_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamna.grid.clock import Stamps
    from tamna.series.quality.track import Floats
    from tamna.sources.block import Finding

_LONG = DAY  # a gap of a day or more stands alone; shorter ones are told together
_OCCASIONAL = frozenset({"snow_depth", "fresh_snow_3h", "cloud_base"})  # blank where there is none
_FEWEST = 5  # missing hours before one speaks of a pattern
_LOW_RANK = 0.15  # neighbours among the lowest 15 % of their hour of the day
_LOW_BY_CHANCE = 0.25  # random holes that have such a neighbour on one side or the other
_BELIEVED = 1e-4


def missing_stamps(track: Track) -> Stamps:
    """Give the stamps between first and last that are absent or blank, at the track's usual pace.

    The pace is that of the stamps: a 15-minute price published once an hour misses nothing in
    between. Readings at irregular moments miss something only where they are over three steps apart.
    """
    stamps = track.valid_at[np.isfinite(track.value)]
    stamps = stamps[np.concatenate([[True], stamps[1:] > stamps[:-1]])] if len(stamps) else stamps
    if len(stamps) < 2:
        return stamps[:0]
    apart = (stamps[1:] - stamps[:-1]).astype(np.int64)
    pace = pace_of(track)
    step = int(pace.astype(np.int64))
    irregular = np.mean(apart % step != 0) > 0.01
    if track.expected is not None and not irregular:
        stamps = _after(_before(stamps, track.expected[0], pace), track.expected[1], pace)
        apart = (stamps[1:] - stamps[:-1]).astype(np.int64)
    first = apart > (3 if irregular else 1) * step
    parts = [
        np.arange(low + pace, high, pace)
        for low, high in zip(stamps[:-1][first], stamps[1:][first], strict=True)
    ]
    return np.concatenate(parts) if parts else stamps[:0]


def _before(stamps: Stamps, since: np.datetime64, pace: np.timedelta64) -> Stamps:
    """Put a stamp before the first so that what is missing since `since` lies between two."""
    steps = int((stamps[0] - since) / pace)
    return np.concatenate([stamps[:1] - (steps + 1) * pace, stamps]) if steps > 0 else stamps


def _after(stamps: Stamps, until: np.datetime64, pace: np.timedelta64) -> Stamps:
    """The same at the end: the last stamp before `until` is the last that is expected."""
    steps = int((until - stamps[-1] - np.timedelta64(1, "s")) / pace)
    return np.concatenate([stamps, stamps[-1:] + (steps + 1) * pace]) if steps > 0 else stamps


def pace_of(track: Track) -> np.timedelta64:
    """Give the usual distance of stamps, at least the interval."""
    apart = np.diff(track.valid_at).astype(np.int64)
    return np.timedelta64(max(track.resolution_s, int(np.median(apart)) if len(apart) else 0), "s")


def gaps(track: Track) -> list[Finding]:
    """Find what is missing: every gap of a day or more, and shorter ones told together."""
    if track.series.rpartition("/")[2] in _OCCASIONAL:
        return []
    stamps = missing_stamps(track)
    if not len(stamps):
        return []
    holes = _holes(stamps, pace_of(track))
    long = [h for h in holes if h.end - h.start >= _LONG]
    short = [h for h in holes if h.end - h.start < _LONG]
    if len(long) > 12:  # present only now and then
        long, short = [], holes
    return [_gap(track, [h]) for h in long] + ([_gap(track, short)] if short else [])


def _holes(stamps: Stamps, step: np.timedelta64) -> list[Episode]:
    cut = np.flatnonzero(stamps[1:] - stamps[:-1] > step) + 1
    return [Episode(g[0], g[-1] + step, 0, 0, len(g)) for g in np.split(stamps, cut)]


def _gap(track: Track, holes: list[Episode]) -> Finding:
    hours = sum(h.count for h in holes) * int(pace_of(track).astype(np.int64)) / 3600
    start, end = holes[0].start, holes[-1].end
    text = (
        _("{hours} hours are missing in one piece", hours=f"{hours:g}")
        if len(holes) == 1
        else _("{hours} hours are missing in {n} places", hours=f"{hours:g}", n=len(holes))
    )
    return track.finding(
        "gap",
        start,
        end,
        hours,
        "h",
        text,
        _("the missing hours are in no sum; a total over them is too small, a mean rests on the others"),
    )


def duplicates(track: Track) -> list[Finding]:
    """Find stamps that occur more than once, and say whether their values agree."""
    again = np.zeros(len(track), dtype=bool)
    again[1:] = track.valid_at[1:] == track.valid_at[:-1]
    found = []
    for e in episodes(track, again):
        rows = np.flatnonzero(again[e.first : e.last + 1]) + e.first
        unlike = int(np.sum(~np.isclose(track.value[rows], track.value[rows - 1], equal_nan=True)))
        found.append(
            track.finding(
                "duplicate",
                e.start,
                e.end,
                e.count,
                "values",
                _("{n} stamps occur twice, {unlike} of them with another value", n=e.count, unlike=unlike),
                _("added up as they stand, these hours count double"),
            )
        )
    return found


def missing_not_at_random(track: Track, others: Sequence[tuple[Stamps, Floats]]) -> list[Finding]:
    """Find prices that are missing just where they were low.

    Two kinds of witness: another source that has the hour, and the track's own hours right before
    and after the hole, ranked among all values of the same hour of the day.

    Parameters
    ----------
    others
        Hours and values of the same price from other sources.
    """
    if track.unit != PRICE:
        return []
    stamps = missing_stamps(track)
    if not len(stamps):
        return []
    holes = [h for h in _holes(stamps, track.step) if h.end - h.start < _LONG]
    if sum(h.count for h in holes) < _FEWEST:
        return []
    low = [h for h in holes if _lowest_neighbour(track, h) < _LOW_RANK]
    count = sum(h.count for h in low)
    inside = np.concatenate([np.arange(h.start, h.end, track.step) for h in holes])
    known = _told_by_others(inside, others)
    negative = int(np.sum(known < 0))
    beside = count >= 0.6 * len(inside) and _by_chance(len(low), len(holes)) < _BELIEVED
    if not beside and len(known) < _FEWEST:
        return []
    if len(known) >= _FEWEST and negative < 0.5 * len(known):
        return []  # others say what is missing, and it was nothing special
    clock = hours_of_day(inside)
    return [
        track.finding(
            "missing_not_at_random",
            holes[0].start,
            holes[-1].end,
            len(inside) * track.resolution_s / 3600,
            "h",
            _(
                "{n} hours on {days} days are missing, all between {first}:00 and {last}:00; beside {beside} of them"
                " the price is among the lowest of its hour; other sources have {known} of them, {negative} negative",
                n=len(inside),
                days=len({str(h.start.astype("datetime64[D]")) for h in holes}),
                first=int(clock.min()),
                last=int(clock.max()) + 1,
                beside=count,
                known=len(known),
                negative=negative,
            ),
            _(
                "what is missing is what was cheapest: mean prices are too high, and hours of negative price"
                " are undercounted; do not fill by interpolation"
            ),
        )
    ]


def _by_chance(low: int, holes: int) -> float:
    """How likely at least `low` of `holes` random holes have a low price beside them. [-]"""
    return float(
        sum(
            comb(holes, k) * _LOW_BY_CHANCE**k * (1 - _LOW_BY_CHANCE) ** (holes - k)
            for k in range(low, holes + 1)
        )
    )


def _told_by_others(stamps: Stamps, others: Sequence[tuple[Stamps, Floats]]) -> Floats:
    """What other sources have for these stamps, the lowest where several do."""
    lowest = np.full(len(stamps), np.inf)
    for there, value in others:
        _both, mine, theirs = np.intersect1d(stamps, there, return_indices=True)
        lowest[mine] = np.minimum(lowest[mine], value[theirs])
    told: Floats = lowest[np.isfinite(lowest)]
    return told


def _lowest_neighbour(track: Track, hole: Episode) -> float:
    """Where the lower value beside a hole stands among those of its hour of the day, within 180 days."""
    ranks = []
    near = np.abs((track.valid_at - hole.start).astype(np.int64)) < 180 * 86400
    clock = hours_of_day(track.valid_at[near])
    for stamp in (hole.start - HOUR, hole.end):
        at = int(np.searchsorted(track.valid_at, stamp))
        if at >= len(track) or track.valid_at[at] != stamp or not np.isfinite(track.value[at]):
            continue
        alike = track.value[near][clock == hours_of_day(track.valid_at[at : at + 1])[0]]
        ranks.append(float(np.mean(alike[np.isfinite(alike)] < track.value[at])))
    return min(ranks, default=1.0)
