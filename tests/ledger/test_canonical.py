import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import LedgerError
from tamna.ledger.canonical import MOST_WHOLE, canonical, parse

# RFC 8785, appendix B: the bits of a double and its text
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_numbers_are_written_as_appendix_b_of_the_standard_says(bits, text):
    assert canonical(struct.unpack(">d", bytes.fromhex(bits))[0]) == text.encode()


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_nan_and_infinity_are_refused(bits):
    with pytest.raises(LedgerError, match="no such number"):
        canonical(struct.unpack(">d", bytes.fromhex(bits))[0])


def test_the_worked_example_of_section_3_2():
    source = (
        rb'{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        rb'"string": "\u20ac$\u000F\u000aA' + b"'" + rb'\u0042\u0022\u005c\\\"\/",'
        rb'"literals": [null, true, false]}'
    )
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(json.loads(source)) == expected.encode()


def test_keys_are_sorted_by_utf16_units_so_a_face_comes_before_a_hebrew_letter():
    keys = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7}
    assert list(json.loads(canonical(keys))) == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MOST_WHOLE, MOST_WHOLE)
    | st.floats(-1e15, 1e15, allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_reads_back_and_writes_the_same_again(value):
    assert canonical(parse(canonical(value))) == canonical(value)
    assert parse(canonical(value)) == value


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a":1,"a":1}', "a key twice"),
        (b'{"a":"\xff"}', "not valid UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "not valid UTF-8"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b"9007199254740992", "beyond 2\\^53"),
        (b"-9007199254740992", "beyond 2\\^53"),
        (b"9" * 5000, "beyond 2\\^53"),
        (b"1e16", "beyond 2\\^53"),
        (b"NaN", "no such number"),
        (b"Infinity", "no such number"),
        (b"1.0", "canonical bytes"),
        (b"-0", "canonical bytes"),
        (b'{"a": 1}', "canonical bytes"),
        (b'{"b":1,"a":1}', "canonical bytes"),
        (b'"\\u0041"', "canonical bytes"),
        (b"[1]\n", "canonical bytes"),
        (b"\xef\xbb\xbf[1]", "not JSON"),
        (b"[1", "not JSON"),
        (b"[01]", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "too deeply"),
    ],
)
def test_what_has_two_texts_or_none_is_refused_with_its_own_reason(raw, reason):
    with pytest.raises(LedgerError, match=reason):
        parse(raw)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (MOST_WHOLE + 1, "beyond"),
        ([1, -MOST_WHOLE - 1], "beyond"),
        ("\ud800", "surrogate"),
        ({"\udc00": 1}, "surrogate"),
        ({1: 2}, "a key of JSON is a text"),
        (b"bytes", "not a value of JSON"),
    ],
)
def test_what_is_no_json_is_not_written(value, reason):
    with pytest.raises(LedgerError, match=reason):
        canonical(value)
