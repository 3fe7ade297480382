"""The loop: commit on a forecast, redispatch on what came, settle at the prices of the time, and say what it was worth.

What is fixed when, and what a hour knows, stands in `tamna.dispatch.realtime` and `tamna.dispatch.loop`. A forecaster
is one of:

``perfect``      demand, wind and PV of the day and of the hours after it, as they came
``tamna``        the middle of tamna's day-ahead bands
``operator``     the operator's published demand; wind and PV as ``tamna``: nothing else of it is published
``operator_debiased``  that demand without its trailing bias: its mean miss of the same hour over the last 28 days known
                 at the issue is taken off (`tamna.forecast.rivals.without_bias`)
``persistence``  the same hour of the latest day known at the issue, demand, wind and PV
``wind_pv_persistence``, ``wind_pv_known``  demand as ``tamna``; wind and PV as yesterday's hour, and as they came

With ``--with``, ``--without`` or ``--outage`` all of it is lived twice, the island as it stands beside the changed one.
With ``--paths`` what is decided the day before is decided on many paths of tamna's bands instead of their middle
(``tamna_paths``, `tamna.runs.many_paths`); the hours of the day follow as they do after ``tamna``.

Prices beyond the links, outages and the floor are known to all: the evening before they were published, or assumed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.account import account
from tamna.dispatch.check.whole import broken
from tamna.dispatch.island import PV, WIND
from tamna.dispatch.loop import BEYOND_H, HOW, Foresight, Looped, go_round
from tamna.dispatch.resort import TAKEN, Resort
from tamna.dispatch.whatif import WhatIf
from tamna.dispatch.whatif_added import assumed_with
from tamna.dispatch.worth import of_reasons
from tamna.errors import InputError, UsageError
from tamna.grid.clock import to_local
from tamna.lang import _
from tamna.optimise.solver import How
from tamna.runs.dispatching import Answer, Asked, Dispatched, Loop, changed_case, prepared
from tamna.runs.foreseeing import Said, said
from tamna.runs.lived import LivedHours, lived_hours
from tamna.runs.many_paths import many_of, on_paths
from tamna.runs.worth import ON_PATHS, PERFECT, Daily, Worth
from tamna.series.kept import kept, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.dispatch.island import Stand
    from tamna.dispatch.system import Hours, State, System
    from tamna.grid import Island
    from tamna.grid.clock import Period, Stamps
    from tamna.runs.dispatch_hours import Came
    from tamna.runs.many_paths import AskedPaths
    from tamna.series import Store

    Floats = NDArray[np.float64]

FORECASTS = (PERFECT, "tamna", "operator", "operator_debiased", "persistence")
ALONE = ("wind_pv_persistence", "wind_pv_known")
_ROOMS = ("dispatch", "optimise", "forecast", "physics", "measure", "series", "grid", "runs")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """An island in the loop: assets with a last resort, the hours that came, and the days.

    Attributes
    ----------
    ahead
        The hours with those after the last day that its plan looks at.
    """

    system: System
    ahead: Hours
    state: State
    stand: Stand
    days: tuple[slice, ...]
    how: How = HOW

    @property
    def hours(self) -> Hours:
        """Give the hours of the days alone."""
        return self.ahead.part(0, self.days[-1].stop)


def looped(
    store: Store,
    island: Island,
    period: Period,
    asked: Asked,
    forecast: str,
    *,
    paths: AskedPaths | None = None,
    worth: bool = True,
    fits: Path | None = None,
    advance: Callable[[int], None] = lambda _n: None,
) -> Dispatched:
    """Live a period after plans on a forecast, and say what that forecast was worth.

    Parameters
    ----------
    forecast
        One of `FORECASTS`; ``-`` may stand for ``_``.
    paths
        Decide the day before on so many paths of the forecast.
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

    def read(of: Period) -> Came:
        lived.append(lived_hours(store, island, of, potential=asked.potential, fits=fits))
        return lived[-1].came

    forecast = forecast.replace("-", "_")
    _refuse_unknown(forecast, FORECASTS)
    stands, seen, ahead = prepared(store, island, period, asked, fits, read=read, beyond=beyond_day)
    local = to_local(seen.stamps, island.timezone)
    told = said(store, island, period, fits=fits)
    foresights = foresights_of(ahead, told)
    _refuse_unknown(forecast, foresights)
    how = How(gap=asked.gap, time_limit_s=asked.time_limit_s)
    there = replace(scene_of((stands.system, ahead, stands.state), stands, local), how=how)
    kind = forecast
    if paths is not None:
        kind, many = ON_PATHS, many_of(told, seen.stamps, there.days, paths, island.timezone)
        foresights[kind] = replace(foresights[forecast], many=many)

    def lives(on: Scene, foreseen: Mapping[str, Foresight], of: Asked) -> tuple[Looped, Worth | None]:
        mine = live(on, foreseen[kind], why=of.why, advance=advance)
        if not worth:
            return mine, None
        shelf = _Shelf(fits, key_of(store, island, _ROOMS, repr(replace(of, why=True)), str(period)))
        counted = counted_days(lived[0].doubtful, on.days)
        return mine, _worth(on, foreseen, counted, {kind: mine}, shelf, advance)

    changed = changed_case(island, stands, seen, ahead, asked)
    stands = replace(stands, assumed=(*stands.assumed, *assumed_with(asked.what_if.added)))
    scene = replace(scene_of(changed, stands, local), how=how)
    added = {name: with_added(foresight, ahead, changed[1]) for name, foresight in foresights.items()}
    mine, found = lives(scene, added, asked)
    beside, before = None, None
    if asked.what_if:
        beside, before = lives(there, foresights, replace(asked, what_if=WhatIf(), why=False))
    done = told_of(
        island, period, asked, came=replace(seen, notes=(*seen.notes, *told.notes)), scene=scene, mine=mine,
        loop=Loop(
            forecast=forecast, foresight=added[kind].first(len(seen.stamps)), planned=mine.planned, worth=found,
            worth_before=before, on_paths=None if paths is None else on_paths(mine.outlooks, paths),
        ),
    )  # fmt: skip
    return done if beside is None else replace(done, beside=answer_of(there, beside))


