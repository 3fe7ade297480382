"""What is asked, and the same question put to the days before: hours, features, past answers, what was late.

The days before the issue, forecast at the same leads by fits that did not know them, are made again each time: by
their misses bands are calibrated, models compared, paths drawn and drift seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast import fallback
from tamna.forecast.backtest import target_values
from tamna.forecast.history import Rows
from tamna.forecast.scores import pinball
from tamna.forecast.target import joined
from tamna.grid.clock import DAY, HOUR, KOREA, to_local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from tamna.forecast.history import History
    from tamna.forecast.ready import Ready
    from tamna.forecast.table import Table
    from tamna.forecast.weather import Weather
    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

WARM_DAYS = 84
"""How many days before the issue are answered again at most."""
LONG_LATE = np.timedelta64(15 * 86400, "s")
"""A track that is later than this has ended; the past is not made to look like that."""
_PATTERNS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """What was known at the issue.

    Attributes
    ----------
    issued
        The weather of the runs of the time.
    warm
        The same, with roughened observations where no run was: what past days are answered with.
    late
        Tracks that are known later than usual, and by how much.
    """

    history: History
    issue: np.datetime64
    issued: Weather
    warm: Weather
    timezone: str = KOREA
    late: Mapping[str, np.timedelta64] = field(default_factory=dict)

    @property
    def slow(self) -> History:
        """The history in which the past was known as late as the present is."""
        return fallback.as_late(self.history, self.late) if self.late else self.history


def all_late(history: History, issue: np.datetime64) -> dict[str, np.timedelta64]:
    """Name the tracks that are known later at `issue` than in the weeks before."""
    found = {name: fallback.lateness(track, issue) for name, track in history.tracks.items()}
    zero = np.timedelta64(0, "s")
    return {name: late for name, late in found.items() if zero < late < LONG_LATE}


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """The same leads of the days before the issue, the oldest first.

    Attributes
    ----------
    rows, table : the hours and their features
    raw : (past rows, levels)
        What fits that did not know them answered. [unit]
    actual : (past rows,)
        As it was known at the issue; NaN where it does not count. [unit]
    days
        How many days.
    """

    rows: Rows
    table: Table
    raw: Floats
    actual: Floats
    days: int


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What is asked and what came before.

    Attributes
    ----------
    asked, table : the hours and their features
    facts
        How many features, the first, are not of the weather forecast.
    past
        The same question put to the days before.
    offset, hour : (hours,)
        Days after the issue's island day; hour of the island day.
    """

    asked: Rows
    table: Table
    facts: int
    past: Past
    offset: Ints
    hour: Ints

    def past_of(self, hours: Bools) -> Bools:
        """Say which past rows have the leads of `hours`."""
        return np.tile(hours, self.past.days)

    def same_day(self, hours: Bools) -> Bools:
        """Widen a choice of hours to all hours of the same day ahead."""
        return np.isin(self.offset, np.unique(self.offset[hours]))


def make_past(ready: Ready, known: Known, stamps: Stamps) -> Past:
    """Put the question of the hours `stamps` to the days before the issue."""
    target, issue = ready.target, known.issue
    first = ready.fits[0].moment if ready.fits else issue - WARM_DAYS * DAY
    days = min(WARM_DAYS, int((issue - first) / DAY))
    issues = issue - np.arange(days, 0, -1) * DAY
    valid = issues[:, None] + (stamps - issue)[None, :]
    rows = Rows(
        np.asarray(valid.reshape(-1), "datetime64[s]"),
        np.asarray(np.repeat(issues, len(stamps)), "datetime64[s]"),
    )
    table = joined(target.facts(rows, known.slow), target.sky(rows, known.slow, known.warm))
    actual = target_values(target, rows, known.history, issue)
    return Past(rows, table, past_raw(ready, rows, table), actual, days)


def make_scene(ready: Ready, known: Known, stamps: Stamps, past: Past) -> Scene:
    """Put the question to the issue itself."""
    asked = Rows(stamps, np.full(len(stamps), known.issue))
    facts = ready.target.facts(asked, known.history)
    local = to_local(stamps, known.timezone)
    day = local.astype("datetime64[D]")
    today = to_local(np.array([known.issue]), known.timezone).astype("datetime64[D]")[0]
    return Scene(
        asked,
        joined(facts, ready.target.sky(asked, known.history, known.issued)),
        len(facts.names),
        past,
        np.asarray((day - today).astype(np.int64)),
        np.asarray((local - day) // HOUR, dtype=np.int64),
    )


def past_raw(ready: Ready, past: Rows, before: Table) -> Floats:
    """Answer each past row by the last fit that was made before its issue."""
    out = np.full((len(past), len(ready.target.levels)), np.nan)
    moments = [fit.moment for fit in ready.fits]
    which = np.searchsorted(np.array(moments, dtype="datetime64[s]"), past.issued_at, side="right") - 1
    for i, fit in enumerate(ready.fits):
        mine = which == i
        if mine.any():
            learned = fit.model.predict(before.names, before.values[mine])
            out[mine] = ready.target.back(learned, before.base[mine])
    return out


def patterns(scene: Scene, broken: Bools, *, nothing: bool) -> Iterator[tuple[Bools, Bools]]:
    """Give groups of hours that miss the same: of one day, and with the same features gone.

    Where a day has more than a few patterns, its damaged hours go together, without all that any of them lacks.
    """
    hurt = broken.any(axis=1) | nothing
    for day in np.unique(scene.offset):
        mine = scene.offset == day
        if (mine & ~hurt).any():
            yield mine & ~hurt, np.zeros(broken.shape[1], dtype=bool)
        rest = mine & hurt
        kinds = np.unique(broken[rest], axis=0) if rest.any() else np.empty((0, broken.shape[1]), dtype=bool)
        if len(kinds) > _PATTERNS:
            yield rest, broken[rest].any(axis=0)
            continue
        for kind in kinds:
            yield rest & (broken == kind).all(axis=1), kind


def record(scene: Scene, levels: Floats) -> tuple[Floats, Floats, float, float]:
    """Give how the days before were missed.

    Returns
    -------
    misses : (days, hours)
        In widths of their band.
    losses : (days,)
        Mean pinball of the day after each issue. [unit]
    mae, loss
        Over all of these. [unit]
    """
    hours, past = len(scene.offset), scene.past
    if not past.days:
        return np.empty((0, hours)), np.empty(0), np.nan, np.nan
    at = int(np.argmin(np.abs(levels - 0.5)))
    width = np.maximum(past.raw[:, -1] - past.raw[:, 0], 1e-9)
    miss = past.actual - past.raw[:, at]
    loss = pinball(past.actual, past.raw, levels).mean(axis=1)
    ahead = scene.past_of(scene.offset >= 1 if (scene.offset >= 1).any() else scene.offset >= 0)
    known = np.isfinite(loss) & ahead
    daily = np.where(known, loss, 0.0).reshape(past.days, hours).sum(axis=1)
    count = known.reshape(past.days, hours).sum(axis=1)
    with np.errstate(invalid="ignore"):
        losses = np.where(count > 0, daily / count, np.nan)
    scaled = np.where(width > 1e-6, miss / width, 0.0).reshape(past.days, hours)
    some = known.any()
    return (
        scaled,
        losses,
        float(np.abs(miss[known]).mean()) if some else np.nan,
        float(loss[known].mean()) if some else np.nan,
    )
