"""Why an hour is forecast as it is: what each group of drivers adds to the middle, in the target's unit.

The trees among a blend's members say what each feature adds (LightGBM's own contributions, after Lundberg and Lee's
TreeSHAP). Features are grouped into words; what the other members and the calibration move the middle by stands
beside them as ``other_members``. All groups together are the middle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.forecast.blend import BlendModel
    from tamna.forecast.table import Table
    from tamna.forecast.target import Target

    Floats = NDArray[np.float64]

LEVEL, OTHERS = "level", "other_members"
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("calendar", ("weekday", "kind", "holiday", "off", "bridge", "substitute", "seollal", "chuseok", "feast")),
    ("time_of_day", ("hour", "minute", "azimuth", "height", "zenith")),
    ("season", ("season", "day_of_", "month_of", "new_month")),
    ("operator", ("operator",)),
    ("physics", ("made", "power", "potential", "capacity_factor")),
    (
        "temperature",
        ("temperature", "warm", "day_temperature", "day_mean", "day_least", "day_most", "cool", "heat"),
    ),
    ("humidity", ("humid", "day_humid", "dew")),
    (
        "sun",
        (
            "sun", "clear", "cloud", "day_cloud", "day_clear", "day_radiation", "radiation", "bright", "beam",
            "on_plane", "lit", "toa", "through", "index",
        ),
    ),
    ("wind", ("wind", "day_wind", "gust", "speed", "east", "north", "along")),
    ("rain", ("rain", "day_rain", "precipitation", "snow")),
    ("pressure", ("pressure", "tendency")),
    ("price", ("price", "smp", "low", "high", "trend")),
    ("demand", ("demand",)),
    ("this_morning", ("morning",)),
    ("recent_days", ("days_ago", "month", "same_kind", "level", "lag", "week", "yesterday", "last", "recent")),
)  # fmt: skip
"""Group -> how its features' names begin; the first that fits. What fits none is ``recent_days`` among facts and
``weather`` in the sky."""


def group_of(name: str, *, sky: bool) -> str:
    """Name the group of a feature.

    Examples
    --------
    >>> group_of("days_ago_7", sky=False), group_of("cloud_around", sky=True)
    ('recent_days', 'sun')
    """
    for group, starts in GROUPS:
        if name.startswith(starts):
            return group
    return "weather" if sky else "recent_days"


def explained(
    model: BlendModel, table: Table, facts: int, middle: Floats, target: Target
) -> Mapping[str, Floats] | None:
    r"""Give what each group adds to the middle, hour by hour.

    A target that is learned as a logarithm over a base is taken apart exactly: with the contributions :math:`c_g`
    and the base level :math:`b`, group g adds :math:`b\,c_g\,(e^C - 1)/C`, where :math:`C = \sum_g c_g`.

    Parameters
    ----------
    facts
        How many of the table's columns, the first, do not depend on the weather forecast.
    middle : (hours,)
        The answer's middle. [unit]

    Returns
    -------
    Mapping or None
        Group -> (hours,), summing to `middle`; None when no member can say.

    References
    ----------
    Lundberg and Lee, "A unified approach to interpreting model predictions", NeurIPS 2017; Ang, "LMDI decomposition
    approach", Energy Policy 86, 2015.
    """
    said = model.contributions(table.names, table.values)
    if not said:
        return None
    groups: dict[str, Floats] = {}
    for i, name in enumerate(table.names):
        group = group_of(name, sky=i >= facts)
        groups[group] = groups.get(group, np.zeros(len(table))) + said[name]
    start, scale = _in_unit(groups, said["base"], table.base, target)
    groups = {LEVEL: start} | {name: part * scale for name, part in groups.items()}
    return groups | {OTHERS: middle - np.sum(list(groups.values()), axis=0)}


def _in_unit(
    groups: Mapping[str, Floats], start: Floats, base: Floats, target: Target
) -> tuple[Floats, Floats]:
    """Give the level that groups start from, and what a learned unit of a group is worth. [unit]"""
    if target.relative:
        whole = np.sum(list(groups.values()), axis=0)
        small = np.abs(whole) < 1e-9
        level = base * np.exp(start)
        return level, level * np.where(small, 1.0, np.expm1(whole) / np.where(small, 1.0, whole))
    if target.share:
        return base * start, base
    return base + start if target.added else start, np.ones(len(base))


def largest(why: Mapping[str, Floats], hour: int, count: int = 3) -> list[tuple[str, float]]:
    """Give the drivers that add or take the most in an hour; the level is what they start from, and no driver.

    Examples
    --------
    >>> largest({"level": np.array([600.0]), "sun": np.array([-50.0]), "calendar": np.array([9.0])}, 0, 1)
    [('sun', -50.0)]
    """
    found = [(name, float(part[hour])) for name, part in why.items() if name != LEVEL]
    told = [(name, value) for name, value in found if np.isfinite(value)]
    return sorted(told, key=lambda one: -abs(one[1]))[:count]
