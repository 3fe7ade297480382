"""Seek steps in the daily level of a fleet: suspects, judged as if they were known, and dips that pass.

While a step is unknown it hides twice: the yardstick bends towards it with what season it can draw, and the
noise that is read off the days grows by it. So each suspect is judged once more with the yardstick and the
noise fitted beside it, and only then has to stand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.physics.shape import fit_shape
from tamna.physics.steps import Judge, held_in, step
from tamna.physics.wander import YEAR, Daily, Noise, noise_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

RAMPS = (0, 10)
NEAR_DAYS = 75
"""How far from its surest day a break's day is looked for."""
EDGE_DAYS = 21
"""A break needs this many days on either side, 15 of them informative."""
LONGEST_OUTAGE = 45
"""A dip that ends within so many days is service or damage, not a change of what is counted."""
FLOOR = 0.03
"""Added to a day's ratio, so that a day of nothing has a logarithm."""
_EDGE_INFORMATIVE = 15
_LEAST_HOURS, _LEAST_WEATHER = 0.6, 0.25  # of a usual day
_BACK_DAYS = 10  # informative days of the old level that must follow a dip
_SUSPECT, _SUSPECTS = 2.0, 3  # standard errors from which a day is looked at with a step there known
_LOOKED_FOR = 3.7  # standard errors that a step needs at least: hundreds of days are looked at
_STRAIGHT = 0.05  # a log level that changes by less goes as evenly as its fleet
_PLAIN = 5.0  # so sure a step needs no rival
_DIP_GAIN = 8.0  # of the square of a dip's score over that of a step


@dataclass(frozen=True, slots=True)
class Step:
    """A step that starts on `day` and takes `ramp` days."""

    day: int
    ramp: int


