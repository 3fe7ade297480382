r"""A day rebuilt from public files, hour by hour with intervals: what each class made, and the shares of it.

A class is one of five kinds, and says which:

=========== =================================================================================================
measured    its series holds all of it: no interval
followed    its series lost part of its fleet, yet still holds most: the series times one factor, how much
            larger the whole fleet is than the part, found around the day
modelled    its series lost most of its fleet: weather times the fleet's nameplate, and the errors that
            this made while the whole fleet was metered
sized       no series: the market fleet of its kind, by nameplate
flat        no series and no fleet: a year's energy, spread evenly
=========== =================================================================================================

Every figure of the grid file enters with its range (a triangle), every model with its measured errors; both
are drawn together, and everything that follows (net export by balance, shares) is worked out in each draw.
The bands are the middle 80 %. What the model gives is what the weather offered: where the market held wind or
sun back, the truth lies below.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import HOUR
from tamna.grid.rules import Rule, Share, coverage, proportional, thermal_first
from tamna.measure.boundaries import ALL, Boundary
from tamna.measure.evidence import AROUND, Evidence, Span
from tamna.physics import point
from tamna.physics.fit import trusted_hours
from tamna.physics.learners import fit_network
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.measure.island import HourClass
    from tamna.physics.weather import Features

    Floats = NDArray[np.float64]

DRAWS = 1000
LOW, HIGH = 0.1, 0.9
MOSTLY = 0.5
"""Part of the fleet that a series must still hold for the day's own shape to be taken from it."""


