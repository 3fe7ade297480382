"""The loop: commit on a forecast, redispatch on what came, settle at the prices of the time, and say what it was worth.

What is fixed when, and what a hour knows, stands in `tamna.dispatch.realtime` and `tamna.dispatch.loop`. A forecaster
is one of:

``perfect``      demand, wind and PV of the day and of the hours after it, as they came
``tamna``        the middle of tamna's day-ahead bands
``operator``     the operator's published demand; wind and PV as ``tamna``: nothing else of it is published
``persistence``  the same hour of the latest day known at the issue, demand, wind and PV
``wind_pv_persistence``, ``wind_pv_known``  demand as ``tamna``; wind and PV as yesterday's hour, and as they came

Prices beyond the links, outages and the floor are known to all: the evening before they were published, or assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.account import account
from tamna.dispatch.check.whole import broken
from tamna.dispatch.island import PV, WIND
from tamna.dispatch.loop import HOW, Foresight, Looped, go_round
from tamna.dispatch.resort import TAKEN, Resort
from tamna.dispatch.whatif import changed
from tamna.errors import InputError, UsageError
from tamna.grid.clock import to_local
from tamna.optimise.solver import How
from tamna.lang import _
from tamna.runs.dispatching import Answer, Asked, Dispatched, Loop, prepared
from tamna.runs.foreseeing import Said, said
from tamna.runs.lived import LivedHours, lived_hours
from tamna.runs.worth import PERFECT, Daily, Worth
from tamna.series.kept import kept, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.dispatch.island import Stand
    from tamna.dispatch.system import Hours, State, System
    from tamna.grid import Island
    from tamna.grid.clock import Period, Stamps
    from tamna.runs.dispatch_hours import Came
    from tamna.series import Store

    Floats = NDArray[np.float64]

FORECASTS = (PERFECT, "tamna", "operator", "persistence")
ALONE = ("wind_pv_persistence", "wind_pv_known")
_ROOMS = ("dispatch", "optimise", "forecast", "physics", "measure", "series", "grid", "runs")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """An island in the loop: assets with a last resort, the hours that came, and the days."""

    system: System
    hours: Hours
    state: State
    stand: Stand
    days: tuple[slice, ...]
    how: How = HOW


def looped(
    store: Store,
    island: Island,
    period: Period,
    asked: Asked,
    forecast: str,
    *,
    worth: bool = True,
    fits: Path | None = None,
    advance: Callable[[int], None] = lambda _n: None,
) -> Dispatched:
    """Live a period after plans on a forecast, and say what that forecast was worth.

    Parameters
    ----------
    forecast
        One of `FORECASTS`.
    worth
        Live it after the other forecasts' plans as well.

    Raises
    ------
    UsageError
        No such forecast, or one that nobody published here.
    InputError
        As dispatch and backtest do.
    """
    lived: list[LivedHours] = []

    def read() -> LivedHours:
        lived.append(lived_hours(store, island, period, potential=asked.potential, fits=fits))
        return lived[0]

    stands, seen, hours = prepared(store, island, period, asked, fits, read=lambda: read().came)
    local = to_local(seen.stamps, island.timezone)
    told = said(store, island, period, fits=fits)
    foresights = foresights_of(hours, told)
    _refuse_unknown(forecast, foresights)
    on = changed(asked.what_if, stands.system, hours, stands.state, local)
    scene = replace(scene_of(on, stands, local), how=How(gap=asked.gap, time_limit_s=asked.time_limit_s))
    mine = live(scene, foresights[forecast], why=asked.why, advance=advance)
    found: Worth | None = None
    if worth:
        key = key_of(store, island, _ROOMS, repr(asked), str(period), *foresights)
        counted = counted_days(lived[0].doubtful, scene.days)
        found = kept(
            fits, "worth", key, lambda: _worth(scene, foresights, counted, {forecast: mine}, advance)
        )
    return told_of(
        island, period, asked, came=replace(seen, notes=(*seen.notes, *told.notes)), scene=scene, mine=mine,
        loop=Loop(forecast=forecast, foresight=foresights[forecast], planned=mine.planned, worth=found),
    )  # fmt: skip


def told_of(
    island: Island, period: Period, asked: Asked, *, came: Came, scene: Scene, mine: Looped, loop: Loop
) -> Dispatched:
    """Put what was lived into the form of any dispatch."""
    done = mine.rolled.done
    stands = scene.stand
    return Dispatched(
        island=island,
        period=period,
        asked=asked,
        stand=replace(stands, assumed=(*stands.assumed, TAKEN)),
        came=came,
        answer=Answer(
            system=scene.system,
            hours=scene.hours,
            before=scene.state,
            rolled=mine.rolled,
            account=account(scene.system, scene.hours, done, stands.burns, scene.state),
            reasons=mine.reasons,
            broken=broken(scene.system, scene.hours, done, scene.state),
        ),
        beside=None,
        loop=loop,
    )


def scene_of(on: tuple[System, Hours, State], stands: Stand, local: Stamps) -> Scene:
    """Make the scene of assets and hours."""
    system, hours, state = on
    day = local.astype("datetime64[D]")
    edges = [0, *(np.flatnonzero(day[1:] != day[:-1]) + 1).tolist(), len(day)]
    return Scene(
        system=replace(system, resort=Resort()),
        hours=hours,
        state=state,
        stand=stands,
        days=tuple(slice(a, b) for a, b in pairwise(edges)),
    )


def live(
    scene: Scene, foresight: Foresight, *, why: bool = False, advance: Callable[[int], None] = lambda _n: None
) -> Looped:
    """Live the scene's days after plans on a foresight."""
    return go_round(
        scene.system, scene.hours, foresight, scene.state, scene.days, how=scene.how, why=why, advance=advance
    )


