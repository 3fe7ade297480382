"""Average carbon intensity of the island's supply, with the factor set it was worked out with.

    (sum of f_k G_k over all classes + f_m I) / (G + I)

Exports leave with the mix of the hour, as in the proportional rule. What no class and no link
measures has no factor: where generation is known by balance only, there is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.rules import Share
from tamna.lang import Message, _
from tamna.measure.supply import ESTIMATED, Supply, supply, why_not
from tamna.measure.words import Listing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.measure.bins import Bins
    from tamna.measure.island import EmissionFactor, IslandHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Carbon:
    """Carbon intensity by period; arrays are (periods,).

    Attributes
    ----------
    tco2e_per_mwh
        Sum over sum [tCO2e/MWh]; NaN where unavailable.
    tco2e, mwh
        Emissions and supplied energy of the counted hours.
    hours_counted, estimated_hours
        Hours with every input; those of them that rest on an estimate.
    hourly : (hours,) [tCO2e/MWh]
    factors
        The factor set: class (or ``import``) to factor and source.
    why_not
        Where a period has no answer: what is missing. By period, None where there is an answer.
    note
        What the estimate does, where any hour is one.
    """

    tco2e_per_mwh: NDArray[np.float64]
    tco2e: NDArray[np.float64]
    mwh: NDArray[np.float64]
    hours_counted: NDArray[np.int64]
    estimated_hours: NDArray[np.int64]
    hourly: NDArray[np.float64]
    factors: dict[str, EmissionFactor]
    why_not: tuple[Message | None, ...]
    note: Listing | None

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        return {
            "tco2e_per_mwh": [None if np.isnan(v) else float(v) for v in self.tco2e_per_mwh],
            "hours_counted": self.hours_counted.tolist(),
            "estimated_hours": self.estimated_hours.tolist(),
            "unavailable": [str(w) if w else None for w in self.why_not],
            "factors": {
                name: {"tco2e_per_mwh": f.tco2e_per_mwh, "source": f.source}
                for name, f in self.factors.items()
            },
            "note": str(self.note) if self.note else None,
        }


def carbon(hours: IslandHours, bins: Bins) -> Carbon:
    """Work out average carbon intensity by period, and by hour.

    Measured where every class within the demand and the links are measured; a flagged estimate where
    thermal generation is measured and the links are by balance; else unavailable, with the reason.
    """
    flows = supply(hours)
    held = [c for c in hours.classes if c.in_demand and c.column.held]
    share, lacking = _share(hours, flows)
    counted = np.isfinite(share.numerator)
    estimated = counted & ((flows.flag & ESTIMATED) != 0)
    rows = np.where(counted, [share.numerator, share.denominator, counted, estimated], 0.0)
    tco2e, mwh, n, guessed = bins.add_up(rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        intensity = np.where(mwh > 0, tco2e / mwh, np.nan)
    factors = {c.name: c.factor for c in held if c.factor is not None}
    if hours.import_mix.factor is not None:
        factors["import"] = hours.import_mix.factor
    return Carbon(
        tco2e_per_mwh=intensity,
        tco2e=tco2e,
        mwh=mwh,
        hours_counted=n.astype(np.int64),
        estimated_hours=guessed.astype(np.int64),
        hourly=share.ratio,
        factors=factors,
        why_not=tuple(None if n[i] else (lacking or why_not(hours, bins.slice(i))) for i in range(len(bins))),
        note=flows.how if estimated.any() else None,
    )


def _share(hours: IslandHours, flows: Supply) -> tuple[Share, Message | None]:
    nothing = np.full(len(hours), np.nan)
    held = [c for c in hours.classes if c.in_demand and c.column.held]
    unknown: list[object] = [c for c in held if c.factor is None]
    if hours.import_mix.factor is None and bool((flows.import_mwh > 0).any()):
        unknown.append(_("imports"))
    if unknown:
        return Share(nothing, nothing), _("no emission factor: {parts}", parts=Listing(tuple(unknown)))
    made, emitted = np.zeros(len(hours)), np.zeros(len(hours))
    for c in held:
        made = made + c.column.mwh
        emitted = emitted + c.column.mwh * (c.factor.tco2e_per_mwh if c.factor else 0.0)
    if hours.import_mix.factor is not None:
        emitted = emitted + flows.import_mwh * hours.import_mix.factor.tco2e_per_mwh
    # by balance over the links, part of the generation has no class, hence no factor
    known = flows.answered & np.isfinite(made) & (flows.measured | ~_swallows(hours))
    return Share(np.where(known, emitted, np.nan), np.where(known, made + flows.import_mwh, np.nan)), None


def _swallows(hours: IslandHours) -> NDArray[np.bool_]:
    """Where links are measured, so that the balance gives generation without saying of which class."""
    if hours.imports is None or hours.exports is None:
        return np.zeros(len(hours), dtype=bool)
    return np.isfinite(hours.imports.mwh) & np.isfinite(hours.exports.mwh)
