"""What a reader writes down while it reads: mistakes, findings, notes, and columns it leaves out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamna.errors import Mistake, Place, SourceError, gather
from tamna.lang import Message, _

if TYPE_CHECKING:
    from tamna.sources.block import Finding

MOST_MISTAKES = 20


@dataclass(slots=True)
class Log:
    """The reader's notebook for one file. Local to one reading, never shared.

    `cut_column` names the last column of a text that has no line end after its last row.
    """

    file: str
    mistakes: list[Mistake] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ignored: dict[str, str] = field(default_factory=dict)
    cut_column: str = ""

    def wrong(
        self,
        what: Message,
        *,
        row: int | None = None,
        column: str | None = None,
        seen: object = None,
        todo: Message | None = None,
    ) -> None:
        """Write down a mistake; reading goes on so that all of them come at once."""
        place = Place(file=self.file, row=row, column=column)
        self.mistakes.append(
            Mistake(what=what, where=place, seen=None if seen is None else str(seen), todo=todo)
        )

    def note(self, text: str) -> None:
        """Write down, once, what was decided."""
        if text not in self.notes:
            self.notes.append(text)

    def check(self) -> None:
        """Refuse the file if there was any mistake, with the first twenty of them."""
        more = len(self.mistakes) - MOST_MISTAKES
        shown = self.mistakes[:MOST_MISTAKES]
        if more > 0:
            shown.append(
                Mistake(what=_("and {n} more mistakes of this kind", n=more), where=Place(file=self.file))
            )
        gather(shown, SourceError)
