"""A day from forecast to settlement, and what the forecast was worth: sections that pages of dispatches and runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from tamna.dispatch.account import held_in_all_mw, held_mw
from tamna.dispatch.island import PV, WIND
from tamna.dispatch.why import CAUSES
from tamna.lang import _
from tamna.runs.road import not_settled
from tamna.runs.worth import LEAST_DAYS
from tamna.serve import changed_words, paths_words
from tamna.serve.dispatch_words import columns, figures, more_or_less, whole
from tamna.serve.report.blocks import (
    Callout,
    Column,
    Key,
    Paragraph,
    Picture,
    Points,
    Section,
    Table,
)
from tamna.serve.report.dispatch_pictures import (
    LEAST_MW,
    change_picture,
    hours_x,
    level_picture,
    links_picture,
    price_picture,
    steps_of,
    supply_picture,
)
from tamna.serve.report.forecast import foreseen_sections
from tamna.serve.report.frame import data, panel, unit_axis
from tamna.serve.report.palette import GREY, INK
from tamna.serve.worth_words import (
    ALONE,
    BIAS_TITLE,
    KINDS,
    MORE,
    NAMES,
    TOGETHER,
    bias_sentences,
    heading,
    pairs,
    parts_of,
    rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.lang import Message
    from tamna.runs import Run
    from tamna.runs.dispatching import Dispatched, Loop
    from tamna.runs.many_paths import OnPaths
    from tamna.runs.settled_day import SettledDay
    from tamna.runs.worth import Worth
    from tamna.serve.report.blocks import Block, Cell, Panel, Reader
    from tamna.serve.report.frame import Drawn, Size
    from tamna.serve.report.speak import Speaker

    Floats = NDArray[np.float64]


def day_sections(day: Dispatched, reader: Reader = "engineer") -> Iterator[Section]:
    """Tell a day: what was foreseen and came, what ran, what was held back and why, what it comes to."""
    if day.loop is not None:
        yield Section(
            title=_("What was foreseen, and what came"),
            blocks=(_knew(day.loop), foreseen_picture(day)),
            reader=reader,
        )
    pictures = (
        supply_picture(day),
        change_picture(day),
        links_picture(day),
        level_picture(day),
        price_picture(day),
    )
    ran: list[Block] = [p for p in pictures if p is not None]
    yield Section(title=_("What ran"), blocks=tuple(ran), reader=reader)
    yield Section(title=_("What was held back, and why"), blocks=tuple(_held(day)), reader=reader)
    yield Section(title=_("Settled"), blocks=(sums_table(day),), reader=reader)


def last_day_sections(run: Run, speaker: Speaker) -> Iterator[Section]:
    """Tell a run's last day: as it was forecast, then as it would have been run and settled."""
    yield from foreseen_sections(run.foreseen, speaker)
    if run.settled is None:
        yield Section(
            title=_("The last day, from forecast to settlement"),
            blocks=(Paragraph(not_settled(run)),),
            reader="engineer",
        )
    yield from settled_sections(run.settled)


def settled_sections(found: SettledDay | None) -> Iterator[Section]:
    """Tell in a run's report how its last day would have been run and settled; nothing where it was not."""
    if found is None:
        return
    day = found.day
    pictures = (supply_picture(day), links_picture(day), level_picture(day), price_picture(day))
    drawn: list[Block] = [
        Paragraph(
            _(
                "Planned the day before on the forecast above, run hour by hour on what came, settled at the prices of the"
                " time. With all known the day would have cost {less:,.1f} million KRW less, of {cost:,.0f}.",
                less=found.cost_of_not_knowing_krw / 1e6,
                cost=(day.answer.account.paid_krw + day.answer.account.missed_krw) / 1e6,
            )
        ),
        *(p for p in pictures if p is not None),
        *_held(day),
        sums_table(day),
        Callout(
            title=_("On what the dispatch rests"),
            texts=(*day.came.notes, _("{n} figures are assumed; `tamna dispatch` lists them", n=len(day.stand.assumed))),
        ),
    ]  # fmt: skip
    yield Section(
        title=_("The last day, from forecast to settlement"), blocks=tuple(drawn), reader="engineer"
    )


