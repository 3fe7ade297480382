"""Pictures of a dispatch: who supplied each hour and what was held back, the price, what the stores held."""

from __future__ import annotations

from itertools import groupby
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
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.dispatch.cause import Cause
    from tamna.lang import Message
    from tamna.optimise.blocks.battery import Battery
    from tamna.optimise.blocks.ev import EvFleet
    from tamna.optimise.blocks.hydrogen import HydrogenStore
    from tamna.runs.dispatching import Answer, Dispatched

    Floats = NDArray[np.float64]

SOURCES: dict[str, tuple[Message, str]] = {
    "steady": (_("waste and other steady plant"), "waste"),
    "bio_heavy_oil": (_("bio heavy oil"), "bio"),
    "lng": (_("LNG"), "lng"),
    "oil": (_("oil"), "oil"),
    "link": (_("links"), "import"),
    "store": (_("stores"), "storage"),
    "hydrogen": (_("electrolysers and fuel cells"), "hydrogen"),
    "ev": (_("EVs"), "vehicles"),
    "load": (_("named loads and condensers"), "other"),
    "pv": (_("PV"), "pv"),
    "wind": (_("wind"), "wind"),
    "held": (_("held back"), "curtailment"),
}
"""From the bottom of the stack to its top: title and colour."""
KINDS = {"condenser": "load", "site": "load", "electrolyser": "hydrogen", "fuel_cell": "hydrogen"}
"""Kinds of assets that are drawn under another's key."""
DAY = 24
LEAST_MW = 0.5
"""Less held back than this is not marked. [MW]"""
APART_PX, ROOM_ABOVE, LINE_PX = 74, 1.15, 11
"""Words of two reasons stand so far apart; and so much more than the bars the axis holds."""
SHORT: Mapping[Cause, Message] = {
    "must_run": _("must-run"),
    "reserve": _("reserve"),
    "support": _("grid support"),
    "link": _("link imports"),
    "turning": _("link turns"),
    "commitment": _("units stay on"),
    "demand": _("low demand"),
}
"""A reason in two words, to stand in a picture."""


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
            "Below zero: sent out, stored, charged, or made into hydrogen. Held back lies on top of what was supplied, with"
            " its reason and its energy."
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
        panels=(panel(lambda size: _line(done, {"price": price}, "KRW/kWh", colour("price"), size), 110),),
    )


def level_picture(done: Dispatched) -> Picture | None:
    """Draw what all stores of a kind hold together at the end of each hour, a panel a kind; None without one."""
    system, columns = done.answer.system, done.answer.rolled.done.columns
    kinds: tuple[tuple[Message, str, Sequence[Battery | EvFleet | HydrogenStore]], ...] = (
        (_("batteries"), "storage", system.batteries),
        (_("EVs that are plugged in"), "vehicles", system.ev_fleets),
        (_("hydrogen stores"), "hydrogen", system.hydrogen_stores),
    )
    held = [
        (title, hue, np.sum([columns[f"{s.name}/level"] for s in stores], axis=0), sum(s.energy_mwh for s in stores))
        for title, hue, stores in kinds
        if stores
    ]  # fmt: skip
    if not held:
        return None
    said = [
        _("{what}: between {low:,.0f} and {high:,.0f} of {room:,.0f} MWh", what=title, low=v.min(), high=v.max(), room=room)
        for title, _hue, v, room in held
    ]  # fmt: skip
    return Picture(
        title=_("What the stores hold"),
        alt=_("A stepped line each. {told}.", told=", ".join(map(str, said))),
        panels=tuple(panel(_level(done, v, hue), 80, title) for title, hue, v, _room in held),
        caption=_("At the end of each hour; hydrogen by its lower heating value."),
    )


def _level(done: Dispatched, level: Floats, hue: str) -> Callable[[Size], Drawn]:
    return lambda size: _line(done, {"level": level}, "MWh", colour(hue), size)


LINK_HUES = tuple(colour(f"link_{k}") for k in (1, 2, 3))
"""Of the same family as the links in the stack; a fourth begins again."""


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
    drawn = [bars, line.encode(x="k:Q", y="v:Q")]
    marks = reasons_at(done.answer, parts, size)
    if marks:
        text = alt.Chart(data(marks)).mark_text(
            baseline="bottom", dy=-4 - LINE_PX, fontSize=10, color=INK, lineBreak="|", lineHeight=LINE_PX
        )
        drawn.append(text.encode(x="k:Q", y="v:Q", text="why:N"))
        room = alt.Chart(
            data([{"k": m["k"], "v": m["v"] * ROOM_ABOVE} for m in marks])
        )  # so that no word is cut off
        drawn.append(room.mark_point(opacity=0).encode(x="k:Q", y="v:Q"))
    return alt.layer(*drawn)


def reasons_at(answer: Answer, parts: Mapping[str, Floats], size: Size) -> list[dict[str, Any]]:
    """Give a mark for each stretch of hours in which energy was held back for one reason: where it stands, and what it says.

    The longest stretches first, as many as there is room for.
    """
    if answer.reasons is None or "held" not in parts:
        return []
    held, cause = parts["held"], answer.reasons.cause
    told = [c if c is not None and mw > LEAST_MW else None for c, mw in zip(cause, held, strict=True)]
    top = np.sum([np.maximum(mw, 0.0) for mw in parts.values()], axis=0)
    apart = APART_PX / size.inner * len(held)
    found: list[tuple[float, dict[str, Any]]] = []
    first = 0
    for why, run in groupby(told):
        last = first + len(list(run))
        if why is not None:
            mwh, words = float(held[first:last].sum()) * answer.hours.steps.hours, SHORT[why]
            middle = (first + last) / 2
            left, right = min(first, int(middle - apart / 2)), max(last, int(middle + apart / 2) + 1)
            under = float(top[max(0, left) : right].max())  # of all that the words stand over
            found.append((mwh, {"k": middle, "v": round(under, 2), "why": f"{words}|{mwh:,.0f} MWh"}))
        first = last
    kept: list[dict[str, Any]] = []
    for _mwh, mark in sorted(found, key=lambda one: -one[0]):
        if all(abs(mark["k"] - other["k"]) >= apart for other in kept):
            kept.append(mark)
    return sorted(kept, key=lambda mark: float(mark["k"]))


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
