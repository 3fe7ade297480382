"""The honest test of forecasts: every day of a period as it would have been issued, beside what came and who competed."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError, UsageError
from tamna.forecast.backtest import Plan, backtest
from tamna.forecast.contest import Contest, contest
from tamna.forecast.jeju import island_history
from tamna.forecast.money import money_of
from tamna.forecast.targets import target_named
from tamna.forecast.verdict import verdict
from tamna.grid.clock import HOUR, Period, parse_period, to_local, to_utc
from tamna.lang import _
from tamna.runs.backtest_worth import fleet_capacity, mock, ramps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tamna.forecast.history import History
    from tamna.forecast.target import Target
    from tamna.grid import Island
    from tamna.series import Store

LEAD_IN_DAYS = 61
"""Days read before the weather begins: features look that far back. [d]"""
SETTLE_DAYS = 14
"""Days after the first known hour before anything is learned: the first features need them. [d]"""
LEARN_DAYS = 28
"""Fewer days than this to learn from, before the first forecast, are refused. [d]"""
WARM_DAYS = 56
"""Days forecast before the period to calibrate by, where there is room for them. [d]"""
AT_ONCE = 2
"""Targets that are worked on at the same time; each answers the same alone."""
WEATHERS = ("issued", "roughened")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a backtest is asked, checked: island days `first` to `last`, both inclusive.

    Attributes
    ----------
    issue_hour
        Local hour of the day before. [h]
    since
        First island day to learn from; None is the first that the store can serve.
    """

    targets: tuple[str, ...]
    first: np.datetime64
    last: np.datetime64
    issue_hour: int = 11
    train_every_days: int = 28
    weather: str = "issued"
    since: np.datetime64 | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backtested:
    """What was asked, every target's contest, and the verdict as JSON carries it."""

    island: Island
    question: Question
    plans: Mapping[str, Plan]
    contests: tuple[Contest, ...]
    result: Mapping[str, Any]

    @property
    def period(self) -> Period:
        """The island days asked."""
        zone = self.island.timezone
        days = np.array([self.question.first, self.question.last + 1]).astype("datetime64[s]")
        start, end = to_utc(days, zone)
        return Period(start, end)


def asked(
    island: Island,
    targets: str,
    start: str,
    end: str,
    *,
    issue_at: str = "11:00",
    train_every: str = "28d",
    weather: str = "issued",
    since: str = "",
) -> Question:
    """Read a question as it is typed.

    Raises
    ------
    UsageError
        An unknown target or weather, a period that ends before it starts, an issue time that is no whole hour,
        training every zero days, or learning that begins when the period does.
    """
    names = tuple(dict.fromkeys(n.strip() for n in targets.split(",") if n.strip()))
    if not names:
        raise UsageError(_("no target named"), todo=_("Name at least one, such as --target demand."))
    for name in names:
        target_named(name)
    if weather not in WEATHERS:
        raise UsageError(
            _("weather must be issued or roughened"), seen=weather, todo=_("Use --weather issued or --weather roughened.")
        )
    first, last = _days(start, end, island.timezone)
    begin = _days(since, since, island.timezone)[0] if since else None
    if begin is not None and begin > first - LEARN_DAYS:
        raise UsageError(
            _("there must be something to learn from before the first forecast"),
            seen=f"--since {since}",
            todo=_("Begin at least {n} days before --from.", n=LEARN_DAYS),
        )
    return Question(
        targets=names,
        first=first,
        last=last,
        issue_hour=_issue_hour(issue_at),
        train_every_days=_every(train_every),
        weather=weather,
        since=begin,
    )


def _days(start: str, end: str, timezone: str) -> tuple[np.datetime64, np.datetime64]:
    period = parse_period(start, end, timezone)
    local = to_local(np.array([period.start, period.end], dtype="datetime64[s]"), timezone)
    days = local.astype("datetime64[D]")
    if (local != days.astype("datetime64[s]")).any():
        raise UsageError(
            _("a backtest is over whole island days"), seen=f"{start}..{end}", todo=_("Write dates: 2024-03-01.")
        )
    return days[0], days[1] - 1


def _issue_hour(text: str) -> int:
    found = re.fullmatch(r"(\d{1,2}):00", text)
    if found is None or int(found[1]) > 23:
        raise UsageError(
            _("an issue time is a whole hour of the day before"), seen=text, todo=_("Write --issue-at 11:00.")
        )
    return int(found[1])


def _every(text: str) -> int:
    found = re.fullmatch(r"(\d+)d?", text)
    if found is None or not 1 <= int(found[1]) <= 3660:
        raise UsageError(
            _("models are trained every so many days, at least one"), seen=text, todo=_("Write --train-every 28d.")
        )
    return int(found[1])


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """One target, forecast and held against what came."""

    plan: Plan
    ring: Contest
    ramps: dict[str, Any]
    money: dict[str, Any]
    mock_hours: int


