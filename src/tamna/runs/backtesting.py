"""The honest test of forecasts: every day of a period as it would have been issued, beside what came and who competed."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError, Mistake, gather
from tamna.forecast.backtest import Plan, backtest
from tamna.forecast.contest import Contest, contest
from tamna.forecast.jeju import island_history
from tamna.forecast.money import money_of
from tamna.forecast.targets import target_named
from tamna.forecast.verdict import verdict
from tamna.grid.clock import DAY, HOUR, Period, to_local, to_utc
from tamna.lang import _
from tamna.runs.backtest_question import LEARN_DAYS, Question
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
WARM_DAYS = 56
"""Days forecast before the period to calibrate by, where there is room for them. [d]"""
AT_ONCE = 2
"""Targets that are worked on at the same time; each answers the same alone."""


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
    history = island_history(store, period, island=island.name, as_of=_first_issue(question, island.timezone))

    plans = _plans(history, island, question)

    def one(name: str) -> _Tried:
        target, plan = target_named(name), plans[name]
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


def _plans(history: History, island: Island, question: Question) -> dict[str, Plan]:
    """Plan every target before any is worked on; what speaks against some of them comes together."""
    plans: dict[str, Plan] = {}
    wrong: list[Mistake] = []
    for name in question.targets:
        try:
            plans[name] = _plan(target_named(name), history, island, question)
        except InputError as error:
            wrong += error.mistakes
    gather(wrong)
    return plans


def _read(store: Store, island: Island, question: Question) -> Period:
    """Say what to read: from before the weather begins (or three years) to the end.

    Where no run tells how rough observations must be made, later runs are read too: they teach that, and the
    answer says so.
    """
    zone, held = island.timezone, store.list()
    starts = [i.start for i in held if i.series.startswith("asos/") and i.series.endswith("/temperature")]
    weather = _day(min(starts), zone) if starts else question.first - 1096
    learn = question.first - LEARN_DAYS if question.since is None else question.since
    days = np.array([min(weather, learn) - LEAD_IN_DAYS, question.last + 1]).astype("datetime64[s]")
    start, end = to_utc(days, zone)
    runs = [i for i in held if i.forecast and i.series.startswith("forecast/")]
    if question.weather == "roughened" and runs and min(i.start for i in runs) >= _begins(question, zone):
        end = max(end, *(i.end for i in runs))
    return Period(start, end)


def _day(moment: np.datetime64, zone: str) -> np.datetime64:
    return np.datetime64(to_local(np.array([moment], dtype="datetime64[s]"), zone)[0], "D")


def _begins(question: Question, zone: str) -> np.datetime64:
    return np.datetime64(to_utc(np.array([question.first]).astype("datetime64[s]"), zone)[0], "s")


def _first_issue(question: Question, zone: str) -> np.datetime64:
    """Give the first moment that is answered for."""
    return _begins(question, zone) - DAY + question.issue_hour * HOUR


def _ends(question: Question, zone: str) -> np.datetime64:
    return np.datetime64(to_utc(np.array([question.last + 1]).astype("datetime64[s]"), zone)[0], "s")


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
    begins, ends = _begins(question, zone), _ends(question, zone)
    if not ((known >= begins) & (known < ends)).any():
        raise InputError(
            _("nothing of target {name} is known in the period", name=target.name),
            seen=f"{question.first}..{question.last}",
            todo=_("The last day held is {day}: ask for a period before it.", day=str(_day(known[-1], zone))),
        )
    if question.weather == "issued":
        _refuse_without_runs(history, question, begins, ends)
    since = question.since
    if since is None:
        seen = history.tracks.get("observed/temperature")
        first = known[0]
        if seen is not None and np.isfinite(seen.value).any():
            first = max(first, seen.start + int(np.flatnonzero(np.isfinite(seen.value))[0]) * HOUR)
        since = _day(first, zone) + SETTLE_DAYS
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
        error_before=_taught_later(history, begins) if question.weather == "roughened" else None,
        timezone=zone,
    )


def _taught_later(history: History, begins: np.datetime64) -> np.datetime64 | None:
    """Give the moment by which every held run was issued, where none was before the first day; else None."""
    issued = [run.rows()[1] for name, run in history.runs.items() if name.startswith("forecast/")]
    stamps = np.concatenate(issued) if issued else np.empty(0, dtype="datetime64[s]")
    if not len(stamps) or stamps.min() < begins:
        return None
    return np.datetime64(stamps.max() + 2 * DAY, "s")


def _refuse_without_runs(
    history: History, question: Question, begins: np.datetime64, ends: np.datetime64
) -> None:
    valid = [run.rows()[0] for name, run in history.runs.items() if name.startswith("forecast/")]
    if not any(((hours >= begins) & (hours < ends)).any() for hours in valid):
        raise InputError(
            _("no weather run is held for the period"),
            seen=f"{question.first}..{question.last}",
            todo=_(
                "Ingest runs, or ask with --weather roughened: observations made as rough as forecasts are."
            ),
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
