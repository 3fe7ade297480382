import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import LedgerError
from tamna.ledger import multibase as mb


@given(st.binary(max_size=80))
def test_bytes_come_back_from_either_alphabet(raw):
    assert mb.from_base58(mb.base58(raw)) == raw
    assert mb.from_base64url(mb.base64url(raw)) == raw


def test_leading_zero_bytes_are_ones():
    assert mb.base58(b"\0\0a") == "z112g"


def test_a_public_key_reads_back_from_its_multikey():
    """The key of the example in W3C's EdDSA cryptosuites, B.3."""
    key = mb.from_multikey("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")
    assert len(key) == 32
    assert mb.multikey(key) == "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"


@pytest.mark.parametrize("text", ["", "x1", "z0", "zI", "z" + "1" * 300])
def test_what_is_not_base58_is_refused(text):
    with pytest.raises(LedgerError, match="base58"):
        mb.from_base58(text)


@pytest.mark.parametrize("text", ["", "zAA", "uA", "uAB", "u AA", "uAA==", "ué", "u+/8"])
def test_what_is_not_the_one_base64url_text_is_refused(text):
    with pytest.raises(LedgerError, match="base64url"):
        mb.from_base64url(text)


@pytest.mark.parametrize("raw", [b"\xed\x01" + bytes(31), b"\xe7\x01" + bytes(32)])
def test_another_kind_of_key_is_refused(raw):
    with pytest.raises(LedgerError, match="Multikey"):
        mb.from_multikey(mb.base58(raw))
