"""The certificate inside a shelf page, so that a page can be handed to a verifier as it is."""

from __future__ import annotations

import re
from typing import Final

from tamna.errors import LedgerError
from tamna.lang import _

__all__ = ["certificate_bytes", "escaped"]

_HELD: Final = re.compile(rb'<pre id="certificate"[^>]*>([^<]*)</pre>')
_SIGNS: Final = ((b"<", b"&lt;"), (b">", b"&gt;"), (b"&", b"&amp;"))


def escaped(certificate: bytes) -> bytes:
    """Write a certificate's bytes as text of a page."""
    for sign, name in reversed(_SIGNS):
        certificate = certificate.replace(sign, name)
    return certificate


def certificate_bytes(raw: bytes) -> bytes:
    """Give the certificate's own bytes: those of the file, or those that a shelf page holds.

    Raises
    ------
    LedgerError
        A page that holds no certificate, or several.

    Examples
    --------
    >>> certificate_bytes(b'<!doctype html><pre id="certificate">{"a":"&lt;"}</pre>')
    b'{"a":"<"}'
    """
    if raw.lstrip()[:1] != b"<":
        return raw
    found = _HELD.findall(raw)
    if len(found) != 1:
        raise LedgerError(_("a page that does not hold exactly one certificate"), seen=len(found))
    certificate: bytes = found[0]
    for sign, name in _SIGNS:
        certificate = certificate.replace(name, sign)
    return certificate
