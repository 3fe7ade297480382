"""Published curtailment beside the shares: what is not published is never zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import Message, _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.measure.bins import Bins
    from tamna.measure.island import Column, IslandHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Curtailed:
    """Published curtailment of one kind by period; arrays are (periods,).

    Attributes
    ----------
    mwh
        Published energy [MWh]; NaN where nothing is published in the period.
    events
        Published events; NaN where nothing is published.
    hours_unpublished
        Hours of the period for which no energy is published: the sum says nothing of them.
    hours_uncounted
        The same for events.
    """

    kind: str
    mwh: NDArray[np.float64]
    events: NDArray[np.float64]
    hours_unpublished: NDArray[np.int64]
    hours_uncounted: NDArray[np.int64]

    def text(self, i: int) -> Message:
        """Say period `i` in words."""
        if np.isnan(self.mwh[i]) and np.isnan(self.events[i]):
            return _("not published")
        if np.isnan(self.mwh[i]):
            text = _("{events:.0f} events published, energy not published", events=self.events[i])
            return _partly(text, self.hours_uncounted[i])
        if np.isnan(self.events[i]):
            text = _("{mwh:,.0f} MWh, number of events not published", mwh=self.mwh[i])
            return _partly(text, self.hours_unpublished[i])
        if self.hours_unpublished[i]:
            return _(
                "{mwh:,.0f} MWh in {events:.0f} events; {hours} hours of the period not published",
                mwh=self.mwh[i],
                events=self.events[i],
                hours=int(self.hours_unpublished[i]),
            )
        return _("{mwh:,.0f} MWh in {events:.0f} events", mwh=self.mwh[i], events=self.events[i])

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it; null is "not published"."""
        return {
            "mwh": [None if np.isnan(v) else float(v) for v in self.mwh],
            "events": [None if np.isnan(v) else int(v) for v in self.events],
            "hours_unpublished": self.hours_unpublished.tolist(),
            "text": [str(self.text(i)) for i in range(len(self.mwh))],
        }


def curtailment(hours: IslandHours, bins: Bins) -> dict[str, Curtailed]:
    """Sum published curtailment by kind and period. Hours without a publication stay unknown."""
    kinds = sorted({*hours.curtailment, *hours.curtailment_events})
    return {kind: _curtailed(hours, bins, kind) for kind in kinds}


def _curtailed(hours: IslandHours, bins: Bins, kind: str) -> Curtailed:
    energy, published = _sum(hours.curtailment.get(kind), bins)
    events, counted = _sum(hours.curtailment_events.get(kind), bins)
    return Curtailed(
        kind=kind, mwh=energy, events=events,
        hours_unpublished=bins.hours - published, hours_uncounted=bins.hours - counted,
    )  # fmt: skip


def _partly(text: Message, hours: np.int64) -> Message:
    """Add how many hours a sum does not speak of."""
    if not hours:
        return text
    return _("{text}; {hours:,} hours of the period not published", text=text, hours=int(hours))


def _sum(column: Column | None, bins: Bins) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if column is None:
        return np.full(len(bins), np.nan), np.zeros(len(bins), dtype=np.int64)
    known = np.isfinite(column.mwh)
    total, n = bins.add_up(np.array([np.where(known, column.mwh, 0.0), known.astype(np.float64)]))
    return np.where(n > 0, total, np.nan), n.astype(np.int64)
