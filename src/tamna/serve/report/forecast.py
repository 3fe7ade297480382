"""The page of a forecast: fans, who answered, what moves each hour, the hours as a table, what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import HOUR, Period, iso, to_local
from tamna.lang import _
from tamna.serve.forecast_words import MODELS, TARGETS, named
from tamna.serve.report.audit import receipts_table
from tamna.serve.report.blocks import Callout, Cell, Column, Lines, Listing, Paragraph, Section, Table, Text
from tamna.serve.report.forecast_pictures import fan_picture, why_picture
from tamna.serve.report.page import Part, write_page
from tamna.serve.report.receipts import receipt_rows
from tamna.serve.report.sheet import Sheet, render_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tamna.forecast.product import Forecast, TargetForecast
    from tamna.runs.foreseen import Foreseen
    from tamna.serve.report.blocks import Block
    from tamna.serve.report.speak import Speaker

SHOWN = (0.1, 0.5, 0.9)


def write_forecast(path: Path, found: Forecast, command: str, lang: str) -> Path:
    """Write the page of a forecast in `lang`; the same forecast gives the same bytes."""
    return write_page(path, render_forecast(found, command, lang))


def render_forecast(found: Forecast, command: str, lang: str) -> str:
    """Give the page as text.

    Parameters
    ----------
    command
        What to type to make it again.
    """
    return render_sheet(lambda speaker: _sheet(found, command, speaker), lang, found.timezone)


def _sheet(found: Forecast, command: str, speaker: Speaker) -> Sheet:
    return Sheet(
        title=_("What may come"),
        lead=_lead(found, speaker),
        island=found.island,
        period=Period(found.stamps[0], found.stamps[-1] + HOUR),
        callout=_before(found),
        parts=tuple(_parts(found, command, speaker)),
    )


def _lead(found: Forecast, speaker: Speaker) -> Text:
    """Say the one sentence that must be read: when it was issued, and the first target's highest hour."""
    name, target = next(iter(found.targets.items()))
    middle = found.at(name, 0.5)
    if not np.isfinite(middle).any():
        return _("Issued {issue}.", issue=speaker.moment(found.issued_at))
    top = int(np.nanargmax(middle))
    low, high = (float(found.at(name, level)[top]) for level in (0.1, 0.9))
    return _(
        "Issued {issue}. {target} is highest in the hour from {hour}: {middle} {unit}, in eight of ten cases between {low}"
        " and {high}.",
        issue=speaker.moment(found.issued_at),
        target=named(TARGETS, name),
        hour=speaker.moment(found.stamps[top]),
        middle=speaker.number(float(middle[top]), 0),
        unit=target.unit,
        low=speaker.number(low, 0),
        high=speaker.number(high, 0),
    )


def _before(found: Forecast) -> Callout:
    """Gather what must be known before a number is used."""
    texts: list[Text] = []
    for name, target in found.targets.items():
        fell = sum(reason is not None for reason in target.hour_reason)
        if fell and target.fallback_reason is not None:
            texts.append(
                _(
                    "{target}: in {n} of {all} hours another model answers: {reason}",
                    target=named(TARGETS, name),
                    n=fell,
                    all=len(found.stamps),
                    reason=target.fallback_reason,
                )
            )
        if target.drift is not None:
            texts.append(_("{target}: {text}", target=named(TARGETS, name), text=target.drift))
        if target.estimated:
            texts.append(
                _("{target}: what was learned from is itself an estimate", target=named(TARGETS, name))
            )
    notes: list[Text] = list(found.notes)
    return Callout(
        title=_("Before you use these numbers"),
        texts=(*texts, *notes) or (_("Nothing was missing."),),
        warning=bool(texts),
    )


def _parts(found: Forecast, command: str, speaker: Speaker) -> Iterator[Part]:
    for name, target in found.targets.items():
        blocks: list[Block] = [fan_picture(found, name, speaker)]
        if target.why:
            blocks.append(why_picture(found, name, speaker))
        yield Part(
            key=name.replace("_", "-"),
            title=named(TARGETS, name),
            sections=(
                Section(title=_("The band and its drivers"), blocks=tuple(blocks)),
                Section(title=_("Hour by hour"), blocks=(_hours(found, name, speaker),)),
            ),
        )
    again = Listing(title=_("The command"), lines=(command,))
    rests = Section(title=_("Who answered, and by what"), blocks=(_models(found, speaker), again))
    inputs = receipts_table(receipt_rows(found.receipts, found.timezone))
    sections = (rests, Section(title=_("Files behind it"), blocks=(inputs,)))
    yield Part(key="making", title=_("On what it rests"), sections=sections)