class Kind(StrEnum):
    """How a class's hours were come by; see the module's table."""

    MEASURED = "measured"
    FOLLOWED = "followed"
    MODELLED = "modelled"
    SIZED = "sized"
    FLAT = "flat"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The middle 80 % and the median of the draws, (hours,)."""

    low: Floats
    middle: Floats
    high: Floats

    @staticmethod
    def of(draws: Floats) -> Band:
        """Take the quantiles of (draws, hours)."""
        low, middle, high = np.quantile(draws, [LOW, 0.5, HIGH], axis=0)
        return Band(low=low, middle=middle, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """A class of generation on the day.

    Attributes
    ----------
    draws : (draws, hours) [MWh]
    filed : (hours,) [MWh]
        What the public series itself says; NaN without one.
    size : Span or None
        Nameplate on the day. [MW]
    factor : Span or None
        Of a followed class: how many times the series the whole fleet is. [-]
    """

    of: HourClass
    kind: Kind
    draws: Floats
    filed: Floats
    size: Span | None = None
    factor: Span | None = None

    @property
    def band(self) -> Band:
        """The interval of each hour."""
        return Band.of(self.draws)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How a model did on hours it never learned from.

    Attributes
    ----------
    hours, covered, mae_mw
        How many; which part of them lay in the 80 % interval; the middle's mean absolute error.
    """

    name: str
    hours: int
    covered: float
    mae_mw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A rebuilt day; arrays are (hours,) or (draws, hours).

    Attributes
    ----------
    net_export : (draws, hours) [MWh]
        By balance: everything made within the demand less the demand. Below 0 the island imports.
    shares : (boundary, rule) -> (draws, hours) [-]
    filed_share : (hours,) [-]
        What the public files alone add up to: wind and PV as filed, over demand.
    """

    valid_at: Stamps
    timezone: str
    demand: Floats
    classes: Mapping[str, Rebuilt]
    net_export: Floats
    shares: Mapping[tuple[str, str], Floats]
    filed_share: Floats
    boundaries: tuple[Boundary, ...]
    judged: tuple[Judged, ...]
    price: Floats

    def __len__(self) -> int:
        return len(self.valid_at)

    def made(self, *names: str) -> Floats:
        """Add up classes, (draws, hours) [MWh]; NaN where one of them is unknown."""
        return np.asarray(sum((self.classes[n].draws for n in names), np.zeros(self.net_export.shape)))


def reconstruct(seen: Evidence, *, draws: int = DRAWS, seed: int = 0) -> Day:
    """Rebuild the day that `seen` speaks of.

    The same evidence and seed give the same day. A class that nothing is known of stays NaN, and so does
    every share that needs it.
    """
    rng = np.random.default_rng(seed)
    rebuilt: dict[str, Rebuilt] = {}
    judged: list[Judged] = []
    for c in seen.hours.classes:
        if _whole(c, seen.at):
            filed = c.column.mwh[seen.at]
            steady = np.broadcast_to(filed, (draws, len(filed)))
            rebuilt[c.name] = Rebuilt(of=c, kind=Kind.MEASURED, draws=steady, filed=filed)
        elif _lacking(c, seen.at) and c.name in seen.sizes and seen.weather is not None:
            rebuilt[c.name], how_well = _beyond(seen, c, draws, rng)
            judged += how_well
    for c in seen.hours.classes:
        if c.name not in rebuilt:
            rebuilt[c.name] = _unseen(seen, c, rebuilt, draws, rng)
    return _day(seen, {c.name: rebuilt[c.name] for c in seen.hours.classes}, tuple(judged))


def _whole(c: HourClass, at: slice) -> bool:
    doubt = np.uint16(Flag.COVERAGE | Flag.ESTIMATED)
    return bool(np.isfinite(c.column.mwh[at]).all() and not (c.column.flag[at] & doubt).any())


def _lacking(c: HourClass, at: slice) -> bool:
    flag = c.column.flag[at]
    return bool(
        (flag & Flag.COVERAGE).any()
        and np.isfinite(c.column.mwh[at]).all()
        and not (flag & Flag.ESTIMATED).any()
    )


def _beyond(
    seen: Evidence, c: HourClass, draws: int, rng: np.random.Generator
) -> tuple[Rebuilt, list[Judged]]:
    """Rebuild a class whose series lost part of its fleet."""
    stamps, size = seen.hours.valid_at, seen.sizes[c.name]
    fit, features = learned(seen, c.name)
    near = slice(
        max(0, seen.at.start - int(AROUND / HOUR)), min(len(stamps), seen.at.stop + int(AROUND / HOUR))
    )
    says, has = fit.says(features.rows[near]) * size.value, c.column.mwh[near]
    both = np.isfinite(says) & np.isfinite(has)
    held = float(has[both].sum() / says[both].sum()) if both.any() else 0.0
    grown = size.draws(draws, rng) / size.value
    filed = c.column.mwh[seen.at]
    judged = _judge(seen, c.name, fit, features)
    if held >= MOSTLY:
        times = np.maximum(grown * rng.choice(fit.scatter.blocks, draws) / held, 1.0)
        low, middle, high = np.quantile(times, [LOW, 0.5, HIGH])
        return Rebuilt(
            of=c, kind=Kind.FOLLOWED, draws=times[:, None] * filed, filed=filed, size=size,
            factor=Span(low=float(low), value=float(middle), high=float(high)),
        ), judged  # fmt: skip
    paths = fit.scatter.draws(fit.says(features.rows[seen.at]), draws, rng) * size.value * grown[:, None]
    return Rebuilt(of=c, kind=Kind.MODELLED, draws=np.maximum(paths, filed), filed=filed, size=size), judged


def learned(
    seen: Evidence, name: str, *, within: NDArray[np.bool_] | None = None
) -> tuple[point.PointFit, Features]:
    """Learn a class's capacity factor from the hours in which its series held the whole fleet.

    `within` (hours,) narrows the hours that may teach, to judge on the others.
    """
    if seen.weather is None:
        raise ValueError(name)
    stamps, weather = seen.hours.valid_at, seen.weather
    c = seen.hours[name]
    whole = np.isfinite(c.column.mwh) & ((c.column.flag & np.uint16(Flag.COVERAGE | Flag.ESTIMATED)) == 0)
    if within is not None:
        whole &= within
    factor = np.where(whole, c.column.mwh / seen.nameplate_mw[name], np.nan)
    dark = point.is_dark(weather, stamps)
    if c.group == "pv":
        features = point.pv_at_point(weather, stamps)
        return point.learn(features, stamps, factor, ~dark), features
    features = point.wind_at_point(weather, stamps)
    return point.learn(features, stamps, factor, free_hours(seen, name, features, factor, dark)), features


def free_hours(
    seen: Evidence, name: str, features: Features, factor: Floats, dark: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Say where the system had room for all the wind that a scout, taught in the dark, expects."""
    use = dark & np.isfinite(factor) & ~np.isnan(features.rows).any(axis=1)
    if use.sum() < point.FEWEST_HOURS:
        return dark
    scout = fit_network(features.rows[use], factor[use], seed=91, epochs=8, width=16)
    pv = [c.column.mwh for c in seen.hours.classes if c.group == "pv" and c.metering == "market"]
    expected = scout.predict(features.rows) * seen.nameplate_mw[name]
    sun = np.asarray(sum(pv, np.zeros(len(dark))))
    return trusted_hours(seen.hours.demand.mwh, sun, expected, dark)


def _judge(seen: Evidence, name: str, fit: point.PointFit, features: Features) -> list[Judged]:
    """Hold the model against operations' view of the whole fleet, after the series had lost it."""
    witness = seen.witnesses.get(name)
    if witness is None:
        return []
    flag = seen.hours[name].column.flag
    dark = point.is_dark(seen.weather, seen.hours.valid_at) if seen.weather is not None else np.zeros(0, bool)
    since = ((flag & Flag.COVERAGE) != 0) & np.isfinite(witness) & dark
    return [judge(name, fit, features, witness, seen.nameplate_mw[name], since)]


