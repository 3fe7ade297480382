"""What wind was lost: potential less output, hour by hour, in five classes, with intervals.

``lost(store, island, period)`` gathers weather, output, demand, PV and what is published, and judges each year
by fits and a floor of the other years (`windfit`). Where the fleet has left the settled series, its gap
is not curtailment: another metering base stands in where one covers the fleet, else the hour is
not judged and says why. Nothing that is not known is ever zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import UsageError
from tamna.lang import Message, _
from tamna.measure.lostinputs import Inputs, inputs_of
from tamna.measure.windfit import Learned, hours_of, learned_without
from tamna.physics.curtailment import Curtailment, Hours, estimate, split
from tamna.physics.paths import Wander, joined, joined_wander, pick, wandering
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.grid.clock import Period, Stamps
    from tamna.grid.model import Island
    from tamna.series import Series, Store

    Floats = NDArray[np.float64]
    Against = Callable[[Series, Stamps], NDArray[np.uint16]]

Z80 = 1.2816
"""Standard deviations that hold 80 % of a normal distribution."""


class Why(IntEnum):
    """Why an hour is judged or not."""

    JUDGED = 0
    NO_WEATHER = 1
    NO_OUTPUT = 2
    FLEET_LEFT = 3
    NO_DEMAND = 4
    NOT_LEARNED = 5


REASONS: dict[Why, Message] = {
    Why.NO_WEATHER: _("no weather of the island's stations in the store"),
    Why.NO_OUTPUT: _("no wind output published"),
    Why.FLEET_LEFT: _(
        "most of the fleet has left the settled wind series, and no other metering base covers it:"
        " potential less what is left there is not curtailment"
    ),
    Why.NO_DEMAND: _("demand or PV not published"),
    Why.NOT_LEARNED: _("no other year with weather, output and published curtailment to learn from"),
}


@dataclass(frozen=True, slots=True)
class NotLost:
    """The whole question cannot be answered: why, and what to do."""

    reason: Message
    todo: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What wind was lost. Arrays (hours,), NaN where not known.

    Attributes
    ----------
    potential_mw, potential_p10_mw, potential_p90_mw
        What the settled fleet could have given; from weather alone where its output is not known. [MW]
    actual_mw, demand_mw, pv_mw, floor_mw
        What it gave, and the system around it. [MW]
    found, wander
        The estimate, and the same under other floors.
    kinds
        Energy by class: ``instructed, market, inferred, outage, unexplained``. [MWh]
    above
        What lay as far above the weather's interval as outage and unexplained lie below it: so much of
        them is chance, and sums leave it out. [MWh]
    published_mwh
        As published. [MWh]
    why
        `Why` of each hour.
    flag
        `Flag` bits: ``ESTIMATED`` everywhere, ``COVERAGE`` where the settled fleet is not whole.
    other_base
        Hours whose output or PV is of another metering base.
    learned
        By year judged.
    """

    valid_at: Stamps
    potential_mw: Floats
    potential_p10_mw: Floats
    potential_p90_mw: Floats
    actual_mw: Floats
    demand_mw: Floats
    pv_mw: Floats
    floor_mw: Floats
    found: Curtailment
    wander: Wander
    kinds: Mapping[str, Floats]
    above: Mapping[str, Floats]
    published_mwh: Floats
    why: NDArray[np.int8]
    flag: NDArray[np.uint16]
    other_base: NDArray[np.bool_]
    learned: tuple[Learned, ...]

    @property
    def estimated_mwh(self) -> Floats:
        """Expected energy held back. [MWh]"""
        return self.found.expected_mwh

    @property
    def likelihood(self) -> Floats:
        """That the hour was held down, 0..1. [-]"""
        return self.found.likelihood

    def reason(self, hours: NDArray[np.bool_] | slice = slice(None)) -> Message | None:
        """Say why hours are not judged: the reason of most of them, or None where one is."""
        codes = self.why[hours]
        if not len(codes) or (codes == Why.JUDGED).any():
            return None
        return REASONS[Why(int(np.bincount(codes).argmax()))]


def lost(
    store: Store,
    island: Island,
    period: Period,
    *,
    against: Against | None = None,
    fits: Path | None = None,
    as_of: np.datetime64 | None = None,
) -> Lost | NotLost:
    """Estimate what wind was lost in every hour of `period`.

    Parameters
    ----------
    against
        What the quality checks hold against a series: ``(series, hours) -> flags``.
    fits
        Folder where fits are kept between calls.
    as_of
        Take only what was known at that moment (UTC).
    """
    try:
        given = inputs_of(store, island, against=against, as_of=as_of)
    except UsageError as error:
        return NotLost(error.mistakes[0].what, error.mistakes[0].todo or _("Ingest what is missing."))
    if given is None:
        return NotLost(
            _("there is no weather in the store to say what the wind could have given"),
            _(
                "Ingest hourly ASOS files of the stations that the island's file declares, or fetch them:"
                " tamna fetch kma.asos."
            ),
        )
    stamps = period.stamps()
    years = np.unique(given.record.year[np.isin(given.record.stamps, stamps)])
    parts = [_year(given, int(year), fits) for year in years]
    known = [p for p in parts if p is not None]
    if not known:
        return NotLost(
            REASONS[Why.NOT_LEARNED] if len(years) else REASONS[Why.NO_WEATHER],
            _("Ingest weather, output and published curtailment of further years."),
        )
    return _over(_joined(known), stamps)


