"""One target's answer at one issue: the blend where all is there, the next best where not, calibrated either way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError
from tamna.forecast import fallback
from tamna.forecast.calibration import calibrated, where_certain
from tamna.forecast.product import BLEND
from tamna.forecast.scene import make_scene, past_raw, patterns, record
from tamna.forecast.titles import title
from tamna.forecast.why import LEVEL, OTHERS, explained
from tamna.grid.clock import iso
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.forecast.ready import Ready
    from tamna.forecast.scene import Known, Past, Scene
    from tamna.grid.clock import Stamps
    from tamna.lang import Message

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

PARTIAL = "blend_partial"
"""The name of the blend where it answers without some of its features."""
_SHOWN = 4


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one target answers.

    Attributes
    ----------
    quantiles : (hours, levels)
        At the target's own levels, calibrated. [unit]
    hour_model, hour_reason : (hours,)
        Which model answered, and why it fell back.
    why
        Group -> (hours,). [unit]
    misses : (days, hours)
        How the days before missed at the same leads, in widths of their band; the oldest first.
    losses : (days,)
        Mean pinball of each of these days. [unit]
    mae, pinball
        Of all these hours, before calibration. [unit]
    """

    quantiles: Floats
    hour_model: tuple[str, ...]
    hour_reason: tuple[Message | None, ...]
    why: Mapping[str, Floats] | None
    misses: Floats
    losses: Floats
    mae: float
    pinball: float


def answer(ready: Ready, known: Known, stamps: Stamps, past: Past) -> Answer:
    """Answer the hours `stamps` with what was known.

    Parameters
    ----------
    past
        The same question put to the days before: see `make_past`.

    Raises
    ------
    InputError
        Nothing at all was known of the target.
    """
    target = ready.target
    scene = make_scene(ready, known, stamps, past)
    out = np.full((len(stamps), len(target.levels)), np.nan)
    models = [BLEND] * len(stamps)
    reasons: list[Message | None] = [None] * len(stamps)
    broken = fallback.damage(scene.table, scene.past.table, scene.past.days)
    if target.faint is not None:
        broken[target.faint(scene.asked, known.history), : scene.facts] = False
    for hours, missing in patterns(scene, broken, nothing=not ready.fits):
        if not missing.any() and ready.current is not None:
            values, base = scene.table.values[hours], scene.table.base[hours]
            raw = target.back(ready.current.model.predict(scene.table.names, values), base)
            out[hours] = _calibrated(ready, scene, hours, raw, scene.past.raw)
            continue
        reason = _reason(ready, scene, missing, known)
        band, names = _instead(ready, scene, hours, missing, known)
        out[hours] = band
        for at, name in zip(np.flatnonzero(hours), names, strict=True):
            models[at], reasons[at] = name, reason
    if not np.isfinite(out).any():
        raise InputError(
            _("nothing was known of {target} at the issue", target=title(target.name)),
            seen=iso(known.issue, known.timezone),
            todo=_("Give an issue within what the store holds, or fill the store: tamna ingest PATH..."),
        )
    if target.share:
        out[scene.table.base == 0] = 0.0  # whoever answered: while the sun is down there is nothing to share
    out = np.clip(out, *target.bounds)
    return Answer(
        out,
        tuple(models),
        tuple(reasons),
        _why(ready, scene, out, models),
        *record(scene, target.levels),
    )


def _calibrated(ready: Ready, scene: Scene, hours: Bools, raw: Floats, past_raw: Floats) -> Floats:
    """Calibrate by the misses of past days at the leads of the same day ahead."""
    use = scene.past_of(scene.same_day(hours)) & np.isfinite(past_raw).all(axis=1)
    past, now = int(use.sum()), int(hours.sum())
    target = ready.target
    issued = np.concatenate([scene.past.rows.issued_at[use], scene.asked.issued_at[hours]])
    answer = calibrated(
        np.concatenate([past_raw[use], raw]),
        target.levels,
        np.concatenate([scene.past.actual[use], np.full(now, np.nan)]),
        known_at=issued,  # actuals that were not known at the issue are NaN already
        issued_at=issued,
        hour=np.concatenate([np.tile(scene.hour, scene.past.days)[use], scene.hour[hours]]),
        test=np.arange(past + now) >= past,
        how=replace(target.conformal, rate=0.0),
        bounds=target.bounds,
    )[past:]
    return where_certain(raw, answer)


