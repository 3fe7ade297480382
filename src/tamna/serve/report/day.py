"""A rebuilt day as pages of the report: its picture, its hours, and what was printed about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna import __version__
from tamna.grid.clock import HOUR, Period, to_local
from tamna.grid.rules import Rule
from tamna.lang import Message, _, speaking
from tamna.measure.reconstruct import HIGH, LOW, Band, Kind
from tamna.measure.tracks import FORMULAS
from tamna.measure.words import Listing
from tamna.serve.report import view as v
from tamna.serve.report.blocks import Block, Callout, Cell, Column, Paragraph, Section, Table
from tamna.serve.report.day_picture import day_picture
from tamna.serve.report.page import write_report
from tamna.serve.report.speak import DASH, Speaker
from tamna.serve.telling import (
    FEW,
    PLAIN,
    missed,
    notes,
    ours,
    printed_by,
    said,
    subject,
    verdict,
    whole_fleet,
)  # fmt: skip
from tamna.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tamna.runs import RebuiltDay

RULES: dict[str, Message] = {
    Rule.COVERAGE: _("Coverage"),
    Rule.PROPORTIONAL: _("Proportional"),
    Rule.THERMAL_FIRST: _("Thermal first"),
}


def write_day(path: Path, found: RebuiltDay, lang: str) -> Path:
    """Write the page of one rebuilt day."""
    with speaking(lang):
        return write_report(path, day_view(found, lang), lang)


def day_view(found: RebuiltDay, lang: str) -> v.ReportView:
    """Tell a rebuilt day as a report of its own: its fullest hour first, under every definition."""
    day = found.day
    best = int(np.nanargmax(np.median(day.shares[PLAIN, Rule.COVERAGE], axis=0)))
    hour = str(to_local(day.valid_at[best : best + 1], day.timezone)[0])[11:16]
    title = found.island.title
    island = title.ko if lang == "ko" else title.en
    counted = _("one hour of the day, from {hour}; an estimate with its 80 % interval", hour=hour)
    return v.ReportView(
        title=_("{island}, {date}: hour by hour from public files", island=island, date=found.date),
        island=island,
        period=Period(day.valid_at[0], day.valid_at[-1] + HOUR),
        timezone=day.timezone,
        headlines=tuple(
            v.Headline(
                label=_("{rule}, hour from {hour}", rule=title_, hour=hour),
                value=float(np.median(day.shares[PLAIN, rule][:, best])),
                definition=_(
                    "{formula}; between {low:.0%} and {high:.0%}",
                    formula=FORMULAS[Rule(rule)],
                    low=float(np.quantile(day.shares[PLAIN, rule][:, best], LOW)),
                    high=float(np.quantile(day.shares[PLAIN, rule][:, best], HIGH)),
                ),
                metering_base=counted,
                hours_counted=1,
                hours_missing=0,
                estimated_share=1.0,
            )
            for rule, title_ in RULES.items()
        ),
        shares=_shares(found, best),
        making=v.Making(
            version=__version__,
            method=_("a day rebuilt from public files"),
            settings=(("island", found.island.name), ("day", found.date)),
            seed=0,
            commands=(f"tamna measure {found.island.name} --day {found.date}", "sha256sum FILE"),
        ),
        receipts=tuple(
            v.ReceiptRow(
                name=r.name, sha256=r.sha256, publisher=SOURCES[r.source].publisher,
                licence=SOURCES[r.source].licence, use=SOURCES[r.source].use, rows=r.rows,
                data_start=r.data_start[:10], data_end=r.data_end[:10],
            )
            for r in found.receipts
        ),
        notes=tuple(notes(found)),
        sections=tuple(day_sections(found, Speaker(lang, day.timezone))),
    )  # fmt: skip


def _shares(found: RebuiltDay, best: int) -> v.ShareTable:
    day = found.day
    return v.ShareTable(
        rules=tuple(v.Rule(name=r, title=title, meaning=FORMULAS[Rule(r)]) for r, title in RULES.items()),
        boundaries=tuple(
            v.Boundary(
                name=b.name,
                title=b.title,
                meaning=b.title,
                shares=tuple(_share(float(np.median(day.shares[b.name, r][:, best]))) for r in RULES),
            )
            for b in day.boundaries
        ),
    )


def _share(value: float) -> v.Share:
    if np.isnan(value):
        return v.Share(value=None, reason=_("a class of this boundary is not known on this day"))
    return v.Share(value=value, estimated=True)


def day_sections(found: RebuiltDay, speaker: Speaker) -> Iterator[Section]:
    """Give the picture for the governor, the hours for the engineer, the printed numbers for the auditor."""
    yield Section(
        title=_("{date}, hour by hour", date=found.date),
        blocks=(
            *_lead(found),
            day_picture(found, speaker),
            Callout(title=_("Before you quote an hour of this day"), texts=tuple(notes(found)), warning=True),
        ),
        reader="governor",
    )
    yield Section(
        title=_("The hours of {date}", date=found.date), blocks=(_hours(found, speaker),), reader="engineer"
    )
    if found.verdicts:
        blocks: list[Block] = [_claims(found)]
        if found.closures:
            blocks.append(_balance(found, speaker))
        yield Section(
            title=_("What was printed about {date}", date=found.date), blocks=tuple(blocks), reader="auditor"
        )


def _lead(found: RebuiltDay) -> Iterator[Block]:
    if found.closures:
        best = found.closures[0]
        yield Paragraph(
            _(
                "The must-run plant of the printed balance was {plant}: with {mwh:.1f} MWh of it, {label},"
                " printed wind, PV and export close within {misses:.1f} MWh.",
                plant=best.plant, mwh=best.plant_mwh, label=best.hours.title, misses=abs(best.misses),
            ),
            lead=True,
        )  # fmt: skip


def _hours(found: RebuiltDay, speaker: Speaker) -> Table:
    day = found.day
    local = to_local(day.valid_at, day.timezone)
    shown = [(n, r) for n, r in day.classes.items() if r.of.in_demand and np.isfinite(r.draws).all()]
    bands = [r.band for _n, r in shown]
    net = Band.of(day.net_export)
    share = [Band.of(day.shares[PLAIN, r]) for r in RULES]
    rows: list[tuple[Cell, ...]] = [
        (
            str(local[i])[11:16],
            speaker.number(float(day.demand[i]), 1),
            *(_between(b, i, speaker) for b in bands),
            _between(net, i, speaker),
            *(_between(b, i, speaker, percent=True) for b in share),
            speaker.percent(float(day.filed_share[i]), 0),
        )
        for i in range(len(day))
    ]
    return Table(
        title=_("MWh in each hour, and the share of wind and PV"),
        columns=(
            Column(_("Hour from")),
            Column(_("Demand"), number=True),
            *(Column(whole_fleet(r), number=True) for _n, r in shown),
            Column(_("Net export"), number=True),
            *(Column(title, number=True) for title in RULES.values()),
            Column(_("Files alone"), number=True),
        ),
        rows=tuple(rows),
        note=_(
            "Middle, and in brackets the ends of the 80 % interval; a number alone is metered. Net export by balance: {classes}.",
            classes=Listing(tuple(whole_fleet(r) for _n, r in shown), " + "),
        ),
    )


def _between(band: Band, i: int, speaker: Speaker, *, percent: bool = False) -> str:
    low, middle, high = float(band.low[i]), float(band.middle[i]), float(band.high[i])
    if np.isnan(middle):
        return DASH
    if percent:
        text = speaker.percent(middle, 0)
        return (
            text if high - low < 0.005 else f"{text} ({speaker.percent(low, 0)}–{speaker.percent(high, 0)})"
        )
    if high - low < 0.05:
        return speaker.number(middle, 1)
    return f"{speaker.number(middle, 0)} ({speaker.number(low, 0)}–{speaker.number(high, 0)})"


def _claims(found: RebuiltDay) -> Table:
    return Table(
        title=_("Printed numbers, and the definition that comes closest"),
        columns=(
            Column(_("Printed")),
            Column(_("Number"), number=True),
            Column(_("By")),
            Column(_("Closest definition; hours"), wide=True),
            Column(_("Ours"), number=True),
            Column(_("Misses by"), number=True),
            Column(_("Verdict")),
        ),
        rows=tuple(
            (
                subject(one), said(one), printed_by(found, one),
                _("{what}; {hours}", what=one.best.quantity.title, hours=one.best.hours.title),
                ours(one), missed(one), verdict(one),
            )
            for one in found.verdicts
        ),
        note=_(
            "What an hour label means is settled for each publisher by its demand, which is metered. {n} of these numbers rest on meters alone.",
            n=sum(one.best.quantity.metered for one in found.verdicts),
        ),
    )  # fmt: skip


def _balance(found: RebuiltDay, speaker: Speaker) -> Table:
    return Table(
        title=_("Which plant stood between the printed surplus and the printed export? [MWh]"),
        columns=(
            Column(_("Plant"), wide=True),
            Column(_("Made"), number=True),
            Column(_("Hour label"), wide=True),
            Column(_("Demand"), number=True),
            Column(_("Export implied"), number=True),
            Column(_("Export printed"), number=True),
            Column(_("Misses by"), number=True),
        ),
        rows=tuple(
            (
                c.plant, speaker.number(c.plant_mwh, 1), c.hours.title, speaker.number(c.demand_mwh, 1),
                speaker.number(c.implied_mwh, 1), speaker.number(c.said_mwh, 1),
                speaker.number(c.misses, 1, signed=True),
            )
            for c in found.closures[:FEW]
        ),
        note=_("Printed wind and PV plus plant, less metered demand. No model stands in this table."),
        strong=(0,),
    )  # fmt: skip


def modelled(found: RebuiltDay) -> tuple[str, ...]:
    """Name the classes of a day that no series holds whole."""
    return tuple(n for n, r in found.day.classes.items() if r.kind is not Kind.MEASURED)
