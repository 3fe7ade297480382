"""The verb: renewable shares of an island's hours, by declared boundary, export rule and period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import Resolution
from tamna.grid.rules import Rule
from tamna.lang import Message, _
from tamna.measure.bins import Bins
from tamna.measure.boundaries import ALL, Boundary
from tamna.measure.supply import Supply, supply, why_not
from tamna.measure.tracks import Definition, Matching, Measure, Track, tracks
from tamna.measure.words import Listing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.measure.bins import Sums
    from tamna.measure.island import IslandHours

    Key = tuple[str, str]  # name of the boundary, name of the measure

RULES: tuple[Measure, ...] = (*Rule, *Matching)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One number with all that belongs to it.

    Attributes
    ----------
    period
        Name of the period: ``2023``, ``2023-04``, ``2023-DJF``...
    value
        The share [-], or None: then `reason` says why there is none.
    hours_counted, hours_missing
        Hours with every input, and hours of the period without.
    estimated_hours, suspect_hours, coverage_hours
        Counted hours in which any input is estimated, suspect, or of a series that lacks part of its
        fleet.
    estimated_share
        Estimated part of the counted renewable energy [-].
    """

    period: str
    value: float | None
    reason: Message | None
    definition: Definition
    numerator_mwh: float
    denominator_mwh: float
    hours_counted: int
    hours_missing: int
    estimated_hours: int
    suspect_hours: int
    coverage_hours: int
    estimated_share: float

    @property
    def estimated(self) -> bool:
        """Whether any part of the answer rests on an estimate."""
        return self.estimated_hours > 0


