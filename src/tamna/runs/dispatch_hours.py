"""The hours that a dispatch faces, out of the store: demand, what wind and sun could have given, the floor, prices.

Rooms below do not know of each other: the estimate of what wind could have given, and the floor that other years
tell, are brought from `measure` to `dispatch` here, as plain arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tamna.errors import InputError, Mistake, Place, gather
from tamna.grid.clock import DAY, HOUR, Period, to_local, to_utc
from tamna.lang import _
from tamna.measure.again import lost_again
from tamna.measure.gather import gather as gathered
from tamna.measure.lost import Lost
from tamna.runs.dispatch_floor import Floor, floor_of
from tamna.series.align import needed
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.grid import Island
    from tamna.grid.clock import Stamps
    from tamna.lang import Message
    from tamna.measure.island import IslandHours
    from tamna.series import Store

    Floats = NDArray[np.float64]

Potential = Literal["published", "estimated"]
"""What wind could have given: what it gave and what is published as held back, or what the weather says."""
MOST_SHOWN = 3
NEAREST = 7 * DAY
"""Hours that nobody recorded may be stood in for by the same hour of a day so far away, within the period or not."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Came:
    """What came, (hours,).

    Attributes
    ----------
    wind_mw, pv_mw
        What the metered fleets could have given. [MW]
    gave_mw
        What the metered wind fleet gave; NaN where not known. [MW]
    steady_mw
        Plants that run evenly, such as waste. [MW]
    floor
        What thermal units and links must carry together; None where no other year tells.
    import_price
        Of a MWh on the other side. [KRW/MWh]
    published_mwh
        Published as held back of wind; NaN where not. [MWh]
    counted
        Energy held back on the island per energy held back here. [-]
    notes
        What must be known before using any of it.
    """

    stamps: Stamps
    demand_mw: Floats
    wind_mw: Floats
    pv_mw: Floats
    gave_mw: Floats
    steady_mw: Floats
    floor: Floor | None
    import_price: Floats
    published_mwh: Floats
    counted: Floats
    notes: tuple[Message, ...]


def came(
    store: Store,
    island: Island,
    period: Period,
    *,
    potential: Potential = "published",
    fits: Path | None = None,
    lost: Lost | None = None,
) -> Came:
    """Read the hours of a period.

    Parameters
    ----------
    lost
        What is known of wind held back in these hours, where that was worked out already.

    Raises
    ------
    InputError
        Every quantity that is not known in some hour, with its hours, at once.
    """  # fmt: skip
    hours = gathered(store, island, period)
    judging = _and_after(period, island.timezone)
    worked_out = lost_again(store, island, judging, fits=fits) if lost is None else lost
    judged = worked_out if isinstance(worked_out, Lost) else None
    notes: list[Message] = [
        _("what PV was held back is not published by energy: its potential is what it gave"),
        _("a MWh sent out earns nothing here: what is sent out is what would be held back otherwise"),
    ]
    wind, pv = _class(hours, "wind"), _class(hours, "pv")
    held = hours.curtailment.get("wind")
    published = np.full(len(wind), np.nan) if held is None else held.mwh
    could = _could(hours.valid_at, wind, published, judged, potential, notes)
    notes += _lacking(hours, judged)
    steady = _steady(hours, island)
    floor = floor_of(judged, island, hours.valid_at, could, steady, notes)
    price = _bridged(store, island, period, notes)
    found = Came(
        stamps=hours.valid_at,
        demand_mw=hours.demand.mwh,
        wind_mw=np.maximum(could, 0.0),
        pv_mw=np.maximum(pv, 0.0),
        gave_mw=wind,
        steady_mw=steady,
        floor=floor,
        import_price=price,
        published_mwh=published,
        counted=_counted(floor, published, potential),
        notes=tuple(notes),
    )
    gather(_unknown(found, island.timezone), InputError)
    return found


def _class(hours: IslandHours, group: str) -> Floats:
    found = [c.column.mwh for c in hours.classes if c.group == group and c.metering == "market"]
    return found[0] if found else np.zeros(len(hours.valid_at))


def _and_after(period: Period, timezone: str) -> Period:
    """Add the days after a period, within its year: what they show of the floor is a part of what its last days are told."""
    last = to_local(np.array([period.end - HOUR]), timezone).astype("datetime64[Y]")
    turn = to_utc((last + 1).astype("datetime64[s]"), timezone)[0]
    return Period(period.start, min(period.end + NEAREST, turn))


def _could(  # noqa: PLR0917 (what is known of which hours, and what to say)
    stamps: Stamps,
    gave: Floats,
    published: Floats,
    judged: Lost | None,
    potential: Potential,
    notes: list[Message],
) -> Floats:
    estimated = _estimated(judged, stamps)
    if potential == "estimated":
        notes.append(_("what wind could have given is estimated from the weather, by fits of other years"))
        return np.where(np.isnan(estimated), gave, estimated)
    known = gave + published
    if np.isnan(known).any():
        notes.append(
            _(
                "where nothing is published as held back, what wind could have given is estimated from the weather"
            )
        )
    return np.where(~np.isnan(known), known, np.where(np.isnan(estimated), gave, estimated))


