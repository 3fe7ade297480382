r"""A cable to the other side: import :math:`i_t` and export :math:`x_t`, both counted where they are sent.

.. math::
    \text{injection}_t &= (1 - \lambda)\, i_t - x_t \\
    \text{cost}_t &= h\,\bigl(\pi^i_t\, i_t - \pi^x_t\, (1 - \lambda)\, x_t\bigr)

**VSC** passes through zero freely: :math:`0 \le i_t \le I,\; 0 \le x_t \le X`. Where what is sold brings more than
what is bought costs, both at once would pay on paper; `exclusive` forbids it with a yes or no a step.

**LCC**: each of N equal poles is off or between minimum and maximum, all in one direction, and turning the flow takes
:math:`\rho` steps without any. With poles on :math:`n^i_t, n^x_t \in \{0..N\}` and directions
:math:`b^i_t, b^x_t \in \{0, 1\}`:

.. math::
    \mu\,\tfrac{I}{N} n^i_t \le i_t \le \tfrac{I}{N} n^i_t, \qquad n^i_t \le N b^i_t, \qquad b^i_t + b^x_t \le 1, \qquad
    b^i_t + b^x_{t-k} \le 1 \;\; (k = 1..\rho)

and the same with i and x exchanged. Direction and waiting time before the first step enter bounds only. Two links are
two blocks, so one may import while the other exports. An LCC needs a grid that is strong enough: what it carries times
`strength_ratio` is the short-circuit power that machines of the island must give (`synchronous`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tamna.errors import Mistake
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, fraction, place
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import Columns, Terms, lag, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from tamna.optimise.problem import Problem

    Floats = NDArray[np.float64]

KIND = _("link")
Way = Literal["import", "export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link between the island and the other side.

    Attributes
    ----------
    import_mw, export_mw
        Largest flow of each direction, where it is sent. [MW]
    loss
        Lost over sent, in [0, 1). [-]
    technology
        ``vsc`` or ``lcc``; the figures below are the LCC's.
    poles
        How many equal poles.
    min_transfer
        Lowest flow of a pole over its maximum, while on. [-]
    reversal_h
        Time without flow between directions. [h]
    import_tco2_per_mwh
        What an imported MWh carries. [tCO2/MWh]
    strength_ratio
        Short-circuit power of the island's machines that a MW carried asks for. [MVA/MW]
    """

    name: str
    import_mw: float
    export_mw: float
    loss: float = 0.0
    technology: Literal["vsc", "lcc"] = "vsc"
    poles: int = 1
    min_transfer: float = 0.0
    reversal_h: float = 0.0
    import_tco2_per_mwh: float = 0.0
    strength_ratio: float = 0.0

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        figures = ("import_mw", "export_mw", "reversal_h", "strength_ratio")
        yield from at_least(KIND, self.name, {k: getattr(self, k) for k in figures})
        yield from fraction(
            KIND, self.name, {"loss": self.loss, "min_transfer": self.min_transfer}, above_zero=False
        )
        if self.technology == "lcc" and self.poles < 1:
            yield Mistake(
                what=_("must be at least {least}", least="1"),
                where=place(KIND, self.name, "poles"),
                seen=str(self.poles),
                todo=_("Give a number of {least} or more.", least="1"),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """The last direction in which an LCC link carried power, None for never, and how long ago that ended [h]."""

    way: Way | None = None
    idle_h: float = 0.0


def add_link(
    problem: Problem,
    link: Link,
    state: LinkState | None = None,
    *,
    import_price: ArrayLike,
    export_price: ArrayLike,
    available: ArrayLike = 1.0,
    exclusive: bool = False,
) -> Share:
    """Add a link: columns ``<name>/import, export``, and the poles' and directions' where it is an LCC.

    Parameters
    ----------
    import_price, export_price : number or (steps,) [money/MWh]
        Paid for what the other side sends, and received for what arrives there.
    available : number or (steps,)
        Share of the link in service. [-]
    """
    if problem.note(link.mistakes()):
        return Share(name=link.name)
    called = f"{KIND} '{link.name}'"
    paid = problem.profile(f"{called}, import_price", _("the price"), import_price)
    received = problem.profile(f"{called}, export_price", _("the price"), export_price)
    share = problem.profile(called, _("availability"), available)
    name, h = link.name, problem.steps.hours
    arriving, leaving = (
        problem.columns(
            f"{name}/{way}",
            upper=most * share,
            says=_("'{name}' carries at most what is in service", name=name),
        )
        for way, most in (("import", link.import_mw), ("export", link.export_mw))
    )
    net = arriving * (1.0 - link.loss) - leaving
    if link.technology == "lcc":
        flows: dict[Way, Columns] = {"import": arriving, "export": leaving}
        up, down, infeed = _poles(problem, link, state or LinkState(), flows, share)
    else:
        up, down = link.import_mw * (1.0 - link.loss) * share - net, link.export_mw * share + net
        infeed = (arriving * (1.0 - link.loss),)
        if exclusive:
            _one_way(problem, link, arriving, leaving)
    return Share(
        name=name,
        injection_mw={ELECTRICITY: net},
        cost=arriving * (h * paid) - leaving * (h * (1.0 - link.loss) * received),
        up_mw=(up,),
        down_mw=(down,),
        emitted_t=arriving * (h * link.import_tco2_per_mwh) if link.import_tco2_per_mwh else None,
        infeed_mw=infeed,
        outfeed_mw=(leaving,),
        strength_needed_mva=(arriving + leaving) * link.strength_ratio if link.strength_ratio else None,
    )


def _one_way(problem: Problem, link: Link, arriving: Columns, leaving: Columns) -> None:
    name = link.name
    way = problem.columns(
        f"{name}/importing", upper=1.0, integer=True, says=_("'{name}' imports, or not", name=name)
    )
    says = _("'{name}' does not import and export at once", name=name)
    problem.rows(f"{name}/import_only", arriving - link.import_mw * way, upper=0.0, says=says)
    problem.rows(f"{name}/export_only", leaving + link.export_mw * way, upper=link.export_mw, says=says)


def _poles(
    problem: Problem, link: Link, state: LinkState, flows: dict[Way, Columns], share: Floats
) -> tuple[Terms, Terms, tuple[Terms, ...]]:
    """Add poles and directions; give the headroom up and down of the poles that are on, and what losing one takes.

    Poles that are on share a flow equally: with one or two, the loss is the larger of half (all) of it and of what the
    other could not carry; with more, a whole pole is counted.
    """
    n, name = problem.steps.count, link.name
    wait = problem.steps.whole(link.reversal_h)
    still = max(0, wait - int(state.idle_h / problem.steps.hours + 1e-9)) if state.way else 0
    ways: dict[Way, Columns] = {}
    most_mw: dict[Way, Terms] = {}
    least_mw: dict[Way, Terms] = {}
    rated: tuple[tuple[Way, float], ...] = (("import", link.import_mw), ("export", link.export_mw))
    for way, most in rated:
        high = np.ones(n)
        if state.way not in {None, way}:
            high[:still] = 0.0
        ways[way] = problem.columns(
            f"{name}/{way}ing",
            upper=high,
            integer=True,
            says=_("'{name}' is blocked while it turns", name=name),
        )
        poles = problem.columns(
            f"{name}/{way}_poles",
            upper=np.floor(link.poles * share + 1e-9),
            integer=True,
            says=_("'{name}' has so many poles in service", name=name),
        )
        most_mw[way] = poles * (most / link.poles)
        least_mw[way] = poles * (link.min_transfer * most / link.poles)
        says = _("each pole of '{name}' is off, or between its minimum and its maximum", name=name)
        problem.rows(f"{name}/{way}_most", flows[way] - most_mw[way], upper=0.0, says=says)
        problem.rows(f"{name}/{way}_least", flows[way] - least_mw[way], lower=0.0, says=says)
        says = _("'{name}' carries power in one direction only", name=name)
        problem.rows(f"{name}/{way}_way", poles - float(link.poles) * ways[way], upper=0.0, says=says)
    problem.rows(f"{name}/one_way", ways["import"] + ways["export"], upper=1.0, says=says)
    says = _("'{name}' stands still for {h} h before it turns", name=name, h=f"{link.reversal_h:g}")
    for k in range(1, min(wait, n - 1) + 1):
        later = np.arange(k, n)
        problem.rows(
            f"{name}/turn_to_import_{k}",
            rows_of(ways["import"] + lag(ways["export"], k), later),
            upper=1.0,
            says=says,
        )
        problem.rows(
            f"{name}/turn_to_export_{k}",
            rows_of(ways["export"] + lag(ways["import"], k), later),
            upper=1.0,
            says=says,
        )
    kept = 1.0 - link.loss
    up = (most_mw["import"] - flows["import"]) * kept + (flows["export"] - least_mw["export"])
    down = (flows["import"] - least_mw["import"]) * kept + (most_mw["export"] - flows["export"])
    pole_mw = link.import_mw / link.poles
    if link.poles > 2:
        return up, down, (ways["import"] * (pole_mw * kept),)
    lost = flows["import"] * (kept / link.poles), (flows["import"] - most_mw["import"] + pole_mw) * kept
    return up, down, lost
