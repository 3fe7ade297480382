"""An answer: values and prices by name, with how good it is proven to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tamna.errors import UsageError
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from tamna.optimise.problem import Group
    from tamna.optimise.terms import Algebra

    Floats = NDArray[np.float64]

Status = Literal["optimal", "time_limit", "target", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """What the solver found.

    Attributes
    ----------
    status
        ``optimal`` (to the gap asked for), ``time_limit``: the best answer so far, with its gap, or ``target``: an
        answer as cheap as asked for, or ``stopped`` by who watched.
    objective, bound
        What it costs, and what no answer can cost less than. [money]
    seconds
        Of the solver alone. [s]
    x : (columns,)
        All values; `solution["hallim/charge"]` gives one name's.
    row_dual : (rows,)
        What one more unit on the right-hand side would add to the objective. Empty for an answer with whole numbers.
    """

    status: Status
    objective: float
    bound: float
    seconds: float
    nodes: int
    x: Floats
    row_dual: Floats
    columns: Mapping[str, Group]
    rows: Mapping[str, Group]

    @property
    def gap(self) -> float:
        """Proven distance from the best, over the objective. [-]"""
        apart = abs(self.objective - self.bound)
        return apart / abs(self.objective) if self.objective else float(apart > 0)

    def __getitem__(self, name: str) -> Floats:
        if name not in self.columns:
            raise UsageError(_("no such column in the problem"), seen=name)
        return self.x[self.columns[name].place]

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def of(self, terms: Algebra) -> Floats:
        """Give the value of an expression, (its rows,)."""
        return terms.expanded().value(self.x)

    def dual(self, row: str) -> Floats:
        """Give the duals of a row's name, (its rows,) [money per unit of the row]."""
        if row not in self.rows:
            raise UsageError(_("no such row in the problem"), seen=row)
        if not len(self.row_dual):
            raise UsageError(
                _("an answer with whole numbers has no duals"),
                todo=_(
                    "Hold the whole numbers (`tamna.optimise.solver.priced`): the duals are then those of that schedule."
                ),
            )
        return self.row_dual[self.rows[row].place]
