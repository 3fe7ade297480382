"""The softened schedule as text, beside the refusal: what is missed when, and what would run in those hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.optimise.share import ELECTRICITY
from tamna.serve.cli.out import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.dispatch.nearest import Nearest

MOST_ROWS = 48


def as_text(nearest: Nearest) -> str:
    """Lay it out."""
    return "\n".join(_lines(nearest))


def _lines(nearest: Nearest) -> Iterator[str]:
    yield str(_("no schedule keeps all rules; this one breaks least, and costs least among those that do:"))
    rows = [
        [m.hour, str(m.says), "-" if m.price is None else f"{m.price:,.0f}"]
        for m in nearest.missed[:MOST_ROWS]
    ]
    yield table([str(_("hour")), str(_("what is missed")), str(_("counted with"))], rows)
    if len(nearest.missed) > MOST_ROWS:
        yield str(_("and {n} more", n=len(nearest.missed) - MOST_ROWS))
    said = _(
        "missed in all: {mwh:,.1f} MWh in {n} hours; what runs costs {cost:,.0f}",
        mwh=nearest.missed_mwh,
        n=len({m.step for m in nearest.missed}),
        cost=nearest.cost,
    )
    yield str(said)
    if nearest.price is not None:
        priced = _(
            "at {value:,.0f} a missed MWh, the dearest class of load, that is {price:,.0f} on top",
            value=nearest.lost_per_mwh, price=nearest.price,
        )  # fmt: skip
        yield str(priced)
    yield ""
    yield str(_("what would run in these hours, MW:"))
    yield _what_runs(nearest)


def _what_runs(nearest: Nearest) -> str:
    power = nearest.done.injection_mw.get(ELECTRICITY, {})
    hours = sorted({m.step for m in nearest.missed})[:MOST_ROWS]
    names = [name for name, mw in power.items() if abs(mw[hours]).max(initial=0.0) > 0.05]
    rows = [[nearest.steps.label(t), *(f"{power[name][t]:,.1f}" for name in names)] for t in hours]
    return table([str(_("hour")), *names], rows)
