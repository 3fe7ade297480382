"""Texts made of other texts, still lazy: translated when somebody reads them."""

from __future__ import annotations

from dataclasses import dataclass

from tamna.lang import _, language


@dataclass(frozen=True, slots=True)
class Title:
    """A name in both languages, as a grid file gives it."""

    en: str
    ko: str

    def __str__(self) -> str:
        return self.ko if language() == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Listing:
    """Parts joined when read; empty parts fall out, and without any it says "none"."""

    parts: tuple[object, ...]
    between: str = ", "

    def __str__(self) -> str:
        texts = [text for part in self.parts if (text := str(part))]
        return self.between.join(texts) if texts else str(_("none"))


BASES = {
    "settled": _("settled"),
    "system": _("system"),
    "real-time": _("real-time"),
    "estimated": _("estimated"),
    "published": _("published"),
    "synthetic": _("synthetic"),
}
"""Metering bases in words; another base is a source's own name and stays as it is."""


def in_words(names: tuple[str, ...], between: str = " + ") -> Listing:
    """Name metering bases in the reader's language."""
    return Listing(tuple(BASES.get(name, name) for name in names), between)
