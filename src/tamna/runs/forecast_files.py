"""What a forecast leaves on disk: its quantiles, paths and reasons as Parquet, and the manifest of its making."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tamna import __version__
from tamna.errors import StoreError
from tamna.forecast.shelf import write_text
from tamna.grid.clock import HOUR, iso
from tamna.lang import _
from tamna.series.frames import write_frame
from tamna.series.units import slug

if TYPE_CHECKING:
    from pathlib import Path

    from tamna.forecast.product import Forecast

METHOD = "forecast 1"
"""Version of how forecasts are made; it changes when the same input would give another number."""

MEANINGS = {
    "valid_at": "UTC start of the hour",
    "issued_at": "when the forecast was issued (UTC)",
    "lead_h": "hours from the issue to the hour's start",
    "unit": "of the quantiles, or of what a driver adds",
    "quantile_": "quantile, its level in percent, in the target's unit",
    "model": "which model answered the hour",
    "reason": "why another model than the blend answered; empty where the blend did",
    "path": "number of the scenario; the same number belongs together over all targets",
    "driver": "what moves the middle of the forecast",
    "adds": "what the driver adds to the middle; all drivers of an hour together are the middle",
    "_mw": "MW, mean of the hour",
    "_krw_per_kwh": "KRW/kWh",
}


def leave_forecast(found: Forecast, folder: Path, command: str) -> None:
    """Write ``forecast.parquet``, ``paths.parquet``, ``why.parquet`` and ``manifest.json``, each whole or not at all.

    The manifest comes last: a folder without it was not finished.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").unlink(missing_ok=True)
        write_frame(quantile_table(found), folder / "forecast.parquet", MEANINGS)
        for name, table in (("paths", path_table(found)), ("why", why_table(found))):
            if len(table):
                write_frame(table, folder / f"{name}.parquet", MEANINGS)
            else:
                (folder / f"{name}.parquet").unlink(missing_ok=True)
        text = json.dumps(manifest(found, command), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        write_text(folder / "manifest.json", text)
    except OSError as error:
        raise StoreError(
            _("the forecast could not be written: {reason}", reason=error.strerror or str(error)),
            seen=folder,
            todo=_("Make room, or choose another folder with --out."),
        ) from error


def quantile_table(found: Forecast) -> pd.DataFrame:
    """Give a row for each target and hour."""
    parts = []
    for name, t in found.targets.items():
        columns: dict[str, Any] = {
            "target": name,
            "unit": t.unit,
            "valid_at": pd.DatetimeIndex(found.stamps),
            "issued_at": pd.Timestamp(str(found.issued_at)),
            "lead_h": np.asarray((found.stamps - found.issued_at) / HOUR, dtype=np.float64),
        }
        columns |= {f"quantile_{100 * v:02g}": t.quantiles[:, i] for i, v in enumerate(found.levels)}
        columns["model"] = list(t.hour_model)
        columns["reason"] = ["" if r is None else str(r) for r in t.hour_reason]
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def path_table(found: Forecast) -> pd.DataFrame:
    """Give a row for each path and hour, a column for each target."""
    if not found.paths:
        return pd.DataFrame()
    count, hours = next(iter(found.paths.values())).shape
    columns: dict[str, Any] = {
        "path": np.repeat(np.arange(count), hours),
        "valid_at": pd.DatetimeIndex(np.tile(found.stamps, count)),
    }
    columns |= {f"{n}_{slug(found.targets[n].unit)}": p.reshape(-1) for n, p in found.paths.items()}
    return pd.DataFrame(columns)


def why_table(found: Forecast) -> pd.DataFrame:
    """Give a row for each target, hour and driver."""
    parts = [
        pd.DataFrame(
            {
                "target": name,
                "unit": t.unit,
                "valid_at": pd.DatetimeIndex(found.stamps),
                "driver": driver,
                "adds": part,
            }
        )
        for name, t in found.targets.items()
        for driver, part in (t.why or {}).items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def manifest(found: Forecast, command: str) -> dict[str, Any]:
    """Say how a forecast was made. The same inputs give the same bytes."""
    return {
        "tamna": __version__,
        "method": METHOD,
        "command": command,
        "island": found.island,
        "timezone": found.timezone,
        "issued_at": iso(found.issued_at, found.timezone),
        "from": iso(found.stamps[0], found.timezone),
        "to": iso(found.stamps[-1] + HOUR, found.timezone),
        "levels": found.levels.tolist(),
        "paths": 0 if not found.paths else len(next(iter(found.paths.values()))),
        "seed": found.seed,
        "targets": {
            name: {
                "unit": t.unit,
                "model": t.model,
                "fallback_reason": None if t.fallback_reason is None else str(t.fallback_reason),
                "estimated": t.estimated,
                "drift": None if t.drift is None else str(t.drift),
                "fit": dict(t.fit),
            }
            for name, t in found.targets.items()
        },
        "notes": [str(note) for note in found.notes],
        "receipts": [r.as_dict() for r in found.receipts],
    }
