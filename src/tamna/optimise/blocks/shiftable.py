r"""A load that can be moved in time: no energy is lost within a span, such as a day.

With the load as it would be :math:`b_t`, as it is :math:`x_t`, and how far it is ahead :math:`a_t`:

.. math::
    a_t &= a_{t-1} + h\,(x_t - b_t), \qquad -A \le a_t \le A, \qquad a_t = 0 \text{ at the end of each span} \\
    \underline P &\le x_t \le \overline P, \qquad m_t \ge b_t - x_t, \qquad \text{cost}_t = h\,(k\, m_t + V z_t)

k is the price of a MWh that is taken at another time (counted once, where it is missing); :math:`z_t \le \overline P` is
load that is not served at all, at value V, where one is given: what the grid gives is :math:`x_t - z_t`. A problem that ends within a span ends with nothing owed, and so does each window of a rolling horizon: what a window
owes when it is cut is owed by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, ordered, place
from tamna.optimise.blocks.day import DAY_H, Clock
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import first, lag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from tamna.optimise.problem import Problem
    from tamna.optimise.terms import Algebra

    Floats = NDArray[np.float64]

KIND = _("shiftable load")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shiftable:
    """A load that takes its energy within a span, sooner or later.

    Attributes
    ----------
    most_mw, least_mw
        Highest and lowest power. [MW]
    span_h
        Within spans of this length, counted from the clock's zero, no energy is lost. [h]
    most_ahead_mwh
        So much may have been taken sooner, or be still owed. [MWh]
    moved_per_mwh
        Price of a MWh that is taken at another time. [money/MWh]
    lost_per_mwh
        Value of a MWh that is not served; inf: all is served. [money/MWh]
    """

    name: str
    most_mw: float
    least_mw: float = 0.0
    span_h: float = DAY_H
    most_ahead_mwh: float = np.inf
    moved_per_mwh: float = 0.0
    lost_per_mwh: float = np.inf

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        figures = ("most_mw", "least_mw", "most_ahead_mwh", "moved_per_mwh", "lost_per_mwh")
        yield from at_least(KIND, self.name, {k: getattr(self, k) for k in figures})
        yield from ordered(KIND, self.name, ("least_mw", self.least_mw), ("most_mw", self.most_mw))
        if not self.span_h > 0.0:
            yield Mistake(
                what=_("must be above 0"), where=place(KIND, self.name, "span_h"), seen=f"{self.span_h:g}",
                todo=_("Give the hours within which its energy is taken, such as 24."),
            )  # fmt: skip


def add_shiftable(
    problem: Problem,
    load: Shiftable,
    *,
    load_mw: ArrayLike,
    ahead_mwh: float = 0.0,
    clock: Clock | None = None,
) -> Share:
    """Add a load: columns ``<name>/power, ahead``, ``moved`` and ``unserved`` where they have a price.

    Parameters
    ----------
    load_mw : number or (steps,), between least and most [MW]
        The load as it would be.
    ahead_mwh
        What it has taken sooner before the first step; negative: what it owes. [MWh]
    """
    name, h = load.name, problem.steps.hours
    usual = problem.profile(f"{KIND} '{name}', load_mw", _("the load"), load_mw)
    if problem.note([*load.mistakes(), *load_mistakes(problem, load, usual)]):
        return Share(name=name)
    says = _("'{name}' takes between its lowest and its highest power", name=name)
    power = problem.columns(f"{name}/power", lower=load.least_mw, upper=load.most_mw, says=says)
    most = np.where(_ends(problem, load, clock or Clock()), 0.0, load.most_ahead_mwh)
    says = _("'{name}' takes within {h} h what it would have taken", name=name, h=f"{load.span_h:g}")
    ahead = problem.columns(f"{name}/ahead", lower=-most, upper=most, says=says)
    moved = first(ahead_mwh, len(usual)) - h * usual
    problem.rows(f"{name}/ahead", ahead - lag(ahead) - power * h, equal=moved, says=says)
    cost, taken = problem.nothing(), -power
    if load.moved_per_mwh:
        less = problem.columns(f"{name}/moved", says=says)
        problem.rows(f"{name}/moved", less + power, lower=usual, says=says)
        cost = cost + less * (h * load.moved_per_mwh)
    outfeed: Algebra = power
    if np.isfinite(load.lost_per_mwh):
        says = _("of '{name}' no more is shed than it takes", name=name)
        lost = problem.columns(f"{name}/unserved", says=says)
        problem.rows(f"{name}/unserved", power - lost, lower=0.0, says=says)
        cost, taken, outfeed = cost + lost * (h * load.lost_per_mwh), taken + lost, power - lost
    return Share(name=name, injection_mw={ELECTRICITY: taken}, cost=cost, outfeed_mw=(outfeed,))


def _ends(problem: Problem, load: Shiftable, clock: Clock) -> NDArray[np.bool_]:
    """The last step of each span, and of the problem."""
    span = clock.spans(problem.steps, load.span_h)
    return np.append(span[1:] != span[:-1], True)


def load_mistakes(problem: Problem, load: Shiftable, usual: Floats) -> Iterator[Mistake]:
    """Find the first step in which the load as it would be, (steps,), lies outside its limits."""
    wrong = np.flatnonzero((usual < load.least_mw - 1e-9) | (usual > load.most_mw + 1e-9))
    if len(wrong):
        yield Mistake(
            what=_("the load as it would be lies outside its own limits"),
            where=place(KIND, load.name, f"load_mw, {problem.steps.label(int(wrong[0]))}"),
            seen=f"{usual[wrong[0]]:g} MW",
            todo=_("Let least_mw and most_mw hold it: {low} to {high} MW.", low=f"{usual.min():g}", high=f"{usual.max():g}"),
        )  # fmt: skip