def judge(  # noqa: PLR0917 (a model, what it is held against, and where)
    name: str,
    fit: point.PointFit,
    features: Features,
    truth: Floats,
    nameplate_mw: Floats,
    hours: NDArray[np.bool_],
) -> Judged:
    """Count how many of `hours` lie in the 80 % interval, nameplate taken as known."""
    use = hours & np.isfinite(truth) & ~np.isnan(features.rows).any(axis=1)
    if not use.any():
        return Judged(name=name, hours=0, covered=float("nan"), mae_mw=float("nan"))
    says = fit.says(features.rows[use])
    ends = np.array([np.quantile(fit.scatter.alike(s), [LOW, HIGH]) for s in says])
    factor = truth[use] / nameplate_mw[use]
    inside = (factor >= np.maximum(says + ends[:, 0], 0.0)) & (factor <= says + ends[:, 1])
    miss = np.abs(factor - says) * nameplate_mw[use]
    return Judged(name=name, hours=int(use.sum()), covered=float(inside.mean()), mae_mw=float(miss.mean()))


def _unseen(
    seen: Evidence, c: HourClass, rebuilt: Mapping[str, Rebuilt], draws: int, rng: np.random.Generator
) -> Rebuilt:
    """Rebuild a class without a series: by its nameplate beside the market fleet's, or evenly."""
    n = len(seen.demand_mwh)
    nothing = np.full(n, np.nan)
    size = seen.sizes.get(c.name)
    sibling = next((r for r in rebuilt.values() if r.of.group == c.group and r.of.metering == "market"), None)
    beside = None if sibling is None else seen.sizes.get(sibling.of.name)
    if size is not None and sibling is not None and beside is not None:
        part = np.maximum(sibling.draws, 0.0) / beside.value  # a night's station use is nobody else's
        return Rebuilt(
            of=c, kind=Kind.SIZED, draws=part * size.draws(draws, rng)[:, None], filed=nothing, size=size
        )
    flat = seen.flat.get(c.name)
    if flat is not None:
        even = np.repeat(flat.draws(draws, rng)[:, None], n, axis=1)
        return Rebuilt(of=c, kind=Kind.FLAT, draws=even, filed=nothing)
    return Rebuilt(of=c, kind=Kind.UNKNOWN, draws=np.full((draws, n), np.nan), filed=nothing)


def _day(seen: Evidence, classes: Mapping[str, Rebuilt], judged: tuple[Judged, ...]) -> Day:
    demand = seen.demand_mwh
    made = {name: r.draws for name, r in classes.items()}
    within = np.asarray(sum(made[name] for name, r in classes.items() if r.of.in_demand))
    filed = [r.filed for r in classes.values() if r.of.group in {"wind", "pv"} and r.of.metering == "market"]
    return Day(
        valid_at=seen.hours.valid_at[seen.at],
        timezone=seen.hours.timezone,
        demand=demand,
        classes=classes,
        net_export=within - demand,
        shares={
            (b.name, str(rule)): share.ratio
            for b in ALL
            for rule, share in shares(b, classes, made, demand).items()
        },
        filed_share=np.asarray(sum(filed, np.zeros(len(demand)))) / demand,
        boundaries=ALL,
        judged=judged,
        price=seen.price,
    )


def shares(
    boundary: Boundary, classes: Mapping[str, Rebuilt], made: Mapping[str, Floats], demand: Floats
) -> dict[Rule, Share]:
    """Give the three export rules for `boundary`; links by balance, as `supply` has it.

    Parameters
    ----------
    made : class -> (..., hours) [MWh]
        All classes that the demand includes must be there: the balance needs them.
    demand : (hours,) [MWh]
    """
    counted = [
        r.of for r in classes.values() if any(part.picks(r.of, "renewable") for part in boundary.parts)
    ]
    inside = _total(made, [c.name for c in counted if c.in_demand])
    added = _total(made, [c.name for c in counted if not c.in_demand])
    everything = _total(made, [name for name, r in classes.items() if r.of.in_demand])
    renewable, load, net = inside + added, demand + added, demand - everything
    other, imports, exports = everything - inside, np.maximum(net, 0.0), np.maximum(-net, 0.0)
    return {
        Rule.COVERAGE: coverage(renewable=renewable, load=np.broadcast_to(load, renewable.shape)),
        Rule.PROPORTIONAL: proportional(renewable=renewable, other=other, imports=imports),
        Rule.THERMAL_FIRST: thermal_first(
            renewable=renewable, other=other, imports=imports, exports=exports, load=load
        ),
    }


def _total(made: Mapping[str, Floats], names: list[str]) -> Floats:
    some = next(iter(made.values()))
    return np.asarray(sum((made[n] for n in names), np.zeros(some.shape)))
