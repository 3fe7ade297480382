"""Write a report: one HTML file that needs nothing else, on paper, on a desk and on a phone."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from altair.utils.schemapi import debug_mode
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tamna.lang import LANGUAGES, Message, _, speaking
from tamna.serve.report import audit, engineering, figures
from tamna.serve.report.blocks import Amount, Code, Lines, Missing, Moment
from tamna.serve.report.draw import svg
from tamna.serve.report.hours import hour_map_picture
from tamna.serve.report.speak import DASH, Speaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.serve.report.blocks import Cell, Section, Spec, Table, Text
    from tamna.serve.report.view import ReportView


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The sections for one reader, under one heading."""

    key: str
    title: Text
    sections: tuple[Section, ...]


def write_report(path: Path | str, view: ReportView, lang: str) -> Path:
    """Write the report of `view` in `lang` to `path`; whoever reads it meanwhile sees the old one whole.

    Parameters
    ----------
    path
        The file to write, usually ``report.html``. Its folder is made if need be.
    view
        What to say. The same view gives the same bytes.
    lang
        ``en`` or ``ko``.

    Returns
    -------
    Path
        Where it stands.
    """
    return write_page(path, render(view, lang))


def write_page(path: Path | str, text: str) -> Path:
    """Write a page whole or not at all; its folder is made if need be."""
    target = Path(path)
    page = text.encode("utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(page)
        Path(fresh).chmod(0o644)
        Path(fresh).replace(target)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
    return target


def render(view: ReportView, lang: str) -> str:
    """Give the page as text."""
    if lang not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)} (got {lang!r})")
    if not view.headlines:
        raise ValueError("a report needs at least one headline")
    # our own specifications are held against the schema in the tests, not in every report (half the time)
    with speaking(lang), debug_mode(False):
        speaker = Speaker(lang, view.timezone)
        numbers = itertools.count(1)
        style = environment().get_template("report.css.j2").render(synthetic=view.synthetic)
        return environment().get_template("report.html.j2").render(
            view=view,
            lang=lang,
            speaker=speaker,
            style=Markup(style),  # noqa: S704 (our own stylesheet, no value of the view in it)
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            callout=figures.before_you_quote(view, speaker),
            hour_map=hour_map_picture(view.hour_map, speaker)
            if view.hour_map and engineering.fits_first_page(view.hour_map)
            else None,
            parts=tuple(parts(view, speaker)),
            draw=lambda spec: drawn(spec, f"p{next(numbers)}"),
            shown=lambda table: shown(table, speaker),
        )  # fmt: skip


def parts(view: ReportView, speaker: Speaker) -> Iterator[Part]:
    """Give the parts after the first page; sections of the view stand at the end of their reader's part."""
    own = (
        *figures.sections(view, speaker),
        *engineering.sections(view, speaker),
        *audit.sections(view, speaker),
    )
    titles = {
        "governor": _("The figures"),
        "engineer": _("The hours"),
        "auditor": _("How to check it, and on what it rests"),
    }
    for reader, title in titles.items():
        found = tuple(section for section in (*own, *view.sections) if section.reader == reader)
        if found:
            yield Part(key=reader, title=title, sections=found)


def shown(table: Table, speaker: Speaker) -> dict[str, Any]:
    """Give a table as its template wants it: cells as HTML, reasons as numbered notes."""
    reasons: list[str] = []
    rows = [[_cell(cell, speaker, reasons) for cell in row] for row in table.rows]
    atoms = (
        a for row in table.rows for cell in row for a in (cell.parts if isinstance(cell, Lines) else (cell,))
    )
    estimated = any(isinstance(atom, Amount) and atom.estimated for atom in atoms)
    return {"rows": rows, "reasons": reasons, "estimated": estimated}


def _cell(cell: Cell, speaker: Speaker, reasons: list[str]) -> Markup:
    match cell:
        case Lines(parts=atoms):
            inner = [_cell(atom, speaker, reasons) for atom in atoms]
            return Markup("").join(Markup('<span class="line">{}</span>').format(i) for i in inner if i)
        case Amount():
            number = escape(speaker.amount(cell))
            if cell.estimated and number != DASH:
                return Markup('<span class="estimate">{}<abbr title="{}">*</abbr></span>').format(
                    number, str(_("estimated"))
                )
            return number
        case Moment(at=at):
            return Markup('<time class="moment">{}</time>').format(speaker.moment(at))
        case Code(text=text):
            kind = "long" if len(text) > 40 else "short"
            return Markup('<code class="{}">{}</code>').format(kind, text)
        case Missing(word=word, reason=reason):
            if reason is None:
                return Markup('<span class="missing">{}</span>').format(str(word))
            said = str(reason)
            if said not in reasons:
                reasons.append(said)
            return Markup('<span class="missing">{}<sup>{}</sup></span>').format(
                str(word), reasons.index(said) + 1
            )
        case _:
            return escape(str(cell))


def drawn(spec: Spec, prefix: str) -> Markup:
    """Draw a specification as SVG that may stand in a page."""
    return Markup(svg(spec, prefix))  # noqa: S704 (Vega escapes every text it draws; tested with hostile names)


@cache
def environment(package: str = "tamna.serve.report") -> Environment:
    """Give the templates of a package, in the language spoken at the moment."""
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.globals["_"] = lambda text, **values: str(Message(text, values))
    environment.filters["kind"] = lambda block: type(block).__name__
    return environment
