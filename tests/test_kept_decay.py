"""What a nowcast learned is taken up as it was written, or learned again."""

import pytest

from tamna.forecast.decay import guess_decay
from tamna.forecast.levels import NINE
from tamna.runs.kept_decay import keep_decay, take_decay


def test_what_is_kept_is_taken_up(tmp_path):
    path = tmp_path / "below" / "decay.json"
    keep_decay(guess_decay(NINE), path)
    assert take_decay(path).as_dict() == guess_decay(NINE).as_dict()
    assert [p.name for p in path.parent.iterdir()] == ["decay.json"]


@pytest.mark.parametrize(
    "damage", [lambda t: t[: len(t) // 2], lambda t: t.replace("0.5", "0.6"), lambda _t: "[]"]
)
def test_a_damaged_one_is_not(tmp_path, damage):
    path = tmp_path / "decay.json"
    keep_decay(guess_decay(NINE, half_life_h=1.0), path)
    text = path.read_text("utf-8")
    assert damage(text) != text
    path.write_text(damage(text), "utf-8")
    assert take_decay(path) is None


def test_a_folder_that_cannot_be_written_keeps_nothing_and_says_no_more(tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    keep_decay(guess_decay(NINE), tmp_path / "file" / "decay.json")
    assert take_decay(tmp_path / "file" / "decay.json") is None
