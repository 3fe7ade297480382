r"""What is in a store: :math:`e_t = e_{t-1} + h\, q_t`, between empty and full.

:math:`e_t` is the content after step t, :math:`q_t` what flows in less what flows out. The content before the first
step is given, or is that of the last step: the period closes on itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.optimise.terms import first, lag

if TYPE_CHECKING:
    from tamna.optimise.problem import Problem
    from tamna.optimise.terms import Algebra, Columns


def add_level(
    problem: Problem,
    name: str,
    *,
    inflow_mw: Algebra,
    capacity_mwh: float,
    start_mwh: float | None,
    end_at_least_mwh: float = 0.0,
) -> Columns:
    """Add the column ``<name>/level`` and its law; `start_mwh` None closes the period on itself."""
    low = np.zeros(problem.steps.count)
    low[-1] = end_at_least_mwh
    level = problem.columns(
        f"{name}/level",
        lower=low,
        upper=capacity_mwh,
        says=_("'{name}' holds between nothing and {mwh} MWh", name=name, mwh=f"{capacity_mwh:g}"),
    )
    cyclic = start_mwh is None
    problem.rows(
        f"{name}/level",
        level - lag(level, cyclic=cyclic) - inflow_mw.expanded() * problem.steps.hours,
        equal=first(start_mwh or 0.0, problem.steps.count),
        says=_("the level of '{name}' follows from what flows in and out", name=name),
    )
    return level
