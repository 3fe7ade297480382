"""What a site's answer is made of: weather from a file or the store, readings from a file; each checked."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError, Place
from tamna.forecast.history import History, read_history
from tamna.forecast.place import distance_km
from tamna.forecast.siteweather import normal
from tamna.grid.clock import DAY, HOUR, Period
from tamna.lang import _
from tamna.runs.measuring import receipts_behind
from tamna.series import Store
from tamna.sources import NotSeries
from tamna.sources.files import open_file
from tamna.sources.kma import STATIONS
from tamna.sources.live.http import Answer
from tamna.sources.live.open_meteo import read_archive
from tamna.sources.live.session import Options, Spot
from tamna.sources.live.text import json_of
from tamna.sources.mapping import MAPPING_NAME, read_mapping
from tamna.sources.reading import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.forecast.place import Site
    from tamna.grid.clock import Stamps
    from tamna.lang import Message
    from tamna.sources import Reading, Receipt

    Floats = NDArray[np.float64]

REACH_KM = 50.0
"""Weather of a place farther than this from the site is another place's weather. [km]"""
MOST_LEAD = 15 * DAY
PAD = 2
"""Hours before and after the hours asked, so that features around the first and last exist. [h]"""
POWER = ("power", "pv", "wind", "generation")
"""Last parts of series' names that are taken as a site's readings; one of `pv` and `wind` speaks of that alone."""
_MOST_OVER = 1.1
_LEAST_PART = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class SiteWeather:
    """Weather by quantity as a history holds it, with units, where it came from and what must be said of it."""

    history: History
    units: Mapping[str, str]
    notes: tuple[Message, ...] = ()
    receipts: tuple[Receipt, ...] = ()

    def on(self, stamps: Stamps, issued: Stamps) -> dict[str, Floats]:
        """Give each quantity in the house's units on consecutive hours; NaN where unknown."""
        found = {}
        for name, unit in self.units.items():
            if name in self.history.runs:
                value = self.history.at(name, stamps, issued)
            else:
                value = self.history.actual(name, stamps)
            made = normal(name, unit, value, stamps)
            if made is not None:
                found[name] = made
        if "wind_speed" not in found and {"wind_u", "wind_v"} <= set(found):
            found["wind_speed"] = np.hypot(found["wind_u"], found["wind_v"])
        return found


@dataclass(frozen=True, slots=True, eq=False)
class SiteMeter:
    """Readings of one target, power per capacity on the hours."""

    value: Floats
    known_at: Stamps
    receipts: tuple[Receipt, ...] = field(default=())


METER_START = np.datetime64("2000-01-01T00:00:00", "s")


def site_meter(
    path: Path, name: str, capacity: float, issue: np.datetime64, place: str, *, only: bool
) -> SiteMeter | None:
    """Read what the site made, per capacity; None where the file has nothing of this target."""
    readings = [_series_of(read_file(each), each) for each in _files(path)]
    units = {b.series: b.unit for reading in readings for b in reading.blocks}
    found = [s for s in units if s.rpartition("/")[2] in POWER and (not place or place in s.split("/"))]
    own = [s for s in found if s.rpartition("/")[2] == name] or (found if only else [])
    if not own:
        if only:
            raise InputError(
                _("the file of readings has no power"),
                where=Place(file=path.name),
                seen=", ".join(sorted(units))[:100],
                todo=_("Name its column in tamna-mapping.yaml, such as series: my/site/power."),
            )
        return None
    series = _one(own, path)
    whole = Period(METER_START, issue + HOUR)
    with tempfile.TemporaryDirectory() as scratch:
        held = Store.open(scratch)
        held.ingest(readings)
        track = read_history(held, whole, tracks={"power": [series]}).tracks["power"]
    unit = units[series]
    fraction = unit in ("1", "fraction", "fraction of capacity")
    value = track.value if fraction else track.value / capacity
    _check_size(value, path, series, unit, capacity)
    return SiteMeter(np.clip(value, 0.0, 1.0), track.known_at, tuple(r.receipt for r in readings))


def _check_size(value: Floats, path: Path, series: str, unit: str, capacity: float) -> None:
    """Refuse readings that are another unit than the capacity: a thousand times too large or too small."""
    known = value[np.isfinite(value)]
    if not len(known):
        return
    most = float(np.quantile(known, 0.99))
    if most > _MOST_OVER:
        what = _("readings are larger than the capacity")
    elif float(known.max()) < _LEAST_PART:
        what = _("no reading reaches a hundredth of the capacity")
    else:
        return
    raise InputError(
        what,
        where=Place(file=path.name, column=series),
        seen=f"{most * capacity:.6g} {unit}, {capacity:g} MW",
        todo=_("Is the file in kW? State it in the mapping (from: kW), or correct the capacity."),
    )


def site_weather(
    site: Site,
    path: Path | None,
    store: Store | None,
    *,
    issue: np.datetime64,
    stamps: Stamps,
    place: str = "",
) -> SiteWeather:
    """Find the weather of a site: the file given, else runs of a place near enough, else none.

    Raises
    ------
    InputError
        The file is of another place, or of several.
    """
    if path is not None:
        found = _from_file(site, path, stamps, place)
    elif store is not None and (near := _nearest(store, site, issue)) is not None:
        found = _from_store(store, *near, issue, stamps)
    else:
        found = SiteWeather(History({}, {}), {}, (_("no weather: the sun and the climate alone answer"),))
    return found


