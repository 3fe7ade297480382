"""A target made ready to answer: fits at fixed moments, so that the same issue always meets the same models.

Fits stand on a grid of days (every 28th), whatever was asked before: the forecast of an issue rests on the last
grid moment before it, and the fits before that one answer the days by which its bands are calibrated. None saw a
value that was known later than its own moment. What the shelf holds of the same inputs is taken from there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError, StoreError
from tamna.forecast.backtest import day_ahead_rows, fit_on_known
from tamna.forecast.shelf import keep, known_of, stands, take
from tamna.forecast.titles import title
from tamna.forecast.weather import WeatherError, fit_error
from tamna.grid.clock import DAY, HOUR, KOREA, iso, to_local, to_utc
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tamna.forecast.blend import BlendModel
    from tamna.forecast.history import History, Track
    from tamna.forecast.target import Target
    from tamna.forecast.weather import IssuedWeather
    from tamna.lang import Message

LEAD_IN = 15
"""Days of history before the first that is learned: lags need them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """When fits are made.

    Attributes
    ----------
    issue_hour
        Local hour at which the rows learned from were issued.
    every_days
        Days between fits.
    fits
        How many: the last answers, those before calibrate it.
    """

    issue_hour: int = 11
    every_days: int = 28
    fits: int = 3
    timezone: str = KOREA
    seed: int = 0

    def moments(self, issue: np.datetime64) -> tuple[np.datetime64, ...]:
        """Give the moments of the fits that an issue rests on, the oldest first.

        Examples
        --------
        >>> issue = np.datetime64("2024-08-30T02:00:00", "s")
        >>> [str(m)[:13] for m in Habit().moments(issue)]
        ['2024-07-04T02', '2024-08-01T02', '2024-08-29T02']
        """
        day = to_local(np.array([issue]), self.timezone).astype("datetime64[D]")[0]
        last = day - int(day.astype(np.int64)) % self.every_days
        days = last - self.every_days * np.arange(self.fits)[::-1]
        walls = days.astype("datetime64[s]") + self.issue_hour * HOUR
        return tuple(to_utc(walls, self.timezone))


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A model, the moment it knows of, the weather error it was taught with, and what its manifest says."""

    moment: np.datetime64
    model: BlendModel
    error: WeatherError
    about: dict[str, Any]
    kept: bool


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A target with its fits, the oldest first; empty where there was too little to learn from."""

    target: Target
    habit: Habit
    fits: tuple[Fitted, ...]
    notes: tuple[Message, ...] = ()

    @property
    def current(self) -> Fitted | None:
        """The fit that answers."""
        return self.fits[-1] if self.fits else None


