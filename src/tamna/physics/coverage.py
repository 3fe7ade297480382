"""Coverage of every fleet that a store holds: which breaks, why, and what is missing since.

`check_fleets` asks each wind and PV series whether its own weather explains it (`breaks`), says what the
grid file knows about the day, and joins what it finds with what the comparison of sources found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from tamna.grid.clock import DAY, HOUR, Period
from tamna.lang import _, language
from tamna.physics.breaks import Break, Coverage, find_breaks
from tamna.physics.places import families, places_in
from tamna.physics.shape import judging_hours, pv_basis, sun_at, wind_basis
from tamna.series.quality.track import day_text
from tamna.sources.block import Finding, Flag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from tamna.grid.facts import Regime
    from tamna.grid.model import Island
    from tamna.lang import Message
    from tamna.physics.weather import Place
    from tamna.series.model import SeriesInfo
    from tamna.series.store import Store

    Floats = NDArray[np.float64]
    Flags = NDArray[np.uint16]

KIND = "coverage_break"
NEAR_DAYS = 5
"""A regime explains a break this near to it, or within the interval of its day."""
SAME_DAYS = 10
"""Two witnesses within so many days speak of one break."""
FEWEST_HOURS = 24 * 120
_Z80 = 1.2816


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Missing:
    """What a series does not see, estimated: potential of the whole fleet times the lost share.

    Attributes
    ----------
    stamps : (hours,)
    mw, low, high : (hours,)
        With its 80 % interval by hour; zero where nothing is lost, NaN where the weather is not known. [MW]
    flag : (hours,)
        ``ESTIMATED`` where something is said to be missing, ``MISSING`` where nothing can be said.
    """

    stamps: NDArray[np.datetime64]
    mw: Floats
    low: Floats
    high: Floats
    flag: Flags

    def energy_mwh(self) -> tuple[float, float, float]:
        """Add up [MWh]: the middle and an 80 % interval.

        What is not known of the share errs alike in every hour; it alone makes the interval of long spans.
        """
        return tuple(float(np.nansum(v)) for v in (self.mw, self.share_low, self.share_high))  # type: ignore[return-value]

    share_low: Floats
    share_high: Floats


def estimate_missing(coverage: Coverage, potential_mw: Floats | None = None) -> Missing:
    """Estimate what plants outside the series made, hour by hour.

    The plants that left are taken to feel the weather as the fleet did; what was held back from them is
    counted as if it had been made.

    Parameters
    ----------
    potential_mw : (hours,) or None
        A better potential of the whole fleet, its size held from before the break; by default the
        coverage's own.

    Returns
    -------
    Missing
        Labelled ``ESTIMATED`` in every hour after a break.
    """
    potential = coverage.potential_mw if potential_mw is None else potential_mw
    lost, least, most = (1.0 - s for s in (coverage.seen, coverage.seen_high, coverage.seen_low))
    mw, share_low, share_high = potential * lost, potential * least, potential * most
    share_sd = (share_high - share_low) / (2 * 1.645)
    sd = np.hypot(share_sd, coverage.error_mw * lost)
    none = lost <= 0.0
    flag = np.where(none, 0, np.where(np.isnan(mw), int(Flag.MISSING), int(Flag.ESTIMATED))).astype(np.uint16)
    narrower = _Z80 / 1.645
    return Missing(
        stamps=coverage.stamps,
        mw=np.where(none, 0.0, mw),
        low=np.where(none, 0.0, np.maximum(mw - _Z80 * sd, 0.0)),
        high=np.where(none, 0.0, mw + _Z80 * sd),
        flag=flag,
        share_low=np.where(none, 0.0, mw - narrower * (mw - share_low)),
        share_high=np.where(none, 0.0, mw + narrower * (share_high - mw)),
    )


def coverage_flags(coverage: Coverage) -> Flags:
    """Give ``COVERAGE | BY_QUALITY`` for hours in which part of the fleet is not in the series."""
    bits = np.uint16(Flag.COVERAGE | Flag.BY_QUALITY)
    return np.where(coverage.seen < 1.0, bits, np.uint16(0)).astype(np.uint16)


def explained_by(found: Break, series: str, regimes: Iterable[Regime]) -> tuple[Regime, ...]:
    """Give the regimes that touch `series` and start or end within a few days of a break."""
    early, late = (
        min(found.start - NEAR_DAYS * DAY, found.earliest),
        max(found.start + (NEAR_DAYS + found.ramp_days) * DAY, found.latest),
    )
    early, late = early.astype("datetime64[D]"), late.astype("datetime64[D]")
    days = {r.name: [np.datetime64(d, "D") for d in (r.start, r.end) if d is not None] for r in regimes}
    return tuple(r for r in regimes if series in r.touches and any(early <= d <= late for d in days[r.name]))


# --- what a store holds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fleet:
    """One source of one fleet's series, beside the weather of its place."""

    series: str
    source: str
    kind: Literal["wind", "pv"]
    coverage: Coverage

    @property
    def end(self) -> np.datetime64:
        """End of the last hour looked at."""
        end: np.datetime64 = self.coverage.stamps[-1] + HOUR
        return end


