"""What the reader of a forecast must know: what was assumed, refitted, missing, or older than usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.titles import title
from tamna.grid.clock import DAY, iso
from tamna.lang import _

if TYPE_CHECKING:
    from tamna.forecast.scene import Known
    from tamna.lang import Message
    from tamna.runs.forecasting import Prepared

_WEATHER = "forecast/temperature"


def notes_of(loaded: Prepared) -> tuple[Message, ...]:
    """Gather the notes of what was loaded, each once."""
    notes = [_("when values became known is assumed from the source table"), *loaded.notes]
    for ready in loaded.ready.values():
        notes += [*ready.notes, *ready.target.notes]
        if len(ready.fits) < ready.habit.fits:
            notes.append(_("{target}: few past forecasts to calibrate by", target=title(ready.target.name)))
    if any(r.current is not None and r.current.about["weather_error_assumed"] for r in loaded.ready.values()):
        notes.append(_("the error of weather forecasts is a packaged guess: too few runs before the fit"))
    notes += _old_run(loaded.known)
    return tuple(dict.fromkeys(notes))


def _old_run(known: Known) -> list[Message]:
    """Say so where the newest weather run is older than it has been at this hour in the last weeks."""
    issue, run = known.issue, known.history.runs.get(_WEATHER)
    if run is None:
        return [_("the store holds no weather runs")]
    issues = np.unique(run.rows()[1])

    def newest(moment: np.datetime64) -> np.datetime64 | None:
        before = issues[issues <= moment]
        return before[-1] if len(before) else None

    mine = newest(issue)
    if mine is None:
        return [_("no weather run had been issued")]
    past = [(m, newest(m)) for m in issue - np.arange(1, 29) * DAY]
    usual = max((m - run_at for m, run_at in past if run_at is not None), default=None)
    if usual is None or issue - mine <= usual:
        return []
    return [
        _(
            "the newest weather run is of {stamp}, older than usual: it answers as far as it reaches",
            stamp=iso(mine, known.timezone),
        )
    ]