def _year(given: Inputs, year: int, fits: Path | None) -> Lost | None:
    """Judge one year by the others."""
    record = given.record
    learned = learned_without(record, year, fits)
    if learned is None:
        return None
    mine = record.year == year
    power = learned.fit.potential(record.weather, record.stamps)
    whole = hours_of(record, power, learned.fit.most_mw)
    hours = replace(whole, actual_mw=given.actual_mw, pv_mw=given.pv_mw).pick(mine)
    found = estimate(hours, learned.floor)
    sd = found.potential_sd_mw
    judged = ~np.isnan(found.likelihood)
    p10, p90 = (
        np.where(judged, found.potential_mw + sign * Z80 * sd, power.bands[band][mine])
        for sign, band in ((-1.0, 0.1), (1.0, 0.9))
    )
    published, bidding = given.published_mwh[mine], given.bidding[mine]
    kinds = split(
        found,
        actual_mw=hours.actual_mw,
        low_mw=power.bands[0.1][mine],
        instructed_mwh=np.where(bidding, np.nan, published),
        bidding=bidding,
    )
    mirror = split(found, actual_mw=-hours.actual_mw, low_mw=-power.bands[0.9][mine])
    # counts of instructed hours leave the bidders out: they take nothing from the market's class but themselves
    kinds["instructed"] = published
    kinds["market"] = np.maximum(kinds["market"] - np.where(bidding, np.nan_to_num(published), 0.0), 0.0)
    return Lost(
        valid_at=hours.stamps,
        potential_mw=np.where(judged, found.potential_mw, hours.potential_mw),
        potential_p10_mw=np.clip(p10, 0.0, hours.most_mw),
        potential_p90_mw=np.clip(p90, 0.0, hours.most_mw),
        actual_mw=hours.actual_mw,
        demand_mw=hours.demand_mw,
        pv_mw=hours.pv_mw,
        floor_mw=learned.floor.at(hours.stamps),
        found=found,
        wander=wandering(hours, learned.floor),
        kinds=kinds,
        above={k: mirror[k] for k in ("outage", "unexplained")},
        published_mwh=published,
        why=_why(hours, given.left[mine]),
        flag=given.flag[mine],
        other_base=given.other_base[mine],
        learned=(learned,),
    )


def _why(hours: Hours, left: NDArray[np.bool_]) -> NDArray[np.int8]:
    why = np.where(np.isnan(hours.demand_mw + hours.pv_mw), np.int8(Why.NO_DEMAND), np.int8(Why.JUDGED))
    silent = np.isnan(hours.actual_mw)
    why = np.where(silent, np.where(left, Why.FLEET_LEFT, Why.NO_OUTPUT), why)
    return np.where(np.isnan(hours.potential_mw), Why.NO_WEATHER, why).astype(np.int8)


_COLUMNS = (
    "potential_mw", "potential_p10_mw", "potential_p90_mw", "actual_mw", "demand_mw", "pv_mw", "floor_mw",
    "published_mwh",
)  # fmt: skip


def _joined(parts: list[Lost]) -> Lost:
    if len(parts) == 1:
        return parts[0]
    arrays = ("valid_at", *_COLUMNS, "why", "flag", "other_base")
    return replace(
        parts[0],
        **{name: np.concatenate([getattr(p, name) for p in parts]) for name in arrays},
        found=joined([p.found for p in parts]),
        wander=joined_wander([p.wander for p in parts]),
        kinds={k: np.concatenate([p.kinds[k] for p in parts]) for k in parts[0].kinds},
        above={k: np.concatenate([p.above[k] for p in parts]) for k in parts[0].above},
        learned=tuple(x for p in parts for x in p.learned),
    )


def _over(whole: Lost, stamps: Stamps) -> Lost:
    """Lay what was judged on the hours asked for; hours outside the weather stay not judged."""
    at = np.searchsorted(whole.valid_at, stamps)
    inside = (at < len(whole.valid_at)) & (whole.valid_at[np.minimum(at, len(whole.valid_at) - 1)] == stamps)
    take = np.where(inside, at, 0)

    def laid(values: Floats) -> Floats:
        return np.where(inside, values[take], np.nan)

    def spread(found: Curtailment) -> Curtailment:
        blank = pick(found, np.arange(len(found.stamps)) < 0)
        names = [n for n in Curtailment.__dataclass_fields__ if n != "stamps"]
        return replace(blank, stamps=stamps, **{n: laid(getattr(found, n)) for n in names})

    columns: dict[str, Any] = {name: laid(getattr(whole, name)) for name in _COLUMNS}
    return replace(
        whole,
        valid_at=stamps,
        **columns,
        found=spread(whole.found),
        wander=replace(whole.wander, low=spread(whole.wander.low), high=spread(whole.wander.high)),
        kinds={k: laid(v) for k, v in whole.kinds.items()},
        above={k: laid(v) for k, v in whole.above.items()},
        why=np.where(inside, whole.why[take], np.int8(Why.NO_WEATHER)).astype(np.int8),
        flag=np.where(inside, whole.flag[take], np.uint16(Flag.MISSING)).astype(np.uint16),
        other_base=inside & whole.other_base[take],
    )
