"""Pictures of hours put together: duration curves, and the mean day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from tamna.lang import _
from tamna.serve.report.blocks import Panel, Picture
from tamna.serve.report.frame import (
    Drawn,
    Size,
    colours,
    data,
    finish,
    hours_x,
    keys,
    labels,
    panel,
    rows_of,
    unit_axis,
)
from tamna.serve.report.palette import GREY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamna.serve.report.speak import Speaker
    from tamna.serve.report.view import Duration, Floats, Line, TypicalDay

POINTS = 160  # of a duration curve; more cannot be seen


def thin(values: Floats, points: int = POINTS) -> list[dict[str, float]]:
    """Sort from high to low and keep about `points` of it, the first and the last among them.

    ``p`` is the fraction of hours that have at least ``v``.

    Examples
    --------
    >>> thin(np.array([1.0, 4.0, np.nan, 2.0, 3.0]), 2)
    [{'p': 0.25, 'v': 4.0}, {'p': 1.0, 'v': 1.0}]
    """
    falling = np.sort(values[np.isfinite(values)])[::-1]
    if not len(falling):
        return []
    at = np.unique(np.linspace(0, len(falling) - 1, points).round().astype(int))
    return [{"p": round((int(i) + 1) / len(falling), 5), "v": round(float(falling[i]), 5)} for i in at]


def duration_picture(duration: Duration, speaker: Speaker) -> Picture:
    """Draw how many of the hours had at least so much, with a dotted line at 100 % or at zero."""
    rows: list[dict[str, Any]] = [
        {**point, "name": str(curve.title), "d": curve.dashed}
        for curve in duration.curves
        for point in thin(curve.values)
    ]
    of_shares = duration.unit == "%"
    mark = 1.0 if of_shares else 0.0
    crossed = bool(rows) and min(row["v"] for row in rows) <= mark <= max(row["v"] for row in rows)
    hours = alt.Axis(
        format=".0%", tickCount=5, title=str(_("fraction of hours")), titleAnchor="end", titlePadding=2
    )
    amount = unit_axis("", form=".0%") if of_shares else unit_axis(duration.unit)
    dash = alt.Scale(domain=[False, True], range=[[1, 0], [5, 3]])

    def draw(_size: Size) -> Drawn:
        lines = alt.Chart(data(rows)).mark_line(strokeWidth=2, interpolate="monotone").encode(
            x=alt.X("p:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=hours),
            y=alt.Y("v:Q", axis=amount),
            color=colours(duration.curves),
            strokeDash=alt.StrokeDash("d:N", scale=dash, legend=None),
        )  # fmt: skip
        line = alt.Chart(data([{"v": mark}])).mark_rule(color=GREY, strokeDash=[2, 2]).encode(y="v:Q")
        return alt.layer(line, lines) if crossed else alt.layer(lines)

    first = duration.curves[0]
    seen = first.values[np.isfinite(first.values)]
    high, half, low = (
        speaker.percent(float(v)) if of_shares else f"{speaker.number(float(v), 0)} {duration.unit}"
        for v in (np.quantile(seen, [1, 0.5, 0]) if len(seen) else (np.nan,) * 3)
    )
    return Picture(
        title=duration.title,
        alt=_(
            "Duration curve of {name}: at most {high}, at least {half} in half of the hours, never below {low}.",
            name=str(first.title),
            high=high,
            half=half,
            low=low,
        ),
        panels=(panel(draw, 190, bottom=36),),
        legend=keys(duration.curves, line=True),
        caption=duration.caption,
    )


def days_picture(days: Sequence[TypicalDay], speaker: Speaker) -> Picture:
    """Draw mean days side by side on one scale."""
    tops = [np.nan_to_num([line.values for line in day.stack]).sum(axis=0).max() for day in days if day.stack]
    tops += [np.nan_to_num(day.demand.values).max() for day in days]
    scale = alt.Scale(domain=[0, float(max(tops)) * 1.04 or 1.0], nice=False)
    x = alt.X("k:Q", scale=alt.Scale(domain=[0, 24], nice=False), axis=labels(hours_x(speaker)))
    y = alt.Y("v:Q", scale=scale, axis=unit_axis("MW"))

    def one(day: TypicalDay) -> Panel:
        colour = colours((*day.stack, day.demand))
        areas = alt.Chart(data(rows_of(range(25), [_closed(line) for line in day.stack]))).mark_area(
            interpolate="step-after"
        ).encode(x=x, y=alt.Y("v:Q", stack="zero", scale=scale, axis=unit_axis("MW")), color=colour, order="o:Q")  # fmt: skip
        used = alt.Chart(data(rows_of(range(25), [_closed(day.demand)]))).mark_line(
            interpolate="step-after", strokeWidth=2
        ).encode(x=x, y=y, color=colour)  # fmt: skip
        return Panel(narrow=finish(alt.layer(areas, used), Size(340, 150)), title=day.title)

    return Picture(
        title=_("The mean day"),
        alt=_(
            "Mean generation of each hour of the day, stacked, with demand as a line, for {days}.",
            days=", ".join(str(day.title) for day in days),
        ),
        panels=tuple(one(day) for day in days),
        legend=(*keys(days[0].stack), *keys([days[0].demand], line=True)),
        caption=_("Means over all hours with values, in island time."),
    )


def _closed(line: Line) -> Line:
    """Repeat the last hour, so that its step reaches 24."""
    return replace(line, values=(*line.values, line.values[-1]))
