"""The watch over recent scores: do they still lie where the scores of the weeks before say they should?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.lang import Message

    Floats = NDArray[np.float64]

RECENT_DAYS = 14
LEAST_DAYS = 28
DRAWS = 2000
LEVEL = 0.99


@dataclass(frozen=True, slots=True)
class Watch:
    """Recent scores beside what was to be expected.

    Attributes
    ----------
    recent
        Mean score of the recent days. [the target's unit]
    low, high
        Where the mean of so many days lies in 98 of 100 draws from the days before. [the target's unit]
    days, reference_days
        How many days were compared.
    """

    recent: float
    low: float
    high: float
    days: int
    reference_days: int

    @property
    def worse(self) -> bool:
        """Whether recent scores are worse than the days before allow."""
        return self.recent > self.high

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        return {name: getattr(self, name) for name in self.__slots__} | {"worse": self.worse}

    def told(self, unit: str) -> Message | None:
        """Say that the scores left their band; None while they stay."""
        if not self.worse:
            return None
        return _(
            "drift: the pinball loss of the last {days} days is {recent:.3g} {unit}, beyond {high:.3g} {unit} that the {before} days before allow",
            days=self.days,
            recent=self.recent,
            unit=unit,
            high=self.high,
            before=self.reference_days,
        )


def watch(losses: Floats, *, recent_days: int = RECENT_DAYS, seed: int = 0) -> Watch | None:
    """Hold the mean loss of the last days against that of the days before.

    Parameters
    ----------
    losses : (days,)
        A score a day, the oldest first, of forecasts that did not know the day; NaN where a day has none. Whole
        days are drawn again, since the hours of a day err together.

    Returns
    -------
    Watch or None
        None when fewer than `LEAST_DAYS` days are there to compare with.
    """
    recent = losses[-recent_days:]
    before = losses[:-recent_days]
    recent, before = recent[np.isfinite(recent)], before[np.isfinite(before)]
    if len(before) < LEAST_DAYS or len(recent) < recent_days // 2:
        return None
    rng = np.random.default_rng(seed)
    means = before[rng.integers(0, len(before), (DRAWS, len(recent)))].mean(axis=1)
    low, high = np.quantile(means, [1 - LEVEL, LEVEL])
    return Watch(float(recent.mean()), float(low), float(high), len(recent), len(before))
