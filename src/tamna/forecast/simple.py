"""Two learners that anyone can check: a straight line with the spread of its own misses, and similar hours.

Both take missing features as their mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.forecast.standard import moments, standard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LineModel:
    """A straight line and the quantiles of its misses: the same band everywhere."""

    levels: Floats
    centre: Floats
    spread: Floats
    slopes: Floats
    offset: float
    misses: Floats

    def predict(self, features: Floats) -> Floats:
        """Give quantiles, (rows, levels)."""
        z = standard(features, self.centre, self.spread)
        line = np.einsum("rf,f->r", z, self.slopes) + self.offset
        return np.asarray(line[:, None] + self.misses)

    def as_dict(self) -> dict[str, Any]:
        """Give the line as JSON carries it."""
        return {
            "levels": self.levels.tolist(),
            "centre": self.centre.tolist(),
            "spread": self.spread.tolist(),
            "slopes": self.slopes.tolist(),
            "offset": self.offset,
            "misses": self.misses.tolist(),
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> LineModel:
        """Take up a saved line."""
        levels, centre, spread, slopes = (
            np.array(saved[k]) for k in ("levels", "centre", "spread", "slopes")
        )
        return cls(levels, centre, spread, slopes, float(saved["offset"]), np.array(saved["misses"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Least squares, its slopes pulled to zero by `ridge` (per row, features standardised)."""

    ridge: float = 1e-2

    def fit(
        self, features: Floats, target: Floats, levels: Floats, *, weight: Floats, seed: int
    ) -> LineModel:
        """Learn a line; `seed` is not needed, the answer is unique."""
        del seed
        centre, spread = moments(features)
        z = standard(features, centre, spread)
        w = weight / weight.sum()
        middle = np.einsum("r,rf->f", w, z)  # einsum: the same sum on any number of threads, as BLAS is not
        offset = float(np.einsum("r,r->", w, target))
        zc, tc = z - middle, target - offset
        weighed = zc * w[:, None]
        square = np.einsum("rf,rg->fg", weighed, zc) + self.ridge * np.eye(z.shape[1])
        slopes = np.linalg.solve(square, np.einsum("rf,r->f", weighed, tc))
        miss = tc - np.einsum("rf,f->r", zc, slopes)
        quantiles = weighted_quantiles(miss[None, :], w[None, :], levels)[0]
        return LineModel(levels, centre, spread, slopes, offset - float(middle @ slopes), quantiles)


@dataclass(frozen=True, slots=True, eq=False)
class AnalogueModel:
    """Hours of the past; the nearest `neighbours` in weighted features answer."""

    levels: Floats
    centre: Floats
    spread: Floats
    pull: Floats
    past: Floats
    target: Floats
    neighbours: int

    def predict(self, features: Floats) -> Floats:
        """Give quantiles, (rows, levels), of what followed in the most similar hours."""
        z = standard(features, self.centre, self.spread) * self.pull
        out = np.empty((len(z), len(self.levels)))
        square = (self.past**2).sum(axis=1)
        count = min(self.neighbours, len(self.past))
        for at in range(0, len(z), 512):
            part = z[at : at + 512]
            far = (part**2).sum(axis=1)[:, None] + square - 2 * part @ self.past.T
            near = np.argpartition(far, count - 1, axis=1)[:, :count]
            off = np.sqrt(np.maximum(np.take_along_axis(far, near, axis=1), 0.0))
            weight = 1.0 / (off + off.mean(axis=1, keepdims=True) * 0.2 + 1e-9)
            out[at : at + 512] = weighted_quantiles(self.target[near], weight, self.levels)
        return out

    def as_dict(self) -> dict[str, Any]:
        """Give the hours as JSON carries them."""
        names = ("levels", "centre", "spread", "pull", "past", "target")
        return {n: np.round(getattr(self, n), 6).tolist() for n in names} | {"neighbours": self.neighbours}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> AnalogueModel:
        """Take up saved hours."""
        names = ("levels", "centre", "spread", "pull", "past", "target")
        levels, centre, spread, pull, past, target = (np.array(saved[k]) for k in names)
        return cls(levels, centre, spread, pull, past, target, int(saved["neighbours"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Analogue:
    """Similar hours; a feature counts as it goes along with the target (its absolute correlation)."""

    neighbours: int = 60

    def fit(
        self, features: Floats, target: Floats, levels: Floats, *, weight: Floats, seed: int
    ) -> AnalogueModel:
        """Remember the past; `weight` and `seed` are not needed."""
        del seed, weight
        centre, spread = moments(features)
        z = standard(features, centre, spread)
        along = z.T @ (target - target.mean()) / (len(target) * (target.std() + 1e-12))
        pull = np.abs(along)
        return AnalogueModel(
            levels, centre, spread, pull, z * pull, np.asarray(target, dtype=np.float64), self.neighbours
        )


def weighted_quantiles(values: Floats, weight: Floats, levels: Floats) -> Floats:
    """Give quantiles of each row of `values` under `weight`, by straight lines between the middles of the steps.

    Examples
    --------
    >>> weighted_quantiles(np.array([[3.0, 1.0, 2.0]]), np.ones((1, 3)), np.array([0.5])).tolist()
    [[2.0]]
    """
    order = np.argsort(values, axis=1, kind="stable")
    v, w = np.take_along_axis(values, order, 1), np.take_along_axis(weight, order, 1)
    reach = (np.cumsum(w, axis=1) - w / 2) / w.sum(axis=1, keepdims=True)
    return np.stack([np.interp(levels, r, row) for r, row in zip(reach, v, strict=True)])
