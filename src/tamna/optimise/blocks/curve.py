r"""A quadratic cost curve as pieces of straight line, with an error that is stated.

.. math:: C(p) = a + b\,p + c\,p^2, \qquad \underline P \le p \le \overline P, \qquad c \ge 0

n equal pieces between points of the curve lie nowhere below it and at most :math:`c\,(\overline P - \underline P)^2 / 4n^2`
above. The number of pieces is the least that keeps that error; the pieces' slopes rise, so that the unit's own block
fills them in order without a yes or no.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError, Mistake, gather
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, ordered, place
from tamna.optimise.blocks.thermal_unit import KIND, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PIECES = 50
"""More pieces than this cost the solver more than the error they save is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A cost curve for a `Thermal`: its `on_cost_per_h` and `segments`, and how far they lie above the quadratic.

    Attributes
    ----------
    on_cost_per_h
        Cost at the minimum. [money/h]
    error_per_h
        Largest distance above the quadratic; nowhere below. [money/h]
    """

    on_cost_per_h: float
    segments: tuple[Segment, ...]
    error_per_h: float


def quadratic(
    name: str,
    *,
    per_h: float,
    per_mwh: float,
    per_mw2_h: float,
    min_mw: float,
    max_mw: float,
    error_per_h: float,
) -> Curve:
    """Cut a quadratic cost into pieces.

    Parameters
    ----------
    name
        The unit's, for messages.
    per_h, per_mwh, per_mw2_h
        a, b and c above: heat rate times price of fuel. [money/h, money/MWh, money/(MW² h)]
    error_per_h
        The pieces may lie so far above the curve. [money/h]

    Raises
    ------
    InputError
        A curve that bends down, limits the wrong way round, or an error so small that it takes over 50 pieces.

    Examples
    --------
    >>> c = quadratic("g", per_h=100, per_mwh=10, per_mw2_h=0.1, min_mw=0, max_mw=100, error_per_h=62.5)
    >>> [(s.width_mw, s.cost_per_mwh) for s in c.segments]
    [(50.0, 15.0), (50.0, 25.0)]
    """
    gather(_mistakes(name, per_mw2_h, (min_mw, max_mw), error_per_h), InputError)
    room = max_mw - min_mw
    if room == 0.0:
        return Curve(
            on_cost_per_h=per_h + per_mwh * min_mw + per_mw2_h * min_mw**2, segments=(), error_per_h=0.0
        )
    needed = room / 2.0 * sqrt(per_mw2_h / error_per_h) if per_mw2_h else 1.0
    pieces = max(1, ceil(needed - 1e-9))
    at = np.linspace(min_mw, max_mw, pieces + 1)
    slopes = per_mwh + per_mw2_h * (at[1:] + at[:-1])
    return Curve(
        on_cost_per_h=per_h + per_mwh * min_mw + per_mw2_h * min_mw**2,
        segments=tuple(Segment(width_mw=room / pieces, cost_per_mwh=float(s)) for s in slopes),
        error_per_h=per_mw2_h * (room / pieces) ** 2 / 4.0,
    )


def _mistakes(name: str, bend: float, limits: tuple[float, float], error: float) -> Iterator[Mistake]:
    low, high = limits
    yield from at_least(KIND, name, {"per_mw2_h": bend, "min_mw": low, "max_mw": high, "error_per_h": error})
    yield from ordered(KIND, name, ("min_mw", low), ("max_mw", high))
    if bend > 0.0 and high > low and error < (least := bend * ((high - low) / MOST_PIECES) ** 2 / 4.0):
        yield Mistake(
            what=_("takes more than {n} pieces of straight line", n=MOST_PIECES),
            where=place(KIND, name, "error_per_h"),
            seen=f"{error:g}",
            todo=_("Allow an error of {least} or more.", least=f"{least:.3g}"),
        )
