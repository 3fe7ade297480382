"""The picture of a day: what was made against demand, what left the island, the share by rule, all with intervals."""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import vl_convert

from tamna.grid.clock import to_local
from tamna.grid.rules import Rule
from tamna.lang import _, speaking
from tamna.measure.reconstruct import Band
from tamna.serve.report.blocks import Key, Picture
from tamna.serve.report.frame import Drawn, Size, colours, data, keys, labels, panel, rows_of, unit_axis
from tamna.serve.report.palette import GREY, INK, colour, house_config
from tamna.serve.report.view import Line
from tamna.serve.telling import PLAIN, whole_fleet

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamna.runs import RebuiltDay
    from tamna.serve.report.speak import Speaker

ROLES = {"wind": "wind", "pv": "pv", "bio": "bio", "waste": "waste", "lng": "lng", "oil": "oil"}
RULES = {
    Rule.COVERAGE: (_("coverage"), "wind"),
    Rule.PROPORTIONAL: (_("proportional"), "import"),
    Rule.THERMAL_FIRST: (_("thermal first"), "bio"),
}


def day_picture(found: RebuiltDay, speaker: Speaker) -> Picture:
    """Draw the day in three panels."""
    stack = _stack(found)
    demand = _demand(found)
    net, share = Band.of(found.day.net_export), Band.of(found.day.shares[PLAIN, Rule.COVERAGE])
    top = int(np.nanargmax(share.middle))
    drawn = _panels(found, speaker)
    return Picture(
        title=_("Generation, export and share of {date}", date=found.date),
        alt=_(
            "Stacked generation of each hour with demand as a line and whiskers for the 80 % interval, net export, and the"
            " share by rule. In the hour from {hour} wind and PV covered {middle} of demand, between {low} and {high};"
            " net export was {net} MWh by balance.",
            hour=str(to_local(found.day.valid_at[top : top + 1], found.day.timezone)[0])[11:16],
            middle=speaker.percent(float(share.middle[top]), 0),
            low=speaker.percent(float(share.low[top]), 0),
            high=speaker.percent(float(share.high[top]), 0),
            net=speaker.number(float(net.middle[top]), 0),
        ),
        panels=tuple(panel(draw, height, title) for title, height, draw in drawn),
        legend=(
            *keys(stack),
            *keys([demand], line=True),
            *(Key(title=title, colour=colour(role), line=True) for title, role in RULES.values()),
            Key(title=_("files alone"), colour=GREY, line=True),
            Key(title=_("printed"), colour=colour("curtailment")),
        ),
        caption=_(
            "Whiskers and bands hold the middle 80 % of what public files allow; what stands above the demand line left the island."
        ),
    )


def _stack(found: RebuiltDay) -> list[Line]:
    """Give what was made within the demand, thermal at the bottom, and the imports on top."""
    order = {"bio": 0, "fossil": 1, "waste": 2, "wind": 3, "pv": 4}
    held = [r for r in found.day.classes.values() if r.of.in_demand and np.isfinite(r.draws).all()]
    held.sort(key=lambda r: order.get(r.of.group, 2))
    lines = [
        Line(title=str(whole_fleet(r)), colour=ROLES.get(r.of.name, "other"), values=tuple(r.band.middle))
        for r in held
        if r.band.middle.max() > 0.5
    ]
    made = np.sum([line.values for line in lines], axis=0)
    gap = np.maximum(found.day.demand - made, 0.0)
    return [*lines, Line(title=str(_("import, by balance")), colour="import", values=tuple(gap))]


def _demand(found: RebuiltDay) -> Line:
    return Line(title=str(_("demand")), colour="demand", values=tuple(found.day.demand))


def _panels(found: RebuiltDay, speaker: Speaker) -> list[tuple[Any, int, Callable[[Size], Drawn]]]:
    return [
        (_("Generation and demand"), 200, lambda _s: _energy(found, speaker)),
        (_("Net export by balance"), 90, lambda _s: _net(found, speaker)),
        (_("Share of wind and PV, by rule"), 130, lambda _s: _share(found, speaker)),
    ]