def _estimated(judged: Lost | None, stamps: Stamps) -> Floats:
    """Give the estimate of these hours, NaN where there is none (hours,) [MW]."""
    if judged is None:
        return np.full(len(stamps), np.nan)
    at = np.minimum(np.searchsorted(judged.valid_at, stamps), len(judged.valid_at) - 1)
    return np.where(judged.valid_at[at] == stamps, judged.potential_mw[at], np.nan)


def _lacking(hours: IslandHours, judged: Lost | None) -> Iterator[Message]:
    """Say where a settled series lacks plants that have left it, and nothing else says what they could have given."""
    known = ~np.isnan(_estimated(judged, hours.valid_at))
    for group, what, told in (("wind", _("wind"), known), ("pv", _("PV"), np.zeros_like(known))):
        columns = [c.column for c in hours.classes if c.group == group and c.metering == "market"]
        left = np.zeros_like(known)
        for column in columns[:1]:
            left = ((column.flag & np.uint16(Flag.COVERAGE)) != 0) & ~told
        if n := int(left.sum()):
            yield _(
                "in {n} of {all} hours part of the plants has left the settled series (they bid in the market): what {what}"
                " could have given is understated, and with it what was held back; `tamna measure` rebuilds the whole",
                n=n, all=len(left), what=what,
            )  # fmt: skip


def _counted(floor: Floor | None, published: Floats, potential: Potential) -> Floats:
    """Give `Came.counted`: what is published as held back is of the whole island already."""
    if floor is None:
        return np.ones(len(published))
    return floor.counted if potential == "estimated" else np.where(np.isnan(published), floor.counted, 1.0)


def _steady(hours: IslandHours, island: Island) -> Floats:
    """Add up what runs evenly within demand: classes that no series shows and that no unit of the file burns."""
    total = np.zeros(len(hours.valid_at))
    for c in hours.classes:
        of = island.generation_class(c.name)
        if of is not None and of.series is None and c.thermal and c.in_demand and c.group != "fossil":
            total += np.nan_to_num(c.column.mwh)
    return total


def _price(store: Store, island: Island, period: Period) -> Floats:
    """Give the price on the other side of the links, (hours,) [KRW/MWh]; NaN where it is not known."""
    count = len(period.stamps())
    beyond = next((k.beyond for k in island.links), None)
    if beyond is None:  # no link, no price to know
        return np.zeros(count)
    name = f"{beyond}/smp"
    if not store.has(name):
        return np.full(count, np.nan)
    series = store.read(name, needed(period))
    at = np.searchsorted(series.valid_at, period.stamps())
    found = np.full(count, np.nan)
    inside = at < len(series.valid_at)
    inside[inside] = series.valid_at[at[inside]] == period.stamps()[inside]
    found[inside] = series.value[at[inside]] * 1000.0
    return found


def around(period: Period) -> tuple[Period, slice]:
    """Give a period with the days around it that may stand in for its hours, and where it lies among them."""
    wide = Period(period.start - NEAREST, period.end + NEAREST)
    first, count = int(NEAREST / HOUR), int((period.end - period.start) / HOUR)
    return wide, slice(first, first + count)


def _bridged(store: Store, island: Island, period: Period, notes: list[Message]) -> Floats:
    """Read the price; fill it from the same hour of the nearest days, on both sides where there are two, and say so."""
    wide, inside = around(period)
    read = _price(store, island, wide)
    missing, price = np.isnan(read)[inside], read[inside]
    filled = np.where(missing, nearest_days(read)[inside], price)
    if n := int((missing & ~np.isnan(filled)).sum()):
        notes.append(
            _("the price beyond the links is not known in {n} hours: that of the same hour of the days around stands in", n=n)
        )  # fmt: skip
    return filled


def nearest_days(values: Floats, day: int = 24, most: int = int(NEAREST / DAY)) -> Floats:
    """Give the mean of the same hour of the nearest days that have it, before and after; NaN where none has.

    Examples
    --------
    >>> nearest_days(np.array([1.0, np.nan, 3.0]), day=1)[1]
    np.float64(2.0)
    """
    sides = np.full((2, len(values)), np.nan)
    for k in range(1, min(most, (len(values) - 1) // day) + 1):
        before, after = np.full((2, len(values)), np.nan)
        before[k * day :], after[: -k * day] = values[: -k * day], values[k * day :]
        sides = np.where(np.isnan(sides), [before, after], sides)
    known = ~np.isnan(sides)
    total, count = np.where(known, sides, 0.0).sum(axis=0), known.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _unknown(found: Came, timezone: str) -> Iterator[Mistake]:
    names: Iterable[tuple[str, Message, Floats]] = (
        ("demand", _("the demand"), found.demand_mw),
        ("wind", _("wind output"), found.wind_mw),
        ("pv", _("PV output"), found.pv_mw),
        ("smp", _("the price beyond the links"), found.import_price),
    )
    local = to_local(found.stamps, timezone)
    for name, what, values in names:
        missing = np.flatnonzero(np.isnan(values))
        if len(missing):
            first = ", ".join(str(local[i])[:16].replace("T", " ") for i in missing[:MOST_SHOWN])
            yield Mistake(
                what=_(
                    "{what} is not known in {n} of {all} hours", what=what, n=len(missing), all=len(values)
                ),
                where=Place(path=name, hour=first),
                todo=_(
                    "Ingest its files, or ask for a period in which all is known; nothing is filled silently."
                ),
            )
