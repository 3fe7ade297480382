"""What a backtest leaves on disk: the verdict as JSON, and every hour with its quantiles and rivals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tamna import __version__
from tamna.errors import StoreError
from tamna.forecast.contest import OURS
from tamna.lang import _
from tamna.series.export import whole
from tamna.series.frames import write_frame

if TYPE_CHECKING:
    from pathlib import Path

    from tamna.forecast.contest import Contest
    from tamna.runs.backtesting import Backtested


def leave_backtest(done: Backtested, folder: Path) -> None:
    """Write `backtest.json` and `hours.parquet`; each whole or not at all.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    body = {"tamna": __version__, **done.result}
    text = json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        whole(folder / "backtest.json", lambda beside: _written(beside, text))
        write_frame(pd.concat([_hours(ring) for ring in done.contests]), folder / "hours.parquet", MEANINGS)
    except OSError as error:
        raise StoreError(
            _("the backtest could not be written: {reason}", reason=error.strerror or str(error)),
            seen=folder,
            todo=_("Make room, or choose another folder with --out."),
        ) from error


MEANINGS = {
    "valid_at": "UTC start of the hour",
    "issued_at": "when the forecast was issued (UTC)",
    "lead_h": "hours from the issue to the hour's start",
    "unit": "of the actual, the quantiles and the rivals",
    "actual": "what came, in the target's unit",
    "quantile_": "quantile of tamna's forecast, its level in percent, in the target's unit",
    "rival_": "what a competitor said, in the target's unit",
    "left_out": "why the hour counts for nobody; empty where it is scored",
}


def _hours(ring: Contest) -> pd.DataFrame:
    """Give one target's hours: actual, quantiles, rivals, and why an hour is left out."""
    reason = np.full(len(ring.rows), "", dtype=object)
    for name, which in ring.left_out.items():
        reason[which] = name
    columns: dict[str, Any] = {
        "target": ring.name,
        "unit": ring.unit,
        "valid_at": pd.DatetimeIndex(ring.rows.valid_at),
        "issued_at": pd.DatetimeIndex(ring.rows.issued_at),
        "lead_h": ring.rows.lead_h,
        "actual": ring.actual,
    }
    columns |= {f"quantile_{100 * v:02.0f}": ring.quantiles[OURS][:, i] for i, v in enumerate(ring.levels)}
    columns |= {f"rival_{name}": value for name, value in ring.middles.items() if name != OURS}
    return pd.DataFrame(columns | {"left_out": reason})


def _written(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
