"""For the engineer: the mean day, durations, extremes, carbon, and the numbers behind the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.serve.report.blocks import Amount, Block, Column, Missing, Moment, Paragraph, Section, Table
from tamna.serve.report.curves import days_picture, duration_picture
from tamna.serve.report.figures import FEW_MONTHS, curtailment_table
from tamna.serve.report.hours import hour_map_picture
from tamna.serve.report.months import carbon_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.serve.report.speak import Speaker
    from tamna.serve.report.view import Carbon, Extreme, HourMap, Monthly, ReportView


def fits_first_page(hours: HourMap) -> bool:
    """Tell whether the map of all hours may stand beside the headline; strips of many years may not."""
    return len(hours.values) <= 366


def sections(view: ReportView, speaker: Speaker) -> Iterator[Section]:
    """Give the pictures of the hours and the tables behind them."""
    if view.hour_map and not fits_first_page(view.hour_map):
        yield Section(title=_("All hours"), blocks=(hour_map_picture(view.hour_map, speaker),))
    if view.typical_days:
        yield Section(title=_("Days"), blocks=(days_picture(view.typical_days, speaker),))
    if view.durations:
        yield Section(
            title=_("How many hours, how much"),
            blocks=tuple(duration_picture(d, speaker) for d in view.durations),
        )
    if view.extremes:
        yield Section(title=_("Extremes"), blocks=(_extremes(view.extremes),))
    if view.carbon:
        yield Section(title=_("Carbon"), blocks=tuple(_carbon(view.carbon, speaker)))
    if view.monthly:
        yield Section(title=_("The table behind the months"), blocks=(_months(view.monthly, speaker),))
    if view.curtailment and len(view.curtailment.months) > FEW_MONTHS:
        table = curtailment_table(view.curtailment, speaker)
        yield Section(title=_("Curtailment, month by month"), blocks=(table,))


def _extremes(extremes: tuple[Extreme, ...]) -> Table:
    return Table(
        title=_("Largest and smallest hours"),
        columns=(
            Column(_("What"), wide=True),
            Column(_("Value"), number=True),
            Column(_("Hour from")),
            Column(_("Note")),
        ),
        rows=tuple(
            (e.label, Amount(value=e.value, unit=e.unit, digits=e.digits), Moment(e.at), e.note)
            for e in extremes
        ),
    )


def _carbon(carbon: Carbon, speaker: Speaker) -> Iterator[Block]:
    if carbon.intensity_tco2e_per_mwh is None:
        yield Paragraph(_("Average carbon intensity: unavailable. {reason}", reason=carbon.reason or ""))
    else:
        value = speaker.number(carbon.intensity_tco2e_per_mwh, 3)
        yield Paragraph(
            _("Average carbon intensity of the period: {value} tCO₂e/MWh, an estimate.", value=value)
            if carbon.estimated
            else _("Average carbon intensity of the period: {value} tCO₂e/MWh.", value=value)
        )
        if carbon.months:
            yield carbon_picture(carbon, speaker)
        else:
            yield Paragraph(carbon.basis)
    yield Table(
        title=_("The factor set"),
        columns=(
            Column(_("Class")),
            Column("tCO₂e/MWh", number=True),
            Column(_("Source"), wide=True),
        ),
        rows=tuple(
            (
                factor.title,
                Missing(word=_("none found"))
                if factor.factor_tco2e_per_mwh is None
                else Amount(value=factor.factor_tco2e_per_mwh, digits=3),
                factor.source,
            )
            for factor in carbon.factor_set
        ),
    )


def _months(monthly: Monthly, speaker: Speaker) -> Table:
    lines = (*monthly.made_gwh, monthly.demand_gwh)
    return Table(
        title=_("Energy [GWh] and share by month"),
        columns=(
            Column(_("Month")),
            *(Column(line.title, number=True) for line in lines),
            *(Column(line.title, number=True) for line in monthly.shares),
        ),
        rows=tuple(
            (
                speaker.month(month, alone=False),
                *(Amount(value=line.values[i], digits=1, estimated=line.estimated) for line in lines),
                *(
                    Amount(value=line.values[i], unit="%", estimated=line.estimated)
                    for line in monthly.shares
                ),
            )
            for i, month in enumerate(monthly.months)
        ),
    )
