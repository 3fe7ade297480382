"""A small network that gives all quantiles at once: smooth where trees are stepped.

Two hidden layers in plain numpy, trained on the pinball loss of every level together. Deterministic for a seed,
and saved as JSON.
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
    Singles = NDArray[np.float32]

CUT = 5.0
"""Features beyond so many standard deviations count as that many."""
BEND = 0.05
"""Errors smaller than this part of the target's spread count by their square, so that the slope is smooth."""


@dataclass(frozen=True, slots=True, eq=False)
class NetworkModel:
    """A fitted network: standardise, tanh, tanh, line. A missing feature counts as its mean."""

    levels: Floats
    centre: Floats
    spread: Floats
    weights: tuple[Singles, ...]
    offset: float
    scale: float

    def predict(self, features: Floats) -> Floats:
        """Give quantiles, (rows, levels), in the unit of the target; they may not cross.

        Parameters
        ----------
        features : (rows, features)
            As in the fit; NaN is allowed.
        """
        w1, b1, w2, b2, w3, b3 = self.weights
        out = np.tanh(np.tanh(_standard(features, self.centre, self.spread) @ w1 + b1) @ w2 + b2) @ w3 + b3
        return np.sort(out.astype(np.float64) * self.scale + self.offset, axis=1)

    def as_dict(self) -> dict[str, Any]:
        """Give the network as JSON carries it."""
        return {
            "levels": self.levels.tolist(),
            "centre": self.centre.tolist(),
            "spread": self.spread.tolist(),
            "weights": [w.astype(float).tolist() for w in self.weights],
            "offset": self.offset,
            "scale": self.scale,
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> NetworkModel:
        """Take up a saved network."""
        return cls(
            np.array(saved["levels"]),
            np.array(saved["centre"]),
            np.array(saved["spread"]),
            tuple(np.array(w, dtype=np.float32) for w in saved["weights"]),
            float(saved["offset"]),
            float(saved["scale"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How to fit a network.

    Attributes
    ----------
    width
        Neurons in each hidden layer.
    epochs, batch, rate, decay
        Passes over the rows, rows a step, first step size (it falls along a cosine), pull of the weights to zero.
    noise
        Standard deviation of what is added to the standardised features in each step: less is learned by heart.
    """

    width: int = 64
    epochs: int = 12
    batch: int = 256
    rate: float = 3e-3
    decay: float = 1e-2
    noise: float = 0.0

    def fit(
        self, features: Floats, target: Floats, levels: Floats, *, weight: Floats, seed: int
    ) -> NetworkModel:
        """Learn the quantiles of `target` at `levels`.

        Parameters
        ----------
        features : (rows, features)
            NaN counts as the feature's mean.
        target : (rows,)
            Without NaN.
        levels : (levels,)
            Increasing, in (0, 1).
        weight : (rows,)
            How much each row counts.
        """
        rng = np.random.default_rng(seed)
        centre, spread = moments(features)
        z = _standard(features, centre, spread)
        offset, scale = float(np.median(target)), float(target.std()) + 1e-12
        t = ((target - offset) / scale).astype(np.float32)
        w = (weight / weight.mean()).astype(np.float32)
        tau = levels.astype(np.float32)
        weights = _begin(rng, features.shape[1], self.width, np.quantile(t, levels).astype(np.float32))
        first, second = ([np.zeros_like(v) for v in weights] for _again in range(2))
        batch = min(self.batch, len(t))
        steps = self.epochs * (len(t) // batch)
        step = 0
        for _epoch in range(self.epochs):
            order = rng.permutation(len(t))
            for at in range(0, len(t) - batch + 1, batch):
                pick = order[at : at + batch]
                seen = z[pick]
                if self.noise:
                    seen = seen + np.float32(self.noise) * rng.standard_normal(seen.shape, dtype=np.float32)
                slopes = _slopes(weights, seen, t[pick], w[pick], tau)
                step += 1
                rate = self.rate * 0.5 * (1.0 + np.cos(np.pi * step / steps))
                _move(weights, slopes, first, second, step=step, rate=rate, decay=self.decay)
        rounded = tuple(np.round(v, 6) for v in weights)
        return NetworkModel(levels, centre, spread, rounded, offset, scale)


def _standard(features: Floats, centre: Floats, spread: Floats) -> Singles:
    z: Singles = np.clip(standard(features, centre, spread), -CUT, CUT).astype(np.float32)
    return z


def _begin(rng: np.random.Generator, columns: int, width: int, last: Singles) -> list[Singles]:
    def drawn(inputs: int, outputs: int, size: float) -> Singles:
        made: Singles = (rng.standard_normal((inputs, outputs)) * size / np.sqrt(inputs)).astype(np.float32)
        return made

    zeros = np.zeros(width, dtype=np.float32)
    return [
        drawn(columns, width, 1.0), zeros.copy(), drawn(width, width, 1.0), zeros.copy(),
        drawn(width, len(last), 0.3), last,
    ]  # fmt: skip


def _slopes(weights: list[Singles], x: Singles, t: Singles, w: Singles, tau: Singles) -> list[Singles]:
    """Give the loss's slope by each weight: pinball, bent near zero."""
    w1, b1, w2, b2, w3, b3 = weights
    a = np.tanh(x @ w1 + b1)
    c = np.tanh(a @ w2 + b2)
    miss = t[:, None] - (c @ w3 + b3)
    side = np.where(miss > 0, -tau, 1 - tau)
    g = (side * np.minimum(np.abs(miss) / BEND, 1.0) * (w / len(t))[:, None]).astype(np.float32)
    gc = (g @ w3.T) * (1 - c * c)
    ga = (gc @ w2.T) * (1 - a * a)
    return [x.T @ ga, ga.sum(axis=0), a.T @ gc, gc.sum(axis=0), c.T @ g, g.sum(axis=0)]


def _move(
    weights: list[Singles],
    slopes: list[Singles],
    first: list[Singles],
    second: list[Singles],
    *,
    step: int,
    rate: float,
    decay: float,
) -> None:
    """Take one step of Adam with decoupled weight decay."""
    size = np.float32(rate / (1 - 0.9**step))
    for weight, slope, mean, square in zip(weights, slopes, first, second, strict=True):
        np.add(mean, np.float32(0.1) * (slope - mean), out=mean)
        np.add(square, np.float32(0.001) * (slope * slope - square), out=square)
        if weight.ndim == 2:
            np.multiply(weight, np.float32(1 - rate * decay), out=weight)
        reach = np.sqrt(square / np.float32(1 - 0.999**step)) + np.float32(1e-8)
        np.subtract(weight, size * mean / reach, out=weight)
