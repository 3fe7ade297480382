"""Ramps: was a great change of output foreseen, and at the right time?

A ramp is a change of at least a share of capacity within some hours. Hours from which such a change begins, one
after the other and in one direction, are one event; its time is the hour from which the change is greatest. An
event was hit if one of the same direction was forecast near it; each forecast event serves once.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import UsageError
from tamna.lang import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ramp:
    """A great change: the hour from which it is greatest, and its size with its sign [MW]."""

    hour: int
    change_mw: float


def ramps_in(power_mw: Floats, *, threshold_mw: float, within_h: int) -> list[Ramp]:
    """Find the ramps of consecutive hours.

    Parameters
    ----------
    power_mw : (hours,) [MW]
        NaN where unknown: no change is seen over it.
    threshold_mw
        Least change that is a ramp, > 0. [MW]
    within_h
        In how many hours it comes about. [h]

    Examples
    --------
    >>> ramps_in(np.array([0.0, 0, 10, 60, 60, 60]), threshold_mw=50, within_h=2)
    [Ramp(hour=1, change_mw=60.0)]
    """
    change = np.zeros(len(power_mw))
    for k in range(1, within_h + 1):
        step = np.nan_to_num(power_mw[k:] - power_mw[:-k])
        ahead = change[: len(step)]
        change[: len(step)] = np.where(np.abs(step) > np.abs(ahead), step, ahead)
    side = np.where(np.abs(change) >= threshold_mw, np.sign(change), 0.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0.0], side, [0.0]])))
    found = []
    for begin, end in itertools.pairwise(edges):
        if side[begin] != 0:
            at = int(begin + np.argmax(np.abs(change[begin:end])))
            found.append(Ramp(at, float(change[at])))
    return found


def ramp_scores(
    actual_mw: Floats, middle_mw: Floats, *, capacity_mw: float, share: float = 0.2, within_h: int = 3
) -> dict[str, Any]:
    """Score how ramps were foreseen.

    Parameters
    ----------
    actual_mw, middle_mw : (hours,) [MW]
        Consecutive hours; NaN where unknown, then neither side counts.
    capacity_mw
        [MW]
    share
        A ramp is a change of this part of capacity. [-]
    within_h
        Within so many hours; a forecast event so many hours away still hits. [h]

    Returns
    -------
    dict
        ``ramps``, ``hits``, ``misses``, ``false_alarms``, ``csi`` (hits over all three; None without any),
        ``late_h`` (mean of forecast less actual time over hits; None without any), ``off_h`` (mean of its size),
        and ``up`` and ``down`` with the same counts.

    Raises
    ------
    UsageError
        Capacity, share or hours are not above zero, or the series differ in length.

    References
    ----------
    Critical success index as in Wilks, "Statistical Methods in the Atmospheric Sciences", ch. 9.
    """
    if capacity_mw <= 0 or share <= 0 or within_h < 1 or len(actual_mw) != len(middle_mw):
        raise UsageError(
            _("ramps need a capacity, a share and hours above zero, and two series of one length"),
            seen=f"{capacity_mw:g}, {share:g}, {within_h}, {len(actual_mw)}, {len(middle_mw)}",
        )
    known = np.isfinite(actual_mw) & np.isfinite(middle_mw)
    came, said = (
        ramps_in(np.where(known, series, np.nan), threshold_mw=share * capacity_mw, within_h=within_h)
        for series in (actual_mw, middle_mw)
    )
    late = {sign: _matched(came, said, sign, within_h) for sign in (1.0, -1.0)}
    sides = {
        name: _counts(
            len(late[sign]),
            sum(r.change_mw * sign > 0 for r in came),
            sum(r.change_mw * sign > 0 for r in said),
        )
        for name, sign in (("up", 1.0), ("down", -1.0))
    }
    every = late[1.0] + late[-1.0]
    return {
        "threshold_mw": share * capacity_mw,
        "within_h": within_h,
        **_counts(len(every), len(came), len(said)),
        "late_h": float(np.mean(every)) if every else None,
        "off_h": float(np.mean(np.abs(every))) if every else None,
        **sides,
    }


def _matched(came: list[Ramp], said: list[Ramp], sign: float, within_h: int) -> list[int]:
    """Pair events of one direction, the nearest first, and give forecast less actual hour of each pair [h]."""
    actual = [r.hour for r in came if r.change_mw * sign > 0]
    forecast = [r.hour for r in said if r.change_mw * sign > 0]
    pairs = sorted((abs(f - a), a, f) for a in actual for f in forecast if abs(f - a) <= within_h)
    used_actual: set[int] = set()
    used_forecast: set[int] = set()
    late = []
    for _apart, a, f in pairs:
        if a not in used_actual and f not in used_forecast:
            used_actual.add(a)
            used_forecast.add(f)
            late.append(f - a)
    return late


def _counts(hits: int, came: int, said: int) -> dict[str, Any]:
    all_events = came + said - hits
    return {
        "ramps": came,
        "hits": hits,
        "misses": came - hits,
        "false_alarms": said - hits,
        "csi": hits / all_events if all_events else None,
    }
