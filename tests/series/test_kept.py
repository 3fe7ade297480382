"""What took long is found again, never out of date, and worked out anew where its file is damaged."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from tamna.grid import load_island
from tamna.lang import Message, speaking
from tamna.series import Store
from tamna.series.kept import KEEP, code_of, kept, key_of
from tamna.sources.block import Finding
from tamna.sources.synthetic import typical_year


class Counted:
    """Counts how often it had to work."""

    def __init__(self, value):
        self.value, self.times = value, 0

    def __call__(self):
        self.times += 1
        return self.value


@dataclass(frozen=True)
class Bilingual:
    en: str
    ko: str

    def __str__(self):
        from tamna.lang import language

        return getattr(self, language())


def finding():
    return Finding(
        kind="coverage_break", series="jeju/wind", source="kpx_settled", start=np.datetime64("2024-05-31T15", "s"),
        end=np.datetime64("2024-08-31T15", "s"), size=76.6, unit="MW",
        text=Message("{what}; the grid file knows: {why}", {"what": Message("gone"), "why": Bilingual("left", "이탈")}),
    )  # fmt: skip


def test_a_second_look_does_no_work_and_says_the_same_in_both_languages(tmp_path):
    work = Counted([finding()])
    first, again = (kept(tmp_path, "findings", "a" * 64, work) for _ in range(2))
    assert work.times == 1
    for name in ("en", "ko"):
        with speaking(name):
            assert [f.as_dict() for f in again] == [f.as_dict() for f in first]
    with speaking("ko"):
        assert "이탈" in str(again[0].text)


def test_arrays_come_back_bit_by_bit(tmp_path):
    value = {
        "mw": np.array([0.1, np.nan, -0.0]),
        "at": np.array(["2024-01-01"], "datetime64[s]"),
        "pair": (1, None),
    }
    kept(tmp_path, "left", "a" * 64, lambda: value)
    again = kept(tmp_path, "left", "a" * 64, Counted(None))
    assert again["mw"].tobytes() == value["mw"].tobytes()
    assert again["at"] == value["at"]
    assert again["pair"] == (1, None)


def test_another_key_is_another_answer(tmp_path):
    work = Counted(1.0)
    kept(tmp_path, "left", "a" * 64, work)
    kept(tmp_path, "left", "b" * 64, work)
    assert work.times == 2


@pytest.mark.parametrize(
    "harm", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b[:200] + b"?" + b[201:]]
)
def test_a_damaged_file_is_made_again(tmp_path, harm):
    value = np.arange(100.0)
    kept(tmp_path, "left", "a" * 64, lambda: value)
    (path,) = tmp_path.glob("*.npz")
    path.write_bytes(harm(path.read_bytes()))
    work = Counted(value)
    assert np.array_equal(kept(tmp_path, "left", "a" * 64, work), value)
    assert work.times == 1
    assert np.array_equal(kept(tmp_path, "left", "a" * 64, work), value)
    assert work.times == 1


def test_a_file_that_names_something_else_than_a_noun_of_tamna_makes_nothing(tmp_path):
    kept(tmp_path, "left", "a" * 64, finding)
    (path,) = tmp_path.glob("*.npz")
    bad = json.dumps(
        {"asked": f"left {'a' * 64}", "answer": {"noun": "subprocess:Popen", "fields": {"args": ["true"]}}}
    ).encode()
    with path.open("wb") as file:
        np.savez(file, tree=np.frombuffer(bad, dtype=np.uint8))
    assert kept(tmp_path, "left", "a" * 64, lambda: "made again") == "made again"


def test_what_no_file_can_carry_is_given_all_the_same_and_nothing_is_left_behind(tmp_path):
    thing = object()
    assert kept(tmp_path, "left", "a" * 64, lambda: thing) is thing
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert kept(tmp_path / "file", "left", "a" * 64, lambda: 5) == 5


def test_old_answers_make_room(tmp_path):
    for i in range(KEEP + 3):
        kept(tmp_path, "left", f"{i:064d}"[::-1], lambda i=i: i)
    assert len(list(tmp_path.glob("left-*.npz"))) == KEEP


def test_the_key_changes_with_the_store_the_island_the_code_and_the_question(tmp_path):
    island, other = load_island("typical-jeju"), load_island("jeju")
    empty, full = Store.open(tmp_path / "a"), Store.open(tmp_path / "b")
    full.ingest([typical_year(seed=0, year=2023)])
    turned = Store.open(tmp_path / "b", default_sources={"jeju/wind": ["another"]})
    keys = {
        key_of(empty, island, ("grid",)),
        key_of(full, island, ("grid",)),
        key_of(turned, island, ("grid",)),
        key_of(full, other, ("grid",)),
        key_of(full, None, ("grid",)),
        key_of(full, island, ("series",)),
        key_of(full, island, ("grid",), "asked"),
    }
    assert len(keys) == 7
    assert key_of(full, island, ("grid",)) == key_of(Store.open(tmp_path / "b"), island, ("grid",))


def test_code_is_told_apart_room_by_room():
    assert code_of(("grid",)) != code_of(("grid", "series")) != code_of(("series/kept.py",))


def test_another_answers_file_under_this_name_is_not_taken_up(tmp_path):
    kept(tmp_path, "lost", "a" * 64, lambda: "of one question")
    (path,) = tmp_path.glob("*.npz")
    path.rename(tmp_path / f"lost-{'b' * 20}.npz")
    assert kept(tmp_path, "lost", "b" * 64, lambda: "of another") == "of another"


@pytest.mark.parametrize("tree", ["[]", "null", "5", '{"asked": 1}', "[" * 100_000, '{"answer": null}'])
def test_valid_files_of_another_shape_are_made_again(tmp_path, tree):
    kept(tmp_path, "left", "a" * 64, lambda: "whole")
    (path,) = tmp_path.glob("*.npz")
    with path.open("wb") as file:
        np.savez(file, tree=np.frombuffer(tree.encode(), dtype=np.uint8))
    assert kept(tmp_path, "left", "a" * 64, lambda: "made again") == "made again"
