"""The words of a forecast, for the terminal and the page: targets, models and drivers by name, the hours that count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.titles import TARGETS
from tamna.grid.clock import HOUR, to_local
from tamna.lang import Message, _

if TYPE_CHECKING:
    from tamna.forecast.product import Forecast, TargetForecast

__all__ = ["DRIVERS", "MODELS", "TARGETS", "named", "telling_hours"]

MODELS: dict[str, Message] = {
    "blend": _("the blend of learners"),
    "blend_partial": _("the blend, without what is missing"),
    "line": _("a straight line on what is known"),
    "persistence": _("the same hour of the latest day known"),
    "climatology": _("the usual of the hour and season"),
    "none": _("no model"),
    "physics": _("physics and the weather forecast"),
    "learned": _("physics and what readings taught"),
    "climate": _("the sky and wind that are usual there"),
}
DRIVERS: dict[str, Message] = {
    "level": _("level to start from"),
    "calendar": _("kind of day"),
    "time_of_day": _("time of day"),
    "season": _("season"),
    "operator": _("the operator's latest word and misses"),
    "physics": _("what physics gives for the weather"),
    "temperature": _("temperature"),
    "humidity": _("humidity"),
    "sun": _("sun and cloud"),
    "wind": _("wind"),
    "rain": _("rain and snow"),
    "pressure": _("air pressure"),
    "weather": _("other weather"),
    "price": _("other prices"),
    "demand": _("recent demand"),
    "this_morning": _("the last hours known"),
    "recent_days": _("recent days"),
    "other_members": _("other learners and calibration"),
}


def named(words: dict[str, Message], name: str) -> Message:
    """Give a name in words; what has none is its own word."""
    return words.get(name, Message(name))


def telling_hours(found: Forecast, target: TargetForecast) -> list[tuple[Message, int]]:
    """Give the hours whose reasons are told: noon and the evening's largest, of the last day that is whole enough."""
    local = to_local(found.stamps, found.timezone)
    day = local.astype("datetime64[D]")
    hour = np.asarray((local - day) // HOUR, dtype=np.int64)
    told: list[tuple[Message, int]] = []
    for date in np.unique(day)[::-1]:
        noon = np.flatnonzero((day == date) & (hour == 12))
        evening = np.flatnonzero((day == date) & (hour >= 17) & (hour < 22))
        if len(noon) and len(evening):
            middle = target.quantiles[evening, int(np.argmin(np.abs(found.levels - 0.5)))]
            peak = int(evening[int(np.nanargmax(middle))]) if np.isfinite(middle).any() else int(evening[0])
            return [(_("noon"), int(noon[0])), (_("evening peak"), peak)]
    return told or [(_("first hour"), 0)]
