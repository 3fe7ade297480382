"""Pictures of a dispatch: who supplied each hour and what was held back, the price, what the stores held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from tamna.dispatch.account import held_in_all_mw
from tamna.grid.clock import to_local
from tamna.lang import _
from tamna.optimise.share import ELECTRICITY
from tamna.serve.report.blocks import Key, Picture
from tamna.serve.report.frame import Drawn, Size, data, labels, panel, unit_axis
from tamna.serve.report.palette import INK, colour

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.lang import Message
    from tamna.runs.dispatching import Answer, Dispatched

    Floats = NDArray[np.float64]

SOURCES: dict[str, tuple[Message, str]] = {
    "steady": (_("waste and other steady plant"), "waste"),
    "bio_heavy_oil": (_("bio heavy oil"), "bio"),
    "lng": (_("LNG"), "lng"),
    "oil": (_("oil"), "oil"),
    "link": (_("links"), "import"),
    "store": (_("stores"), "storage"),
    "ev": (_("EVs"), "hydrogen"),
    "load": (_("named loads and condensers"), "other"),
    "pv": (_("PV"), "pv"),
    "wind": (_("wind"), "wind"),
    "held": (_("held back"), "curtailment"),
}
"""From the bottom of the stack to its top: title and colour."""
KINDS = {"condenser": "load", "site": "load"}
"""Kinds of assets that are drawn under another's key."""
DAY = 24


def supply_picture(done: Dispatched) -> Picture:
    """Draw what supplied each hour above zero, what was sent out or stored below it, and demand as a line."""
    parts = parts_mw(done, done.answer)
    held = parts["held"]
    top = int(np.argmax(held))
    told = (
        _("Nothing was held back.")
        if held.max(initial=0.0) < 0.5
        else _(
            "Most was held back in the hour from {hour}: {mw:,.0f} MW.",
            hour=done.answer.hours.steps.labels[top], mw=float(held[top]),
        )
    )  # fmt: skip
    shown = [name for name in SOURCES if np.abs(parts[name]).max(initial=0.0) > 0.05]
    return Picture(
        title=_("Who supplied each hour"),
        alt=_("Stacked bars by hour, and demand as a line. {told}", told=told),
        panels=(panel(lambda size: _stack(done, {k: parts[k] for k in shown}, size), 240),),
        legend=(
            *(Key(title=SOURCES[k][0], colour=colour(SOURCES[k][1])) for k in reversed(shown)),
            Key(title=_("demand"), colour=INK, line=True),
        ),
        caption=_(
            "Below zero: sent out, stored, charged, or made into hydrogen. Held back lies on top of what was supplied."
        ),
    )


def change_picture(done: Dispatched) -> Picture | None:
    """Draw what the change does hour by hour: more of each above zero, less below; None where nothing was changed."""
    if done.beside is None:
        return None
    new, old = parts_mw(done, done.answer), parts_mw(done, done.beside)
    parts = {k: new[k] - old[k] for k in SOURCES}
    shown = [k for k in SOURCES if np.abs(parts[k]).max(initial=0.0) > 0.05]
    if not shown:
        return None
    most = max(shown, key=lambda k: float(np.abs(parts[k]).sum()))
    told = _("Most changes in: {name}, {mwh:+,.0f} MWh.", name=SOURCES[most][0], mwh=float(parts[most].sum()))
    return Picture(
        title=_("What the change does"),
        alt=_("Stacked bars by hour. {told}", told=told),
        panels=(panel(lambda size: _bars(done, {k: parts[k] for k in shown}, size), 200),),
        legend=tuple(Key(title=SOURCES[k][0], colour=colour(SOURCES[k][1])) for k in reversed(shown)),
        caption=_("Above zero: more than as it stands; below: less."),
    )


def price_picture(done: Dispatched) -> Picture | None:
    """Draw what one more MWh of demand would have cost; None where that was not asked for."""
    if done.answer.reasons is None:
        return None
    price = done.answer.reasons.price / 1000.0
    return Picture(
        title=_("What one more MWh would have cost"),
        alt=_("Steps between {low:,.0f} and {high:,.0f} KRW/kWh.", low=price.min(), high=price.max()),
        panels=(panel(lambda size: _line(done, {"price": price}, "KRW/kWh", colour("carbon"), size), 110),),
    )


def level_picture(done: Dispatched) -> Picture | None:
    """Draw what all batteries hold together; None without one."""
    answer = done.answer
    if not answer.system.batteries:
        return None
    level = np.sum([answer.rolled.done.columns[f"{b.name}/level"] for b in answer.system.batteries], axis=0)
    room = sum(b.energy_mwh for b in answer.system.batteries)
    return Picture(
        title=_("What the batteries hold"),
        alt=_("Between {low:,.0f} and {high:,.0f} of {room:,.0f} MWh.", low=level.min(), high=level.max(), room=room),
        panels=(panel(lambda size: _line(done, {"level": level}, "MWh", colour("storage"), size), 90),),
    )  # fmt: skip


LINK_HUES = (colour("import"), colour("demand"), colour("storage"), colour("bio"))


