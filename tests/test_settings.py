import re
from pathlib import Path

import pytest

from tamna.settings import SETTINGS, masked, setting

ROOT = Path(__file__).resolve().parent.parent


def test_every_tamna_variable_in_the_source_stands_in_the_table():
    names = set()
    for path in (ROOT / "src").rglob("*.py"):
        names |= set(re.findall(r"\bTAMNA_[A-Z0-9_]+\b", path.read_text("utf-8")))
    assert names == {s.name for s in SETTINGS if s.name.startswith("TAMNA_")}


def test_a_setting_comes_from_the_environment_else_its_default(monkeypatch):
    monkeypatch.delenv("TAMNA_STORE", raising=False)
    assert setting("TAMNA_STORE") == "./store"
    monkeypatch.setenv("TAMNA_STORE", "elsewhere")
    assert setting("TAMNA_STORE") == "elsewhere"


def test_an_undeclared_setting_is_refused():
    with pytest.raises(KeyError):
        setting("TAMNA_UNHEARD_OF")


def test_text_without_secrets_passes_unchanged():
    assert masked("nothing secret here") == "nothing secret here"
