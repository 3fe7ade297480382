"""A drill as text: the figures with stores and without, the worst failures, what was assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.serve.cli.out import table
from tamna.serve.drill_words import columns, figures, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.runs.drilling import Drilled


def as_text(found: Drilled) -> str:
    """Lay it out."""
    return "\n".join(_lines(found))


def _lines(found: Drilled) -> Iterator[str]:
    yield ""
    yield str(
        _(
            "drill: the largest link or unit of each hour fails, or one pole of an LCC link, and is followed for {h:g} h",
            h=found.horizon_h,
        )
    )
    heads = ["", *(str(name) for name, _failures in columns(found))]
    yield table(heads, [[str(name), *values] for name, values in figures(found)])
    worst = list(told(found))
    yield ""
    yield from worst or [str(_("no failure sheds load"))]
    yield str(_("Assumed for the drill"))
    yield from (f"  {one}" for one in found.assumed)
