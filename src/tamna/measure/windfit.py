"""What one year's wind could have given, judged by fits and a floor that never saw that year.

For the year to be judged the fleet is fitted on every other year, and the system's floor is learned from the
hours of every other year; what the island counts beyond the series comes from what is published of other
years, or from another base of theirs. Both are saved beside the store under a name that changes with their
inputs, so that a second look is quick; what is used is always the saved form, so that it gives the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError
from tamna.physics.curtailment import Hours, SystemFloor
from tamna.physics.fit import FEWEST_HOURS, FleetFit, Potential, fit_wind, load_fit
from tamna.physics.floor import Anchor, learn_floor
from tamna.series.kept import code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.physics.weather import Features

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

METHOD = "lost 2"
"""Version of the method; saved fits of another one are not taken up."""
SUN_HEIGHT = 0.15
"""Sine of the sun's height above which the floor can be reached: low sun fills no noon. [-]"""
KNOWN_PART = 0.95
"""Part of a year's hours that must be known for a figure of the whole year to teach. [-]"""
ROOMS = ("physics", "measure/windfit.py")
"""Whose code learns."""
FEWEST_KNOWN_H = 2000
"""Known hours of a year from which its floor can be told: a season. [h]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What is published of one year's wind curtailment: energy by hour, and the total."""

    held_mwh: Floats | None = None
    total_mwh: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything that the fits learn from. Arrays (hours,), consecutive; NaN where not known.

    Attributes
    ----------
    weather
        Features of every hour.
    sun
        Sine of the sun's height. [-]
    wind_mw, demand_mw, pv_mw
        As settled; NaN where part of the fleet is not in the series. [MW]
    year : (hours,)
        Calendar year of the island.
    published
        By year.
    counted
        Output of all farms per output in the series, by year, where another base tells. [-]
    """

    stamps: Stamps
    weather: Features
    sun: Floats
    wind_mw: Floats
    demand_mw: Floats
    pv_mw: Floats
    year: NDArray[np.int64]
    published: Mapping[int, Published]
    counted: Mapping[int, float]
    fleet: str = "jeju/wind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What stands for one year: fit and floor of the other years, and what they learned from."""

    year: int
    fit: FleetFit
    floor: SystemFloor
    anchors: tuple[int, ...]


def learned_without(record: Record, year: int, folder: Path | None = None) -> Learned | None:
    """Learn fit and floor from every year but `year`, or take them up from `folder`; None where nothing teaches.

    Parameters
    ----------
    folder
        Where saved fits lie; without one they are learned anew.
    """
    name = f"{_key(record)[:16]}-without-{year}"
    saved = _taken_up(folder, name)
    if saved is None:
        fresh = _learn(record, year)
        if fresh is None:
            return None
        with tempfile.TemporaryDirectory() as scratch:
            place = Path(scratch)
            _write(place, name, *fresh)
            saved = _taken_up(place, name)
            if folder is not None:
                with suppress(OSError):  # fits that cannot be kept are learned again
                    folder.mkdir(parents=True, exist_ok=True)
                    _write(folder, name, *fresh)
    if saved is None:
        return None
    fit, floor, anchors = saved
    return Learned(year=year, fit=fit, floor=floor, anchors=anchors)


def _key(record: Record) -> str:
    """Hash all that fits learn from, to the bit, and the code that learns."""
    whole = hashlib.sha256(f"{METHOD} {code_of(ROOMS)} {record.fleet} {record.weather.names}".encode())
    own = (record.stamps, record.weather.rows, record.weather.estimated, record.sun, record.wind_mw)
    for values in (*own, record.demand_mw, record.pv_mw, record.year):
        whole.update(f"{values.dtype} {values.shape} ".encode() + values.tobytes())
    for year, said in sorted(record.published.items()):
        held = b"" if said.held_mwh is None else said.held_mwh.tobytes()
        whole.update(f"{year} {said.total_mwh} {len(held)} ".encode() + held)
    whole.update(repr(sorted(record.counted.items())).encode())
    return whole.hexdigest()


