"""The picture of the hours: each hour of the period one cell, all cells one small image.

A year of 8,760 cells as SVG is 1.5 MB; as an image of 365 by 24 palette pixels it is 9 kB, and
pixels are what it is. The image is a PNG with stored (not deflated) rows, so its bytes depend on
no compressor.
"""

from __future__ import annotations

import base64
import itertools
import struct
import zlib
from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from tamna.lang import _
from tamna.serve.report.blocks import Key, Panel, Picture, Spec, Text
from tamna.serve.report.frame import Size, data, finish, hours_x, labels
from tamna.serve.report.palette import GREY, NO_VALUE, RAMP, RAMP_EDGES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.serve.report.speak import Speaker
    from tamna.serve.report.view import Floats, HourMap


def classes(values: Floats) -> NDArray[np.uint8]:
    """Sort fractions into the ramp; the last index means no value. Below zero counts as the lowest class."""
    ranks = np.digitize(np.nan_to_num(values, nan=0.0), RAMP_EDGES[1:])
    return np.where(np.isfinite(values), ranks, len(RAMP)).astype(np.uint8)


def image(pixels: NDArray[np.uint8], colours: tuple[str, ...]) -> bytes:
    """Write palette pixels ``(rows, columns)`` as a PNG."""
    rows, columns = pixels.shape
    raw = b"".join(b"\0" + row.tobytes() for row in pixels)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(bytes.fromhex(c[1:]) for c in colours)),
        (b"IDAT", zlib.compress(raw, 0)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


def hour_map_picture(hours: HourMap, speaker: Speaker) -> Picture:
    """Draw every hour of the period, days from left to right, hours upwards; one panel a year."""
    days = hours.first_day.astype("datetime64[D]") + np.arange(len(hours.values))
    years = days.astype("datetime64[Y]")
    panels = tuple(
        _year(
            days[years == year],
            hours.values[years == year],
            speaker,
            str(year) if len(np.unique(years)) > 1 else "",
        )
        for year in np.unique(years)
    )
    seen = np.isfinite(hours.values)
    full = int((hours.values[seen] >= 1).sum())
    return Picture(
        title=hours.title,
        alt=_(
            "A map of all hours, days from left to right and hours of the day upwards."
            " {n} hours have a value; in {full} of them the share was 100% or more, in half of them at least {half}.",
            n=speaker.number(int(seen.sum()), 0), full=speaker.number(full, 0),
            half=speaker.percent(float(np.median(hours.values[seen]))) if seen.any() else "–",
        ),
        panels=panels,
        legend=_legend(missing=not seen.all()),
        caption=hours.definition,
    )  # fmt: skip


def _legend(*, missing: bool) -> tuple[Key, ...]:
    edges = [f"{edge:.0%}".removesuffix("%") for edge in RAMP_EDGES]
    spans = [f"{low}–{high}%" for low, high in itertools.pairwise(edges)]
    named: list[tuple[Text, str]] = list(zip([*spans, _("100% and more")], RAMP, strict=True))
    if missing:
        named.append((_("no value"), NO_VALUE))
    return tuple(Key(title=title, colour=colour) for title, colour in named)


def _year(days: NDArray[np.datetime64], values: Floats, speaker: Speaker, title: str) -> Panel:
    pixels = image(classes(values).T[::-1], (*RAMP, NO_VALUE))
    url = "data:image/png;base64," + base64.b64encode(pixels).decode("ascii")
    height = 84 if title else 172
    wide, narrow = Size(720, height, top=8), Size(340, height, top=8)
    return Panel(wide=_draw(days, url, speaker, wide), narrow=_draw(days, url, speaker, narrow), title=title)


def _draw(days: NDArray[np.datetime64], url: str, speaker: Speaker, size: Size) -> Spec:
    n = len(days)
    x = alt.X(
        "x:Q", scale=alt.Scale(domain=[0, n], nice=False), axis=labels(_day_ticks(days, speaker, size.inner))
    )
    axis = labels(hours_x(speaker), grid=False)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, 24], nice=False), axis=axis)
    frame = alt.Chart(data([{"x": 0, "y": 0, "x2": n, "y2": 24}])).mark_rect(
        fillOpacity=0, stroke=GREY, strokeWidth=0.5
    ).encode(x=x, y=y, x2="x2:Q", y2="y2:Q")  # fmt: skip
    names = [str(key.title) for key in _legend(missing=True)]
    legend = alt.Chart(data([{"x": 0, "y": 0, "name": name} for name in names])).mark_square(opacity=0).encode(
        x=x, y=y,
        color=alt.Color("name:N", sort=names, scale=alt.Scale(domain=names, range=[*RAMP, NO_VALUE])),
    )  # fmt: skip
    cells = alt.Chart(data([{}])).mark_image(
        url=url, width=size.inner, height=size.height, align="left", baseline="top", aspect=False
    ).encode(x=alt.value(0), y=alt.value(0))  # fmt: skip
    return finish(alt.layer(cells, frame, legend), size)


def _day_ticks(days: NDArray[np.datetime64], speaker: Speaker, room: int) -> dict[int, str]:
    """Label the firsts of months where there are at least two, else every few days."""
    of_month = (days - days.astype("datetime64[M]")).astype(int) + 1
    firsts = [int(i) for i in np.flatnonzero(of_month == 1)]
    if len(firsts) > 2:
        step = 1 + (room < 34 * len(firsts))
        return {i: speaker.month(str(days[i].astype("datetime64[M]"))) for i in firsts[::step]}
    step = max(1, -(-len(days) * 44 // room))
    return {
        i: f"{int(days[i].astype('datetime64[M]').astype(int)) % 12 + 1}/{of_month[i]}"
        for i in range(0, len(days), step)
    }