def _knew(loop: Loop) -> Paragraph:
    return Paragraph(
        _(
            "The day before, slow units and the direction of the links were decided on this forecast: {who}. In every hour"
            " of the day the rest followed what came, with the forecast for the hours still to come.",
            who=KINDS[loop.kind],
        )
    )


def foreseen_picture(day: Dispatched) -> Picture:
    """Draw demand, wind and PV as they were foreseen, and as they came."""
    if day.loop is None:
        raise ValueError("nothing was foreseen")
    seen, hours = day.loop.foresight, day.answer.hours
    tracks: tuple[tuple[Message, str, Floats, Floats], ...] = (
        (_("demand"), "demand", seen.demand_mw, hours.demand_mw),
        (_("wind, what it could give"), "wind", seen.potential_mw[WIND], hours.potential_mw[WIND]),
        (_("PV, what it could give"), "pv", seen.potential_mw[PV], hours.potential_mw[PV]),
    )
    miss = ", ".join(
        f"{title}: {float(np.abs(said - came).mean()):,.0f} MW" for title, _k, said, came in tracks
    )
    return Picture(
        title=_("Foreseen the day before, and come"),
        alt=_("Two stepped lines each for demand, wind and PV. Mean miss {miss}.", miss=miss),
        panels=tuple(_two_lines(day, title, key, said, came) for title, key, said, came in tracks),
        legend=(
            Key(title=_("as it came"), colour=INK, line=True),
            Key(title=_("as foreseen"), colour=GREY, line=True, dashed=True),
        ),
        caption=_("Mean miss: {miss}.", miss=miss),
    )  # fmt: skip


def _two_lines(day: Dispatched, title: Message, key: str, said: Floats, came: Floats) -> Panel:
    def draw(size: Size) -> Drawn:
        scale = alt.Scale(zero=key != "demand", nice=True)
        y = alt.Y("v:Q", axis=unit_axis("MW", count=4), scale=scale)
        x = hours_x(day, size)
        lines = [
            alt.Chart(data(steps_of({name: values})))
            .mark_line(interpolate="step-after", color=hue, strokeWidth=width, strokeDash=dash)
            .encode(x=x, y=y)
            for name, values, hue, width, dash in (
                ("came", came, INK, 1.6, [1, 0]),
                ("foreseen", said, GREY, 1.6, [5, 3]),
            )
        ]
        return alt.layer(*lines)

    return panel(draw, 110, title)


def _held(day: Dispatched) -> Iterator[Block]:
    answer = day.answer
    by_fleet = held_mw(answer.system, answer.hours, answer.rolled.done)
    held = held_in_all_mw(answer.system, answer.hours, answer.rolled.done)
    told = np.flatnonzero(held > LEAST_MW)
    if not len(told):
        yield Paragraph(_("Nothing was held back."))
        return
    reasons = answer.reasons
    shown = [name for name, mw in by_fleet.items() if mw.max() > LEAST_MW]

    def row(i: int) -> tuple[Cell, ...]:
        cause = None if reasons is None else reasons.cause[i]
        why: Cell = "" if cause is None else CAUSES[cause]
        return (answer.hours.steps.label(i), *(f"{by_fleet[n][i]:,.0f}" for n in shown), why)

    yield Table(
        title=_("Held back, hour by hour"),
        columns=(
            Column(_("Hour from")),
            *(Column(_("{fleet}, MW", fleet=FLEETS.get(n, n)), number=True) for n in shown),
            Column(_("Why"), wide=True),
        ),
        rows=tuple(row(int(i)) for i in told),
    )


FLEETS: dict[str, Message] = {WIND: _("wind"), PV: _("PV"), "steady": _("waste and other steady plant")}


def sums_table(done: Dispatched) -> Table:
    """Put sums side by side: as planned and as it came, or as it stands and with a change."""
    accounts, heads = columns(done)
    found: list[tuple[Cell, ...]] = []
    for name, values in figures(accounts):
        cells = [whole(v) for v in values]
        found.append((name, *cells, *([more_or_less(values)] if len(values) > 1 else [])))
    return Table(
        title=_("Sums"), columns=(Column(""), *(Column(h, number=True) for h in heads)), rows=tuple(found)
    )


