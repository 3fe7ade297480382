"""Which certificates were taken back: one bit each in a list so long that asking for one bit tells nothing.

Bit 0 is the most significant bit of the first byte. The list is at least 131,072 bits (16 KiB) so that
whoever fetches it does not say which certificate it holds; packed with gzip, written in multibase ``u``.

References
----------
W3C, "Bitstring Status List v1.0", Recommendation of 15 May 2025.
"""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass
from typing import Final

from tamna.errors import LedgerError, UsageError
from tamna.lang import _
from tamna.ledger.multibase import base64url, from_base64url

__all__ = ["FEWEST", "StatusList", "from_encoded"]

FEWEST: Final = 131_072
_MOST_BYTES: Final = 16 * 1024 * 1024  # a list that unpacks to more is an attack, not a list


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list of bits, each 1 once its certificate was taken back.

    Examples
    --------
    >>> revoked = StatusList.empty().with_set(94_567)
    >>> revoked.is_set(94_567), revoked.is_set(94_568)
    (True, False)
    """

    bits: bytes

    @classmethod
    def empty(cls, size: int = FEWEST) -> StatusList:
        """Make a list of `size` bits, a multiple of 8 and at least 131,072, all 0."""
        if size < FEWEST or size % 8:
            raise UsageError(_("a status list has at least 131,072 bits, in whole bytes"), seen=size)
        return cls(bytes(size // 8))

    @property
    def size(self) -> int:
        """Number of bits."""
        return len(self.bits) * 8

    def is_set(self, index: int) -> bool:
        """Say whether bit `index` is 1."""
        self._check(index)
        return bool(self.bits[index // 8] >> (7 - index % 8) & 1)

    def with_set(self, index: int) -> StatusList:
        """Give the list with bit `index` set; nothing takes it back."""
        self._check(index)
        bits = bytearray(self.bits)
        bits[index // 8] |= 1 << (7 - index % 8)
        return StatusList(bytes(bits))

    def encoded(self) -> str:
        """Write the list as ``encodedList``; the same bits give the same text."""
        return base64url(gzip.compress(self.bits, mtime=0))

    def _check(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise LedgerError(_("no such place in the status list"), seen=f"{index} of {self.size}")


def from_encoded(text: str) -> StatusList:
    """Read an ``encodedList``.

    Raises
    ------
    LedgerError
        Not multibase ``u``, not gzip, shorter than 131,072 bits, or longer than a list can be.
    """
    packed = from_base64url(text)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            bits = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise LedgerError(_("the status list is not packed with gzip")) from error
    if len(bits) > _MOST_BYTES:
        raise LedgerError(_("the status list unpacks to more than it may hold"))
    if len(bits) * 8 < FEWEST:
        raise LedgerError(_("a status list has at least 131,072 bits, in whole bytes"), seen=len(bits) * 8)
    return StatusList(bits)