def foresights_of(hours: Hours, told: Said) -> dict[str, Foresight]:
    """Give what each forecaster foresaw, of those whose words are held."""
    demand, wind, pv = (told.of[name] for name in ("demand", "wind", "pv"))
    came = {WIND: hours.potential_mw[WIND], PV: hours.potential_mw[PV]}
    ours = {WIND: _middle(wind, "tamna"), PV: _middle(pv, "tamna")}
    yesterday = {WIND: _middle(wind, "persistence"), PV: _middle(pv, "persistence")}
    found = {
        PERFECT: Foresight(demand_mw=hours.demand_mw, potential_mw=came, knows_on=True),
        "tamna": Foresight(demand_mw=demand["tamna"], potential_mw=ours),
    }
    if "operator" in demand and np.isfinite(demand["operator"]).all():
        found["operator"] = Foresight(demand_mw=demand["operator"], potential_mw=ours)
    if "persistence" in demand:
        found["persistence"] = Foresight(demand_mw=_middle(demand, "persistence"), potential_mw=yesterday)
    found["wind_pv_persistence"] = Foresight(demand_mw=demand["tamna"], potential_mw=yesterday)
    found["wind_pv_known"] = Foresight(demand_mw=demand["tamna"], potential_mw=came)
    return found


def _middle(of: Mapping[str, Floats], who: str) -> Floats:
    """Give what somebody said, not below 0; where they said nothing, what tamna said."""
    ours = of["tamna"]
    theirs = of.get(who, ours)
    return np.maximum(np.where(np.isnan(theirs), ours, theirs), 0.0)


def _refuse_unknown(forecast: str, foresights: Mapping[str, Foresight]) -> None:
    if forecast not in FORECASTS:
        raise UsageError(
            _("{option} is not understood", option="--forecast"),
            seen=forecast,
            todo=_("Choose from: {names}.", names=", ".join(FORECASTS)),
        )
    if forecast not in foresights:
        raise InputError(
            _("the store holds no such forecast of every hour of the period"),
            seen=forecast,
            todo=_(
                "Ingest it, or choose from: {names}.",
                names=", ".join(f for f in FORECASTS if f in foresights),
            ),
        )


def counted_days(doubtful: NDArray[np.bool_], days: Sequence[slice]) -> NDArray[np.bool_]:
    """Say which days count: those without an hour that nobody recorded."""
    return np.array([not doubtful[day].any() for day in days])


def _worth(
    scene: Scene,
    foresights: Mapping[str, Foresight],
    counted: NDArray[np.bool_],
    lived: Mapping[str, Looped],
    advance: Callable[[int], None],
) -> Worth:
    kinds = {
        name: daily(scene, lived[name] if name in lived else live(scene, foresight, advance=advance))
        for name, foresight in foresights.items()
    }
    return Worth(counted=counted, kinds=kinds)


def daily(scene: Scene, mine: Looped) -> Daily:
    """Add up what was lived, day by day."""
    return Daily.of(
        [
            account(
                scene.system,
                scene.hours.part(day.start, day.stop - day.start),
                window.done,
                scene.stand.burns,
                window.before,
            )
            for day, window in zip(scene.days, mine.rolled.windows, strict=True)
        ]
    )
