from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import LedgerError, UsageError
from tamna.ledger.merkle import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    leaf_hash,
    root_of_rows,
    tree_of,
    tree_of_block,
)

# the vectors of the reference implementation of RFC 6962 (certificate-transparency, merkle tree tests)
LEAVES = [
    bytes.fromhex(h)
    for h in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def slow_root(rows):
    """MTH as section 2.1.1 of the standard writes it."""
    if not rows:
        return EMPTY_ROOT
    if len(rows) == 1:
        return leaf_hash(rows[0])
    half = 1
    while half * 2 < len(rows):
        half *= 2
    return sha256(b"\1" + slow_root(rows[:half]) + slow_root(rows[half:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference_implementation(size):
    assert tree_of(LEAVES[:size]).root.hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_proofs_of_inclusion_are_those_of_the_reference_implementation(index, size):
    path = tree_of(LEAVES[:size]).inclusion(index)
    assert [h.hex() for h in path] == INCLUSION[index, size]
    check_inclusion(leaf_hash(LEAVES[index]), index, size, path, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("earlier", "size"), CONSISTENCY)
def test_proofs_of_consistency_are_those_of_the_reference_implementation(earlier, size):
    path = tree_of(LEAVES[:size]).consistency(earlier)
    assert [h.hex() for h in path] == CONSISTENCY[earlier, size]
    check_consistency(earlier, bytes.fromhex(ROOTS[earlier]), size, bytes.fromhex(ROOTS[size]), path)


@given(st.lists(st.binary(max_size=5), max_size=40))
def test_the_root_is_what_the_standard_writes(rows):
    assert tree_of(rows).root == slow_root(rows)


@given(st.integers(1, 70), st.data())
def test_every_leaf_is_proved_and_nothing_else(size, data):
    rows = [i.to_bytes(4, "big") for i in range(size)]
    tree, index = tree_of(rows), data.draw(st.integers(0, size - 1))
    path, leaf = tree.inclusion(index), leaf_hash(rows[index])
    check_inclusion(leaf, index, size, path, tree.root)
    other = data.draw(st.integers(0, size))
    if other != index:
        with pytest.raises(LedgerError):
            check_inclusion(leaf, other, size, path, tree.root)
    for wrong in ((*path, EMPTY_ROOT), path[:-1]):
        if wrong != path:
            with pytest.raises(LedgerError):
                check_inclusion(leaf, index, size, wrong, tree.root)
    with pytest.raises(LedgerError, match="another root"):
        check_inclusion(leaf_hash(b"forged"), index, size, path, tree.root)


@given(st.integers(0, 70), st.data())
def test_a_tree_that_grew_is_proved_and_a_rewritten_one_is_not(size, data):
    earlier = data.draw(st.integers(0, size))
    rows = [i.to_bytes(4, "big") for i in range(size)]
    before, after = tree_of(rows[:earlier]), tree_of(rows)
    path = after.consistency(earlier)
    check_consistency(earlier, before.root, size, after.root, path)
    if earlier:
        forged = tree_of([b"forged", *rows[1:earlier]]).root
        with pytest.raises(LedgerError):
            check_consistency(earlier, forged, size, after.root, path)
    if 0 < earlier < size:
        with pytest.raises(LedgerError):
            check_consistency(earlier, before.root, size, EMPTY_ROOT, path)
        for wrong in ((*path, EMPTY_ROOT), path[:-1]):
            with pytest.raises(LedgerError):
                check_consistency(earlier, before.root, size, after.root, wrong)


def test_a_smaller_tree_is_a_roll_back():
    with pytest.raises(LedgerError, match="rolled back"):
        check_consistency(8, bytes(32), 7, bytes(32), [])


def test_rows_in_one_block_are_the_same_tree():
    rows = [i.to_bytes(12, "big") for i in range(37)]
    assert tree_of_block(b"".join(rows), 12) == tree_of(rows)
    assert root_of_rows(b"".join(rows), 12) == tree_of(rows).root


def test_a_leaf_that_is_not_there_cannot_be_asked_for():
    with pytest.raises(UsageError, match="no such leaf"):
        tree_of(LEAVES).inclusion(8)
    with pytest.raises(UsageError, match="not larger"):
        tree_of(LEAVES).consistency(9)
    with pytest.raises(LedgerError, match="outside"):
        check_inclusion(bytes(32), 8, 8, [], bytes(32))
