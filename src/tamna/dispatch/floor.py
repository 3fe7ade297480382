r"""What of demand must be left to thermal units and links: the floor that holds wind and PV back at noon.

.. math:: \sum_{k \in \text{thermal, links}} p_{k,t} + u_t \ge F_t, \qquad u_t \ge 0, \qquad \text{cost}_t = h\,g\,u_t

Must-run plant, the links' least flow and what they cannot send out, all in one: the part of demand below which the
operator has been seen to hold wind back. Nobody publishes which unit must run when. Where PV alone takes demand below
it, the floor has been seen to give way, :math:`u_t`: its price g then lies above that of holding wind back and of what
units burn in its place, and below that of holding PV back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import total_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from tamna.optimise.problem import Problem

NAME = "floor"
FLOOR, BELOW = f"{NAME}/left", f"{NAME}/below"


def add_floor(
    problem: Problem, shares: Sequence[Share], floor_mw: ArrayLike, *, gives_per_mwh: float = np.inf
) -> Share:
    """Add the row `FLOOR`: what these shares put in reaches the floor, or what it gives way by, `BELOW`, is paid.

    Parameters
    ----------
    shares
        Of thermal units and links.
    floor_mw : number or (steps,)
        [MW]
    gives_per_mwh
        Cost of staying below it; inf: never. [money/MWh]
    """
    least = problem.profile(FLOOR, _("the floor"), floor_mw)
    parts = [share.injection_mw[ELECTRICITY] for share in shares if ELECTRICITY in share.injection_mw]
    if not parts:
        return Share(name=NAME)
    says = _("must-run units and the links' least flow take their part of demand")
    given = total_of(parts, problem.steps.count)
    if np.isinf(gives_per_mwh):
        problem.rows(FLOOR, given, lower=least, says=says)
        return Share(name=NAME)
    below = problem.columns(BELOW, says=_("what must-run units and links go below their floor"))
    problem.rows(FLOOR, given + below, lower=least, says=says)
    return Share(name=NAME, cost=below * (problem.steps.hours * gives_per_mwh))
