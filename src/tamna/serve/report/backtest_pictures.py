"""Pictures of a backtest: is the band honest, is it narrow, when does it err, and the day it erred most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from tamna.forecast.contest import OURS
from tamna.forecast.scores import band
from tamna.grid.clock import HOUR, to_local
from tamna.lang import _
from tamna.series.units import slug
from tamna.serve.report.backtest_words import competitor
from tamna.serve.report.blocks import Key, Panel, Picture
from tamna.serve.report.frame import (
    Drawn,
    Size,
    colours,
    data,
    finish,
    hours_x,
    keys,
    labels,
    months_x,
    panel,
    rows_of,
    unit_axis,
)
from tamna.serve.report.palette import GREY, colour
from tamna.serve.report.view import Line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.forecast.contest import Contest
    from tamna.serve.report.speak import Speaker

    Floats = NDArray[np.float64]

HUES = {
    OURS: "wind",
    "operator": "curtailment",
    "operator_debiased": "pv",
    "persistence": "thermal",
    "last_week": "import",
    "climatology": "bio",
    "physics": "storage",
}
SHOWN = 3
"""Rivals drawn beside tamna: the best by MAE."""


def honesty_picture(
    reliability: Sequence[Mapping[str, Any]], pit: Mapping[str, Any], speaker: Speaker
) -> Picture:
    """Draw promised against observed shares, and where actuals lay in their distributions."""
    rows = [
        {"k": r["level"], "v": r["observed"], "low": r["interval"][0], "high": r["interval"][1]}
        for r in reliability
        if r["interval"] is not None
    ]
    worst = max(reliability, key=lambda r: abs(r["observed"] - r["level"]))
    return Picture(
        title=_("Does the band hold what it promises?"),
        alt=_(
            "Reliability diagram and PIT histogram. The level that is furthest off promises {level} and held {held}.",
            level=speaker.percent(worst["level"], 0),
            held=speaker.percent(worst["observed"]),
        ),
        panels=(
            Panel(narrow=_reliability(rows), title=_("Reliability")),
            Panel(narrow=_histogram(pit), title=_("PIT: where actuals lay in their distribution")),
        ),
        legend=(
            Key(title=_("observed, with its interval"), colour=colour("wind")),
            Key(title=_("an honest band"), colour=GREY, line=True),
        ),
        caption=_(
            "Left: the share of actuals below each quantile; on the line the band keeps its promise. Right: even bars"
            " are honest; a heap in the middle is too wide, heaps at the ends are too narrow, a slope is a bias."
        ),
    )


def _reliability(rows: list[dict[str, Any]]) -> Any:
    share = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X(
        "k:Q",
        scale=share,
        axis=alt.Axis(format=".0%", tickCount=5, title=str(_("promised")), titleAnchor="end", titlePadding=2),
    )
    axis = unit_axis("", form=".0%")
    y = alt.Y("v:Q", scale=share, axis=axis)
    line = alt.Chart(data([{"k": 0, "v": 0}, {"k": 1, "v": 1}])).mark_line(
        color=GREY, strokeDash=[3, 3], strokeWidth=1.5
    ).encode(x=x, y=y)  # fmt: skip
    spans = alt.Chart(data(rows)).mark_rule(color=colour("wind"), strokeWidth=1.5).encode(
        x=x, y=alt.Y("low:Q", scale=share, axis=axis), y2="high:Q"
    )  # fmt: skip
    points = alt.Chart(data(rows)).mark_point(filled=True, size=46, opacity=1, color=colour("wind")).encode(
        x=x, y=y
    )  # fmt: skip
    return finish(alt.layer(line, spans, points), Size(340, 230, bottom=36))


def _histogram(pit: Mapping[str, Any]) -> Any:
    bins, hours = pit["bins"], max(pit["hours"], 1)
    rows = [{"k": i / bins, "k2": (i + 1) / bins, "v": n / hours} for i, n in enumerate(pit["counts"])]
    x = alt.X(
        "k:Q",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(format=".1~f", tickCount=5, title="PIT", titleAnchor="end", titlePadding=2),
    )
    top = max([*(r["v"] for r in rows), 1 / bins]) * 1.1
    y = alt.Y("v:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=unit_axis("", form=".0%", count=4))
    bars = alt.Chart(data(rows)).mark_bar(color=colour("wind"), stroke="white", strokeWidth=1).encode(
        x=x, x2="k2:Q", y=y, y2=alt.datum(0)
    )  # fmt: skip
    even = (
        alt.Chart(data([{"v": 1 / bins}]))
        .mark_rule(color=GREY, strokeDash=[3, 3], strokeWidth=1.5)
        .encode(y=y)
    )
    return finish(alt.layer(bars, even), Size(340, 230, bottom=36))


def sharpness_picture(sharpness: Sequence[Mapping[str, Any]], unit: str, speaker: Speaker) -> Picture:
    """Draw how wide the central bands are, mean and quartiles."""
    name = slug(unit)
    rows = [
        {
            "k": speaker.percent(s["share"], 0),
            "v": s[f"mean_{name}"],
            "low": s[f"quartiles_{name}"][0],
            "high": s[f"quartiles_{name}"][2],
        }
        for s in sharpness
    ]

    def draw(_size: Size) -> Drawn:
        order = [r["k"] for r in rows]
        y = alt.Y("k:N", sort=order, axis=alt.Axis(title=None, domain=False, ticks=False))
        x = alt.X("v:Q", axis=alt.Axis(title=unit, titleAnchor="end", titlePadding=2, grid=True, tickCount=6))
        bars = (
            alt.Chart(data(rows))
            .mark_bar(color=colour("wind"), opacity=0.55, height={"band": 0.55})
            .encode(x=x, y=y)
        )
        spans = alt.Chart(data(rows)).mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q", y=y)
        return alt.layer(bars, spans)

    wide = {s["share"]: s[f"mean_{name}"] for s in sharpness}
    return Picture(
        title=_("How wide is the band?"),
        alt=_(
            "Mean width of the central bands: {half} {unit} for half of the hours, {most} {unit} for nine of ten.",
            half=speaker.number(wide.get(0.5)),
            most=speaker.number(wide.get(0.9)),
            unit=unit,
        ),
        panels=(panel(draw, 120, bottom=36),),
        caption=_(
            "Bars: mean width of the band that should hold so many actuals. Strokes: the middle half of the hours."
        ),
    )


def best_rivals(scores: Mapping[str, Mapping[str, Any]], unit: str) -> list[str]:
    """Name tamna and the rivals that come nearest to it by MAE."""
    key = f"mae_{slug(unit)}"
    ranked = sorted((n for n in scores if n != OURS), key=lambda n: scores[n][key])
    return [OURS, *ranked[:SHOWN]]


def months_picture(scores: Mapping[str, Mapping[str, Any]], unit: str, speaker: Speaker) -> Picture:
    """Draw the mean error month by month, tamna beside its best rivals."""
    months = tuple(scores[OURS]["by_month"])
    lines = _lines(scores, unit, "by_month", months)

    def draw(size: Size) -> Drawn:
        y = alt.Y("v:Q", axis=unit_axis(unit), scale=alt.Scale(zero=True))
        base = alt.Chart(data(rows_of(months, lines))).encode(
            x=months_x(months, speaker, size), y=y, color=colours(lines)
        )
        return alt.layer(base.mark_line(strokeWidth=2), base.mark_point(filled=True, size=34, opacity=1))

    won = sum(all(lines[0].values[i] <= line.values[i] for line in lines[1:]) for i in range(len(months)))
    return Picture(
        title=_("Mean absolute error by month"),
        alt=_(
            "Lines of the mean absolute error by month; tamna's is the least in {won} of {n}.",
            won=won,
            n=len(months),
        ),
        panels=(panel(draw, 150),),
        legend=keys(lines, line=True),
    )


def hours_picture(scores: Mapping[str, Mapping[str, Any]], unit: str, speaker: Speaker) -> Picture:
    """Draw the mean error hour by hour of the day."""
    hours = tuple(sorted(scores[OURS]["by_hour"], key=int))
    lines = _lines(scores, unit, "by_hour", hours)
    x = alt.X("k:Q", scale=alt.Scale(domain=[0, 24], nice=False), axis=labels(hours_x(speaker)))

    def draw(_size: Size) -> Drawn:
        y = alt.Y("v:Q", axis=unit_axis(unit), scale=alt.Scale(zero=True))
        rows = rows_of([int(h) + 0.5 for h in hours], lines)
        return alt.layer(
            alt.Chart(data(rows)).mark_line(strokeWidth=2).encode(x=x, y=y, color=colours(lines))
        )

    key = f"mae_{slug(unit)}"
    worst = max(hours, key=lambda h: scores[OURS]["by_hour"][h][key] or 0.0)
    return Picture(
        title=_("Mean absolute error by hour of the day"),
        alt=_(
            "Lines of the mean absolute error by hour; tamna's is largest at {hour}: {value} {unit}.",
            hour=f"{int(worst):02d}:00",
            value=speaker.number(scores[OURS]["by_hour"][worst][key]),
            unit=unit,
        ),
        panels=(panel(draw, 150),),
        legend=keys(lines, line=True),
        caption=_(
            "Issued once a day, so an hour of the day is also a lead: the hour's number plus what is left of the day of issue."
        ),
    )


def _lines(
    scores: Mapping[str, Mapping[str, Any]], unit: str, group: str, names: Sequence[str]
) -> tuple[Line, ...]:
    key = f"mae_{slug(unit)}"

    def value(name: str, part: str) -> float:
        found = scores[name][group].get(part, {}).get(key)
        return np.nan if found is None else float(found)

    return tuple(
        Line(title=competitor(n), colour=HUES.get(n, "other"), values=tuple(value(n, p) for p in names))
        for n in best_rivals(scores, unit)
    )


def worst_day(ring: Contest, timezone: str) -> NDArray[np.bool_] | None:
    """Pick the island day that is scored whole and missed by most; None where there is none."""
    day = to_local(ring.rows.valid_at, timezone).astype("datetime64[D]")
    names, code = np.unique(day, return_inverse=True)
    fair = np.bincount(code, ring.fair) == np.bincount(code)
    if not fair.any():
        return None
    miss = np.bincount(code, np.nan_to_num(np.abs(ring.middles[OURS] - ring.actual)))
    return np.asarray(day == names[int(np.argmax(np.where(fair, miss, -1.0)))])


def worst_day_picture(ring: Contest, timezone: str, speaker: Speaker) -> Picture | None:
    """Draw the day that tamna missed by most: what came, what was promised, what the best rival said."""
    which = worst_day(ring, timezone)
    if which is None:
        return None
    actual, middle = ring.actual[which], ring.middles[OURS][which]
    rival = _nearest(ring)
    lines = [
        Line(title=_("actual"), colour="demand", values=_closed(actual)),
        Line(title=competitor(OURS), colour="wind", values=_closed(middle)),
    ]
    if rival is not None:
        lines.append(
            Line(title=competitor(rival), colour="curtailment", values=_closed(ring.middles[rival][which]))
        )
    spans = [
        [
            {"k": h, "low": round(a, 4), "high": round(b, 4)}
            for h, (a, b) in enumerate(
                zip(*(_closed(e) for e in band(ring.quantiles[OURS][which], ring.levels, s)), strict=True)
            )
        ]
        for s in (0.9, 0.5)
    ]
    hours = range(len(actual) + 1)
    x = alt.X("k:Q", scale=alt.Scale(domain=[0, len(actual)], nice=False), axis=labels(hours_x(speaker)))

    def draw(_size: Size) -> Drawn:
        y = alt.Y("v:Q", axis=unit_axis(ring.unit), scale=alt.Scale(zero=False))
        shades = [
            alt.Chart(data(rows)).mark_area(interpolate="step-after", color=colour("wind"), opacity=0.18).encode(
                x=x, y=alt.Y("low:Q", axis=unit_axis(ring.unit), scale=alt.Scale(zero=False)), y2="high:Q"
            )
            for rows in spans
        ]  # fmt: skip
        drawn = alt.Chart(data(rows_of(hours, lines))).mark_line(interpolate="step-after", strokeWidth=2).encode(
            x=x, y=y, color=colours(lines)
        )  # fmt: skip
        return alt.layer(*shades, drawn)

    told = _told(ring, which, timezone, speaker)
    return Picture(
        title=_("The day it erred most: {day}", day=_date(ring, which, timezone)),
        alt=told,
        panels=(panel(draw, 190),),
        legend=(*keys(lines, line=True), Key(title=_("50 % and 90 % band"), colour="#a9cbe2")),
        caption=told,
    )


def _nearest(ring: Contest) -> str | None:
    fair = ring.fair
    errors = {n: float(np.abs(v - ring.actual)[fair].mean()) for n, v in ring.middles.items() if n != OURS}
    return min(errors, key=lambda n: errors[n]) if errors else None


def _date(ring: Contest, which: NDArray[np.bool_], timezone: str) -> str:
    return str(to_local(ring.rows.valid_at[which][:1], timezone)[0].astype("datetime64[D]"))


def _told(ring: Contest, which: NDArray[np.bool_], timezone: str, speaker: Speaker) -> Any:
    actual, middle = ring.actual[which], ring.middles[OURS][which]
    low, high = band(ring.quantiles[OURS][which], ring.levels, 0.9)
    at = int(np.argmax(np.abs(middle - actual)))
    hour = to_local(ring.rows.valid_at[which][at : at + 1], timezone)[0]
    clock = int((hour - hour.astype("datetime64[D]")) // HOUR)
    return _(
        "On {day} the mean error was {mae} {unit}. At {hour} {actual} {unit} came where {middle} were expected;"
        " the 90 % band reached from {low} to {high} and held {held} of {n} hours of that day.",
        day=_date(ring, which, timezone),
        mae=speaker.number(float(np.abs(middle - actual).mean())),
        unit=ring.unit,
        hour=f"{clock:02d}:00",
        actual=speaker.number(float(actual[at]), 0),
        middle=speaker.number(float(middle[at]), 0),
        low=speaker.number(float(low[at]), 0),
        high=speaker.number(float(high[at]), 0),
        held=int(((actual >= low) & (actual <= high)).sum()),
        n=len(actual),
    )


def _closed(values: Floats) -> tuple[float, ...]:
    """Hold the last hour to its end."""
    return (*values.tolist(), float(values[-1]))
