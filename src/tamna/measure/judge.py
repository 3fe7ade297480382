"""What wind was lost: potential less output, hour by hour, in five classes, with intervals.

``lost(store, island, period)`` gathers weather, output, demand, PV and what is published, and judges each year
by fits and a floor of the other years (`windfit`). Where the fleet has left the settled series, its gap
is not curtailment: another metering base stands in where one covers the fleet, else the hour is
not judged and says why. Nothing that is not known is ever zero.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import UsageError
from tamna.lang import _
from tamna.measure.lost import REASONS, Lost, NotLost, Why
from tamna.measure.lostinputs import Inputs, inputs_of
from tamna.measure.windfit import hours_of, learned_without
from tamna.physics.curtailment import Curtailment, Hours, estimate, split
from tamna.physics.paths import joined, joined_wander, pick, wandering
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.grid.clock import Period, Stamps
    from tamna.grid.model import Island
    from tamna.series import Series, Store

    Floats = NDArray[np.float64]
    Against = Callable[[Series, Stamps], NDArray[np.uint16]]

Z80 = 1.2816
"""Standard deviations that hold 80 % of a normal distribution."""


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
            _("Ingest weather, output, demand and PV of further years."),
        )
    untaught = [year for year, part in zip(years, parts, strict=True) if part is None]
    return _over(_joined(known), stamps, given.record.stamps[np.isin(given.record.year, untaught)])


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
        floor_mw=found.floor_mw,
        found=found,
        wander=wandering(hours, learned.floor),
        kinds=kinds,
        above={k: mirror[k] for k in ("outage", "unexplained")},
        published_mwh=published,
        why=_why(hours, given.left[mine]),
        flag=given.flag[mine],
        other_base=given.other_base[mine],
        learned=(learned,),
        given=hours,
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
        given=_run([p.given for p in parts if p.given is not None]),
    )


def _run(parts: list[Hours]) -> Hours | None:
    """Put the hours of years that follow each other into one."""
    if not parts:
        return None
    names = [n for n in Hours.__dataclass_fields__ if n != "most_mw"]
    joint: dict[str, Any] = {n: np.concatenate([getattr(p, n) for p in parts]) for n in names}
    return Hours(**joint, most_mw=max(p.most_mw for p in parts))


def _over(whole: Lost, stamps: Stamps, untaught: Stamps) -> Lost:
    """Lay what was judged on the hours asked for; hours outside the weather, or `untaught`, stay not judged."""
    why_not = np.where(np.isin(stamps, untaught), np.int8(Why.NOT_LEARNED), np.int8(Why.NO_WEATHER))
    at = np.searchsorted(whole.valid_at, stamps)
    inside = (at < len(whole.valid_at)) & (whole.valid_at[np.minimum(at, len(whole.valid_at) - 1)] == stamps)
    take = np.where(inside, at, 0)

    def laid(values: Floats) -> Floats:
        return np.where(inside, values[take], np.nan)

    def spread(found: Curtailment) -> Curtailment:
        blank = pick(found, np.arange(len(found.stamps)) < 0)
        names = [n for n in Curtailment.__dataclass_fields__ if n != "stamps"]
        return replace(blank, stamps=stamps, **{n: laid(getattr(found, n)) for n in names})

    def given(hours: Hours) -> Hours:
        names = [n for n in Hours.__dataclass_fields__ if n.endswith("_mw") and n != "most_mw"]
        each: dict[str, Any] = {n: laid(getattr(hours, n)) for n in names}
        return replace(hours, stamps=stamps, sunny=inside & hours.sunny[take], **each)

    columns: dict[str, Any] = {name: laid(getattr(whole, name)) for name in _COLUMNS}
    return replace(
        whole,
        valid_at=stamps,
        **columns,
        found=spread(whole.found),
        wander=replace(whole.wander, low=spread(whole.wander.low), high=spread(whole.wander.high)),
        kinds={k: laid(v) for k, v in whole.kinds.items()},
        above={k: laid(v) for k, v in whole.above.items()},
        why=np.where(inside, whole.why[take], why_not).astype(np.int8),
        flag=np.where(inside, whole.flag[take], np.uint16(Flag.MISSING)).astype(np.uint16),
        other_base=inside & whole.other_base[take],
        given=None if whole.given is None else given(whole.given),
    )
