"""``tamna init my-island``: a folder to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tamna.grid import write_starter
from tamna.lang import _
from tamna.serve.cli.out import Json, emit

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(
    help=str(_("Write a commented island file and a mapping for your own CSV; nothing is overwritten."))
)
def main(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help=str(_("a new folder; its name is the island's")))
    ],
    json: Json = False,
) -> None:
    """Start an island."""
    written = write_starter(folder)
    emit(
        "init",
        {"files": [str(path) for path in written]},
        lambda: "\n".join(
            [*map(str, written), str(_("Edit them, then: tamna grid check {path}", path=written[0]))]
        ),
        as_json=json,
    )
