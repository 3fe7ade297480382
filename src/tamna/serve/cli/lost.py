"""Lost wind as text: estimated beside published, period by period, with interval and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.measure.lost import Lost, NotLost
from tamna.measure.lostsum import NOTES, LostSums, sums
from tamna.serve.cli.out import period_name, table

if TYPE_CHECKING:
    from tamna.measure.bins import Bins


def as_text(found: Lost | NotLost, bins: Bins) -> str:
    """Lay out lost wind by period; without an answer say why, and what to do."""
    if isinstance(found, NotLost):
        return str(
            _("curtailed wind, estimated: unavailable: {why}. {todo}", why=found.reason, todo=found.todo)
        )
    s = sums(found, bins)
    headings = [
        str(_("curtailed wind, MWh")),
        str(_("estimated")),
        str(_("80 % interval")),
        str(_("published")),
        str(_("instructed")),
        str(_("market")),
        str(_("inferred")),
        str(_("outage")),
        str(_("unexplained")),
        str(_("hours judged")),
    ]
    reasons = dict.fromkeys(str(r) for r in s.reasons if r is not None)
    return "\n".join(
        [
            table(headings, [_row(s, i) for i in range(len(bins))]),
            *(str(_("unavailable: {why}", why=reason)) for reason in reasons),
            *(str(note) for note in NOTES),
        ]
    )


def _row(s: LostSums, i: int) -> list[str]:
    judged = f"{int(s.hours_judged[i]):,} / {int(s.bins.hours[i]):,}"
    known = s.hours_judged[i] > 0
    published = str(_("not published")) if np.isnan(s.published_mwh[i]) else f"{s.published_mwh[i]:,.0f}"
    classes = [
        _number(s.classes[k][i]) for k in ("instructed", "market", "inferred", "outage", "unexplained")
    ]
    return [
        period_name(s.bins.names[i]),
        f"{s.mwh[i]:,.0f}" if known else str(_("unavailable")),
        f"{s.low_mwh[i]:,.0f} - {s.high_mwh[i]:,.0f}" if known else "",
        published,
        *classes,
        judged,
    ]


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:,.0f}"
