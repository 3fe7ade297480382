"""When something is missing: what is it, what answers instead, and how wide is that one's own band?

Missing is what is usually there: a feature that past issues had at the same lead and this one has not. Candidates
then compete on the past days *under the same damage* (the same features taken away, the same meter as late), and
the one with the smallest mean miss answers, with a band of its own misses. Nothing here knows names of features.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.backtest import day_ahead_rows, target_values
from tamna.forecast.rivals import climatology, persistence
from tamna.forecast.simple import Line
from tamna.forecast.target import joined
from tamna.grid.clock import DAY, HOUR, to_local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from tamna.forecast.history import History, Rows, Track
    from tamna.forecast.ready import Habit
    from tamna.forecast.table import Table
    from tamna.forecast.target import Target
    from tamna.forecast.weather import Weather

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

USUAL = 0.9
"""A feature is usually there when more than this part of past days had it at that lead."""
LATE_DAYS = 28
LATE_H = 3
TRAIN_DAYS = 400
LEAST = 48
"""Fewer past hours than this and candidates are not compared: the order of their names holds."""
ORDER = ("blend_partial", "line", "persistence", "climatology")


def damage(asked: Table, past: Table, days: int) -> Bools:
    """Say which features, and in the last column the base, are missing though past days had them at that lead.

    Parameters
    ----------
    past : (days * rows, features)
        The same rows of each day before.

    Returns
    -------
    (rows, features + 1)
    """
    seen, before = (
        np.concatenate([np.isfinite(t.values), np.isfinite(t.base)[:, None]], axis=1) for t in (asked, past)
    )
    if not days:
        return np.zeros_like(seen)
    usual = before.reshape(days, *seen.shape).mean(axis=0)
    return np.asarray(~seen & (usual > USUAL))


def without(table: Table, columns: Bools) -> Table:
    """Take features away."""
    values = table.values.copy()
    values[:, columns] = np.nan
    return replace(table, values=values)


def last_known(track: Track, issue: np.datetime64) -> np.datetime64:
    """Give the end of the last hour that was known at `issue`; long ago where none was."""
    there = np.flatnonzero(np.isfinite(track.value) & (track.known_at <= issue))
    last: np.datetime64 = track.start + (int(there[-1]) + 1 if len(there) else -(10**6)) * HOUR
    return last


def lateness(track: Track, issue: np.datetime64) -> np.timedelta64:
    """Say how much later than in the last four weeks a track is known at `issue`; zero when it is not late."""
    issues = issue - np.arange(1, LATE_DAYS + 1) * DAY
    usual = max(past - last_known(track, past) for past in issues)
    extra = (issue - last_known(track, issue)) - usual
    late: np.timedelta64 = extra.astype("timedelta64[s]")
    return late if late > LATE_H * HOUR else np.timedelta64(0, "s")


def as_late(history: History, late: Mapping[str, np.timedelta64]) -> History:
    """Give a history in which the past, too, was known so much later."""
    tracks = {
        name: replace(track, known_at=track.known_at + late[name]) if name in late else track
        for name, track in history.tracks.items()
    }
    return replace(history, tracks=tracks)


def line_answers(
    target: Target, history: History, habit: Habit, weather: Weather, before: np.datetime64, *, keep: Bools
) -> Callable[[Table], Floats]:
    """Fit a straight line on the features that are left, up to `before`; what comes back gives its middle.

    Parameters
    ----------
    keep : (features,)
        The features that are left.
    """
    last = to_local(np.array([before]), habit.timezone).astype("datetime64[D]")[0]
    rows = day_ahead_rows(last - TRAIN_DAYS, last, habit.issue_hour, habit.timezone)
    rows = rows.pick(rows.issued_at < before)
    table = joined(target.facts(rows, history), target.sky(rows, history, weather))
    value = target_values(target, rows, history, before)
    learned = target.forward(value, table.base)
    use = np.isfinite(learned)
    if use.sum() < LEAST:
        return lambda asked: np.full(len(asked), np.nan)
    even, middle = np.ones(int(use.sum())), np.array([0.5])
    model = Line().fit(table.values[use][:, keep], learned[use], middle, weight=even, seed=0)
    return lambda asked: target.back(model.predict(asked.values[:, keep]), asked.base)[:, 0]


def simple_answers(rows: Rows, history: History, track: str) -> dict[str, Floats]:
    """Give what always answers, and is a rival too."""
    return {
        "persistence": persistence(rows, history, track),
        "climatology": climatology(rows, history, track),
    }


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A model that may answer: its middle for the hours asked, (hours,), and for the past ones, (rows,)."""

    name: str
    middle: Floats
    past: Floats


def ranked(candidates: list[Candidate], actual: Floats) -> list[Candidate]:
    """Put candidates in order of their mean miss on the same past hours; too few hours leave the given order."""
    fair = np.isfinite(actual)
    for one in candidates:
        if np.isfinite(one.past).sum() >= LEAST:
            fair &= np.isfinite(one.past)
    if fair.sum() < LEAST:
        return candidates
    missed = {one.name: float(np.abs(one.past - actual)[fair].mean()) for one in candidates}
    return sorted(candidates, key=lambda one: (not np.isfinite(missed[one.name]), missed[one.name]))


def miss_band(one: Candidate, actual: Floats, hour: Ints, past_hour: Ints, target: Target) -> Floats:
    """Lay a candidate's own past misses, of about the same hour of the day, round its middle.

    Returns
    -------
    (hours, levels)
    """
    levels, reach_h = target.levels, target.conformal.reach_h
    miss = actual - one.past
    known = np.isfinite(miss)
    out = np.repeat(one.middle[:, None], len(levels), axis=1)
    centre = int(np.argmin(np.abs(levels - 0.5)))
    for h in np.unique(hour):
        near = known & (np.abs((past_hour - h + 12) % 24 - 12) <= reach_h)
        near = near if near.sum() >= LEAST else known
        if near.any():
            spread = np.quantile(miss[near], levels)
            spread[centre] = 0.0
            out[hour == h] += spread
    return np.asarray(np.sort(out, axis=1))
