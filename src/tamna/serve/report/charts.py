"""Pictures out of the parts of a view: months, durations, days. Aggregated first, then drawn.

Every drawing is made twice, for paper and desk (720 px) and for a phone (340 px). Its margins are
fixed, so that no byte of it depends on the fonts of the machine that draws it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from tamna.lang import _
from tamna.serve.report.blocks import Key, Panel, Picture, Spec, Text
from tamna.serve.report.palette import GREY, INK, colour, house_config

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tamna.serve.report.speak import Speaker
    from tamna.serve.report.view import Carbon, Curtailment, Curve, Duration, Line, Monthly, TypicalDay

LEFT, RIGHT, TOP, BOTTOM = 44, 10, 24, 24
_POINTS = 160  # of a duration curve; more cannot be seen


@dataclass(frozen=True, slots=True)
class Size:
    """Outer width, inner height, and the room under it for ticks and a title [px]."""

    width: int
    height: int
    bottom: int = BOTTOM

    @property
    def inner(self) -> int:
        """Width of the plot itself [px]."""
        return self.width - LEFT - RIGHT


def finish(chart: alt.LayerChart | alt.Chart, size: Size) -> Spec:
    """Give the specification of `chart` with the house's type and fixed margins."""
    margins = {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": size.bottom}
    shape = {"width": size.inner, "height": size.height, "padding": margins, "autosize": {"type": "none"}}
    return {**chart.to_dict(), **shape, "config": house_config()}


def panel(draw: Callable[[Size], alt.LayerChart], height: int, title: Text = "", *, bottom: int = BOTTOM) -> Panel:
    """Draw once for paper and once for a phone."""
    wide, narrow = Size(720, height, bottom), Size(340, round(height * 0.85), bottom)
    return Panel(wide=finish(draw(wide), wide), narrow=finish(draw(narrow), narrow), title=title)


def data(rows: Sequence[dict[str, Any]]) -> alt.InlineData:
    """Hand rows to a chart as they are."""
    return alt.InlineData(values=list(rows))


def labels(names: dict[Any, str]) -> alt.Axis:
    """Make an axis whose ticks stand at the keys of `names` and read as its values."""
    return alt.Axis(
        values=list(names), labelExpr=f"({json.dumps(names, ensure_ascii=False)})[datum.value]", title=None, labelAngle=0,
        labelOverlap=False,
    )  # fmt: skip


def unit_axis(unit: str, *, form: str = ",.0f", count: int = 5) -> alt.Axis:
    """Make an upright axis with its unit written level above it."""
    return alt.Axis(
        title=unit, format=form, tickCount=count, titleAngle=0, titleAlign="left", titleBaseline="bottom",
        titleX=-LEFT + 6, titleY=-9, titleAnchor="start",
    )  # fmt: skip


def colours(lines: Sequence[Line | Curve], **more: str) -> alt.Color:
    """Map the titles of `lines` to their colours."""
    domain = [str(line.title) for line in lines]
    return alt.Color("name:N", scale=alt.Scale(domain=domain, range=[colour(line.colour) for line in lines]), sort=domain, **more)


def keys(lines: Sequence[Line | Curve], *, line: bool = False) -> tuple[Key, ...]:
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


def monthly_picture(monthly: Monthly, speaker: Speaker) -> Picture:
    """Draw generation against demand, and under it the shares, month by month."""
    months = list(monthly.months)

    def x(size: Size) -> alt.X:
        return alt.X("k:O", sort=months, scale=alt.Scale(domain=months), axis=month_axis(months, speaker, room=size.inner))

    def energy(size: Size) -> alt.LayerChart:
        bars = alt.Chart(data(rows_of(months, monthly.made_gwh))).mark_bar(width={"band": 0.66}).encode(
            x=x(size), y=alt.Y("sum(v):Q", axis=unit_axis("GWh")), color=colours((*monthly.made_gwh, monthly.demand_gwh)),
            order="o:Q",
        )  # fmt: skip
        used = alt.Chart(data(rows_of(months, [monthly.demand_gwh]))).mark_tick(
            thickness=2.5, opacity=1, orient="horizontal", width={"band": 0.86}
        ).encode(x=x(size), y=alt.Y("v:Q"), color=colours((*monthly.made_gwh, monthly.demand_gwh)))  # fmt: skip
        return alt.layer(bars, used)

    def share(size: Size) -> alt.LayerChart:
        base = alt.Chart(data(rows_of(months, monthly.shares))).encode(
            x=x(size), y=alt.Y("v:Q", axis=unit_axis("", form=".0%", count=4), scale=alt.Scale(zero=True)),
            color=colours(monthly.shares),
        )  # fmt: skip
        return alt.layer(base.mark_line(strokeWidth=2), base.mark_point(filled=True, size=34, opacity=1))

    best = max(zip(monthly.shares[0].values, months, strict=True), key=lambda p: (np.nan_to_num(p[0], nan=-1), p[1]))
    worst = min(zip(monthly.shares[0].values, months, strict=True), key=lambda p: (np.nan_to_num(p[0], nan=9), p[1]))
    return Picture(
        title=_("Generation and demand by month"),
        alt=_(
            "Stacked bars of monthly generation with demand as a stroke above them, and lines of the monthly share."
            " The highest monthly share was {high} in {best}, the lowest {low} in {worst}.",
            high=speaker.percent(best[0]), best=speaker.month(best[1], alone=False),
            low=speaker.percent(worst[0]), worst=speaker.month(worst[1], alone=False),
        ),
        panels=(panel(energy, 190, _("Energy")), panel(share, 110, _("Share"))),
        legend=(
            *keys(monthly.made_gwh), *keys([monthly.demand_gwh], line=True),
            *(keys(monthly.shares, line=True) if len(monthly.shares) > 1 else ()),
        ),
    )  # fmt: skip


def thin(values: np.ndarray[Any, np.dtype[np.float64]], points: int = _POINTS) -> list[dict[str, float]]:
    """Sort from high to low and keep `points` of it: ``p`` is the fraction of hours with at least ``v``."""
    falling = np.sort(values[np.isfinite(values)])[::-1]
    if not len(falling):
        return []
    at = np.unique(np.linspace(0, len(falling) - 1, points).round().astype(int))
    return [{"p": round((i + 1) / len(falling), 5), "v": round(float(falling[i]), 5)} for i in at]


def duration_picture(duration: Duration, speaker: Speaker) -> Picture:
    """Draw how many of the hours had at least so much."""
    rows = [
        {**point, "name": str(curve.title), "d": curve.dashed} for curve in duration.curves for point in thin(curve.values)
    ]
    of_shares = duration.unit == "%"

    def draw(size: Size) -> alt.LayerChart:
        lines = alt.Chart(data(rows)).mark_line(strokeWidth=2, interpolate="monotone").encode(
            x=alt.X("p:Q", scale=alt.Scale(domain=[0, 1], nice=False),
                    axis=alt.Axis(format=".0%", tickCount=5, title=str(_("fraction of hours")), titleAnchor="end", titlePadding=2)),
            y=alt.Y("v:Q", axis=unit_axis("" if of_shares else duration.unit, form=".0%" if of_shares else ",.0f")),
            color=colours(duration.curves),
            strokeDash=alt.StrokeDash("d:N", scale=alt.Scale(domain=[False, True], range=[[1, 0], [5, 3]]), legend=None),
        )  # fmt: skip
        zero = alt.Chart(data([{"v": 1.0 if of_shares else 0.0}])).mark_rule(color=GREY, strokeDash=[2, 2]).encode(y="v:Q")
        return alt.layer(zero, lines) if _reaches(rows, 1.0 if of_shares else 0.0) else alt.layer(lines)

    first = duration.curves[0]
    seen = first.values[np.isfinite(first.values)]
    say = (lambda v: speaker.percent(v)) if of_shares else (lambda v: f"{speaker.number(v, 0)} {duration.unit}")
    high, half, low = np.quantile(seen, [1, 0.5, 0]) if len(seen) else (np.nan,) * 3
    return Picture(
        title=duration.title,
        alt=_(
            "Duration curve of {name}: at most {high}, at least {half} in half of the hours, never below {low}.",
            name=str(first.title), high=say(high), half=say(half), low=say(low),
        ),
        panels=(panel(draw, 190, bottom=36),),
        legend=keys(duration.curves, line=True),
        caption=duration.caption,
    )  # fmt: skip


def _reaches(rows: Sequence[dict[str, Any]], line: float) -> bool:
    values = [row["v"] for row in rows]
    return bool(values) and min(values) <= line <= max(values)


def days_picture(days: Sequence[TypicalDay], speaker: Speaker) -> Picture:
    """Draw mean days side by side on one scale."""
    top = max(float(np.nansum([line.values for line in day.stack], axis=0).max()) for day in days)
    top = max(top, *(float(np.nanmax(day.demand.values)) for day in days)) * 1.04
    x = alt.X("k:Q", scale=alt.Scale(domain=[0, 24], nice=False),
              axis=labels({h: f"{h}시" if speaker.lang == "ko" else f"{h}:00" for h in range(0, 25, 6)}))  # fmt: skip

    def one(day: TypicalDay) -> Panel:
        everything = (*day.stack, day.demand)
        y = alt.Scale(domain=[0, top], nice=False)
        # a step keeps each hour's mean over its whole hour; the last hour is repeated to close it at 24
        stack = [row for line in day.stack for row in rows_of(range(25), [_closed(line)])]
        order = {str(line.title): i for i, line in enumerate(day.stack)}
        area = alt.Chart(data([{**row, "o": order[row["name"]]} for row in stack])).mark_area(interpolate="step-after").encode(
            x=x, y=alt.Y("v:Q", stack="zero", scale=y, axis=unit_axis("MW")), color=colours(everything), order="o:Q",
        )  # fmt: skip
        used = alt.Chart(data(rows_of(range(25), [_closed(day.demand)]))).mark_line(interpolate="step-after", strokeWidth=2).encode(
            x=x, y=alt.Y("v:Q", scale=y), color=colours(everything),
        )  # fmt: skip
        return Panel(narrow=finish(alt.layer(area, used), Size(340, 150)), title=day.title)

    return Picture(
        title=_("The mean day"),
        alt=_(
            "Mean generation of each hour of the day, stacked, with demand as a line, for {days}.",
            days=", ".join(str(day.title) for day in days),
        ),
        panels=tuple(one(day) for day in days),
        legend=(*keys(days[0].stack), *keys([days[0].demand], line=True)),
        caption=_("Means over all hours with values, in island time."),
    )  # fmt: skip


def _closed(line: Line) -> Line:
    from dataclasses import replace

    return replace(line, values=(*line.values, line.values[-1]))


def curtailment_picture(curtailment: Curtailment, speaker: Speaker) -> Picture:
    """Draw published curtailed energy by month; a month without publication is a grey field, not a zero."""
    months = list(curtailment.months)
    silent = [
        month for i, month in enumerate(months) if all(not np.isfinite(line.energy_mwh[i]) for line in curtailment.lines)
    ]
    rows = [
        {"k": month, "name": str(line.title), "v": value / 1000}
        for line in curtailment.lines
        for month, value in zip(months, line.energy_mwh, strict=True)
        if np.isfinite(value)
    ]
    top = max([row["v"] for row in rows], default=1.0) or 1.0
    domain = [str(line.title) for line in curtailment.lines]

    def draw(size: Size) -> alt.LayerChart:
        x = alt.X("k:O", sort=months, scale=alt.Scale(domain=months), axis=month_axis(months, speaker, room=size.inner))
        y = alt.Y("v:Q", axis=unit_axis("GWh", form="~g"), scale=alt.Scale(domain=[0, top * 1.05], nice=False))
        bars = alt.Chart(data(rows)).mark_bar(width={"band": 0.66}).encode(
            x=x, y=alt.Y("sum(v):Q", axis=unit_axis("GWh", form="~g")),
            color=alt.Color("name:N", sort=domain,
                            scale=alt.Scale(domain=domain, range=[colour(line.colour) for line in curtailment.lines])),
        )  # fmt: skip
        nothing = alt.Chart(data([{"k": m, "v": top * 1.05} for m in silent])).mark_bar(
            color=colour("not_published"), width={"band": 1}
        ).encode(x=x, y=y)  # fmt: skip
        return alt.layer(nothing, bars)

    total = sum(row["v"] for row in rows)
    grey = (Key(title=_("not published"), colour=colour("not_published")),) if silent else ()
    drawn = [line for line in curtailment.lines if np.isfinite(line.energy_mwh).any()]
    return Picture(
        title=_("Published curtailment by month"),
        alt=_(
            "Bars of published curtailed energy by month, {total} GWh in all; {silent} of {n} months were not published.",
            total=speaker.number(total, 1), silent=len(silent), n=len(months),
        ),
        panels=(panel(draw, 130),),
        legend=(*(Key(title=line.title, colour=colour(line.colour)) for line in drawn), *grey),
        caption=curtailment.note,
    )  # fmt: skip


def carbon_picture(carbon: Carbon, speaker: Speaker) -> Picture:
    """Draw the average carbon intensity month by month."""
    months = list(carbon.months)
    rows = [
        {"k": month, "v": value} for month, value in zip(months, carbon.monthly_tco2e_per_mwh, strict=True) if np.isfinite(value)
    ]
    unit = "tCO₂e/MWh"

    def draw(size: Size) -> alt.LayerChart:
        base = alt.Chart(data(rows)).encode(
            x=alt.X("k:O", sort=months, scale=alt.Scale(domain=months), axis=month_axis(months, speaker, room=size.inner)),
            y=alt.Y("v:Q", axis=unit_axis(unit, form=".2f", count=4), scale=alt.Scale(zero=True)),
        )  # fmt: skip
        return alt.layer(
            base.mark_line(strokeWidth=2, color=colour("carbon")),
            base.mark_point(filled=True, size=34, opacity=1, color=colour("carbon")),
        )

    values = [row["v"] for row in rows] or [float("nan")]
    return Picture(
        title=_("Average carbon intensity by month"),
        alt=_(
            "Line of the monthly average carbon intensity, between {low} and {high} {unit}.",
            low=speaker.number(min(values), 3), high=speaker.number(max(values), 3), unit=unit,
        ),
        panels=(panel(draw, 110),),
        caption=carbon.basis,
    )  # fmt: skip


__all__ = [
    "INK",
    "Size",
    "carbon_picture",
    "curtailment_picture",
    "days_picture",
    "duration_picture",
    "finish",
    "monthly_picture",
    "panel",
]
