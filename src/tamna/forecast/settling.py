"""What one hour's forecast and delivery are paid by a rule: pure functions of quantities, prices and the rule.

A figure that the grid file does not know is refused with the file's own reason; no tolerance and no price of a
scheme stands in this code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.lang import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.settlement import Settlement

    Floats = NDArray[np.float64]

KWH_PER_MWH = 1000.0


def two_settlements(
    forecast_mwh: Floats, delivered_mwh: Floats, day_ahead: Floats, real_time: Floats
) -> Floats:
    r"""Give each hour's revenue: the forecast at the day-ahead price, the rest at the real-time price.

    :math:`1000\,(q\,p_{DA} + (a - q)\,p_{RT})`; with a perfect forecast :math:`1000\,a\,p_{DA}`.

    Parameters
    ----------
    forecast_mwh, delivered_mwh : (hours,) [MWh]
    day_ahead, real_time : (hours,) [KRW/kWh]
        May be negative.

    Returns
    -------
    (hours,) [KRW]

    Examples
    --------
    Ten MWh sold, eight delivered: two are bought back, dearer.

    >>> two_settlements(np.array([10.0]), np.array([8.0]), np.array([100.0]), np.array([150.0])).tolist()
    [700000.0]
    """
    return KWH_PER_MWH * (forecast_mwh * day_ahead + (delivered_mwh - forecast_mwh) * real_time)


def penalty(forecast_mwh: Floats, delivered_mwh: Floats, rule: Settlement) -> Floats:
    """Give what each hour's deviation beyond the tolerance costs on top, (hours,) [KRW]; 0 under a rule without.

    Raises
    ------
    UsageError
        The grid file does not know the tolerance or its price.
    """
    refuse_unknown(rule, "tolerance", "penalty_krw_per_kwh")
    if rule.tolerance is None or rule.penalty_krw_per_kwh is None:
        return np.zeros(len(forecast_mwh))
    allowed = rule.tolerance.value * forecast_mwh
    beyond = np.maximum(np.abs(delivered_mwh - forecast_mwh) - allowed, 0.0)
    return np.asarray(KWH_PER_MWH * rule.penalty_krw_per_kwh.value * beyond)


def hour_errors(forecast_mwh: Floats, delivered_mwh: Floats, rule: Settlement, capacity_mw: Floats) -> Floats:
    """Give each hour's error as the rule measures it, (hours,) [-]; NaN where the hour is not judged.

    Parameters
    ----------
    capacity_mw : (hours,) [MW]
        What the error is a part of, where the rule says capacity; and what `least_output` is a part of.

    Raises
    ------
    UsageError
        The grid file does not know what the error is a part of, or which hours are judged.
    """
    refuse_unknown(rule, "error_of", "least_output")
    size = delivered_mwh if rule.error_of == "delivered" else capacity_mw
    miss = np.abs(forecast_mwh - delivered_mwh)
    error = np.where(size > 0, miss / np.where(size > 0, size, 1.0), np.where(miss > 0, np.inf, 0.0))
    if rule.least_output is None:
        return np.asarray(np.where(np.isnan(miss), np.nan, error))
    judged = delivered_mwh >= rule.least_output.value * capacity_mw
    return np.asarray(np.where(judged & ~np.isnan(miss), error, np.nan))


def incentive(forecast_mwh: Floats, delivered_mwh: Floats, rule: Settlement, capacity_mw: Floats) -> Floats:
    """Give what a forecasting scheme pays for each hour: the price of the narrowest band that holds its error.

    Returns
    -------
    (hours,) [KRW]
        0 beyond the widest band and where the hour is not judged.

    Raises
    ------
    UsageError
        The grid file does not know what the rule needs.
    """
    refuse_unknown(rule, "bands", "error_of", "least_output")
    error = hour_errors(forecast_mwh, delivered_mwh, rule, capacity_mw)
    price = np.zeros(len(error))
    for band in reversed(rule.bands):
        price = np.where(error <= band.error.value, band.krw_per_kwh.value, price)
    return np.asarray(KWH_PER_MWH * delivered_mwh * price)


def refuse_unknown(rule: Settlement, *names: str) -> None:
    """Refuse to compute what needs figures that the grid file says it does not know.

    Raises
    ------
    UsageError
        With the file's reason for each.
    """
    lacks = list(dict.fromkeys(rule.why_unknown(name) for name in names if name in rule.unknown))
    if lacks:
        raise UsageError(
            _("rule {name} cannot be computed: the grid file has no value for what it needs", name=rule.name),
            seen="; ".join(lacks),
            todo=_("Give the value with its source in a grid file of your own."),
        )
