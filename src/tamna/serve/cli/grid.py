"""``tamna grid show|check|schema``: an island file, read and explained."""

from __future__ import annotations

import json as jsonlib
from typing import Any

import typer

from tamna.grid import json_schema, load_island, packaged_islands, render_summary, summary
from tamna.lang import _
from tamna.serve.cli.options import IslandAt
from tamna.serve.cli.out import Json, emit

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="rich",
    no_args_is_help=True,
    help=str(_("show, check and describe an island file")),
)


@app.command(
    help=str(_("Count an island's figures by what stands behind them; list where sources disagree."))
)
def show(island: IslandAt = "jeju", json: Json = False) -> None:
    """Show how well an island is known."""
    found = summary(load_island(island))
    emit("grid show", found.as_dict(), lambda: render_summary(found), as_json=json)


@app.command(help=str(_("Check an island file: all its mistakes at once, each with its line.")))
def check(island: IslandAt, json: Json = False) -> None:
    """Check an island file."""
    found = summary(load_island(island))
    result: dict[str, Any] = {
        "ok": True,
        "island": found.name,
        "figures": {"total": found.total} | {str(k): n for k, n in found.counts.items()},
    }
    emit(
        "grid check",
        result,
        lambda: str(_("{name}: {n} figures, no mistakes", name=found.name, n=found.total)),
        as_json=json,
    )


@app.command(help=str(_("Print the JSON Schema of an island file, for editors.")))
def schema(json: Json = False) -> None:
    """Print the schema; with --json inside the usual envelope."""
    found = json_schema()
    emit(
        "grid schema",
        {"schema": found},
        lambda: jsonlib.dumps(found, ensure_ascii=False, indent=2),
        as_json=json,
    )


@app.command("list", help=str(_("Name the packaged islands.")))
def list_islands(json: Json = False) -> None:
    """Name the packaged islands."""
    names = packaged_islands()
    emit("grid list", {"islands": list(names)}, lambda: "\n".join(names), as_json=json)
