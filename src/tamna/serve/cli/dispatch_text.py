"""A dispatch as text: what it comes to, what was held back and why, what differs, what was assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.dispatch.why import CAUSES
from tamna.lang import _
from tamna.serve import changed_words, paths_words, published_words
from tamna.serve.cli.out import table
from tamna.serve.dispatch_words import columns, figures, held_by_cause, more_or_less, whole
from tamna.serve.worth_words import (
    ALONE,
    BIAS_TITLE,
    MORE,
    NAMES,
    TOGETHER,
    bias_sentences,
    heading,
    pairs,
    rows,
    sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.runs.dispatching import Dispatched

MOST_WORTHS = 12
MOST_TOLD = 48
"""Hours that are told one by one; longer periods tell those in which energy was held back."""


def as_text(done: Dispatched) -> str:
    """Lay out a dispatch."""
    return "\n".join(_lines(done))


def _lines(done: Dispatched) -> Iterator[str]:
    answer = done.answer
    yield _sums(done)
    yield ""
    yield from _worth(done)
    by_cause = {k: v for k, v in held_by_cause(answer).items() if v > 0.05}
    for name, mwh in by_cause.items():
        yield str(_("held back, {mwh:,.0f} MWh: {why}", mwh=mwh, why=CAUSES[name]))  # type: ignore[index]
    yield from _published(done)
    yield from _told(done)
    yield ""
    yield str(
        _(
            "each window is proven to lie within {gap:.1f} % of its best; {n} rules broken, by a checker of its own",
            gap=100.0 * answer.gap,
            n=len(answer.broken),
        )
    )
    if answer.cut_short:
        yield str(
            _(
                "{n} of {all} windows stopped at the time limit; their best answers so far are told",
                n=answer.cut_short, all=len(answer.rolled.windows),
            )
        )  # fmt: skip
    yield from (str(note) for note in done.came.notes)
    yield str(_("assumed, as the grid file does not know:"))
    yield from (f"  {one}" for one in done.stand.assumed)


def _sums(done: Dispatched) -> str:
    accounts, titles = columns(done)
    heads = ["", *(str(t) for t in titles)]
    told = []
    for name, values in figures(accounts):
        cells = [whole(v) for v in values]
        told.append([str(name), *cells, *([more_or_less(values)] if len(values) > 1 else [])])
    return table(heads, told)


def _worth(done: Dispatched) -> Iterator[str]:
    """Tell the value of the forecast: sums of each, then what the first saves against the others."""
    loop = done.loop
    if loop is not None and loop.on_paths is not None:
        yield str(paths_words.title(loop.on_paths))
        told = [[str(name), *cells] for name, cells in paths_words.rows(loop)]
        yield table(["", *map(str, paths_words.headings(loop.on_paths))], told)
        yield ""
    if loop is None or loop.worth is None:
        return
    heads = [str(title) for title, _by, _digits in NAMES.values()] + [str(title) for title in MORE.values()]
    for title, kinds in ((_("The value of the forecast"), TOGETHER), (_("Wind and PV changed alone"), ALONE)):
        told = [[str(name), *cells] for name, cells in rows(loop.worth, kinds)]
        yield str(title)
        yield table(["", *heads], told)
        yield ""
    for kind, other in pairs(loop):
        yield str(heading(loop.worth, kind, other))
        yield from (f"  {sentence(loop.worth, kind, other, measure)}" for measure in NAMES)
    bias = list(bias_sentences(loop.worth))
    if bias:
        yield str(BIAS_TITLE)
        yield from (f"  {said}" for said in bias)
    if loop.worth_before is not None:
        yield ""
        yield str(changed_words.TITLE)
        yield str(changed_words.NOTE)
        for title, lines in changed_words.tables(loop):
            yield str(title)
            told = [[str(name), *cells] for name, cells in lines]
            yield table(["", *map(str, changed_words.headings())], told)
    yield ""


def _published(done: Dispatched) -> Iterator[str]:
    if done.published is None:
        return
    yield ""
    yield str(_("beside what was published as held back of wind:"))
    yield table(
        [str(h) for h in (_("month"), *published_words.headings())], published_words.rows(done.published)
    )
    yield from (f"  {said}" for said in published_words.sentences(done.published))
    yield ""


def _told(done: Dispatched) -> Iterator[str]:
    why, labels = done.answer.reasons, done.answer.hours.steps.labels
    if why is None:
        return
    chosen = [i for i in range(len(labels)) if len(labels) <= MOST_TOLD or why.cause[i] is not None]
    told = done.answer.told
    yield from (told[i] for i in chosen)
    worths = done.answer.worths[:MOST_WORTHS]
    if worths:
        yield ""
        yield str(_("what one more of each would have saved over these hours, with the same units on:"))
        rows = [[str(w.thing), f"{w.total:,.0f}", f"{w.bound:,}"] for w in worths]
        yield table([str(_("what")), str(_("saved, KRW")), str(_("hours in which it bound"))], rows)