def _hours(found: Forecast, name: str, speaker: Speaker) -> Table:
    """Give P10, P50 and P90 of each hour, where the levels reach so far, and who answered."""
    target = found.targets[name]
    local = to_local(found.stamps, found.timezone)
    low, high = float(found.levels[0]), float(found.levels[-1])
    levels = sorted({min(max(level, low), high) for level in SHOWN})
    columns = [found.at(name, level) for level in levels]
    known = np.abs(target.quantiles[np.isfinite(target.quantiles)])
    digits = 0 if known.max(initial=0.0) >= 50 else 1

    def row(i: int) -> tuple[Cell, ...]:
        numbers = (speaker.number(float(column[i]), digits) for column in columns)
        return (str(local[i])[:16].replace("T", " "), *numbers, _who(target, i))

    return Table(
        title=_("{target}, {unit}", target=named(TARGETS, name), unit=target.unit),
        columns=(
            Column(_("Hour from")),
            *(Column(f"P{100 * level:02.0f}", number=True) for level in levels),
            Column(_("Answered by")),
        ),
        rows=tuple(row(i) for i in range(len(found.stamps))),
    )


def _who(target: TargetForecast, i: int) -> Cell:
    model = named(MODELS, target.hour_model[i])
    reason = target.hour_reason[i]
    return Lines((model, reason)) if reason is not None else model


def _models(found: Forecast, speaker: Speaker) -> Table:
    """Say of each target which fit answered and how it did on the days before."""

    def row(name: str, target: TargetForecast) -> tuple[Cell, ...]:
        fit = target.fit
        moment = fit.get("moment")
        when = (
            "–" if moment is None else iso(np.datetime64(str(moment).removesuffix("Z"), "s"), found.timezone)
        )
        return (
            named(TARGETS, name),
            named(MODELS, target.model),
            when,
            speaker.number(fit.get("hours"), 0),
            speaker.number(fit.get("past_days"), 0),
            speaker.number(fit.get("past_mae"), 1),
            speaker.number(fit.get("past_pinball"), 2),
        )

    return Table(
        title=_("Models and their last days"),
        columns=(
            Column(_("Target")),
            Column(_("Answered by")),
            Column(_("Knows of what was known at")),
            Column(_("hours learned"), number=True),
            Column(_("days before, answered again"), number=True),
            Column(_("their mean error"), number=True),
            Column(_("their pinball loss"), number=True),
        ),
        rows=tuple(row(name, target) for name, target in found.targets.items()),
        note=_(
            "The days before the issue were answered again by fits that did not know them; bands are calibrated by their"
            " misses. Errors are in the target's unit."
        ),
    )


def foreseen_sections(found: Foreseen | None, speaker: Speaker) -> Iterator[Section]:
    """Tell in a run's report how its last day was forecast, beside what came; nothing where it was not."""
    if found is None:
        return
    told = found.forecast
    blocks: list[Block] = [
        Paragraph(
            _(
                "The last day as it would have been forecast at {issue}, from what was known then, beside what came.",
                issue=speaker.moment(told.issued_at),
            )
        )
    ]
    blocks += [fan_picture(told, name, speaker, found.actual[name]) for name in told.targets]
    blocks.append(_came(found, speaker))
    fell = [
        _("{target}: {text}", target=named(TARGETS, name), text=t.fallback_reason)
        for name, t in told.targets.items()
        if t.fallback_reason is not None
    ]
    blocks.append(Callout(title=_("What the forecast had to do without"), texts=(*fell, *told.notes)))
    yield Section(title=_("The last day, forecast the day before"), blocks=tuple(blocks), reader="engineer")


def _came(found: Foreseen, speaker: Speaker) -> Table:
    """Say of each target how far its middle was off, and how many hours its band held."""
    told = found.forecast

    def row(name: str, target: TargetForecast) -> tuple[Cell, ...]:
        actual = found.actual[name]
        there = np.isfinite(actual)
        held = (actual >= told.at(name, 0.1)) & (actual <= told.at(name, 0.9))
        return (
            named(TARGETS, name),
            named(MODELS, target.model),
            speaker.number(found.missed(name), 1),
            target.unit,
            f"{int(held[there].sum())} / {int(there.sum())}",
        )

    return Table(
        title=_("How far off it was"),
        columns=(
            Column(_("Target")),
            Column(_("Answered by")),
            Column(_("mean error"), number=True),
            Column(_("unit")),
            Column(_("hours in the 80 % band"), number=True),
        ),
        rows=tuple(row(name, target) for name, target in told.targets.items()),
        note=_("One day proves nothing: tamna backtest scores many."),
    )
