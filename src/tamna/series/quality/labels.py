"""What a stamp means, found out by comparison with a series that is known to be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import HOUR, Label
from tamna.lang import _
from tamna.series.quality.track import Track, by_day, days, hourly, runs, shared
from tamna.sources.block import Kind

if TYPE_CHECKING:
    from tamna.grid.clock import Stamps
    from tamna.series.quality.track import Floats
    from tamna.sources.block import Finding

_WINDOW_DAYS = 30
_FEWEST = 24 * 7
_CLEAR = 0.75  # the best reading must leave at most this share of what the next best leaves unexplained
_SURE = 0.35  # the same, before a window of thirty days is called shifted


@dataclass(frozen=True, slots=True)
class LabelFit:
    """How well each reading of a stamp explains a reference.

    Attributes
    ----------
    label
        ``start``: the value belongs to the hour after the stamp; ``end``: to the hour before;
        ``instant``: it is a reading at the stamp, and an hour is the mean of the two at its ends.
    shift_h
        Whole hours by which the stamps are off beyond that; 0 is in order.
    unexplained
        Share of the reference's variance left unexplained, best and next best, median over windows
        of thirty days. [-]
    """

    label: Label
    shift_h: int
    unexplained: tuple[float, float]

    @property
    def is_clear(self) -> bool:
        """Whether the best reading is clearly better than the next."""
        return self.unexplained[0] < _CLEAR * self.unexplained[1] and self.unexplained[0] < 0.5


def find_label(
    stamps: Stamps, value: Floats, reference: tuple[Stamps, Floats], *, instants: bool = True
) -> LabelFit | None:
    """Find what hourly stamps mean, from a reference whose stamps start their hours.

    Each reading (start, end, instant, an hour further off) makes hourly values; in windows of thirty
    days the squared correlation with the reference says how much each explains. Offsets and
    scales do not matter, so another metering base may serve as reference.

    Parameters
    ----------
    stamps, value : (n,)
        As they stand in the file, in UTC.
    reference
        Starts of hours and their values.
    instants
        Whether the values may be readings at a moment (power may, a price may not).

    Returns
    -------
    LabelFit or None
        None where fewer than a week of hours can be compared.
    """
    ways = _readings(stamps, value, instants=instants)
    left = {way: _unexplained(hours, reference) for way, hours in ways.items()}
    left = {way: windows for way, windows in left.items() if len(windows)}
    score = _over_windows(left) if left else {}
    if not score:
        return None
    best, *others = sorted(score, key=score.__getitem__)
    following = score[others[0]] if others else 1.0
    return LabelFit(best[0], best[1], (score[best], following))


def _over_windows(left: dict[tuple[Label, int], Floats]) -> dict[tuple[Label, int], float]:
    """Median over the better half of the windows: in the others the reference may not apply at all."""
    table = {way: dict(windows.tolist()) for way, windows in left.items()}
    both = sorted(set.intersection(*(set(t) for t in table.values())))
    best = np.array([min(t[w] for t in table.values()) for w in both])
    keep = [w for w, b in zip(both, best, strict=True) if b <= np.median(best)]
    return {way: float(np.median([t[w] for w in keep])) for way, t in table.items()} if keep else {}


def _readings(
    stamps: Stamps, value: Floats, *, instants: bool
) -> dict[tuple[Label, int], tuple[Stamps, Floats]]:
    good = np.isfinite(value)
    stamps, value = stamps[good], value[good]
    ways: dict[tuple[Label, int], tuple[Stamps, Floats]] = {
        (Label.START, 1): (stamps + HOUR, value),
        (Label.START, 0): (stamps, value),
        (Label.END, 0): (stamps - HOUR, value),
        (Label.END, -1): (stamps - 2 * HOUR, value),
    }
    if instants:
        pair = np.flatnonzero(stamps[1:] - stamps[:-1] == HOUR)
        mean = (value[pair] + value[pair + 1]) / 2
        ways[Label.INSTANT, 0] = (stamps[pair], mean)
        ways[Label.INSTANT, 1] = (stamps[pair] + HOUR, mean)
        ways[Label.INSTANT, -1] = (stamps[pair] - HOUR, mean)
    return ways


def _unexplained(hours: tuple[Stamps, Floats], reference: tuple[Stamps, Floats]) -> Floats:
    """Per window of thirty days: its first day, and what is left unexplained."""
    stamps, mine, theirs = shared(hours, reference)
    if len(stamps) < _FEWEST:
        return np.empty((0, 2))
    window = days(stamps) // _WINDOW_DAYS
    rows = [
        (w, 1 - _squared_correlation(mine[part], theirs[part]))
        for w, part in by_day(window)
        if part.stop - part.start >= _FEWEST
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def _squared_correlation(a: Floats, b: Floats) -> float:
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1] ** 2)


def label(track: Track, reference: Track) -> list[Finding]:
    """Say what a track's stamps mean, by a reference; and where they do not mean what it declares."""
    if track.resolution_s > 3600 or reference.resolution_s > 3600:
        return []
    instant = track.kind is Kind.INSTANT
    stamps, value = (track.valid_at, track.value) if instant else hourly(track)
    against = hourly(reference)
    fit = find_label(stamps, value, against, instants=instant)
    if fit is None or not fit.is_clear:
        return []
    declared = (Label.INSTANT, 0) if instant else (Label.START, 0)
    found = _shifted_windows(track, reference, stamps, value, against, declared)
    if (fit.label, fit.shift_h) == declared:
        found.append(_in_order(track, reference, fit, against))
    return found