def _from_file(site: Site, path: Path, stamps: Stamps, place: str) -> SiteWeather:
    readings = [_read_weather(site, each) for each in _files(path)]
    blocks = [b for reading in readings for b in reading.blocks]
    folders = sorted({b.series.rpartition("/")[0] for b in blocks})
    if place:
        folders = [f for f in folders if place in f.split("/")] or folders
    folder = _one(folders, path)
    _check_place(site, folder, path)
    mine = [b for b in blocks if b.series.rpartition("/")[0] == folder]
    units = {b.series.rpartition("/")[2]: b.unit for b in mine}
    starts = [b.valid_at.min() for b in mine]
    period = Period(_hour(min(starts)), stamps[-1] + (1 + PAD) * HOUR)
    names = {q: [f"{folder}/{q}"] for q in units}
    issued = {b.series.rpartition("/")[2] for b in mine if b.issued_at is not None}
    with tempfile.TemporaryDirectory() as scratch:
        held = Store.open(scratch)
        held.ingest(readings)
        history = read_history(
            held,
            period,
            tracks={q: n for q, n in names.items() if q not in issued},
            runs={q: n for q, n in names.items() if q in issued},
        )
    notes = [f.text for reading in readings for f in reading.findings]
    if not issued:
        notes.append(_("the weather file has no issue times: it is taken as known at the issue"))
    return SiteWeather(history, units, tuple(dict.fromkeys(notes)), tuple(r.receipt for r in readings))


def _files(path: Path) -> list[Path]:
    """Give the file, or the files of a folder that its mapping describes."""
    if not path.is_dir():
        return [path]
    mapping = read_mapping(path / MAPPING_NAME)
    return [p for p in sorted(path.iterdir()) if p.is_file() and mapping.of(p.name) is not None]


def _read_weather(site: Site, path: Path) -> Reading:
    file = open_file(path)
    if file.format != "json":
        return _series_of(read_file(path), path)
    answer = Answer(
        address=path.name, status=200, body=file.data, content_type="application/json",
        retrieved=file.opened_at or np.datetime64("now", "s"),
    )  # fmt: skip
    document = json_of(answer)
    if isinstance(document, dict) and {"latitude", "longitude"} <= set(document):
        _check_near(site, (float(document["latitude"]), float(document["longitude"])), path)
    return read_archive(
        [answer], spots=(Spot(name="site", latitude=site.latitude, longitude=site.longitude),)
    )


def _series_of(found: Reading | NotSeries, path: Path) -> Reading:
    if isinstance(found, NotSeries):
        raise InputError(
            _("the file holds no series"),
            where=Place(file=path.name),
            todo=_("Describe it in a tamna-mapping.yaml beside it."),
        )
    return found


def _one(names: list[str], path: Path) -> str:
    if len(names) == 1:
        return names[0]
    raise InputError(
        _("the file speaks of several places"),
        where=Place(file=path.name),
        seen=", ".join(names)[:100],
        todo=_("Give one file a site, or name the place."),
    )


def _check_place(site: Site, folder: str, path: Path) -> None:
    where = _coordinates(folder.rpartition("/")[2])
    if where is not None:
        _check_near(site, where, path)


def _check_near(site: Site, where: tuple[float, float], path: Path) -> None:
    far = distance_km((site.latitude, site.longitude), where)
    if far > REACH_KM:
        raise InputError(
            _("the weather file is of another place, {km} km away", km=round(far)),
            where=Place(file=path.name),
            seen=f"{where[0]:.2f}, {where[1]:.2f}",
            todo=_("Download it for the site; weather within {km} km is taken.", km=round(REACH_KM)),
        )


def _coordinates(name: str) -> tuple[float, float] | None:
    """Give where a place of a series lies, if its name or the table of stations tells."""
    known = {s.name: (s.latitude, s.longitude) for s in Options().spots} | {
        str(n): where for n, where in STATIONS.items()
    }
    if name in known:
        return known[name]
    try:
        north, east = (float(part) for part in name.split("_"))
    except ValueError:
        return None
    return north, east


def _nearest(store: Store, site: Site, issue: np.datetime64) -> tuple[str, float] | None:
    """Find the nearest place with weather runs that had been issued, within `REACH_KM`."""
    found: dict[str, float] = {}
    for info in store.list():
        parts = info.series.split("/")
        where = _coordinates(parts[1]) if parts[0] == "forecast" and len(parts) == 3 else None
        if where is not None and info.forecast and info.start <= issue + MOST_LEAD:
            found[parts[1]] = distance_km((site.latitude, site.longitude), where)
    near = min(found.items(), key=lambda item: item[1], default=None)
    return near if near is not None and near[1] <= REACH_KM else None


def _from_store(store: Store, name: str, far: float, issue: np.datetime64, stamps: Stamps) -> SiteWeather:
    folder = f"forecast/{name}"
    units = {
        i.series.rpartition("/")[2]: i.unit for i in store.list() if i.series.rpartition("/")[0] == folder
    }
    period = Period(_hour(issue - 800 * DAY), stamps[-1] + (1 + PAD) * HOUR)
    history = read_history(store, period, tracks={}, runs={q: [f"{folder}/{q}"] for q in units})
    read = receipts_behind(
        store, frozenset(f"{folder}/{q}" for q in units), Period(issue - 3 * DAY, stamps[-1])
    )
    note = _("weather runs of {place}, {km} km away", place=name, km=round(far))
    return SiteWeather(history, units, (note,), read)


def _hour(moment: np.datetime64) -> np.datetime64:
    return np.datetime64(moment.astype("datetime64[h]"), "s")
