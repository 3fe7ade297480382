"""What no published meter shows, worked out from weather: which plants left, and what one MW of PV makes.

Loads the physics; who only shows what was found needs `tamna.measure.unseen`. It looks at all that the store holds,
so that the same answer serves every period, and is kept beside the store.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError
from tamna.grid.clock import DAY, HOUR, Period, Resolution, to_local
from tamna.measure.bins import Bins
from tamna.measure.interval import energy_bounds
from tamna.measure.island import Column, Within
from tamna.measure.unseen import ESTIMATED_BASE, Check, Gone, HollowYear, Outside, capacity
from tamna.physics import pv, wind
from tamna.physics.btm import unmetered_by_year
from tamna.physics.coverage import estimate_missing, fleets_of
from tamna.physics.places import families, places_in
from tamna.physics.shape import sun_at
from tamna.physics.sun import sky_under
from tamna.physics.weather import bridge
from tamna.sources.table import SOURCES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.grid.model import Island
    from tamna.physics.coverage import Fleet, Missing
    from tamna.physics.weather import Place
    from tamna.series import Store

    Floats = NDArray[np.float64]

FEWEST_SHARED_H = 500
LEAST_CORRELATION = 0.97
"""Another series saw the same fleet if it went up and down with the settled one like this while all was in both."""
REAL_TIME = "real-time"


def sunny_of(store: Store, island: Island) -> Outside:
    """Say what one MW of PV makes in the weather, and what the midday hollow says of PV that nobody meters."""
    sunny = _per_mw(store, island)
    return Outside(
        stamps=None if sunny is None else sunny[0],
        per_mw=None if sunny is None else sunny[1],
        yield_of={} if sunny is None else sunny[2],
        hollow=tuple(_hollow(store, island)),
    )


# --- plants that left


def gone_of(store: Store, island: Island) -> tuple[Gone, ...]:
    """Find which plants left a settled series, and estimate what they went on to make."""
    series = {
        c.series for c in island.classes if c.series and c.group in {"wind", "pv"} and c.metering == "market"
    }
    found = []
    for fleet in fleets_of(store, island, only=series):
        declared = island.default_sources.get(fleet.series)
        if (declared is None or fleet.source in declared) and any(b.share > 0 for b in fleet.coverage.breaks):
            found.append(_told(store, fleet, island.timezone))
    return tuple(found)


def _told(store: Store, fleet: Fleet, timezone: str) -> Gone:
    missing = estimate_missing(fleet.coverage)
    left = [b for b in fleet.coverage.breaks if b.share > 0]
    largest = max(left, key=lambda b: b.mw)
    return Gone(
        group=fleet.kind,
        series=fleet.series,
        source=fleet.source,
        since=left[0].start,
        share=(largest.low, largest.share, largest.high),
        mw=(largest.mw_low, largest.mw, largest.mw_high),
        stamps=missing.stamps,
        mwh=missing.mw,
        within=_within(missing),
        flag=missing.flag,
        check=_check(store, fleet, missing, left[0].start, timezone),
    )


def _within(missing: Missing) -> Within:
    return Within(
        low=missing.low,
        high=missing.high,
        alike_low=np.maximum(missing.share_low, 0.0),
        alike_high=missing.share_high,
    )


def _check(store: Store, fleet: Fleet, missing: Missing, since: np.datetime64, timezone: str) -> Check | None:
    """Hold the estimate against a real-time series of the same plants, where it agreed before they left."""
    found = _elsewhere(store, fleet, missing.stamps)
    if found is None:
        return None
    source, other = found
    period = Period(missing.stamps[0], missing.stamps[-1] + HOUR)
    settled = store.hours(f"{fleet.series}@{fleet.source}", period).value
    before, after = missing.stamps < since - DAY, missing.stamps >= since
    both = before & ~np.isnan(settled + other)
    if both.sum() < FEWEST_SHARED_H or np.corrcoef(settled[both], other[both])[0, 1] < LEAST_CORRELATION:
        return None
    frame = np.column_stack([other, np.ones(len(other))])
    line = np.linalg.lstsq(frame[both], settled[both], rcond=None)[0]
    seen = frame @ line - settled
    use = after & ~np.isnan(seen + missing.mw)
    if not use.any():
        return None
    bounds = energy_bounds(
        Column(
            mwh=np.where(use, missing.mw, 0.0), flag=missing.flag, bases=(ESTIMATED_BASE,),
            within=_only(use, _within(missing)),
        ),
        Bins(missing.stamps, Resolution.ALL, timezone),
    )  # fmt: skip
    return Check(
        source=source,
        hours=int(use.sum()),
        estimated=(float(bounds[0][0]), float(missing.mw[use].sum()), float(bounds[1][0])),
        seen_mwh=float(seen[use].sum()),
    )


def _only(use: NDArray[np.bool_], within: Within) -> Within:
    names = ("low", "high", "alike_low", "alike_high")
    return Within(**{n: np.where(use, getattr(within, n), 0.0) for n in names})


def _elsewhere(store: Store, fleet: Fleet, stamps: Stamps) -> tuple[str, Floats] | None:
    """Find a real-time series of the fleet; of PV it is all renewables less wind."""
    period = Period(stamps[0], stamps[-1] + HOUR)
    prefix = fleet.series.rpartition("/")[0]

    def read(name: str) -> tuple[str, Floats] | None:
        sources = (i.source for i in store.list() if i.series == name and i.source in SOURCES)
        source = next((s for s in sources if SOURCES[s].base == REAL_TIME), None)
        return None if source is None else (source, store.hours(f"{name}@{source}", period).value)

    own = read(fleet.series)
    if own is not None or fleet.kind == "wind":
        return own
    whole, turning = read(f"{prefix}/renewables"), read(f"{prefix}/wind")
    return None if whole is None or turning is None else (whole[0], whole[1] - turning[1])


# --- PV behind the meter


def _per_mw(store: Store, island: Island) -> tuple[Stamps, Floats, dict[str, float]] | None:
    """Give what one MW of PV makes in each hour, by the first weather that knows its radiation."""
    settled = next(
        (c.series for c in island.classes if c.group == "pv" and c.metering == "market" and c.series), None
    )
    if settled is None or not store.has(settled) or not island.fleet("pv", "market"):
        return None
    found: list[tuple[Stamps, Floats]] = []
    yields: dict[str, float] = {}
    for family, where in families(store, settled.partition("/")[0]).items():
        period = _radiation_span(store, where)
        if period is None:
            continue
        per_mw = _sunlight(places_in(store, where, period), period.stamps())
        part = _yield(store, island, settled, period, per_mw)
        if part is not None:
            yields[family] = part
            found.append((period.stamps(), per_mw * part))
    if not found:
        return None
    start, end = min(s[0] for s, _v in found), max(s[-1] for s, _v in found)
    stamps = Period(start, end + HOUR).stamps()
    out = np.full(len(stamps), np.nan)
    for own, values in found:
        at = ((own - start) // HOUR).astype(np.int64)
        out[at] = np.where(np.isnan(out[at]), values, out[at])
    return stamps, out, yields


def _radiation_span(store: Store, where: dict[str, tuple[float, float]]) -> Period | None:
    held = [i for i in store.list() if i.series in {f"{folder}/radiation" for folder in where}]
    if not held:
        return None
    start = min(i.start for i in held).astype("datetime64[h]").astype("datetime64[s]")
    return Period(start, max(i.end for i in held).astype("datetime64[h]").astype("datetime64[s]"))


def _sunlight(places: dict[str, Place], stamps: Stamps) -> Floats:
    """Give power per capacity under the mean of the places that measure radiation [-]; NaN where none does."""
    sun = sun_at(places, stamps)
    made = []
    for place in places.values():
        if place.radiation is not None:
            sky = sky_under(sun, np.where(sun.up, place.radiation, 0.0))
            air, breeze = (wind.hourly_from_instants(bridge(v)) for v in (place.temperature, place.speed))
            made.append(pv.capacity_factor(pv.PvFleet(), sun, sky, air, breeze))
    known = ~np.isnan(made)
    count = known.sum(axis=0)
    total = np.where(known, made, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _yield(store: Store, island: Island, settled: str, period: Period, per_mw: Floats) -> float | None:
    """Give settled energy over what physics gives the grid file's market capacity: dirt, wiring, standing still.

    Only hours before plants left the settled series by a declared regime count.
    """
    cut = [r.start for r in island.regimes if settled in r.touches and r.kind == "metering" and r.end is None]
    stamps = period.stamps()
    made = store.hours(settled, period).value
    use = ~np.isnan(made + per_mw)
    for day in cut:
        use &= stamps < np.datetime64(day.isoformat(), "s") - DAY
    year = to_local(stamps, island.timezone).astype("datetime64[Y]").astype(np.int64) + 1970
    mw = np.array([capacity(island, "market", int(y))[1] for y in np.unique(year)])
    could = per_mw * mw[np.searchsorted(np.unique(year), year)]
    use &= ~np.isnan(could)  # years before the first known capacity say nothing
    return float(made[use].sum() / could[use].sum()) if could[use].sum() > 0 and use.sum() > 1000 else None


def _hollow(store: Store, island: Island) -> list[HollowYear]:
    if not island.fleet("pv", "behind_the_meter"):
        return []
    found = {}
    with suppress(InputError):  # without demand, PV and radiation together there is no hollow to look at
        found = unmetered_by_year(store, island)
    out = []
    for year, one in found.items():
        roofs, contracts = (capacity(island, m, year) for m in ("behind_the_meter", "ppa"))
        if np.isnan(roofs[1] + contracts[1]):  # nothing to hold the hollow against
            continue
        out.append(
            HollowYear(
                year=year,
                hollow_both=one.capacity.both,
                file_both=(roofs[0] + contracts[0], roofs[1] + contracts[1], roofs[2] + contracts[2]),
                hollow_btm=one.capacity.behind_the_meter,
                file_btm=roofs,
                agrees=one.capacity.agrees,
            )
        )
    return out
