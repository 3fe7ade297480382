"""Bytes as text that names its own alphabet: multibase ``z`` (base58btc) and ``u`` (base64url), and Multikey.

References
----------
W3C, "Controlled Identifiers v1.0", 2025: Multibase, Multikey (Ed25519 public key: prefix 0xed01).
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from tamna.errors import LedgerError
from tamna.lang import _

__all__ = ["base58", "base64url", "from_base58", "from_base64url", "from_multikey", "multikey"]

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE: Final = {c: i for i, c in enumerate(_ALPHABET)}
_ED25519: Final = b"\xed\x01"
_MOST: Final = 256  # base58 is quadratic; nothing of ours is longer than a signature


def base58(raw: bytes) -> str:
    """Write bytes in base58btc with their prefix ``z``.

    Examples
    --------
    >>> base58(b"Hello World!")
    'z2NEpo7TZRRrLZSi2U'
    """
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    zeros = len(raw) - len(raw.lstrip(b"\0"))
    return "z" + "1" * zeros + text


def from_base58(text: str) -> bytes:
    """Read base58btc with its prefix ``z``."""
    if not text.startswith("z") or len(text) > _MOST or not all(c in _VALUE for c in text[1:]):
        raise LedgerError(_("not base58btc with its prefix z"), seen=text)
    number = 0
    for c in text[1:]:
        number = number * 58 + _VALUE[c]
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base64url(raw: bytes) -> str:
    """Write bytes in base64url without padding, with their prefix ``u``."""
    return "u" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Read base64url without padding, with its prefix ``u``; only the one text that `base64url` writes."""
    try:
        raw = base64.b64decode(text[1:].encode("ascii") + b"=" * (-len(text[1:]) % 4), b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise LedgerError(_("not base64url with its prefix u"), seen=text) from error
    if base64url(raw) != text:
        raise LedgerError(_("not base64url with its prefix u"), seen=text)
    return raw


def multikey(public: bytes) -> str:
    """Write an Ed25519 public key, 32 bytes, as a Multikey (``z6Mk...``)."""
    return base58(_ED25519 + public)


def from_multikey(text: str) -> bytes:
    """Read an Ed25519 public key from its Multikey."""
    raw = from_base58(text)
    if len(raw) != 34 or not raw.startswith(_ED25519):
        raise LedgerError(_("not a Multikey of an Ed25519 public key"), seen=text)
    return raw[2:]
