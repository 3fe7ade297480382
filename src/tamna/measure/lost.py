"""What wind was lost: the nouns. Light on purpose: who judges (`tamna.measure.judge`) loads the learners."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tamna.lang import Message, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.physics.curtailment import Curtailment, Hours, SystemFloor
    from tamna.physics.paths import Wander

    Floats = NDArray[np.float64]


class Why(IntEnum):
    """Why an hour is judged or not."""

    JUDGED = 0
    NO_WEATHER = 1
    NO_OUTPUT = 2
    FLEET_LEFT = 3
    NO_DEMAND = 4
    NOT_LEARNED = 5


REASONS: dict[Why, Message] = {
    Why.NO_WEATHER: _("no weather of the island's stations in the store"),
    Why.NO_OUTPUT: _("no wind output published"),
    Why.FLEET_LEFT: _(
        "most of the fleet has left the settled wind series, and no other metering base covers it:"
        " potential less what is left there is not curtailment"
    ),
    Why.NO_DEMAND: _("demand or PV not published"),
    Why.NOT_LEARNED: _("no other year with weather, output and demand to learn from"),
}


@dataclass(frozen=True, slots=True)
class NotLost:
    """The whole question cannot be answered: why, and what to do."""

    reason: Message
    todo: Message


class Knows(Protocol):
    """A fit that says what it learned from."""

    @property
    def learned(self) -> Mapping[str, Any]:
        """From which period and hours, and how well it did out of fold."""


class Teacher(Protocol):
    """What stood for one year: fit and floor of the other years, and what they learned from."""

    @property
    def year(self) -> int:
        """The year judged."""

    @property
    def fit(self) -> Knows:
        """The fit of the other years."""

    @property
    def floor(self) -> SystemFloor:
        """The floor of the other years."""

    @property
    def anchors(self) -> tuple[int, ...]:
        """The years that the floor learned from."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a fit learned from, without the fit."""

    learned: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A `Teacher` without its learners: enough to say where an estimate comes from, small enough to be kept."""

    year: int
    fit: Known
    floor: SystemFloor
    anchors: tuple[int, ...]

    @staticmethod
    def of_all(found: Lost) -> tuple[Taught, ...]:
        """Take the learners off every teacher of an estimate."""
        return tuple(
            Taught(year=x.year, fit=Known(dict(x.fit.learned)), floor=x.floor, anchors=x.anchors)
            for x in found.learned
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What wind was lost. Arrays (hours,), NaN where not known.

    Attributes
    ----------
    potential_mw, potential_p10_mw, potential_p90_mw
        What the settled fleet could have given; from weather alone where its output is not known. [MW]
    actual_mw, demand_mw, pv_mw, floor_mw
        What it gave, and the system around it; the floor is that of the day. [MW]
    found, wander
        The estimate, and the same under other floors.
    kinds
        Energy by class: ``instructed, market, inferred, outage, unexplained``. [MWh]
    above
        What lay as far above the weather's interval as outage and unexplained lie below it: so much of
        them is chance, and sums leave it out. [MWh]
    published_mwh
        As published. [MWh]
    why
        `Why` of each hour.
    flag
        `Flag` bits: ``ESTIMATED`` everywhere, ``COVERAGE`` where the settled fleet is not whole.
    other_base
        Hours whose output or PV is of another metering base.
    learned
        By year judged.
    given
        What it was judged from: output, the weather's own potential and its error, demand, PV; None where not kept.
    """

    valid_at: Stamps
    potential_mw: Floats
    potential_p10_mw: Floats
    potential_p90_mw: Floats
    actual_mw: Floats
    demand_mw: Floats
    pv_mw: Floats
    floor_mw: Floats
    found: Curtailment
    wander: Wander
    kinds: Mapping[str, Floats]
    above: Mapping[str, Floats]
    published_mwh: Floats
    why: NDArray[np.int8]
    flag: NDArray[np.uint16]
    other_base: NDArray[np.bool_]
    learned: tuple[Teacher, ...]
    given: Hours | None = None

    @property
    def estimated_mwh(self) -> Floats:
        """Expected energy held back. [MWh]"""
        return self.found.expected_mwh

    @property
    def likelihood(self) -> Floats:
        """That the hour was held down, 0..1. [-]"""
        return self.found.likelihood

    def interval(self) -> tuple[Floats, Floats]:
        """Give the 80 % interval of each hour's energy [MWh], widened to its expected energy.

        An hour that was hardly held has both quantiles at zero and an expected energy just above.
        """
        low, high = self.found.interval()
        return np.fmin(low, self.estimated_mwh), np.fmax(high, self.estimated_mwh)

    def reason(self, hours: NDArray[np.bool_] | slice = slice(None)) -> Message | None:
        """Say why hours are not judged: the reason of most of them, or None where one is."""
        codes = self.why[hours]
        if not len(codes) or (codes == Why.JUDGED).any():
            return None
        return REASONS[Why(int(np.bincount(codes).argmax()))]
