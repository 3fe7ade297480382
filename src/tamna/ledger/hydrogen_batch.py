"""A batch of hydrogen judged: how much of it is renewable by one rule, its carbon, its tier, and what would change it.

One rule at a time, over both ends of a range of grid factors: what does not hold over all of the range is indicative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.ledger.hydrogen import (
    EU_LIMIT_KG,
    LHV_MJ_PER_KG,
    MoreRenewable,
    Route,
    Worked,
    eu_routes,
    intensity,
    one_more_hour,
    tier,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.integer[Any]]

__all__ = ["Judged", "Rules", "judge", "judge_all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A batch under one rule; pairs are at the low and the high end of the grid's factor.

    Attributes
    ----------
    load_wh, renewable_wh
        Electricity, and what of it counts as renewable. [Wh]
    kg_per_kg
        Carbon intensity. [kg CO2e/kg]
    tiers
        Korea's tier; None above all.
    more
        What one more renewable hour would change.
    hours_to_limit
        How many further renewable hours, the most helpful first, lead to the EU's limit; 0 where it is kept. [-]
    """

    load_wh: int
    renewable_wh: int
    kg_per_kg: tuple[float, float]
    tiers: tuple[int | None, int | None]
    more: tuple[MoreRenewable, MoreRenewable]
    hours_to_limit: tuple[int, int]

    @property
    def share(self) -> float:
        """What counts as renewable over what was used, 0..1 [-]; NaN without load."""
        return self.renewable_wh / self.load_wh if self.load_wh else float("nan")

    @property
    def g_per_mj(self) -> tuple[float, float]:
        """Carbon intensity by the lower heating value. [g CO2e/MJ]"""
        low, high = (1000.0 * kg / LHV_MJ_PER_KG for kg in self.kg_per_kg)
        return low, high

    @property
    def keeps_limit(self) -> bool | None:
        """Whether the EU's 28.2 g/MJ are kept; None where that hangs on the factor."""
        low, high = (kg <= EU_LIMIT_KG for kg in self.kg_per_kg)
        return low if low == high else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """A batch under the rules side by side.

    Attributes
    ----------
    routes
        By which route each hour's load counts for the EU, each (hours,) [Wh].
    claimed
        What is claimed by right in the same hour: on it rests Korea's tier.
    eu_month, eu_hour
        The EU's rule with the calendar month, and with the hour.
    """

    routes: dict[Route, Whole]
    claimed: Judged
    eu_month: Judged
    eu_hour: Judged


def judge(load_wh: Whole, unmet_wh: Whole, mg: int, factors: tuple[float, float]) -> Judged:
    """Judge a batch by what of each hour is not renewable.

    Parameters
    ----------
    load_wh, unmet_wh : (hours,) [Wh]
    mg
        Mass, > 0. [mg]
    factors
        Low and high carbon of grid electricity. [g CO2e/kWh]

    Examples
    --------
    A kilogram at 50 kWh in two hours, one of them on the grid, is above every tier and the EU's limit:

    >>> one = judge(np.array([25_000, 25_000]), np.array([0, 25_000]), 10**6, (420.0, 500.0))
    >>> one.share, one.kg_per_kg, one.tiers, one.keeps_limit, one.hours_to_limit
    (0.5, (10.5, 12.5), (None, None), False, (1, 1))
    >>> one.more[0].tier
    1
    """
    low, high = factors
    kg = intensity(unmet_wh, mg, low), intensity(unmet_wh, mg, high)
    return Judged(
        load_wh=int(load_wh.sum()),
        renewable_wh=int(load_wh.sum()) - int(unmet_wh.sum()),
        kg_per_kg=kg,
        tiers=(tier(kg[0]), tier(kg[1])),
        more=(one_more_hour(unmet_wh, mg, low), one_more_hour(unmet_wh, mg, high)),
        hours_to_limit=(_hours_to_limit(unmet_wh, mg, low), _hours_to_limit(unmet_wh, mg, high)),
    )


def judge_all(hours: Worked, mg: int, factors: tuple[float, float]) -> Rules:
    """Judge a batch by the claim of the same hour, by the EU's month and by the EU's hour."""
    routes = eu_routes(hours)
    none, month = routes[Route.NONE], routes[Route.MONTH]
    return Rules(
        routes=routes,
        claimed=judge(hours.load_wh, hours.load_wh - hours.matched_wh, mg, factors),
        eu_month=judge(hours.load_wh, none, mg, factors),
        eu_hour=judge(hours.load_wh, none + month, mg, factors),
    )


def _hours_to_limit(unmet_wh: Whole, mg: int, factor: float) -> int:
    most_first = np.sort(unmet_wh.astype(np.float64) * factor)[::-1]
    left = np.concatenate([[most_first.sum()], most_first.sum() - np.cumsum(most_first)]) / mg
    return int(np.argmax(left <= EU_LIMIT_KG))
