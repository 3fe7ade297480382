"""What always competes: the operator, the operator without its bias, yesterday's and last week's hour, climatology.

A rival is one number an hour; `tamna.forecast.rivalband` makes a distribution of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.table import mean_known
from tamna.grid.clock import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.forecast.history import History, Rows
    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]

BIAS_DAYS = 28
_LEAST = 7


def persistence(rows: Rows, history: History, track: str) -> Floats:
    """Give the same hour of the latest day that was known at the issue."""
    out = np.full(len(rows), np.nan)
    for days in range(1, 8):
        value = history.at(track, rows.valid_at - days * DAY, rows.issued_at)
        out = np.where(np.isnan(out), value, out)
    return out


def last_week(rows: Rows, history: History, track: str) -> Floats:
    """Give the same hour a week before (two, where that was not known)."""
    one, two = (history.at(track, rows.valid_at - k * DAY, rows.issued_at) for k in (7, 14))
    return np.where(np.isnan(one), two, one)


def climatology(rows: Rows, history: History, track: str, *, days: int = 15, years: int = 3) -> Floats:
    """Give the mean of the same hour within `days` of the date in past years, and of the last month."""
    parts = [
        history.at(track, rows.valid_at - (365 * year + k) * DAY, rows.issued_at)
        for year in range(1, years + 1)
        for k in range(-days, days + 1, 2)
    ]
    parts += [history.at(track, rows.valid_at - k * DAY, rows.issued_at) for k in range(1, 2 * days)]
    return mean_known(parts)


def operator(rows: Rows, history: History) -> Floats:
    """Give the operator's own forecast of each hour, published whenever: it may know more than we do."""
    return history.actual("operator", rows.valid_at)


def without_bias(rows: Rows, history: History, track: str, said: str = "operator") -> Floats:
    """Take off the operator's mean miss of the same hour over the last 28 days that were known at the issue."""
    misses = []
    for days in range(1, BIAS_DAYS + 7):
        stamps = rows.valid_at - days * DAY
        whole = _day_was_known(rows, stamps)
        actual = history.at(track, stamps, rows.issued_at)
        misses.append(np.where(whole, actual - history.actual(said, stamps), np.nan))
    stack = np.stack(misses)
    rank = np.cumsum(~np.isnan(stack), axis=0)
    stack[(rank > BIAS_DAYS)] = np.nan
    enough = (~np.isnan(stack)).sum(axis=0) >= _LEAST
    bias = np.where(enough, mean_known(list(stack)), 0.0)
    return operator(rows, history) + bias


def _day_was_known(rows: Rows, stamps: Stamps) -> NDArray[np.bool_]:
    """Leave out hours of the last day before the issue: a bias by hour is taken over whole days."""
    return np.asarray(stamps <= rows.issued_at - 11 * HOUR - HOUR)


def simple_rivals(rows: Rows, history: History, track: str) -> Mapping[str, Floats]:
    """Give the rivals that any target has: yesterday's hour, last week's hour, climatology."""
    return {
        "persistence": persistence(rows, history, track),
        "last_week": last_week(rows, history, track),
        "climatology": climatology(rows, history, track),
    }


def demand_rivals(rows: Rows, history: History, track: str) -> Mapping[str, Floats]:
    """Give every rival of a demand forecast."""
    found = dict(simple_rivals(rows, history, track))
    if "operator" in history.tracks:
        found["operator"] = operator(rows, history)
        found["operator_debiased"] = without_bias(rows, history, track)
    return found
