"""The page of a dispatch: the picture of its hours, why each came out so, what it comes to, what was assumed."""

from __future__ import annotations

import base64
import hashlib
import itertools
from typing import TYPE_CHECKING

from altair.utils.schemapi import debug_mode
from markupsafe import Markup

from tamna import __version__
from tamna.lang import _, speaking
from tamna.serve.dispatch_words import figures
from tamna.serve.published_words import headings, rows, sentences
from tamna.serve.report.blocks import Callout, Column, Listing, Section, Table
from tamna.serve.report.dispatch_pictures import change_picture, level_picture, price_picture, supply_picture
from tamna.serve.report.page import Part, drawn, environment, shown, write_page
from tamna.serve.report.speak import Speaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tamna.runs.dispatching import Dispatched
    from tamna.serve.report.blocks import Block, Cell


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
    with speaking(lang), debug_mode(False):
        speaker = Speaker(lang, done.island.timezone)
        numbers = itertools.count(1)
        style = environment().get_template("report.css.j2").render(synthetic=False)
        held = done.answer.account.held_mwh
        return environment().get_template("backtest.html.j2").render(
            title=_("What should have run"),
            lead=_(
                "{held:,.0f} MWh of wind and PV were held back; {paid:,.0f} million KRW were paid for fuel, starts and imports.",
                held=sum(held.values()),
                paid=done.answer.account.paid_krw / 1e6,
            ),
            island=done.island.name,
            period=done.period,
            version=__version__,
            lang=lang,
            speaker=speaker,
            style=Markup(style),  # noqa: S704 (our own stylesheet)
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            callout=Callout(title=_("Before you use these numbers"), texts=(*done.came.notes,)),
            parts=(*_parts(done, command), *(make() for make in more)),
            draw=lambda spec: drawn(spec, f"p{next(numbers)}"),
            shown=lambda table: shown(table, speaker),
        )  # fmt: skip


def _parts(done: Dispatched, command: str) -> Iterator[Part]:
    pictures = (supply_picture(done), change_picture(done), price_picture(done), level_picture(done))
    drawn_ones: tuple[Block, ...] = tuple(p for p in pictures if p is not None)
    sections = [Section(title=_("The hours"), blocks=drawn_ones)]
    if done.answer.reasons is not None:
        told = Listing(title=_("Hour by hour"), lines=done.answer.told)
        sections.append(Section(title=_("Why"), blocks=(told, _worths(done))))
    yield Part(key="hours", title=_("The hours"), sections=tuple(sections))
    rests = (
        Listing(title=_("Assumed, as the grid file does not know"), lines=tuple(str(a) for a in done.stand.assumed)),
        Listing(title=_("The command"), lines=(command,)),
    )  # fmt: skip
    yield Part(
        key="sums",
        title=_("What it comes to"),
        sections=(
            Section(title=_("Sums"), blocks=(_sums(done),)),
            *_published(done),
            Section(title=_("On what it rests"), blocks=rests),
        ),
    )


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
            Listing(title=_("What differs and why"), lines=lines),
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


def _sums(done: Dispatched) -> Table:
    accounts = [done.answer.account] if done.beside is None else [done.beside.account, done.answer.account]
    heads = (
        [_("found")] if done.beside is None else [_("as it stands"), _("with the change"), _("difference")]
    )
    rows: list[tuple[Cell, ...]] = []
    for name, values in figures(accounts):
        cells = [f"{v:,.0f}" for v in values]
        rows.append((name, *cells, *([f"{values[1] - values[0]:+,.0f}"] if len(values) > 1 else [])))
    return Table(
        title=_("Sums"), columns=(Column(""), *(Column(h, number=True) for h in heads)), rows=tuple(rows)
    )
