"""What is forecast and how: a target's features, learners and transformation; the fit at one moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.blend import BlendModel, Member, fit_blend
from tamna.forecast.calibration import Conformal
from tamna.forecast.history import History, Rows
from tamna.forecast.levels import NINE
from tamna.forecast.rivals import simple_rivals
from tamna.forecast.table import Table, stacked
from tamna.forecast.weather import Weather
from tamna.grid.clock import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.lang import Message

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

Facts = Callable[[Rows, History], Table]
"""Features that hold whatever the weather forecast says."""
Sky = Callable[[Rows, History, Weather], Table]
"""Features of the weather as issued."""
Rivals = Callable[[Rows, History, str], Mapping[str, "Floats"]]
"""What competes: rows, history, track -> name -> one number an hour, (rows,)."""
Scored = Callable[[Rows, History], "Bools"]
"""Which hours are scored, (rows,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing to forecast.

    Attributes
    ----------
    name
        ``demand``, ``wind``, ``pv``, ``price``.
    track
        The history's track that is learned and scored.
    unit
        Of the track.
    facts, sky
        What makes the features.
    members
        The learners of the blend.
    relative
        Whether the learner's target is the logarithm over the table's base (else the plain value).
    share
        Whether it is the value over the base: a part of what the fleet could give at most. A row counts by its
        base then, so that the loss is in the track's unit; where the base is 0 the answer is 0.
    bounds
        What an answer cannot go beyond. [unit]
    added
        Whether the learner's target is the distance from the table's base: for prices, which may be negative.
    levels : (levels,)
        The quantiles that are learned.
    half_life_days
        After so many days a row counts half. [d]
    copies
        With how many roughened weathers each row is shown where no run exists.
    rivals
        What it competes with.
    scored
        Which hours count where not all do (a potential is not seen while the fleet is held back).
    faint
        Hours of which the facts may say nothing without anything being broken (PV near sunrise).
    atoms
        Values that many hours share exactly (0 at night, capacity). [unit]
    capacity
        What nMAE is a part of; None is the mean of the actuals. [unit]
    estimated
        Whether the track itself rests on an estimate; every answer then says so.
    notes
        What the reader of every answer must know: how the track came about.
    """

    name: str
    track: str
    unit: str
    facts: Facts
    sky: Sky
    members: tuple[Member, ...]
    relative: bool = False
    share: bool = False
    bounds: tuple[float, float] = (-np.inf, np.inf)
    added: bool = False
    levels: NDArray[np.float64] = field(default_factory=lambda: NINE)
    half_life_days: float = 400.0
    copies: int = 2
    conformal: Conformal = field(default_factory=Conformal)
    rivals: Rivals = simple_rivals
    scored: Scored | None = None
    faint: Scored | None = None
    atoms: tuple[float, ...] = ()
    capacity: float | None = None
    estimated: bool = False
    notes: tuple[Message, ...] = ()

    def forward(self, value: Floats, base: Floats) -> Floats:
        """Turn values into what the learner learns."""
        if self.share:
            return np.asarray(np.where(base > 0, value / np.where(base > 0, base, 1.0), np.nan))
        if not self.relative:
            return value - base if self.added else value
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.log(value / base))

    def back(self, learned: Floats, base: Floats) -> Floats:
        """Turn the learner's answer, (rows, levels), into values within the bounds."""
        if self.added:
            learned = base[:, None] + learned
        if self.share:
            learned = base[:, None] * learned
        if self.relative:
            learned = base[:, None] * np.exp(learned)
        return np.asarray(np.clip(learned, *self.bounds))


def joined(facts: Table, sky: Table) -> Table:
    """Put facts and sky side by side; the base is that of the facts. What is infinite is missing."""
    values = np.concatenate([facts.values, sky.values], axis=1)
    return Table(facts.names + sky.names, np.where(np.isinf(values), np.nan, values), facts.base)


def fit_target(
    target: Target,
    tables: list[Table],
    value: Floats,
    rows: Rows,
    *,
    moment: np.datetime64,
    seed: int = 0,
) -> BlendModel:
    """Fit a target on what is known at `moment`.

    Parameters
    ----------
    tables
        The same rows under several weathers.
    value : (rows,)
        What became of each row, NaN where it was not known at `moment`.
    """
    age = np.asarray((moment - rows.valid_at) / DAY, dtype=np.float64)
    weight = np.where(age >= 0, 0.5 ** (np.maximum(age, 0.0) / target.half_life_days), 0.0)
    if target.share:
        weight = weight * np.nan_to_num(tables[0].base)
    learned = target.forward(value, tables[0].base)
    table = stacked(tables)
    return fit_blend(
        target.members,
        table.names,
        table.values,
        np.tile(learned, len(tables)),
        target.levels,
        weight=np.tile(weight, len(tables)),
        seed=seed,
    )
