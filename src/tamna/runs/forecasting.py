"""What may come: a store, an island and a moment become bands, paths and reasons; a folder keeps them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.answer import answer
from tamna.forecast.doubts import trusted_runs
from tamna.forecast.drift import watch
from tamna.forecast.fallback import last_known
from tamna.forecast.jeju import island_history
from tamna.forecast.levels import NINE, between
from tamna.forecast.paths import draw_paths
from tamna.forecast.product import Forecast, TargetForecast
from tamna.forecast.ready import Habit, make_ready
from tamna.forecast.scene import WARM_DAYS, Known, all_late, make_past
from tamna.forecast.titles import title
from tamna.forecast.weather import IssuedWeather, WeatherError, guess_error, roughened
from tamna.grid.clock import DAY, HOUR, KOREA, Period, to_local, to_utc
from tamna.lang import _
from tamna.runs.forecast_asking import (
    BEYOND_DAYS,
    MOST_HOURS,
    check_asked,
    refuse_unknown,
    targets_named,
)
from tamna.runs.forecast_notes import notes_of
from tamna.runs.measuring import receipts_behind
from tamna.runs.stores import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.forecast.answer import Answer
    from tamna.forecast.history import History
    from tamna.forecast.ready import Ready
    from tamna.forecast.scene import Past
    from tamna.forecast.target import Target
    from tamna.grid import Island
    from tamna.grid.clock import Stamps
    from tamna.lang import Message
    from tamna.series import Store
    from tamna.sources import Receipt

    Floats = NDArray[np.float64]

YEARS = 3
"""Calendar years before the issue's that are read."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Data, models and the days before, loaded for the hours `stamps` of one issue: all that `answered` needs."""

    island: str
    known: Known
    stamps: Stamps
    ready: Mapping[str, Ready]
    past: Mapping[str, Past]
    seed: int = 0
    notes: tuple[Message, ...] = ()
    receipts: tuple[Receipt, ...] = ()


def forecast(
    store: Store,
    island: Island,
    names: Sequence[str],
    *,
    issue: np.datetime64,
    hours: int,
    levels: Floats | None = None,
    paths: int = 0,
    seed: int = 0,
    shelf: Path | None = None,
    advance: Callable[[int], None] = silent,
) -> Forecast:
    """Forecast targets of an island as of a moment.

    Parameters
    ----------
    issue
        UTC; nothing that became known later is used.
    hours
        How far ahead, from the first whole hour at or after the issue.
    levels : (levels,)
        Quantiles to give; the nine by default.
    paths
        How many scenario paths; 0 draws none.
    shelf
        Where models are kept; None keeps none.

    Raises
    ------
    UsageError
        An unknown target, level, horizon, or an issue far beyond the data.
    InputError
        Nothing was known of a target.
    """
    check_asked(hours=hours, paths=paths, levels=levels)
    prepared = prepare(
        store, island, names, issue=issue, hours=hours, seed=seed, shelf=shelf, advance=advance
    )
    return answered(prepared, levels=levels, paths=paths)


def prepare(
    store: Store,
    island: Island,
    names: Sequence[str],
    *,
    issue: np.datetime64,
    hours: int,
    seed: int = 0,
    shelf: Path | None = None,
    lenient: bool = False,
    advance: Callable[[int], None] = silent,
) -> Prepared:
    """Read what was known and make every target ready, from the shelf where it holds the same fits.

    Parameters
    ----------
    lenient
        Whether targets that the store holds nothing recent of are left out, with a note, and not refused.
    """
    targets = targets_named(names)
    prefix = "" if island.demand is None else island.demand.series.rpartition("/")[0]
    prefix = prefix or island.name
    period = _reach(issue, island.timezone)
    trusted = trusted_runs(island_history(store, period, island=prefix, as_of=issue), issue)
    history = trusted.history
    here = [t for t in targets if not lenient or _lately(t, history, issue)]
    read = frozenset(info.series for info in store.list() if _is_read(info.series, history, prefix))
    receipts = receipts_behind(store, read, Period(period.start, issue))
    loaded = load(
        history,
        here or targets,
        issue=issue,
        hours=hours,
        island=prefix,
        timezone=island.timezone,
        seed=seed,
        shelf=shelf,
        receipts=receipts,
        advance=advance,
    )
    left = [
        _("{target}: left out, nothing recent is known of it", target=title(t.name))
        for t in targets
        if t not in here
    ]
    return replace(
        loaded,
        notes=(*trusted.notes, *left),
        receipts=receipts,
    )


def _lately(target: Target, history: History, issue: np.datetime64) -> bool:
    """Whether something of the last days is known of a target."""
    track = history.tracks.get(target.track)
    return track is not None and bool(issue - last_known(track, issue) <= BEYOND_DAYS * DAY)


