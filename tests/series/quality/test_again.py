"""Findings are kept while the store is what it was, and found anew when it is not."""

from __future__ import annotations

import tamna.series.quality.again as again
from tamna.grid import load_island
from tamna.series import Store
from tamna.series.quality import check, check_again
from tamna.sources.synthetic import typical_year

ISLAND = load_island("typical-jeju")


def test_findings_are_taken_up_until_something_is_ingested(tmp_path, monkeypatch):
    store = Store.open(tmp_path / "store")
    store.ingest([typical_year(seed=3, year=2023)])
    folder = tmp_path / "kept"
    first = check_again(store, ISLAND, folder=folder)
    assert first == check(store, ISLAND)
    asked = []
    monkeypatch.setattr(again, "check", lambda *a, **k: asked.append(a) or [])
    assert check_again(Store.open(tmp_path / "store"), ISLAND, folder=folder) == first
    assert not asked
    store.ingest([typical_year(seed=3, year=2022)])
    check_again(store, ISLAND, folder=folder)
    check_again(store, ISLAND, folder=folder, only={"jeju/wind"})
    check_again(store, ISLAND, folder=folder, readers=False)
    assert len(asked) == 3


def test_without_a_folder_nothing_is_written(tmp_path):
    store = Store.open(tmp_path / "store")
    store.ingest([typical_year(seed=3, year=2023)])
    check_again(store, ISLAND)
    assert [p.name for p in tmp_path.iterdir()] == ["store"]