def check_fleets(
    store: Store,
    island: Island,
    found: Sequence[Finding] = (),
    *,
    only: Collection[str] | None = None,
) -> list[Finding]:
    """Add to `found` the coverage breaks that the weather tells of the island's wind and PV series.

    Parameters
    ----------
    found
        What `series.quality.check` found; a break that both saw stays one finding with both witnesses.
    only
        Look at these series only.

    Returns
    -------
    list of Finding
        In order of series, source, kind and time.
    """
    mine = [
        finding
        for fleet in fleets_of(store, island, only=only)
        for finding in findings_of(fleet, island.regimes)
    ]
    return joined(found, mine)


def fleets_of(store: Store, island: Island, *, only: Collection[str] | None = None) -> list[Fleet]:
    """Judge every source of the island's wind and PV series that has weather for four months or more."""
    kinds = {c.series: c.group for c in island.classes if c.series and c.group in {"wind", "pv"}}
    out = []
    for folder in sorted({name.partition("/")[0] for name in kinds}):
        weather = _Weather(store, folder, island.timezone)
        for info in store.list():
            kind = kinds.get(info.series)
            ours = info.series.startswith(f"{folder}/") and (only is None or info.series in only)
            if (
                ours
                and kind in {"wind", "pv"}
                and not info.forecast
                and info.resolution_s <= HOUR.astype(int)
            ):
                judged = weather.judge(info, "wind" if kind == "wind" else "pv")
                out += [] if judged is None else [judged]
    return out


class _Weather:
    """The weather of one island, read once for each family and span."""

    def __init__(self, store: Store, island: str, timezone: str) -> None:
        self._store, self._families, self._timezone = store, families(store, island), timezone
        self._read: dict[tuple[str, np.datetime64, np.datetime64], dict[str, Place]] = {}

    def judge(self, info: SeriesInfo, kind: Literal["wind", "pv"]) -> Fleet | None:
        """Hold one source against the first family of weather that covers enough of it."""
        start = info.start.astype("datetime64[h]").astype("datetime64[s]")
        period = Period(start, info.end.astype("datetime64[h]").astype("datetime64[s]") + HOUR)
        stamps = period.stamps()
        if len(stamps) < FEWEST_HOURS:
            return None
        measured = self._store.hours(f"{info.series}@{info.source}", period).value
        for family in self._families:
            places = self._places(family, period)
            sun = sun_at(places, stamps)
            basis = wind_basis(places) if kind == "wind" else pv_basis(places, sun)
            if (~np.isnan(basis).any(axis=1) & ~np.isnan(measured)).sum() < FEWEST_HOURS:
                continue
            use = judging_hours(kind, sun)
            coverage = find_breaks(basis, stamps, measured, use, timezone=self._timezone)
            if coverage is not None:
                return Fleet(series=info.series, source=info.source, kind=kind, coverage=coverage)
        return None

    def _places(self, family: str, period: Period) -> dict[str, Place]:
        key = (family, period.start, period.end)
        if key not in self._read:
            self._read[key] = places_in(self._store, self._families[family], period)
        return self._read[key]


