"""A tree of hashes over rows: one root for all, a short proof for each, and proof that nothing was rewritten.

::

    leaf = SHA-256(0x00 || row)      node = SHA-256(0x01 || left || right)

The tree splits at the largest power of two below its size; grown level by level this means that a last
node without a partner goes up unhashed. A level lies in one block of bytes, so that 17 million rows need
no 17 million objects.

References
----------
RFC 9162, "Certificate Transparency Version 2.0", section 2.1 (the same hashes as RFC 6962).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from struct import iter_unpack
from typing import TYPE_CHECKING, Final

from tamna.errors import LedgerError, UsageError
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "EMPTY_ROOT",
    "Tree",
    "check_consistency",
    "check_inclusion",
    "leaf_hash",
    "root_of_rows",
    "tree_of",
    "tree_of_hashes",
]

_SIZE: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(row: bytes) -> bytes:
    """Hash one row as a leaf."""
    return sha256(b"\0" + row).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """A Merkle tree with all its levels, lowest first; each level is its hashes one after another.

    Attributes
    ----------
    levels
        ``levels[k]`` holds ceil(size / 2^k) hashes of 32 bytes.
    """

    levels: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self.levels[0]) // _SIZE

    @property
    def root(self) -> bytes:
        """The hash that stands for all leaves in their order."""
        return self.levels[-1] or EMPTY_ROOT

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """Prove that leaf `index` stands in the tree: the partners on its way up (RFC 9162, 2.1.3.1)."""
        if not 0 <= index < self.size:
            raise UsageError(_("no such leaf in the tree"), seen=f"{index} of {self.size}")
        path = []
        for level in self.levels[:-1]:
            partner = (index ^ 1) * _SIZE
            if partner < len(level):
                path.append(level[partner : partner + _SIZE])
            index >>= 1
        return tuple(path)

    def consistency(self, earlier: int) -> tuple[bytes, ...]:
        """Prove that the first `earlier` leaves are those of the earlier tree (RFC 9162, 2.1.4.1)."""
        if not 0 <= earlier <= self.size:
            raise UsageError(_("an earlier tree is not larger"), seen=f"{earlier} of {self.size}")
        path: list[bytes] = []
        low, high, whole = 0, self.size, True
        while earlier not in (0, high - low):
            half = 1 << (high - low - 1).bit_length() - 1
            if earlier <= half:
                path.append(self._over(low + half, high))
                high = low + half
            else:
                path.append(self._over(low, low + half))
                low, earlier, whole = low + half, earlier - half, False
        if not whole:
            path.append(self._over(low, high))
        return tuple(reversed(path))

    def _over(self, low: int, high: int) -> bytes:
        """Give the node over leaves low..high-1, a pair of ends at which the tree splits."""
        height = (high - low - 1).bit_length()
        at = (low >> height) * _SIZE
        return self.levels[height][at : at + _SIZE]


def tree_of(rows: Iterable[bytes]) -> Tree:
    """Grow a tree over `rows`, each the bytes of one leaf."""
    return _grow(b"".join([sha256(b"\0" + row).digest() for row in rows]))


def tree_of_block(block: bytes, width: int) -> Tree:
    """Grow a tree over rows of `width` bytes that lie one after another."""
    if not block:
        return _grow(b"")
    return _grow(_hashed(b"\0", block, width))


def tree_of_hashes(leaves: bytes) -> Tree:
    """Grow a tree over leaf hashes that lie one after another."""
    return _grow(leaves)


def root_of_rows(block: bytes, width: int) -> bytes:
    """Give the root over rows of `width` bytes that lie one after another."""
    return tree_of_block(block, width).root


def _hashed(prefix: bytes, block: bytes, width: int) -> bytes:
    """Hash each `width` bytes of a block; unpacking is the quickest way through millions of them."""
    return b"".join([sha256(prefix + row).digest() for (row,) in iter_unpack(f"{width}s", block)])


def _grow(level: bytes) -> Tree:
    levels = [level]
    while len(level) > _SIZE:
        pairs = len(level) // (2 * _SIZE) * 2 * _SIZE
        level = _hashed(b"\1", level[:pairs], 2 * _SIZE) + level[pairs:]
        levels.append(level)
    return Tree(tuple(levels))


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash `leaf` stands at `index` in the tree of `size` leaves under `root`.

    Raises
    ------
    LedgerError
        The proof does not lead to the root (RFC 9162, 2.1.3.2).
    """
    if not 0 <= index < size:
        raise LedgerError(_("the leaf lies outside its tree"), seen=f"{index} of {size}")
    here, last, reached = index, size - 1, leaf
    for partner in path:
        if last == 0:
            raise LedgerError(_("the proof of inclusion is too long"), seen=len(path))
        if here & 1 or here == last:
            reached = _node(partner, reached)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            reached = _node(reached, partner)
        here, last = here >> 1, last >> 1
    if last != 0:
        raise LedgerError(_("the proof of inclusion is too short"), seen=len(path))
    if reached != root:
        raise LedgerError(_("the proof of inclusion leads to another root"), seen=reached.hex())


def check_consistency(
    earlier: int, earlier_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> None:
    """Check that a tree of `size` leaves under `root` only adds to the one of `earlier` leaves.

    Raises
    ------
    LedgerError
        The later tree is smaller, or the proof leads to other roots (RFC 9162, 2.1.4.2).
    """
    if earlier > size:
        raise LedgerError(_("the later tree is smaller: it was rolled back"), seen=f"{size} after {earlier}")
    if earlier in (0, size):
        _check_trivial(earlier, earlier_root, size, root, path)
        return
    if not path:
        raise LedgerError(_("the proof of consistency is too short"), seen=0)
    steps = list(path) if earlier & (earlier - 1) else [earlier_root, *path]
    here, last = earlier - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = steps[0]
    for partner in steps[1:]:
        if last == 0:
            raise LedgerError(_("the proof of consistency is too long"), seen=len(path))
        if here & 1 or here == last:
            old, new = _node(partner, old), _node(partner, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = _node(new, partner)
        here, last = here >> 1, last >> 1
    if last != 0:
        raise LedgerError(_("the proof of consistency is too short"), seen=len(path))
    if old != earlier_root:
        raise LedgerError(_("the earlier tree is not the beginning of this one"), seen=old.hex())
    if new != root:
        raise LedgerError(_("the proof of consistency leads to another root"), seen=new.hex())


def _check_trivial(earlier: int, earlier_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    if path:
        raise LedgerError(_("the proof of consistency is too long"), seen=len(path))
    if earlier_root != (root if earlier == size else EMPTY_ROOT):
        raise LedgerError(_("the earlier tree is not the beginning of this one"), seen=earlier_root.hex())
