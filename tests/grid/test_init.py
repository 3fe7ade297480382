"""The files to start from are whole, load as they are, and never replace anything."""

from __future__ import annotations

import os

import pytest

from tamna.errors import UsageError
from tamna.grid import load_island, starter, starter_mapping, write_starter
from tamna.grid.document import parse


def test_the_starter_loads_as_it_is(tmp_path):
    written = write_starter(tmp_path / "my-island")
    assert [p.name for p in written] == ["island.yaml", "tamna-mapping.yaml"]
    assert load_island(tmp_path / "my-island").name == "my-island"


def test_the_mapping_names_the_series_that_the_island_asks_for():
    mapping = parse(starter_mapping("udo"), "mapping.yaml")
    assert not mapping.mistakes
    made = {column["series"] for file in mapping.data["files"] for column in file["columns"].values()}
    assert made == {"udo/demand", "udo/wind"}


@pytest.mark.parametrize("taken", ["island.yaml", "tamna-mapping.yaml"])
def test_nothing_is_replaced_and_nothing_is_half_made(tmp_path, taken):
    folder = tmp_path / "udo"
    folder.mkdir()
    (folder / taken).write_text("mine")
    with pytest.raises(UsageError, match="not replaced"):
        write_starter(folder)
    assert (folder / taken).read_text() == "mine"
    assert os.listdir(folder) == [taken]


def test_a_dangling_link_is_not_written_through(tmp_path):
    folder = tmp_path / "udo"
    folder.mkdir()
    (folder / "island.yaml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="not replaced"):
        write_starter(folder)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["Jeju", "a b", "섬", "", "-x", "a/b"])
def test_a_name_that_cannot_stand_in_a_series_is_refused(name):
    with pytest.raises(UsageError, match="usable name"):
        starter(name)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_starter(tmp_path / "file" / "udo")