def learned_since(target: Target, history: History) -> np.datetime64:
    """Give the island day to learn from: the first with the target and most observed weather, and a lead-in."""
    seen = [_first(track) for name, track in history.tracks.items() if name.startswith("observed/")]
    begin = _first(history.tracks[target.track])
    if seen:
        begin = max(begin, sorted(seen)[len(seen) // 2])
    day: np.datetime64 = (begin + LEAD_IN * DAY).astype("datetime64[D]")
    return day


def make_ready(
    target: Target,
    history: History,
    issue: np.datetime64,
    habit: Habit,
    issued: IssuedWeather,
    *,
    shelf: Path | None = None,
    receipts: Sequence[Mapping[str, str]] = (),
    advance: Callable[[int], None] = lambda _n: None,
) -> Ready:
    """Take the fits that an issue rests on from the shelf, or make and keep them.

    Parameters
    ----------
    shelf
        The folder of kept models; None keeps none. A model that is damaged or rests on other inputs is fitted
        again, and a note says so.
    receipts
        Of the files behind the history, for the manifest of what is kept.
    """
    fits: list[Fitted] = []
    notes: list[Message] = []
    for moment in habit.moments(issue):
        place = None if shelf is None else shelf / folder_name(target, habit, moment)
        about = _about(target, history, moment, habit)
        found = None if place is None else _from_shelf(history, about, place, notes)
        try:
            if found is None:
                found = fit_at(target, history, moment, habit, issued)
                found.about["receipts"] = [dict(r) for r in receipts]
                _keep(found, place, notes)
            fits.append(found)
        except InputError as error:
            notes.append(
                _(
                    "{target}: no fit as of {moment}: {why}",
                    target=title(target.name),
                    moment=iso(moment, habit.timezone),
                    why=error.mistakes[0].what,
                )
            )
        advance(1)
    return Ready(target, habit, tuple(fits), tuple(notes))


class _Read(dict[str, Any]):
    """A mapping that writes down which of its names were asked for."""

    def __init__(self, held: Mapping[str, Any], names: set[str]) -> None:
        super().__init__(held)
        self.names = names

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Give what is held under a name, and write the name down."""
        self.names.add(name)
        return super().get(name, default)


def _about(target: Target, history: History, moment: np.datetime64, habit: Habit) -> dict[str, Any]:
    """Say what makes a fit this fit and no other."""
    return {
        "target": target.name,
        "unit": target.unit,
        "moment": iso(moment),
        "issue_hour": habit.issue_hour,
        "seed": habit.seed,
        "recipe": recipe(target),
        "learned_since": str(learned_since(target, history)),
    }


def fit_at(
    target: Target, history: History, moment: np.datetime64, habit: Habit, issued: IssuedWeather
) -> Fitted:
    """Fit a target on what was known at `moment`, as the backtest does.

    Raises
    ------
    InputError
        Too few hours were known.
    """
    since = learned_since(target, history)
    last = to_local(np.array([moment]), habit.timezone).astype("datetime64[D]")[0]
    if since >= last:
        raise InputError(_("too few hours to learn from"), seen=0)
    rows = day_ahead_rows(since, last, habit.issue_hour, habit.timezone)
    rows = rows.pick(rows.issued_at < moment)
    seen: set[str] = {target.track}
    whole, history = (
        history,
        replace(history, tracks=_Read(history.tracks, seen), runs=_Read(history.runs, seen)),
    )
    error = fit_error(history, issued, moment)
    facts = target.facts(rows, history)
    learned = fit_on_known(target, history, rows, facts, error, moment=moment, seed=habit.seed, issued=issued)
    about = _about(target, history, moment, habit) | {
        "known": known_of(whole, moment, seen),
        "hours": learned.hours,
        "scores": learned.scores,
        "weather_error": error.as_dict(),
        "weather_error_assumed": list(error.assumed),
    }
    return Fitted(moment, learned.model, error, about, kept=False)


def recipe(target: Target) -> str:
    """Name how a target is learned, short: another recipe is another model."""
    learned = (target.relative, target.share, target.added, target.half_life_days, target.copies)
    text = repr((target.name, target.track, target.members, learned, target.levels.tolist(), target.bounds))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def folder_name(target: Target, habit: Habit, moment: np.datetime64) -> str:
    """Say where on the shelf a fit lies."""
    return f"{target.name}/{habit.issue_hour:02d}h-seed{habit.seed}/{str(moment)[:10]}"


def _from_shelf(
    history: History, mine: Mapping[str, Any], place: Path, notes: list[Message]
) -> Fitted | None:
    """Take up a fit if it is sound and rests on the same inputs."""
    if not stands(place):
        return None
    try:
        found = take(place)
        about = dict(found.about)
        error, _known = WeatherError.from_dict(about["weather_error"]), dict(about["known"])
    except (InputError, KeyError, TypeError, ValueError) as fault:
        why = fault.mistakes[0].what if isinstance(fault, InputError) else _("not a kept forecast model")
        notes.append(
            _("{target}: a kept model was fitted again: {why}", target=title(mine["target"]), why=why)
        )
        return None
    moment = np.datetime64(mine["moment"].removesuffix("Z"), "s")
    same = all(about.get(key) == value for key, value in mine.items())
    if not same or known_of(history, moment, about["known"]) != about["known"]:
        notes.append(
            _(
                "{target}: a kept model rests on other inputs and was fitted again",
                target=title(mine["target"]),
            )
        )
        return None
    return Fitted(moment, found.model, error, about, kept=True)


def _keep(found: Fitted, place: Path | None, notes: list[Message]) -> None:
    if place is None:
        return
    try:
        keep(found.model, place, about=found.about)
    except StoreError as error:
        notes.append(_("a model could not be kept: {reason}", reason=error.mistakes[0].what))
    except OSError as error:
        notes.append(_("a model could not be kept: {reason}", reason=error.strerror or type(error).__name__))


def _first(track: Track) -> np.datetime64:
    there = np.flatnonzero(np.isfinite(track.value))
    hours = int(there[0]) if len(there) else len(track.value)
    first: np.datetime64 = track.start + hours * HOUR
    return first
