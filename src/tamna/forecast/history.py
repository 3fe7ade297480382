"""What was known when: hours of several series, asked for as of an issue time.

Features come from here and from nowhere else, so a value that was not known yet is NaN by construction.
`History.poisoned` proves it from outside: it replaces everything that was not known at a moment, and whoever
gives another answer afterwards had looked ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import HOUR
from tamna.lang import _
from tamna.physics.wind import components
from tamna.series.align import hourly_mean, hourly_sum, needed
from tamna.series.model import NEVER
from tamna.sources.block import Flag, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Period, Stamps
    from tamna.series.store import Store

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_LATE = np.datetime64("9999-12-31", "s")


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What is asked: hours, and for each the moment at which the answer is given.

    Attributes
    ----------
    valid_at : (rows,)
        UTC start of the hour that is forecast.
    issued_at : (rows,)
        Nothing that became known after this moment may be used (UTC).
    """

    valid_at: Stamps
    issued_at: Stamps

    def __len__(self) -> int:
        return len(self.valid_at)

    @property
    def lead_h(self) -> Floats:
        """From the issue to the hour's start [h]."""
        return np.asarray((self.valid_at - self.issued_at) / HOUR, dtype=np.float64)

    def pick(self, which: NDArray[np.bool_] | Ints | slice) -> Rows:
        """Give some of the rows."""
        return Rows(self.valid_at[which], self.issued_at[which])


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One quantity on a gapless grid of hours: the value [its unit] and when it became known."""

    start: np.datetime64
    value: Floats
    known_at: Stamps

    def at(self, stamps: Stamps, issued_at: Stamps) -> Floats:
        """Give the value of each hour where it was known at `issued_at`, else NaN."""
        index = _hours(stamps, self.start)
        inside = (index >= 0) & (index < len(self.value))
        index = np.where(inside, index, 0)
        known = inside & (self.known_at[index] <= issued_at)
        return np.where(known, self.value[index], np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Forecasts of one quantity: several runs, each with its issue time; sorted by hour, then issue.

    Attributes
    ----------
    key : (n,) int64
        Hour and issue in one number, increasing.
    """

    key: Ints
    value: Floats

    @classmethod
    def of(cls, valid_at: Stamps, issued_at: Stamps, value: Floats) -> Runs:
        """Sort rows of runs; a row without a value, or contradicted by one of its own hour and issue, is left out.

        Equal rows count once. What is left out is answered by an earlier run, or by none.
        """
        key, value = _key(valid_at, issued_at), np.asarray(value, dtype=np.float64)
        order = np.argsort(key, kind="stable")
        order = order[~np.isnan(value[order])]
        key, value = key[order], value[order]
        unique, first, number = np.unique(key, return_index=True, return_inverse=True)
        agrees = np.ones(len(unique), dtype=bool)
        agrees[number[value != value[first][number]]] = False
        return cls(unique[agrees], value[first][agrees])

    def rows(self) -> tuple[Stamps, Stamps, Floats]:
        """Give hour, issue and value of every row."""
        hours = self.key // _SPAN * 3600
        return hours.astype("datetime64[s]"), (self.key % _SPAN).astype("datetime64[s]"), self.value

    def at(self, stamps: Stamps, issued_at: Stamps) -> Floats:
        """Give the latest run for each hour that had been issued at `issued_at`, NaN without one."""
        if not len(self.key):
            return np.full(len(stamps), np.nan)
        index = np.searchsorted(self.key, _key(stamps, issued_at), side="right") - 1
        there = (index >= 0) & (self.key[np.maximum(index, 0)] // _SPAN == _since(stamps))
        return np.where(there, self.value[np.maximum(index, 0)], np.nan)


_SPAN = 2**34  # seconds; more than five hundred years, so hour and issue share one 64-bit number


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Tracks of what was measured and runs of what was forecast, by name.

    `open_names` are tracks whose later values may be read on purpose: observed weather that a stated error
    model makes into a forecast. Everything else is closed after its `known_at`.
    """

    tracks: Mapping[str, Track]
    runs: Mapping[str, Runs]
    open_names: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Whether there is a track or a run of that name."""
        return name in self.tracks or name in self.runs

    def at(self, name: str, stamps: Stamps, issued_at: Stamps) -> Floats:
        """Give what was known at `issued_at` of each hour: NaN where nothing was."""
        source = self.tracks.get(name) or self.runs.get(name)
        if source is None:
            return np.full(len(stamps), np.nan)
        return source.at(stamps, issued_at)

    def actual(self, name: str, stamps: Stamps) -> Floats:
        """Give the value of each hour as it is known by now: to learn from and to score against."""
        return self.tracks[name].at(stamps, np.full(len(stamps), _LATE))

    def observed(self, name: str, stamps: Stamps) -> Floats:
        """Give an open track's value whenever it became known."""
        if name not in self.open_names:
            raise UsageError(
                _("series {name} may only be read as of an issue time", name=name),
                todo=_("Name it in open_names if a stated error model roughens it."),
            )
        return self.actual(name, stamps) if name in self.tracks else np.full(len(stamps), np.nan)

    def known_by(self, moment: np.datetime64) -> History:
        """Blank what became known after `moment` in the open tracks: who learns at `moment` sees no more."""
        tracks = {
            name: replace(track, value=np.where(track.known_at <= moment, track.value, np.nan))
            if name in self.open_names
            else track
            for name, track in self.tracks.items()
        }
        return replace(self, tracks=tracks)

    def poisoned(self, moment: np.datetime64, *, open_too: bool = True, seed: int = 0) -> History:
        """Replace every value that became known after `moment` by nonsense; open tracks if `open_too`."""
        rng = np.random.default_rng(seed)
        tracks = {
            name: track
            if name in self.open_names and not open_too
            else replace(track, value=_spoiled(track.value, track.known_at > moment, rng))
            for name, track in self.tracks.items()
        }
        late = moment.astype("datetime64[s]").astype(np.int64)
        runs = {
            name: replace(run, value=_spoiled(run.value, run.key % _SPAN > late, rng))
            for name, run in self.runs.items()
        }
        return replace(self, tracks=tracks, runs=runs)


def mean_track(tracks: Sequence[Track]) -> Track:
    """Average stations hour by hour over those that have a value, known when the last of them was."""
    values = np.stack([t.value for t in tracks])
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean = np.where(count > 0, np.where(there, values, 0.0).sum(axis=0) / count, np.nan)
    known = np.where(there, np.stack([t.known_at.astype(np.int64) for t in tracks]), np.iinfo(np.int64).min)
    latest = known.max(axis=0).astype("datetime64[s]")
    latest[count == 0] = NEVER
    return Track(tracks[0].start, mean, latest)


def most_track(tracks: Sequence[Track]) -> Track:
    """Take the largest of the stations hour by hour, known when the last of them was."""
    mean = mean_track(tracks)
    most = np.fmax.reduce(np.stack([t.value for t in tracks]))
    return Track(mean.start, most, mean.known_at)


def read_history(
    store: Store,
    period: Period,
    *,
    tracks: Mapping[str, Sequence[str]],
    runs: Mapping[str, Sequence[str]] | None = None,
    blank_is_zero: Iterable[str] = (),
    open_names: Iterable[str] = (),
) -> History:
    """Read from the store what a target needs.

    Parameters
    ----------
    tracks, runs
        Name here -> names in the store, averaged where they are several; those that the store lacks are
        left out.
    blank_is_zero
        Tracks whose blanks mean nothing fell or shone (rain, radiation at night).
    """
    zero = set(blank_is_zero)
    found: dict[str, Track] = {}
    for name, series in tracks.items():
        parts = [_read_track(store, s, period, zero=name in zero) for s in series if store.has(s)]
        if parts:
            found[name] = mean_track(parts) if len(parts) > 1 else parts[0]
    forecast = {
        name: made
        for name, series in (runs or {}).items()
        if (made := _read_runs(store, [s for s in series if store.has(s)], period)) is not None
    }
    return History(found, forecast, frozenset(open_names))


def _read_track(store: Store, name: str, period: Period, *, zero: bool) -> Track:
    series = store.read(name, needed(period))
    energy = series.unit.endswith("Wh")
    hours = hourly_mean if energy or series.kind is not Kind.SUM else hourly_sum
    column = hours(series, period, min_coverage=0.5)
    value, known = column.value, column.known_at
    if zero:
        blank = np.isnan(value)
        value = np.where(blank, 0.0, value)
        known = np.where(blank, column.valid_at + 2 * HOUR, known)
    return Track(column.valid_at[0], value, known)


def _read_runs(store: Store, names: Sequence[str], period: Period) -> Runs | None:
    """Average places of one run; instants become hours as the mean of the two at the hour's ends.

    A value that its reader doubts (contradicted by another row, or not of this world) is not used.
    """
    found = (_issued(store, name, period) for name in names)
    return mean_runs(
        [_as_hours(run) if kind is Kind.INSTANT else run for run, kind in found if run is not None]
    )


def _issued(store: Store, name: str, period: Period) -> tuple[Runs | None, Kind]:
    version = store.versions(name, needed(period))[0]
    if version.issued_at is None:
        return None, version.kind
    keep = version.latest & ((version.flag & np.uint16(Flag.SUSPECT)) == 0)
    return Runs.of(version.valid_at[keep], version.issued_at[keep], version.value[keep]), version.kind


def _as_hours(run: Runs) -> Runs:
    valid, issued, value = run.rows()
    after = _exact(run, valid + HOUR, issued)
    return replace(run, value=np.where(np.isnan(after), value, (value + after) / 2))


def read_winds(store: Store, period: Period, folders: Sequence[str]) -> dict[str, Track]:
    """Read observed wind over an island beside its mean speed.

    Parameters
    ----------
    folders
        Where ``wind_speed`` [m/s] and ``wind_direction`` (where it blows from) [deg] lie, such as ``asos/185``.

    Returns
    -------
    dict
        ``wind_east`` and ``wind_north``, means over the places, and ``wind_most``, where it blows hardest. [m/s]
        Empty without a place.
    """
    speeds, east, north = [], [], []
    for folder in folders:
        if store.has(f"{folder}/wind_speed") and store.has(f"{folder}/wind_direction"):
            names = (f"{folder}/wind_speed", f"{folder}/wind_direction")
            speed, turn = (_read_track(store, name, period, zero=False) for name in names)
            parts = components(speed.value, turn.value)
            known = np.maximum(speed.known_at, turn.known_at)
            speeds.append(speed)
            east.append(Track(speed.start, parts[0], known))
            north.append(Track(speed.start, parts[1], known))
    if not speeds:
        return {}
    return {"wind_east": mean_track(east), "wind_north": mean_track(north), "wind_most": most_track(speeds)}


def read_wind_runs(store: Store, period: Period, folders: Sequence[str]) -> dict[str, Runs]:
    """Read forecast wind over an island beside its mean speed, as `read_winds` names it.

    And of each place ``<place>/wind_speed``, ``<place>/wind_east``, ``<place>/wind_north``.
    """
    speeds, east, north = [], [], []
    of_places: dict[str, Runs] = {}
    for folder in folders:
        if store.has(f"{folder}/wind_speed") and store.has(f"{folder}/wind_direction"):
            speed, turn = (_issued(store, f"{folder}/wind_{n}", period)[0] for n in ("speed", "direction"))
            if speed is None or turn is None:
                continue
            valid, issued, value = speed.rows()
            parts = components(value, _exact(turn, valid, issued))
            speeds.append(_as_hours(speed))
            east.append(_as_hours(replace(speed, value=parts[0])))
            north.append(_as_hours(replace(speed, value=parts[1])))
            place = folder.rpartition("/")[2]
            of_places |= {
                f"{place}/wind_{n}": runs[-1]
                for n, runs in (("speed", speeds), ("east", east), ("north", north))
            }
    made = {"wind_east": mean_runs(east), "wind_north": mean_runs(north), "wind_most": most_runs(speeds)}
    return of_places | {name: run for name, run in made.items() if run is not None}


def mean_runs(parts: Sequence[Runs]) -> Runs | None:
    """Average places of one run over those that have a value; None without any."""
    if not parts:
        return None
    key = np.unique(np.concatenate([part.key for part in parts]))
    total, count = np.zeros(len(key)), np.zeros(len(key))
    for part in parts:
        at, there = np.searchsorted(key, part.key), ~np.isnan(part.value)
        total[at[there]] += part.value[there]
        count[at[there]] += 1
    there = count > 0
    return Runs(key[there], total[there] / count[there])


def most_runs(parts: Sequence[Runs]) -> Runs | None:
    """Take the largest of the places of one run; None without any."""
    if not parts:
        return None
    key = np.unique(np.concatenate([part.key for part in parts]))
    most = np.full(len(key), np.nan)
    for part in parts:
        at = np.searchsorted(key, part.key)
        most[at] = np.fmax(most[at], part.value)
    return Runs(key, most)


def _exact(run: Runs, valid: Stamps, issued: Stamps) -> Floats:
    key = _key(valid, issued)
    if not len(run.key):
        return np.full(len(key), np.nan)
    index = np.minimum(np.searchsorted(run.key, key), len(run.key) - 1)
    return np.where(run.key[index] == key, run.value[index], np.nan)


def _spoiled(value: Floats, late: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
    scale = float(np.nanmax(np.abs(value), initial=1.0)) if len(value) else 1.0
    return np.where(late, rng.normal(0.0, 3.0 * scale, len(value)), value)


def _hours(stamps: Stamps, start: np.datetime64) -> Ints:
    return np.asarray((stamps - start) // HOUR, dtype=np.int64)


def _since(stamps: Stamps) -> Ints:
    return np.asarray(stamps, dtype="datetime64[s]").astype(np.int64) // 3600


def _key(valid_at: Stamps, issued_at: Stamps) -> Ints:
    return _since(valid_at) * _SPAN + np.asarray(issued_at, dtype="datetime64[s]").astype(np.int64)