def load(
    history: History,
    targets: Sequence[Target],
    *,
    issue: np.datetime64,
    hours: int,
    island: str,
    timezone: str = KOREA,
    seed: int = 0,
    shelf: Path | None = None,
    receipts: Sequence[Receipt] = (),
    advance: Callable[[int], None] = silent,
) -> Prepared:
    """Make every target ready on a history that has been read."""
    refuse_unknown(targets, history, issue, timezone)
    local = to_local(np.array([issue]), timezone)[0]
    hour = int((local - local.astype("datetime64[D]")) / HOUR)
    habit = Habit(issue_hour=hour, timezone=timezone, seed=seed)
    issued = IssuedWeather(history)
    files = [{"name": r.name, "source": r.source, "sha256": r.sha256} for r in receipts]
    ready = {
        t.name: make_ready(t, history, issue, habit, issued, shelf=shelf, receipts=files, advance=advance)
        for t in targets
    }
    known = _known(history, issue, timezone, ready.values(), seed=seed)
    first = -((-issue.astype("datetime64[s]").astype(np.int64)) // 3600)
    stamps = ((first + np.arange(hours)) * 3600).astype("datetime64[s]")
    past = {name: make_past(one, known, stamps) for name, one in ready.items()}
    return Prepared(island, known, stamps, ready, past, seed)


def _known(
    history: History, issue: np.datetime64, timezone: str, ready: Iterable[Ready], *, seed: int
) -> Known:
    issued = IssuedWeather(history)
    issues = np.asarray(issue - np.arange(WARM_DAYS, -1, -1) * DAY, dtype="datetime64[s]")
    for name in history.runs:  # the runs' recent bias is looked up once for all targets
        issued.at(name.partition("/")[2], issues, issues)
    fits = [r.current for r in ready if r.current is not None]
    error = _of_runs(fits[0].error if fits else guess_error(), history)
    return Known(
        history=history,
        issue=issue,
        issued=issued,
        warm=roughened(history.known_by(issue), error, seed=seed, issued=issued),
        timezone=timezone,
        late=all_late(history, issue),
    )


def _of_runs(error: WeatherError, history: History) -> WeatherError:
    """Leave out quantities that no run ever gives while runs give others: past days had none of them either."""
    given = {n: e for n, e in error.quantities.items() if f"forecast/{n}" in history.runs}
    return WeatherError(given) if given else error


def answered(prepared: Prepared, *, levels: Floats | None = None, paths: int = 0) -> Forecast:
    """Answer with what is loaded."""
    levels = NINE if levels is None else levels
    known, stamps = prepared.known, prepared.stamps
    found = {
        name: answer(ready, known, stamps, prepared.past[name]) for name, ready in prepared.ready.items()
    }
    drawn = None
    if paths:
        drawn = draw_paths(
            {n: _last_days(a.misses, found) for n, a in found.items()},
            {n: between(a.quantiles, prepared.ready[n].target.levels, NINE) for n, a in found.items()},
            NINE,
            count=paths,
            seed=prepared.seed,
        )
    return Forecast(
        island=prepared.island,
        issued_at=known.issue,
        stamps=stamps,
        levels=levels,
        targets={name: _told(prepared.ready[name], a, levels) for name, a in found.items()},
        paths=drawn,
        notes=notes_of(prepared),
        receipts=prepared.receipts,
        seed=prepared.seed,
        timezone=known.timezone,
    )


def _last_days(misses: Floats, found: Mapping[str, Answer]) -> Floats:
    """Give the last days that every target has."""
    days = min(len(a.misses) for a in found.values())
    return misses[len(misses) - days :]


def _told(ready: Ready, a: Answer, levels: Floats) -> TargetForecast:
    target, current = ready.target, ready.current
    names, counts = np.unique(np.array(a.hour_model), return_counts=True)
    seen = watch(a.losses)
    fit = {} if current is None else {k: current.about[k] for k in _TOLD}
    fit |= {
        "past_days": len(a.losses),
        "past_mae": _number(a.mae),
        "past_pinball": _number(a.pinball),
        "drift": None if seen is None else seen.as_dict(),
    }
    return TargetForecast(
        unit=target.unit,
        quantiles=between(a.quantiles, target.levels, levels),
        model=str(names[np.argmax(counts)]),
        fallback_reason=next((r for r in a.hour_reason if r is not None), None),
        hour_model=a.hour_model,
        hour_reason=a.hour_reason,
        estimated=target.estimated,
        why=a.why,
        fit=fit,
        drift=None if seen is None else seen.told(target.unit),
    )


_TOLD = ("moment", "learned_since", "hours", "issue_hour", "seed", "recipe", "weather_error_assumed")


def _number(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None


def _reach(issue: np.datetime64, timezone: str) -> Period:
    year = to_local(np.array([issue]), timezone).astype("datetime64[Y]") - YEARS
    start = to_utc(year.astype("datetime64[s]"), timezone)[0]
    end = (issue + (MOST_HOURS + 24) * HOUR).astype("datetime64[h]").astype("datetime64[s]")
    return Period(start, end)


def _is_read(series: str, history: History, prefix: str) -> bool:
    """Whether a series of the store stands behind one of the history's tracks or runs."""
    own = {"operator": "demand_forecast"}
    for name in (*history.tracks, *history.runs):
        kind, _slash, quantity = name.partition("/")
        if kind == "observed" and fnmatchcase(series, f"asos/*/{quantity}"):
            return True
        if kind == "forecast" and fnmatchcase(series, f"forecast/*/{quantity}"):
            return True
        if series == f"{prefix}/{own.get(name, name)}":
            return True
    return False
