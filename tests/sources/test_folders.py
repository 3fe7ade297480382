"""Which files a path names: never a pipe's bytes, never our own store, nothing passed over in silence."""

import os

import pytest

from tamna.errors import SourceError, UsageError
from tamna.runs import ingest, open_store
from tamna.sources import find_files, fingerprint, read_file
from tamna.sources.files import Limits


def named(paths):
    return [p.name for p in find_files(paths)]


def test_a_folder_names_all_below_it_but_hidden_files(tmp_path):
    (tmp_path / "한글 폴더").mkdir()
    for name in ("b.csv", "한글 폴더/a.csv", ".hidden.csv"):
        (tmp_path / name).write_text("x")
    assert named([tmp_path, tmp_path / "b.csv"]) == ["b.csv", "a.csv"]


def test_a_store_below_the_data_is_no_data(tmp_path):
    (tmp_path / "demand.csv").write_text("x")
    (tmp_path / "store" / "segments").mkdir(parents=True)
    for name in ("manifest.json", "manifest.json.previous", "segments/1.parquet"):
        (tmp_path / "store" / name).write_text("x")
    assert named([tmp_path]) == ["demand.csv"]
    assert "1.parquet" in named([tmp_path / "store"]), "a store named itself is not passed over in silence"


def test_links_to_folders_are_followed_and_circles_end(tmp_path):
    inside, other = tmp_path / "data", tmp_path / "other"
    inside.mkdir()
    other.mkdir()
    (other / "linked.csv").write_text("x")
    (inside / "there").symlink_to(other)
    (inside / "round").symlink_to(inside)
    assert named([inside]) == ["linked.csv"]


def test_an_empty_path_is_not_this_folder():
    with pytest.raises(UsageError, match="an empty path"):
        find_files([""])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everywhere")
def test_a_barred_folder_is_refused_by_name(tmp_path):
    barred = tmp_path / "barred"
    barred.mkdir(mode=0)
    assert named([tmp_path]) == ["barred"]
    with pytest.raises(SourceError, match="may not be read"):
        read_file(barred)


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b"])
def test_an_impossible_name_is_refused_as_unreadable(name):
    (path,) = find_files([name])
    assert fingerprint(path) == ""
    with pytest.raises(SourceError, match="cannot be read"):
        read_file(path)


def test_pipes_devices_and_huge_files_are_refused_and_never_opened(tmp_path):
    """An open of a pipe waits for a writer, and a device has no end: this test would hang."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    with (tmp_path / "huge.csv").open("wb") as huge:
        huge.truncate(Limits().file_bytes + 1)
    done = ingest(open_store(tmp_path / "store"), find_files([tmp_path]))
    assert sorted(name for name, _error in done.refused) == ["huge.csv", "pipe.csv", "zero.csv"]


def test_a_mapping_laid_beside_a_stored_file_is_followed(tmp_path):
    """The bytes are held already; what they mean was said only now."""
    days = "".join(f"2023-01-{d:02d}," + ",".join(["500"] * 24) + "\n" for d in (1, 2))
    path = tmp_path / "시간별 제주전력수요_2023.csv"
    path.write_text("날짜," + ",".join(f"{h}시" for h in range(1, 25)) + "\n" + days, "utf-8")
    store = open_store(tmp_path / "store")
    assert [r.reader for r in ingest(store, [path]).report.added] == ["kpx_wide"]
    (tmp_path / "tamna-mapping.yaml").write_text(
        'files: [{match: "*.csv", time: {column: 날짜}, resolution: 1d, '
        "columns: {1시: {series: a/b, unit: MWh, kind: sum}}}]\n"
    )
    assert [r.reader for r in ingest(store, [path]).report.added] == ["mapped"]