def links_picture(done: Dispatched) -> Picture | None:
    """Draw what each link brought to the island; None without one."""
    answer = done.answer
    if not answer.system.links:
        return None
    power = answer.rolled.done.injection_mw[ELECTRICITY]
    flows = {k.name.partition(":")[2]: power[k.name] for k in answer.system.links}
    hues = {name: LINK_HUES[i % len(LINK_HUES)] for i, name in enumerate(flows)}
    told = ", ".join(f"{name} {v.min():,.0f}..{v.max():,.0f} MW" for name, v in flows.items())
    return Picture(
        title=_("What the links carried"),
        alt=_("A stepped line a link: {told}.", told=told),
        panels=(panel(lambda size: _lines(done, flows, hues, size), 110),),
        legend=tuple(Key(title=name, colour=hue, line=True) for name, hue in hues.items()),
        caption=_("Above zero: arriving on the island. Below: sent out."),
    )


def _lines(done: Dispatched, of: dict[str, Floats], hues: dict[str, str], size: Size) -> Drawn:
    x, y = hours_x(done, size), alt.Y("v:Q", axis=unit_axis("MW", count=4))
    drawn = [
        alt.Chart(data(steps_of({name: values})))
        .mark_line(interpolate="step-after", color=hues[name], strokeWidth=1.8)
        .encode(x=x, y=y)
        for name, values in of.items()
    ]
    return alt.layer(*drawn)


def parts_mw(done: Dispatched, answer: Answer) -> dict[str, Floats]:
    """Add injections up to what is drawn, by the keys of `SOURCES` [MW]."""
    power = answer.rolled.done.injection_mw[ELECTRICITY]
    parts = {name: np.zeros(len(power["demand"])) for name in SOURCES}
    for name, mw in power.items():
        if name == "demand":
            continue
        burns = done.stand.burns.get(name)
        if burns is not None:
            key = burns.fuel if burns.fuel in SOURCES else "oil"
        else:
            kind = name.partition(":")[0]
            key = kind if kind in SOURCES else KINDS.get(kind, "store")
        parts[key] = parts[key] + mw
    parts["held"] = held_in_all_mw(answer.system, answer.hours, answer.rolled.done)
    return parts


def _ticks(done: Dispatched, size: Size) -> alt.Axis:
    """Name every sixth hour of a day or two, and the days of a longer period."""
    local = to_local(done.came.stamps, done.island.timezone)
    hour = local.astype("datetime64[h]").astype(np.int64) % DAY
    if len(local) <= 2 * DAY:
        return labels({int(i): f"{hour[i]:02d}:00" for i in np.flatnonzero(hour % 6 == 0)})
    days = np.flatnonzero(hour == 0)
    each = max(1, -(-len(days) * 44 // size.inner))
    return labels({int(i): str(local[i])[5:10] for i in days[::each]})


def hours_x(done: Dispatched, size: Size) -> alt.X:
    """Make the axis of hours."""
    scale = alt.Scale(domain=[0, len(done.came.stamps)], nice=False)
    return alt.X("k:Q", axis=_ticks(done, size), scale=scale)


def _stack(done: Dispatched, parts: dict[str, Floats], size: Size) -> Drawn:
    bars = _bars(done, parts, size)
    demand = steps_of({"demand": done.answer.hours.demand_mw})
    line = alt.Chart(data(demand)).mark_line(interpolate="step-after", color=INK, strokeWidth=1.5)
    return alt.layer(bars, line.encode(x="k:Q", y="v:Q"))


def _bars(done: Dispatched, parts: dict[str, Floats], size: Size) -> alt.Chart:
    """Stack what is positive up from zero and what is negative down from it."""
    rows = []
    count = len(done.came.stamps)
    up, down = np.zeros(count), np.zeros(count)
    for name, mw in parts.items():
        above, below = np.maximum(mw, 0.0), np.minimum(mw, 0.0)
        rows += _boxes(name, up, up + above) + _boxes(name, down + below, down)
        up, down = up + above, down + below
    scale = alt.Scale(domain=list(parts), range=[colour(SOURCES[k][1]) for k in parts])
    x = hours_x(done, size)
    drawn: alt.Chart = alt.Chart(data(rows)).mark_bar(stroke=None).encode(
        x=x, x2="k2:Q", y=alt.Y("a:Q", axis=unit_axis("MW")), y2="b:Q",
        color=alt.Color("name:N", scale=scale, legend=None),
    )  # fmt: skip
    return drawn


def _boxes(name: str, low: Floats, high: Floats) -> list[dict[str, Any]]:
    return [
        {"name": name, "k": i, "k2": i + 1, "a": round(float(a), 2), "b": round(float(b), 2)}
        for i, (a, b) in enumerate(zip(low, high, strict=True))
        if b - a > 0.05
    ]


def steps_of(of: dict[str, Floats]) -> list[dict[str, Any]]:
    """Give a line of steps: the last value reaches to the end of its hour."""
    return [
        {"name": name, "k": i, "v": round(float(v), 2)}
        for name, values in of.items()
        for i, v in enumerate([*values, values[-1]])
    ]


def _line(done: Dispatched, of: dict[str, Floats], unit: str, hue: str, size: Size) -> Drawn:
    x = hours_x(done, size)
    line = alt.Chart(data(steps_of(of))).mark_line(interpolate="step-after", color=hue, strokeWidth=1.8)
    return alt.layer(line.encode(x=x, y=alt.Y("v:Q", axis=unit_axis(unit, count=4))))
