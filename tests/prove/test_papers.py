"""A table of K-RE100 confirmations."""

import pytest

from tamna.errors import InputError
from tamna.runs.papers import read_papers

HEAD = "number,scheme,first,last,volume_mwh,plant\n"


def table(tmp_path, text):
    path = tmp_path / "papers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_lines_become_papers(tmp_path):
    text = HEAD + "GP-1,green_premium,2023-01-01,2023-12-31,300,\nPPA-2,ppa,2023-01-01,2023-12-31,,mill\n"
    first, second = read_papers(table(tmp_path, text))
    assert (first.number, first.scheme, first.volume_mwh.value, first.plant) == (
        "GP-1",
        "green_premium",
        300.0,
        None,
    )
    assert (second.volume_mwh, second.plant) == (None, "mill")


def test_every_line_that_is_no_paper_is_named(tmp_path):
    text = HEAD + (
        "A,rec,2023-01-01,2023-12-31,,\nB,stamp,2023-01-01,2023-12-31,5,\nC,rec,2023-13-01,2023-12-31,5,\n"
        "D,rec,2023-01-01,2023-12-31,many,\nE,rec,2023-01-01,2023-12-31,1,\nE,rec,2023-01-01,2023-12-31,1,\n"
    )
    with pytest.raises(InputError) as error:
        read_papers(table(tmp_path, text))
    said = str(error.value)
    for part in (
        "csv:2,",
        "have a volume",
        "csv:3,",
        "green_premium",
        "csv:4,",
        "must be a day",
        "csv:5,",
        "twice",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("text", "reason"), [("number,scheme\nA,rec\n", "column is missing"), ("", "column is missing")]
)
def test_a_table_without_its_columns_is_refused(tmp_path, text, reason):
    with pytest.raises(InputError, match=reason):
        read_papers(table(tmp_path, text))


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_papers(tmp_path / "none.csv")
