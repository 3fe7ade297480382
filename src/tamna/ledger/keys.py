"""A key that signs and never shows itself, and the public half that anyone may hold.

The private key lives in one file that only its owner may read. It is not in a log, an error, a
certificate, a pickle or the representation of an object.

References
----------
RFC 8032, "Edwards-Curve Digital Signature Algorithm (EdDSA)", 2017; PKCS #8 in PEM for the file.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from tamna.errors import LedgerError, Place
from tamna.lang import _
from tamna.ledger.multibase import multikey

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SigningKey", "fingerprint", "load_key", "save_key", "signed_by"]


class SigningKey:
    """An Ed25519 private key; all that can be seen of it is its public half."""

    __slots__ = ("_private",)

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> SigningKey:
        """Make a new key from the machine's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """Make the key of a seed of 32 bytes (test vectors; a real key is generated)."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, data: bytes) -> bytes:
        """Sign `data`: 64 bytes, the same for the same data."""
        return self._private.sign(data)

    def __repr__(self) -> str:
        return f"SigningKey({multikey(self.public)})"

    def __reduce__(self) -> NoReturn:
        raise LedgerError(_("a private key is not copied into a pickle"))


def signed_by(public: bytes, data: bytes, signature: bytes) -> bool:
    """Say whether `signature` over `data` is of the key whose public half is `public`."""
    with suppress(InvalidSignature, ValueError):
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
        return True
    return False


def fingerprint(public: bytes) -> str:
    """Give a public key's SHA-256 in groups, for people to compare.

    Examples
    --------
    >>> fingerprint(bytes(32))[:14]
    '66687aadf862bd'
    """
    return sha256(public).hexdigest()


def save_key(key: SigningKey, path: Path) -> None:
    """Write a private key to a new file that only its owner may read.

    Raises
    ------
    LedgerError
        The file is there already: a key is never overwritten.
    """
    pem = key._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # noqa: SLF001
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise LedgerError(
            _("a key stands there already"),
            where=Place(file=str(path)),
            todo=_("Give another file; a key is never overwritten."),
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(pem)


def load_key(path: Path) -> SigningKey:
    """Read a private key from its file.

    Raises
    ------
    LedgerError
        The file is absent, open to others, or holds no Ed25519 key; what it holds is not shown.
    """
    where = Place(file=str(path))
    try:
        with path.open("rb") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise LedgerError(
                    _("others may read the private key"), where=where, todo=_("Close the file: chmod 600.")
                )
            raw = file.read()
    except FileNotFoundError as error:
        raise LedgerError(_("no key at this place"), where=where) from error
    private = None
    with suppress(ValueError, TypeError):
        private = load_pem_private_key(raw, password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise LedgerError(_("not a private Ed25519 key in PEM"), where=where)
    return SigningKey(private)
