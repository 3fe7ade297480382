"""What is wrong once is told once, in the entry that is to blame, and not again of the list that holds it."""

import pytest

from tamna.errors import GridError
from tamna.grid import load_island
from tamna.grid.product import load_product

PRODUCT = """
name: farm
title: {{ko: 농장, en: Farm}}
zone: jeju
process: {{ko: 농사, en: Farming}}
supply: {supply}
"""
FLAT = "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"


def told(tmp_path, text):
    path = tmp_path / "farm.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GridError) as error:
        load_product(path)
    return [str(m) for m in error.value.mistakes]


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan", "1e400", "{value: .inf}", "{use: .nan}"])
def test_a_number_that_is_not_finite_is_one_mistake(tmp_path, number):
    shape = f"{{annual_mwh: {number}, day: {FLAT}, month: {FLAT[:36] + ']'}}}"
    (only,) = told(tmp_path, PRODUCT.format(supply=f"[{{name: supply, shape: {shape}}}]"))
    assert "supply 'supply', shape, annual_mwh: must be a finite number" in only


def test_a_list_that_is_empty_as_it_was_written_is_still_refused(tmp_path):
    (only,) = told(tmp_path, PRODUCT.format(supply="[]"))
    assert "supply: is empty or too short" in only


def test_a_wrong_zone_of_an_island_is_one_mistake(tmp_path):
    path = tmp_path / "island.yaml"
    path.write_text(
        "tamna-grid: 1\nname: isle\ntitle: {ko: 섬, en: Isle}\ntimezone: Asia/Seoul\nzones: [{name: 5}]\n",
        encoding="utf-8",
    )
    with pytest.raises(GridError) as error:
        load_island(path)
    assert [str(m) for m in error.value.mistakes if "too short" in str(m)] == []
    assert any("zone" in str(m) for m in error.value.mistakes)
