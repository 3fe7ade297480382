"""What is published as an island's share beside what is measured, and what of the gap has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.measure.published import reconcile_hours
from tamna.serve.report import view as v
from tamna.serve.report.said import said

if TYPE_CHECKING:
    from tamna.runs import Run


def reconciliations(done: Run) -> tuple[v.Reconciliation, ...]:
    """Lay each published year beside the measured one."""
    island, hours = done.measured.island, done.measured.measurement.hours
    shares = {year: float(f.value) for year, f in island.published_shares.items()}
    if not shares:
        return ()
    titles = {c.name: c for c in hours.classes}
    return tuple(
        v.Reconciliation(
            year=r.year,
            published_share=r.published,
            source=", ".join(island.published_shares[r.year].sources),
            measured_share=r.measured,
            measured_label=_("measured classes over {what}", what=r.denominator),
            classes=tuple(
                v.ReconciledClass(
                    title=said(titles[n.name]),
                    published_gwh=None,
                    measured_gwh=n.mwh / 1000,
                    estimated=n.estimated,
                )
                for n in r.named
            ),
            missing_gwh=r.remainder_mwh / 1000,
            text=r.text,
        )
        for r in reconcile_hours(hours, shares)
    )
