"""A forecast by hand: two days, one target that fell back and drifts, one with reasons."""

import numpy as np

from tamna.forecast.levels import NINE
from tamna.forecast.product import Forecast, TargetForecast
from tamna.grid.clock import HOUR
from tamna.lang import _

ISSUE = np.datetime64("2024-08-30T02:00:00", "s")


def made_forecast(hours=37, paths=None):
    stamps = ISSUE + np.arange(hours) * HOUR
    middle = 700 + 200 * np.sin((np.arange(hours) + 2) / 24 * 2 * np.pi)
    band = middle[:, None] + 40 * np.linspace(-2, 2, len(NINE))
    reason = _("no weather run issued by then covers the hour")
    blank = np.zeros(hours)
    demand = TargetForecast(
        unit="MW",
        quantiles=band,
        hour_model=("blend",) * hours,
        hour_reason=(None,) * hours,
        why={"level": middle - 30, "calendar": blank + 50, "sun": blank - 25, "other_members": blank + 5},
        fit={"moment": "2024-08-29T02:00Z", "hours": 21000, "past_days": 57, "past_mae": 24.2},
    )
    wind = TargetForecast(
        unit="MW",
        quantiles=np.maximum(band - 690, 0),
        model="line",
        fallback_reason=reason,
        hour_model=("line",) * hours,
        hour_reason=(reason,) * hours,
        estimated=True,
        drift=_(
            "drift: the pinball loss of the last {days} days is {recent:.3g} {unit}, beyond {high:.3g} {unit} that the {before} days before allow",
            days=14,
            recent=9.0,
            unit="MW",
            high=7.0,
            before=43,
        ),
    )
    drawn = None if paths is None else {n: np.tile(band[:, 4], (paths, 1)) for n in ("demand", "wind")}
    return Forecast(
        island="jeju",
        issued_at=ISSUE,
        stamps=stamps,
        levels=NINE,
        targets={"demand": demand, "wind": wind},
        paths=drawn,
        notes=(_("the store holds no weather runs"),),
    )
