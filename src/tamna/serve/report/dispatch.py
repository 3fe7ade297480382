"""The page of a dispatch: the picture of its hours, why each came out so, what it comes to, what was assumed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tamna.dispatch.assets import called
from tamna.lang import _
from tamna.measure.words import Title
from tamna.optimise.share import ELECTRICITY
from tamna.serve.published_words import headings, rows, sentences
from tamna.serve.report.blocks import Callout, Column, Definitions, Listing, Paragraph, Points, Section, Table
from tamna.serve.report.dispatch_day import told_day
from tamna.serve.report.dispatch_loop import day_sections, sums_table, worth_sections
from tamna.serve.report.page import Part, write_page
from tamna.serve.report.sheet import Sheet, render_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tamna.grid import Island
    from tamna.grid.assets import Thing
    from tamna.runs.dispatching import Dispatched
    from tamna.serve.report.blocks import Block


MOST_DRAWN = 240
"""Of longer periods one day is drawn. [h]"""
CHOSEN = _("Of the period it is the one in which most was held back, or else missing.")


MOST_WORTHS = 15


def write_dispatch(
    path: Path, done: Dispatched, command: str, lang: str, *, more: Sequence[Callable[[], Part]] = ()
) -> Path:
    """Write the page of a dispatch in `lang`; the same dispatch gives the same bytes."""
    return write_page(path, render_dispatch(done, command, lang, more=more))


def render_dispatch(
    done: Dispatched, command: str, lang: str, *, more: Sequence[Callable[[], Part]] = ()
) -> str:
    """Give the page as text.

    Parameters
    ----------
    command
        What to type to make it again.
    more
        Make further parts, in the page's language.
    """
    return render_sheet(lambda _speaker: _sheet(done, command, more), lang, done.island.timezone)


def _sheet(done: Dispatched, command: str, more: Sequence[Callable[[], Part]]) -> Sheet:
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
        parts=(*_parts(done, command), *(make() for make in more)),
    )


def _parts(done: Dispatched, command: str) -> Iterator[Part]:
    long = len(done.came.stamps) > MOST_DRAWN
    shown = told_day(done) if long or done.loop is not None else done
    title = _("A day from forecast to settlement") if done.loop is not None else _("The hours")
    sections = [*day_sections(shown)]
    if len(shown.came.stamps) < len(done.came.stamps):
        said = _("This day: {day}. {why}", day=shown.answer.hours.steps.label(0)[:10], why=CHOSEN)
        sections[0] = replace(sections[0], blocks=(Paragraph(said), *sections[0].blocks))
    if shown.answer.reasons is not None:
        told = Points(title=_("Hour by hour"), texts=shown.answer.told)
        worths = (_worths(done),) if done.answer.worths else ()
        sections.append(Section(title=_("Why"), blocks=(told, *worths)))
    yield Part(key="hours", title=title, sections=tuple(sections))
    worth = tuple(worth_sections(done.loop))
    if worth:
        yield Part(key="worth", title=_("The value of the forecast"), sections=worth)
    rests: tuple[Block, ...] = (
        *_names(done.island, {*done.answer.rolled.done.injection_mw[ELECTRICITY]}),
        Points(title=_("Assumed, as the grid file does not know"), texts=tuple(str(a) for a in done.stand.assumed)),
        Listing(title=_("The command"), lines=(command,)),
    )  # fmt: skip
    whole = (Section(title=_("Sums"), blocks=(sums_table(done),)),) if shown is not done else ()
    yield Part(
        key="sums",
        title=_("What it comes to"),
        sections=(*whole, *_published(done), Section(title=_("On what it rests"), blocks=rests)),
    )


def _names(island: Island, there: set[str]) -> Iterator[Definitions]:
    """Say what the names of units and links that are `there` stand for; `--without` and `--outage` take them."""
    assets: tuple[tuple[str, Sequence[Thing]], ...] = (("thermal", island.thermal), ("link", island.links))
    items = tuple(
        (name, str(Title(en=one.title.en, ko=one.title.ko)))
        for kind, things in assets
        for one in things
        if one.title is not None and (name := called(kind, one.name)) in there
    )
    if items:
        yield Definitions(title=_("What the names stand for"), items=items)


def _published(done: Dispatched) -> Iterator[Section]:
    found, title = done.published, _("Beside what was published as held back of wind")
    if found is None:
        return
    columns = (Column(_("month")), *(Column(h, number=True) for h in headings()))
    lines = tuple(str(s) for s in sentences(found))
    yield Section(
        title=title,
        blocks=(
            Table(title=title, columns=columns, rows=tuple(rows(found))),
            Points(title=_("What differs and why"), texts=lines),
        ),
    )


def _worths(done: Dispatched) -> Table:
    """Lay out what one more of each thing would have saved."""
    columns = (
        Column(_("what"), wide=True),
        Column(_("saved, KRW"), number=True),
        Column(_("hours in which it bound"), number=True),
    )
    return Table(
        title=_("What one more of each would have saved"),
        columns=columns,
        rows=tuple((w.thing, f"{w.total:,.0f}", f"{w.bound:,}") for w in done.answer.worths[:MOST_WORTHS]),
        note=_("For the next MW, not for a hundred, and with the same units on."),
    )
