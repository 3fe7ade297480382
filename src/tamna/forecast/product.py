"""What a forecast is: the hours, the levels, a band for each target, paths that belong together, and why.

Made by `tamna.runs.forecasting`, read by the command line, the report, dispatch and whoever keeps score.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.forecast.levels import between
from tamna.grid.clock import KOREA, iso
from tamna.series.units import slug

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.lang import Message
    from tamna.sources import Receipt

    Floats = NDArray[np.float64]

BLEND = "blend"
"""The name of the model that answers when nothing is wrong."""
FORMAT = "tamna-forecast-answer-1"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TargetForecast:
    """One target's answer.

    Attributes
    ----------
    unit
        Of the quantiles, of the paths and of `why`.
    quantiles : (hours, levels)
        Calibrated, increasing along the levels. [unit]
    model
        The model that answered most of the hours: ``blend``, or a fallback by its name.
    fallback_reason
        Why any hour was not answered as it should be; None when all were.
    hour_model : (hours,)
        Which model answered each hour.
    hour_reason : (hours,)
        Why that hour fell back; None where it did not.
    estimated
        Whether the track that was learned rests on an estimate.
    why
        Group of drivers -> (hours,): what it adds; all groups together are the middle. None where the models
        that answered cannot say. [unit]
    fit
        Of the manifest of the fit: moment, rows, seed, scores of the warm days, whether it came off the shelf.
    drift
        What the watch over recent scores has to say; None when they stay in their band.
    """

    unit: str
    quantiles: Floats
    model: str = BLEND
    fallback_reason: Message | None = None
    hour_model: tuple[str, ...] = ()
    hour_reason: tuple[Message | None, ...] = ()
    estimated: bool = False
    why: Mapping[str, Floats] | None = None
    fit: Mapping[str, Any] = field(default_factory=dict)
    drift: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What may come in the next hours, as it was known at one moment.

    Attributes
    ----------
    issued_at
        Nothing that became known later is in it (UTC).
    stamps : (hours,)
        UTC start of each hour.
    levels : (levels,)
        Increasing, in (0, 1), the same for every target.
    targets
        Name -> answer.
    paths
        Name -> (paths, hours): path `i` of one target belongs to path `i` of the others. None when none were
        asked for. [the target's unit]
    notes
        What the reader must know.
    receipts
        The files behind it.
    """

    island: str
    issued_at: np.datetime64
    stamps: Stamps
    levels: Floats
    targets: Mapping[str, TargetForecast]
    paths: Mapping[str, Floats] | None = None
    notes: tuple[Message, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    seed: int = 0
    timezone: str = KOREA

    def at(self, name: str, level: float) -> Floats:
        """Give one level of one target, (hours,), between the levels that were asked for by straight lines.

        Beyond the outermost levels their values hold.
        """
        return between(self.targets[name].quantiles, self.levels, np.array([level]))[:, 0]

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it: island time with its offset, units in the names."""
        return {
            "format": FORMAT,
            "island": self.island,
            "issued_at": iso(self.issued_at, self.timezone),
            "hours": [iso(s, self.timezone) for s in self.stamps],
            "levels": self.levels.tolist(),
            "seed": self.seed,
            "targets": {name: self._one(name, t) for name, t in self.targets.items()},
            "notes": [str(note) for note in self.notes],
            "receipts": [r.as_dict() for r in self.receipts],
        }

    def _one(self, name: str, t: TargetForecast) -> dict[str, Any]:
        unit = slug(t.unit)
        found: dict[str, Any] = {
            "unit": t.unit,
            f"quantiles_{unit}": _told(t.quantiles),
            "model": t.model,
            "fallback_reason": _text(t.fallback_reason),
            "hour_model": list(t.hour_model),
            "hour_reason": [_text(r) for r in t.hour_reason],
            "estimated": t.estimated,
            "drift": _text(t.drift),
            "fit": dict(t.fit),
        }
        if t.why is not None:
            found[f"why_{unit}"] = {group: _told(part) for group, part in t.why.items()}
        if self.paths is not None and name in self.paths:
            found[f"paths_{unit}"] = _told(self.paths[name])
        return found


def _text(message: Message | None) -> str | None:
    return None if message is None else str(message)


def _told(values: Floats) -> Any:
    """Give numbers to a thousandth; NaN is null."""
    told = np.round(values, 3).astype(object)
    told[~np.isfinite(values)] = None
    return told.tolist()