def hours_of(record: Record, power: Potential, most_mw: float) -> Hours:
    """Put the record and a potential together for the estimate."""
    return Hours(
        stamps=record.stamps,
        actual_mw=record.wind_mw,
        potential_mw=power.power_mw,
        error_mw=power.error_mw,
        demand_mw=record.demand_mw,
        pv_mw=record.pv_mw,
        sunny=record.sun > SUN_HEIGHT,
        most_mw=most_mw * 1.1,
    )


def _learn(record: Record, year: int) -> tuple[FleetFit, SystemFloor, tuple[int, ...]] | None:
    seen = np.where(record.year == year, np.nan, record.wind_mw)
    dark = record.sun <= 0.0
    if (dark & ~np.isnan(seen) & ~np.isnan(record.weather.rows).any(axis=1)).sum() < FEWEST_HOURS:
        return None
    try:
        fitted = fit_wind(
            record.weather,
            record.stamps,
            seen,
            dark,
            demand_mw=record.demand_mw,
            pv_mw=record.pv_mw,
            fleet=record.fleet,
        )
    except InputError:
        return None
    hours = hours_of(record, fitted.out_of_fold, fitted.fit.most_mw)
    others = [y for y in np.unique(record.year).tolist() if y != year]
    anchors = {y: a for y in others if (a := _anchor(record, hours, y))}
    if not anchors:
        return None
    own = [Anchor(hours=hours.pick(record.year == year), counted=record.counted.get(year), judged=True)]
    return fitted.fit, learn_floor([*anchors.values(), *own]), tuple(anchors)


def _anchor(record: Record, hours: Hours, year: int) -> Anchor | None:
    within = record.year == year
    mine, said = hours.pick(within), record.published.get(year, Published())
    if mine.known.sum() < FEWEST_KNOWN_H:
        return None
    published = said.total_mwh
    if said.held_mwh is not None and np.isfinite(said.held_mwh[within]).mean() >= KNOWN_PART:
        published = float(np.nansum(said.held_mwh[within]))
    if mine.known.mean() < KNOWN_PART:
        published = None
    first, last = np.flatnonzero(mine.known)[[0, -1]]
    known_span = np.zeros(len(mine.stamps), dtype=bool)
    known_span[first : last + 1] = True
    return Anchor(hours=mine.pick(known_span), published_mwh=published, counted=record.counted.get(year))


def _write(folder: Path, name: str, fit: FleetFit, floor: SystemFloor, anchors: Sequence[int]) -> None:
    """Write fit and floor, each whole or not at all, the floor last: it says that both are there."""
    _whole(folder / f"{name}.wind.json", fit.save)
    numbers = {n: getattr(floor, n) for n in _NUMBERS}
    body: dict[str, Any] = {
        "method": METHOD,
        "anchors": list(anchors),
        "days": [str(d) for d in floor.days.astype("datetime64[s]")],
        "mw": floor.mw.tolist(),
        "counted": None if floor.counted is None else floor.counted.tolist(),
        **numbers,
    }
    text = json.dumps(body, sort_keys=True) + "\n"
    _whole(folder / f"{name}.floor.json", lambda path: _text(path, text))


_NUMBERS = ("day_sd_mw", "memory", "width_mw", "rest_mw", "dark_penalty", "tail", "wander_mw")


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _whole(path: Path, write: Callable[[Path], None]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _taken_up(folder: Path | None, name: str) -> tuple[FleetFit, SystemFloor, tuple[int, ...]] | None:
    if folder is None or not (folder / f"{name}.floor.json").exists():
        return None
    try:
        said = json.loads((folder / f"{name}.floor.json").read_text(encoding="utf-8"))
        numbers: dict[str, Any] = {n: float(said[n]) for n in _NUMBERS}
        floor = SystemFloor(
            days=np.array(said["days"], dtype="datetime64[s]"),
            mw=np.array(said["mw"], dtype=np.float64),
            counted=None if said["counted"] is None else np.array(said["counted"], dtype=np.float64),
            **numbers,
        )
        return load_fit(folder / f"{name}.wind.json"), floor, tuple(said["anchors"])
    except (OSError, ValueError, KeyError, TypeError, InputError):
        return None  # damaged or half-written: learned again
