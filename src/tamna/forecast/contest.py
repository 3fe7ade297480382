"""Everybody in one ring: tamna and its rivals over the same hours, and which hours count for nobody, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.rivalband import rival_bands
from tamna.forecast.weather import IssuedWeather
from tamna.grid.clock import HOUR
from tamna.grid.sun import JEJU, sine_of_elevation
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.forecast.backtest import Answers
    from tamna.forecast.history import History, Rows
    from tamna.forecast.target import Target
    from tamna.forecast.trail import Trail
    from tamna.lang import Message

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

OURS = "tamna"
LEAST_PART = 0.5
"""A rival that answers a smaller part of the hours does not compete: it would take the hours from all. [-]"""
REASONS = {
    "no_weather_run": _("no weather run had been issued for the hour"),
    "not_scored": _("hours that the target does not count, such as the night for PV"),
    "no_actual": _("what came is not known, or the fleet was held back"),
    "no_answer": _("the target's own features are missing"),
    "no_rival": _("a competitor has no answer"),
}
"""Why an hour counts for nobody; the first that holds is named."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contest:
    """One target: what each competitor said, and what came.

    Attributes
    ----------
    actual : (rows,)
    middles
        Competitor -> (rows,); the first is tamna.
    quantiles
        Competitor -> (rows, levels).
    left_out
        Reason -> (rows,): hours that count for nobody, each under one reason.
    lit : (rows,)
        Hours that say something about a distribution: PV only while the sun is up.
    capacity
        What nMAE is a part of; None is the mean of the actuals. [unit]
    trail
        How tamna missed, issue by issue; None where nobody kept it.
    """

    name: str
    unit: str
    rows: Rows
    actual: Floats
    levels: Floats
    middles: Mapping[str, Floats]
    quantiles: Mapping[str, Floats]
    left_out: Mapping[str, Bools]
    lit: Bools
    atoms: tuple[float, ...] = ()
    capacity: float | None = None
    estimated: bool = False
    fits: tuple[tuple[np.datetime64, int], ...] = ()
    notes: tuple[Message, ...] = field(default=())
    trail: Trail | None = None

    @property
    def fair(self) -> Bools:
        """Which hours are scored, the same for all."""
        out = np.zeros(len(self.rows), dtype=bool)
        for reason in self.left_out.values():
            out |= reason
        return ~out

    @property
    def banded(self) -> Bools:
        """Which of the scored hours have a band of every competitor: pinball and CRPS compare on these.

        A competitor's band is made of its misses; in its first days there are none.
        """
        out = self.fair
        for quantiles in self.quantiles.values():
            out &= np.isfinite(quantiles).all(axis=1)
        return out


def contest(
    answers: Answers,
    target: Target,
    history: History,
    *,
    weather: str = "issued",
    capacity: float | None = None,
) -> Contest:
    """Put the rivals beside the answers, each with a band of its own.

    Parameters
    ----------
    weather
        ``issued``: hours for which no weather run had been issued are left out, not guessed.
    capacity
        Of the fleet, where the target does not name one. [unit]
    """
    rivals, absent = _competing(answers.rivals)
    bands = rival_bands(answers.rows, history, target)
    notes = [*answers.notes]
    if absent:
        notes.append(
            _("{names} does not compete: it answers less than half of the hours", names=", ".join(absent))
        )
    if target.estimated:
        notes.append(_("the target itself rests on an estimate: scores are against estimated actuals"))
    scored = None if target.scored is None else target.scored(answers.rows, history)
    quantiles = {OURS: answers.quantiles, **{n: bands[n] for n in rivals if n in bands}}
    return Contest(
        name=answers.target,
        unit=answers.unit,
        rows=answers.rows,
        actual=answers.actual,
        levels=answers.levels,
        middles={OURS: answers.middle, **rivals},
        quantiles=quantiles,
        left_out=_left_out(
            answers,
            rivals,
            run=_had_run(answers.rows, history) if weather == "issued" else None,
            scored=scored,
        ),
        lit=_lit(answers),
        atoms=target.atoms,
        capacity=capacity if target.capacity is None else target.capacity,
        estimated=target.estimated,
        fits=answers.fits,
        notes=tuple(dict.fromkeys(notes)),
        trail=answers.trail,
    )


def plain(answers: Answers) -> Contest:
    """Put answers beside rivals that have no band."""
    quantiles = {OURS: answers.quantiles}
    return Contest(
        name=answers.target,
        unit=answers.unit,
        rows=answers.rows,
        actual=answers.actual,
        levels=answers.levels,
        middles={OURS: answers.middle, **answers.rivals},
        quantiles=quantiles,
        left_out=_left_out(answers, answers.rivals),
        lit=_lit(answers),
        fits=answers.fits,
        notes=answers.notes,
    )


def _competing(rivals: Mapping[str, Floats]) -> tuple[dict[str, Floats], list[str]]:
    there = {name: np.isfinite(value).mean() >= LEAST_PART for name, value in rivals.items()}
    return {n: v for n, v in rivals.items() if there[n]}, [n for n in rivals if not there[n]]


def _had_run(rows: Rows, history: History) -> Bools | None:
    """Whether a weather run had been issued for each hour; None where there are no runs at all."""
    name = next((n for n in ("temperature", "wind_speed") if f"forecast/{n}" in history.runs), None)
    if name is None:
        return None
    return np.isfinite(IssuedWeather(history).at(name, rows.valid_at, rows.issued_at))


def _lit(answers: Answers) -> Bools:
    if not answers.target.startswith("pv"):
        return np.ones(len(answers.rows), dtype=bool)
    return np.asarray(sine_of_elevation(answers.rows.valid_at + HOUR // 2, *JEJU) > 0)


def _left_out(
    answers: Answers,
    rivals: Mapping[str, Floats],
    *,
    run: Bools | None = None,
    scored: Bools | None = None,
) -> dict[str, Bools]:
    none = np.zeros(len(answers.rows), dtype=bool)
    lacks = none.copy()
    for value in rivals.values():
        lacks |= ~np.isfinite(value)
    found = {
        "no_weather_run": none if run is None else ~run,
        "not_scored": none if scored is None else ~scored,
        "no_actual": ~np.isfinite(answers.actual),
        "no_answer": ~np.isfinite(answers.quantiles).all(axis=1),
        "no_rival": lacks,
    }
    taken, once = none.copy(), {}
    for name, which in found.items():
        once[name] = np.asarray(which & ~taken, dtype=np.bool_)
        taken |= which
    return once