def _x(found: RebuiltDay, speaker: Speaker, field: str = "k") -> alt.X:
    n = len(found.day)
    local = to_local(found.day.valid_at, found.day.timezone)
    names = {
        i: f"{int(str(local[i])[11:13])}시" if speaker.lang == "ko" else str(local[i])[11:16]
        for i in range(0, n, 3)
    }
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, n], nice=False), axis=labels(names))


def _steps(values: tuple[float, ...] | np.ndarray[Any, Any]) -> list[float]:
    """Repeat the last hour, so that its step reaches the day's end."""
    return [*(float(v) for v in values), float(values[-1])]


def _energy(found: RebuiltDay, speaker: Speaker) -> Drawn:
    day, lines, demand = found.day, _stack(found), _demand(found)
    n = len(day)
    hue = colours((*lines, demand))
    x, y = _x(found, speaker), unit_axis("MWh")
    closed = [Line(title=one.title, colour=one.colour, values=tuple(_steps(one.values))) for one in lines]
    areas = alt.Chart(data(rows_of(range(n + 1), closed))).mark_area(interpolate="step-after").encode(
        x=x, y=alt.Y("v:Q", stack="zero", axis=y), color=hue, order="o:Q"
    )  # fmt: skip
    used = alt.Chart(
        data(
            rows_of(
                range(n + 1), [Line(title=demand.title, colour="demand", values=tuple(_steps(demand.values)))]
            )
        )
    )
    line = used.mark_line(interpolate="step-after", strokeWidth=2.2).encode(
        x=x, y=alt.Y("v:Q", axis=y), color=hue
    )
    total = Band.of(day.net_export + day.demand)
    ends = [
        {"k": i + 0.5, "low": round(float(total.low[i]), 2), "high": round(float(total.high[i]), 2)}
        for i in range(n)
        if np.isfinite(total.low[i]) and total.high[i] - total.low[i] > 1.0
    ]
    whiskers = alt.Chart(data(ends)).mark_rule(color=INK, strokeWidth=1.2, opacity=0.75).encode(
        x=x, y=alt.Y("low:Q", axis=y), y2="high:Q"
    )  # fmt: skip
    return alt.layer(areas, whiskers, line)


def _net(found: RebuiltDay, speaker: Speaker) -> Drawn:
    net = Band.of(found.day.net_export)
    printed = _printed(found, "export")
    return alt.layer(
        _banded(found, speaker, net, "export", unit_axis("MWh", count=4)),
        _line(found, speaker, net.middle, colour("export"), unit_axis("MWh", count=4)),
        _zero(found, speaker, 0.0),
        _dots(found, speaker, printed, unit_axis("MWh", count=4)),
    )


def _share(found: RebuiltDay, speaker: Speaker) -> Drawn:
    axis = unit_axis("", form=".0%", count=5)
    day = found.day
    bands = {rule: Band.of(day.shares[PLAIN, rule]) for rule in RULES}
    return alt.layer(
        _banded(found, speaker, bands[Rule.COVERAGE], "wind", axis),
        _line(found, speaker, day.filed_share, GREY, axis, dash=[4, 3]),
        *(
            _line(found, speaker, bands[rule].middle, colour(role), axis)
            for rule, (_t, role) in reversed(RULES.items())
        ),
        _zero(found, speaker, 1.0),
        _dots(found, speaker, _printed(found, "share"), axis),
    )


def _banded(found: RebuiltDay, speaker: Speaker, band: Band, role: str, axis: alt.Axis) -> alt.Chart:
    rows = [
        {"k": k, "low": round(a, 4), "high": round(b, 4)}
        for k, (a, b) in enumerate(zip(_steps(band.low), _steps(band.high), strict=True))
        if np.isfinite(a)
    ]
    area = alt.Chart(data(rows)).mark_area(interpolate="step-after", opacity=0.22, color=colour(role))
    made: alt.Chart = area.encode(x=_x(found, speaker), y=alt.Y("low:Q", axis=axis), y2="high:Q")
    return made


def _line(
    found: RebuiltDay,
    speaker: Speaker,
    values: np.ndarray[Any, Any],
    hue: str,
    axis: alt.Axis,
    *,
    dash: list[int] | None = None,
) -> alt.Chart:
    rows = [{"k": k, "v": round(v, 4)} for k, v in enumerate(_steps(values)) if np.isfinite(v)]
    drawn = alt.Chart(data(rows)).mark_line(
        interpolate="step-after", strokeWidth=2, color=hue, strokeDash=dash or [1, 0]
    )
    made: alt.Chart = drawn.encode(x=_x(found, speaker), y=alt.Y("v:Q", axis=axis))
    return made


