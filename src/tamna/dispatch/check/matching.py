"""Rules of hourly matching: contracted output covers what the chosen loads take in the same hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.rule import Broken, above, apart
from tamna.lang import _
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import Hours, System


def matching_rules(system: System, hours: Hours, done: Schedule) -> Iterator[Broken]:
    """Check every contract, and that no fleet is sold twice."""
    at, sold = done.injection_mw[ELECTRICITY], dict.fromkeys((f.name for f in system.fleets), 0.0)
    for contract in system.matchings:
        name, short = contract.name, done.columns[f"{contract.name}/short"]
        covered = np.zeros(done.count)
        for fleet, part in contract.supply.items():
            covered = covered + part * at[fleet]
            sold[fleet] += part
        taken = hours.load_mw.get(name, np.zeros(done.count)) - sum(at[k] for k in contract.loads)
        yield from above(
            name, _("takes more than its contracts cover"), contract.share * taken, covered + short
        )
        if np.isfinite(contract.short_per_mwh):
            cost = hours.steps.hours * contract.short_per_mwh * short
            yield from apart(name, _("costs other than told"), done.cost[name], cost, 1e-2)
        else:
            yield from above(name, _("lacks what may not be missing"), short, 0.0)
    for fleet, part in sold.items():
        yield from above(fleet, _("is sold twice"), part, 1.0)
