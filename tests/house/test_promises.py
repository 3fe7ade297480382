"""The repository keeps its promises by test (STYLE habit 10)."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tamna

ROOT = Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "src" / "tamna"
sys.path.insert(0, str(ROOT / "tools"))

import build_messages  # noqa: E402
import docs  # noqa: E402

NOUNS = {"block", "table"}  # declarations: their users' tests hold them
MODULES = sorted(
    m.name for m in pkgutil.walk_packages(tamna.__path__, "tamna.") if m.name != "tamna.__main__"
)


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines()]


def test_every_message_has_its_korean():
    korean = build_messages.korean()
    missing = {
        text: sorted(files) for text, files in build_messages.all_messages().items() if text not in korean
    }
    assert not missing


def test_every_place_of_a_message_stands_in_both_languages():
    places = re.compile(r"\{(\w+)[^}]*\}|%\((\w+)\)")
    wrong = {
        english: korean
        for english, korean in build_messages.korean().items()
        if set(places.findall(english)) != set(places.findall(korean))
    }
    assert not wrong


def test_the_catalogue_holds_nothing_that_nobody_says():
    said = set(build_messages.all_messages())
    own = {m for po in ("typer",) for m in _texts(po)}
    spare = [text for text in build_messages.korean() if text not in said and text not in own]
    assert not spare


def _texts(name):
    from babel.messages.pofile import read_po

    with (SRC / "locale" / "ko" / "LC_MESSAGES" / f"{name}.po").open("rb") as file:
        return {str(m.id) for m in read_po(file, locale="ko") if m.id}


@pytest.mark.parametrize("page", sorted(docs.PAGES))
def test_pages_made_from_code_are_current(page):
    assert (ROOT / "docs" / page).read_text("utf-8") == docs.PAGES[page]()


def test_no_module_is_longer_than_a_reader_remembers():
    assert not {p.name: n for p in SRC.rglob("*.py") if (n := len(p.read_text("utf-8").splitlines())) > 500}


def test_nothing_unfinished_is_called_done():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")
    assert not [p for p in SRC.rglob("*.py") if marks.search(p.read_text("utf-8"))]


def test_no_index_address_and_no_path_of_a_machine_is_committed():
    forbidden = re.compile(
        "index"
        "-url|"
        "/sim"
        r"ple/|"
        '"resol'
        r'ved":|/ho'
        r"me/\w|/wo"
        r"rk/\w|/ro"
        r"ot/\w"
    )
    hits = []
    for path in tracked():
        if (
            path.is_file()
            and path.stat().st_size < 2_000_000
            and b"\0" not in (raw := path.read_bytes())[:1000]
        ):
            hits += [
                f"{path.name}: {line[:80]}"
                for line in raw.decode("utf-8").splitlines()
                if forbidden.search(line)
            ]
    assert not hits


def test_input_is_never_evaluated():
    risky = {"eval", "exec", "compile", "__import__"}
    found = []
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func
                if isinstance(called, ast.Name) and called.id in risky:
                    found.append(f"{path.name}:{node.lineno} {called.id}")
                if isinstance(called, ast.Attribute) and ast.unparse(called) in {
                    "pickle.load",
                    "pickle.loads",
                    "yaml.load",
                    "yaml.unsafe_load",
                }:
                    found.append(f"{path.name}:{node.lineno} {ast.unparse(called)}")
    assert not found


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_says_what_it_is(name):
    module = importlib.import_module(name)
    assert module.__doc__ or not inspect.getsource(module).strip(), f"{name} has no docstring"
    silent = [
        member.__qualname__
        for _, member in inspect.getmembers(module)
        if (inspect.isfunction(member) or inspect.isclass(member))
        and member.__module__ == name
        and not member.__name__.startswith("_")
        and not member.__doc__
    ]
    assert not silent


def test_tests_mirror_the_source_file_for_file():
    """Each module with more than nouns or wiring has a test file of its name (or its folder's)."""
    names = {p.stem.removeprefix("test_") for p in (ROOT / "tests").rglob("test_*.py")}
    folders = {p.name for p in (ROOT / "tests").rglob("*") if p.is_dir()}
    without = []
    for path in SRC.rglob("*.py"):
        if path.stem in {"__init__", "__main__", *NOUNS} or path.stem in names:
            continue
        if any(path.parent.name == n or path.stem in n.split("_") for n in names | folders):
            continue
        without.append(str(path.relative_to(SRC)))
    assert not without


def test_unit_suffixes_are_those_of_the_glossary():
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    for suffix in ("_mw", "_mwh", "_wh", "_krw", "_krw_per_mwh", "_kg", "_tco2e", "_s", "_percent"):
        assert f"`{suffix}`" in text


def test_doctests_run():
    import doctest

    failures = 0
    for name in MODULES:
        result = doctest.testmod(importlib.import_module(name))
        failures += result.failed
    assert failures == 0


def test_help_comes_at_once():
    """`tamna --help` must not load pandas, duckdb, altair or numpy: that is where the time goes."""
    code = (
        "import sys; from tamna.serve.cli.app import run; run(['--help']);"
        "print(sorted({'numpy','pandas','duckdb','altair','pydantic','lxml'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
    )
    assert done.stderr.strip() == "[]"