def beyond_day(_count: int) -> int:
    """Say how far a day's plan looks beyond it [h]."""
    return int(BEYOND_H)


def told_of(
    island: Island, period: Period, asked: Asked, *, came: Came, scene: Scene, mine: Looped, loop: Loop
) -> Dispatched:
    """Put what was lived into the form of any dispatch."""
    stands = scene.stand
    return Dispatched(
        island=island,
        period=period,
        asked=asked,
        stand=replace(stands, assumed=(*stands.assumed, TAKEN)),
        came=came,
        answer=answer_of(scene, mine),
        beside=None,
        loop=loop,
    )


def answer_of(scene: Scene, mine: Looped) -> Answer:
    """Settle what was lived and check it."""
    done = mine.rolled.done
    return Answer(
        system=scene.system,
        hours=scene.hours,
        ahead=scene.ahead,
        before=scene.state,
        rolled=mine.rolled,
        account=account(scene.system, scene.hours, done, scene.stand.burns, scene.state),
        reasons=mine.reasons,
        worths=of_reasons(mine.reasons),
        broken=broken(scene.system, scene.hours, done, scene.state),
    )


def scene_of(on: tuple[System, Hours, State], stands: Stand, local: Stamps) -> Scene:
    """Make the scene of assets and hours.

    Parameters
    ----------
    local : (hours,)
        Start of each hour of the days on the island's clock; the hours of `on` may go on after them.
    """
    system, ahead, state = on
    day = local.astype("datetime64[D]")
    edges = [0, *(np.flatnonzero(day[1:] != day[:-1]) + 1).tolist(), len(day)]
    return Scene(
        system=replace(system, resort=Resort()),
        ahead=ahead,
        state=state,
        stand=stands,
        days=tuple(slice(a, b) for a, b in pairwise(edges)),
    )


def live(
    scene: Scene, foresight: Foresight, *, why: bool = False, advance: Callable[[int], None] = lambda _n: None
) -> Looped:
    """Live the scene's days after plans on a foresight."""
    return go_round(
        scene.system, scene.ahead, foresight, scene.state, scene.days, how=scene.how, why=why, advance=advance
    )


