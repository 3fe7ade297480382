import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import LedgerError, UsageError
from tamna.ledger.multibase import base64url
from tamna.ledger.statuslist import FEWEST, StatusList, from_encoded

# the encodedList of the example in Bitstring Status List v1.0
PUBLISHED = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def test_the_published_list_is_empty_and_of_the_least_size():
    found = from_encoded(PUBLISHED)
    assert found == StatusList.empty()
    assert found.size == FEWEST


@given(st.sets(st.integers(0, FEWEST - 1), max_size=5), st.integers(0, FEWEST - 1))
def test_a_bit_is_set_for_what_was_taken_back_and_for_nothing_else(gone, asked):
    revoked = StatusList.empty()
    for index in gone:
        revoked = revoked.with_set(index)
    read = from_encoded(revoked.encoded())
    assert read == revoked
    assert read.is_set(asked) == (asked in gone)


def test_the_first_bit_is_the_most_significant_one():
    assert StatusList.empty().with_set(0).bits[0] == 0b1000_0000
    assert StatusList.empty().with_set(15).bits[1] == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("zabc", "base64url"),
        (base64url(b"not gzip"), "gzip"),
        (base64url(gzip.compress(bytes(100), mtime=0)), "at least 131,072"),
        (base64url(gzip.compress(bytes(20_000), mtime=0)[:-12]), "gzip"),
        (base64url(gzip.compress(bytes(17 * 1024 * 1024), mtime=0)), "more than it may hold"),
    ],
)
def test_what_is_no_status_list_is_refused(text, reason):
    with pytest.raises(LedgerError, match=reason):
        from_encoded(text)


def test_a_place_outside_the_list_is_refused():
    with pytest.raises(LedgerError, match="no such place"):
        StatusList.empty().is_set(FEWEST)
    with pytest.raises(UsageError, match="at least"):
        StatusList.empty(8)