# --- findings


def findings_of(fleet: Fleet, regimes: Iterable[Regime] = ()) -> list[Finding]:
    """Tell each break of a fleet: from its day on where plants leave, its own days only where they join."""
    regimes = tuple(regimes)
    out = []
    for i, one in enumerate(fleet.coverage.breaks):
        why = explained_by(one, fleet.series, regimes)
        lost = one.share > 0
        out.append(
            Finding(
                kind=KIND,
                series=fleet.series,
                source=fleet.source,
                start=one.start,
                end=_end(fleet, i) if lost else one.start + (one.ramp_days + 1) * DAY,
                size=abs(one.mw),
                unit="MW",
                text=_said(one, why),
                consequence=_LOST if lost else _JOINED,
            )
        )
    return out


_LOST = _(
    "part of the fleet is no longer in the series though it goes on producing: shares from this day on are"
    " too low, and no change across it is a trend"
)
_JOINED = _("plants have joined the series: no change across this day is a trend")


def _end(fleet: Fleet, i: int) -> np.datetime64:
    """Give when all that left is back, or the end of the series."""
    coverage = fleet.coverage
    after = (coverage.stamps > coverage.breaks[i].start + coverage.breaks[i].ramp_days * DAY) & (
        coverage.seen >= 1.0
    )
    end: np.datetime64 = coverage.stamps[np.argmax(after)] if after.any() else fleet.end
    return end


def _said(one: Break, why: Sequence[Regime]) -> Message:
    values = {
        "day": day_text(one.start),
        "earliest": day_text(one.earliest),
        "latest": day_text(one.latest),
        "share": f"{100 * abs(one.share):.0f}",
        "low": f"{100 * min(abs(one.low), abs(one.high)):.0f}",
        "high": f"{100 * max(abs(one.low), abs(one.high)):.0f}",
        "mw": f"{abs(one.mw):.0f}",
        "mw_low": f"{min(abs(one.mw_low), abs(one.mw_high)):.0f}",
        "mw_high": f"{max(abs(one.mw_low), abs(one.mw_high)):.0f}",
    }
    if one.share > 0:
        what = _(
            "against the weather, the series loses {share} % of its fleet ({low} to {high} %), {mw} MW ({mw_low} to"
            " {mw_high}) at full reach, from {day} on (between {earliest} and {latest})",
            **values,
        )
    else:
        what = _(
            "against the weather, plants of {mw} MW ({mw_low} to {mw_high}) at full reach join the series, {share} % of"
            " what it saw ({low} to {high} %), from {day} on (between {earliest} and {latest})",
            **values,
        )
    if not why:
        return _("{what}; nothing in the grid file explains it", what=what)
    return _("{what}; the grid file knows: {why}", what=what, why=_Titles(tuple(why)))


@dataclass(frozen=True, slots=True)
class _Titles:
    """Names of regimes in the reader's language, when they are read."""

    regimes: tuple[Regime, ...]

    def __str__(self) -> str:
        return ", ".join(_title(r) for r in self.regimes)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def _title(regime: Regime) -> str:
    title = regime.title
    return regime.name if title is None else str(getattr(title, language()))


def joined(found: Sequence[Finding], mine: Sequence[Finding]) -> list[Finding]:
    """Join what two sources say of each other with what the weather says: one break, one finding.

    Where another source saw the same fleet go on, its word stands and the weather is named beside it.
    """
    out = list(found)
    for one in mine:
        same = next((i for i, f in enumerate(out) if _same(f, one)), None)
        if same is None:
            out.append(one)
        else:
            first = out[same]
            text = _("{first}. The weather alone says: {second}", first=first.text, second=one.text)
            out[same] = replace(first, text=text)
    return sorted(out, key=lambda f: (f.series, f.source, f.kind, f.start))


def _same(a: Finding, b: Finding) -> bool:
    alike = (a.kind, a.series, a.source) == (b.kind, b.series, b.source) and a.kind == KIND
    return alike and bool(abs(a.start - b.start) <= SAME_DAYS * DAY)