def foresights_of(hours: Hours, told: Said) -> dict[str, Foresight]:
    """Give what each forecaster foresaw, of those whose words are held; all is known of `hours` that go on after them."""
    demand, wind, pv = (told.of[name] for name in ("demand", "wind", "pv"))
    came = {WIND: hours.potential_mw[WIND], PV: hours.potential_mw[PV]}
    ours = {WIND: _middle(wind, "tamna"), PV: _middle(pv, "tamna")}
    yesterday = {WIND: _middle(wind, "persistence"), PV: _middle(pv, "persistence")}
    found = {
        PERFECT: Foresight(demand_mw=hours.demand_mw, potential_mw=came, knows_on=True),
        "tamna": Foresight(demand_mw=demand["tamna"], potential_mw=ours),
    }
    for name in ("operator", "operator_debiased"):
        if name in demand and np.isfinite(demand[name]).all():
            found[name] = Foresight(demand_mw=demand[name], potential_mw=ours)
    if "persistence" in demand:
        found["persistence"] = Foresight(demand_mw=_middle(demand, "persistence"), potential_mw=yesterday)
    found["wind_pv_persistence"] = Foresight(demand_mw=demand["tamna"], potential_mw=yesterday)
    found["wind_pv_known"] = Foresight(demand_mw=demand["tamna"], potential_mw=came)
    return found


def with_added(foresight: Foresight, before: Hours, after: Hours) -> Foresight:
    """Foresee fleets that a word added as those that they follow, each a part of it.

    Parameters
    ----------
    before, after
        The hours without what was added, and with it.
    """
    added = [name for name in after.potential_mw if name not in before.potential_mw]
    parts: dict[str, tuple[str, float]] = {}
    for name in added:
        like = name.partition(":")[0]
        whole = float(before.potential_mw[like].sum())
        parts[name] = (like, float(after.potential_mw[name].sum()) / whole if whole else 0.0)

    def both(potential: Mapping[str, Floats]) -> dict[str, Floats]:
        return {**potential, **{name: potential[like] * part for name, (like, part) in parts.items()}}

    many = foresight.many
    return replace(
        foresight,
        potential_mw=both(foresight.potential_mw),
        many=None if many is None else replace(many, potential_mw=both(many.potential_mw)),
    )


def _middle(of: Mapping[str, Floats], who: str) -> Floats:
    """Give what somebody said, not below 0; where they said nothing, what tamna said."""
    ours = of["tamna"]
    theirs = of.get(who, ours)
    return np.maximum(np.where(np.isnan(theirs), ours, theirs), 0.0)


def _refuse_unknown(forecast: str, known: Iterable[str]) -> None:
    names = ", ".join(f.replace("_", "-") for f in FORECASTS if f in known)
    if forecast not in FORECASTS:
        raise UsageError(
            _("{option} is not understood", option="--forecast"),
            seen=forecast,
            todo=_("Choose from: {names}.", names=names),
        )
    if forecast not in known:
        raise InputError(
            _("the store holds no such forecast of every hour of the period"),
            seen=forecast,
            todo=_("Ingest it, or choose from: {names}.", names=names),
        )


def counted_days(doubtful: NDArray[np.bool_], days: Sequence[slice]) -> NDArray[np.bool_]:
    """Say which days count: those without an hour that nobody recorded."""
    return np.array([not doubtful[day].any() for day in days])


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where days that were lived are kept, each forecast apart: what is broken off goes on from there."""

    fits: Path | None
    key: str

    def daily(self, name: str, foresight: Foresight, live: Callable[[], Daily]) -> Daily:
        """Take up the days after a plan on a foresight, or live them."""
        key = hashlib.sha256(f"{self.key} {_digest(foresight)}".encode()).hexdigest()
        return kept(self.fits, f"lived_{name}", key, live)


def _digest(foresight: Foresight) -> str:
    """Hash what was foreseen."""
    many = foresight.many
    whole = hashlib.sha256(f"{foresight.knows_on} {None if many is None else many.risk}".encode())
    for of in (foresight, *(() if many is None else (many,))):
        whole.update(np.ascontiguousarray(of.demand_mw).tobytes())
        for name, values in sorted(of.potential_mw.items()):
            whole.update(name.encode() + np.ascontiguousarray(values).tobytes())
    return whole.hexdigest()


def _worth(  # noqa: PLR0917 (the scene, what was foreseen and lived in it, and where days are kept)
    scene: Scene,
    foresights: Mapping[str, Foresight],
    counted: NDArray[np.bool_],
    lived: Mapping[str, Looped],
    shelf: _Shelf,
    advance: Callable[[int], None],
) -> Worth:
    def days(name: str, foresight: Foresight) -> Daily:
        mine = lived[name] if name in lived else live(scene, foresight, advance=advance)
        return daily(scene, mine)

    kinds = {
        name: shelf.daily(name, foresight, partial(days, name, foresight))
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
