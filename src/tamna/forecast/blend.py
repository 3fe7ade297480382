"""Several learners, one answer: how to fit them together, and the fitted whole.

Quantiles of the members are averaged level by level (Vincent's average), which keeps their shape. A member
that knows only the middle moves the band of the others to the shared middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tamna.errors import InputError, UsageError
from tamna.forecast.network import Network, NetworkModel
from tamna.forecast.simple import Analogue, AnalogueModel, Line, LineModel
from tamna.forecast.trees import Trees, TreesModel
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_ROWS = 200


class Model(Protocol):
    """What every fitted learner can do."""

    def predict(self, features: Floats) -> Floats:
        """Give quantiles, (rows, levels)."""

    def as_dict(self) -> dict[str, Any]:
        """Give itself as JSON carries it."""


class Learner(Protocol):
    """What every learner can do."""

    def fit(self, features: Floats, target: Floats, levels: Floats, *, weight: Floats, seed: int) -> Model:
        """Learn quantiles of `target` at `levels`."""


KINDS: dict[str, Any] = {
    "network": NetworkModel,
    "trees": TreesModel,
    "line": LineModel,
    "analogue": AnalogueModel,
}
_NAME_OF = {Network: "network", Trees: "trees", Line: "line", Analogue: "analogue"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One learner of a blend.

    Attributes
    ----------
    weight
        Its part of the answer. [-]
    whole
        Whether it gives the band too; else only its middle counts.
    """

    learner: Learner
    weight: float = 1.0
    whole: bool = True

    @property
    def kind(self) -> str:
        """Its name in saved models."""
        return _NAME_OF[type(self.learner)]


@dataclass(frozen=True, slots=True, eq=False)
class BlendModel:
    """Fitted members: `kinds`, `weights`, `whole` and `models` in one order."""

    levels: Floats
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    weights: tuple[float, ...]
    whole: tuple[bool, ...]
    models: tuple[Model, ...]

    def predict(self, names: tuple[str, ...], features: Floats) -> Floats:
        """Give quantiles, (rows, levels), not crossing.

        Raises
        ------
        UsageError
            The features are not those of the fit.
        """
        if names != self.names:
            raise UsageError(
                _("the model was fitted on other features"),
                seen=", ".join(sorted(set(names) ^ set(self.names))) or ", ".join(names),
                todo=_("Fit it again, or make the features as it was fitted on."),
            )
        found = [model.predict(features) for model in self.models]
        bands = [(w, q) for w, q, whole in zip(self.weights, found, self.whole, strict=True) if whole]
        total = sum(w for w, _q in bands)
        answer = np.sum([(w / total) * q for w, q in bands], axis=0)
        middles = [
            _middle(q, self.levels) if whole else q[:, 0] for q, whole in zip(found, self.whole, strict=True)
        ]
        centre = np.average(middles, axis=0, weights=self.weights)
        return np.sort(answer + (centre - _middle(answer, self.levels))[:, None], axis=1)

    def contributions(self, names: tuple[str, ...], features: Floats) -> dict[str, Floats]:
        """Say what each feature adds to the middle, by the trees among the members: name -> (rows,)."""
        del names
        for model in self.models:
            if isinstance(model, TreesModel):
                parts = model.contributions(features)
                return dict(zip((*self.names, "base"), parts.T, strict=True))
        return {}

    def as_dict(self) -> dict[str, Any]:
        """Give the blend as JSON carries it."""
        return {
            "levels": self.levels.tolist(),
            "names": list(self.names),
            "members": [
                {"kind": k, "weight": w, "whole": a, "model": m.as_dict()}
                for k, w, a, m in zip(self.kinds, self.weights, self.whole, self.models, strict=True)
            ],
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> BlendModel:
        """Take up a saved blend.

        Raises
        ------
        InputError
            It names a learner that this tamna does not know.
        """
        members = saved["members"]
        unknown = [m["kind"] for m in members if m["kind"] not in KINDS]
        if unknown:
            raise InputError(_("a model of an unknown kind"), seen=unknown[0])
        return cls(
            np.array(saved["levels"], dtype=float),
            tuple(saved["names"]),
            tuple(m["kind"] for m in members),
            tuple(float(m["weight"]) for m in members),
            tuple(bool(m["whole"]) for m in members),
            tuple(KINDS[m["kind"]].from_dict(m["model"]) for m in members),
        )


def _middle(quantiles: Floats, levels: Floats) -> Floats:
    at = int(np.argmin(np.abs(levels - 0.5)))
    return np.asarray(quantiles[:, at])


def fit_blend(
    members: tuple[Member, ...],
    names: tuple[str, ...],
    features: Floats,
    target: Floats,
    levels: Floats,
    *,
    weight: Floats | None = None,
    seed: int = 0,
) -> BlendModel:
    """Fit every member on the rows that have a target.

    Parameters
    ----------
    features : (rows, features)
        NaN where a feature is missing.
    target : (rows,)
        NaN where it is not known: left out.
    levels : (levels,)
        Increasing; 0.5 must be among them.

    Raises
    ------
    InputError
        Fewer than `LEAST_ROWS` rows have a target.
    """
    weight = np.ones(len(target)) if weight is None else weight
    use = np.isfinite(target) & (weight > 0)
    if use.sum() < LEAST_ROWS:
        raise InputError(
            _("too few hours to learn from"),
            seen=int(use.sum()),
            todo=_("Give at least {n} hours with features and target.", n=LEAST_ROWS),
        )
    x, y, w = features[use], target[use], weight[use]
    middle = np.array([0.5])
    models = tuple(
        m.learner.fit(x, y, levels if m.whole else middle, weight=w, seed=seed + i)
        for i, m in enumerate(members)
    )
    return BlendModel(
        levels,
        names,
        tuple(m.kind for m in members),
        tuple(m.weight for m in members),
        tuple(m.whole for m in members),
        models,
    )
