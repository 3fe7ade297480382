"""What two searches of one commitment know together: the best schedules and bound, and whether that is enough."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from threading import Condition
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.pglib_found import DECISIONS, Found, Stricter
from tamna.dispatch.pglib_relaxed import Relaxed, spare_mw
from tamna.errors import Infeasible, TamnaError
from tamna.lang import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.optimise.problem import Arrays

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

PATIENCE, LEAST_PATIENCE_S, MOST_PATIENCE = 0.75, 20.0, 0.8
"""Where the gap is met, stricter rules are tried for so many times as long again, for so many seconds at least, and to the end
of so much of the limit at most."""
_HAIR = 1e-6
_SHORT_MW = 1e-6
_END_S = 0.5
"""So much time is left for the last pricing. [s]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """An answer with what is proven of it.

    Attributes
    ----------
    objective, bound
        What it costs, and what no answer can cost less than. [money]
    x : (columns,)
        Values of the columns.
    """

    objective: float
    bound: float
    x: Floats

    @property
    def gap(self) -> float:
        """Proven distance from the best, over the objective. [-]"""
        return max(0.0, self.objective - self.bound) / abs(self.objective) if self.objective else 0.0


class Known:
    """The best schedules and bound so far; any thread tells, the one that waits prices."""

    relaxed: Relaxed
    """The tightest relaxation there is."""

    def __init__(
        self, arrays: Arrays, reserve_mw: Floats, gap: float, end: float, strict: Stricter | None = None
    ) -> None:
        self.arrays, self.reserve_mw, self.gap, self.end, self.strict = arrays, reserve_mw, gap, end, strict
        self.bound, self.found = -np.inf, Found(arrays, strict)
        self.over = self.none_keeps = False
        self.short: Bools | None = None
        self.news = Condition()
        self.waiting: list[tuple[Floats, Bools, bool]] = []
        self._began = self.met_at = time.monotonic()
        self.limit_s = max(end - self._began, 0.0)
        self._patient_until = np.inf

    @property
    def left_s(self) -> float:
        """What is left of the time. [s]"""
        return self.end - _END_S - time.monotonic()

    @property
    def near(self) -> bool:
        """Whether schedule and bound lie within the gap."""
        return self.found.best.within(self.gap, self.bound)

    @property
    def keeping(self) -> bool:
        """Whether what is looked for now is a schedule that keeps the stricter rules."""
        return self.strict is not None and self.near

    @property
    def done(self) -> bool:
        """Whether schedule and bound lie within the gap, by the stricter rules if those can be kept."""
        if self.found.kept.within(self.gap, self.bound):
            return True
        if not self.near:
            return False
        return self.strict is None or self.none_keeps or time.monotonic() > self._patient_until

    @property
    def stopped(self) -> bool:
        """Whether there is nothing more to do, or no time to do it in."""
        return self.done or self.short is not None or self.over or self.left_s <= 0.0

    @property
    def most(self) -> float:
        """What a schedule within the gap of the bound costs at most, a hair less. [money]"""
        return self.bound + (1.0 - _HAIR) * self.gap / (1.0 - self.gap) * abs(self.bound)

    @property
    def enough(self) -> float:
        """A bound that would do: a hair more than the gap asks for. [money]"""
        near, best = self.near, self.found.best.objective
        given = self.found.kept.objective if near else best
        enough = given - (1.0 - _HAIR) * self.gap * abs(given) if np.isfinite(given) else np.inf
        return min(enough, best) if near else enough

    def answer(self) -> Committed:
        """Give what was found: the cheapest, or what keeps the stricter rules where that lies within the gap, too."""
        kept, best = self.found.kept, self.found.best
        given = kept if kept.within(self.gap, self.bound) else best
        if given.x is None:
            raise TamnaError(_("no schedule was found within the time"), todo=_("Allow more time."))
        return Committed(objective=given.objective, bound=min(self.bound, given.objective), x=given.x)

    def proven(self, bound: float) -> None:
        """Take a bound."""
        with self.news:
            self.bound = max(self.bound, bound)
        self._note()

    def met(self, given: Relaxed, x: Floats, *, strictly: bool = False) -> None:
        """Take an answer of a relaxation, to be priced; `strictly` where its rows are the stricter ones."""
        groups = [g for g in given.arrays.columns if g.name.rpartition("/")[2] in DECISIONS]
        on = np.concatenate([x[g.place].round() for g in groups])
        short = spare_mw(replace(given, x=x), self.reserve_mw) < -_SHORT_MW
        with self.news:
            self.waiting.append((on, short, strictly))
            self.news.notify_all()

    def price(self, on: Floats, short: Bools, strictly: bool) -> None:
        """Price a schedule; where its hours lack reserve, the search must begin again."""
        try:
            self.take(on, strictly=strictly)
        except Infeasible:
            if not self.relaxed.busy.all():
                self.short = short if (short & ~self.relaxed.busy).any() else np.ones_like(short)

    def take(self, on: Floats, *, strictly: bool = False) -> None:
        """Price a schedule in the whole problem.

        Raises
        ------
        Infeasible
            As `Found.take`.
        """
        if self.found.take(on, strictly=strictly):
            self.met_at = time.monotonic()
        self._note()

    def _note(self) -> None:
        """Tell of news; where the gap is met by the bound's own rules, begin to count the time for the stricter ones."""
        with self.news:
            if self.keeping and not np.isfinite(self._patient_until):
                now = time.monotonic()
                more = max(PATIENCE * (now - self._began), LEAST_PATIENCE_S)
                self._patient_until = min(now + more, self._began + MOST_PATIENCE * self.limit_s)
            self.news.notify_all()
