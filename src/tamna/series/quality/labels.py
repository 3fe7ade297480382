"""What a stamp means, found out by comparison with a series that is known to be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import HOUR, Label
from tamna.lang import _
from tamna.series.quality.track import Track, by_day, day_start, days, hourly, runs, shared
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
    stamps: Stamps,
    value: Floats,
    reference: tuple[Stamps, Floats],
    *,
    instants: bool = True,
    step_s: int = 3600,
) -> LabelFit | None:
    """Find what stamps mean, from a reference whose stamps start their intervals.

    Each reading (start, end, instant, an interval further off) makes values of intervals; in windows
    of thirty days the squared correlation with the reference says how much each explains. Offsets and
    scales do not matter, so another metering base may serve as reference. Windows in which nothing
    fits (the reference sees other plants by then) do not vote.

    Parameters
    ----------
    stamps, value : (n,)
        As they stand in the file, in UTC.
    reference
        Starts of intervals and their values.
    instants
        Whether the values may be readings at a moment (power may, a price may not).
    step_s
        Length of an interval, and distance of the stamps [s].

    Returns
    -------
    LabelFit or None
        None where fewer than a week can be compared.
    """
    step = np.timedelta64(step_s, "s")
    ways = _readings(stamps, value, step, instants=instants)
    left = {way: _unexplained(made, reference) for way, made in ways.items()}
    left = {way: windows for way, windows in left.items() if len(windows)}
    score = _over_windows(left) if left else {}
    if not score:
        return None
    best, *others = sorted(score, key=score.__getitem__)
    return LabelFit(best[0], best[1], (score[best], score[others[0]] if others else 1.0))


def _over_windows(left: dict[tuple[Label, int], Floats]) -> dict[tuple[Label, int], float]:
    """Median over the better half of the windows: in the others the reference may not apply at all."""
    table = {way: dict(windows.tolist()) for way, windows in left.items()}
    both = sorted(set.intersection(*(set(t) for t in table.values())))
    best = np.array([min(t[w] for t in table.values()) for w in both])
    keep = [w for w, b in zip(both, best, strict=True) if b <= np.median(best)]
    return {way: float(np.median([t[w] for w in keep])) for way, t in table.items()} if keep else {}


def _readings(
    stamps: Stamps, value: Floats, step: np.timedelta64, *, instants: bool
) -> dict[tuple[Label, int], tuple[Stamps, Floats]]:
    """Intervals as each reading of the stamps makes them; an instant reading averages two neighbours."""
    good = np.isfinite(value)
    stamps, value = stamps[good], value[good]
    ways: dict[tuple[Label, int], tuple[Stamps, Floats]] = {
        (Label.START, 1): (stamps + step, value),
        (Label.START, 0): (stamps, value),
        (Label.END, 0): (stamps - step, value),
        (Label.END, -1): (stamps - 2 * step, value),
    }
    if instants:
        pair = np.flatnonzero(stamps[1:] - stamps[:-1] == step)
        mean = (value[pair] + value[pair + 1]) / 2
        ways[Label.INSTANT, 0] = (stamps[pair], mean)
        ways[Label.INSTANT, 1] = (stamps[pair] + step, mean)
        ways[Label.INSTANT, -1] = (stamps[pair] - step, mean)
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
    if max(track.resolution_s, reference.resolution_s) > 3600 or reference.kind is Kind.INSTANT:
        return []
    instant = track.kind is Kind.INSTANT
    fine = not instant and track.resolution_s == reference.resolution_s
    step_s = track.resolution_s if fine else 3600
    stamps, value = (track.valid_at, track.value) if instant or fine else hourly(track)
    against = (reference.valid_at, reference.value) if fine else hourly(reference)
    known = np.isfinite(against[1])
    against = against[0][known], against[1][known]
    fit = find_label(stamps, value, against, instants=instant, step_s=step_s)
    if fit is None or fit.unexplained[0] >= 0.5:
        return []
    declared = (Label.INSTANT, 0) if instant else (Label.START, 0)
    if not fit.is_clear:
        return [_undecided(track, reference, fit)] if instant else []
    found = _shifted_windows(track, reference, (stamps, value), against, declared, step_s)
    if (fit.label, fit.shift_h) == declared:
        found.append(_in_order(track, reference, fit, against))
    return found


def _undecided(track: Track, reference: Track, fit: LabelFit) -> Finding:
    return track.finding(
        "label",
        track.valid_at[0],
        track.valid_at[-1] + HOUR,
        0,
        "h",
        _(
            "two readings of the stamps explain {other} almost alike ({left} % and {next} % left): part of it"
            " is read at the stamp, part is reported late",
            other=f"{reference.series}@{reference.source}",
            left=f"{100 * fit.unexplained[0]:.2g}",
            next=f"{100 * fit.unexplained[1]:.2g}",
        ),
        _("its hours are uncertain by up to half an hour; daily sums are not touched"),
    )


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
        _("no harm where it is read so; read otherwise, every ramp is half an hour or an hour off"),
    )


def _shifted_windows(  # noqa: PLR0917 (what is held against what, and how both are read)
    track: Track,
    reference: Track,
    series: tuple[Stamps, Floats],
    against: tuple[Stamps, Floats],
    declared: tuple[Label, int],
    step_s: int,
) -> list[Finding]:
    """Windows of thirty days that another reading explains far better than the declared one."""
    step = np.timedelta64(step_s, "s")
    ways = _readings(*series, step, instants=declared[0] is Label.INSTANT)
    left = {way: dict(_unexplained(made, against).tolist()) for way, made in ways.items()}
    found: list[Finding] = []
    for way in ways:
        steps = _steps_off(way)
        if way == declared or steps == 0:
            continue
        windows = sorted(set(left[way]) & set(left[declared]))
        better = [_far_better(left, way, declared, w) for w in windows]
        for low, high in runs(np.array(better, dtype=bool)) if better else []:
            start = max(_window_start(windows[low]), series[0][0])
            end = min(_window_start(windows[high - 1] + 1), series[0][-1] + HOUR)
            found.append(_off(track, reference, start, end, steps * step_s / 3600))
    return found


def _far_better(
    left: dict[tuple[Label, int], dict[float, float]],
    way: tuple[Label, int],
    declared: tuple[Label, int],
    window: float,
) -> bool:
    mine = left[way][window]
    return mine < _SURE * left[declared][window] and mine == min(
        x[window] for x in left.values() if window in x
    )


def _window_start(window: float) -> np.datetime64:
    return day_start(int(window) * _WINDOW_DAYS)


def _steps_off(way: tuple[Label, int]) -> int:
    """By how many steps an interval's stamp lies after its start; instants only count whole steps."""
    name, further = way
    if name is Label.END:
        return 1 - further
    return -further


def _off(track: Track, reference: Track, start: np.datetime64, end: np.datetime64, hours: float) -> Finding:
    return track.finding(
        "hour_label",
        start,
        end,
        hours,
        "h",
        _(
            "the stamps lie {n} h off those of {other}",
            n=f"{hours:+g}",
            other=f"{reference.series}@{reference.source}",
        ),
        _("hourly shares and ramps pair different hours; check what the label means in this file"),
    )
