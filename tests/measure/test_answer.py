"""The JSON answer: keys that stay, values that JSON knows."""

from __future__ import annotations

import json

import numpy as np

from measure.island_of import island
from tamna.grid.clock import Resolution
from tamna.measure import RULES, as_dict, measure
from tamna.measure import answer as page

NAN = float("nan")


def found(by=Resolution.DAY):
    n = 48
    h = island(
        [100.0] * 30 + [NAN] * 18, wind=np.linspace(0, 130, n), lng=[10.0] * n, start="2025-04-13T15:00",
        curtailment={"wind": [NAN] * n},
    )  # fmt: skip
    return as_dict(measure(h, by=by))


def test_the_keys_are_those_the_page_documents():
    answer = found()
    for key in answer:
        assert f"``{key}``" in page.__doc__ or f"``{key}," in page.__doc__ or f", {key}``" in page.__doc__
    assert set(answer["shares"]["settled"]) == {str(m) for m in RULES}
    one = answer["shares"]["settled"]["coverage"]
    assert all(f"``{key}``" in page.__doc__ for key in one)
    assert all(key in page.__doc__ for key in one["definition"])


def test_every_list_has_one_value_a_period():
    for by in Resolution:
        answer = found(by)
        n = len(answer["periods"])
        for rules in answer["shares"].values():
            for one in rules.values():
                assert {len(v) for v in one.values() if isinstance(v, list)} == {n}
        assert len(answer["demand"]["mwh"]) == n
        assert len(answer["carbon"]["tco2e_per_mwh"]) == n


def test_it_is_json_without_nan_and_null_has_a_reason():
    answer = found(Resolution.HOUR)
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    for rules in answer["shares"].values():
        for one in rules.values():
            for value, why in zip(one["value"], one["unavailable"], strict=True):
                assert (value is None) == bool(why)
    assert answer["curtailment"]["wind"]["text"] == ["not published"] * 48
