"""What a forecast is worth on an island with a change, beside the island as it stands: words, rows and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.lang import _
from tamna.runs.worth import MEASURES
from tamna.serve.worth_words import KINDS, NAMES, pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.lang import Message
    from tamna.runs.dispatching import Loop
    from tamna.runs.worth import Changed, Measure

TITLE = _("The value of the forecast with the change, and on the island as it stands")
NOTE = _(
    "Saved, as above. The interval is that of the difference: nine draws of ten, whole days drawn again, the same of both"
    " islands."
)


def headings() -> tuple[Message, ...]:
    """Name the columns."""
    return (_("as it stands"), _("with the change"), _("difference"), _("interval"))


def tables(loop: Loop) -> Iterator[tuple[Message, list[tuple[Message, list[str]]]]]:
    """Give a title and rows for each two forecasts that are held against each other; nothing without a change."""
    for kind, other, found in _each(loop):
        title = _("What {kind} saves against {other}", kind=KINDS[kind], other=KINDS[other])
        yield title, [(NAMES[measure][0], _cells(measure, one)) for measure, one in found.items()]


def as_dict(loop: Loop) -> dict[str, Any]:
    """Give it as JSON carries it."""
    before = loop.worth_before
    if before is None:
        return {}
    return {
        "kinds": {kind: {m: before.total(kind, m) for m in MEASURES} for kind in before.kinds},
        "saved": [
            {"forecast": kind, "against": other, **{m: _plain(one) for m, one in found.items()}}
            for kind, other, found in _each(loop)
        ],
    }


def _each(loop: Loop) -> Iterator[tuple[str, str, dict[Measure, Changed]]]:
    worth, before = loop.worth, loop.worth_before
    if worth is None or before is None:
        return
    for kind, other in pairs(loop):
        yield kind, other, {m: worth.changed(before, kind, other, m) for m in MEASURES}


def _cells(measure: Measure, found: Changed) -> list[str]:
    _title, by, digits = NAMES[measure]
    figures = (found.as_it_stands, found.with_it, found.difference, found.low, found.high)
    stands, changed, more, low, high = (f"{v / by + 0.0:+,.{digits}f}" for v in figures)
    return [stands, changed, more, f"{low} .. {high}"]


def _plain(found: Changed) -> dict[str, float]:
    return {
        "as_it_stands": found.as_it_stands,
        "with_the_change": found.with_it,
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
    }
