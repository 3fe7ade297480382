r"""CO2: what all assets emit, at a price, and at most so much.

.. math:: E_t = h \sum_k f_k\, p_{k,t}, \qquad \text{cost}_t = \pi E_t, \qquad \sum_t E_t \le \overline E

with :math:`f_k` what a MWh of asset k emits: of a unit all its output, of a link what it imports (the other side's
plants; what is sent out earns nothing). The cap holds over the steps of the problem: a window of a rolling horizon
needs its own part of a year's cap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.optimise.blocks.checks import at_least
from tamna.optimise.share import Share
from tamna.optimise.terms import total, total_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tamna.errors import Mistake
    from tamna.optimise.problem import Problem

KIND = _("CO2")
NAME = "co2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Co2:
    """What emissions cost and how many there may be.

    Attributes
    ----------
    price_per_t
        Of each tonne; 0: none. [money/tCO2]
    cap_t
        Most emissions over the steps of the problem. [tCO2]
    """

    price_per_t: float = 0.0
    cap_t: float = np.inf

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        yield from at_least(KIND, NAME, {"price_per_t": self.price_per_t, "cap_t": self.cap_t})


def add_co2(problem: Problem, co2: Co2, shares: Iterable[Share]) -> Share:
    """Add the price and the cap of what `shares` emit: row ``co2/cap`` where there is one."""
    if problem.note(co2.mistakes()):
        return Share(name=NAME)
    emitted = total_of((s.emitted_t for s in shares if s.emitted_t is not None), problem.steps.count)
    if np.isfinite(co2.cap_t):
        problem.rows(
            f"{NAME}/cap",
            total(emitted),
            upper=co2.cap_t,
            says=_("no more than {t} t of CO2 are emitted", t=f"{co2.cap_t:g}"),
        )
    return Share(name=NAME, cost=emitted * co2.price_per_t if co2.price_per_t else None)
