"""Two languages: a message is written once in English and shown in Korean or English.

A message is lazy: it keeps its English text and its values, and is translated when somebody
reads it (``str(message)``), in the language of that moment. So a constant, an error raised deep
below and a heading of the report all follow ``--lang`` without knowing of it.

The Korean texts stand in ``locale/ko/LC_MESSAGES/<room>.po``, one file a room;
``make messages`` compiles them.
"""

from __future__ import annotations

import gettext
import os
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LANGUAGES = ("en", "ko")
LOCALE = Path(__file__).parent / "locale"
_current: ContextVar[str] = ContextVar("tamna_language", default="en")


@dataclass(frozen=True, slots=True)
class Message:
    """A text that is translated when it is read, with ``{name}`` places filled from `values`."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        translated = _catalogue(_current.get()).gettext(self.text) if self.text else ""
        return translated.format(**self.values) if self.values else translated

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __hash__(self) -> int:
        return hash((self.text, tuple(sorted((k, str(v)) for k, v in self.values.items()))))


def _(text: str, /, **values: Any) -> Message:
    """Mark `text` for translation and keep the values for its ``{name}`` places."""
    return Message(text, values)


def language() -> str:
    """Name the language of this moment: ``en`` or ``ko``."""
    return _current.get()


def set_language(name: str) -> None:
    """Speak `name` (``en`` or ``ko``) from here on."""
    if name not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)} (got {name!r})")
    _current.set(name)


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak `name` inside the ``with`` block, then as before."""
    before = _current.get()
    set_language(name)
    try:
        yield
    finally:
        _current.set(before)


def preferred() -> str:
    """Guess the reader's language from ``TAMNA_LANG`` or the terminal's locale; English otherwise."""
    for variable in ("TAMNA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "ko" if value.lower().startswith("ko") else "en"
    return "en"


@cache
def _catalogue(name: str) -> gettext.NullTranslations:
    if name == "en":
        return gettext.NullTranslations()
    return gettext.translation("tamna", localedir=LOCALE, languages=[name])
