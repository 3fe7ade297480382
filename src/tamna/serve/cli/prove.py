"""``tamna prove``: which hours of a product were renewable, with a certificate for each lot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from tamna.lang import _
from tamna.serve.cli.out import From, Json, StoreAt, To, emit, store_location
from tamna.settings import setting

if TYPE_CHECKING:
    from tamna.runs.certifying import Certificates

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

TRIAL_ISSUER = "did:web:localhost"


@app.command(
    help=str(
        _(
            "Prove which hours of a product were renewable: its meters, plants and papers go into a book, and each lot"
            " gets certificates that anyone can check offline."
        )
    )
)
def prove(
    island: Annotated[
        str, typer.Argument(metavar="ISLAND", help=str(_("a packaged island, or a grid file")))
    ],
    product: Annotated[
        str,
        typer.Option("--product", metavar="NAME|FILE", help=str(_("a packaged product, or a product file"))),
    ],
    first: From,
    last: To,
    papers: Annotated[
        Path | None,
        typer.Option(
            "--papers", metavar="FILE.csv", help=str(_("K-RE100 confirmations of the firm, one a line"))
        ),
    ] = None,
    store: StoreAt = "",
    ledger: Annotated[
        str,
        typer.Option(
            "--ledger",
            metavar="ADDRESS",
            help=str(_("the ledger's database; else TAMNA_LEDGER, else ledger.db in this folder")),
        ),
    ] = "",
    keys: Annotated[
        str,
        typer.Option(
            "--keys",
            metavar="DIR",
            help=str(_("folder of the private keys; else TAMNA_LEDGER_KEYS, else ./ledger-keys")),
        ),
    ] = "",
    issuer: Annotated[
        str, typer.Option("--issuer", metavar="DID", help=str(_("who issues, where the book is new")))
    ] = TRIAL_ISSUER,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help=str(_("where the certificates go; else runs/prove-NAME"))),
    ] = None,
    pages: Annotated[
        int, typer.Option("--pages", min=0, help=str(_("for how many of the last lots a shelf page is made")))
    ] = 1,
    json: Json = False,
) -> None:
    """Prove a product."""
    from tamna.grid import load_island
    from tamna.grid.clock import parse_period
    from tamna.grid.product import load_product, with_papers
    from tamna.runs import open_store
    from tamna.runs.certifying import certify, proof_dict
    from tamna.runs.papers import read_papers
    from tamna.serve.cli.prove_hydrogen_text import hydrogen_dict
    from tamna.serve.cli.prove_text import proof_text
    from tamna.serve.shelf.write import write_pages

    grid, ware = load_island(island), load_product(product)
    if papers is not None:
        ware = with_papers(ware, read_papers(papers, ware))
    folder = out or Path("runs") / f"prove-{ware.name}"
    made = certify(
        open_store(store_location(store), grid),
        grid,
        ware,
        parse_period(first, last, grid.timezone),
        ledger=ledger or setting("TAMNA_LEDGER"),
        keys=Path(keys or setting("TAMNA_LEDGER_KEYS")).expanduser(),
        issuer=issuer,
        at=np.datetime64("now", "s"),
        out=folder,
    )
    written = write_pages(folder, shown_names(made, pages), grid.timezone)
    body = {**proof_dict(made, grid.timezone), "folder": folder, "pages": written}
    if made.hydrogen is not None:
        body["hydrogen"] = hydrogen_dict(made.hydrogen)
    emit("prove", body, lambda: proof_text(made, grid.timezone, written), as_json=json)


def shown_names(made: Certificates, pages: int) -> list[str]:
    """Name the last lots, and the last batches of hydrogen, that get a page each."""
    batches = list(made.answers)[len(made.proved.lots) :]
    return [*[lot.name for lot in made.proved.lots][-pages:], *batches[-pages:]] if pages else []