def fits_of(question: Question) -> int:
    """Count the fits of one target."""
    span = int((question.last - question.first).astype(np.int64)) + 1 + WARM_DAYS
    return -(-span // question.train_every_days)


def backtested(
    store: Store, island: Island, question: Question, *, advance: Callable[[int], None] = lambda _n: None
) -> Backtested:
    """Forecast every day of the question as it would have been, and judge it.

    Raises
    ------
    InputError
        The store lacks the target, its actuals in the period, weather runs where they are wanted, or a past to
        learn from; or a feature looked ahead.
    """
    period = _read(store, island, question)
    history = island_history(store, period, island=island.name)

    def one(name: str) -> _Tried:
        target = target_named(name)
        plan = _plan(target, history, island, question)
        answers = backtest(target, history, plan, advance=lambda _text: advance(1))
        capacity = fleet_capacity(island, name, question.last)
        ring = contest(answers, target, history, weather=question.weather, capacity=capacity)
        return _Tried(plan, ring, ramps(ring), money_of(answers, history, island), mock(answers, island))

    with ThreadPoolExecutor(max_workers=min(AT_ONCE, os.cpu_count() or 1)) as pool:
        done = list(pool.map(one, question.targets))
    return Backtested(
        island=island,
        question=question,
        plans={tried.ring.name: tried.plan for tried in done},
        contests=tuple(tried.ring for tried in done),
        result=_result(island, question, done),
    )


def _read(store: Store, island: Island, question: Question) -> Period:
    """Say what to read: from before the weather begins (or three years) to the end."""
    zone = island.timezone
    starts = [i.start for i in store.list() if i.series.startswith("asos/") and i.series.endswith("/temperature")]
    weather = to_local(np.array([min(starts)]), zone)[0].astype("datetime64[D]") if starts else question.first - 1096
    begin = min(weather, question.first - LEARN_DAYS if question.since is None else question.since) - LEAD_IN_DAYS
    ends = np.array([begin, question.last + 1]).astype("datetime64[s]")
    start, end = to_utc(ends, zone)
    return Period(start, end)


def _plan(target: Target, history: History, island: Island, question: Question) -> Plan:
    """Make the plan of one target, or refuse: nothing to learn from, nothing to score, no weather runs."""
    zone = island.timezone
    track = history.tracks.get(target.track)
    if track is None or not np.isfinite(track.value).any():
        raise InputError(
            _("the store holds nothing of target {name}", name=target.name),
            seen=f"{island.name}/{target.track}",
            todo=_("Ingest its files first: tamna ingest PATH."),
        )
    known = track.start + np.flatnonzero(np.isfinite(track.value)) * HOUR
    asked_from = to_utc(np.array([question.first]).astype("datetime64[s]"), zone)[0]
    if not (known >= asked_from).any():
        last = to_local(known[-1:], zone)[0].astype("datetime64[D]")
        raise InputError(
            _("nothing of target {name} is known in the period", name=target.name),
            seen=f"{question.first}..{question.last}",
            todo=_("The last day held is {day}: ask for a period before it.", day=str(last)),
        )
    _refuse_without_runs(history, question, asked_from)
    since = question.since
    if since is None:
        seen = history.tracks.get("observed/temperature")
        first = known[0]
        if seen is not None and np.isfinite(seen.value).any():
            first = max(first, seen.start + int(np.flatnonzero(np.isfinite(seen.value))[0]) * HOUR)
        since = to_local(np.array([first]), zone)[0].astype("datetime64[D]") + SETTLE_DAYS
    room = int((question.first - since).astype(np.int64))
    if room < LEARN_DAYS:
        raise InputError(
            _("too little to learn from before the first forecast of {name}", name=target.name),
            seen=str(_("{n} days", n=max(room, 0))),
            todo=_("Begin --from at {day} or later, or ingest earlier data.", day=str(since + LEARN_DAYS)),
        )
    return Plan(
        first=question.first,
        last=question.last,
        since=since,
        issue_hour=question.issue_hour,
        train_every_days=question.train_every_days,
        warm_days=min(WARM_DAYS, room // 3),
        weather=question.weather,
        timezone=zone,
    )


def _refuse_without_runs(history: History, question: Question, start: np.datetime64) -> None:
    if question.weather != "issued":
        return
    valid = [run.rows()[0] for name, run in history.runs.items() if name.startswith("forecast/")]
    if not any((hours >= start).any() for hours in valid if len(hours)):
        raise InputError(
            _("no weather run is held for the period"),
            seen=f"{question.first}..{question.last}",
            todo=_("Ingest runs, or ask with --weather roughened: observations made as rough as forecasts are."),
        )


def _result(island: Island, question: Question, done: Sequence[_Tried]) -> dict[str, Any]:
    """Put the targets' verdicts together, as JSON carries them."""
    found = [verdict(tried.ring, island.timezone) for tried in done]
    parts = ("scores", "skill", "reliability", "pit", "sharpness", "about")
    body = {part: {k: v for one in found for k, v in one[part].items()} for part in parts}
    for tried in done:
        body["about"][tried.ring.name]["counterfactual_hours"] = tried.mock_hours
    return {
        "island": island.name,
        "from": str(question.first),
        "to": str(question.last),
        "issue_at": f"{question.issue_hour:02d}:00",
        "train_every_days": question.train_every_days,
        "weather": question.weather,
        "since": {tried.ring.name: str(tried.plan.since) for tried in done},
        "seed": done[0].plan.seed,
        **body,
        "ramps": {tried.ring.name: tried.ramps for tried in done},
        "money": {tried.ring.name: tried.money for tried in done},
    }
