"""What no published meter shows: plants that left the settled series, and PV behind the meter. The nouns.

Light on purpose: who works it out from weather (`tamna.measure.outside`) loads the physics. Here it is laid on the
hours of an answer, as classes of generation that are estimated and say so. What is kept between two calls is an
`Outside`, over all that the store holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import iso
from tamna.lang import Message, _
from tamna.measure.boundaries import LEFT
from tamna.measure.island import Column, HourClass, Within
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.assets import Metering
    from tamna.grid.clock import Stamps
    from tamna.grid.model import Island
    from tamna.measure.island import IslandHours

    Floats = NDArray[np.float64]
    Three = tuple[float, float, float]

ESTIMATED_BASE = "estimated"
_NAMES = ("low", "high", "alike_low", "alike_high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The estimate held against another series that saw the whole fleet; the estimate never looked at it.

    Attributes
    ----------
    source
        Whose series it is, brought to the settled base by the hours before anything was missing.
    hours
        Hours that both have since.
    estimated, seen_mwh
        Energy in them: estimated (low, middle, high), and as that series saw it. [MWh]
    """

    source: str
    hours: int
    estimated: Three
    seen_mwh: float

    @property
    def inside(self) -> bool:
        """Whether what was seen lies within the estimate's interval."""
        return self.estimated[0] <= self.seen_mwh <= self.estimated[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Plants that left one settled series, over all its hours. Arrays (hours,).

    Attributes
    ----------
    since
        First hour without them.
    share, mw
        Lost part of the fleet, and of what it reached: low, middle, high. [-], [MW]
    mwh, within, flag
        What they are estimated to have made: zero before `since`, NaN where the weather is not known. [MWh]
    """

    group: str
    series: str
    source: str
    since: np.datetime64
    share: Three
    mw: Three
    stamps: Stamps
    mwh: Floats
    within: Within
    flag: NDArray[np.uint16]
    check: Check | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HollowYear:
    """What the midday hollow of demand says of PV that no file meters, beside the grid file [MW].

    Each is low, middle, high. The hollow sees PPA and behind-the-meter plants together, so the two together
    are compared; of what it leaves to roofs the grid file's ranges are a part.

    Attributes
    ----------
    hollow_both, file_both
        PPA and behind the meter.
    hollow_btm, file_btm
        Behind the meter.
    agrees
        Part of the hollow's draws that the grid file's ranges allow. [-]
    """

    year: int
    hollow_both: Three
    file_both: Three
    hollow_btm: Three
    file_btm: Three
    agrees: float

    @property
    def verdict(self) -> Message:
        """Say whether hollow and grid file agree."""
        low, _middle, high = self.hollow_both
        if high < self.file_both[0] or low > self.file_both[2]:
            return _("they contradict each other")
        if self.file_both[1] < low:
            return _("the ranges agree; the grid file's middle lies below what the hollow shows")
        if self.file_both[1] > high:
            return _("the ranges agree; the grid file's middle lies above what the hollow shows")
        return _("they agree")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """All that a store lets us say of what it does not show. Arrays (hours,) of `stamps`.

    Attributes
    ----------
    per_mw
        What one MW of PV makes in the weather, with the full hours of settled PV in the same sun; NaN where
        radiation is not known. [MWh]
    yield_of
        By family of weather: settled energy over what physics gives the grid file's capacity. [-]
    """

    gone: tuple[Gone, ...] = ()
    stamps: Stamps | None = None
    per_mw: Floats | None = None
    yield_of: dict[str, float]
    hollow: tuple[HollowYear, ...] = ()


def with_outside(hours: IslandHours, outside: Outside, island: Island) -> IslandHours:
    """Add what is outside the meters to an island's hours, flagged ``ESTIMATED``.

    Plants that left a settled series become a class of their own, where any hour of these lacks them. PV behind
    the meter takes the place of the grid file's annual figure where the weather is known; so does PV under PPA
    in hours for which a year's energy has no shape.
    """
    classes = [_sunny(hours, c, outside, island) for c in hours.classes]
    for gone in outside.gone:
        missing = _left(hours, gone)
        if missing is not None:
            at = next(i for i, c in enumerate(classes) if c.name == missing.fills)
            classes.insert(at + 1, missing)
    return replace(hours, classes=tuple(classes))


_TITLES = {
    "wind": _("Wind of plants that left the settled series, estimated"),
    "pv": _("PV of plants that left the settled series, estimated"),
}


def _left(hours: IslandHours, gone: Gone) -> HourClass | None:
    own = next((c for c in hours.classes if c.group == gone.group and c.metering == "market"), None)
    if own is None:
        return None
    lacking = (own.column.flag & np.uint16(Flag.COVERAGE)) != 0
    untold = lacking & (
        hours.valid_at < gone.since
    )  # a rule's day may lie before the day that the weather shows
    laid = {
        name: np.where(lacking, np.where(untold, np.nan, _laid(hours.valid_at, gone.stamps, values)), 0.0)
        for name, values in {"mwh": gone.mwh, **{n: getattr(gone.within, n) for n in _NAMES}}.items()
    }
    if not np.isfinite(laid["mwh"][lacking]).any():
        return None
    mwh = laid.pop("mwh")
    flag = np.where(lacking, int(Flag.ESTIMATED), 0).astype(np.uint16)
    return HourClass(
        name=f"{gone.group}_missing_estimated",
        column=replace(Column.of(mwh, ESTIMATED_BASE, flag), within=Within(**laid)),
        title=_TITLES[gone.group],
        group=gone.group,
        metering=LEFT,
        renewable=own.renewable,
        carbon_free=own.carbon_free,
        thermal=own.thermal,
        in_demand=own.in_demand,
        fills=own.name,
        factor=own.factor,
    )


def _sunny(hours: IslandHours, c: HourClass, outside: Outside, island: Island) -> HourClass:
    """Estimate a PV class by capacity and weather: behind the meter first of all, under PPA where nothing else."""
    if c.group != "pv" or c.metering not in {"behind_the_meter", "ppa"} or outside.per_mw is None:
        return c
    per_mw = _laid(hours.valid_at, outside.stamps, outside.per_mw)
    year = _years(hours)
    parts = {y: capacity(island, "ppa" if c.metering == "ppa" else "behind_the_meter", y) for y in set(year)}
    if not any(p[2] > 0.0 for p in parts.values()):
        return c
    low, middle, high = (np.array([parts[y][i] for y in year]) * per_mw for i in range(3))
    use = np.isfinite(middle) & (np.isnan(c.column.mwh) if c.metering == "ppa" else True)
    if not use.any():
        return c
    old = c.column.within or Within(**dict.fromkeys(_NAMES, c.column.mwh))
    bounds = Within(
        low=np.where(use, low, old.low),
        high=np.where(use, high, old.high),
        alike_low=np.where(use, low, old.alike_low),
        alike_high=np.where(use, high, old.alike_high),
    )
    mwh = np.where(use, middle, c.column.mwh)
    flag = np.where(use, np.uint16(Flag.ESTIMATED), c.column.flag)
    return replace(c, column=replace(Column.of(mwh, ESTIMATED_BASE, flag), within=bounds), assumed=True)


def _years(hours: IslandHours) -> list[int]:
    from tamna.grid.clock import to_local

    local = to_local(hours.valid_at, hours.timezone)
    years: list[int] = (local.astype("datetime64[Y]").astype(np.int64) + 1970).tolist()
    return years


def capacity(island: Island, metering: Metering, year: int) -> Three:
    """Add up the island's PV of one metering in the middle of a year: low, middle, high [MW].

    Zero where the island has none; NaN before the first figure of any: it is not known, not zero.
    """
    held = [f.capacity_at(date(year, 7, 1)) for f in island.fleet("pv", metering)]
    known = [h for h in held if h is not None]
    if held and not known:
        return np.nan, np.nan, np.nan
    return (
        sum(h.span[0] for h in known),
        sum(float(h.value) for h in known),
        sum(h.span[1] for h in known),
    )


def _laid(hours: Stamps, stamps: Stamps | None, values: Floats) -> Floats:
    """Lay values on other hours; NaN where there are none."""
    out = np.full(len(hours), np.nan)
    if stamps is not None and len(stamps):
        at = np.searchsorted(stamps, hours)
        at = np.minimum(at, len(stamps) - 1)
        inside = stamps[at] == hours
        out[inside] = values[at[inside]]
    return out


def as_dict(outside: Outside, hours: IslandHours) -> dict[str, Any]:
    """Give what stands behind the estimates as JSON carries it.

    ``left``: by group what left which series, since when, and how the estimate compares with another series that
    saw it (``check``, null where none did). ``behind_the_meter``: by year what the grid file and the midday hollow
    say [MW], and whether they agree.
    """
    shown = [g for g in outside.gone if any(c.fills and c.group == g.group for c in hours.classes)]
    return {
        "left": {g.group: _gone_dict(g) for g in shown},
        "behind_the_meter": [
            {
                "year": y.year,
                "hollow_ppa_and_btm_mw": list(y.hollow_both),
                "grid_file_ppa_and_btm_mw": list(y.file_both),
                "hollow_btm_mw": list(y.hollow_btm),
                "grid_file_btm_mw": list(y.file_btm),
                "allowed_by_grid_file": y.agrees,
                "verdict": str(y.verdict),
            }
            for y in outside.hollow
        ],
        "notes": [str(note) for note in notes(outside, hours)],
    }


def _gone_dict(gone: Gone) -> dict[str, Any]:
    return {
        "series": gone.series,
        "source": gone.source,
        "since": iso(gone.since),
        "share": list(gone.share),
        "mw": list(gone.mw),
        "check": None
        if gone.check is None
        else {
            "source": gone.check.source,
            "hours": gone.check.hours,
            "estimated_mwh": list(gone.check.estimated),
            "seen_mwh": gone.check.seen_mwh,
            "inside": gone.check.inside,
        },
    }


LEFT_NOTE = _(
    "What plants made after they left the settled series is their share of what the weather gave the fleet,"
    " learned before they left. What was held back from them counts as made: nothing published tells it apart."
)
BTM_NOTE = _(
    "PV behind the meter is the grid file's capacity in the sun of each hour, with the full hours of settled PV;"
    " no meter reading is published. Its interval is the capacity's range. It enters above and below the line together."
)


OPEN_NOTE = _(
    "In {hours:,} hours part of the fleet is in no series and is not estimated: the source of these hours never held"
    " the whole fleet beside weather of its place."
)


def notes(outside: Outside, hours: IslandHours) -> tuple[Message, ...]:
    """Say what must be said with the estimates that stand in `hours`, and where there is none."""
    left = any(c.metering == LEFT for c in hours.classes)
    still_open = _still_open(hours)
    sunny = outside.per_mw is not None and any(
        c.metering == "behind_the_meter" and c.column.held for c in hours.classes
    )
    return (
        *((LEFT_NOTE,) if left else ()),
        *((Message(OPEN_NOTE.text, {"hours": still_open}),) if still_open else ()),
        *((BTM_NOTE,) if sunny else ()),
    )


def _still_open(hours: IslandHours) -> int:
    """Count hours in which a market series of wind or PV lacks plants and no class fills them in."""
    filled = {c.fills for c in hours.classes if c.fills}
    lacking = np.zeros(len(hours), dtype=bool)
    for c in hours.classes:
        if c.metering == "market" and c.group in _TITLES and c.name not in filled:
            lacking |= ((c.column.flag & np.uint16(Flag.COVERAGE)) != 0) & np.isfinite(c.column.mwh)
    return int(lacking.sum())
