"""What each forecaster said of every hour the day before: the backtest's answers, kept beside the store.

Issued at 11:00 of the day before, each from what was known then (`tamna.forecast.backtest`): the middle of tamna's
band, and the rivals of the same issue. Working them out takes a minute or two for half a year; they are kept under a
name that hashes the store's content, the island, the code and the question, and taken up again while all of it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError
from tamna.grid.clock import DAY, HOUR, to_local, to_utc
from tamna.lang import _
from tamna.runs.backtest_question import Question
from tamna.series.kept import kept, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.forecast.contest import Contest
    from tamna.forecast.trail import Trail
    from tamna.grid import Island
    from tamna.grid.clock import Period
    from tamna.lang import Message
    from tamna.series import Store

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TARGETS = ("demand", "wind", "pv")
ISSUE_HOUR = 11
_ROOMS = ("forecast", "physics", "series", "grid", "runs/backtesting.py", "runs/foreseeing.py")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Band:
    """What tamna said of the hours of a period, whole.

    Attributes
    ----------
    quantiles : (hours, levels)
        Calibrated. [MW]
    levels : (levels,)
        [-]
    trail
        How the issues of the period, and of some weeks before it, missed.
    """

    quantiles: Floats
    levels: Floats
    trail: Trail


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Said:
    """What was said of the hours of a period.

    Attributes
    ----------
    of
        Target -> who -> (hours,). [MW]
    weather
        ``issued``: weather runs of the time; ``roughened``: observations made as rough as forecasts are.
    bands
        Target -> tamna's whole band, and how it missed before.
    """

    of: Mapping[str, Mapping[str, Floats]]
    weather: str
    bands: Mapping[str, Band] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What must be known before using them."""
        issued = _(
            "forecasts were issued at 11:00 of the day before, from what was known then; the middle of the band counts"
        )
        rough = _("weather is observed and roughened by the error model, not issued at the time")
        return (issued,) if self.weather == "issued" else (issued, rough)


def said(
    store: Store,
    island: Island,
    period: Period,
    *,
    fits: Path | None = None,
    advance: Callable[[int], None] = lambda _n: None,
) -> Said:
    """Give what was said of a period of whole island days.

    Raises
    ------
    InputError
        As the backtest does: no target, nothing to learn from.
    """  # fmt: skip
    question = _question(store, island, period)
    key = key_of(store, island, _ROOMS, repr(question))
    return kept(fits, "said", key, lambda: _worked_out(store, island, period, question, advance))


def issue_of(start: np.datetime64, timezone: str) -> np.datetime64:
    """Give when the forecast of the island day that begins at `start` was issued."""
    day = to_local(np.array([start]), timezone).astype("datetime64[D]")
    wall = np.asarray(day.astype("datetime64[s]") + (ISSUE_HOUR * HOUR - DAY), "datetime64[s]")
    return np.datetime64(to_utc(wall, timezone)[0], "s")


def _question(store: Store, island: Island, period: Period) -> Question:
    runs = [i for i in store.list() if i.forecast and i.series.startswith("forecast/")]
    issued = any(i.start < period.end and i.end > period.start for i in runs)
    first, last = (np.datetime64(island.day(t), "D") for t in (period.start, period.end - HOUR))
    return Question(
        targets=TARGETS, first=first, last=last, issue_hour=ISSUE_HOUR, weather="issued" if issued else "roughened"
    )  # fmt: skip


def _worked_out(
    store: Store, island: Island, period: Period, question: Question, advance: Callable[[int], None]
) -> Said:
    from tamna.forecast.contest import OURS
    from tamna.runs.backtesting import backtested

    done = backtested(store, island, question, advance=advance)
    at = {ring.name: _places(ring, period) for ring in done.contests}
    return Said(
        of={
            ring.name: {who: middle[at[ring.name]] for who, middle in ring.middles.items()}
            for ring in done.contests
        },
        weather=question.weather,
        bands={
            ring.name: Band(
                quantiles=ring.quantiles[OURS][at[ring.name]], levels=ring.levels, trail=ring.trail
            )
            for ring in done.contests
            if ring.trail is not None
        },
    )


def _places(ring: Contest, period: Period) -> Ints:
    """Find the hours of the period among those answered, (hours,)."""
    at = np.searchsorted(ring.rows.valid_at, period.stamps())
    if not np.array_equal(ring.rows.valid_at[at], period.stamps()):
        raise InputError(_("the forecasts do not cover the hours asked"))
    return at
