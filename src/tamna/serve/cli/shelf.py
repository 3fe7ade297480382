"""``tamna shelf``: the page that a shopper reads, and the label for the pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tamna.errors import LedgerError
from tamna.lang import _, language
from tamna.ledger.canonical import parse
from tamna.ledger.verify import Answer
from tamna.ledger.verify.files import read_file, status_in, verified
from tamna.serve.cli.out import Json, emit
from tamna.settings import setting

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(
    help=str(_("Make the page that a shopper reads, and the label for the pack, from a shelf certificate."))
)
def shelf(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=str(_("a certificate for the shelf")))],
    out: Annotated[Path, typer.Option("--out", metavar="PAGE.html", help=str(_("where to write the page")))],
    label: Annotated[
        Path | None,
        typer.Option(
            "--label", metavar="LABEL.svg", help=str(_("where to write the label for the pack, as SVG"))
        ),
    ] = None,
    status: Annotated[
        Path | None,
        typer.Option(
            "--status", metavar="LIST.json", help=str(_("the issuer's list of what was taken back"))
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Check the certificate, then write what was asked for."""
    from tamna.serve.report.page import write_page
    from tamna.serve.shelf import label as drawn
    from tamna.serve.shelf import label_text, page

    found = verified(file)
    wrong = [check for check in found.report.checks if check.answer is Answer.INVALID]
    if wrong:
        raise LedgerError(
            _("the certificate is not in order: {reason}", reason=wrong[0].reason),
            todo=_("Use the file as it was issued, unedited."),
        )
    certificate, link = parse(read_file(file)), setting("TAMNA_SHELF_LINK")
    listed = None if status is None else status_in(status)
    text = page(certificate, language(), link=link, status=listed)
    svg = drawn(certificate, language(), link=link)
    written = {"page": write_page(out, text)}
    if label is not None:
        written["label"] = write_page(label, svg)
    emit(
        "shelf",
        {**{what: str(where) for what, where in written.items()}, "code": label_text(certificate, link)},
        lambda: "\n".join(
            str(_("page: {file}", file=where) if what == "page" else _("label: {file}", file=where))
            for what, where in written.items()
        ),
        as_json=json,
    )