@dataclass(frozen=True, slots=True)
class Dated(Step):
    """A step with the 90 % interval of its day."""

    earliest: int
    latest: int


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Hours of a series beside its weather; `day` counts from 0."""

    basis: Floats
    measured: Floats
    use: Bools
    day: Ints

    def judged(self, steps: Sequence[Step]) -> Found:
        """Fit the yardstick with the steps known, and lay the days out."""
        n = int(self.day[-1]) + 1
        rises = np.column_stack([np.zeros((len(self.day), 0)), *(rise_of(self.day, s) for s in steps)])
        shape = fit_shape(
            self.basis,
            self.measured,
            self.use,
            np.asarray((self.day - n / 2) / YEAR, dtype=np.float64),
            rises,
        )
        return Found.of(shape.power, self._sums(shape.power, n), steps, shape.sizes)

    def without(self, days: tuple[int, int]) -> Table:
        """Give the same table with the days from the first to before the last saying nothing."""
        kept = (self.day < days[0]) | (self.day >= days[1])
        return replace(self, use=self.use & kept)

    def _sums(self, shape: Floats, n: int) -> tuple[Floats, Floats, Floats]:
        day = self.day[self.use]
        have, should, hours = (
            np.bincount(day, values, n).astype(np.float64)
            for values in (self.measured[self.use], shape[self.use], np.ones(len(day)))
        )
        return have, should, hours


def rise_of(day: Ints, one: Step) -> Floats:
    """Give how much of a step has happened on each day, 0..1."""
    return step(day, np.array([one.day]), one.ramp)[:, 0]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The days laid out, with the steps known so far."""

    shape: Floats
    daily: Daily
    noise: Noise
    judge: Judge
    scale: float
    every: Ints
    beside: Floats
    columns: tuple[Floats, ...]
    sizes: Floats

    @classmethod
    def of(
        cls, shape: Floats, sums: tuple[Floats, Floats, Floats], steps: Sequence[Step], sizes: Floats
    ) -> Found:
        """Lay out days of energy, potential and hours `sums`, with `steps` of these `sizes` known."""
        have, should, hours = sums
        every = np.arange(len(have))
        whole = hours >= _LEAST_HOURS * np.median(hours[hours > 0])
        usual = float(np.median(should[whole]))
        info = whole & (should > _LEAST_WEATHER * usual)
        seen = np.ones(len(every))
        for one, size in zip(steps, sizes, strict=True):
            seen *= 1.0 + np.expm1(size) * rise_of(every, one)
        ratio = have / np.maximum(should, 1e-9)
        scale = max(float(np.median((ratio / np.maximum(seen, FLOOR))[info])), 1e-9)
        z = np.log(np.maximum(ratio[info] / scale, 0.0) + FLOOR)
        held, variance = held_in(z, should[info])
        windy = np.log(np.clip(should, *np.quantile(should[info], (0.0, 1.0))) / usual)
        beside = np.column_stack([windy, windy**2])
        daily = Daily(every[info], held, variance / np.median(variance), beside[info])
        columns = tuple(_bent(rise_of(daily.day, s), a) for s, a in zip(steps, sizes, strict=True))
        noise = noise_of(daily, columns)
        return cls(shape, daily, noise, Judge(daily, noise), scale, every, beside, columns, sizes)

    def next(
        self, table: Table, steps: Sequence[Step], score: float, least_share: float
    ) -> list[Step] | tuple[int, int] | None:
        """Give the steps with one more, or the days of a dip that passes, or None where there is neither.

        A suspect is judged as if it were known: while it is not, it bends the yardstick and adds to the noise.
        """
        best: list[Step] | None = None
        most, dips = 0.0, []
        for one in self.suspects(steps, least_share):
            more = sorted([*steps, one], key=lambda s: s.day)
            tried = table.judged(more)
            settled, sure = tried.settled(more, score, least_share)
            stands = len(settled) > len(steps)
            dip = tried.passing(settled if stands else more, more.index(one), score, least_share)
            if dip is not None:
                dips.append(dip)
            elif stands and sure > most:
                best, most = settled, sure
            if most > _PLAIN:
                break
        return dips[0] if best is None and dips else best

    def suspects(self, steps: Sequence[Step], least_share: float) -> list[Step]:
        """Give up to three days, apart from each other, from which the level may have changed."""
        days = self.daily.day
        start = np.arange(days[0] + EDGE_DAYS, days[-1] - EDGE_DAYS + 2, 2)  # `settled` finds the day itself
        after = len(days) - np.searchsorted(days, start)
        start = start[np.minimum(len(days) - after, after) >= _EDGE_INFORMATIVE]
        for one in steps:
            start = start[np.abs(start - one.day) >= EDGE_DAYS]
        judge = self.judge.beside(self.columns)
        judged = [judge.of(step(days, start, ramp)) for ramp in RAMPS]
        scores = np.array([np.where(np.abs(j.size) > least_share / 2, np.abs(j.score), 0.0) for j in judged])
        out: list[Step] = []
        while scores.size and scores.max() >= _SUSPECT and len(out) < _SUSPECTS:
            row, at = np.unravel_index(scores.argmax(), scores.shape)
            out.append(Step(int(start[at]), RAMPS[row]))
            scores[:, np.abs(start - start[at]) < EDGE_DAYS] = 0.0
        return out

    def passing(
        self, steps: Sequence[Step], i: int, score: float, least_share: float
    ) -> tuple[int, int] | None:
        """Give the days of a dip of which step `i` is one edge: it explains the days better than the step does.

        A dip that reaches the end of the record, or lasts longer than 45 days, cannot be told from a step.
        """
        days, one = self.daily.day, steps[i]
        judge = self.judge.beside([c for k, c in enumerate(self.columns) if k != i])
        near = np.arange(one.day - 3, one.day + 4)
        # what looks like a ramp may be a dip that begins or ends at once on any of its days
        edge = np.arange(one.day - 3, one.day + one.ramp + 4)[:, None] + np.zeros(
            LONGEST_OUTAGE - 2, dtype=int
        )
        away = np.arange(3, LONGEST_OUTAGE + 1)[None, :]
        first = np.concatenate([edge, edge - away]).ravel()
        last = np.concatenate([edge + away, edge]).ravel()
        whole = (first > days[_BACK_DAYS]) & (last <= days[-_BACK_DAYS]) & (last - first >= 3)
        first, last = first[whole], last[whole]
        if not len(first):
            return None
        dips = judge.of(step(days, first, 0) - step(days, last, 0))
        k = int(np.abs(dips.score).argmax())
        steady = max(
            np.abs(judge.of(step(days, at, ramp)).score).max()
            for at, ramp in ((near, one.ramp), (edge[:, 0], 0))
        )
        better = dips.score[k] ** 2 - steady**2 > _DIP_GAIN
        return (int(first[k]), int(last[k])) if better and dips.beyond(least_share)[k] > score else None

    def settled(self, steps: Sequence[Step], score: float, least_share: float) -> tuple[list[Step], float]:
        """Look for each step again beside the others, and say how sure the least sure is.

        One that no longer counts is dropped.
        """
        out, least = [], np.inf
        for i, one in enumerate(steps):
            others = [c for k, c in enumerate(self.columns) if k != i]
            near = np.arange(one.day - EDGE_DAYS + 1, one.day + EDGE_DAYS)
            near = near[
                (near > self.daily.day[_EDGE_INFORMATIVE]) & (near < self.daily.day[-_EDGE_INFORMATIVE])
            ]
            near = near[
                [all(abs(d - s.day) >= EDGE_DAYS for k, s in enumerate(steps) if k != i) for d in near]
            ]
            again, sure = self._surest(self.judge.beside(others), near, self.sizes[i], least_share)
            if again is not None and sure >= score:
                out.append(again)
                least = min(least, sure)
        return out, least

    def _surest(
        self, judge: Judge, start: Ints, size: float, least_share: float
    ) -> tuple[Step | None, float]:
        best, most = None, -np.inf
        for ramp in RAMPS if len(start) else ():
            judged = judge.of(_bent(step(self.daily.day, start, ramp), size))
            i = int(np.abs(judged.score).argmax())
            if abs(judged.score[i]) > max(most, _LOOKED_FOR):
                best, most = Step(int(start[i]), ramp), float(abs(judged.score[i]))
                beyond = float(judged.beyond(least_share)[i])
        return (None, -np.inf) if best is None else (best, beyond)

    def dated(self, steps: Sequence[Step], i: int) -> Dated:
        """Date a step by all that its days say: the median of its middle, and a 90 % interval of its start.

        Each day and ramp weighs by its likelihood, the size left open. Where the level is noisy the surest day is
        one of many that are nearly as sure, and the middle of these errs less. The interval is of the start
        under either ramp: whether it came at once or over ten days is itself not known.
        """
        days, one = self.daily.day, steps[i]
        judge = self.judge.beside([c for k, c in enumerate(self.columns) if k != i])
        size = self.sizes[i]
        start = np.arange(one.day - NEAR_DAYS, one.day + NEAR_DAYS + 1)
        inside = (start > days[_EDGE_INFORMATIVE]) & (start < days[-_EDGE_INFORMATIVE])
        apart = [all(abs(d - s.day) >= EDGE_DAYS // 2 for k, s in enumerate(steps) if k != i) for d in start]
        middle = start[(inside & apart) | (start == one.day)] + one.ramp // 2
        begun = np.array([middle - ramp // 2 for ramp in RAMPS])
        log = np.empty(begun.shape)
        for row, at, ramp in zip(log, begun, RAMPS, strict=True):
            judged = judge.of(_bent(step(days, at, ramp), size))
            row[:] = judged.score**2 / 2.0 + np.log(judged.error)
        weight = np.exp(log - log.max())
        ramp = RAMPS[int(weight.sum(axis=1).argmax())]
        day = _weighed(middle, weight.sum(axis=0), 0.5) - ramp // 2
        return Dated(day, ramp, *(_weighed(begun.ravel(), weight.ravel(), q) for q in (0.05, 0.95)))


def _weighed(values: Ints, weight: Floats, q: float) -> int:
    """Give the value below or at which the share `q` of the weight lies."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order]) / weight.sum()
    return int(values[order][min(int(np.searchsorted(below, q)), len(values) - 1)])


def _bent(rise: Floats, size: float) -> Floats:
    """Turn columns of a fleet that goes evenly into those of its log level, which falls late where most of it goes."""
    if abs(size) < _STRAIGHT:
        return rise
    whole = np.log((np.exp(size) + FLOOR) / (1.0 + FLOOR))
    return np.asarray(np.log((1.0 + np.expm1(size) * rise + FLOOR) / (1.0 + FLOOR)) / whole)
