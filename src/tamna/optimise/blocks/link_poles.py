"""The poles of an LCC link, as one choice a step: so many poles one way, so many the other, or none (equations: `link`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from tamna.lang import _
from tamna.optimise.terms import Algebra, Columns, Terms, lag, rows_of, total_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.optimise.blocks.link import Link, LinkState
    from tamna.optimise.problem import Problem

    Floats = NDArray[np.float64]
    Way = Literal["import", "export"]


def add_poles(
    problem: Problem, link: Link, state: LinkState, flows: dict[Way, Columns], share: Floats
) -> tuple[Terms, Terms, tuple[Terms, ...]]:
    """Add the choice; give the headroom up and down of the poles that are on, and what losing one takes.

    Poles that are on share a flow equally, so the loss of one is the flow over their number.
    """
    n = problem.steps.count
    chosen: dict[Way, list[Columns]] = {}
    parts: dict[Way, list[Algebra]] = {}
    rated: tuple[tuple[Way, float], ...] = (("import", link.import_mw), ("export", link.export_mw))
    for way, _most in rated:
        chosen[way] = _counts(problem, link, state, way, share)
        parts[way] = _flows(problem, link, way, flows[way], chosen[way])
    says = _("'{name}' carries power in one direction only", name=link.name)
    problem.rows(
        f"{link.name}/one_way", total_of([*chosen["import"], *chosen["export"]], n), upper=1.0, says=says
    )
    _turning(problem, link, {way: total_of(counts, n) for way, counts in chosen.items()})
    kept = 1.0 - link.loss
    most_mw = {way: _carried(link, chosen[way], mw) for way, mw in rated}
    least_mw = {way: _carried(link, chosen[way], mw * link.least_share(way)) for way, mw in rated}
    up = (most_mw["import"] - flows["import"]) * kept + (flows["export"] - least_mw["export"])
    down = (flows["import"] - least_mw["import"]) * kept + (most_mw["export"] - flows["export"])
    lost = total_of([flow * (kept / k) for k, flow in enumerate(parts["import"], 1)], n)
    return up, down, (lost,)


def _carried(link: Link, counts: list[Columns], rated_mw: float) -> Terms:
    """Give what the poles that are on carry where each of them carries its part of `rated_mw`."""
    pole = rated_mw / link.poles
    return total_of([c * (k * pole) for k, c in enumerate(counts, 1)], counts[0].size)


def _counts(problem: Problem, link: Link, state: LinkState, way: Way, share: Floats) -> list[Columns]:
    """Add a yes or no for each number of poles that may carry the flow."""
    wait = problem.steps.whole(link.reversal_h)
    still = max(0, wait - int(state.idle_h / problem.steps.hours + 1e-9)) if state.way else 0
    says = _("'{name}' has so many poles in service, and is blocked while it turns", name=link.name)
    in_service, out = np.floor(link.poles * share + 1e-9), []
    for k in range(1, link.poles + 1):
        high = (in_service >= k).astype(np.float64)
        if state.way not in {None, way}:
            high[:still] = 0.0
        out.append(problem.columns(f"{link.name}/{way}_{k}", upper=high, integer=True, says=says))
    return out


def _flows(problem: Problem, link: Link, way: Way, flow: Columns, counts: list[Columns]) -> list[Algebra]:
    """Split the flow by the number of poles that carry it; each part is nothing or within what so many poles can."""
    says = _("each pole of '{name}' is off, or between its minimum and its maximum", name=link.name)
    pole_mw = (link.import_mw if way == "import" else link.export_mw) / link.poles
    own: list[Algebra] = [
        problem.columns(f"{link.name}/{way}_mw_{k}", says=says) for k in range(1, link.poles)
    ]
    rest = total_of([flow, *(-part for part in own)], flow.size)
    parts = [*own, rest]
    for k, (part, count) in enumerate(zip(parts, counts, strict=True), 1):
        name = f"{link.name}/{way}_{k}"
        problem.rows(f"{name}_most", part - count * (k * pole_mw), upper=0.0, says=says)
        problem.rows(
            f"{name}_least", part - count * (k * pole_mw * link.least_share(way)), lower=0.0, says=says
        )
    return parts


def _turning(problem: Problem, link: Link, ways: dict[Way, Terms]) -> None:
    n, wait = problem.steps.count, problem.steps.whole(link.reversal_h)
    says = _("'{name}' stands still for {h} h before it turns", name=link.name, h=f"{link.reversal_h:g}")
    for k in range(1, min(wait, n - 1) + 1):
        later = np.arange(k, n)
        for way, other in (("import", "export"), ("export", "import")):
            both = rows_of(ways[way] + lag(ways[other], k), later)  # type: ignore[index]
            problem.rows(f"{link.name}/turn_to_{way}_{k}", both, upper=1.0, says=says)
