"""``tamna demo``: the main job on a synthetic typical Jeju year, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tamna.lang import _
from tamna.runs import demo
from tamna.serve.cli.out import Json
from tamna.serve.cli.run import publish

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(
    help=str(_("Make a synthetic typical Jeju year, measure it and report it; nothing in it was measured."))
)
def main(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help=str(_("the run folder")))] = Path(
        "runs/demo"
    ),
    seed: Annotated[
        int, typer.Option("--seed", min=0, help=str(_("another seed is another year's weather")))
    ] = 0,
    json: Json = False,
) -> None:
    """Run the demo."""
    publish(demo(out, seed=seed, command=f"tamna demo --seed {seed}"), "demo", as_json=json)
