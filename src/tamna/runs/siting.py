"""Any site in the world: weather and physics answer, readings make it learn; everything assumed is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.forecast.levels import NINE, between
from tamna.forecast.place import site_of
from tamna.forecast.product import Forecast, TargetForecast
from tamna.forecast.sitelearn import Learned, daily_issue, learn_site, site_table
from tamna.forecast.sitepower import SitePower, site_power
from tamna.grid.clock import HOUR
from tamna.lang import _
from tamna.runs.siteinput import METER_START, PAD, site_meter, site_weather

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.forecast.place import Site
    from tamna.grid.clock import Stamps
    from tamna.lang import Message
    from tamna.runs.siteinput import SiteMeter, SiteWeather
    from tamna.series import Store

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

MOST_HOURS = 15 * 24
PHYSICS, CLIMATE, LEARNED = "physics", "climate", "learned"


def site_forecast(
    *,
    latitude: float,
    longitude: float,
    pv_mw: float | None = None,
    wind_mw: float | None = None,
    issue: np.datetime64,
    horizon_h: int,
    altitude_m: float = 0.0,
    tilt_deg: float | None = None,
    azimuth_deg: float | None = None,
    hub_m: float | None = None,
    weather: Path | None = None,
    history: Path | None = None,
    store: Store | None = None,
    levels: Floats | None = None,
    seed: int = 0,
    place: str = "",
) -> Forecast:
    """Forecast PV, wind or both at a place.

    Parameters
    ----------
    latitude, longitude
        [degrees north], [degrees east]
    pv_mw, wind_mw
        AC capacity. [MW]
    issue
        UTC; hours are in UTC too.
    horizon_h
        How far, from the first whole hour at or after the issue. [h]
    weather
        Open-Meteo's CSV or JSON as downloaded, or a file of one's own beside its ``tamna-mapping.yaml``; with
        issue times in it only what was issued by then is used, without them it is taken as known at the issue.
    history
        Readings of power, read by a mapping that states unit and label.
    store
        Where weather runs ``forecast/<place>/...`` are looked for if no file is given.
    place
        Which of several places of the files is meant.

    Raises
    ------
    UsageError
        A coordinate, capacity or horizon that cannot be.
    InputError
        A file of another place, of several places, without power, or in another unit than the capacity's.
    """
    site = site_of(
        latitude=latitude, longitude=longitude, altitude_m=altitude_m, pv_mw=pv_mw, wind_mw=wind_mw,
        tilt_deg=tilt_deg, azimuth_deg=azimuth_deg, hub_m=hub_m,
    )  # fmt: skip
    if not 1 <= horizon_h <= MOST_HOURS:
        raise UsageError(
            _("the horizon of a site does not fit"),
            seen=f"{horizon_h} h",
            todo=_("Give 1 to {n} hours, such as --horizon 48h.", n=MOST_HOURS),
        )
    levels = NINE if levels is None else levels
    first = _ceil(issue)
    stamps = np.asarray(first + np.arange(horizon_h) * HOUR, dtype="datetime64[s]")
    sky = site_weather(site, weather, store, issue=issue, stamps=stamps, place=place)
    wide = np.asarray(stamps[0] + np.arange(-PAD, len(stamps) + PAD) * HOUR, dtype="datetime64[s]")
    now = {n: value[PAD:-PAD] for n, value in sky.on(wide, np.full(len(wide), issue)).items()}
    lead = np.asarray((stamps - issue) / HOUR, dtype=np.float64)
    power = site_power(site, now, stamps, lead, seed=seed)
    capacity = {"pv": site.pv_mw, "wind": site.wind_mw}
    targets = {}
    receipts = list(sky.receipts)
    for name in power.paths:
        meter = (
            None
            if history is None
            else site_meter(history, name, capacity[name] or 0.0, issue, place, only=len(power.paths) == 1)
        )
        learned = None
        if meter is not None:
            receipts += [r for r in meter.receipts if r not in receipts]
            learned = _learn(site, name, sky, meter, issue=issue, stamps=stamps, seed=seed)
        targets[name] = _told(
            name, power, learned, capacity[name] or 0.0, levels, history=history is not None
        )
    return Forecast(
        island=site.name,
        issued_at=issue,
        stamps=stamps,
        levels=levels,
        targets=targets,
        notes=(*sky.notes, *_assumed(site, tilt_deg, azimuth_deg, hub_m)),
        receipts=tuple(receipts),
        seed=seed,
        timezone="UTC",
    )


def _told(
    name: str, power: SitePower, learned: Learned | None, capacity: float, levels: Floats, *, history: bool
) -> TargetForecast:
    paths, climate = power.paths[name], power.climate[name]
    no_weather = (
        _("no weather forecast for this hour: a cloudless sky and what skies usually are")
        if name == "pv"
        else _("no weather forecast for this hour: wind as it usually is, anywhere")
    )
    if learned is not None and learned.better:
        quantiles = between(learned.quantiles, NINE, levels)
        models, reasons = (LEARNED,) * len(climate), (None,) * len(climate)
        return TargetForecast(
            unit="MW", quantiles=quantiles * capacity, model=LEARNED, hour_model=models, hour_reason=reasons,
            fit=dict(learned.scores),
        )  # fmt: skip
    quantiles = np.quantile(paths, levels, axis=0).T
    why = None
    if learned is not None:
        why = _("what was learned was no better than physics alone on readings that no fit had seen")
    elif history:
        why = _("too few readings to learn from")
    return TargetForecast(
        unit="MW",
        quantiles=np.clip(quantiles, 0.0, 1.0) * capacity,
        model=CLIMATE
        if climate.any() and climate.sum() * 2 > len(climate) - (paths == 0).all(axis=0).sum()
        else PHYSICS,
        fallback_reason=why or (no_weather if climate.any() else None),
        hour_model=tuple(CLIMATE if c else PHYSICS for c in climate),
        hour_reason=tuple(no_weather if c else why for c in climate),
        estimated=True,
        fit={} if learned is None else dict(learned.scores),
    )


def _learn(
    site: Site,
    name: str,
    sky: SiteWeather,
    meter: SiteMeter,
    *,
    issue: np.datetime64,
    stamps: Stamps,
    seed: int,
) -> Learned | None:
    """Learn from all hours of the readings before the first hour asked, with the weather said of them."""
    there = np.flatnonzero(np.isfinite(meter.value))
    if not len(there):
        return None
    start = METER_START + int(there[0]) * HOUR
    grid = np.arange(start, stamps[-1] + HOUR, HOUR).astype("datetime64[s]")
    asked = grid >= stamps[0]
    issued = daily_issue(grid, issue)
    said = sky.on(grid, issued)
    past = int((stamps[0] - start) // HOUR)
    value, known = np.full(len(grid), np.nan), np.full(len(grid), np.datetime64("NaT", "s"))
    mine = slice(int(there[0]), int(there[0]) + past)
    n = len(meter.value[mine])
    value[:n], known[:n] = meter.value[mine], meter.known_at[mine]
    lead = np.asarray((grid - issued) / HOUR, dtype=np.float64)
    alone = site_power(site, said, grid, lead, paths=60, seed=seed).paths[name]
    physics = np.quantile(alone, NINE, axis=0).T
    return learn_site(
        site_table(site, name, said, grid), grid, value, known, physics, issue=issue, asked=asked, seed=seed
    )


def _assumed(site: Site, tilt: float | None, azimuth: float | None, hub: float | None) -> list[Message]:
    notes = []
    if site.pv_mw is not None and (tilt is None or azimuth is None):
        notes.append(
            _(
                "modules are taken to face {azimuth} degrees and to lie at {tilt}",
                azimuth=f"{site.azimuth_deg:.0f}", tilt=f"{site.tilt_deg:.0f}",
            )
        )  # fmt: skip
    if site.wind_mw is not None and hub is None:
        notes.append(_("hubs are taken to stand {m} m high", m=f"{site.hub_m:.0f}"))
    return notes


def _ceil(moment: np.datetime64) -> np.datetime64:
    seconds = int(moment.astype("datetime64[s]").astype(np.int64))
    return np.datetime64(-(-seconds // 3600) * 3600, "s")
