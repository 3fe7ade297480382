"""``tamna quality``: what is wrong with what the store holds, where, how large, and what it does."""

from __future__ import annotations

from typing import Annotated

import typer

from tamna.errors import UsageError
from tamna.grid import load_island
from tamna.lang import _
from tamna.runs import findings, open_store
from tamna.serve.cli.out import Json, StoreAt, emit, fits_location, store_location

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(help=str(_("Find gaps, jumps, breaks and disagreements in everything the store holds.")))
def main(
    store: StoreAt = "",
    island: Annotated[
        str, typer.Option("--island", help=str(_("whose capacities bound the output")))
    ] = "jeju",
    kind: Annotated[str, typer.Option("--kind", help=str(_("only findings of this kind, such as gap")))] = "",
    quick: Annotated[
        bool, typer.Option("--quick", help=str(_("leave out the comparison of wind and PV with the weather")))
    ] = False,
    json: Json = False,
) -> None:
    """Run every quality check."""
    described = load_island(island)
    place = store_location(store)
    held = open_store(place, described)
    if not held.list():
        raise UsageError(
            _("there is nothing to check: the store is empty, or is not there"),
            seen=place,
            todo=_("Name the store with --store or TAMNA_STORE, or fill it: tamna ingest PATH..."),
        )
    every = findings(held, described, weather=not quick, folder=fits_location(place))
    found = [f for f in every if kind in ("", f.kind)]

    def text() -> str:
        if not found:
            return str(_("nothing found"))
        lines = []
        for f in found:
            lines.append(
                f"{f.kind}  {f.series}@{f.source}  {str(f.start)[:16]}Z..{str(f.end)[:16]}Z  {f.size:,.6g} {f.unit}"
            )
            lines.append(f"    {f.text}")
            if f.consequence:
                lines.append(f"    → {f.consequence}")
        return "\n".join(lines)

    emit("quality", {"findings": [f.as_dict() for f in found]}, text, as_json=json)