def worth_sections(loop: Loop | None) -> Iterator[Section]:
    """Tell what forecasts were worth: sums of each, then what one saves against another."""
    if loop is not None and loop.on_paths is not None:
        yield Section(title=_("One plan for many paths"), blocks=(_on_paths(loop, loop.on_paths),))
    worth = None if loop is None else loop.worth
    if loop is None or worth is None:
        return
    together = _sums(worth, _("The value of the forecast"), TOGETHER)
    alone = _sums(worth, _("Wind and PV changed alone"), ALONE)
    yield Section(title=_("The same days after other forecasts"), blocks=(together, alone))
    yield Section(
        title=_("What one forecast saves against another"),
        blocks=(_told(), *(_saved(worth, kind, other) for kind, other in pairs(loop)), *_bias(worth)),
    )
    yield from _changed(loop)


def _changed(loop: Loop) -> Iterator[Section]:
    """Tell the value on the changed island beside that on the island as it stands."""
    tables = tuple(
        Table(
            title=title,
            columns=(Column(""), *(Column(h, number=True) for h in changed_words.headings())),
            rows=tuple((name, *cells) for name, cells in told),
            note=changed_words.NOTE,
        )
        for title, told in changed_words.tables(loop)
    )
    if tables:
        yield Section(title=changed_words.TITLE, blocks=tables)


def _on_paths(loop: Loop, found: OnPaths) -> Table:
    return Table(
        title=paths_words.title(found),
        columns=(Column(""), *(Column(h, number=True) for h in paths_words.headings(found))),
        rows=tuple((name, *cells) for name, cells in paths_words.rows(loop)),
        note=_("Each day begins in the same state for both; the paths are drawn from the forecast's band."),
    )


def _bias(worth: Worth) -> Iterator[Points]:
    said = tuple(str(s) for s in bias_sentences(worth))
    if said:
        yield Points(title=BIAS_TITLE, texts=said)


def _sums(worth: Worth, title: Message, kinds: tuple[str, ...]) -> Table:
    heads = [name for name, _by, _digits in NAMES.values()] + [*MORE.values()]
    return Table(
        title=title,
        columns=(Column(_("Forecast")), *(Column(h, number=True) for h in heads)),
        rows=tuple((name, *cells) for name, cells in rows(worth, kinds)),
        note=_("{n} days; all begin in the same state.", n=worth.days),
    )


def _saved(worth: Worth, kind: str, other: str) -> Table:
    def row(measure: str) -> tuple[Cell, ...]:
        title, by, digits = NAMES[measure]  # type: ignore[index]
        saved = worth.saved(kind, other, measure)  # type: ignore[arg-type]
        value, low, high = (f"{v / by:+,.{digits}f}" for v in (saved.value, saved.low, saved.high))
        part, part_low, part_high = ("–" if np.isnan(p) else f"{100 * p:.0f} %" for p in parts_of(saved))
        sure = worth.days >= LEAST_DAYS
        between = f"{part_low} .. {part_high}" if sure and part != "–" else "–"
        return (title, value, f"{low} .. {high}" if sure else "–", part, between)

    return Table(
        title=heading(worth, kind, other),
        columns=(
            Column(""),
            Column(_("saved"), number=True),
            Column(_("interval"), number=True),
            Column(_("of the gap to perfect foresight"), number=True),
            Column(_("interval"), number=True),
        ),
        rows=tuple(row(measure) for measure in NAMES),
    )


def _told() -> Callout:
    return Callout(
        title=_("How to read it"),
        texts=(
            _("Cost counts what was held back, missing or not served at the assumed prices listed below; paid is money spent."),
            _("Prices beyond the links, outages, the floor and the fleet are known to every forecaster alike."),
            _("Perfect foresight knows the hours after the day as well; the others see its first hours repeated."),
            _("A part of the gap is told where the gap itself is above zero in nineteen of twenty draws."),
        ),
    )  # fmt: skip
