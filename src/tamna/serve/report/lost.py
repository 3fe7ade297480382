"""Lost wind on a page: estimated beside published, by month and class, and the day that shows why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from tamna.grid.clock import Resolution, to_local
from tamna.lang import Message, _
from tamna.measure.bins import Bins
from tamna.measure.lost import Lost, NotLost
from tamna.measure.lostsum import NOTES, TITLES, LostSums, sums, worst_day
from tamna.serve.report.blocks import (
    Amount,
    Block,
    Callout,
    Cell,
    Column,
    Key,
    Missing,
    Paragraph,
    Picture,
    Section,
    Table,
    Text,
)
from tamna.serve.report.frame import (
    Drawn,
    Size,
    colours,
    data,
    hours_x,
    keys,
    labels,
    months_x,
    panel,
    rows_of,
    unit_axis,
)
from tamna.serve.report.palette import colour
from tamna.serve.report.view import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.grid import Island
    from tamna.serve.report.speak import Speaker

TITLE = _("Curtailed wind, estimated")


def lost_section(found: Lost | NotLost, island: Island, speaker: Speaker) -> Section:
    """Tell the governor what wind was lost, or why nobody can say."""
    if isinstance(found, NotLost):
        told: tuple[Block, ...] = (Callout(title=_("Unavailable"), texts=(found.reason, found.todo)),)
        return Section(title=TITLE, blocks=told, reader="governor")
    return Section(title=TITLE, blocks=tuple(_blocks(found, island, speaker)), reader="governor")


def _blocks(found: Lost, island: Island, speaker: Speaker) -> Iterator[Block]:
    whole = sums(found, Bins(found.valid_at, Resolution.ALL, island.timezone))
    months = sums(found, Bins(found.valid_at, Resolution.MONTH, island.timezone))
    yield Paragraph(_told(whole, speaker), lead=True)
    if whole.hours_judged[0]:
        yield _months_picture(months, speaker)
        yield _table(months, whole, speaker)
        days = Bins(found.valid_at, Resolution.DAY, island.timezone)
        day = worst_day(found, days)
        if day is not None and day.stop - day.start == 24:
            yield _day_picture(found, day, island.timezone, speaker)
    yield Callout(title=_("Before you quote these numbers"), texts=(*_totals(found, island, speaker), *NOTES))


def _told(whole: LostSums, speaker: Speaker) -> Text:
    if not whole.hours_judged[0]:
        reason = whole.reasons[0]
        return _("Nobody can say what wind was lost in this period: {why}.", why=reason or "-")
    share = speaker.percent(
        float(whole.mwh[0] / whole.potential_mwh[0]) if whole.potential_mwh[0] > 0 else None
    )
    said = {
        "mwh": speaker.number(float(whole.mwh[0]) / 1000),
        "low": speaker.number(float(whole.low_mwh[0]) / 1000),
        "high": speaker.number(float(whole.high_mwh[0]) / 1000),
        "share": share,
        "hours": speaker.number(float(whole.hours_judged[0]), 0),
        "all": speaker.number(float(whole.bins.hours[0]), 0),
    }
    if np.isnan(whole.published_mwh[0]):
        return _(
            "About {mwh} GWh of wind were held back ({low} to {high} in four cases of five), {share} of what it could"
            " have given, in the {hours} of {all} hours that can be judged. Nothing is published by the hour"
            " for this period; that is not zero.",
            **said,
        )
    return _(
        "About {mwh} GWh of wind were held back ({low} to {high} in four cases of five), {share} of what it could"
        " have given, in the {hours} of {all} hours that can be judged. {published} GWh are published; the estimate"
        " did not look at them.",
        **said,
        published=speaker.number(float(whole.published_mwh[0]) / 1000),
    )


def _months_picture(s: LostSums, speaker: Speaker) -> Picture:
    """Draw estimated energy by month with its interval, and the published as strokes."""
    months = tuple(s.bins.names)
    estimated = Line(title=_("estimated"), colour="curtailment", values=tuple(s.mwh / 1000), estimated=True)
    published = Line(title=_("published"), colour="demand", values=tuple(s.published_mwh / 1000))
    spans = [
        {"k": m, "low": round(float(a) / 1000, 6), "high": round(float(b) / 1000, 6)}
        for m, a, b in zip(months, s.low_mwh, s.high_mwh, strict=True)
        if np.isfinite(a)
    ]
    tops = [*s.high_mwh[np.isfinite(s.high_mwh)] / 1000, *(p for p in published.values if np.isfinite(p))]
    top = max(tops, default=0.0) * 1.05 or 1.0
    silent = [m for m, n in zip(months, s.hours_judged, strict=True) if not n]

    def draw(size: Size) -> Drawn:
        x, scale = months_x(months, speaker, size), alt.Scale(domain=[0, top], nice=False)
        axis = unit_axis("GWh", form=",.1~f")
        y, tint = alt.Y("v:Q", axis=axis, scale=scale), colours((estimated, published))
        grey = alt.Chart(data([{"k": m, "v": top} for m in silent])).mark_bar(
            color=colour("not_published"), width={"band": 1}
        ).encode(x=x, y=y)  # fmt: skip
        bars = alt.Chart(data(rows_of(months, [estimated]))).mark_bar(
            width={"band": 0.66}, opacity=0.75
        ).encode(x=x, y=y, color=tint)  # fmt: skip
        whiskers = alt.Chart(data(spans)).mark_rule(strokeWidth=1.5).encode(
            x=x, y=alt.Y("low:Q", axis=axis, scale=scale), y2="high:Q"
        )  # fmt: skip
        strokes = alt.Chart(data(rows_of(months, [published]))).mark_tick(
            thickness=2.5, opacity=1, orient="horizontal", width={"band": 0.86}
        ).encode(x=x, y=y, color=tint)  # fmt: skip
        return alt.layer(grey, bars, whiskers, strokes)

    unknown = (Key(title=_("not judged"), colour=colour("not_published")),) if silent else ()
    return Picture(
        title=_("Wind held back by month"),
        alt=_(
            "Bars of estimated curtailed wind by month with 80 % intervals, and strokes where hours were published."
        ),
        panels=(panel(draw, 150),),
        legend=(*keys([estimated]), *keys([published], line=True), *unknown),
        caption=_(
            "Thin lines hold four cases of five. A month without a stroke was not published: not zero."
        ),
    )


def _table(months: LostSums, whole: LostSums, speaker: Speaker) -> Table:
    heads: tuple[Text, ...] = (
        _("estimated"),
        _("lower bound"),
        _("upper bound"),
        *TITLES.values(),
        _("hours judged"),
    )
    rows = [
        (speaker.month(name, alone=False), *_cells(months, i)) for i, name in enumerate(months.bins.names)
    ]
    return Table(
        title=_("Wind held back, MWh"),
        columns=(Column(_("Month")), *(Column(head, number=True) for head in heads)),
        rows=(*rows, (_("All"), *_cells(whole, 0))),
        strong=(len(rows),),
        note=_(
            "Where hours are published the estimate stands beside them and in no class. Outage and unexplained"
            " are shortfalls below the weather's own 80 % interval while the system had room, less what lay as far above"
            " it in the same period: their months need not add up to the whole."
        ),
    )


def _cells(s: LostSums, i: int) -> tuple[Cell, ...]:
    reason = s.reasons[i]

    def amount(value: float, *, estimated: bool = True) -> Cell:
        return Amount(value=float(value), digits=0, estimated=estimated)

    hours = Amount(value=float(s.hours_judged[i]), digits=0)
    published: Cell = (
        Missing(word=_("not published"))
        if np.isnan(s.published_mwh[i])
        else amount(s.published_mwh[i], estimated=False)
    )
    others = tuple(amount(s.classes[k][i]) for k in TITLES if k != "instructed")
    if reason is not None:
        return (Missing(word=_("unavailable"), reason=reason), "", "", published, *others, hours)
    return (amount(s.mwh[i]), amount(s.low_mwh[i]), amount(s.high_mwh[i]), published, *others, hours)


def _day_picture(found: Lost, day: slice, timezone: str, speaker: Speaker) -> Picture:
    """Draw the day that lost most: what the weather offered, what the system had room for, what was made."""
    room = np.maximum(found.demand_mw - found.pv_mw - found.floor_mw, 0.0)[day]
    lines = {
        "potential": Line(
            title=_("wind, potential"), colour="storage", values=_closed(found.potential_mw[day])
        ),
        "actual": Line(title=_("wind, actual"), colour="wind", values=_closed(found.actual_mw[day])),
        "room": Line(title=_("room for wind"), colour="residual", values=_closed(room)),
    }
    around = (
        Line(title=_("Demand"), colour="demand", values=_closed(found.demand_mw[day])),
        Line(title=_("PV"), colour="pv", values=_closed(found.pv_mw[day])),
        Line(
            title=_("floor: must-run and link minimum"), colour="thermal", values=_closed(found.floor_mw[day])
        ),
    )
    hours = range(25)  # the last step runs to midnight
    x = alt.X("k:Q", scale=alt.Scale(domain=[0, 24], nice=False), axis=labels(hours_x(speaker)))
    spread = [
        {"k": h, "low": round(a, 3), "high": round(b, 3)}
        for h, a, b in zip(
            hours, _closed(found.potential_p10_mw[day]), _closed(found.potential_p90_mw[day]), strict=True
        )
        if np.isfinite(a + b)
    ]
    gap = [
        {"k": h, "low": round(a, 3), "high": round(max(a, p), 3)}
        for h, a, p in zip(hours, lines["actual"].values, lines["potential"].values, strict=True)
        if np.isfinite(a + p)
    ]

    def wind(_size: Size) -> Drawn:
        y = alt.Y("v:Q", axis=unit_axis("MW"))
        band = alt.Chart(data(spread)).mark_area(
            interpolate="step-after", color=colour("storage"), opacity=0.25
        ).encode(x=x, y=alt.Y("low:Q", axis=unit_axis("MW")), y2="high:Q")  # fmt: skip
        shade = alt.Chart(data(gap)).mark_area(
            interpolate="step-after", color=colour("curtailment"), opacity=0.3
        ).encode(x=x, y=alt.Y("low:Q", axis=unit_axis("MW")), y2="high:Q")  # fmt: skip
        drawn = alt.Chart(data(rows_of(hours, tuple(lines.values())))).mark_line(
            interpolate="step-after", strokeWidth=2
        ).encode(x=x, y=y, color=colours(tuple(lines.values())))  # fmt: skip
        return alt.layer(band, shade, drawn)

    def system(_size: Size) -> Drawn:
        return alt.layer(
            alt.Chart(data(rows_of(hours, around)))
            .mark_line(interpolate="step-after", strokeWidth=2)
            .encode(x=x, y=alt.Y("v:Q", axis=unit_axis("MW")), color=colours(around))
        )

    return Picture(
        title=_("The day that lost most: {day}", day=_day_name(found, day, timezone)),
        alt=_why(found, day, timezone, speaker),
        panels=(panel(wind, 150, _("Wind")), panel(system, 110, _("The system"))),
        legend=(
            *keys(tuple(lines.values()), line=True),
            Key(title=_("potential, four cases of five"), colour=colour("storage")),
            Key(title=_("held back"), colour=colour("curtailment")),
            *keys(around, line=True),
        ),
        caption=_why(found, day, timezone, speaker),
    )


def _closed(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Hold the last hour to its end."""
    return (*values.tolist(), float(values[-1]))


