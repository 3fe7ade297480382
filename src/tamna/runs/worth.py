"""What a forecast is worth: the same days lived after plans on different forecasts, day by day beside each other.

Of two forecasts the first is worth what the second cost more. As a part of the gap: of what the second cost more than
perfect foresight did. Intervals hold nine draws of ten, whole days drawn again, in pairs (`tamna.forecast.draws`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tamna.forecast.draws import Draws, ends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.account import Account

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Measure = Literal["cost_krw", "paid_krw", "tco2", "held_mwh"]

MEASURES: tuple[Measure, ...] = ("cost_krw", "paid_krw", "tco2", "held_mwh")
PERFECT = "perfect"
LEAST_DAYS = 2
"""Fewer days drawn again say nothing of how sure a sum is."""
ON_PATHS = "tamna_paths"
"""What was decided on many paths of tamna's bands instead of their middle."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Daily:
    """What a forecast's days came to, (days,) each.

    Attributes
    ----------
    cost_krw
        All that counts: paid, and what was held back or missing at its assumed price. [KRW]
    paid_krw
        Fuel, starts, imports and wear. [KRW]
    tco2, held_mwh, short_mwh, unserved_mwh
        Carbon; wind and PV held back; reserve and load that were missing. [tCO2], [MWh]
    """

    cost_krw: Floats
    paid_krw: Floats
    tco2: Floats
    held_mwh: Floats
    short_mwh: Floats
    unserved_mwh: Floats
    starts: Floats

    @classmethod
    def of(cls, days: list[Account]) -> Daily:
        """Put the days' accounts side by side."""
        return cls(
            cost_krw=np.array([a.paid_krw + a.missed_krw for a in days]),
            paid_krw=np.array([a.paid_krw for a in days]),
            tco2=np.array([a.tco2 for a in days]),
            held_mwh=np.array([sum(a.held_mwh.values()) for a in days]),
            short_mwh=np.array([sum(a.short_mwh.values()) for a in days]),
            unserved_mwh=np.array([a.unserved_mwh for a in days]),
            starts=np.array([float(sum(a.starts.values())) for a in days]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What one forecast saves against another, with the ends of its interval.

    Attributes
    ----------
    value, low, high
        Over all days that count, in the measure's unit; of fewer than `LEAST_DAYS` days low and high are NaN.
    part, part_low, part_high
        Of the gap between the other and perfect foresight, or whatever it is held against; None where fewer than
        nineteen of twenty draws have a gap. [-]
    """

    value: float
    low: float
    high: float
    part: float | None
    part_low: float | None
    part_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What one forecast saves against another on an island with a change and on the island as it stands.

    Attributes
    ----------
    low, high
        Ends of the interval of the difference: whole days drawn again, the same of both islands.
    """

    with_it: float
    as_it_stands: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """What the forecast saves more with the change."""
        return self.with_it - self.as_it_stands


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Worth:
    """Forecasts beside each other on the same days.

    Attributes
    ----------
    counted : (days,)
        Days that count: all whose wind and PV were recorded.
    kinds
        Who foresaw -> days; ``perfect`` among them.
    """

    counted: Bools
    kinds: Mapping[str, Daily]

    @property
    def days(self) -> int:
        """How many days count."""
        return int(self.counted.sum())

    def total(self, kind: str, name: str) -> float:
        """Give a sum over the days that count."""
        return float(getattr(self.kinds[kind], name)[self.counted].sum())

    def saved(self, kind: str, other: str, measure: Measure, *, best: str = PERFECT, seed: int = 0) -> Saved:
        """Give what `kind` saves against `other`, and which part of what `best` saves against it that is."""
        mine, theirs, least = (
            np.asarray(getattr(self.kinds[k], measure)[self.counted]) for k in (kind, other, best)
        )
        saves, gap = theirs - mine, theirs - least
        times = Draws.of(np.arange(len(saves)), seed=seed).times
        enough = len(saves) >= LEAST_DAYS
        low, high = (ends(times @ saves) if enough else None) or (np.nan, np.nan)
        part: tuple[float, float, float] | None = None
        gaps = times @ gap
        if len(gap) and float(np.quantile(gaps, 0.05)) > 0.0:
            with np.errstate(invalid="ignore", divide="ignore"):
                drawn = (times @ saves) / np.where(gaps > 0.0, gaps, np.nan)
            part = (float(saves.sum() / gap.sum()), *((ends(drawn) if enough else None) or (np.nan, np.nan)))
        return Saved(
            value=float(saves.sum()),
            low=low,
            high=high,
            part=None if part is None else part[0],
            part_low=None if part is None else part[1],
            part_high=None if part is None else part[2],
        )

    def changed(self, before: Worth, kind: str, other: str, measure: Measure, *, seed: int = 0) -> Changed:
        """Hold what `kind` saves against `other` here against the same on the island as it was before a change."""
        now, then = (
            np.asarray(getattr(w.kinds[other], measure) - getattr(w.kinds[kind], measure))[self.counted]
            for w in (self, before)
        )
        times = Draws.of(np.arange(len(now)), seed=seed).times
        low, high = ends(times @ (now - then)) or (np.nan, np.nan)
        return Changed(with_it=float(now.sum()), as_it_stands=float(then.sum()), low=low, high=high)
