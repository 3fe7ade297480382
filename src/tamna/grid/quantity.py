"""The kinds of figure the grid knows, each with the numbers it may hold.

A bound is written as a reader would write it, ``(0, 1]``, and refused in those words.
"""

from __future__ import annotations

import itertools
import math
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from tamna.grid.figure import DatedFigure, Figure, refuse
from tamna.lang import Message, _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _fraction_hint(value: float) -> Message | None:
    if 1 < value <= 100:
        return _(
            "Give a fraction: write {fraction} for {percent} %.",
            fraction=f"{value / 100:.6g}",
            percent=f"{value:g}",
        )
    return None


def _check(figure: Figure, inside: Callable[[float], bool], text: str, hint: bool) -> None:
    ends = (figure.value, *(c.value for c in figure.conflict), *(figure.range or ()))
    wrong = next((end for end in ends if not inside(end)), None)
    if wrong is None:
        return
    todo = _fraction_hint(wrong) if hint else None
    if wrong == figure.value and text == "(0, inf)":
        refuse(_("must be above 0"), at="value")
    if wrong == figure.value and text == "[0, inf)":
        refuse(_("must not be negative"), at="value")
    if wrong == figure.value:
        refuse(_("must lie in {bounds}", bounds=text), todo=todo, at="value")
    refuse(
        _("its range or a claim reaches {wrong}, outside {bounds}", wrong=f"{wrong:g}", bounds=text),
        todo=todo,
    )


def _bounded(low: float, high: float, *, open_low: bool = False, hint: bool = False) -> Callable[[Any], Any]:
    text = (
        f"{'(' if open_low or low == -math.inf else '['}{low:g}, {high:g}{')' if high == math.inf else ']'}"
    )

    def inside(value: float) -> bool:
        return (low < value if open_low else low <= value) and value <= high

    def check(figures: Figure | Sequence[Figure]) -> Figure | Sequence[Figure]:
        for figure in [figures] if isinstance(figures, Figure) else figures:
            _check(figure, inside, text, hint)
        return figures

    return check


Positive = Annotated[Figure, AfterValidator(_bounded(0, math.inf, open_low=True))]
"""More than nothing."""

NonNegative = Annotated[Figure, AfterValidator(_bounded(0, math.inf))]
"""Nothing or more."""

Fraction = Annotated[Figure, AfterValidator(_bounded(0, 1, hint=True))]
"""A share in [0, 1]."""

_SURELY_PERCENT = 5.0


def _lowest_output(figure: Figure) -> Figure:
    """Say what a lowest output over the highest is: 1.4 is hardly meant as a percentage."""
    if 1.0 < figure.value < _SURELY_PERCENT:
        refuse(
            _("the lowest output lies above the highest"),
            todo=_("Give it over capacity_mw, at most 1; or correct capacity_mw."),
            at="value",
        )
    return figure


LowestOutput = Annotated[Figure, AfterValidator(_lowest_output), AfterValidator(_bounded(0, 1, hint=True))]
"""Lowest stable output over capacity, a share in [0, 1]."""

Efficiency = Annotated[Figure, AfterValidator(_bounded(0, 1, open_low=True, hint=True))]
"""A share in (0, 1]."""

Latitude = Annotated[Figure, AfterValidator(_bounded(-90, 90))]
Longitude = Annotated[Figure, AfterValidator(_bounded(-180, 180))]
Tilt = Annotated[Figure, AfterValidator(_bounded(0, 90))]
Azimuth = Annotated[Figure, AfterValidator(_bounded(0, 360))]
"""Degrees from north over east; south is 180."""

HydrogenUse = Annotated[Figure, AfterValidator(_bounded(33.3, 200))]
"""kWh per kg: below the lower heating value hydrogen would make energy."""

HeatRate = Annotated[Figure, AfterValidator(_bounded(3.6, 72))]
"""GJ of fuel per MWh: below 3.6 burning would make energy, above 72 less than a twentieth of the heat becomes electricity."""

CarbonOfFuel = Annotated[Figure, AfterValidator(_bounded(0, 1))]
"""tCO2e per GJ of fuel: peat and lignite have about 0.1."""


def _one_or_many(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else [value]


def _in_order(figures: tuple[DatedFigure, ...]) -> tuple[DatedFigure, ...]:
    if not figures:
        refuse(_("is an empty list"), todo=_("Give at least one figure."))
    starts = [f.start or date.min for f in figures]
    if any(f.start is None for f in figures[1:]):
        refuse(
            _("has a figure without 'from' after the first"), todo=_("Add from: with the day it holds from.")
        )
    if any(after <= before for before, after in itertools.pairwise(starts)):
        refuse(_("its dates do not rise"), todo=_("Order the list by 'from', each day once."))
    return figures


DatedPositive = Annotated[
    tuple[DatedFigure, ...],
    BeforeValidator(_one_or_many),
    AfterValidator(_in_order),
    AfterValidator(_bounded(0, math.inf, open_low=True)),
]
DatedNonNegative = Annotated[
    tuple[DatedFigure, ...],
    BeforeValidator(_one_or_many),
    AfterValidator(_in_order),
    AfterValidator(_bounded(0, math.inf)),
]
"""One figure, or a list of figures with ``from:`` days in rising order."""


def at_day(figures: Sequence[DatedFigure], day: date) -> DatedFigure | None:
    """Give the figure that holds on `day`, or None before the first."""
    held = [f for f in figures if f.start is None or f.start <= day]
    return held[-1] if held else None
