r"""A lot's hours without its watt-hours: every part of every hour as a share of the largest hour's load.

A farm's load is its own. The table for the shelf is in steps of 1/1000 of the largest hour (:math:`n = 1000`), which
is coarse on purpose: in finer steps, say parts per million, few whole numbers of watt-hours fit all hours of a small
farm, and its load could be found by trying. A table of :math:`n` steps fits every largest hour of at least :math:`n`
Wh, so that a lot whose largest hour is under 10 kWh gets 100 steps, and under 1 kWh 10.

Steps are cut from running sums, so that they do not add up to an error over many hours:

.. math::
    p_i = \lfloor n P_i / M \rfloor - \lfloor n P_{i-1} / M \rfloor, \qquad
    R_i = \max(R_{i-1} + [r_i > 0],\; \lceil n S_i / M \rceil)

for each matched part with sum :math:`P_i` up to hour :math:`i`, the rest :math:`r_i` with sum :math:`S_i`, and the
largest load :math:`M`. What is matched is rounded down and what is not is rounded up, at least one step, so that an
hour that is not full never looks full, and matched energy is never rounded up.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.lang import _
from tamna.ledger.refusal import refuse
from tamna.ledger.score import score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.ledger.score import Score

__all__ = ["PARTS", "STEPS", "counted", "shares", "steps_for"]

STEPS: Final = (1000, 100, 10)
PARTS: Final = ("self", "ppa", "rec", "location")
_LEAST_WH: Final = (10_000, 1_000, 0)  # of the largest hour, for so many `STEPS`


def steps_for(largest_wh: int) -> int:
    """Give the number of steps in which the largest hour of `largest_wh` Wh is told."""
    return next(steps for steps, least in zip(STEPS, _LEAST_WH, strict=True) if largest_wh >= least)


def shares(hours: Mapping[str, Any] | NDArray[np.void]) -> dict[str, Any]:
    """Turn watt-hours into shares of the largest hour.

    Parameters
    ----------
    hours
        Columns ``load_wh``, ``self_wh``, ``ppa_wh``, ``rec_wh``, ``location_wh``, ``estimated``, each (intervals,).

    Returns
    -------
    dict
        ``largest`` (the number of steps of the largest hour) and the columns ``self``, ``ppa``, ``rec``,
        ``location``, ``rest`` in steps, and ``estimated``.

    Raises
    ------
    LedgerError
        There is no load to take shares of.

    Examples
    --------
    >>> farm = {"load_wh": [10000, 5000], "self_wh": [2500, 5000], "ppa_wh": [0, 0], "rec_wh": [0, 0],
    ...         "location_wh": [0, 0], "estimated": [0, 1]}
    >>> {k: v for k, v in shares(farm).items() if k in ("largest", "self", "rest")}
    {'largest': 1000, 'self': [250, 500], 'rest': [750, 0]}
    """
    load = np.asarray(hours["load_wh"]).astype(np.int64)
    matched = {part: np.asarray(hours[f"{part}_wh"]).astype(np.int64) for part in PARTS}
    largest = int(load.max(initial=0))
    if not largest:
        refuse(_("no load to take shares of"))
    steps = steps_for(largest)
    table = {part: np.diff(np.cumsum(wh) * steps // largest, prepend=0) for part, wh in matched.items()}
    rest = load - sum(matched.values())
    lost = (matched["location"] > 0) & (table["location"] == 0)  # or the hour would look claimed in full
    least = np.cumsum((rest > 0) | lost)
    up = -(-np.cumsum(rest) * steps // largest)
    table["rest"] = np.diff(least + np.maximum.accumulate(np.maximum(up - least, 0)), prepend=0)
    columns = {name: [int(v) for v in column] for name, column in table.items()}
    return {"largest": steps, **columns, "estimated": [int(v > 0) for v in hours["estimated"]]}


def counted(table: Mapping[str, Any]) -> dict[str, int]:
    """Count a table of shares as `score.score` counts watt-hours: sums in steps, hours in hours.

    Examples
    --------
    >>> counted({"self": [250, 500], "ppa": [0, 0], "rec": [0, 0], "location": [250, 0], "rest": [500, 0],
    ...          "estimated": [0, 1]})["claimable"]
    750
    """
    load = np.sum([np.asarray(table[part], np.int64) for part in (*PARTS, "rest")], axis=0)
    found: Score = score(
        {"load_wh": load, "estimated": table["estimated"], **{f"{p}_wh": table[p] for p in PARTS}}
    )
    return {name.removesuffix("_wh"): value for name, value in asdict(found).items()}
