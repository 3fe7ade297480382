"""Pictures of months: what was made and used, what was curtailed, what carbon it carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from tamna.lang import _
from tamna.serve.report.blocks import Key, Picture, Text
from tamna.serve.report.frame import (
    Drawn,
    Size,
    colours,
    data,
    finite,
    keys,
    months_x,
    panel,
    rows_of,
    unit_axis,
)
from tamna.serve.report.palette import colour

if TYPE_CHECKING:
    from tamna.serve.report.speak import Speaker
    from tamna.serve.report.view import Carbon, Curtailment, Monthly


def monthly_picture(monthly: Monthly, speaker: Speaker) -> Picture:
    """Draw generation against demand, and under it the shares, month by month."""
    months = monthly.months
    lines = (*monthly.made_gwh, monthly.demand_gwh)

    def energy(size: Size) -> Drawn:
        x, height = months_x(months, speaker, size), unit_axis("GWh")
        bars = alt.Chart(data(rows_of(months, monthly.made_gwh))).mark_bar(width={"band": 0.66}).encode(
            x=x, y=alt.Y("sum(v):Q", axis=height), color=colours(lines), order="o:Q"
        )  # fmt: skip
        used = alt.Chart(data(rows_of(months, [monthly.demand_gwh]))).mark_tick(
            thickness=2.5, opacity=1, orient="horizontal", width={"band": 0.86}
        ).encode(x=x, y="v:Q", color=colours(lines))  # fmt: skip
        return alt.layer(bars, used)

    def share(size: Size) -> Drawn:
        base = alt.Chart(data(rows_of(months, monthly.shares))).encode(
            x=months_x(months, speaker, size),
            y=alt.Y("v:Q", axis=unit_axis("", form=".0%", count=4), scale=alt.Scale(zero=True)),
            color=colours(monthly.shares),
        )
        return alt.layer(base.mark_line(strokeWidth=2), base.mark_point(filled=True, size=34, opacity=1))

    panels = [panel(energy, 190, _("Energy"))]
    if monthly.shares:
        panels.append(panel(share, 110, _("Share")))
    named = keys(monthly.shares, line=True) if len(monthly.shares) > 1 else ()
    return Picture(
        title=_("Generation and demand by month"),
        alt=_months_in_words(monthly, speaker),
        panels=tuple(panels),
        legend=(*keys(monthly.made_gwh), *keys([monthly.demand_gwh], line=True), *named),
    )


def _months_in_words(monthly: Monthly, speaker: Speaker) -> Text:
    shares = monthly.shares[0].values if monthly.shares else ()
    known = [(v, m) for v, m in zip(shares, monthly.months, strict=False) if np.isfinite(v)]
    if not known:
        return _("Stacked bars of monthly generation with demand as a stroke above them.")
    (low, worst), (high, best) = min(known), max(known)
    return _(
        "Stacked bars of monthly generation with demand as a stroke above them, and lines of the monthly share."
        " The highest monthly share was {high} in {best}, the lowest {low} in {worst}.",
        high=speaker.percent(high),
        best=speaker.month(best, alone=False),
        low=speaker.percent(low),
        worst=speaker.month(worst, alone=False),
    )


def curtailment_picture(curtailment: Curtailment, speaker: Speaker) -> Picture:
    """Draw published curtailed energy by month; a month without publication is a grey field, not a zero."""
    months = curtailment.months
    drawn = [line for line in curtailment.lines if finite(line.energy_mwh)]
    silent = [m for i, m in enumerate(months) if not finite(line.energy_mwh[i] for line in curtailment.lines)]
    rows = [
        {"k": month, "name": str(line.title), "v": round(value / 1000, 6)}
        for line in drawn
        for month, value in zip(months, line.energy_mwh, strict=True)
        if np.isfinite(value)
    ]
    by_month = [sum(finite(line.energy_mwh[i] for line in drawn)) / 1000 for i in range(len(months))]
    top = max(by_month, default=0.0) * 1.05 or 1.0

    def draw(size: Size) -> Drawn:
        x = months_x(months, speaker, size)
        axis, scale = unit_axis("GWh", form="~g"), alt.Scale(domain=[0, top], nice=False)
        bars = alt.Chart(data(rows)).mark_bar(width={"band": 0.66}).encode(
            x=x, y=alt.Y("sum(v):Q", axis=axis, scale=scale), color=colours(drawn)
        )  # fmt: skip
        nothing = alt.Chart(data([{"k": m, "v": top} for m in silent])).mark_bar(
            color=colour("not_published"), width={"band": 1}
        ).encode(x=x, y=alt.Y("v:Q", axis=axis, scale=scale))  # fmt: skip
        return alt.layer(nothing, bars)

    grey = (Key(title=_("not published"), colour=colour("not_published")),) if silent else ()
    return Picture(
        title=_("Published curtailment by month"),
        alt=_(
            "Bars of published curtailed energy by month, {total} GWh in all; {silent} of {n} months were not published.",
            total=speaker.number(sum(by_month), 1),
            silent=len(silent),
            n=len(months),
        ),
        panels=(panel(draw, 130),),
        legend=(*keys(drawn), *grey),
        caption=curtailment.note,
    )


def carbon_picture(carbon: Carbon, speaker: Speaker) -> Picture:
    """Draw the average carbon intensity month by month."""
    pairs = zip(carbon.months, carbon.monthly_tco2e_per_mwh, strict=True)
    rows = [{"k": month, "v": round(value, 6)} for month, value in pairs if np.isfinite(value)]
    values = finite(carbon.monthly_tco2e_per_mwh)
    unit, hue = "tCO₂e/MWh", colour("carbon")

    def draw(size: Size) -> Drawn:
        y = alt.Y("v:Q", axis=unit_axis(unit, form=".2f", count=4), scale=alt.Scale(zero=True))
        base = alt.Chart(data(rows)).encode(x=months_x(carbon.months, speaker, size), y=y)
        points = base.mark_point(filled=True, size=34, opacity=1, color=hue)
        return alt.layer(base.mark_line(strokeWidth=2, color=hue), points)

    return Picture(
        title=_("Average carbon intensity by month"),
        alt=_(
            "Line of the monthly average carbon intensity, between {low} and {high} {unit}.",
            low=speaker.number(min(values, default=None), 3),
            high=speaker.number(max(values, default=None), 3),
            unit=unit,
        ),
        panels=(panel(draw, 110),),
        caption=carbon.basis,
    )
