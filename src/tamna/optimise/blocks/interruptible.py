r"""A load that can be cut for a price, so many hours and so many times a day.

With the load as it would be :math:`b_t`, cut by :math:`z_t`, cutting :math:`u_t` and a cut beginning :math:`v_t` in {0, 1}:

.. math::
    0 &\le z_t \le b_t, \qquad z_t \le \overline P u_t, \qquad u_t - u_{t-1} \le v_t
    \quad (u_t \le v_t \text{ in the first step of a day}) \\
    \sum_{t \in \text{day}} h\, u_t &\le H, \qquad \sum_{t \in \text{day}} v_t \le N, \qquad
    \text{injection}_t = z_t - b_t, \qquad \text{cost}_t = h\, k\, z_t

A cut that lasts over midnight counts on both days. Without a limit of the day there is no yes or no. Beyond its cuts the load
is served, or lost like any other: :math:`0 \le y_t \le b_t - z_t` at its value V, where it has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, place
from tamna.optimise.blocks.day import Clock, add_daily
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import first, lag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from tamna.optimise.problem import Problem
    from tamna.optimise.terms import Columns

    Floats = NDArray[np.float64]

KIND = _("interruptible load")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruptible:
    """A load that is paid to be cut.

    Attributes
    ----------
    most_mw
        No load is higher. [MW]
    cut_per_mwh
        Price of a MWh that is cut. [money/MWh]
    hours_per_day, times_per_day
        Longest and most cuts of a day. [h/d, 1/d]
    lost_per_mwh
        Value of a MWh that is not served beyond what may be cut; inf: all is served. [money/MWh]
    """

    name: str
    most_mw: float
    cut_per_mwh: float
    hours_per_day: float = np.inf
    times_per_day: float = np.inf
    lost_per_mwh: float = np.inf

    @property
    def commits(self) -> bool:
        """Whether it matters when a cut begins and how long it lasts."""
        return bool(np.isfinite(self.hours_per_day) or np.isfinite(self.times_per_day))

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        figures = ("most_mw", "cut_per_mwh", "hours_per_day", "times_per_day", "lost_per_mwh")
        yield from at_least(KIND, self.name, {k: getattr(self, k) for k in figures})


def add_interruptible(
    problem: Problem,
    load: Interruptible,
    *,
    load_mw: ArrayLike,
    cutting: bool = False,
    clock: Clock | None = None,
) -> Share:
    """Add a load: column ``<name>/cut``, ``cutting, begins`` where a limit of the day holds, ``unserved`` where it may be lost.

    Parameters
    ----------
    load_mw : number or (steps,), 0 to `most_mw` [MW]
        The load as it would be.
    cutting
        Whether it was cut just before the first step.
    """
    name, h = load.name, problem.steps.hours
    usual = problem.profile(f"{KIND} '{name}', load_mw", _("the load"), load_mw)
    if problem.note([*load.mistakes(), *load_mistakes(problem, load, usual)]):
        return Share(name=name)
    says = _("of '{name}' no more is cut than it would take", name=name)
    cut = problem.columns(f"{name}/cut", upper=usual, says=says)
    if load.commits:
        _limits(problem, load, cut, cutting, clock or Clock())
    less, cost = cut.expanded(), cut * (h * load.cut_per_mwh)
    if np.isfinite(load.lost_per_mwh):
        says = _("of '{name}' no more is shed than it takes", name=name)
        lost = problem.columns(f"{name}/unserved", upper=usual, says=says)
        problem.rows(f"{name}/unserved", lost + cut, upper=usual, says=says)
        less, cost = cut + lost, cost + lost * (h * load.lost_per_mwh)
    return Share(
        name=name,
        injection_mw={ELECTRICITY: less - usual},
        cost=cost,
        outfeed_mw=(usual - less,),
    )


def _limits(problem: Problem, load: Interruptible, cut: Columns, before: bool, clock: Clock) -> None:
    name, n = load.name, problem.steps.count
    says = _("'{name}' is cut, or not", name=name)
    cutting, begins = (
        problem.columns(f"{name}/{what}", upper=1.0, integer=True, says=says)
        for what in ("cutting", "begins")
    )
    problem.rows(f"{name}/cut", cut - load.most_mw * cutting, upper=0.0, says=says)
    goes_on = ~clock.begins_day(problem.steps)
    upper = first(float(before and goes_on[0]), n)
    problem.rows(f"{name}/begins", cutting - lag(cutting) * goes_on - begins, upper=upper, says=says)
    if np.isfinite(load.hours_per_day):
        most = f"{load.hours_per_day:g}"
        says = _("'{name}' is cut for at most {h} h a day", name=name, h=most)
        hours = cutting * problem.steps.hours
        add_daily(problem, f"{name}/hours", hours, limit=load.hours_per_day, clock=clock, says=says)
    if np.isfinite(load.times_per_day):
        most = f"{load.times_per_day:g}"
        says = _("'{name}' is cut at most {n} times a day", name=name, n=most)
        add_daily(problem, f"{name}/times", begins, limit=load.times_per_day, clock=clock, says=says)


def load_mistakes(problem: Problem, load: Interruptible, usual: Floats) -> Iterator[Mistake]:
    """Find the first step in which the load as it would be, (steps,), lies outside its limits."""
    wrong = np.flatnonzero((usual < 0.0) | (usual > load.most_mw + 1e-9))
    if len(wrong):
        yield Mistake(
            what=_("the load as it would be lies outside its own limits"),
            where=place(KIND, load.name, f"load_mw, {problem.steps.label(int(wrong[0]))}"),
            seen=f"{usual[wrong[0]]:g} MW",
            todo=_("Let it lie between 0 and most_mw, {most} MW.", most=f"{load.most_mw:g}"),
        )
