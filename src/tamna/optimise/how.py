"""How to solve: how near to the best, for how long, with which searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tamna.errors import Mistake, Place, UsageError, gather
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

Heuristic = Literal["feasibility_jump", "rens", "rins", "shifting", "root_reduced_cost", "zi_round"]


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How to solve.

    Attributes
    ----------
    gap
        Stop when an answer is proven to lie this close to the best, over its objective. [-]
    time_limit_s
        Stop with the best answer so far. [s]
    presolve
        Let the solver shorten the problem first; off where a start is given or the rows are tight already.
    pricing
        Of the dual simplex: ``devex`` pays on years of dispatch, ``choose`` is the solver's own.
    heuristics
        Which searches of the tree to run; None leaves the solver's own choice.
    effort
        Share of the time that they may take; None leaves the solver's own choice. [-]
    cutoff
        Look for answers that cost less than this only. [money]
    target
        Stop with the first answer that costs no more than this. [money]
    strong
        So many trials of a column's branches before its past is trusted.
    symmetry
        Look for columns that can change places.
    """

    gap: float = 1e-4
    time_limit_s: float = float("inf")
    threads: int = 1
    presolve: bool = True
    pricing: Literal["choose", "dantzig", "devex", "steepest"] = "choose"
    heuristics: tuple[Heuristic, ...] | None = None
    effort: float | None = None
    cutoff: float = float("inf")
    target: float = float("-inf")
    strong: int = 8
    symmetry: bool = True
    seed: int = 0

    def check(self) -> None:
        """Refuse a gap or a time that cannot be meant.

        Raises
        ------
        UsageError
            Both at once.
        """
        gather(self._mistakes(), UsageError)

    def _mistakes(self) -> Iterator[Mistake]:
        if not 0.0 <= self.gap < 1.0:
            yield Mistake(
                what=_("must lie in [0, 1)"),
                where=Place(path="--gap"),
                seen=f"{self.gap:g}",
                todo=_("Give a fraction, such as 0.001."),
            )
        if not self.time_limit_s >= 0.0:
            yield Mistake(
                what=_("must be at least {least}", least="0"),
                where=Place(path="--time-limit"),
                seen=f"{self.time_limit_s:g}",
                todo=_("Give seconds, such as 60."),
            )
