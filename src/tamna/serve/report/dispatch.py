"""The page of a dispatch: the picture of its hours, why each came out so, what it comes to, what was assumed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.measure.words import Title
from tamna.serve.report.blocks import Callout, Listing, Paragraph, Section
from tamna.serve.report.dispatch_day import told_day
from tamna.serve.report.dispatch_loop import day_sections, sums_table, worth_sections
from tamna.serve.report.page import Part, write_page
from tamna.serve.report.sheet import Sheet, render_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tamna.runs.dispatching import Dispatched


MOST_DRAWN = 240
"""Of longer periods one day is drawn. [h]"""
CHOSEN = _("Of the period it is the one in which most was held back, or else missing.")


def write_dispatch(path: Path, done: Dispatched, command: str, lang: str) -> Path:
    """Write the page of a dispatch in `lang`; the same dispatch gives the same bytes."""
    return write_page(path, render_dispatch(done, command, lang))


def render_dispatch(done: Dispatched, command: str, lang: str) -> str:
    """Give the page as text.

    Parameters
    ----------
    command
        What to type to make it again.
    """
    return render_sheet(lambda _speaker: _sheet(done, command), lang, done.island.timezone)


def _sheet(done: Dispatched, command: str) -> Sheet:
    held = done.answer.account.held_mwh
    return Sheet(
        title=_("What should have run"),
        lead=_(
            "{held:,.0f} MWh of wind and PV were held back; {paid:,.0f} million KRW were paid for fuel, starts and imports.",
            held=sum(held.values()),
            paid=done.answer.account.paid_krw / 1e6,
        ),
        island=str(Title(en=done.island.title.en, ko=done.island.title.ko)),
        period=done.period,
        callout=Callout(title=_("Before you use these numbers"), texts=(*done.came.notes,)),
        parts=tuple(_parts(done, command)),
    )


def _parts(done: Dispatched, command: str) -> Iterator[Part]:
    long = len(done.came.stamps) > MOST_DRAWN
    shown = told_day(done) if long or done.loop is not None else done
    title = _("A day from forecast to settlement") if done.loop is not None else _("The hours")
    sections = [*day_sections(shown)]
    if shown is not done:
        said = _("This day: {day}. {why}", day=shown.answer.hours.steps.label(0)[:10], why=CHOSEN)
        sections[0] = replace(sections[0], blocks=(Paragraph(said), *sections[0].blocks))
    why, steps = shown.answer.reasons, shown.answer.hours.steps
    if why is not None:
        told = tuple(why.sentence(i, steps.label(i)) for i in range(steps.count))
        sections.append(Section(title=_("Why"), blocks=(Listing(title=_("Hour by hour"), lines=told),)))
    yield Part(key="hours", title=title, sections=tuple(sections))
    worth = tuple(worth_sections(done.loop))
    if worth:
        yield Part(key="worth", title=_("The value of the forecast"), sections=worth)
    rests = (
        Listing(title=_("Assumed, as the grid file does not know"), lines=tuple(str(a) for a in done.stand.assumed)),
        Listing(title=_("The command"), lines=(command,)),
    )  # fmt: skip
    whole = (Section(title=_("Sums"), blocks=(sums_table(done),)),) if shown is not done else ()
    yield Part(
        key="sums",
        title=_("What it comes to"),
        sections=(*whole, Section(title=_("On what it rests"), blocks=rests)),
    )
