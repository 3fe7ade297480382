"""Options and arguments that verbs share, and one way to write the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tamna.lang import _

if TYPE_CHECKING:
    from tamna.lang import Message


def option(name: str, says: Message, metavar: str | None = None, **more: Any) -> Any:
    """Describe an option: its name, what its help says, and what stands for its value."""
    return typer.Option(name, metavar=metavar, help=str(says), **more)


def argument(metavar: str, says: Message) -> Any:
    """Describe an argument."""
    return typer.Argument(metavar=metavar, help=str(says))


ISLAND = _("a packaged island (jeju) or a YAML file of your own")
IslandAt = Annotated[str, argument("ISLAND", ISLAND)]
"""The island that a verb is about."""
MaybeIsland = Annotated[str, argument("[ISLAND]", ISLAND)]
"""The same, where it may be left out."""
Issue = Annotated[str, option("--issue", _("as of when, with an offset; else now"), "STAMP")]
