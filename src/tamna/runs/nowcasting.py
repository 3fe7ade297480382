"""The next hours from the latest readings: the day-ahead as it was issued, moved by what it is seen to miss."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError, Mistake, UsageError, gather
from tamna.forecast.backtest import Plan, backtest
from tamna.forecast.blended import blend_into, chained, picked, renamed
from tamna.forecast.decay import Decay, fit_decay, guess_decay
from tamna.forecast.jeju import island_history
from tamna.forecast.levels import NINE, between
from tamna.forecast.nowcast import (
    DAY_AHEAD,
    LOW_SUN,
    NOWCAST,
    Ahead,
    Nowcasted,
    Readings,
    clear_shape,
    nowcast_target,
)
from tamna.forecast.product import Forecast, TargetForecast
from tamna.forecast.targets import TARGETS, target_named
from tamna.forecast.titles import reading_title
from tamna.grid.clock import DAY, HOUR, Period, iso, to_local, to_utc
from tamna.grid.sun import JEJU
from tamna.lang import _
from tamna.runs.forecasting import forecast
from tamna.runs.kept_decay import keep_decay, take_decay
from tamna.runs.measuring import receipts_behind
from tamna.runs.stores import silent
from tamna.sources.table import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.forecast.nowcast import Shape
    from tamna.grid import Island
    from tamna.lang import Message
    from tamna.series import Store

    Floats = NDArray[np.float64]
    DayAhead = Callable[[Sequence[str], np.datetime64, int], Forecast]
    """Target names, issue and hours -> the forecast as it was issued."""

ISSUE_HOUR = 11
"""Local hour of the day before at which the day-ahead is issued: when the weather run comes. [h]"""
ISSUE_HOURS = 38
"""From that hour to the end of the next day, whose last may be the 25th. [h]"""
STEPS_S = (300, 900, 3600)
MOST_HOURS = 6
LEARN_DAYS = 42
READ_BACK = 10 * DAY
TARGET_OF = {"demand": ("demand",), "wind": ("wind_delivered", "wind"), "pv": ("pv_delivered", "pv")}
"""What is nowcast -> the day-ahead target that it moves, the first that there is: meters see what is delivered."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nowcast:
    """A forecast of the next steps, and the readings it stands on.

    Attributes
    ----------
    forecast
        Its stamps are the starts of steps of `step_s`.
    day_ahead
        What was said the day before, whole hours.
    readings
        By target: where the readings are from, the last one's moment and age, stamps absent in its hour, issues
        that the fading was learned from (0: a packaged guess).
    """

    forecast: Forecast
    day_ahead: Forecast
    step_s: int
    readings: Mapping[str, Mapping[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it; ``hours`` of the forecast are the starts of its steps."""
        found = self.forecast.as_dict()
        found["steps"] = found.pop("hours")
        return {**found, "step_s": self.step_s, "readings": {n: dict(r) for n, r in self.readings.items()}}

    @property
    def blended(self) -> Forecast:
        """Give the day-ahead, each whole hour that the steps cover replaced by their mean, level by level."""
        return blend_into(self.day_ahead, self.forecast, self.step_s)


def nowcast(
    store: Store,
    island: Island,
    names: Sequence[str],
    *,
    issue: np.datetime64,
    horizon_h: float = MOST_HOURS,
    step_s: int = STEPS_S[0],
    levels: Floats | None = None,
    seed: int = 0,
    shelf: Path | None = None,
    day_ahead: DayAhead | None = None,
    learn: bool = True,
    advance: Callable[[int], None] = silent,
) -> Nowcast:
    """Forecast the next steps of `names` as of a moment.

    Parameters
    ----------
    issue
        UTC; no reading and no forecast that became known later is used.
    day_ahead
        How the day-ahead is made; by default as `tamna forecast` makes it.
    learn
        Whether how misses fade is learned from the weeks before (kept on the shelf); else the packaged guess.

    Raises
    ------
    UsageError
        Another target, step or horizon than there is.
    InputError
        There is no day-ahead of a target.
    """
    _check(names, horizon_h, step_s)
    levels = NINE if levels is None else levels
    make = day_ahead or _made(store, island, seed=seed, shelf=shelf, advance=advance)
    targets = {name: next((t for t in TARGET_OF[name] if t in TARGETS), TARGET_OF[name][0]) for name in names}
    first = _ceil(issue, step_s)
    count = round(horizon_h * 3600 / step_s)
    stamps = np.asarray(first + np.arange(count) * np.timedelta64(step_s, "s"), dtype="datetime64[s]")
    whole = _whole_days(make, list(targets.values()), issue, stamps[-1], island.timezone)
    found, told = {}, {}
    for name, target in targets.items():
        source, readings = readings_of(store, island, name, issue)
        shape = _shape(island) if name == "pv" else None
        decay = (
            _learned(
                store, island, target, readings=readings, shape=shape, issue=issue, shelf=shelf, seed=seed
            )
            if learn
            else guess_decay(NINE)
        )
        said = whole.targets[target]
        ahead = Ahead(whole.stamps, NINE, between(said.quantiles, whole.levels, NINE))
        answer = nowcast_target(
            ahead, readings, decay, issued_at=issue, stamps=stamps, step_s=step_s, shape=shape
        )
        found[name] = _told(said, answer, levels)
        told[name] = _reading(source, answer, decay, island.timezone)
    notes = [*whole.notes, *_notes(told)]
    series = frozenset(f"{_prefix(island)}/{name}" for name in names)
    read = receipts_behind(store, series, Period(issue - READ_BACK, issue))
    return Nowcast(
        forecast=Forecast(
            island=whole.island,
            issued_at=issue,
            stamps=stamps,
            levels=levels,
            targets=found,
            notes=tuple(dict.fromkeys(notes)),
            receipts=tuple({r.sha256: r for r in (*whole.receipts, *read)}.values()),
            seed=seed,
            timezone=island.timezone,
        ),
        day_ahead=renamed(whole, {target: name for name, target in targets.items()}),
        step_s=step_s,
        readings=told,
    )


def _check(names: Sequence[str], horizon_h: float, step_s: int) -> None:
    wrong = [
        Mistake(
            what=_("no such nowcast target"),
            seen=name,
            todo=_("Choose from: {names}.", names=", ".join(TARGET_OF)),
        )
        for name in names
        if name not in TARGET_OF
    ]
    if step_s not in STEPS_S:
        wrong.append(
            Mistake(
                what=_("the step does not fit"), seen=f"{step_s} s", todo=_("Give --step 5min, 15min or 1h.")
            )
        )
    if not 0 < horizon_h <= MOST_HOURS:
        wrong.append(
            Mistake(
                what=_("the horizon of a nowcast does not fit"),
                seen=f"{horizon_h:g} h",
                todo=_("A nowcast reaches {n} hours; beyond, use tamna forecast.", n=MOST_HOURS),
            )
        )
    gather(wrong, UsageError)


def _made(
    store: Store, island: Island, *, seed: int, shelf: Path | None, advance: Callable[[int], None]
) -> DayAhead:
    def made(names: Sequence[str], issue: np.datetime64, hours: int) -> Forecast:
        return forecast(
            store,
            island,
            names,
            issue=issue,
            hours=hours,
            levels=NINE,
            seed=seed,
            shelf=shelf,
            advance=advance,
        )

    return made


def _whole_days(
    make: DayAhead, targets: Sequence[str], issue: np.datetime64, last: np.datetime64, timezone: str
) -> Forecast:
    """Give each island day from a few hours before the issue to the last step as it was issued the day before."""
    ends = to_local(np.array([issue - 4 * HOUR, last]), timezone).astype("datetime64[D]")
    parts = []
    for day in np.arange(ends[0], ends[1] + 1):
        wall = np.asarray(
            np.array([day]).astype("datetime64[s]") + (ISSUE_HOUR * HOUR - DAY), "datetime64[s]"
        )
        said = make(targets, to_utc(wall, timezone)[0], ISSUE_HOURS)
        mine = to_local(said.stamps, timezone).astype("datetime64[D]") == day
        parts.append(picked(said, mine))
    return chained(parts)


def readings_of(
    store: Store, island: Island, name: str, issue: np.datetime64, *, back: np.timedelta64 = READ_BACK
) -> tuple[str, Readings]:
    """Give the real-time readings whose last one known at `issue` is the latest, and where they are from.

    Where no meter shows the quantity, what the day-ahead targets learn from stands for it: ``derived``.
    """
    series = f"{_prefix(island)}/{name}"
    period = Period(issue - back, issue + HOUR)
    best: tuple[str, Readings] = ("", Readings.none())
    for info in store.list():
        if info.series != series or info.forecast or SOURCES[info.source].base not in ("real-time", "system"):
            continue
        found = Readings.of(store.read(series, period, as_of=issue, source=info.source)).known(issue)
        if len(found.at) and (not len(best[1].at) or found.at[-1] > best[1].at[-1]):
            best = (info.source, found)
    return best if len(best[1].at) else _derived(store, island, name, issue, back=back)


def _derived(
    store: Store, island: Island, name: str, issue: np.datetime64, *, back: np.timedelta64
) -> tuple[str, Readings]:
    """Give what the targets take for a reading where no meter shows it (PV out of the total of renewables)."""
    start = np.datetime64((issue - back).astype("datetime64[h]"), "s")
    history = island_history(store, Period(start, issue + HOUR), island=_prefix(island))
    track = next((history.tracks[t] for t in TARGET_OF[name] if t in history.tracks), None)
    found = Readings.none() if track is None else Readings.of_hours(track).known(issue)
    return ("derived" if len(found.at) else ""), found


def _shape(island: Island) -> Shape:
    places = [place for fleet in island.fleet("pv") for place in fleet.places]
    if not places:
        return clear_shape(*JEJU)
    return clear_shape(
        float(np.mean([float(p.lat) for p in places])), float(np.mean([float(p.lon) for p in places]))
    )


def _learned(
    store: Store,
    island: Island,
    target: str,
    *,
    readings: Readings,
    shape: Shape | None,
    issue: np.datetime64,
    shelf: Path | None,
    seed: int,
) -> Decay:
    """Learn how misses fade from the six weeks before this one's Monday, or take it from the shelf."""
    if not len(readings.at):
        return guess_decay(NINE)
    monday = to_local(np.array([issue]), island.timezone).astype("datetime64[D]")[0]
    monday -= (monday.astype(np.int64) + 3) % 7
    first = monday - LEARN_DAYS
    name = next(n for n, targets in TARGET_OF.items() if target in targets)
    began = to_utc(np.array([first]).astype("datetime64[s]"), island.timezone)[0]
    _source, past = readings_of(store, island, name, issue, back=issue - began)
    key = _key(store, target, monday, past, seed)
    kept = None if shelf is None else shelf / f"decay-{target}-{monday}-{key}.json"
    before = None if kept is None else take_decay(kept)
    if before is not None:
        return before
    plan = Plan(
        first=first, last=monday - 1, since=first - LEARN_DAYS - 400, train_every_days=LEARN_DAYS,
        warm_days=LEARN_DAYS, issue_hour=ISSUE_HOUR, timezone=island.timezone, seed=seed,
    )  # fmt: skip
    start = to_utc(np.array([plan.since - 40]).astype("datetime64[s]"), island.timezone)[0]
    stop = to_utc(np.array([monday]).astype("datetime64[s]"), island.timezone)[0]
    try:
        history = island_history(store, Period(start, stop), island=_prefix(island))
        answers = backtest(target_named(target), history, plan)
    except (InputError, KeyError):  # too little is held to look back: the guess says that it is one
        return guess_decay(NINE)
    said = Ahead(answers.rows.valid_at, NINE, between(answers.quantiles, answers.levels, NINE))
    found = Decay.from_dict(
        _fitted(said, past.known(stop), shape).as_dict()
    )  # as it is when kept, to the digit
    if kept is not None and found.rows:
        keep_decay(found, kept)
    return found


def _fitted(said: Ahead, past: Readings, shape: Shape | None) -> Decay:
    """Fit hour by hour where the meter reads; a finer one is read where it stands nearest to whole hours."""
    hours = said.stamps[0] + np.arange(len(said.stamps)) * HOUR
    grid = np.asarray(hours + past.phase, dtype="datetime64[s]")
    value = past.near(grid)
    if shape is not None:
        clear = shape(grid)
        value = np.where(clear >= LOW_SUN, value / np.maximum(clear, LOW_SUN), np.nan)
    return fit_decay(value, said.index(grid, shape), NINE)


def _key(store: Store, target: str, monday: np.datetime64, past: Readings, seed: int) -> str:
    """Fingerprint what the fading was learned from: another file, another reading, another answer."""
    parts = [target, str(monday), str(seed), *sorted(r.sha256 for r in store.receipts())]
    body = "\n".join(parts).encode() + past.value.tobytes()
    return hashlib.sha256(body).hexdigest()[:16]


def _told(said: TargetForecast, answer: Nowcasted, levels: Floats) -> TargetForecast:
    models = set(answer.model)
    return TargetForecast(
        unit=said.unit,
        quantiles=between(answer.quantiles, NINE, levels),
        model=NOWCAST if NOWCAST in models else DAY_AHEAD,
        fallback_reason=next((r for r in answer.reason if r is not None), None),
        hour_model=answer.model,
        hour_reason=answer.reason,
        estimated=said.estimated,
        fit=said.fit,
        drift=said.drift,
    )


def _reading(source: str, answer: Nowcasted, decay: Decay, timezone: str) -> dict[str, Any]:
    return {
        "source": source or None,
        "last_at": None if answer.last_at is None else iso(answer.last_at, timezone),
        "age_min": None if answer.age_s is None else round(answer.age_s / 60, 1),
        "absent_in_last_hour": answer.absent,
        "fading_learned_from": decay.rows,
    }


def _notes(told: Mapping[str, Mapping[str, Any]]) -> list[Message]:
    notes = []
    for name, reading in told.items():
        if reading["last_at"] is not None:
            notes.append(
                _(
                    "{target}: the last reading is of {stamp}, {minutes} minutes old",
                    target=reading_title(name), stamp=reading["last_at"], minutes=f"{reading['age_min']:g}",
                )
            )  # fmt: skip
        if reading["absent_in_last_hour"]:
            notes.append(
                _(
                    "{target}: {n} stamps of the last hour are missing, and not filled",
                    target=reading_title(name), n=reading["absent_in_last_hour"],
                )
            )  # fmt: skip
        if not reading["fading_learned_from"]:
            notes.append(
                _(
                    "{target}: how misses fade is a packaged guess: too few past issues",
                    target=reading_title(name),
                )
            )
    return notes


def _prefix(island: Island) -> str:
    found = "" if island.demand is None else island.demand.series.rpartition("/")[0]
    return found or island.name


def _ceil(moment: np.datetime64, step_s: int) -> np.datetime64:
    seconds = int(moment.astype("datetime64[s]").astype(np.int64))
    return np.datetime64(-(-seconds // step_s) * step_s, "s")