def _zero(found: RebuiltDay, speaker: Speaker, at: float) -> alt.Chart:
    rows = [{"k": 0, "v": at}, {"k": len(found.day), "v": at}]
    rule = alt.Chart(data(rows)).mark_line(color=GREY, strokeWidth=1, strokeDash=[2, 2])
    made: alt.Chart = rule.encode(x=_x(found, speaker), y="v:Q")
    return made


def _dots(found: RebuiltDay, speaker: Speaker, rows: list[dict[str, float]], axis: alt.Axis) -> alt.Chart:
    drawn = alt.Chart(data(rows)).mark_point(
        filled=True, size=60, opacity=1, color=colour("curtailment"), shape="diamond"
    )
    made: alt.Chart = drawn.encode(x=_x(found, speaker), y=alt.Y("v:Q", axis=axis))
    return made


def _printed(found: RebuiltDay, says: str) -> list[dict[str, float]]:
    """Give what was printed of single hours, at the middle of the hours that the label means."""
    return [
        {"k": float(np.mean(one.best.hours.at)) + 0.5, "v": float(one.statement.ends[0])}
        for one in found.verdicts
        if one.statement.says == says and one.statement.at is not None
    ]


def poster(found: RebuiltDay, speaker: Speaker, *, scale: float = 1.8) -> bytes:
    """Draw the whole picture as one PNG, with its legends, titled in English over a Korean subtitle."""
    with speaking("ko"):
        korean = str(_("rebuilt from public files, with 80 % intervals; diamonds are what was printed"))
    subtitle = [f"{found.island.title.ko} {found.date}: {korean}", str(day_picture(found, speaker).caption)]
    named = ", ".join(f"{hue} {title}" for hue, title in _HUES)
    below = {
        0: [],
        1: [str(_("band: 80 % interval; diamond: as printed"))],
        2: [f"{named}; {_('dashed: the settled files alone; diamonds: as printed')}"],
    }
    charts: list[dict[str, Any]] = []
    sets: dict[str, Any] = {}
    for i, (title, height, draw) in enumerate(_panels(found, speaker)):
        chart = draw(Size(760, height)).to_dict(validate=False)
        sets |= chart.pop("datasets", {})
        head = {
            "text": str(title),
            "subtitle": below[i],
            "fontSize": 13,
            "subtitleFontSize": 11,
            "offset": 14,
        }
        charts.append(
            {**chart, "width": 720, "height": round(height * 1.2), "title": {**head, "subtitleColor": GREY}}
        )
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {
            "text": f"{_title(found)}",
            "subtitle": subtitle, "fontSize": 18, "subtitleFontSize": 12, "subtitleColor": GREY, "offset": 14,
        },
        "datasets": sets,
        "vconcat": charts,
        "spacing": 12,
        "background": "white",
        "padding": 14,
        "config": _legended(),
    }  # fmt: skip
    drawn = vl_convert.vegalite_to_svg(json.dumps(spec, ensure_ascii=False))
    return _tight(bytes(vl_convert.svg_to_png(drawn, scale=scale)))


_HUES = (("blue:", _("coverage")), ("pink:", _("proportional")), ("green:", _("thermal first")))


def _tight(png: bytes) -> bytes:
    """Deflate a PNG's pixels again as tightly as can be, and leave out what is not needed to show it."""
    kept, pixels, at = [], b"", 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12
        if kind == b"IDAT":
            pixels += body
        elif kind == b"IHDR":
            kept.append((kind, body))
    kept += [(b"IDAT", zlib.compress(zlib.decompress(pixels), 9)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in kept
    )
    return png[:8] + b"".join(chunks)


def _title(found: RebuiltDay) -> str:
    """Take the record's own name for the day, where it has one."""
    named = [
        r.title.en for r in found.island.records if str(r.day) == found.date and r.statements and r.title
    ]
    return f"{found.island.title.en}, {named[0] if named else found.date}, hour by hour"


def _legended() -> dict[str, Any]:
    config = house_config()
    return {**config, "legend": {**config["legend"], "disable": False, "columns": 8}}