def _instead(
    ready: Ready, scene: Scene, hours: Bools, missing: Bools, known: Known
) -> tuple[Floats, list[str]]:
    """Let what is left compete on past days under the same damage; give the best one's band, hour by hour."""
    target = ready.target
    past = scene.past_of(hours)
    gone = missing[:-1]
    table, before = (
        fallback.without(t, gone) for t in (scene.table.pick(hours), scene.past.table.pick(past))
    )
    actual = scene.past.actual[past]
    found, raw, worn = _worn_blend(ready, scene, hours, gone)
    first = scene.past.rows.issued_at[0] if len(scene.past.rows) else known.issue
    line = fallback.line_answers(target, known.slow, ready.habit, known.warm, first, keep=~gone)
    found.append(fallback.Candidate("line", line(table), line(before)))
    now = fallback.simple_answers(scene.asked.pick(hours), known.history, target.track)
    then = fallback.simple_answers(scene.past.rows.pick(past), known.slow, target.track)
    found += [fallback.Candidate(name, now[name], then[name]) for name in now]
    out = np.full((int(hours.sum()), len(target.levels)), np.nan)
    names = ["none"] * len(out)
    past_hour = np.tile(scene.hour[hours], scene.past.days)
    for one in fallback.ranked(found, actual):
        todo = np.isnan(out).any(axis=1) & np.isfinite(one.middle)
        if not todo.any():
            continue
        if one.name == PARTIAL:
            band = _calibrated(ready, scene, hours, raw, worn)
        else:
            band = fallback.miss_band(one, actual, scene.hour[hours], past_hour, target)
        out[todo] = band[todo]
        for at in np.flatnonzero(todo):
            names[int(at)] = one.name
    return out, names


def _worn_blend(
    ready: Ready, scene: Scene, hours: Bools, gone: Bools
) -> tuple[list[fallback.Candidate], Floats, Floats]:
    """Give the blend without what is gone, as a candidate: for the hours, and for the past days' same hours."""
    target = ready.target
    worn = np.full((len(scene.past.rows), len(target.levels)), np.nan)
    if ready.current is None:
        return [], worn[: int(hours.sum())], worn
    group = scene.past_of(scene.same_day(hours))
    worn[group] = past_raw(
        ready, scene.past.rows.pick(group), fallback.without(scene.past.table.pick(group), gone)
    )
    table = fallback.without(scene.table.pick(hours), gone)
    raw = target.back(ready.current.model.predict(table.names, table.values), table.base)
    at = int(np.argmin(np.abs(target.levels - 0.5)))
    return [fallback.Candidate(PARTIAL, raw[:, at], worn[scene.past_of(hours)][:, at])], raw, worn


def _reason(ready: Ready, scene: Scene, missing: Bools, known: Known) -> Message:
    """Say what is missing: the weather, the meter, or features by name."""
    if not ready.fits:
        return _("no model could be fitted: too little was known")
    names = [name for name, gone in zip(scene.table.names, missing[:-1], strict=True) if gone]
    sky = set(scene.table.names[scene.facts :])
    weather = [name for name in names if name in sky]
    if len(weather) > len(sky) / 3:
        return _("no weather run issued by then covers the hour")
    if ready.target.track in known.late and (len(weather) < len(names) or missing[-1]):
        until = fallback.last_known(known.history.tracks[ready.target.track], known.issue)
        return _("the meter is late: known only until {stamp}", stamp=iso(until, known.timezone))
    told = ", ".join(names[:_SHOWN]) + (f" (+{len(names) - _SHOWN})" if len(names) > _SHOWN else "")
    return _("features are missing: {names}", names=told or "base")


def _why(ready: Ready, scene: Scene, out: Floats, models: list[str]) -> Mapping[str, Floats] | None:
    """Explain the hours that the blend answered; of the others only their middle is told."""
    if ready.current is None:
        return None
    middle = out[:, int(np.argmin(np.abs(ready.target.levels - 0.5)))]
    found = explained(ready.current.model, scene.table, scene.facts, middle, ready.target)
    if found is None:
        return None
    mine = np.array([name.startswith(BLEND) for name in models])
    blank = {LEVEL: middle, OTHERS: np.zeros(len(middle))}
    return {
        name: np.where(mine, part, blank.get(name, np.zeros(len(middle)))) for name, part in found.items()
    }
