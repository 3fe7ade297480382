"""What a backtest is asked: read as it is typed, and refused where it makes no sense."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.forecast.targets import target_named
from tamna.grid.clock import parse_period, to_local
from tamna.lang import _

if TYPE_CHECKING:
    from tamna.grid import Island

LEARN_DAYS = 28
"""Fewer days than this to learn from, before the first forecast, are refused. [d]"""
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
            _("weather must be issued or roughened"),
            seen=weather,
            todo=_("Use --weather issued or --weather roughened."),
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
            _("a backtest is over whole island days"),
            seen=f"{start}..{end}",
            todo=_("Write dates: 2024-03-01."),
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
            _("models are trained every so many days, at least one"),
            seen=text,
            todo=_("Write --train-every 28d."),
        )
    return int(found[1])
