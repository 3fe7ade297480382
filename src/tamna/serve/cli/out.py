"""How a verb speaks: data on stdout, progress on stderr, one JSON object where ``--json`` is given."""

from __future__ import annotations

import json
import math
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tamna import __version__
from tamna.lang import _
from tamna.settings import masked, setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Json = Annotated[bool, typer.Option("--json", help=str(_("one JSON object on stdout")))]
StoreAt = Annotated[
    str,
    typer.Option("--store", metavar="DIR", help=str(_("the series store; else TAMNA_STORE, else ./store"))),
]
From = Annotated[
    str, typer.Option("--from", metavar="DATE", help=str(_("first island day, or a stamp with an offset")))
]
To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="DATE",
        help=str(_("last island day (inclusive), or a stamp with an offset (exclusive)")),
    ),
]


def store_location(given: str) -> str:
    """Give the store's place: the option, else the setting."""
    return given or setting("TAMNA_STORE")


def fits_location(store: str) -> Path | None:
    """Say where fits are kept: beside a store on disk; a store elsewhere keeps none."""
    place = Path(store).expanduser().absolute()
    return None if "://" in store else place.with_name(f"{place.name}-fits")


def emit(command: str, result: Mapping[str, Any], text: Callable[[], str], *, as_json: bool) -> None:
    """Print a result: as one JSON object with `command` and `version` first, or as text."""
    if as_json:
        body = {"command": command, "version": __version__, **result}
        line = json.dumps(plain(body), ensure_ascii=False, allow_nan=False)
    else:
        line = text()
    sys.stdout.write(masked(line).rstrip("\n") + "\n")
    sys.stdout.flush()


def plain(value: Any) -> Any:
    """Turn paths, numpy numbers, messages and NaN into what JSON can say (NaN is null)."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr while long work goes on; silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _n: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda n: bar.advance(task, n)


def period_name(name: str) -> str:
    """Name a period for a reader: the one that holds all hours is named in their language."""
    return str(_("whole period")) if name == "all" else name


def table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Lay out rows under headings for a terminal, as plain text that can be piped."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    laid = Table(box=None, pad_edge=False, header_style="bold")
    for i, heading in enumerate(headings):
        laid.add_column(heading, justify="left" if i == 0 else "right", overflow="fold")
    for row in rows:
        laid.add_row(*(Text(str(cell)) for cell in row))
    console = Console(
        width=None if sys.stdout.isatty() else 160, highlight=False, no_color=not sys.stdout.isatty()
    )
    with console.capture() as captured:
        console.print(laid)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
