r"""One set of decisions for many paths: the extensive form, with a price on bad outcomes.

Path k with probability :math:`\pi_k` has its own problem, :math:`\min c_k x_k` under :math:`A_k x_k \ge b_k`; some of the
columns, such as what is on, are decided once for all of them. With a weight :math:`\beta` on the mean of the worst part
:math:`1 - \alpha` of outcomes (conditional value at risk, as Rockafellar and Uryasev write it):

.. math::
    \min\; (1 - \beta) \sum_k \pi_k c_k x_k + \beta \Bigl(q + \tfrac{1}{1 - \alpha} \sum_k \pi_k z_k\Bigr), \qquad
    z_k \ge c_k x_k - q, \quad z_k \ge 0

:math:`\beta = 0` minimises the expected cost; :math:`\beta = 1` with :math:`1 - \alpha` no larger than the least
probability minimises the cost of the worst path, and with :math:`\alpha = 0` the expected cost again.

References
----------
Rockafellar, Uryasev, "Optimization of conditional value-at-risk", Journal of Risk 2(3), 2000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake, Place, UsageError, gather
from tamna.lang import _
from tamna.optimise.problem import Arrays, Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """How bad outcomes weigh.

    Attributes
    ----------
    weight
        Of the mean of the worst outcomes, over that of all, in [0, 1]. [-]
    level
        Outcomes beyond this quantile of cost are the worst ones, in [0, 1). [-]
    """

    weight: float = 0.0
    level: float = 0.9

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        for name, value, most in (("weight", self.weight, 1.0), ("level", self.level, 1.0 - 1e-9)):
            if not 0.0 <= value <= most:
                yield Mistake(
                    what=_("must lie in [0, 1]") if name == "weight" else _("must lie in [0, 1)"),
                    where=Place(path=str(_("risk, {name}", name=name))),
                    seen=f"{value:g}",
                    todo=_("Give a fraction."),
                )


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """The extensive form, and where each path's columns stand in it.

    Attributes
    ----------
    arrays
        What the solver is handed; names are those of the paths' problems after ``path 1/``, shared ones as they are.
    place : (columns,) each
        By path, the column of the whole that each of its own columns became.
    """

    arrays: Arrays
    place: tuple[Ints, ...]


def together(
    paths: Sequence[Arrays],
    probability: Sequence[float],
    shared: Callable[[str], bool],
    risk: Risk | None = None,
) -> Paths:
    """Write the extensive form.

    Parameters
    ----------
    paths
        Problems with the same names and sizes of columns and rows.
    probability
        Of each path; they add up to 1.
    shared
        Tells by its name whether a group of columns is decided once. Bounds of a shared column are the tightest of all.

    Raises
    ------
    UsageError
        Paths of different form, or probabilities and risk that cannot be meant, at once.
    """
    risk = risk or Risk()
    gather(_mistakes(paths, probability, risk), UsageError)
    first, chance = paths[0], np.asarray(probability, dtype=np.float64)
    common = np.zeros(len(first.cost), dtype=bool)
    for group in first.columns:
        common[group.place] = shared(group.name)
    place = _places(common, len(paths))
    size = int(place[-1].max(initial=-1)) + 1
    lower, upper = np.full(size, -np.inf), np.full(size, np.inf)
    integer = np.zeros(size, dtype=bool)
    for at, arrays in zip(place, paths, strict=True):
        lower[at] = np.maximum(lower[at], arrays.column_lower)
        upper[at] = np.minimum(upper[at], arrays.column_upper)
        integer[at] |= arrays.integer
    parts = _Parts(place, paths, chance)
    columns = tuple(_named(first.columns, common, place))
    rows = tuple(
        Group(f"path {k}/{g.name}", g.first + (k - 1) * len(first.row_lower), g.size, g.says)
        for k in range(1, len(paths) + 1)
        for g in first.rows
    )
    whole = Arrays(
        column_lower=lower,
        column_upper=upper,
        integer=integer,
        cost=sum((parts.cost(k) * chance[k] for k in range(len(paths))), np.zeros(size)),
        offset=float(sum(a.offset * p for a, p in zip(paths, chance, strict=True))),
        row_lower=np.concatenate([a.row_lower for a in paths]),
        row_upper=np.concatenate([a.row_upper for a in paths]),
        row=np.concatenate([a.row + k * len(first.row_lower) for k, a in enumerate(paths)]),
        column=np.concatenate([at[a.column] for at, a in zip(place, paths, strict=True)]),
        factor=np.concatenate([a.factor for a in paths]),
        columns=columns,
        rows=rows,
    )
    return Paths(_averse(whole, parts, risk) if risk.weight else whole, place)


def _places(common: NDArray[np.bool_], count: int) -> tuple[Ints, ...]:
    """Shared columns stand first, then those of each path."""
    shared, own = np.flatnonzero(common), np.flatnonzero(~common)
    out = []
    for k in range(count):
        at = np.empty(len(common), dtype=np.int64)
        at[shared] = np.arange(len(shared))
        at[own] = len(shared) + k * len(own) + np.arange(len(own))
        out.append(at)
    return tuple(out)


def _named(groups: tuple[Group, ...], common: NDArray[np.bool_], place: tuple[Ints, ...]) -> Iterator[Group]:
    for g in groups:
        if g.size and common[g.first]:
            yield Group(g.name, int(place[0][g.first]), g.size, g.says)
    for k, at in enumerate(place, 1):
        for g in groups:
            if not (g.size and common[g.first]):
                first = int(at[g.first]) if g.size else 0
                yield Group(f"path {k}/{g.name}", first, g.size, g.says)


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    place: tuple[Ints, ...]
    paths: Sequence[Arrays]
    chance: Floats

    def cost(self, k: int) -> Floats:
        size = int(self.place[-1].max(initial=-1)) + 1
        return np.bincount(self.place[k], weights=self.paths[k].cost, minlength=size).astype(np.float64)


QUANTILE, EXCESS, OUTCOME = "risk/quantile", "risk/excess", "risk/outcome"


def _averse(whole: Arrays, parts: _Parts, risk: Risk) -> Arrays:
    """Add the quantile of cost and what each path exceeds it by; put the weight on their mean."""
    n, count = len(whole.cost), len(parts.paths)
    cost = np.concatenate(
        [
            whole.cost * (1.0 - risk.weight),
            [risk.weight],
            risk.weight * parts.chance / (1.0 - risk.level),
        ]
    )
    row, column, factor = [], [], []
    for k in range(count):
        of = parts.cost(k)
        priced = np.flatnonzero(of)
        row.append(np.full(len(priced) + 2, len(whole.row_lower) + k))
        column.append(np.concatenate([priced, [n, n + 1 + k]]))
        factor.append(np.concatenate([-of[priced], [1.0, 1.0]]))
    offsets = np.array([a.offset for a in parts.paths])
    says = _("the cost of the worst paths")
    return Arrays(
        column_lower=np.concatenate([whole.column_lower, [-np.inf], np.zeros(count)]),
        column_upper=np.concatenate([whole.column_upper, np.full(count + 1, np.inf)]),
        integer=np.concatenate([whole.integer, np.zeros(count + 1, dtype=bool)]),
        cost=cost,
        offset=whole.offset * (1.0 - risk.weight),
        row_lower=np.concatenate([whole.row_lower, offsets]),
        row_upper=np.concatenate([whole.row_upper, np.full(count, np.inf)]),
        row=np.concatenate([whole.row, *row]),
        column=np.concatenate([whole.column, *column]),
        factor=np.concatenate([whole.factor, *factor]),
        columns=(*whole.columns, Group(QUANTILE, n, 1, says), Group(EXCESS, n + 1, count, says)),
        rows=(*whole.rows, Group(OUTCOME, len(whole.row_lower), count, says)),
    )


def tail_mean(cost: Floats, probability: Floats, level: float) -> float:
    """Give the mean of the worst part ``1 - level`` of outcomes (conditional value at risk) [money].

    Examples
    --------
    >>> tail_mean(np.array([1.0, 3.0]), np.array([0.5, 0.5]), 0.5)
    3.0
    >>> tail_mean(np.array([1.0, 3.0]), np.array([0.5, 0.5]), 0.0)
    2.0
    """
    order = np.argsort(-cost)
    left = 1.0 - level
    before = np.concatenate([[0.0], np.cumsum(probability[order])[:-1]])
    taken = np.clip(left - before, 0.0, probability[order])
    return float((taken * cost[order]).sum() / taken.sum())


def worst_first(count: int, risk: Risk) -> Floats:
    """Give how much each of equally likely outcomes weighs, the worst first, (count,); they add up to 1.

    Examples
    --------
    >>> worst_first(4, Risk(weight=0.5, level=0.5)).tolist()
    [0.375, 0.375, 0.125, 0.125]
    """
    chance = 1.0 / count
    taken = np.clip(1.0 - risk.level - chance * np.arange(count), 0.0, chance)
    return np.asarray((1.0 - risk.weight) * chance + risk.weight * taken / taken.sum())


def weighed(cost: Floats, risk: Risk) -> Floats:
    """Weigh the costs of equally likely paths: their mean, and that of the worst as far as `risk` says [money].

    Parameters
    ----------
    cost : (paths,) or (paths, cases)

    Examples
    --------
    >>> weighed(np.array([1.0, 3.0]), Risk(weight=0.5, level=0.5))
    np.float64(2.5)
    """
    return np.asarray(worst_first(len(cost), risk) @ np.sort(cost, axis=0)[::-1])[()]


def _mistakes(paths: Sequence[Arrays], probability: Sequence[float], risk: Risk) -> Iterator[Mistake]:
    yield from risk.mistakes()
    where = Place(path=str(_("paths")))
    if not paths or len(paths) != len(probability):
        yield Mistake(
            what=_("each path needs a probability"), where=where, seen=f"{len(paths)}, {len(probability)}",
            todo=_("Give as many probabilities as paths, one or more."),
        )  # fmt: skip
        return
    total = sum(probability)
    if min(probability) <= 0.0 or abs(total - 1.0) > 1e-6:
        yield Mistake(
            what=_("the probabilities are not shares of 1"), where=where,
            seen=", ".join(f"{p:g}" for p in probability), todo=_("Let each be above 0, and all add up to 1."),
        )  # fmt: skip
    form = [(g.name, g.size) for g in (*paths[0].columns, *paths[0].rows)]
    for k, arrays in enumerate(paths[1:], 2):
        if [(g.name, g.size) for g in (*arrays.columns, *arrays.rows)] != form:
            yield Mistake(
                what=_("path {k} has other columns or rows than the first", k=k), where=where,
                todo=_("Give every path the same assets, steps and kinds of profile."),
            )  # fmt: skip
