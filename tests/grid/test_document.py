"""Plain data out of YAML text, with lines, and nothing YAML could do to us."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.grid.document import LIMIT_DEPTH, parse

# letters, figures, marks and spaces of every script; control characters and surrogates are not YAML text
words = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")))
names = words.filter(lambda k: k != "<<")
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


def refused(text: str) -> tuple[int | None, str]:
    document = parse(text, "x.yaml")
    assert document.mistakes, "nothing was refused"
    return document.mistakes[0].where.line, str(document.mistakes[0])


@given(st.dictionaries(names, plain, max_size=4))
def test_json_text_reads_as_json(data):
    text = json.dumps(data, ensure_ascii=False)
    document = parse(text, "x.yaml")
    assert not document.mistakes
    assert document.data == json.loads(text)


@given(st.text())
def test_any_text_gives_data_or_mistakes_and_no_traceback(text):
    document = parse(text, "x.yaml")
    assert document.mistakes or document.data is None or document.line(()) is not None


def test_every_value_knows_its_line():
    document = parse("a: 1\nb:\n  - c: 2\n  - d:\n      e: 3\n", "x.yaml")
    assert document.lines[("b", 1, "d", "e")] == 5
    assert document.line(("b", 0, "nowhere")) == 3


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x [1]\nb: *x\n", 1, "anchors"),
        ("a: 1\nb: *x\n", 2, "aliases"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tags"),
        ("a: 1\nb: !Secret x\n", 2, "tags"),
        ("a: 1\na: 2\n", 2, "twice, first in line 1"),
        ("a: {<<: 1}\n", 1, "merge"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("? [a]\n: 1\n", 1, "plain text"),
        ("a: [1\nb: 2\n", 2, "not valid YAML"),
        ("a: 'x\n", 2, "not valid YAML"),
        ("\ta: 1\n", 1, "not valid YAML"),
    ],
)
def test_what_is_not_plain_is_refused_with_its_line(text, line, words):
    where, said = refused(text)
    assert words in said
    assert where == line


def test_a_deep_nest_is_refused_before_it_hurts():
    assert f"deeper than {LIMIT_DEPTH}" in refused("[" * 100_000)[1]


def test_a_flood_of_values_is_refused():
    assert "more than" in refused("[" + "1, " * 150_000 + "1]")[1]


@pytest.mark.parametrize("text", ["no", "on", "12:30", "0o17", "1_000", "2024-06-01", "1e", "+"])
def test_spellings_that_yaml_would_guess_at_stay_text(text):
    assert parse(f"a: {text}", "x").data == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("-.inf", float("-inf")),
    ],
)
def test_plain_spellings_have_their_plain_meaning(text, value):
    found = parse(f"a: {text}", "x").data["a"]
    assert found == value
    assert type(found) is type(value)
