"""What no meter shows, on a page: plants that left the settled series, PV behind the meter, and how both were checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import Resolution
from tamna.grid.rules import Rule
from tamna.lang import Message, _
from tamna.measure.boundaries import BTM_WHOLE, LEFT, SETTLED, SETTLED_WHOLE, WITH_BTM
from tamna.measure.interval import energy_bounds, share_bounds
from tamna.measure.unseen import BTM_NOTE, LEFT_NOTE, Gone, Outside
from tamna.serve.report.blocks import (
    Amount,
    Block,
    Callout,
    Column,
    Lines,
    Paragraph,
    Section,
    Table,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.measure import HourClass, Measurement
    from tamna.measure.unseen import Check
    from tamna.serve.report.speak import Speaker

COVERAGE = (Rule.COVERAGE,)
FLEETS = {"wind": _("the wind fleet"), "pv": _("the PV fleet")}


def unseen_sections(outside: Outside | None, m: Measurement, speaker: Speaker) -> Iterator[Section]:
    """Tell what left the settled series, then what stands behind the meter; nothing where there is neither."""
    if outside is None:
        return
    left = [c for c in m.hours.classes if c.metering == LEFT and c.column.held]
    if left:
        yield Section(
            title=_("What left the settled series, estimated"),
            blocks=tuple(_left(outside, left, m, speaker)),
            reader="governor",
        )
    roofs = [c for c in m.hours.classes if c.metering == "behind_the_meter" and c.column.held]
    if roofs and outside.per_mw is not None:
        yield Section(
            title=_("PV behind the meter, estimated"),
            blocks=tuple(_roofs(outside, roofs, m, speaker)),
            reader="governor",
        )


# --- plants that left


def _left(outside: Outside, left: list[HourClass], m: Measurement, speaker: Speaker) -> Iterator[Block]:
    whole, months = m.at(Resolution.ALL), m.at(Resolution.MONTH)
    gone = {g.group: g for g in outside.gone}
    for c in left:
        yield Paragraph(_lead(gone[c.group], c, whole, speaker), lead=True)
    yield Paragraph(_raised(whole, speaker))
    yield _by_month(left, months, whole, speaker)
    checks = tuple(_checked(gone[c.group].check, c, speaker) for c in left)
    yield Callout(title=_("Before you quote these numbers"), texts=(*checks, LEFT_NOTE))


def _lead(gone: Gone, c: HourClass, whole: Measurement, speaker: Speaker) -> Message:
    low, high = energy_bounds(c.column, whole.bins)
    settled = float(np.nansum(np.where(c.column.mwh > 0.0, whole.hours[c.fills].column.mwh, 0.0)))
    return _(
        "Since {day}, {share} of {fleet} ({share_low} to {share_high}), some {mw} MW at full reach, is no longer in the"
        " settled series though it goes on producing. In the hours of this period it is estimated to have made {gwh} GWh"
        " ({low} to {high} in four cases of five); the series itself has {settled} GWh in them.",
        day=speaker.moment(gone.since)[:10],
        fleet=FLEETS[gone.group],
        share=speaker.percent(gone.share[1], 0),
        share_low=speaker.percent(gone.share[0], 0),
        share_high=speaker.percent(gone.share[2], 0),
        mw=speaker.number(gone.mw[1], 0),
        gwh=speaker.number(float(np.nansum(c.column.mwh)) / 1000),
        low=speaker.number(float(low[0]) / 1000),
        high=speaker.number(float(high[0]) / 1000),
        settled=speaker.number(settled / 1000),
    )


def _raised(whole: Measurement, speaker: Speaker) -> Message:
    plain, full = (whole[b.name, Rule.COVERAGE][0] for b in (SETTLED, SETTLED_WHOLE))
    low, high = share_bounds(whole, COVERAGE)[SETTLED_WHOLE.name, str(Rule.COVERAGE)]
    return _(
        "With it the coverage of wind and PV of the market is {full} ({low} to {high}), an estimate; as settled, without"
        " what left, it is {plain}. {hours} of {all} hours have the weather that this needs.",
        full=speaker.percent(full.value),
        low=speaker.percent(float(low[0])),
        high=speaker.percent(float(high[0])),
        plain=speaker.percent(plain.value),
        hours=speaker.number(full.hours_counted, 0),
        all=speaker.number(full.hours_counted + full.hours_missing, 0),
    )


def _by_month(left: list[HourClass], months: Measurement, whole: Measurement, speaker: Speaker) -> Table:
    def rows(m: Measurement, heads: list[Text]) -> Iterator[tuple[Text | Amount, ...]]:
        spans = share_bounds(m, COVERAGE)[SETTLED_WHOLE.name, str(Rule.COVERAGE)]
        plain, full = (m[b.name, Rule.COVERAGE].value for b in (SETTLED, SETTLED_WHOLE))
        energies = [_gwh(c, m) for c in left]
        for i, head in enumerate(heads):
            if not any(float(np.nan_to_num(e[0][i])) > 0.0 for e in energies):
                continue  # nothing had left yet
            values = [Amount(value=float(v[i]), estimated=True) for e in energies for v in e]
            yield (
                head,
                *values,
                Amount(value=float(plain[i]), unit="%"),
                *(Amount(value=float(v[i]), unit="%", estimated=True) for v in (full, *spans)),
            )

    names = [speaker.month(name, alone=False) for name in months.bins.names]
    told = (*rows(months, list(names)), *rows(whole, [_("All")]))
    kinds = {"wind": _("wind, GWh"), "pv": _("PV, GWh")}
    return Table(
        title=_("What left the settled series, by month"),
        columns=(
            Column(_("Month")),
            *(
                Column(head, number=True)
                for c in left
                for head in (kinds[c.group], _("lower bound"), _("upper bound"))
            ),
            Column(_("share as settled"), number=True),
            Column(_("share, whole fleet"), number=True),
            Column(_("lower bound"), number=True),
            Column(_("upper bound"), number=True),
        ),
        rows=told,
        strong=(len(told) - 1,),
        note=_("Months before anything left are not in this table; the last row counts the whole period."),
    )


def _gwh(c: HourClass, m: Measurement) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    known = np.isfinite(c.column.mwh)
    total, n = m.bins.add_up(np.array([np.where(known, c.column.mwh, 0.0), known.astype(np.float64)]))
    low, high = energy_bounds(c.column, m.bins)
    return np.where(n > 0, total, np.nan) / 1000, low / 1000, high / 1000


def _checked(check: Check | None, c: HourClass, speaker: Speaker) -> Message:
    if check is None:
        return _("{title}: no other series saw the whole fleet, so this estimate is not checked.", title=c)
    values = {
        "title": c,
        "source": check.source,
        "hours": speaker.number(check.hours, 0),
        "seen": speaker.number(check.seen_mwh / 1000),
        "low": speaker.number(check.estimated[0] / 1000),
        "gwh": speaker.number(check.estimated[1] / 1000),
        "high": speaker.number(check.estimated[2] / 1000),
    }
    if check.inside:
        return _(
            "{title}: checked against {source}, which the estimate never looked at. In {hours} hours it saw {seen} GWh that"
            " the settled series lacks; estimated are {gwh} GWh ({low} to {high}). The interval holds it.",
            **values,
        )
    return _(
        "{title}: checked against {source}, which the estimate never looked at. In {hours} hours it saw {seen} GWh that"
        " the settled series lacks; estimated are {gwh} GWh ({low} to {high}). The interval misses it: trust this"
        " estimate less than its interval says.",
        **values,
    )


# --- PV behind the meter


def _roofs(outside: Outside, roofs: list[HourClass], m: Measurement, speaker: Speaker) -> Iterator[Block]:
    whole = m.at(Resolution.ALL)
    names = {b.name for b in m.boundaries}
    widest = BTM_WHOLE if BTM_WHOLE.name in names else WITH_BTM
    answer = whole[widest.name, Rule.COVERAGE][0]
    energy = [_gwh(c, whole) for c in roofs]
    gwh, low, high = (float(sum(e[i][0] for e in energy)) for i in range(3))
    yield Paragraph(
        _(
            "Nobody publishes what PV behind the meter makes. From the grid file's capacity and the sun of each hour it is"
            " estimated at {gwh} GWh in this period; the range of that capacity gives {low} to {high}.",
            gwh=speaker.number(gwh),
            low=speaker.number(low),
            high=speaker.number(high),
        ),
        lead=True,
    )
    if answer.value is not None:
        span = share_bounds(whole, COVERAGE).get((widest.name, str(Rule.COVERAGE)))
        if span is not None:
            yield Paragraph(
                _(
                    "Counted above and below the line, the coverage is {share} ({low} to {high} over the bounds of all that"
                    " is estimated in it). What counts: {what}.",
                    what=widest.title,
                    share=speaker.percent(answer.value),
                    low=speaker.percent(float(span[0][0])),
                    high=speaker.percent(float(span[1][0])),
                )
            )
    if outside.hollow:
        yield _hollow(outside)
    yield Callout(title=_("Before you quote these numbers"), texts=(BTM_NOTE, HOLLOW_NOTE))


HOLLOW_NOTE = _(
    "The hollow is how much midday demand falls with the sun when hour, month, weekend and temperature are held"
    " equal, in the units of settled PV. Up to 40 % of it may be habit (light and heat on dull days), which is"
    " assumed. It sees PPA plants and roofs together and was not used for the estimate."
)


def _hollow(outside: Outside) -> Table:
    def mw(three: tuple[float, float, float]) -> Lines:
        return Lines((Amount(value=three[1], digits=0, estimated=True), f"{three[0]:.0f}–{three[2]:.0f}"))

    return Table(
        title=_("PV that no file meters, MW: the hollow of midday demand beside the grid file"),
        columns=(
            Column(_("Year")),
            Column(_("hollow: PPA and behind the meter"), number=True),
            Column(_("grid file: PPA and behind the meter"), number=True),
            Column(_("grid file: behind the meter"), number=True),
            Column(_("Do they agree?"), wide=True),
        ),
        rows=tuple(
            (str(y.year), mw(y.hollow_both), mw(y.file_both), mw(y.file_btm), y.verdict)
            for y in outside.hollow
        ),
        note=_("Under each: four cases of five for the hollow, the range of the figure for the grid file."),
    )