def _in_order(track: Track, reference: Track, fit: LabelFit, against: tuple[Stamps, Floats]) -> Finding:
    stamps, _mine, _theirs = shared((track.valid_at, track.value), against)
    first, last = (stamps[0], stamps[-1]) if len(stamps) else (track.valid_at[0], track.valid_at[-1])
    left, following = (f"{100 * x:.2g}" for x in fit.unexplained)
    values = {
        "other": f"{reference.series}@{reference.source}",
        "left": left,
        "next": following,
    }
    text = (
        _(
            "the values are readings at the stamp: the mean of two neighbours leaves {left} % of {other}"
            " unexplained, the next best reading of the stamps {next} %",
            **values,
        )
        if fit.label is Label.INSTANT
        else _(
            "as stored, each value belongs to the interval that starts at its stamp: {left} % of {other} is"
            " left unexplained, {next} % by the next best reading of the stamps",
            **values,
        )
    )
    return track.finding(
        "label",
        first,
        last + HOUR,
        fit.shift_h,
        "h",
        text,
        _("none where it is read so; read otherwise, every ramp is half an hour or an hour off"),
    )


def _shifted_windows(
    track: Track,
    reference: Track,
    stamps: Stamps,
    value: Floats,
    against: tuple[Stamps, Floats],
    declared: tuple[Label, int],
) -> list[Finding]:
    """Windows of thirty days that another reading explains far better than the declared one."""
    ways = _readings(stamps, value, instants=declared[0] is Label.INSTANT)
    left = {way: dict(_unexplained(hours, against).tolist()) for way, hours in ways.items()}
    found: list[Finding] = []
    for way, hours in ((way, _hours_off(way)) for way in ways if way != declared):
        if hours == 0:
            continue
        windows = sorted(set(left[way]) & set(left[declared]))
        bad = np.array(
            [
                left[way][w] < _SURE * left[declared][w] and left[way][w] == min(x[w] for x in left.values() if w in x)
                for w in windows
            ],
            dtype=bool,
        )
        for low, high in runs(bad) if len(bad) else []:
            start = np.datetime64(int(windows[low]) * _WINDOW_DAYS, "D").astype("datetime64[s]") - 9 * HOUR
            end = np.datetime64(int(windows[high - 1] + 1) * _WINDOW_DAYS, "D").astype("datetime64[s]") - 9 * HOUR
            found.append(_off(track, reference, max(start, stamps[0]), min(end, stamps[-1] + HOUR), hours))
    return found


def _hours_off(way: tuple[Label, int]) -> int:
    """By how many hours an interval's stamp lies after its start; instants only count whole hours."""
    name, further = way
    if name is Label.END:
        return 1 - further
    return -further


def _off(track: Track, reference: Track, start: np.datetime64, end: np.datetime64, hours: int) -> Finding:
    return track.finding(
        "hour_label",
        start,
        end,
        hours,
        "h",
        _(
            "the stamps lie {n} h off those of {other}",
            n=f"{hours:+d}",
            other=f"{reference.series}@{reference.source}",
        ),
        _("hourly shares and ramps pair different hours; check what the label means in this file"),
    )
