"""Keys come from the environment, travel in one place, and are shown nowhere.

A portal prints its key twice, encoded and decoded; either may be set. It is unquoted once and
encoded once. Whatever form a key might take in an address, a log or an answer is masked.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote

from tamna.errors import KeyRefused
from tamna.lang import _
from tamna.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "***"
_SHORTEST = 8


class Secret:
    """A key that does not show itself: ``str``, ``repr`` and ``format`` give ``***``."""

    __slots__ = ("_decoded", "variable")

    def __init__(self, variable: str, value: str) -> None:
        self.variable = variable
        self._decoded = unquote(value.strip())

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not copied to disk")

    def encoded(self) -> str:
        """Give the key as it stands in an address: encoded exactly once."""
        return quote(self._decoded, safe="")

    def forms(self) -> tuple[str, ...]:
        """Give every way the key may be written, longest first."""
        decoded = self._decoded
        once = {quote(decoded, safe=""), quote(decoded), quote_plus(decoded)}
        written = {decoded, decoded.replace("&", "&amp;"), decoded.replace("/", "\\/"), *once}
        written |= {quote(form, safe="") for form in once}
        return tuple(sorted(written, key=len, reverse=True))


def secret(variable: str) -> Secret:
    """Read a key from the environment.

    Raises
    ------
    KeyRefused
        It is not set, or cannot be a key: shorter than 8 characters, or with blanks inside.
    """
    found = optional_secret(variable)
    if found is None:
        raise KeyRefused(
            _("this source needs a key"),
            seen=variable,
            todo=_(
                "Set the environment variable {variable}; the provider's site issues the key.",
                variable=variable,
            ),
        )
    return found


def optional_secret(variable: str) -> Secret | None:
    """Read a key that a source can do without; a malformed one is still refused."""
    value = os.environ.get(variable, "").strip()
    if not value:
        return None
    decoded = unquote(value)
    if len(decoded) < _SHORTEST or not decoded.isascii() or not decoded.isprintable() or " " in decoded:
        raise KeyRefused(
            _("{variable} does not hold a key", variable=variable),
            todo=_("Paste the key alone, without blanks or quotes."),
        )
    return Secret(variable, value)


def masked(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Replace every form of the given and of all set keys in `text` by ``***``."""
    pattern = _pattern(secrets)
    return pattern.sub(MASK, text) if pattern else text


def masked_bytes(body: bytes, secrets: Iterable[Secret] = ()) -> bytes:
    """Do the same for an answer that echoes its key (a key is ASCII, so the answer's encoding does not matter)."""
    pattern = _pattern(secrets)
    if pattern is None:
        return body
    return re.sub(pattern.pattern.encode(), MASK.encode(), body, flags=re.IGNORECASE)


def _pattern(secrets: Iterable[Secret]) -> re.Pattern[str] | None:
    forms = {form for one in secrets for form in one.forms()}
    for declared in SETTINGS:
        value = os.environ.get(declared.name, "") if declared.secret else ""
        if len(value.strip()) >= _SHORTEST:
            forms |= {*Secret(declared.name, value).forms(), value.strip()}
    # percent signs are written in either case: %2b and %2B
    ordered = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)), re.IGNORECASE) if ordered else None
