"""What the READMEs promise is run, not believed."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tamna.runs import open_store
from tamna.serve.cli.app import VERBS, run
from tamna.sources.synthetic import typical_year

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "README.ko.md"]


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_lines_of_python_run_as_they_stand(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    open_store("store").ingest([typical_year(seed=0, year=2023)])
    (code,) = blocks(page, "python")
    exec(compile(code, page, "exec"), {})
    assert "over 8760 hours" in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES)
def test_every_command_named_is_a_command(page):
    text = (ROOT / page).read_text("utf-8")
    used = set(re.findall(r"(?:`|^|&& )tamna ([a-z]+)", text, re.MULTILINE))
    assert {"measure", "ingest", "run"} <= used <= set(VERBS)
    targets = set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE))
    assert all(f"\n{t}:" in (ROOT / "Makefile").read_text("utf-8") for t in targets)


def test_both_languages_show_the_same_commands_and_figures():
    pages = [(ROOT / page).read_text("utf-8") for page in PAGES]
    strip = [
        [
            re.sub(r"\s+#.*", "", line)
            for block in re.findall(r"```\w*\n(.*?)```", p, re.DOTALL)
            for line in block.splitlines()
        ]
        for p in pages
    ]
    assert strip[0] == strip[1]
    figures = [sorted(re.findall(r"\d[\d,.]*\d(?= ?(?:%|GWh|MWh|MB|GB))", p)) for p in pages]
    assert figures[0] == figures[1]


def test_links_lead_somewhere():
    for page in [*PAGES, "CONTRIBUTING.md", "docs/architecture.md"]:
        folder = (ROOT / page).parent
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text("utf-8")):
            assert (folder / target).exists(), (page, target)


@pytest.mark.data
def test_the_figures_of_2023_are_what_the_commands_give(shared_data, tmp_path, capsys):
    store = str(tmp_path / "store")
    assert run(["ingest", str(shared_data / "kpx"), "--store", store]) == 0
    capsys.readouterr()
    assert run([*shlex.split("measure jeju --from 2023-01-01 --to 2023-12-31 --json --store"), store]) == 0
    body = json.loads(capsys.readouterr().out)
    text = (ROOT / "README.md").read_text("utf-8")
    assert f"**{body['shares']['settled']['coverage']['value'][0]:.2%}**".replace("%", " %") in text
    assert f"{body['shares']['ppa']['coverage']['value'][0]:.2%}".replace("%", " %") in text
    assert f"{body['demand']['mwh'][0]:,.1f} MWh" in text
    assert (
        f"{body['curtailment']['wind']['mwh'][0]:,.0f} MWh in {body['curtailment']['wind']['events'][0]} events"
        in text
    )
    (over_demand, _wider) = body["published"]
    assert f"{over_demand['missing_mwh'] / 1000:.1f} GWh" in text


def test_the_count_of_figures_is_the_islands_own(capsys):
    assert run(["grid", "show", "jeju", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    told = f"{figures['total']} figures, {figures['sourced']} sourced, {figures['assumed']} assumed, {figures['conflict']} in conflict"
    assert told in (ROOT / "README.md").read_text("utf-8")
