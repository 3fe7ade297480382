"""A backtest's verdict: every competitor scored on the same hours, whole, by month and by block of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.forecast.scores import band_scores, by_days, middle_scores
from tamna.grid.clock import HOUR, KOREA, iso, to_local

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.forecast.backtest import Answers

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

BLOCKS = {"night": (0, 6), "morning": (6, 11), "noon": (11, 16), "evening": (16, 24)}
"""Blocks of the island day: from hour, to hour."""


def verdict(answers: Answers, timezone: str = KOREA) -> dict[str, Any]:
    """Score tamna and every rival.

    Hours in which any competitor, or the actual, is missing are left out for all, and counted.

    Returns
    -------
    dict
        ``scores.<target>.<competitor>``: `mape_percent`, `mae_mw`, `rmse_mw`, `bias_mw`, `nmae_percent`, `hours`,
        for tamna also `pinball`, `crps`, coverage and width; `skill`: how much smaller tamna's MAE is than each
        rival's [%], with the day-block bootstrap interval of the difference [MW]; `by_month` and `by_block`.
    """
    everyone: dict[str, Floats] = {"tamna": answers.middle, **answers.rivals}
    fair = np.isfinite(answers.actual)
    for value in everyone.values():
        fair &= np.isfinite(value)
    local = to_local(answers.rows.valid_at, timezone)
    day = local.astype("datetime64[D]").astype(np.int64)
    hour = np.asarray((local - local.astype("datetime64[D]")) // HOUR, dtype=np.int64)
    month = local.astype("datetime64[M]").astype(str)
    groups = {
        "by_month": {str(m): fair & (month == m) for m in np.unique(month[fair])},
        "by_block": {n: fair & (hour >= a) & (hour < b) for n, (a, b) in BLOCKS.items()},
    }
    scores = {}
    for name, value in everyone.items():
        scores[name] = _one(answers.actual, value, fair)
        for group, parts in groups.items():
            scores[name][group] = {k: _one(answers.actual, value, p) for k, p in parts.items() if p.any()}
    scores["tamna"] |= band_scores(answers.actual[fair], answers.quantiles[fair], answers.levels, day[fair])
    missed = {n: np.abs(v - answers.actual)[fair] for n, v in everyone.items()}
    skill = {}
    for name in answers.rivals:
        gain = by_days(missed[name] - missed["tamna"], day[fair])
        skill[name] = {
            "mae_percent": 100.0 * (1 - float(missed["tamna"].mean() / missed[name].mean())),
            "mae_mw": gain.value,
            "mae_mw_interval": [gain.low, gain.high],
        }
    return {
        "scores": {answers.target: scores},
        "skill": {answers.target: skill},
        "hours": int(fair.sum()),
        "hours_left_out": int((~fair).sum()),
        "from": iso(answers.rows.valid_at[0], timezone),
        "to": iso(answers.rows.valid_at[-1] + HOUR, timezone),
        "fits": [{"at": iso(moment, timezone), "hours": hours} for moment, hours in answers.fits],
        "notes": [str(note) for note in answers.notes],
    }


def _one(actual: Floats, value: Floats, pick: Bools) -> dict[str, Any]:
    return middle_scores(actual[pick], value[pick])
