"""What a check says, what the reader brings, and the report."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.errors import LedgerError
from tamna.lang import Message, _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Answer", "Check", "Known", "OutOfDate", "Report", "Unknown", "moment"]

_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z")


class Answer(StrEnum):
    """What a check says."""

    VALID = "valid"
    INVALID = "invalid"
    NOT_CHECKABLE = "not checkable"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, its answer, and the reason where it is not valid, or how far a valid answer reaches.

    `stale` is a check that cannot be made because what the reader brought for it is out of date.
    """

    name: str
    answer: Answer
    reason: Message | LedgerError | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the reader brings; everything but the clock is optional.

    Attributes
    ----------
    now
        The reader's clock.
    trust
        ``{"issuer": DID, "keys": [{"id", "publicKeyMultibase", "until"?, "revoked"?}]}``: `until` ends a rotated
        key's use, `revoked` says that it may be in other hands. Or a controller document (`trust.keys_of`).
    checkpoint, path
        An earlier checkpoint of this issuer, and the proof of consistency from the smaller to the larger, in hex.
    seen
        Hashes of the entries of claims seen before, in hex.
    status
        The status list, as a signed credential.
    opening
        The auditor's certificate that a shelf certificate was made of, as the bytes of its file.
    """

    now: np.datetime64
    trust: Mapping[str, Any] | None = None
    checkpoint: Mapping[str, Any] | None = None
    path: Sequence[str] | None = None
    seen: frozenset[str] | None = None
    status: Mapping[str, Any] | None = None
    opening: bytes | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The checks in their order."""

    checks: tuple[Check, ...]
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """``valid``, ``intact, issuer unknown``, ``intact, status unknown``, or ``invalid``.

        The status is unknown where a status list was brought that is out of date: whoever asks with an old list, from
        before a certificate was taken back, must not hear ``valid``.
        """
        if any(c.answer is Answer.INVALID for c in self.checks):
            return "invalid"
        issuer = next((c.answer for c in self.checks if c.name == "issuer"), None)
        if issuer is not Answer.VALID:
            return "intact, issuer unknown"
        return "intact, status unknown" if any(c.stale for c in self.checks) else "valid"

    @property
    def exit_code(self) -> int:
        """0 only for ``valid``."""
        return 0 if self.answer == "valid" else 1

    def __getitem__(self, name: str) -> Check:
        return next(c for c in self.checks if c.name == name)


class Unknown(Exception):
    """A check that cannot be made with what is known; its one argument says what is missing."""


class OutOfDate(Unknown):
    """A check that cannot be made because what the reader brought for it is too old."""


def moment(text: str) -> np.datetime64:
    """Read an instant in UTC, ``2023-04-01T00:00Z`` with or without seconds."""
    if not _MOMENT.fullmatch(text):
        raise LedgerError(_("not a moment in UTC"), seen=text)
    return np.datetime64(text[:-1], "s")
