"""For the auditor: definitions, what was found against the data, receipts, and how to make it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.serve.report.blocks import (
    Amount,
    Block,
    Cell,
    Code,
    Column,
    Definitions,
    Lines,
    Listing,
    Missing,
    Moment,
    Paragraph,
    Section,
    Table,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.serve.report.speak import Speaker
    from tamna.serve.report.view import (
        Headline,
        QualityNote,
        ReceiptRow,
        ReconciledClass,
        Reconciliation,
        ReportView,
        ShareTable,
    )


def sections(view: ReportView, speaker: Speaker) -> Iterator[Section]:
    """Give everything that is needed to doubt the report, and to make it again."""
    yield Section(title=_("Definitions"), blocks=tuple(_definitions(view)), reader="auditor")
    yield Section(
        title=_("What is measured, estimated, missing"), blocks=(_bases(view.headlines),), reader="auditor"
    )
    if view.reconciliations:
        yield Section(
            title=_("Held against published shares"),
            blocks=tuple(b for r in view.reconciliations for b in _reconciliation(r, speaker)),
            reader="auditor",
        )
    yield Section(title=_("Findings"), blocks=(_findings(view.findings),), reader="auditor")
    yield Section(title=_("Sources and receipts"), blocks=(receipts_table(view.receipts),), reader="auditor")
    yield Section(title=_("How to check it"), blocks=tuple(_making(view)), reader="auditor")


def _definitions(view: ReportView) -> Iterator[Block]:
    shares: ShareTable = view.shares
    headlines: tuple[tuple[Text, Text], ...] = tuple((h.label, h.definition) for h in view.headlines)
    yield Definitions(title=_("The headlines"), items=headlines)
    yield Definitions(title=_("What counts"), items=tuple((b.title, b.meaning) for b in shares.boundaries))
    yield Paragraph(
        _(
            "All times are island time ({timezone}); an hour is named by its start."
            " The share of a period is the sum of numerators over the sum of denominators, never a mean of shares.",
            timezone=view.timezone,
        )
    )


def _bases(headlines: tuple[Headline, ...]) -> Table:
    return Table(
        title=_("What the headlines rest on"),
        columns=(
            Column(_("Headline")),
            Column(_("Value"), number=True),
            Column(_("Hours counted"), number=True),
            Column(_("Hours missing"), number=True),
            Column(_("Estimated"), number=True),
            Column(_("Metering base"), wide=True),
        ),
        rows=tuple(
            (
                h.label,
                Missing(word=_("unavailable"), reason=h.reason)
                if h.value is None
                else Amount(value=h.value, unit=h.unit, digits=h.digits, estimated=h.estimated_share > 0),
                Amount(value=h.hours_counted, digits=0),
                Amount(value=h.hours_missing, digits=0),
                Amount(value=h.estimated_share, unit="%"),
                h.metering_base,
            )
            for h in headlines
        ),
    )


def _reconciliation(one: Reconciliation, speaker: Speaker) -> Iterator[Block]:
    yield Table(
        title=_("{year}: published {share}", year=one.year, share=speaker.percent(one.published_share, 2)),
        columns=(
            Column(_("Class")),
            Column(_("published, GWh"), number=True),
            Column(_("measured here, GWh"), number=True),
            Column(_("difference, GWh"), number=True),
            Column(_("Remark"), wide=True),
        ),
        rows=(
            *(_compared(c) for c in one.classes),
            (_("Not explained"), "", "", Amount(value=one.missing_gwh, signed=True), ""),
        ),
        strong=(len(one.classes),),
        note=_(
            "Published: {source}. Measured here: {label}, {share}. {remark}",
            source=one.source,
            label=one.measured_label,
            share=speaker.percent(one.measured_share, 2),
            remark=one.text,
        ),
    )


def _compared(one: ReconciledClass) -> tuple[Cell, ...]:
    both = one.published_gwh is not None and one.measured_gwh is not None
    return (
        one.title,
        _known(one.published_gwh),
        _known(one.measured_gwh, estimated=one.estimated),
        Amount(value=(one.published_gwh or 0) - (one.measured_gwh or 0) if both else None, signed=True),
        one.text,
    )


def _known(value: float | None, *, estimated: bool = False) -> Amount | Missing:
    return Missing(word=_("not known")) if value is None else Amount(value=value, estimated=estimated)


def _findings(findings: tuple[QualityNote, ...]) -> Block:
    if not findings:
        return Paragraph(_("The quality checks found nothing against the data of this period."))
    return Table(
        title=_("What the quality checks found"),
        columns=(
            Column(_("Kind, series")),
            Column(_("From, to")),
            Column(_("Size"), number=True),
            Column(_("Finding and what it does to an answer"), wide=True),
        ),
        rows=tuple(
            (
                Lines((Code(f.kind), Code(f.series))),
                Lines((Moment(f.start), Moment(f.end))),
                Amount(value=f.size, unit=f.unit, digits=_digits(f.size)),
                Lines((f.text, f.consequence)),
            )
            for f in findings
        ),
        note=_("A finding flags a value; it changes none."),
    )


def _digits(value: float) -> int:
    return 0 if float(value).is_integer() or abs(value) >= 100 else 2


def receipts_table(receipts: tuple[ReceiptRow, ...]) -> Table:
    """Lay out the inputs: hash, publisher, licence and what they may be used for."""
    return Table(
        title=_("Inputs"),
        columns=(
            Column(_("File and SHA-256"), wide=True),
            Column(_("Publisher, licence, allowed use")),
            Column(_("Rows"), number=True),
            Column(_("Data from, to")),
        ),
        rows=tuple(
            (
                Lines((r.name, Code(r.sha256))),
                Lines((r.publisher, r.licence, r.use)),
                Amount(value=r.rows, digits=0),
                Lines((Code(r.data_start), Code(r.data_end))),
            )
            for r in receipts
        ),
        note=_("The hash is of the file as it was found. A file with the same hash is the same file."),
    )


def _making(view: ReportView) -> Iterator[Block]:
    making = view.making
    if making.commands:
        yield Listing(
            title=_("Make it again"),
            lines=making.commands,
            note=_("The same inputs, settings and version give the same bytes."),
        )
    items: list[tuple[Text, Text]] = [(_("Version"), f"tamna {making.version}"), (_("Method"), making.method)]
    if making.seed is not None:
        items.append((_("Seed"), str(making.seed)))
    yield Definitions(title=_("How it was made"), items=tuple(items))
    if making.settings:
        yield Table(
            title=_("Settings"),
            columns=(Column(_("Name")), Column(_("Value"), wide=True)),
            rows=tuple((Code(name), Code(value)) for name, value in making.settings),
        )
