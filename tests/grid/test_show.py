"""The summary counts what stands behind the figures and lists every conflict, in both languages."""

from __future__ import annotations

import json

from tamna.grid import load_island, read_island, render_summary, starter, summary
from tamna.lang import speaking


def test_counts_add_up_however_they_are_cut():
    found = summary(load_island("jeju"))
    by_section = sum(sum(counts.values()) for counts in found.sections.values())
    assert found.total == by_section == len(list(load_island("jeju").figures()))
    assert len(found.conflicts) == found.counts["conflict"]
    assert len(found.assumptions) == found.counts["assumed"]
    assert found.counts["unsourced"] == 0


def test_a_users_bare_numbers_are_counted_as_unsourced():
    text = starter("my-island")
    before = summary(read_island(text)).counts["unsourced"]
    after = summary(
        read_island(text.replace("export_mw: 20", "export_mw: {value: 20, source: my-report}"))
    ).counts
    assert after["unsourced"] == before - 1


def test_the_table_names_every_conflict_with_what_each_source_says():
    found = summary(load_island("jeju"))
    text = render_summary(found)
    for path, figure in found.conflicts:
        assert f"{path}: " in text
        assert figure.why in text
    assert "19450 (kpx-curtailment); 8186 (kpx-paper-631354751)" in text


def test_the_table_speaks_korean():
    with speaking("ko"):
        text = render_summary(summary(load_island("jeju")))
    assert "제주도" in text
    assert "출처가 엇갈리는 수치" in text


def test_the_json_is_plain_data():
    found = summary(load_island("jeju")).as_dict()
    again = json.loads(json.dumps(found))
    assert again["figures"]["conflict"] == len(again["conflicts"])
    assert {"path", "use", "why", "claims"} <= set(again["conflicts"][0])
