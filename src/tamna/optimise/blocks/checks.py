"""What every block asks of its figures: mistakes with their place and a fix, all at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake, Place
from tamna.lang import Message, _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.optimise.problem import Problem

    Floats = NDArray[np.float64]


def place(kind: Message, name: str, figure: str) -> Place:
    """Name a figure as the grid file does: ``battery 'hallim', round_trip``."""
    return Place(path=f"{kind} '{name}', {figure}")


def at_least(kind: Message, name: str, figures: dict[str, float], least: float = 0.0) -> Iterator[Mistake]:
    """Refuse figures below `least`, or not numbers."""
    for figure, value in figures.items():
        if not value >= least:
            yield Mistake(
                what=_("must be at least {least}", least=f"{least:g}"),
                where=place(kind, name, figure),
                seen=f"{value:g}",
                todo=_("Give a number of {least} or more.", least=f"{least:g}"),
            )


def finite(kind: Message, name: str, figures: dict[str, float]) -> Iterator[Mistake]:
    """Refuse figures that are not finite numbers."""
    for figure, value in figures.items():
        if not math.isfinite(value):
            yield Mistake(
                what=_("must be a finite number"),
                where=place(kind, name, figure),
                seen=f"{value:g}",
                todo=_("Leave out what sets no limit; give a number where one is meant."),
            )


def within(
    problem: Problem, called: str, values: Floats, limits: tuple[float, Floats | float], what: Message
) -> bool:
    """Note steps in which a profile, (steps,), lies outside its limits; tells whether there was one."""
    low, high = limits
    wrong = np.flatnonzero((values < low - 1e-9) | (values > high + 1e-9))
    if not len(wrong):
        return False
    step = int(wrong[0])
    most = float(np.broadcast_to(high, values.shape)[step])
    return problem.note(
        [
            Mistake(
                what=what,
                where=Place(path=f"{called}, {problem.steps.label(step)}"),
                seen=f"{values[step]:g}",
                todo=_("Give a number of {least} or more.", least=f"{low:g}")
                if math.isinf(most)
                else _("Let it lie between {low} and {high}.", low=f"{low:g}", high=f"{most:g}"),
            )
        ]
    )


def fraction(
    kind: Message, name: str, figures: dict[str, float], *, above_zero: bool = True
) -> Iterator[Mistake]:
    """Refuse figures outside (0, 1], or [0, 1]."""
    for figure, value in figures.items():
        if not 0.0 <= value <= 1.0 or (above_zero and value == 0.0):
            percent = 1.0 < value <= 100.0
            yield Mistake(
                what=_("must lie in (0, 1]") if above_zero else _("must lie in [0, 1]"),
                where=place(kind, name, figure),
                seen=f"{value:g}",
                todo=_(
                    "Give a fraction: write {right} for {seen} %.",
                    right=f"{value / 100:g}",
                    seen=f"{value:g}",
                )
                if percent
                else _("Give a fraction."),
            )


def ordered(kind: Message, name: str, low: tuple[str, float], high: tuple[str, float]) -> Iterator[Mistake]:
    """Refuse a lower figure that lies above the higher one."""
    if low[1] > high[1] and not math.isnan(low[1]) and not math.isnan(high[1]):
        yield Mistake(
            what=_("must not lie above {figure}", figure=high[0]),
            where=place(kind, name, low[0]),
            seen=f"{low[1]:g} > {high[1]:g}",
            todo=_("Lower one or raise the other."),
        )