def _why(found: Lost, day: slice, timezone: str, speaker: Speaker) -> Message:
    """Say in words why wind was held back in that day's worst hour."""
    at = day.start + int(np.nanargmax(found.estimated_mwh[day]))
    local = to_local(found.valid_at[at : at + 1], timezone)[0]

    def mw(values: NDArray[np.float64]) -> str:
        return speaker.number(float(values[at]), 0)

    left = found.demand_mw - found.pv_mw - found.floor_mw
    return _(
        "On {day} about {mwh} MWh were held back. At {hour} demand was {demand} MW and PV gave {pv};"
        " must-run plant and the links' minimum held some {floor}, which left room for about {room} MW of wind."
        " The weather offered {potential}, the fleet gave {actual}.",
        day=_day_name(found, day, timezone),
        mwh=speaker.number(float(np.nansum(found.estimated_mwh[day])), 0),
        hour=str(local.astype("datetime64[m]"))[11:],
        demand=mw(found.demand_mw),
        pv=mw(found.pv_mw),
        floor=mw(found.floor_mw),
        room=mw(np.maximum(left, 0.0)),
        potential=mw(found.potential_mw),
        actual=mw(found.actual_mw),
    )


def _day_name(found: Lost, day: slice, timezone: str) -> str:
    return str(to_local(found.valid_at[day.start : day.start + 1], timezone)[0].astype("datetime64[D]"))


def _totals(found: Lost, island: Island, speaker: Speaker) -> Iterator[Message]:
    """Name what is published of a year in one figure, beside years that have no hours."""
    for learned in found.learned:
        said = island.published_curtailment.get(learned.year)
        if said is not None and said.wind_mwh is not None:
            yield _(
                "Published as one figure for {year}: {gwh} GWh of wind. The floor for that year was learned from {years}.",
                year=learned.year,
                gwh=speaker.number(float(said.wind_mwh) / 1000),
                years=", ".join(str(y) for y in learned.anchors),
            )