@dataclass(frozen=True, kw_only=True)
class Answers:
    """One boundary under one measure over all periods; arrays are (periods,)."""

    hours: IslandHours
    track: Track
    bins: Bins
    sums: NDArray[np.float64]

    @property
    def numerator_mwh(self) -> NDArray[np.float64]:
        """Sum of the hours' numerators [MWh]."""
        return self._row(0)

    @property
    def denominator_mwh(self) -> NDArray[np.float64]:
        """Sum of the hours' denominators [MWh]."""
        return self._row(1)

    @cached_property
    def value(self) -> NDArray[np.float64]:
        """Sum over sum [-]; NaN where unavailable."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = self.sums[0] / self.sums[1]
        return np.where((self.sums[2] > 0) & (self.sums[1] != 0), ratio, np.nan)

    @property
    def hours_counted(self) -> NDArray[np.int64]:
        """Hours with every input."""
        return self._count(2)

    @property
    def hours_missing(self) -> NDArray[np.int64]:
        """Hours of the period without every input."""
        missing: NDArray[np.int64] = self.bins.hours - self.hours_counted
        return missing

    @property
    def estimated_hours(self) -> NDArray[np.int64]:
        """Counted hours with an estimated input."""
        return self._count(3)

    @property
    def suspect_hours(self) -> NDArray[np.int64]:
        """Counted hours with a suspect input."""
        return self._count(4)

    @property
    def coverage_hours(self) -> NDArray[np.int64]:
        """Counted hours with an input that lacks part of its fleet."""
        return self._count(5)

    @cached_property
    def estimated_share(self) -> NDArray[np.float64]:
        """Estimated part of the counted renewable energy [-]; NaN where there is none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            part = self.sums[7] / self.sums[6]
        return np.where(self.sums[6] > 0, part, np.nan)

    def _row(self, i: int) -> NDArray[np.float64]:
        row: NDArray[np.float64] = self.sums[i]
        return row

    def _count(self, i: int) -> NDArray[np.int64]:
        return self._row(i).astype(np.int64)

    def __len__(self) -> int:
        return len(self.bins)

    def __getitem__(self, i: int) -> Answer:
        i = range(len(self))[i]
        value = float(self.value[i])
        return Answer(
            period=self.bins.names[i],
            value=None if np.isnan(value) else value,
            reason=self.reason(i) if np.isnan(value) else None,
            definition=self.track.definition,
            numerator_mwh=float(self.sums[0, i]),
            denominator_mwh=float(self.sums[1, i]),
            hours_counted=int(self.sums[2, i]),
            hours_missing=int(self.hours_missing[i]),
            estimated_hours=int(self.sums[3, i]),
            suspect_hours=int(self.sums[4, i]),
            coverage_hours=int(self.sums[5, i]),
            estimated_share=float(self.estimated_share[i]),
        )

    def reason(self, i: int) -> Message:
        """Say why period `i` has no answer."""
        counted, hours = self.track.definition.counted, self.bins.slice(i)
        if counted.empty:
            return _("not measured: {parts}", parts=Listing(tuple(p.title for p in counted.empty)))
        if not counted.classes:
            return _("no class of the island belongs to this boundary")
        absent = [c for c in counted.classes if not np.isfinite(c.column.mwh[hours]).any()]
        if absent:
            return _("not measured in this period: {parts}", parts=Listing(tuple(absent)))
        flows = self.track.supply
        if flows is not None and not flows.answered[hours].any():
            return why_not(self.hours, hours)
        if self.sums[2, i] > 0:
            return _("the denominator is zero")
        return _("no hour of this period has demand and every counted class")


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Shares of an island's hours, for every boundary and measure asked for, by period.

    Examples
    --------
    ``m["settled", "coverage"][0].value`` is the first period's share; ``m.hourly("btm", "thermal_first")``
    the hourly ratios; ``m.at(Resolution.MONTH)`` the same hours by month, without working them out again.
    """

    hours: IslandHours
    boundaries: tuple[Boundary, ...]
    measures: tuple[Measure, ...]
    bins: Bins
    supply: Supply
    tracks: dict[Key, Track]
    answers: dict[Key, Answers]
    days: tuple[Bins, dict[Key, Sums]]

    @property
    def by(self) -> Resolution:
        """How long the periods are."""
        return self.bins.by

    def __getitem__(self, key: tuple[str, str]) -> Answers:
        return self.answers[key]

    def hourly(self, boundary: str, measure: str) -> NDArray[np.float64]:
        """Give the share of each hour, (hours,) [-]."""
        return self.tracks[boundary, measure].share.ratio

    def at(self, by: Resolution) -> Measurement:
        """Give the same measurement by other periods."""
        bins = Bins(self.hours.valid_at, by, self.hours.timezone)
        return Measurement(
            hours=self.hours,
            boundaries=self.boundaries,
            measures=self.measures,
            bins=bins,
            supply=self.supply,
            tracks=self.tracks,
            answers=_answers(self.hours, self.tracks, bins, self.days),
            days=self.days,
        )


def measure(
    hours: IslandHours,
    boundaries: Sequence[Boundary] = ALL,
    rules: Sequence[Measure] = RULES,
    by: Resolution = Resolution.YEAR,
) -> Measurement:
    """Measure renewable shares under every boundary and rule, by period.

    An hour in which any input of a rule is missing leaves numerator and denominator together; the
    answer says how many hours it counts, how many it lacks, and how much of it rests on estimated,
    suspect or incomplete series. Where imports, exports or thermal generation are not measured, the
    rules that need them answer with a flagged estimate by balance, or not at all, with the reason.

    Parameters
    ----------
    hours
        The island's hours, [MWh].
    boundaries
        Which generation counts; `tamna.measure.boundaries.ALL` or one's own.
    rules
        Export rules, hourly matching, and the carbon-free twins.
    by
        Period of the answers; `Measurement.at` gives others at little cost.

    Raises
    ------
    UsageError
        No boundary or no rule is asked for, or two boundaries share a name.

    Examples
    --------
    >>> import numpy as np
    >>> from tamna.measure.island import Column, HourClass, IslandHours
    >>> hours = IslandHours(
    ...     valid_at=np.array(["2025-04-14T03:00", "2025-04-14T04:00"], dtype="datetime64[s]"),
    ...     demand=Column.of([532.6, 552.8], "system"),
    ...     classes=(HourClass(name="wind", column=Column.of([217.0, 240.0], "settled"), renewable=True),
    ...              HourClass(name="pv", column=Column.of([369.0, np.nan], "settled"), renewable=True)))
    >>> answer = measure(hours)["settled", "coverage"][0]
    >>> round(answer.value, 2), answer.hours_counted, answer.hours_missing
    (1.1, 1, 1)
    >>> str(measure(hours)["settled", "proportional"][0].reason)
    'not measured in this period: imports and exports, thermal generation'
    """
    boundaries, rules = tuple(boundaries), tuple(rules)
    _check(boundaries, rules)
    flows = supply(hours)
    found = {
        (b.name, str(m)): track for b in boundaries for m, track in tracks(hours, b, rules, flows).items()
    }
    bins = Bins(hours.valid_at, by, hours.timezone)
    days = Bins(hours.valid_at, Resolution.DAY, hours.timezone)
    daily = (days, {key: days.add_up(track.rows) for key, track in found.items()})
    return Measurement(
        hours=hours,
        boundaries=boundaries,
        measures=rules,
        bins=bins,
        supply=flows,
        tracks=found,
        answers=_answers(hours, found, bins, daily),
        days=daily,
    )


def _answers(
    hours: IslandHours, found: Mapping[Key, Track], bins: Bins, daily: tuple[Bins, Mapping[Key, Sums]]
) -> dict[Key, Answers]:
    days, sums = daily
    whole_days = bins.by is not Resolution.HOUR
    return {
        key: Answers(
            hours=hours,
            track=track,
            bins=bins,
            sums=bins.add_up_days(sums[key], days) if whole_days else track.rows,
        )
        for key, track in found.items()
    }


def _check(boundaries: tuple[Boundary, ...], rules: tuple[Measure, ...]) -> None:
    if not boundaries or not rules:
        raise UsageError(
            _("nothing to measure: no boundary or no rule given"),
            todo=_("Leave both out to measure all of them."),
        )
    names = [b.name for b in boundaries]
    if len(set(names)) < len(names):
        raise UsageError(
            _("two boundaries share a name"), seen=", ".join(names), todo=_("Give each its own name.")
        )
