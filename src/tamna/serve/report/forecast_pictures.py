"""Pictures of a forecast: the fan of each target, and what moves its middle, hour by hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from tamna.forecast.levels import between
from tamna.forecast.why import LEVEL
from tamna.grid.clock import to_local
from tamna.lang import _
from tamna.serve.forecast_words import DRIVERS, TARGETS, named
from tamna.serve.report.blocks import Key, Picture
from tamna.serve.report.frame import Drawn, Size, data, labels, panel, unit_axis
from tamna.serve.report.palette import GREY, INK, colour

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.forecast.product import Forecast, TargetForecast
    from tamna.serve.report.speak import Speaker

    Floats = NDArray[np.float64]

BANDS = ((0.05, 0.95, 0.16), (0.1, 0.9, 0.22), (0.25, 0.75, 0.34))
"""Lower level, upper level, opacity."""
ROLES = {
    "demand": "demand", "wind": "wind", "wind_delivered": "wind", "pv": "pv", "pv_delivered": "pv",
    "net_load": "residual", "price": "carbon", "price_rt": "carbon",
}  # fmt: skip
HUES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#b0b0b0")
SHOWN = 5
"""Drivers drawn by themselves; the others are one."""


def fan_picture(found: Forecast, name: str, speaker: Speaker, came: Floats | None = None) -> Picture:
    """Draw the band of one target over the hours; grey strokes below mark hours of another model.

    Parameters
    ----------
    came : (hours,)
        What came, where that is known by now: drawn beside the band. [unit]
    """
    target = found.targets[name]
    middle = found.at(name, 0.5)
    top = int(np.nanargmax(middle)) if np.isfinite(middle).any() else 0
    low, high = (found.at(name, level)[top] for level in (0.1, 0.9))
    hue = colour(ROLES.get(name, "wind"))
    legend = [Key(title=_("middle"), colour=hue, line=True)]
    legend += [
        Key(title=_("{share} of outcomes", share=speaker.percent(b - a, 0)), colour=_pale(hue, o))
        for a, b, o in _bands(found)
    ]
    if any(reason is not None for reason in target.hour_reason):
        legend.append(Key(title=_("another model answers"), colour=GREY, line=True))
    if came is not None:
        legend.append(Key(title=_("what came"), colour=colour("curtailment"), line=True))
    return Picture(
        title=named(TARGETS, name),
        alt=_(
            "A band over {hours} hours. The middle is highest in the hour from {hour}: {middle} {unit}, between {low} and"
            " {high} in eight of ten cases.",
            hours=len(found.stamps),
            hour=speaker.moment(found.stamps[top]),
            middle=speaker.number(float(middle[top]), 0),
            unit=target.unit,
            low=speaker.number(float(low), 0),
            high=speaker.number(float(high), 0),
        ),
        panels=(panel(lambda size: _fan(found, name, speaker, size, came), 210),),
        legend=tuple(legend),
    )


def why_picture(found: Forecast, name: str, speaker: Speaker) -> Picture:
    """Draw what each driver adds to the level in each hour, upwards and downwards."""
    target = found.targets[name]
    drivers = strongest(target)
    return Picture(
        title=_("What moves the middle: {target}", target=named(TARGETS, name)),
        alt=_(
            "Bars of what drivers add or take in each hour; the strongest are {drivers}.",
            drivers=", ".join(str(named(DRIVERS, d)) for d in drivers[:3]),
        ),
        panels=(panel(lambda size: _bars(found, target, drivers, speaker, size), 170),),
        legend=tuple(
            Key(title=title, colour=hue) for title, hue in zip(_titles(drivers), HUES, strict=False)
        ),
        caption=_("From the level that the learner starts from. Above zero a driver adds, below it takes."),
    )


def strongest(target: TargetForecast) -> list[str]:
    """Name the drivers that move the hours most, by mean absolute value."""
    why = target.why or {}
    size = {
        d: float(np.nanmean(np.abs(part)))
        for d, part in why.items()
        if d != LEVEL and np.isfinite(part).any()
    }
    return sorted(size, key=lambda d: (-size[d], d))[:SHOWN]


def _titles(drivers: list[str]) -> list[Any]:
    return [*(named(DRIVERS, d) for d in drivers), _("all others")]


def _bands(found: Forecast) -> list[tuple[float, float, float]]:
    low, high = float(found.levels[0]), float(found.levels[-1])
    return [(a, b, o) for a, b, o in BANDS if a >= low - 1e-9 and b <= high + 1e-9]


def _pale(hue: str, opacity: float) -> str:
    """Mix a colour with white as the page shows it."""
    parts = [round(255 - (255 - int(hue[i : i + 2], 16)) * min(opacity * 1.6, 1.0)) for i in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _x(found: Forecast, speaker: Speaker, size: Size) -> alt.X:
    local = to_local(found.stamps, found.timezone)
    count = len(local)
    every = next(step for step in (3, 6, 12, 24, 48, 96) if count / step * 46 <= size.inner or step == 96)
    hour = np.array([int(str(at)[11:13]) for at in local])
    names = {}
    for i in np.flatnonzero(hour % min(every, 24) == 0):
        if every > 24 and (i // 24) % (every // 24):
            continue
        date = str(local[i])[5:10].replace("-", "/")
        clock = f"{hour[i]}시" if speaker.lang == "ko" else f"{hour[i]:02d}:00"
        names[int(i)] = date if hour[i] == 0 else clock
    return alt.X("k:Q", scale=alt.Scale(domain=[0, count], nice=False), axis=labels(names))


def _fan(found: Forecast, name: str, speaker: Speaker, size: Size, came: Floats | None) -> Drawn:
    target = found.targets[name]
    hue, x = colour(ROLES.get(name, "wind")), _x(found, speaker, size)
    y = unit_axis(target.unit)
    layers: list[Any] = []
    for a, b, opacity in _bands(found):
        ends = between(target.quantiles, found.levels, np.array([a, b]))
        rows = _steps({"low": ends[:, 0], "high": ends[:, 1]})
        area = alt.Chart(data(rows)).mark_area(interpolate="step-after", opacity=opacity, color=hue)
        layers.append(area.encode(x=x, y=alt.Y("low:Q", axis=y, scale=alt.Scale(zero=False)), y2="high:Q"))
    line = alt.Chart(data(_steps({"v": found.at(name, 0.5)})))
    layers.append(
        line.mark_line(interpolate="step-after", strokeWidth=2, color=hue).encode(
            x=x, y=alt.Y("v:Q", axis=y, scale=alt.Scale(zero=False))
        )
    )
    if came is not None:
        rows = _steps({"v": came})
        seen = alt.Chart(data(rows)).mark_line(
            interpolate="step-after", strokeWidth=1.8, color=colour("curtailment"), strokeDash=[4, 2]
        )
        layers.append(seen.encode(x=x, y=alt.Y("v:Q", axis=y, scale=alt.Scale(zero=False))))
    known = target.quantiles[np.isfinite(target.quantiles)]
    fell = [
        {"k": i, "to": i + 1, "at": float(known.min(initial=np.inf))}
        for i, reason in enumerate(target.hour_reason)
        if reason is not None and len(known)
    ]
    if fell:
        rule = alt.Chart(data(fell)).mark_rule(color=GREY, strokeWidth=4)
        layers.append(rule.encode(x=x, x2="to:Q", y=alt.Y("at:Q", axis=y, scale=alt.Scale(zero=False))))
    return alt.layer(*layers)


def _steps(columns: dict[str, Floats]) -> list[dict[str, float]]:
    """Give rows of an area or line in steps; the last hour reaches to its end."""
    count = len(next(iter(columns.values())))
    rows = []
    for k in range(count + 1):
        at = {name: float(values[min(k, count - 1)]) for name, values in columns.items()}
        if all(np.isfinite(v) for v in at.values()):
            rows.append({"k": k, **{name: round(v, 3) for name, v in at.items()}})
    return rows


def _bars(found: Forecast, target: TargetForecast, drivers: list[str], speaker: Speaker, size: Size) -> Drawn:
    why = target.why or {}
    rest = np.sum([p for d, p in why.items() if d != LEVEL and d not in drivers], axis=0)
    parts = {**{d: why[d] for d in drivers}, "": rest + np.zeros(len(found.stamps))}
    titles = [str(t) for t in _titles(drivers)]
    rows = [
        {"k": i + 0.5, "v": round(float(part[i]), 3), "name": title, "o": order}
        for order, (title, part) in enumerate(zip(titles, parts.values(), strict=True))
        for i in range(len(part))
        if np.isfinite(part[i]) and abs(part[i]) >= 0.05
    ]
    width = max(size.inner / max(len(found.stamps), 1) - 1.0, 1.0)
    hue = alt.Color("name:N", scale=alt.Scale(domain=titles, range=list(HUES[: len(titles)])), sort=titles)
    bars = alt.Chart(data(rows)).mark_bar(size=width).encode(
        x=_x(found, speaker, size), y=alt.Y("v:Q", stack="zero", axis=unit_axis(target.unit)), color=hue, order="o:Q"
    )  # fmt: skip
    zero = alt.Chart(data([{"k": 0, "v": 0}, {"k": len(found.stamps), "v": 0}]))
    line = zero.mark_line(color=INK, strokeWidth=1).encode(
        x=_x(found, speaker, size), y=alt.Y("v:Q", axis=unit_axis(target.unit))
    )
    return alt.layer(bars, line)
