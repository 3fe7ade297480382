"""A backtest's verdict: every competitor, the same hours, every score with its interval.

Keys carry the unit. For a target in MW they are ``mae_mw``, ``rmse_mw``, ``bias_mw``; for a price in KRW/kWh
``mae_krw_per_kwh`` and so on, and the three MW keys are there too and null: a key never lies about its unit.
``pinball`` and ``crps`` are in the target's own unit, which ``about.<target>.unit`` names. What makes no sense for
a target is null: MAPE where some actuals are near zero or below. ``pinball`` is the mean over the levels; it and
``crps`` are over the scored hours in which every competitor has a band (`hours_with_bands`).

::

    scores.<target>.<competitor>        the scores, `intervals`, and by_month, by_season, by_block, by_hour, by_lead
    skill.<target>.<rival>              how much smaller tamna's MAE and pinball are [%], with intervals
    reliability.<target>                level by level: how many actuals lay below [-]
    pit.<target>, sharpness.<target>    where actuals lay in their distribution; how wide its bands were
    about.<target>                      unit, hours, hours left out by reason, fits, notes

Intervals hold nine draws of ten, days drawn again whole; those of a skill are of paired days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.forecast.contest import OURS, Contest, plain
from tamna.forecast.draws import Draws, ends
from tamna.forecast.scores import band, crps, inside, pinball, pit, reliability
from tamna.grid.clock import HOUR, KOREA, iso, to_local
from tamna.series.units import slug

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.forecast.backtest import Answers

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

BLOCKS = {"night": (0, 6), "morning": (6, 11), "noon": (11, 16), "evening": (16, 24)}
"""Blocks of the island day: from hour, to hour."""
SEASONS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}
"""Months of a season."""
BANDS = (0.8, 0.9)
PIT_BINS = 20
NEAR_ZERO = 0.1
"""MAPE is null where the least actual is below this part of the mean: it would be a score of the small hours. [-]"""
_DIGITS = 6
_COVERED = ("coverage_80", "coverage_90")


def verdict(answers: Answers | Contest, timezone: str = KOREA) -> dict[str, Any]:
    """Score tamna and every rival on the hours that all of them answer.

    Parameters
    ----------
    answers
        A contest, or bare answers; of those, rivals have no band and no distribution is scored.

    Returns
    -------
    dict
        As this module says; `hours`, `hours_left_out`, `from`, `to`, `fits` and `notes` of the one target beside it.
    """
    ring = answers if isinstance(answers, Contest) else plain(answers)
    fair = ring.fair
    when = _when(ring, timezone)
    draws = Draws.of(when["day"][fair])
    parts = {name: _parts(ring, name) for name in ring.middles}
    percent = _has_percent(ring.actual[fair])
    scores = {
        name: _scored(ring, part, fair, when=when, draws=draws, percent=percent)
        for name, part in parts.items()
    }
    about = _about(ring, timezone)
    return {
        "scores": {ring.name: scores},
        "skill": {ring.name: _skill(ring, parts, fair, draws)},
        "reliability": {ring.name: _reliability(ring, fair, when["day"])},
        "pit": {ring.name: _pit(ring, fair)},
        "sharpness": {ring.name: _sharpness(ring, fair)},
        "about": {ring.name: about},
        **{k: about[k] for k in ("hours", "hours_left_out", "from", "to", "fits", "notes")},
    }


def _when(ring: Contest, timezone: str) -> dict[str, Any]:
    local = to_local(ring.rows.valid_at, timezone)
    day = local.astype("datetime64[D]")
    hour = np.asarray((local - day) // HOUR, dtype=np.int64)
    number = local.astype("datetime64[M]").astype(np.int64) % 12 + 1
    return {
        "day": day.astype(np.int64),
        "by_month": local.astype("datetime64[M]").astype(str),
        "by_season": _named(number, {n: np.isin(number, m) for n, m in SEASONS.items()}),
        "by_block": _named(hour, {n: (hour >= a) & (hour < b) for n, (a, b) in BLOCKS.items()}),
        "by_hour": hour,
        "by_lead": np.floor(ring.rows.lead_h).astype(np.int64),
    }


def _named(like: NDArray[np.int64], which: Mapping[str, Bools]) -> NDArray[np.str_]:
    names = np.full(len(like), "", dtype="<U8")
    for name, mask in which.items():
        names[mask] = name
    return names


def _has_percent(actual: Floats) -> bool:
    return bool(len(actual)) and float(actual.min()) > NEAR_ZERO * float(actual.mean())


def _parts(ring: Contest, name: str) -> dict[str, Floats]:
    """Give what each hour adds to the scores of one competitor, each (rows,); NaN where it says nothing."""
    actual, levels = ring.actual, ring.levels
    miss = ring.middles[name] - actual
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {"abs": np.abs(miss), "miss": miss, "square": miss**2, "percent": 100 * np.abs(miss / actual)}
    quantiles = ring.quantiles.get(name)
    if quantiles is None:
        return found
    banded = ring.banded
    found["pinball"] = np.where(banded, pinball(actual, quantiles, levels).mean(axis=1), np.nan)
    found["crps"] = np.where(banded, crps(actual, quantiles, levels), np.nan)
    for share in BANDS:
        low, high = band(quantiles, levels, share)
        wide = (high > low) & np.isfinite(actual)
        held = inside(actual, low, high).astype(float)
        found[f"coverage_{share * 100:.0f}"] = np.where(wide, held, np.nan)
        found[f"width_{share * 100:.0f}"] = np.where(wide, high - low, np.nan)
    return found


def _scored(
    ring: Contest,
    part: Mapping[str, Floats],
    fair: Bools,
    *,
    when: Mapping[str, Any],
    draws: Draws,
    percent: bool,
) -> dict[str, Any]:
    found = _values(ring, part, fair, percent)
    found["hours_left_out"] = int((~fair).sum())
    found["hours_with_bands"] = int(ring.banded.sum())
    found["intervals"] = _intervals(ring, {k: v[fair] for k, v in part.items()}, draws, percent)
    for group in ("by_month", "by_season", "by_block", "by_hour", "by_lead"):
        label = when[group]
        found[group] = {
            str(name): _values(ring, part, fair & (label == name), percent) for name in np.unique(label[fair])
        }
    for name, held in found["by_season"].items():
        which = fair & (when["by_season"] == name)
        mine = Draws.of(when["day"][which])
        held["intervals"] = {k: _ends(mine.means(part[k][which])) for k in _COVERED if k in part}
    return found


def _values(ring: Contest, part: Mapping[str, Floats], pick: Bools, percent: bool) -> dict[str, Any]:
    """Give the scores over some hours."""
    mae = _mean(part["abs"][pick])
    base = _base(ring)
    square = _mean(part["square"][pick])
    named = {
        "mae": mae,
        "rmse": None if square is None else float(np.sqrt(square)),
        "bias": _mean(part["miss"][pick]),
    }
    unit = slug(ring.unit)
    found: dict[str, Any] = {
        "mape_percent": _mean(part["percent"][pick]) if percent else None,
        **{f"{k}_mw": None for k in named},
        **{f"{k}_{unit}": v for k, v in named.items()},
        "nmae_percent": None if mae is None or not base else 100 * mae / base,
        "pinball": _mean(part["pinball"][pick]) if "pinball" in part else None,
        "crps": _mean(part["crps"][pick]) if "crps" in part else None,
    }
    for share in ("80", "90"):
        found[f"coverage_{share}"] = (
            _mean(part[f"coverage_{share}"][pick]) if f"coverage_{share}" in part else None
        )
        found[f"width_{share}_{unit}"] = (
            _mean(part[f"width_{share}"][pick]) if f"width_{share}" in part else None
        )
    return {k: None if v is None else round(v, _DIGITS) for k, v in found.items()} | {
        "hours": int(pick.sum())
    }


def _base(ring: Contest) -> float:
    """Give what nMAE is a part of: the capacity, or the mean size of the actuals over all scored hours."""
    if ring.capacity is not None:
        return ring.capacity
    return _mean(np.abs(ring.actual[ring.fair])) or 0.0


def _intervals(ring: Contest, part: Mapping[str, Floats], draws: Draws, percent: bool) -> dict[str, Any]:
    unit = slug(ring.unit)
    mae, base = draws.means(part["abs"]), _base(ring)
    found = {
        f"mae_{unit}": _ends(mae),
        f"rmse_{unit}": _ends(np.sqrt(draws.means(part["square"]))),
        f"bias_{unit}": _ends(draws.means(part["miss"])),
        "mape_percent": _ends(draws.means(part["percent"])) if percent else None,
        "nmae_percent": _ends(100 * mae / base) if base else None,
    }
    for key in ("pinball", "crps", *_COVERED):
        found[key] = _ends(draws.means(part[key])) if key in part else None
    return found


def _skill(
    ring: Contest, parts: Mapping[str, Mapping[str, Floats]], fair: Bools, draws: Draws
) -> dict[str, Any]:
    """Say how much smaller tamna's scores are than each rival's, and whether chance explains it."""
    unit, ours = slug(ring.unit), parts[OURS]
    found = {}
    for name, theirs in parts.items():
        if name == OURS:
            continue
        gain = theirs["abs"][fair] - ours["abs"][fair]
        found[name] = {
            "mae_percent": _smaller(ours["abs"][fair], theirs["abs"][fair]),
            "mae_percent_interval": _smaller_ends(ours["abs"][fair], theirs["abs"][fair], draws),
            f"mae_{unit}": _mean(gain),
            f"mae_{unit}_interval": _ends(draws.means(gain)),
        }
        both = "pinball" in ours and "pinball" in theirs
        found[name] |= {
            "pinball_percent": _smaller(ours["pinball"][fair], theirs["pinball"][fair]) if both else None,
            "pinball_percent_interval": _smaller_ends(ours["pinball"][fair], theirs["pinball"][fair], draws)
            if both
            else None,
        }
    return found


def _smaller(ours: Floats, theirs: Floats) -> float | None:
    mine, other = _mean(ours), _mean(theirs)
    return None if mine is None or not other else round(100 * (1 - mine / other), _DIGITS)


def _smaller_ends(ours: Floats, theirs: Floats, draws: Draws) -> list[float] | None:
    with np.errstate(divide="ignore", invalid="ignore"):
        return _ends(100 * (1 - draws.means(ours) / draws.means(theirs)))


def _reliability(ring: Contest, fair: Bools, day: NDArray[np.int64]) -> list[dict[str, Any]]:
    quantiles = ring.quantiles[OURS]
    pick = fair & ring.lit & (quantiles[:, -1] > quantiles[:, 0])
    if not pick.any():
        return []
    below = reliability(ring.actual[pick], quantiles[pick])
    draws = Draws.of(day[pick])
    return [
        {
            "level": round(float(level), _DIGITS),
            "observed": _mean(below[:, i]),
            "interval": _ends(draws.means(below[:, i])),
        }
        for i, level in enumerate(ring.levels)
    ]


def _pit(ring: Contest, fair: Bools) -> dict[str, Any]:
    pick = fair & ring.lit
    found = pit(ring.actual[pick], ring.quantiles[OURS][pick], ring.levels, atoms=ring.atoms)
    counts = np.histogram(found, PIT_BINS, (0.0, 1.0))[0]
    return {"bins": PIT_BINS, "hours": int(pick.sum()), "counts": counts.tolist()}


def _sharpness(ring: Contest, fair: Bools) -> list[dict[str, Any]]:
    """Give how wide the central bands are: mean and quartiles over the hours."""
    quantiles, unit = ring.quantiles[OURS][fair & ring.lit], slug(ring.unit)
    found = []
    for share in (0.5, 0.8, 0.9, 0.98):
        low, high = band(quantiles, ring.levels, share)
        width = (high - low)[np.isfinite(high - low)]
        if len(width):
            quarter, half, most = (round(float(v), _DIGITS) for v in np.quantile(width, [0.25, 0.5, 0.75]))
            found.append(
                {
                    "share": share,
                    f"mean_{unit}": round(float(width.mean()), _DIGITS),
                    f"quartiles_{unit}": [quarter, half, most],
                }
            )
    return found


def _about(ring: Contest, timezone: str) -> dict[str, Any]:
    fair = ring.fair
    return {
        "unit": ring.unit,
        "estimated": ring.estimated,
        "levels": [round(float(v), _DIGITS) for v in ring.levels],
        "capacity": ring.capacity,
        "hours": int(fair.sum()),
        "hours_left_out": int((~fair).sum()),
        "left_out": {name: int(which.sum()) for name, which in ring.left_out.items()},
        "from": iso(ring.rows.valid_at[0], timezone),
        "to": iso(ring.rows.valid_at[-1] + HOUR, timezone),
        "fits": [{"at": iso(moment, timezone), "hours": hours} for moment, hours in ring.fits],
        "notes": [str(note) for note in ring.notes],
    }


def _mean(values: Floats) -> float | None:
    values = values[np.isfinite(values)]
    return round(float(values.mean()), _DIGITS) if len(values) else None


def _ends(drawn: Floats) -> list[float] | None:
    found = ends(drawn)
    return None if found is None else [round(v, _DIGITS) for v in found]
