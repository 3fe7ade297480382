"""For the governor: the number and what must be said beside it, the shares, the months, the episodes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.serve.report.blocks import (
    Amount,
    Block,
    Callout,
    Cell,
    Column,
    Definitions,
    Lines,
    Missing,
    Moment,
    Paragraph,
    Section,
    Table,
    Text,
)
from tamna.serve.report.months import curtailment_picture, monthly_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.serve.report.speak import Speaker
    from tamna.serve.report.view import Curtailment, Episodes, Headline, ReportView, Share, ShareTable

FEW_MONTHS = 24  # that a table in the governor's part may have


def before_you_quote(view: ReportView, speaker: Speaker) -> Callout:
    """Say what the headline leaves open: the range over definitions, estimates, hours without a value."""
    main = view.headlines[0]
    cells = [share for boundary in view.shares.boundaries for share in boundary.shares]
    known = [share.value for share in cells if share.value is not None and math.isfinite(share.value)]
    texts: list[Text] = []
    if len(known) > 1:
        texts.append(
            _(
                "Over the definitions in this report the share lies between {low} and {high}."
                " Quote a number together with its definition.",
                low=speaker.percent(min(known)), high=speaker.percent(max(known)),
            )
        )  # fmt: skip
    if len(known) < len(cells):
        texts.append(
            _(
                "{n} of {all} answers are unavailable, because what they need was not measured;"
                " the reasons stand under the table of shares.",
                n=len(cells) - len(known), all=len(cells),
            )
        )  # fmt: skip
    texts.append(_estimated(main, speaker))
    texts.append(_counted(main, speaker))
    return Callout(title=_("Before you quote this number"), texts=(*texts, *view.notes))


def _estimated(main: Headline, speaker: Speaker) -> Text:
    if main.estimated_share > 0:
        return _(
            "Of the energy counted in it, {share} is estimated, not metered.",
            share=speaker.percent(main.estimated_share),
        )
    return _("None of the energy counted in it is estimated.")


def _counted(main: Headline, speaker: Speaker) -> Text:
    counted, missing = speaker.number(main.hours_counted, 0), speaker.number(main.hours_missing, 0)
    if main.hours_missing:
        return _(
            "It counts {counted} hours; {missing} hours of the period have no value and stay outside, not filled.",
            counted=counted, missing=missing,
        )  # fmt: skip
    return _("It counts every hour of the period ({counted}).", counted=counted)


def sections(view: ReportView, speaker: Speaker) -> Iterator[Section]:
    """Give the sections that follow the first page."""
    yield Section(
        title=_("Renewable share, by definition"), blocks=tuple(_shares(view.shares)), reader="governor"
    )
    if view.monthly:
        yield Section(
            title=_("The year, month by month") if len(view.monthly.months) == 12 else _("Month by month"),
            blocks=(monthly_picture(view.monthly, speaker),),
            reader="governor",
        )
    if view.episodes:
        yield Section(
            title=_("RE100 episodes"),
            blocks=tuple(b for e in view.episodes for b in _episodes(e, speaker)),
            reader="governor",
        )
    if view.curtailment:
        yield Section(
            title=_("Curtailment"), blocks=tuple(_curtailment(view.curtailment, speaker)), reader="governor"
        )


def _shares(shares: ShareTable) -> Iterator[Block]:
    yield Paragraph(
        _(
            "Rows say which generation counts; columns say what becomes of exported energy."
            " A class of generation enters above and below the line together."
        )
    )
    yield Table(
        title=_("Share of the period"),
        columns=(
            Column(_("What counts"), wide=True),
            *(Column(rule.title, number=True) for rule in shares.rules),
        ),
        rows=tuple(
            (boundary.title, *(_share(share) for share in boundary.shares)) for boundary in shares.boundaries
        ),
    )
    yield Definitions(title=_("The rules"), items=tuple((rule.title, rule.meaning) for rule in shares.rules))


def _share(share: Share) -> Cell:
    if share.value is None or not math.isfinite(share.value):
        return Missing(word=_("unavailable"), reason=share.reason)
    value = Amount(value=share.value, unit="%", estimated=share.estimated)
    if share.low is None or share.high is None:
        return value
    return Lines((value, _("{low:.1%} to {high:.1%}", low=share.low, high=share.high)))


def _episodes(episodes: Episodes, speaker: Speaker) -> Iterator[Block]:
    if episodes.unavailable is not None:
        yield Callout(title=_("Unavailable"), texts=(episodes.definition, episodes.unavailable))
        return
    yield Paragraph(episodes.definition)
    if not episodes.items:
        yield Paragraph(
            _("No hour of the period reached {line}.", line=speaker.percent(episodes.threshold, 0))
        )
        return
    total = sum(episode.hours for episode in episodes.items)
    yield Table(
        title=_("Hours in a row at {line} or more", line=speaker.percent(episodes.threshold, 0)),
        columns=(
            Column(_("from")),
            Column(_("to")),
            Column(_("hours"), number=True),
            Column(_("lowest"), number=True),
            Column(_("mean"), number=True),
        ),
        rows=(
            *(
                (Moment(e.start), Moment(e.end), Amount(value=e.hours, digits=0), _percent(e.lowest), _percent(e.mean))
                for e in episodes.items
            ),
            (_("All episodes"), "", Amount(value=total, digits=0), _percent(min(e.lowest for e in episodes.items)),
             _percent(sum(e.mean * e.hours for e in episodes.items) / total)),
        ),
        strong=(len(episodes.items),),
    )  # fmt: skip


def _percent(value: float) -> Amount:
    return Amount(value=value, unit="%")


def _curtailment(curtailment: Curtailment, speaker: Speaker) -> Iterator[Block]:
    yield curtailment_picture(curtailment, speaker)
    if len(curtailment.months) <= FEW_MONTHS:
        yield curtailment_table(curtailment, speaker)


def curtailment_table(curtailment: Curtailment, speaker: Speaker) -> Table:
    """Give the published months as a table; of many years it belongs to the engineer."""
    columns = [values for line in curtailment.lines for values in (line.energy_mwh, line.events)]
    return Table(
        title=_("Published curtailment"),
        columns=(
            Column(_("Month")),
            *(
                Column(title, number=True)
                for line in curtailment.lines
                for title in (
                    _("{name}, MWh", name=line.title),
                    _("{name}, events", name=line.title),
                )
            ),
        ),
        rows=(
            *(
                (speaker.month(month, alone=False), *(_published(values[i]) for values in columns))
                for i, month in enumerate(curtailment.months)
            ),
            (_("Sum of what was published"), *(_sum(values) for values in columns)),
        ),
        strong=(len(curtailment.months),),
        note=_("“Not published” is not zero: it says only that nobody published a figure."),
    )


def _published(value: float) -> Cell:
    return Amount(value=value, digits=0) if math.isfinite(value) else Missing(word=_("not published"))


def _sum(values: tuple[float, ...]) -> Cell:
    there = [value for value in values if math.isfinite(value)]
    return Amount(value=sum(there), digits=0) if there else Missing(word=_("not published"))
