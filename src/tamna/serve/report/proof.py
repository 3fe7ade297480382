"""Products in a run's report: which hours of their electricity were renewable, and how anyone checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import Message, _, language
from tamna.runs.certifying import TRIAL
from tamna.serve.report.blocks import Amount, Callout, Column, Listing, Paragraph, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tamna.runs.certifying import Certificates
    from tamna.serve.report.blocks import Block, Cell
    from tamna.serve.report.speak import Speaker


def proof_sections(found: Sequence[Certificates], speaker: Speaker) -> Iterator[Section]:
    """Tell of each product what it may claim, what its place gave, and what an annual paper would say."""
    if not found:
        return
    first = found[0]
    table = Table(
        title=_("Products, hour by hour"),
        columns=(
            Column(_("Product")),
            Column(_("Used"), number=True),
            Column(_("Claimable"), number=True),
            Column(_("Physical"), number=True),
            Column(_("Annual paper"), number=True),
            Column(_("Lots")),
            Column(_("Checked valid")),
        ),
        rows=tuple(_row(one) for one in found),
        note=_(
            "Claimable: own plants, PPAs and RECs of named plants, in the same hour. Physical: with the island's own wind"
            " and sun that nobody claims, evidence of the place and no claim. Annual paper: volumes over the period,"
            " whatever the hour."
        ),
    )
    blocks: tuple[Block, ...] = (
        Paragraph(
            _(
                "{span}: which hours of a product's electricity were renewable. A surplus at noon pays for no night.",
                span=speaker.period(first.proved.period),
            )
        ),
        table,
        Callout(
            title=_("What these certificates are"),
            texts=(
                *_kinds(first),
                *dict.fromkeys(note for one in found for note in one.proved.notes),
            ),
        ),
        Listing(
            title=_("Check one yourself"),
            lines=tuple(
                f"tamna verify certificates/{one.proved.product.name}/shelf/{one.proved.lots[-1].name}.json"
                f" --trust certificates/{one.proved.product.name}/issuer.json"
                for one in found
            ),
            note=_(
                "It needs no network and no database; every figure is counted again from the certificate's hours."
            ),
        ),
    )
    yield Section(title=_("Which hours of a product were renewable"), blocks=blocks, reader="governor")


def _row(one: Certificates) -> tuple[Cell, ...]:
    p, s = one.proved, one.proved.score
    title = p.product.title.ko if language() == "ko" else p.product.title.en
    guessed = s.estimated_wh > 0
    return (
        title,
        Amount(value=s.load_wh / 1e6, unit="MWh", digits=1, estimated=guessed),
        Amount(value=s.share_claimable, unit="%", digits=1, estimated=guessed),
        Amount(value=s.share_physical, unit="%", digits=1, estimated=guessed),
        Amount(value=p.share_annual, unit="%", digits=1, estimated=guessed),
        str(len(p.lots)),
        f"{one.valid} / {len(one.answers)}",
    )


def _kinds(one: Certificates) -> tuple[Message, ...]:
    if one.issuer != TRIAL:
        return (_("They are signed by {issuer}, key SHA-256 {key}.", issuer=one.issuer, key=one.fingerprint),)
    return (
        _(
            "They are trials: signed by a key that anybody can make, to be looked at and not believed. Real ones come from"
            " 'tamna prove' with a book and a key of one's own."
        ),
    )
