"""Boosted trees (LightGBM), one model a quantile level; levels in between are interpolated.

The same rows and seed give the same bytes, on one thread or more (LightGBM's deterministic mode, one thread here).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import lightgbm as lgb
import numpy as np

from tamna.forecast.levels import between

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TreesModel:
    """A booster for each of `own` levels; answers at `levels` by straight lines between them."""

    levels: Floats
    own: Floats
    boosters: tuple[lgb.Booster, ...]

    def predict(self, features: Floats) -> Floats:
        """Give quantiles, (rows, levels): sorted, so that they do not cross."""
        found = np.stack([np.asarray(b.predict(features, num_threads=1)) for b in self.boosters], axis=1)
        return between(np.sort(found, axis=1), self.own, self.levels)

    def contributions(self, features: Floats) -> Floats:
        """Say what each feature adds to the middle level, (rows, features + 1): the last column is the base."""
        middle = self.boosters[int(np.argmin(np.abs(self.own - 0.5)))]
        return np.asarray(middle.predict(features, pred_contrib=True, num_threads=1), dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Give the trees as JSON carries them: LightGBM's own text."""
        return {
            "levels": self.levels.tolist(),
            "own": self.own.tolist(),
            "boosters": [b.model_to_string() for b in self.boosters],
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> TreesModel:
        """Take up saved trees."""
        boosters = tuple(lgb.Booster(model_str=text) for text in saved["boosters"])
        return cls(np.array(saved["levels"]), np.array(saved["own"]), boosters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """How to fit trees.

    Attributes
    ----------
    rounds, rate, leaves, least
        Trees a level, step size, leaves a tree, rows a leaf at least.
    feature_part, row_part
        What part of the features and rows each tree sees, drawn by the seed.
    own
        The levels that get a model of their own; empty means all that are asked for.
    """

    rounds: int = 160
    rate: float = 0.05
    leaves: int = 24
    least: int = 40
    feature_part: float = 0.4
    row_part: float = 0.7
    own: tuple[float, ...] = ()

    def fit(
        self, features: Floats, target: Floats, levels: Floats, *, weight: Floats, seed: int
    ) -> TreesModel:
        """Learn the quantiles of `target`; NaN among the features is taken as it is."""
        own = np.array(self.own) if self.own else levels
        options = {
            "objective": "quantile",
            "learning_rate": self.rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.least,
            "feature_fraction": self.feature_part,
            "bagging_fraction": self.row_part,
            "bagging_freq": 1,
            "max_bin": 127,
            "lambda_l2": 1.0,
            "seed": seed,
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": 1,
            "verbose": -1,
        }
        data = lgb.Dataset(features, target, weight=weight, params=options, free_raw_data=False).construct()
        boosters = tuple(lgb.train({**options, "alpha": float(a)}, data, self.rounds) for a in own)
        return TreesModel(levels, own, boosters)
