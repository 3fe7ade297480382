"""What a claim's hours are worth: the same count for whoever issues a certificate and whoever checks it.

Two scores stand beside each other. *Claimable* is what the account has a right to: its own generation, a PPA, a
REC cancelled for it. *Physical* adds plants of the same place and hour whose attribute went elsewhere. A surplus in
one hour pays for no other hour. Everything is whole watt-hours; a share is two numbers, never one rounded.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Whole = NDArray[np.integer[Any]]

__all__ = ["Score", "grid_wh", "matched_over", "score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The sums of a claim. [Wh] unless said.

    Attributes
    ----------
    load_wh, claimable_wh, physical_wh
        What was used; what of it is claimed by right; what of it is matched with or without a right.
    self_wh, ppa_wh, rec_wh, location_wh
        The parts.
    hours, hours_full
        Number of intervals, and of those in which all load is claimable (a load of zero is none). [-]
    worst_hour
        Place in the table of the interval with the lowest claimable share, the first of several; -1 without load.
    estimated_wh
        Load whose reading is an estimate.
    """

    load_wh: int
    claimable_wh: int
    physical_wh: int
    self_wh: int
    ppa_wh: int
    rec_wh: int
    location_wh: int
    hours: int
    hours_full: int
    worst_hour: int
    estimated_wh: int

    @property
    def share_claimable(self) -> float:
        """Claimable over load, 0..1 [-]; NaN without load."""
        return self.claimable_wh / self.load_wh if self.load_wh else float("nan")

    @property
    def share_physical(self) -> float:
        """Physical over load, 0..1 [-]; NaN without load."""
        return self.physical_wh / self.load_wh if self.load_wh else float("nan")

    def as_dict(self) -> dict[str, int]:
        """Give the score as JSON would carry it."""
        return asdict(self)


def score(hours: Mapping[str, Any] | NDArray[np.void]) -> Score:
    """Count a claim's hours.

    Parameters
    ----------
    hours
        Columns ``load_wh``, ``self_wh``, ``ppa_wh``, ``rec_wh``, ``location_wh``, ``estimated``, each (intervals,).

    Raises
    ------
    LedgerError
        In an interval more is claimed than was used.

    Examples
    --------
    >>> one = score({"load_wh": [4, 4], "self_wh": [4, 0], "ppa_wh": [0, 1], "rec_wh": [0, 0],
    ...              "location_wh": [0, 3], "estimated": [0, 0]})
    >>> one.share_claimable, one.share_physical, one.hours_full, one.worst_hour
    (0.625, 1.0, 1, 1)
    """
    load, own, ppa, rec, location, estimated = (
        np.asarray(hours[name]).astype(np.int64)
        for name in ("load_wh", "self_wh", "ppa_wh", "rec_wh", "location_wh", "estimated")
    )
    claimable = own + ppa + rec
    for i in np.flatnonzero(claimable + location > load)[:1]:
        refuse(_("more is claimed than was used in interval {n}", n=int(i) + 1), seen=f"{claimable[i]} Wh")
    return Score(
        load_wh=int(load.sum()),
        claimable_wh=int(claimable.sum()),
        physical_wh=int((claimable + location).sum()),
        self_wh=int(own.sum()),
        ppa_wh=int(ppa.sum()),
        rec_wh=int(rec.sum()),
        location_wh=int(location.sum()),
        hours=len(load),
        hours_full=int(((claimable == load) & (load > 0)).sum()),
        worst_hour=_worst(claimable, load),
        estimated_wh=int(load[estimated > 0].sum()),
    )


def grid_wh(unmatched_wh: Whole, renewable_wh: Whole, total_wh: Whole, claimed_wh: Whole) -> Whole:
    """Give what the residual mix of the grid adds to an hour: claimed energy is out of it, on both sides.

    Parameters
    ----------
    unmatched_wh : (hours,) [Wh]
        Load that no certificate is set against.
    renewable_wh, total_wh : (hours,) [Wh]
        What the zone's grid carried of renewables and of all.
    claimed_wh : (hours,) [Wh]
        What of the renewables anybody claimed.

    Returns
    -------
    (hours,) [Wh]
        ``floor(unmatched x (renewable - claimed) / (total - claimed))``; 0 where nothing is left.

    Raises
    ------
    LedgerError
        More was claimed than the zone made (I8), or renewables exceed the total.

    Examples
    --------
    >>> grid_wh(np.array([100]), np.array([60]), np.array([100]), np.array([20])).tolist()
    [50]
    """
    if ((claimed_wh > renewable_wh) | (renewable_wh > total_wh)).any():
        refuse(_("I8: more was claimed than the zone made, or more renewables than energy"))
    rest, whole = renewable_wh - claimed_wh, np.maximum(total_wh - claimed_wh, 1)
    product = unmatched_wh.astype(object) * rest.astype(object) // whole.astype(object)
    return np.asarray(product, dtype=np.int64)


def matched_over(load_wh: Whole, made_wh: Whole, period: NDArray[Any]) -> int:
    """Sum over periods what output and load have in common, ``min(sum of made, sum of load)``. [Wh]

    Parameters
    ----------
    load_wh, made_wh : (intervals,) [Wh]
    period : (intervals,)
        Which period each interval lies in: its own start for hourly matching, one value for all for annual.

    Examples
    --------
    Twice 10 Wh used and once 20 Wh made is half matched by the hour and all matched by the day:

    >>> used, made = np.array([10, 10]), np.array([20, 0])
    >>> matched_over(used, made, np.array([0, 1])), matched_over(used, made, np.array([0, 0]))
    (10, 20)
    """
    _values, code = np.unique(period, return_inverse=True)
    sums = [np.zeros(len(_values), np.int64) for _both in range(2)]
    np.add.at(sums[0], code, load_wh)
    np.add.at(sums[1], code, made_wh)
    return int(np.minimum(*sums).sum())


def _worst(claimable: Whole, load: Whole) -> int:
    """Find the lowest claimable / load; exact where two floats would tie."""
    used = np.flatnonzero(load > 0)
    if not len(used):
        return -1
    ratio = claimable[used] / load[used]
    near = used[ratio <= ratio.min() * (1 + 1e-12)]
    best = int(near[0])
    for i in near[1:].tolist():
        if int(claimable[i]) * int(load[best]) < int(claimable[best]) * int(load[i]):
            best = i
    return best
