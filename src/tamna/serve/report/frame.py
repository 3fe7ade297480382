"""What every drawing shares: two sizes, fixed margins, axes with their unit above them, colours by role.

Every drawing is made twice, for paper and desk (720 px) and for a phone (340 px). Its margins are
fixed, so that no byte of it depends on the fonts of the machine that draws it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import altair as alt
import numpy as np

from tamna.serve.report.blocks import Key, Panel, Spec, Text
from tamna.serve.report.palette import colour, house_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tamna.serve.report.speak import Speaker
    from tamna.serve.report.view import CurtailedLine, Curve, Line

Drawn: TypeAlias = alt.LayerChart | alt.FacetChart | alt.Chart

LEFT, RIGHT, TOP, BOTTOM = 44, 10, 24, 24


@dataclass(frozen=True, slots=True)
class Size:
    """Outer width, inner height, and the room under and over it for ticks, titles and units [px]."""

    width: int
    height: int
    bottom: int = BOTTOM
    top: int = TOP

    @property
    def inner(self) -> int:
        """Width of the plot itself [px]."""
        return self.width - LEFT - RIGHT


def finish(chart: Drawn, size: Size) -> Spec:
    """Give the specification of `chart` with the house's type and fixed margins."""
    margins = {"left": LEFT, "right": RIGHT, "top": size.top, "bottom": size.bottom}
    shape = {"width": size.inner, "height": size.height, "padding": margins, "autosize": {"type": "none"}}
    return {**chart.to_dict(validate=False), **shape, "config": house_config()}


def panel(draw: Callable[[Size], Drawn], height: int, title: Text = "", *, bottom: int = BOTTOM) -> Panel:
    """Draw once for paper and once for a phone."""
    wide, narrow = Size(720, height, bottom), Size(340, round(height * 0.85), bottom)
    return Panel(wide=finish(draw(wide), wide), narrow=finish(draw(narrow), narrow), title=title)


def data(rows: Sequence[dict[str, Any]]) -> alt.InlineData:
    """Hand rows to a chart as they are."""
    return alt.InlineData(values=list(rows))


def labels(names: dict[Any, str], *, grid: bool = False) -> alt.Axis:
    """Make an axis whose ticks stand at the keys of `names` and read as its values."""
    words = f"({json.dumps(names, ensure_ascii=False)})[datum.value]"
    return alt.Axis(
        values=list(names), labelExpr=words, title=None, labelAngle=0, labelOverlap=False, grid=grid
    )


def unit_axis(unit: str, *, form: str = ",.0f", count: int = 5) -> alt.Axis:
    """Make an upright axis with its unit written level above it."""
    return alt.Axis(
        title=unit, format=form, tickCount=count, titleAngle=0, titleAlign="left", titleBaseline="bottom",
        titleX=-LEFT + 6, titleY=-9, titleAnchor="start",
    )  # fmt: skip


def colours(lines: Sequence[Line | Curve | CurtailedLine]) -> alt.Color:
    """Map the titles of `lines` to their colours."""
    domain = [str(line.title) for line in lines]
    scale = alt.Scale(domain=domain, range=[colour(line.colour) for line in lines])
    return alt.Color("name:N", scale=scale, sort=domain)


def keys(lines: Sequence[Line | Curve | CurtailedLine], *, line: bool = False) -> tuple[Key, ...]:
    """Give the legend of `lines`."""
    return tuple(Key(title=one.title, colour=colour(one.colour), line=line) for one in lines)


def month_axis(months: Sequence[str], speaker: Speaker, *, room: int) -> alt.Axis:
    """Label every month, every second one where `room` [px] is short, or the years of a long period."""
    if len(months) > 14:
        januaries = [m for m in months if m.endswith("-01")]
        return labels({m: m[:4] for m in januaries[:: 1 + len(januaries) * 40 // room]})
    return labels({m: speaker.month(m) for m in months[:: 1 + (room < 34 * len(months))]})


def rows_of(keys_: Sequence[Any], lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Give one row per key and line, without those that have no value."""
    return [
        {"k": key, "name": str(line.title), "o": order, "v": round(float(value), 6)}
        for order, line in enumerate(lines)
        for key, value in zip(keys_, line.values, strict=True)
        if np.isfinite(value)
    ]


def months_x(months: Sequence[str], speaker: Speaker, size: Size) -> alt.X:
    """Make the axis of months; every month has its place, with or without a value."""
    scale = alt.Scale(domain=list(months))
    return alt.X("k:O", sort=list(months), scale=scale, axis=month_axis(months, speaker, room=size.inner))


def hours_x(speaker: Speaker) -> dict[int, str]:
    """Name the hours of a day that an axis shows."""
    return {hour: f"{hour}시" if speaker.lang == "ko" else f"{hour}:00" for hour in range(0, 25, 6)}


def finite(values: Iterable[float]) -> list[float]:
    """Keep what has a value."""
    return [float(value) for value in values if np.isfinite(value)]
