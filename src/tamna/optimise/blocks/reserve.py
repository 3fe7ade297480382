r"""Reserve that is deliverable: enough to lose the largest in-feed, or the largest demand, of that very step.

With reserve :math:`r_{k,t} \ge 0` held by asset k and a shortfall :math:`s_t` at price V:

.. math::
    r_{k,t} &\le \text{each limit of its headroom}, \qquad r_{k,t} \le R_k\,\tau, \qquad r_{k,t}\, D \le \text{its energy} \\
    r_{k,t} &\le \text{what its ramp leaves of the step} + R_k (\tau - h)^+ \qquad
    D\,(r_{k,t} + p_{k,t}) \le \text{its energy at the beginning of the step, where } D < h \\
    \sum_{j \ne i} r_{j,t} + s_t &\ge \ell_{i,t} \quad \text{for each asset } i \text{ that can fail}, \qquad
    \sum_j r_{j,t} + s_t \ge L_t, \qquad \text{cost}_t = h V s_t

:math:`\ell_{i,t}` is what the failure takes away: a unit's output, the in-feed of an importing pole; downward the largest
export or load. The reserve of what is lost does not count. D is the product's duration, :math:`\tau` its response time,
:math:`L_t` a requirement that holds anyway. Headroom is the asset's own (`Share`): wind counts by its potential only, a
link without turning. Several products of one direction share an asset's headroom and energy: they are held side by side,
:math:`\sum_p r_{k,p,t} \le` its headroom and :math:`\sum_p D_p r_{k,p,t} \le` its energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tamna.lang import _
from tamna.optimise.blocks.checks import at_least
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import Algebra, Columns, total_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray

    from tamna.errors import Mistake
    from tamna.optimise.problem import Problem

    Floats = NDArray[np.float64]

KIND = _("reserve")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """A product of reserve.

    Attributes
    ----------
    way
        ``up``: more supply; ``down``: less.
    duration_h, response_h
        How long it must last, and how soon all of it must be there; a response of inf: by the next step. [h]
    short_per_mwh
        Price of what is missing; inf: nothing may be. [money/MWh]
    providers
        Names of the assets that may hold it; None: all that can.
    largest
        Hold what the largest failure of the step takes away.
    """

    name: str
    way: Literal["up", "down"] = "up"
    duration_h: float = 1.0
    response_h: float = 1.0
    short_per_mwh: float = 0.0
    providers: tuple[str, ...] | None = None
    largest: bool = True

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        figures = ("duration_h", "response_h", "short_per_mwh")
        yield from at_least(KIND, self.name, {k: getattr(self, k) for k in figures})


def add_reserves(
    problem: Problem, products: Iterable[Reserve], shares: Iterable[Share], requirements: Mapping[str, Floats]
) -> tuple[Share, ...]:
    """Add several products, which share each asset's headroom: rows ``reserve/<asset>_up`` where two want it.

    Parameters
    ----------
    requirements
        By product, what is to be held whatever fails, (steps,); 0 where not named. [MW]
    """
    shares, products = tuple(shares), tuple(products)
    held = {
        p.name: {s.name: _held(problem, p, s) for s in shares if _may_hold(p, s)}
        for p in products
        if not problem.note(p.mistakes())
    }
    for way in ("up", "down"):
        alike = [p for p in products if p.way == way and p.name in held]
        for share in shares if len(alike) > 1 else ():
            _side_by_side(problem, alike, share, {p.name: held[p.name].get(share.name) for p in alike})
    nothing = np.zeros(problem.steps.count)
    return tuple(
        _required(problem, p, shares, held[p.name], requirements.get(p.name, nothing))
        for p in products
        if p.name in held
    )


def _side_by_side(
    problem: Problem, products: list[Reserve], share: Share, held: Mapping[str, Columns | None]
) -> None:
    way, mine = products[0].way, [(p, c) for p in products if (c := held[p.name]) is not None]
    if len(mine) < 2:
        return
    says = _("'{asset}' holds no more of all reserves together than it can give", asset=share.name)
    every = total_of([c for _p, c in mine], problem.steps.count)
    slowest = max(p.response_h for p, _c in mine)
    for k, limit in enumerate(_rooms(problem, share, way, slowest), 1):
        problem.rows(f"reserve/{share.name}_{way}_{k}", limit - every, lower=0.0, says=says)
    lasting = total_of([c * p.duration_h for p, c in mine], problem.steps.count)
    shortest = min(p.duration_h for p, _c in mine)
    for label, energy in _energies(problem, share, way, shortest):
        problem.rows(f"reserve/{share.name}_{way}_{label}", energy - lasting, lower=0.0, says=says)


def add_reserve(
    problem: Problem, product: Reserve, shares: Iterable[Share], *, requirement_mw: ArrayLike = 0.0
) -> Share:
    """Add a product: columns ``<name>/<asset>`` for what each holds, and ``<name>/short``.

    Parameters
    ----------
    shares
        Of all assets; those with headroom hold reserve, those with an in-feed (or outfeed) can fail.
    requirement_mw : number or (steps,)
        To be held whatever fails. [MW]
    """
    if problem.note(product.mistakes()):
        return Share(name=product.name)
    shares = tuple(shares)
    held = {s.name: _held(problem, product, s) for s in shares if _may_hold(product, s)}
    return _required(problem, product, shares, held, requirement_mw)


def _required(
    problem: Problem,
    product: Reserve,
    shares: tuple[Share, ...],
    held: Mapping[str, Columns],
    requirement_mw: ArrayLike,
) -> Share:
    name, h = product.name, problem.steps.hours
    least = problem.profile(f"{KIND} '{name}'", _("the requirement"), requirement_mw)
    strict = np.isinf(product.short_per_mwh)
    short = problem.columns(
        f"{name}/short", upper=0.0 if strict else np.inf, says=_("what is missing of '{name}'", name=name)
    )
    everything = problem.columns(
        f"held/{name}", says=_("all that is held of '{name}', with what is missing", name=name)
    )
    says = _("all that is held of '{name}' adds up", name=name)
    problem.rows(
        f"held/{name}", total_of([*held.values(), short, -everything], everything.size), equal=0.0, says=says
    )
    if (least > 0.0).any():
        says = _("'{name}' reaches what is required", name=name)
        problem.rows(f"{name}/required", everything, lower=least, says=says)
    for share in shares if product.largest else ():
        losses = share.infeed_mw if product.way == "up" else share.outfeed_mw
        left = everything - held[share.name] if share.name in held else everything
        for k, loss in enumerate(losses):
            problem.rows(
                f"{name}/loss_of_{share.name}" + (f"_{k + 1}" if len(losses) > 1 else ""),
                left - loss,
                lower=0.0,
                says=_("'{name}' replaces '{asset}' if it fails", name=name, asset=share.name),
            )
    return Share(name=name, cost=None if strict else short * (h * product.short_per_mwh))


def _may_hold(product: Reserve, share: Share) -> bool:
    room = share.up_mw if product.way == "up" else share.down_mw
    return bool(room) and (product.providers is None or share.name in product.providers)


def _held(problem: Problem, product: Reserve, share: Share) -> Columns:
    up = product.way == "up"
    limits = _rooms(problem, share, product.way, product.response_h)
    fastest = (share.ramp_up_mw_per_h if up else share.ramp_down_mw_per_h) * product.response_h
    name = f"{product.name}/{share.name}"
    says = _("'{asset}' holds no more of '{name}' than it can give", name=product.name, asset=share.name)
    held = problem.columns(name, upper=np.inf if np.isnan(fastest) else fastest, says=says)
    for k, limit in enumerate(limits):
        label = f"{name}_room" + (f"_{k + 1}" if len(limits) > 1 else "")
        problem.rows(label, limit - held, lower=0.0, says=says)
    for what, energy in _energies(problem, share, product.way, product.duration_h):
        problem.rows(f"{name}_{what}", energy - product.duration_h * held, lower=0.0, says=says)
    return held


def _rooms(problem: Problem, share: Share, way: str, response_h: float) -> tuple[Algebra, ...]:
    """Give the limits of an asset's reserve in power; a ramp has as long as the product gives it, a step at least."""
    if way == "down":
        return share.down_mw
    if share.up_ramp_mw is None:
        return share.up_mw
    longer = max(0.0, response_h - problem.steps.hours) if np.isfinite(response_h) else 0.0
    return (*share.up_mw, share.up_ramp_mw + (share.ramp_up_mw_per_h * longer if longer else 0.0))


def _energies(problem: Problem, share: Share, way: str, duration_h: float) -> Iterator[tuple[str, Algebra]]:
    """Give what energy the reserve of an asset may take: at the end of the step, and at its beginning where that asks more.

    A product that lasts a step or longer takes more after the step than what the schedule brings within it.
    """
    up = way == "up"
    energy, before = (share.up_mwh, share.up_before_mwh) if up else (share.down_mwh, share.down_before_mwh)
    if energy is None:
        return
    yield "energy", energy
    if before is not None and duration_h < problem.steps.hours:
        gives = share.injection_mw[ELECTRICITY]
        yield "before", before - duration_h * gives if up else before + duration_h * gives
