r"""Hourly renewable matching: what chosen loads take is renewable in that very hour, by contract.

With contracted parts :math:`\phi_f` of fleets' output :math:`g_{f,t}`, consumption :math:`q_{l,t}` of the chosen loads and
the share :math:`\sigma` of it that must be matched:

.. math::
    \sum_f \phi_f\, g_{f,t} + s_t \ge \sigma \sum_l q_{l,t}, \qquad \text{cost}_t = h\, V s_t

Energy never moves between hours here, and what is held back matches nothing. A shortfall :math:`s_t` has a price, or may
not be. Contracts on one fleet add up to all of it at most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, fraction, place
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import constant, total_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import ArrayLike

    from tamna.optimise.problem import Problem

KIND = _("matching")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """A contract that matches loads hour by hour.

    Attributes
    ----------
    supply
        By fleet, the part of its output that is contracted. [-]
    loads
        Names of assets that take electricity.
    share
        Of their consumption that must be matched in each step, in [0, 1]. [-]
    short_per_mwh
        Price of what is not matched; inf: all must be. [money/MWh]
    """

    name: str
    supply: Mapping[str, float] = field(default_factory=dict)
    loads: tuple[str, ...] = ()
    share: float = 1.0
    short_per_mwh: float = np.inf

    def mistakes(self, known: Mapping[str, bool]) -> Iterator[Mistake]:
        """Find what cannot be meant; `known` tells by asset whether it may supply."""
        yield from at_least(KIND, self.name, {"short_per_mwh": self.short_per_mwh})
        yield from fraction(KIND, self.name, {"share": self.share}, above_zero=False)
        parts = {f"supply, {k}": v for k, v in self.supply.items()}
        yield from fraction(KIND, self.name, parts, above_zero=False)
        fleets = [k for k, supplies in known.items() if supplies]
        for names, among, figure in ((self.supply, fleets, "supply"), (self.loads, [*known], "loads")):
            for name in names:
                if name not in among:
                    yield Mistake(
                        what=_("no such asset to match"), where=place(KIND, self.name, figure), seen=name,
                        todo=_("Known: {names}.", names=", ".join(among)),
                    )  # fmt: skip


def contracted_twice(contracts: Iterable[Matching]) -> Iterator[Mistake]:
    """Find fleets of which more than all is contracted."""
    total: dict[str, float] = {}
    for contract in contracts:
        for fleet, part in contract.supply.items():
            total[fleet] = total.get(fleet, 0.0) + part
    for fleet, part in total.items():
        if part > 1.0 + 1e-9:
            yield Mistake(
                what=_("more than all of a fleet is contracted"),
                where=place(KIND, fleet, "supply"),
                seen=f"{part:g}",
                todo=_("Let the contracts on one fleet add up to 1 at most."),
            )


def add_matching(
    problem: Problem,
    contract: Matching,
    shares: Iterable[Share],
    fleets: Iterable[str],
    *,
    load_mw: ArrayLike = 0.0,
) -> Share:
    """Add a contract: column ``<name>/short`` and the row ``<name>/matched``.

    Parameters
    ----------
    shares
        Of all assets.
    fleets
        Names of those that are renewable and may supply.
    load_mw : number or (steps,), >= 0 [MW]
        Consumption beside that of the assets: a part of the demand.
    """
    of, renewable = (
        {s.name: s for s in shares if ELECTRICITY in s.injection_mw or not s.injection_mw},
        set(fleets),
    )
    other = problem.profile(f"{KIND} '{contract.name}', load_mw", _("the load"), load_mw)
    if problem.note(contract.mistakes({name: name in renewable for name in of})):
        return Share(name=contract.name)
    if not all(of[name].injection_mw for name in (*contract.supply, *contract.loads)):
        return Share(name=contract.name)  # what it names was refused already
    n, h, name = problem.steps.count, problem.steps.hours, contract.name
    strict = np.isinf(contract.short_per_mwh)
    says = _("what '{name}' takes is matched by its contracts in the same step", name=name)
    short = problem.columns(f"{name}/short", upper=0.0 if strict else np.inf, says=says)
    supplied = [of[fleet].injection_mw[ELECTRICITY] * part for fleet, part in contract.supply.items()]
    taken = [-of[load].injection_mw[ELECTRICITY] * contract.share for load in contract.loads]
    asked = total_of([*taken, constant(other * contract.share, n)], n)
    problem.rows(f"{name}/matched", total_of([*supplied, short], n) - asked, lower=0.0, says=says)
    return Share(name=name, cost=None if strict else short * (h * contract.short_per_mwh))
