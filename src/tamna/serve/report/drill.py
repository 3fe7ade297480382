"""The part of a dispatch's page that tells its drill: figures, a picture of all hours, the worst failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from tamna.lang import _
from tamna.serve.drill_words import columns, figures, told
from tamna.serve.report.blocks import Column, Key, Paragraph, Picture, Points, Section, Table
from tamna.serve.report.frame import Drawn, Size, data, labels, panel, unit_axis
from tamna.serve.report.page import Part
from tamna.serve.report.palette import colour

if TYPE_CHECKING:
    from tamna.runs.drilling import Drilled

HUES = (("storage", False), ("residual", False), ("storage", True), ("residual", True))
"""With stores and without; of a pole broken lines."""
BROKEN = [4, 2]
MOST_LABELS = 6


def drill_part(found: Drilled) -> Part:
    """Make the part."""
    heads = (Column(""), *(Column(name, number=True) for name, _failures in columns(found)))
    table = Table(
        title=_("With stores and without"),
        columns=heads,
        rows=tuple((name, *values) for name, values in figures(found)),
        note=_(
            "Units rise by their ramp, those that are off come after their start time, which is assumed, stores give what they"
            " hold; what is to come is known, so this is the least that must be shed. Of a pole that fails the link's other"
            " poles go up to what they can. Without stores units are committed anew, so that single hours may shed less."
        ),
    )
    worst = tuple(told(found))
    blocks = (
        Paragraph(
            _("In each hour the largest link or unit fails and stays away; what follows is told for {h:g} h.", h=found.horizon_h)
        ),
        table,
        _picture(found),
        Points(title=_("The worst failures"), texts=worst or (_("no failure sheds load"),)),
        Points(title=_("Assumed for the drill"), texts=tuple(str(a) for a in found.assumed)),
    )  # fmt: skip
    return Part(
        key="drill",
        title=_("The drill"),
        sections=(Section(title=_("The loss of the largest"), blocks=blocks),),
    )


def _picture(found: Drilled) -> Picture:
    shed = {
        k: np.array([f.total_mwh for f in failures]) for k, (_name, failures) in enumerate(columns(found))
    }
    most = max(float(v.max()) for v in shed.values())
    return Picture(
        title=_("What is shed if the largest fails in that hour"),
        alt=_("A step an hour, up to {mwh:,.0f} MWh.", mwh=most),
        panels=(panel(lambda size: _steps(found, shed, size), 140),),
        legend=tuple(
            Key(title=name, colour=colour(HUES[k][0]), line=True, dashed=HUES[k][1])
            for k, (name, _failures) in enumerate(columns(found))
        ),
    )


def _steps(found: Drilled, shed: dict[int, Any], size: Size) -> Drawn:
    count = len(found.labels)
    each = max(1, -(-count // MOST_LABELS))
    axis = labels({i: found.labels[i][5:] for i in range(0, count, each)})
    x = alt.X("k:Q", axis=axis, scale=alt.Scale(domain=[0, count], nice=False))
    del size
    lines = []
    for k, values in reversed(shed.items()):
        rows = [{"k": i, "v": round(float(v), 2)} for i, v in enumerate([*values, values[-1]])]
        line = alt.Chart(data(rows)).mark_line(
            interpolate="step-after",
            color=colour(HUES[k][0]),
            strokeWidth=1.8,
            strokeDash=BROKEN if HUES[k][1] else [1, 0],
        )
        lines.append(line.encode(x=x, y=alt.Y("v:Q", axis=unit_axis("MWh", count=4))))
    return alt.layer(*lines)
