"""What a batch of hydrogen counts as, in whole numbers: the same count for whoever issues a certificate and who checks it.

With :math:`u` the energy that a rule does not call renewable, :math:`f` the grid's factor [mg CO2e/kWh] and :math:`m`
the mass of the batch [mg], the carbon of a kilogram is :math:`u f / m` [g/kg]. It is written rounded up; tiers and the
EU's limit are asked of the fraction itself. On the shelf energy is in steps and the mass is not told, but the
electricity of a kilogram is, rounded up, so that

.. math:: u f / m \\le \\frac{u_{steps} \\; w f}{l_{steps} \\; 10^6}

with the load :math:`l` and the energy of a kilogram :math:`w` [Wh/kg]. Prices are whole thousandths of a euro, null where
none is known; a price is rounded up and an allowance down, which is the strict side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.ledger.hydrogen import LHV_MJ_PER_KG, TIERS, Route, Worked, eu_routes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

__all__ = ["COUNTS", "INPUTS", "counted_batch", "counted_shelf", "inputs_of", "routes_in", "shelf_part"]

COUNTS: Final = ("claimed", "eu_hour", "eu_month")
"""What is claimed in the same hour, on which Korea's tier rests; the EU's rule by the hour; and by the month."""
INPUTS: Final = ("made_wh", "storage_wh", "redispatch_wh", "price_meur_mwh", "allowance_meur")
"""What the rules ask of an hour beside its load and claim; the issuer states it, the journal does not hold it."""
_EDGES_G: Final = tuple((number, round(edge * 1000)) for number, edge in TIERS)
_EU_LIMIT_MG: Final = round(28.2 * LHV_MJ_PER_KG * 1000)  # per kilogram [mg]
_UNMET: Final = {"eu_hour": (Route.MONTH, Route.NONE), "eu_month": (Route.NONE,)}


def inputs_of(hours: Worked) -> dict[str, list[int | None]]:
    """Write what the rules ask of each hour as a certificate carries it."""
    price, allowance = np.ceil(hours.price_eur_mwh * 1000.0), np.floor(hours.allowance_eur * 1000.0)
    return {
        "made_wh": [int(v) for v in hours.made_wh],
        "storage_wh": [int(v) for v in hours.storage_wh],
        "redispatch_wh": [int(v) for v in hours.redispatch_wh],
        "price_meur_mwh": [int(v) if np.isfinite(v) else None for v in price],
        "allowance_meur": [int(v) if np.isfinite(v) else None for v in allowance],
    }


def routes_in(hours: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, list[int]]:
    """Say by which route of the EU's rule each hour's load counts, out of a certificate's tables. [Wh]

    Raises
    ------
    LedgerError
        More is matched than was used or made.

    Examples
    --------
    >>> hours = {"load_wh": [10, 10], "self_wh": [0, 0], "ppa_wh": [10, 0], "rec_wh": [0, 0]}
    >>> rules = {"made_wh": [16, 0], "storage_wh": [0, 0], "redispatch_wh": [0, 3], "price_meur_mwh": [None, None],
    ...          "allowance_meur": [None, None]}
    >>> {name: wh for name, wh in routes_in(hours, rules).items() if any(wh)}
    {'hour': [10, 0], 'redispatch': [0, 3], 'month': [0, 6], 'none': [0, 1]}
    """
    claim = [np.asarray(hours[f"{part}_wh"], np.int64) for part in ("self", "ppa", "rec")]
    price, allowance = (
        np.array([np.nan if v is None else v / 1000.0 for v in inputs[name]]) for name in INPUTS[3:]
    )
    made, storage, redispatch = (np.asarray(inputs[name], np.int64) for name in INPUTS[:3])
    worked = Worked(
        load_wh=np.asarray(hours["load_wh"], np.int64), made_wh=made, matched_wh=claim[0] + claim[1] + claim[2],
        storage_wh=storage, redispatch_wh=redispatch, price_eur_mwh=price, allowance_eur=allowance,
    )  # fmt: skip
    return {str(route): [int(v) for v in wh] for route, wh in eu_routes(worked).items()}


def counted_batch(
    score: Mapping[str, int], routes: Mapping[str, Sequence[int]], mg: int, grid_mg_per_kwh: Sequence[int]
) -> dict[str, Any]:
    """Count a batch in watt-hours and milligrams.

    Parameters
    ----------
    score
        Of its hours (`score.score`).
    routes : each (hours,) [Wh]
    mg
        Its mass, > 0. [mg]
    grid_mg_per_kwh
        Low and high carbon of grid electricity. [mg CO2e/kWh]

    Examples
    --------
    A kilogram at 50 kWh, half of it renewable by right in the same hour, the other half by none of the routes:

    >>> half = counted_batch({"load_wh": 50_000, "claimable_wh": 25_000}, {"month": [0], "none": [25_000]}, 10**6,
    ...                      [420_000, 500_000])
    >>> half["claimed"]
    {'g_per_kg': [10500, 12500], 'renewable': 25000, 'tier': [0, 0], 'within_eu': [False, False]}
    """
    counts = _counts(score["load_wh"], score["claimable_wh"], routes)
    return {name: _judged(*parts, (1, mg), grid_mg_per_kwh) for name, parts in counts.items()}


def counted_shelf(
    score: Mapping[str, int],
    routes: Mapping[str, Sequence[int]],
    wh_per_kg: int,
    grid_mg_per_kwh: Sequence[int],
) -> dict[str, Any]:
    """Count a batch on the shelf, in steps of its largest hour and by the electricity of a kilogram."""
    counts = _counts(score["load"], score["claimable"], routes)
    return {
        name: _judged(renewable, unmet, (wh_per_kg, (renewable + unmet) * 10**6), grid_mg_per_kwh)
        for name, (renewable, unmet) in counts.items()
    }


def _counts(load: int, claimable: int, routes: Mapping[str, Sequence[int]]) -> dict[str, tuple[int, int]]:
    """Give what each count calls renewable, and what it does not."""
    whole = sum(sum(parts) for parts in routes.values())
    found = {"claimed": (claimable, load - claimable)}
    for name, unmet in _UNMET.items():
        rest = sum(sum(routes[route]) for route in unmet)
        found[name] = (whole - rest, rest)
    return found


def _judged(renewable: int, unmet: int, per: tuple[int, int], grid: Sequence[int]) -> dict[str, Any]:
    """Judge one count; `per` makes grams a kilogram of energy times the grid's factor, as a fraction."""
    carbon, whole = [unmet * factor * per[0] for factor in grid], per[1]
    return {
        "g_per_kg": [-(-c // whole) for c in carbon],
        "renewable": renewable,
        "tier": [next((n for n, edge in _EDGES_G if c <= edge * whole), 0) for c in carbon],
        "within_eu": [c * 1000 <= _EU_LIMIT_MG * whole for c in carbon],
    }


def shelf_part(subject: Mapping[str, Any], largest_wh: int, steps: int) -> dict[str, Any]:
    """Make what the shelf is told of a batch out of the subject of the auditor's certificate, but for its count.

    Every route is rounded down to steps, and what has none is rounded up, at least one step (`shares`).
    """
    batch, load = subject["hydrogen"], subject["score"]["load_wh"]
    routes = {
        name: np.diff(np.cumsum(np.asarray(wh, np.int64)) * steps // largest_wh, prepend=0)
        for name, wh in batch["routes"].items()
    }
    rest = np.asarray(batch["routes"][Route.NONE], np.int64)
    least, up = np.cumsum(rest > 0), -(-np.cumsum(rest) * steps // largest_wh)
    routes[Route.NONE] = np.diff(least + np.maximum.accumulate(np.maximum(up - least, 0)), prepend=0)
    return {
        "grid_mg_per_kwh": batch["grid_mg_per_kwh"],
        "process": batch["process"],
        "routes": {str(name): [int(v) for v in wh] for name, wh in routes.items()},
        "wh_per_kg": -(-load * 10**6 // sum(batch["hours"]["mg"])),
    }
