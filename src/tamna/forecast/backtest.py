"""Issue by issue, never ahead of its time: train on what was known, forecast, let the truth come, go on.

Three things keep it honest. Features come through `History.at`, which gives nothing that was not known at the
row's issue. The target that a fit learns from is read as of the fit's moment. And before anything is scored,
features of some issues are made again from a history whose later values are nonsense: if one number differs,
somebody looked ahead and the backtest refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError, UsageError
from tamna.forecast.calibration import calibrated, where_certain
from tamna.forecast.history import History, Rows
from tamna.forecast.scores import pinball
from tamna.forecast.target import Target, fit_target, joined
from tamna.forecast.trail import Trail, trail_of
from tamna.forecast.weather import IssuedWeather, Weather, WeatherError, fit_error, roughened
from tamna.grid.clock import DAY, HOUR, iso, to_local, to_utc
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from tamna.forecast.blend import BlendModel
    from tamna.forecast.table import Table
    from tamna.forecast.target import Rivals
    from tamna.lang import Message

    Floats = NDArray[np.float64]

SCORED_HOURS = 28 * 24
"""Of how many hours that it learned from a fit is scored in sample [h]."""
CHECKED = 5
"""How many issues are held against a poisoned history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When to issue, train and stop.

    Attributes
    ----------
    first, last
        Island days that are forecast, inclusive.
    issue_hour
        Local hour of the day before at which each day's forecast is issued.
    train_every_days
        Days between fits.
    since
        First island day to learn from.
    warm_days
        Days before `first` that are forecast to calibrate by, not scored.
    weather
        ``issued``: only runs of the time answer for the days scored (roughened observations teach where no run
        exists). ``roughened``: roughened observations answer too, and the result says so.
    error_before
        Fit the weather error on runs issued before this moment; None is each fit's own moment.
    """

    first: np.datetime64
    last: np.datetime64
    since: np.datetime64
    issue_hour: int = 11
    train_every_days: int = 28
    warm_days: int = 56
    weather: str = "issued"
    error_before: np.datetime64 | None = None
    timezone: str = "Asia/Seoul"
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A fitted model, from how many hours it learned, and its scores on the last of these (in sample)."""

    model: BlendModel
    hours: int
    scores: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was forecast and what came.

    Attributes
    ----------
    rows : the hours scored and their issue
    actual : (rows,)
    levels : (levels,)
    quantiles : (rows, levels)
        Calibrated. [unit of the target]
    raw : (rows, levels)
        As the learners gave them.
    rivals
        Name -> (rows,).
    fits
        For each fit its moment and the rows it learned from.
    notes
        What the reader must know: assumed delays, roughened weather, guesses.
    trail
        How each issue missed, those of the warm days before among them; None where nobody kept it.
    """

    target: str
    unit: str
    rows: Rows
    actual: Floats
    levels: Floats
    quantiles: Floats
    raw: Floats
    rivals: Mapping[str, Floats]
    fits: tuple[tuple[np.datetime64, int], ...]
    notes: tuple[Message, ...]
    trail: Trail | None = None

    @property
    def middle(self) -> Floats:
        """The median, (rows,)."""
        return np.asarray(self.quantiles[:, int(np.argmin(np.abs(self.levels - 0.5)))])


def day_ahead_rows(first: np.datetime64, last: np.datetime64, issue_hour: int, timezone: str) -> Rows:
    """Give every hour of the island days `first` to `last`, issued at `issue_hour` of the day before."""
    days = np.arange(first, last + 1).astype("datetime64[D]")
    start = to_utc(days.astype("datetime64[s]"), timezone)
    end = to_utc((days + 1).astype("datetime64[s]"), timezone)
    wall = np.asarray(days.astype("datetime64[s]") + (issue_hour * HOUR - DAY), "datetime64[s]")
    issue = to_utc(wall, timezone)
    count = ((end - start) // HOUR).astype(np.int64)
    valid = np.concatenate([s + np.arange(n) * HOUR for s, n in zip(start, count, strict=True)])
    return Rows(valid.astype("datetime64[s]"), np.repeat(issue, count))


def backtest(
    target: Target,
    history: History,
    plan: Plan,
    *,
    rivals: Rivals | None = None,
    advance: Callable[[str], None] = lambda _text: None,
) -> Answers:
    """Forecast every day of the plan as it would have been.

    Raises
    ------
    InputError
        A feature changes when later values do: it looks ahead. Or there is too little to learn from.
    UsageError
        The plan's weather is neither ``issued`` nor ``roughened``.
    """
    if plan.weather not in ("issued", "roughened"):
        raise UsageError(_("weather must be issued or roughened"), seen=plan.weather)
    rows = day_ahead_rows(plan.since, plan.last, plan.issue_hour, plan.timezone)
    day = to_local(rows.valid_at, plan.timezone).astype("datetime64[D]")
    facts = target.facts(rows, history)
    raw = np.full((len(rows), len(target.levels)), np.nan)
    fits, errors = [], []
    issued = IssuedWeather(history)
    start = plan.first - plan.warm_days
    for begin in np.arange(start, plan.last + 1, plan.train_every_days):
        pick = (day >= begin) & (day < begin + plan.train_every_days)
        moment = rows.issued_at[pick].min()
        error = fit_error(history, issued, moment if plan.error_before is None else plan.error_before)
        past = rows.issued_at < moment
        learned = fit_on_known(
            target, history, rows.pick(past), facts.pick(past), error, moment=moment, seed=plan.seed,
            issued=issued if plan.weather == "issued" else None,
        )  # fmt: skip
        table = joined(
            facts.pick(pick),
            target.sky(
                rows.pick(pick), history, _answering(issued, error, plan, warm=bool(begin < plan.first))
            ),
        )
        raw[pick] = target.back(learned.model.predict(table.names, table.values), table.base)
        fits.append((moment, learned.hours))
        errors.append(error)
        advance(f"{begin}")
    refuse_leaks(target, history, rows, errors[-1], plan, after=plan.first)
    scored = (day >= plan.first) & (day <= plan.last)
    known_at = history.tracks[target.track].known_at
    index = (rows.valid_at - history.tracks[target.track].start) // HOUR
    actual = target_values(target, rows, history)
    hour = ((to_local(rows.valid_at, plan.timezone) - day) // HOUR).astype(np.int64)
    use = day >= start
    answer = calibrated(
        raw[use],
        target.levels,
        actual[use],
        known_at=known_at[index[use]],
        issued_at=rows.issued_at[use],
        hour=hour[use],
        test=scored[use],
        how=target.conformal,
        bounds=target.bounds,
    )[scored[use]]
    answer = where_certain(raw[scored], answer)
    asked = rows.pick(scored)
    return Answers(
        target.name,
        target.unit,
        asked,
        actual[scored],
        target.levels,
        answer,
        raw[scored],
        _that_answer((rivals or target.rivals)(asked, history, target.track), actual[scored]),
        tuple(fits),
        _notes(plan, errors) + target.notes,
        trail_of(rows.pick(use), raw[use], target.levels, actual[use], known_at[index[use]]),
    )


def target_values(
    target: Target, rows: Rows, history: History, moment: np.datetime64 | None = None
) -> Floats:
    """Give what became of each row, (rows,): NaN where it was not known at `moment`, or does not count."""
    if moment is None:
        value = history.actual(target.track, rows.valid_at)
    else:
        value = history.at(target.track, rows.valid_at, np.full(len(rows), moment))
    return value if target.scored is None else np.where(target.scored(rows, history), value, np.nan)


def _that_answer(rivals: Mapping[str, Floats], actual: Floats) -> dict[str, Floats]:
    """Leave out rivals that answer no scored hour at all (physics without a weather run): they would hide all."""
    return {n: v for n, v in rivals.items() if np.isfinite(v + actual).any() or not np.isfinite(actual).any()}


def fit_on_known(
    target: Target,
    history: History,
    rows: Rows,
    facts: Table,
    error: WeatherError,
    *,
    moment: np.datetime64,
    seed: int,
    issued: IssuedWeather | None,
) -> Learned:
    """Fit a target on what was known at `moment`: the one way in which backtest and answer both learn.

    Parameters
    ----------
    rows
        Issued before `moment`.
    facts
        Of these rows.
    issued
        The runs of the time; None lets roughened observations stand for all weather.
    """
    value = target_values(target, rows, history, moment)
    seen = history.known_by(moment)
    weathers = [roughened(seen, error, seed=seed + 1 + copy, issued=issued) for copy in range(target.copies)]
    tables = [joined(facts, target.sky(rows, history, weather)) for weather in weathers]
    model = fit_target(target, tables, value, rows, moment=moment, seed=seed)
    return Learned(model, int(np.isfinite(value).sum()), _in_sample(target, model, tables[0], value))


def _in_sample(target: Target, model: BlendModel, table: Table, value: Floats) -> dict[str, Any]:
    """Score a fit on the last hours that it learned from: how well it knows them, not how good it will be."""
    last = np.flatnonzero(np.isfinite(value))[-SCORED_HOURS:]
    part = table.pick(last)
    answer = target.back(model.predict(part.names, part.values), part.base)
    known = np.isfinite(answer).all(axis=1)
    actual, answer = value[last][known], answer[known]
    middle = answer[:, int(np.argmin(np.abs(target.levels - 0.5)))]
    return {
        "sample": "in",
        "hours": len(actual),
        "mae": round(float(np.abs(middle - actual).mean()), 4) if len(actual) else None,
        "pinball": round(float(pinball(actual, answer, target.levels).mean()), 4) if len(actual) else None,
    }


def _answering(issued: IssuedWeather, error: WeatherError, plan: Plan, *, warm: bool) -> Weather:
    """Give the weather that the days answered see; seed 0 is never learned from."""
    if plan.weather != "issued":
        return roughened(issued.history, error, seed=plan.seed)
    if not warm:
        return issued
    seen = issued.history.known_by(_issue_of(plan))
    return roughened(seen, error, seed=plan.seed, issued=issued)


def _issue_of(plan: Plan) -> np.datetime64:
    """Give when the first scored day is issued: its calibration sees no weather of later."""
    first = day_ahead_rows(plan.first, plan.first, plan.issue_hour, plan.timezone)
    return np.datetime64(first.issued_at[0], "s")


def refuse_leaks(
    target: Target,
    history: History,
    rows: Rows,
    error: WeatherError,
    plan: Plan,
    *,
    after: np.datetime64,
) -> None:
    """Make features of some issues again from a poisoned history, and refuse any difference.

    Raises
    ------
    InputError
        Names the features that looked ahead.
    """
    issues = np.unique(
        rows.issued_at[to_local(rows.valid_at, plan.timezone).astype("datetime64[D]") >= after]
    )
    for issue in issues[np.linspace(0, len(issues) - 1, min(CHECKED, len(issues))).astype(int)]:
        mine = rows.pick(rows.issued_at == issue)
        poisoned = history.poisoned(issue, open_too=plan.weather == "issued")
        tables = [
            joined(
                target.facts(mine, h),
                target.sky(mine, h, _answering(IssuedWeather(h), error, plan, warm=False)),
            )
            for h in (history, poisoned)
        ]
        same = (tables[0].values == tables[1].values) | np.isnan(tables[0].values) & np.isnan(
            tables[1].values
        )
        wrong = [n for n, ok in zip(tables[0].names, same.all(axis=0), strict=True) if not ok]
        if not np.array_equal(tables[0].base, tables[1].base, equal_nan=True):
            wrong.append("base")
        if wrong:
            raise InputError(
                _("features looked ahead: they change when values that were not known yet change"),
                seen=f"{', '.join(wrong[:8])} ({iso(issue)})",
                todo=_("Read them as of the issue time, through History.at."),
            )


def _notes(plan: Plan, errors: list[WeatherError]) -> tuple[Message, ...]:
    notes = [_("when values became known is assumed from the source table")]
    if plan.weather == "roughened":
        notes.append(_("weather is observed and roughened by the error model, not issued at the time"))
    if plan.error_before is not None:
        notes.append(_("the weather error is fitted on runs of another period"))
    guessed = sum(bool(e.assumed) for e in errors)
    if guessed:
        notes.append(
            _(
                "{n} of {all} fits use the packaged guess of the weather error: too few runs before",
                n=guessed,
                all=len(errors),
            )
        )
    return tuple(notes)
