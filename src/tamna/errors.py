"""Every refusal of tamna, drawn as a tree.

::

    TamnaError              exit 1: it failed
    ├── InputError          exit 2: what came in is wrong; carries every mistake found, each with its place
    │   ├── GridError       a grid file
    │   ├── SourceError     a public or private data file
    │   ├── LedgerError     an entry of the book, a certificate, a proof or a key
    │   └── UsageError      the command or call itself
    ├── FetchError          exit 1: a live source did not answer with data; what was fetched before it stays
    │   ├── KeyRefused      exit 2: a key is missing, unknown, expired or not allowed; never shown
    │   └── QuotaReached    exit 1: no more calls today; go on tomorrow where it stopped
    ├── StoreError          exit 1: the series store or the ledger's database could not be read or written
    │   └── StoreBusy       another process is writing; try again
    ├── MissingExtra        exit 2: an optional part is not installed; names the command that installs it
    └── Infeasible          exit 3: no answer satisfies the constraints; names the ones that clash

Each mistake answers four questions: where, what is wrong, what was seen, what to do now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tamna.lang import Message, _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "FetchError",
    "GridError",
    "Infeasible",
    "InputError",
    "KeyRefused",
    "LedgerError",
    "MissingExtra",
    "Mistake",
    "Place",
    "QuotaReached",
    "SourceError",
    "StoreBusy",
    "StoreError",
    "TamnaError",
    "UsageError",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the input: any part may be unknown. Rows and lines count from 1, as an editor does."""

    file: str | None = None
    line: int | None = None
    row: int | None = None
    column: str | None = None
    hour: str | None = None
    path: str | None = None

    def __str__(self) -> str:
        parts: list[str] = []
        if self.file:
            parts.append(self.file if self.line is None else f"{self.file}:{self.line}")
        elif self.line is not None:
            parts.append(str(_("line {line}", line=self.line)))
        if self.path:
            parts.append(self.path)
        if self.row is not None:
            parts.append(str(_("row {row}", row=self.row)))
        if self.column is not None:
            parts.append(str(_("column {column}", column=repr(self.column))))
        if self.hour is not None:
            parts.append(str(_("hour {hour}", hour=self.hour)))
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong: where, what, what was seen, what to do now."""

    what: Message
    where: Place = Place()
    seen: str | None = None
    todo: Message | None = None

    def __str__(self) -> str:
        where = str(self.where)
        text = f"{where}: {self.what}" if where else str(self.what)
        if self.seen is not None:
            text += " " + str(_("(got {seen})", seen=_shorten(self.seen)))
        text += "."
        return f"{text} {self.todo}" if self.todo else text

    def as_dict(self) -> dict[str, Any]:
        """Give the mistake as JSON would carry it, without empty parts."""
        place = {k: getattr(self.where, k) for k in ("file", "line", "row", "column", "hour", "path")}
        return {k: v for k, v in place.items() if v is not None} | {
            "what": str(self.what),
            **({"seen": _shorten(self.seen)} if self.seen is not None else {}),
            **({"todo": str(self.todo)} if self.todo else {}),
        }


class TamnaError(Exception):
    """The root of every refusal; `mistakes` holds at least one."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        what: Message | Sequence[Mistake],
        *,
        where: Place | None = None,
        seen: object = None,
        todo: Message | None = None,
    ) -> None:
        if isinstance(what, Message):
            what = [
                Mistake(
                    what=what, where=where or Place(), seen=None if seen is None else str(seen), todo=todo
                )
            ]
        self.mistakes: tuple[Mistake, ...] = tuple(what)
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        if len(self.mistakes) == 1:
            return str(self.mistakes[0])
        head = str(_("{n} mistakes:", n=len(self.mistakes)))
        return "\n".join([head, *(f"  {i}. {m}" for i, m in enumerate(self.mistakes, 1))])


class InputError(TamnaError):
    """What came in is wrong. All mistakes of one input come together."""

    exit_code = 2


class GridError(InputError):
    """A grid file is wrong."""


class SourceError(InputError):
    """A data file cannot be read as what it claims to be."""


class LedgerError(InputError):
    """An entry of the book, a certificate, a proof or a key is refused; nothing was written."""


class UsageError(InputError):
    """The command, or a call from Python, is wrong."""


class FetchError(TamnaError):
    """A live source did not answer with data; what was fetched before it stays."""


class KeyRefused(FetchError):
    """A key is missing, unknown, expired or not allowed. The key itself is never in the text."""

    exit_code = 2


class QuotaReached(FetchError):
    """The provider allows no more calls for now."""


class StoreError(TamnaError):
    """The series store or the ledger's database could not be read or written; what it held is still there."""


class StoreBusy(StoreError):
    """Another process is writing to the store."""


class MissingExtra(TamnaError):
    """An optional part is not installed."""

    exit_code = 2


class Infeasible(TamnaError):
    """No answer satisfies all constraints; `beside` is the nearest answer as JSON carries it, where there is one."""

    exit_code = 3
    beside: dict[str, Any] | None = None


def _shorten(seen: str, most: int = 120) -> str:
    seen = "".join(
        c if c.isprintable() else "⏎" if c == "\n" else "·" for c in seen
    )  # no escapes to a terminal
    return seen if len(seen) <= most else seen[: most - 1] + "…"


def gather(mistakes: Iterable[Mistake], error: type[InputError] = InputError) -> None:
    """Raise `error` with all `mistakes` at once, if there are any."""
    found = tuple(mistakes)
    if found:
        raise error(found)
