"""What no meter shows, as text: plants that left the settled series, and PV behind the meter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.measure.boundaries import LEFT
from tamna.measure.interval import energy_bounds
from tamna.measure.unseen import notes
from tamna.serve.cli.out import period_name, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.measure import HourClass, Measurement
    from tamna.measure.unseen import Check, Outside


def as_text(outside: Outside, m: Measurement) -> list[str]:
    """Lay out the estimated energy by period with its bounds, then how it was checked."""
    shown = [
        c for c in m.hours.classes if c.metering in {LEFT, "behind_the_meter"} and c.column.within is not None
    ]
    shown = [c for c in shown if c.column.held]
    if not shown:
        return [str(note) for note in notes(outside, m.hours)]
    headings = [
        str(_("estimated, MWh")),
        str(_("period")),
        str(_("estimated")),
        str(_("lower bound")),
        str(_("upper bound")),
        str(_("hours estimated")),
    ]
    rows = [row for c in shown for row in _rows(c, m)]
    checks = [
        line for g in outside.gone if any(c.metering == LEFT and c.group == g.group for c in shown)
        for line in (_checked(g.check, g.series),)
    ]  # fmt: skip
    hollow = [
        str(
            _(
                "{year}: the midday hollow of demand shows {low:.0f} to {high:.0f} MW of PPA and behind-the-meter PV,"
                " the grid file has {file_low:.0f} to {file_high:.0f} MW: {verdict}",
                year=y.year,
                low=y.hollow_both[0],
                high=y.hollow_both[2],
                file_low=y.file_both[0],
                file_high=y.file_both[2],
                verdict=y.verdict,
            )
        )
        for y in outside.hollow
        if any(name.startswith(str(y.year)) for name in _years(m))
    ]
    return ["", table(headings, rows), *checks, *hollow, *(str(note) for note in notes(outside, m.hours))]


def _years(m: Measurement) -> list[str]:
    from tamna.grid.clock import Resolution

    return m.at(Resolution.YEAR).bins.names


def _rows(c: HourClass, m: Measurement) -> Iterator[list[str]]:
    low, high = energy_bounds(c.column, m.bins)
    counted = np.isfinite(c.column.mwh) & (c.column.mwh > 0.0 if c.fills else True)
    total, n = m.bins.add_up(np.array([np.where(counted, c.column.mwh, 0.0), counted.astype(np.float64)]))
    for i, name in enumerate(m.bins.names):
        if n[i]:
            yield [
                str(c),
                period_name(name),
                f"{total[i]:,.0f}",
                f"{low[i]:,.0f}",
                f"{high[i]:,.0f}",
                f"{int(n[i]):,}",
            ]


def _checked(check: Check | None, series: str) -> str:
    if check is None:
        return str(
            _("{series}: no other series saw the whole fleet; the estimate is not checked", series=series)
        )
    verdict = _("inside its interval") if check.inside else _("outside its interval")
    return str(
        _(
            "{series}: {source} saw {seen:,.0f} MWh more than the settled series in {hours:,} hours since, where"
            " {estimated:,.0f} ({low:,.0f} to {high:,.0f}) are estimated: {verdict}. The estimate did not look at it.",
            series=series,
            source=check.source,
            seen=check.seen_mwh,
            hours=check.hours,
            low=check.estimated[0],
            estimated=check.estimated[1],
            high=check.estimated[2],
            verdict=verdict,
        )
    )
