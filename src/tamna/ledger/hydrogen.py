"""What a batch of hydrogen counts as, hour by hour: Korea's clean-hydrogen tiers beside the EU's rule for RFNBO.

Korea asks for the carbon of a kilogram, well to gate (notice of March 2024): tiers 1 to 4 end at 0.1, 1, 2 and 4 kg
CO2e/kg, each edge inside. Which life-cycle factor of grid electricity the notice means is not settled here, so a
tier is stated over a range of factors and is indicative where the range holds more than one.

The EU (Delegated Regulation 2023/1184) asks when the electricity was made: in the same hour from 2030, in the same
calendar month until then. An hour is also met where the day-ahead price is at most 20 EUR/MWh or below 0.36 times
the price of an allowance, where redispatch would otherwise have turned renewables down, and by storage behind the
same connection that was charged in a met hour. The batch's own limit is 28.2 g CO2e/MJ (lower heating value).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.lang import _
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.integer[Any]]

__all__ = [
    "EU_LIMIT_KG", "TIERS", "MoreRenewable", "Route", "Worked", "eu_routes", "intensity", "one_more_hour", "tier",
]  # fmt: skip

TIERS: Final = ((1, 0.1), (2, 1.0), (3, 2.0), (4, 4.0))
"""Number of the tier and its upper edge, inclusive [kg CO2e/kg]; to be checked against the notice."""
LHV_MJ_PER_KG: Final = 119.96
EU_LIMIT_KG: Final = 28.2 * LHV_MJ_PER_KG / 1000.0
"""28.2 g/MJ as [kg CO2e/kg]."""
CHEAP_EUR_PER_MWH: Final = 20.0
CHEAP_PER_ALLOWANCE: Final = 0.36


class Route(StrEnum):
    """By which sentence of the EU rule a watt-hour counts as renewable."""

    HOUR = "hour"
    STORAGE = "storage"
    REDISPATCH = "redispatch"
    PRICE = "price"
    MONTH = "month"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Worked:
    """The hours of a batch. All (hours,), whole [Wh] unless said.

    Attributes
    ----------
    load_wh
        Electricity of the electrolyser.
    made_wh
        What the plants under its papers made in that hour: what is matched, and the rest of it.
    matched_wh
        What of the load is claimed by right in the same hour; at most load and `made_wh`.
    storage_wh
        What of `matched_wh` came out of storage.
    redispatch_wh
        Renewable energy that instructions would have turned down in that hour without this load.
    price_eur_mwh, allowance_eur
        Day-ahead price of the zone [EUR/MWh] and of an emission allowance [EUR/t]; NaN where not known.
    """

    load_wh: Whole
    made_wh: Whole
    matched_wh: Whole
    storage_wh: Whole
    redispatch_wh: Whole
    price_eur_mwh: Floats
    allowance_eur: Floats


def eu_routes(hours: Worked) -> dict[Route, Whole]:
    """Say of each hour's load by which route it counts, the stricter first.

    Low-price hours and the month draw on what the same plants made in the batch's other hours and nobody in the
    batch used: a route lifts the condition on time, it makes no energy.

    Returns
    -------
    each (hours,) [Wh]
        They sum to the load. Under the hourly rule ``MONTH`` does not count.

    Raises
    ------
    LedgerError
        More is matched than was used or made.

    Examples
    --------
    >>> nan = np.full(2, np.nan)
    >>> two = Worked(load_wh=np.array([10, 10]), made_wh=np.array([16, 0]), matched_wh=np.array([10, 0]),
    ...              storage_wh=np.zeros(2, int), redispatch_wh=np.array([0, 3]), price_eur_mwh=nan,
    ...              allowance_eur=nan)
    >>> {str(r): w.tolist() for r, w in eu_routes(two).items() if w.any()}
    {'hour': [10, 0], 'redispatch': [0, 3], 'month': [0, 6], 'none': [0, 1]}
    """
    wrong = (
        (hours.matched_wh > hours.load_wh)
        | (hours.matched_wh > hours.made_wh)
        | (hours.storage_wh > hours.matched_wh)
    )
    if wrong.any():
        refuse(_("more is matched than was used or made in interval {n}", n=int(np.argmax(wrong)) + 1))
    out = {Route.HOUR: hours.matched_wh - hours.storage_wh, Route.STORAGE: hours.storage_wh}
    rest = hours.load_wh - hours.matched_wh
    out[Route.REDISPATCH] = np.minimum(rest, hours.redispatch_wh)
    rest = rest - out[Route.REDISPATCH]
    pool = int((hours.made_wh - hours.matched_wh).sum())
    cheap = (hours.price_eur_mwh <= CHEAP_EUR_PER_MWH) | (
        hours.price_eur_mwh < CHEAP_PER_ALLOWANCE * hours.allowance_eur
    )
    for route, may in ((Route.PRICE, cheap), (Route.MONTH, np.ones(len(rest), bool))):
        asked = np.where(may, rest, 0)
        sums = np.minimum(np.cumsum(asked), pool)
        out[route] = np.diff(sums, prepend=0)
        pool -= int(sums[-1]) if len(sums) else 0
        rest = rest - out[route]
    out[Route.NONE] = rest
    return out


def intensity(unmatched_wh: Whole, mg: int, grid_g_per_kwh: Floats | float) -> float:
    """Give the carbon of a kilogram: what is not renewable carries the grid's factor. [kg CO2e/kg]

    Parameters
    ----------
    unmatched_wh : (hours,) [Wh]
    mg
        Mass of the batch, > 0. [mg]
    grid_g_per_kwh : (hours,) or one number [g CO2e/kWh]

    Examples
    --------
    55 kWh of the grid for a kilogram:

    >>> round(intensity(np.array([55_000]), 10**6, 417.3), 2)
    22.95
    """
    if mg <= 0:
        refuse(_("a batch without hydrogen has no carbon intensity"), seen=f"{mg} mg")
    return float((unmatched_wh * np.asarray(grid_g_per_kwh)).sum()) / mg  # Wh x g/kWh = mg; mg/mg


def tier(kg_per_kg: float) -> int | None:
    """Give Korea's tier, 1 is the best; None above all.

    Examples
    --------
    >>> tier(0.1), tier(0.11), tier(4.0), tier(4.01)
    (1, 2, 4, None)
    """
    return next((number for number, edge in TIERS if kg_per_kg <= edge), None)


@dataclass(frozen=True, slots=True)
class MoreRenewable:
    """What changes if further hours of a batch were renewable.

    Attributes
    ----------
    hour
        Place of the hour that would help most; -1 where every hour is renewable already.
    kg_per_kg, tier
        Carbon intensity [kg CO2e/kg] and tier with that hour renewable.
    hours_to_next
        How many hours, the most helpful first, lead to a better tier; 0 where there is none. [-]
    """

    hour: int
    kg_per_kg: float
    tier: int | None
    hours_to_next: int


def one_more_hour(unmatched_wh: Whole, mg: int, grid_g_per_kwh: Floats | float) -> MoreRenewable:
    """Say what one more renewable hour would change, and how many make a better tier.

    Examples
    --------
    >>> more = one_more_hour(np.array([0, 1000, 4000]), 10**6, 420.0)
    >>> more.hour, round(more.kg_per_kg, 2), more.tier, more.hours_to_next
    (2, 0.42, 2, 1)
    """
    carbon = unmatched_wh * np.broadcast_to(np.asarray(grid_g_per_kwh, dtype=np.float64), unmatched_wh.shape)
    now = tier(intensity(unmatched_wh, mg, grid_g_per_kwh))
    if not carbon.any():
        return MoreRenewable(-1, 0.0, now, 0)
    order = np.argsort(-carbon, kind="stable")
    left = (carbon.sum() - np.cumsum(carbon[order])) / mg
    left = np.maximum(left, 0.0)
    better = [i for i, kg in enumerate(left.tolist()) if _rank(tier(kg)) < _rank(now)]
    return MoreRenewable(int(order[0]), float(left[0]), tier(float(left[0])), better[0] + 1 if better else 0)


def _rank(number: int | None) -> int:
    return len(TIERS) + 1 if number is None else number
