r"""What of demand must be left to thermal units and links: the floor that holds wind and PV back at noon.

.. math:: \sum_{k \in \text{thermal, links}} p_{k,t} \ge F_t

Must-run plant, the links' least flow and what they cannot send out, all in one: the part of demand below which the
operator has been seen to hold wind back. Nobody publishes which unit must run when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.optimise.share import ELECTRICITY
from tamna.optimise.terms import total_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike

    from tamna.optimise.problem import Problem
    from tamna.optimise.share import Share

FLOOR = "floor/left"


def add_floor(problem: Problem, shares: Iterable[Share], floor_mw: ArrayLike) -> None:
    """Add the row `FLOOR`: what these shares put in reaches the floor.

    Parameters
    ----------
    shares
        Of thermal units and links.
    floor_mw : number or (steps,)
        [MW]
    """
    least = problem.profile(FLOOR, _("the floor"), floor_mw)
    parts = [share.injection_mw[ELECTRICITY] for share in shares if ELECTRICITY in share.injection_mw]
    if parts:
        says = _("must-run units and the links' least flow take their part of demand")
        problem.rows(FLOOR, total_of(parts, problem.steps.count), lower=least, says=says)
