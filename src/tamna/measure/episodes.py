"""RE100 episodes: unbroken runs of hours in which a share reaches a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import HOUR, iso
from tamna.lang import _

if TYPE_CHECKING:
    from tamna.measure.shares import Measurement
    from tamna.measure.tracks import Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One run of hours at or above a threshold, by one definition.

    Attributes
    ----------
    start, end
        UTC, half-open.
    lowest, mean
        Lowest hour, and energy-weighted mean of the run [-].
    estimated
        Whether any hour of it rests on an estimate.
    """

    start: np.datetime64
    end: np.datetime64
    hours: int
    lowest: float
    mean: float
    estimated: bool
    definition: Definition

    def as_dict(self) -> dict[str, Any]:
        """Give the episode as JSON carries it: ``from, to, hours, lowest, mean, estimated``."""
        return {
            "from": iso(self.start),
            "to": iso(self.end),
            "hours": self.hours,
            "lowest": self.lowest,
            "mean": self.mean,
            "estimated": self.estimated,
        }


def episodes(m: Measurement, boundary: str, rule: str, threshold: float = 1.0) -> tuple[Episode, ...]:
    """Find the runs of consecutive hours in which the share is at least `threshold`.

    An hour without an answer ends a run: nobody knows what it was.

    Parameters
    ----------
    threshold
        Share to reach, > 0 [-]; 1.0 is RE100.
    """
    if not threshold > 0:
        raise UsageError(
            _("the threshold of an episode must be above 0"), seen=threshold, todo=_("Write 1.0 for 100 %.")
        )
    track = m.tracks[boundary, rule]
    share, above, below = m.hourly(boundary, rule), track.share.numerator, track.share.denominator
    reached = np.concatenate([[False], share >= threshold, [False]])
    edges = np.flatnonzero(reached[1:] != reached[:-1])
    estimated = track.rows[3] > 0
    return tuple(
        Episode(
            start=m.hours.valid_at[a],
            end=m.hours.valid_at[b - 1] + HOUR,
            hours=int(b - a),
            lowest=float(share[a:b].min()),
            mean=float(above[a:b].sum() / below[a:b].sum()),
            estimated=bool(estimated[a:b].any()),
            definition=track.definition,
        )
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    )
