r"""A cable to the other side: import :math:`i_t` and export :math:`x_t`, both counted where they are sent.

.. math::
    \text{injection}_t &= (1 - \lambda)\, i_t - x_t \\
    \text{cost}_t &= h\,\bigl(\pi^i_t\, i_t - \pi^x_t\, (1 - \lambda)\, x_t\bigr)

**VSC** passes through zero freely: :math:`0 \le i_t \le I,\; 0 \le x_t \le X`. Where what is sold brings more than
what is bought costs, both at once would pay on paper; `exclusive` forbids it with a yes or no a step.

**LCC**: each of N equal poles is off or between minimum and maximum, all in one direction, and turning the flow takes
:math:`\rho` steps without any. One of the numbers of poles carries it: :math:`y^i_{k,t}, y^x_{k,t} \in \{0, 1\}` with the
flow :math:`i_{k,t}` over k poles, so that the loss of one pole is known exactly:

.. math::
    i_t = \sum_k i_{k,t}, \qquad \mu\,k\tfrac{I}{N} y^i_{k,t} \le i_{k,t} \le k\tfrac{I}{N} y^i_{k,t}, \qquad
    \sum_k (y^i_{k,t} + y^x_{k,t}) \le 1 \\
    \sum_k y^i_{k,t} + \sum_k y^x_{k,t-j} \le 1 \;\; (j = 1..\rho), \qquad
    \ell_t = (1 - \lambda) \sum_k i_{k,t} / k

and the same with i and x exchanged: the parts are as tight as they can be, for one step. Direction and waiting time before the first step enter bounds only. Two links are
two blocks, so one may import while the other exports. An LCC needs a grid that is strong enough: what it carries times
`strength_ratio` is the short-circuit power that machines of the island must give (`synchronous`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tamna.errors import Mistake
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, finite, fraction, place
from tamna.optimise.blocks.link_poles import add_poles
from tamna.optimise.share import ELECTRICITY, Share

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from tamna.optimise.problem import Problem
    from tamna.optimise.terms import Columns

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
    min_transfer, min_export_transfer
        Lowest flow of a pole over its maximum, while on; of exports the same where they have none of their own. [-]
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
    min_export_transfer: float | None = None
    reversal_h: float = 0.0
    import_tco2_per_mwh: float = 0.0
    strength_ratio: float = 0.0

    def least_share(self, way: str) -> float:
        """Give the lowest flow of a pole that is on, over its maximum of that way. [-]"""
        if way == "import" or self.min_export_transfer is None:
            return self.min_transfer
        return self.min_export_transfer

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        figures = ("import_mw", "export_mw", "reversal_h", "strength_ratio")
        yield from at_least(KIND, self.name, {k: getattr(self, k) for k in figures})
        sizes = ("import_mw", "export_mw", "import_tco2_per_mwh")
        yield from finite(KIND, self.name, {k: v for k in sizes if not math.isnan(v := getattr(self, k))})
        shares = {
            "loss": self.loss,
            "min_transfer": self.min_transfer,
            "min_export_transfer": self.least_share("export"),
        }
        yield from fraction(KIND, self.name, shares, above_zero=False)
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
        up, down, infeed = add_poles(problem, link, state or LinkState(), flows, share)
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
