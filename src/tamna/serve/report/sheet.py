"""The frame of a verb's own page: one sentence, what must be known before a number is used, then parts and sections."""

from __future__ import annotations

import base64
import hashlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from altair.utils.schemapi import debug_mode
from markupsafe import Markup

from tamna import __version__
from tamna.lang import speaking
from tamna.serve.report.page import Part, drawn, environment, shown
from tamna.serve.report.speak import Speaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamna.grid.clock import Period
    from tamna.serve.report.blocks import Callout, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a page says.

    Attributes
    ----------
    lead
        The one sentence that must be read.
    callout
        What must be known before a number of the page is used.
    """

    title: Text
    lead: Text
    island: str
    period: Period
    callout: Callout
    parts: tuple[Part, ...]


def render_sheet(tell: Callable[[Speaker], Sheet], lang: str, timezone: str) -> str:
    """Give a page as text, in `lang`; the same sheet gives the same bytes.

    Parameters
    ----------
    tell
        Makes the sheet while `lang` is spoken.
    """
    with speaking(lang), debug_mode(False):
        speaker = Speaker(lang, timezone)
        sheet = tell(speaker)
        numbers = itertools.count(1)
        style = environment().get_template("report.css.j2").render(synthetic=False)
        return environment().get_template("sheet.html.j2").render(
            title=sheet.title,
            lead=sheet.lead,
            island=sheet.island,
            period=sheet.period,
            version=__version__,
            lang=lang,
            speaker=speaker,
            style=Markup(style),  # noqa: S704 (our own stylesheet)
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            callout=sheet.callout,
            parts=sheet.parts,
            draw=lambda spec: drawn(spec, f"p{next(numbers)}"),
            shown=lambda table: shown(table, speaker),
        )  # fmt: skip
