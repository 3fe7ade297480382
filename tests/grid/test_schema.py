"""The schema accepts what the loader accepts: the packaged island and the starter."""

from __future__ import annotations

from importlib import resources

import pytest

from tamna.grid import json_schema, starter
from tamna.grid.document import parse

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema comes with altair")


def jeju() -> str:
    return (resources.files("tamna.grid") / "islands" / "jeju.yaml").read_text("utf-8")


@pytest.mark.parametrize("text", [jeju(), starter("my-island")], ids=["jeju", "starter"])
def test_the_schema_accepts_the_files_that_load(text):
    validator = jsonschema.Draft202012Validator(json_schema())
    problems = [f"{list(e.path)}: {e.message[:200]}" for e in validator.iter_errors(parse(text, "x").data)]
    assert problems == []


def test_the_schema_refuses_a_misspelt_name():
    data = parse(starter("my-island").replace("round_trip", "roundtrip"), "x").data
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(data)


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(json_schema())
