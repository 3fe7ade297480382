"""Two small learners for the same question: a smooth one and a stepped one. Their mean errs less than either.

The smooth one is a network with two hidden layers in plain numpy; the stepped one is LightGBM. Both are
deterministic for a seed, and both save themselves as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import lightgbm as lgb
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]

WIDTH = 32
EPOCHS = 24
BATCH = 256
RATE = 3e-3
DECAY = 1e-2
TREES = 130


@dataclass(frozen=True, slots=True)
class Network:
    """Features to a number: standardise, tanh, tanh, line. A row with a missing feature gives NaN."""

    centre: Floats
    spread: Floats
    weights: tuple[Singles, ...]
    scale: float
    offset: float

    def predict(self, features: Floats) -> Floats:
        """Give one number a row."""
        w1, b1, w2, b2, w3, b3 = self.weights
        z = ((features - self.centre) / self.spread).astype(np.float32)
        out = np.tanh(np.tanh(z @ w1 + b1) @ w2 + b2) @ w3 + b3
        return np.asarray(out[:, 0].astype(np.float64) * self.scale + self.offset)

    def as_dict(self) -> dict[str, Any]:
        """Give the network as JSON carries it."""
        return {
            "centre": self.centre.tolist(),
            "spread": self.spread.tolist(),
            "weights": [np.round(w.astype(float), 6).tolist() for w in self.weights],
            "scale": self.scale,
            "offset": self.offset,
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Network:
        """Take up a saved network."""
        return cls(
            np.array(saved["centre"]),
            np.array(saved["spread"]),
            tuple(np.array(w, dtype=np.float32) for w in saved["weights"]),
            float(saved["scale"]),
            float(saved["offset"]),
        )


def fit_network(
    features: Floats, target: Floats, *, seed: int = 0, epochs: int = EPOCHS, width: int = WIDTH
) -> Network:
    """Fit a network by Adam on Huber's loss (0.4 of the target's spread), cosine-annealed.

    Parameters
    ----------
    features : (rows, features)
        Without NaN.
    target : (rows,)
        What to predict; errors beyond the Huber bend count linearly, so outages pull little.
    """
    rng = np.random.default_rng(seed)
    rows, columns = features.shape
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    offset, scale = float(target.mean()), float(target.std()) + 1e-9
    z = ((features - centre) / spread).astype(np.float32)
    t = ((target - offset) / scale).astype(np.float32)
    sizes = [columns, width, width // 2, 1]
    weights: list[Singles] = []
    for before, after in pairwise(sizes):
        weights.append(rng.normal(0.0, 1.0 / np.sqrt(before), (before, after)).astype(np.float32))
        weights.append(np.zeros(after, dtype=np.float32))
    first = [np.zeros_like(w) for w in weights]
    second = [np.zeros_like(w) for w in weights]
    steps = epochs * -(-rows // BATCH)
    step = 0
    for _epoch in range(epochs):
        order = rng.permutation(rows)
        for start in range(0, rows, BATCH):
            pick = order[start : start + BATCH]
            slopes = _slopes(weights, z[pick], t[pick])
            step += 1
            rate = RATE * 0.5 * (1.0 + np.cos(np.pi * step / steps))
            for i, slope in enumerate(slopes):
                first[i] += 0.1 * (slope - first[i])
                second[i] += 0.001 * (slope * slope - second[i])
                move = first[i] / (1 - 0.9**step) / (np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8)
                weights[i] -= np.float32(rate) * (move + (DECAY * weights[i] if i % 2 == 0 else 0.0))
    return Network(centre, spread, tuple(np.round(w, 6) for w in weights), scale, offset)


def _slopes(weights: list[Singles], x: Singles, t: Singles) -> list[Singles]:
    w1, b1, w2, b2, w3, b3 = weights
    a = np.tanh(x @ w1 + b1)
    c = np.tanh(a @ w2 + b2)
    miss = (c @ w3 + b3)[:, 0] - t
    g = (np.clip(miss / 0.15, -1.0, 1.0) / len(t))[:, None].astype(np.float32)
    gc = g @ w3.T * (1.0 - c * c)
    ga = gc @ w2.T * (1.0 - a * a)
    return [x.T @ ga, ga.sum(axis=0), a.T @ gc, gc.sum(axis=0), c.T @ g, g.sum(axis=0)]


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted trees; missing features are taken as they are."""

    booster: lgb.Booster

    def predict(self, features: Floats) -> Floats:
        """Give one number a row."""
        return np.asarray(self.booster.predict(features, num_threads=1), dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Give the trees as JSON carries them: LightGBM's own text."""
        return {"lightgbm": self.booster.model_to_string()}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Trees:
        """Take up saved trees."""
        return cls(lgb.Booster(model_str=saved["lightgbm"]))


def fit_trees(
    features: Floats, target: Floats, *, seed: int = 0, trees: int = TREES, leaves: int = 31
) -> Trees:
    """Fit boosted trees on the absolute error, the same bytes for the same seed."""
    options = {
        "objective": "l1",
        "learning_rate": 0.1,
        "num_leaves": leaves,
        "min_child_samples": 30,
        "bagging_fraction": 0.6,
        "bagging_freq": 1,
        "feature_fraction": 0.3,
        "max_bin": 63,
        "seed": seed,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    return Trees(lgb.train(options, lgb.Dataset(features, target), trees))


def blend(networks: Sequence[Network], trees: Trees, features: Floats) -> Floats:
    """Give the mean of networks and trees; the trees alone where a feature is missing, NaN where most are."""
    stepped = trees.predict(features)
    smooth = np.mean([network.predict(features) for network in networks], axis=0)
    both = np.where(np.isnan(smooth), stepped, 0.5 * (smooth + stepped))
    return np.where(np.isnan(features).mean(axis=1) > 0.7, np.nan, both)
