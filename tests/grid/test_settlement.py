"""A rule of money has a period, a ground for its figures, and says what is not known."""

from __future__ import annotations

from datetime import date

import pytest

from tamna.errors import GridError
from tamna.grid import load_island, read_island, render_summary, starter, summary
from tamna.lang import speaking

SCHEME = """
settlements:
  - name: scheme
    kind: forecast_incentive
    start: 2021-10-01
    end: 2025-05-31
    source: my-report
    bands:
      - {error: 0.06, krw_per_kwh: 4}
      - {error: 0.08, krw_per_kwh: 3}
    unknown: {error_of: nobody says of what}
"""
PILOT = """\
  - name: pilot
    kind: two_settlement
    start: 2024-06-01
    source: my-report
    day_ahead: isle/price_da
    real_time: isle/price_rt
"""
RULES = SCHEME + PILOT


def mistakes(old, new):
    assert old in RULES
    with pytest.raises(GridError) as refused:
        read_island(starter("isle") + RULES.replace(old, new))
    return str(refused.value)


def test_the_rules_of_a_day_are_asked_of_the_island():
    island = read_island(starter("isle") + RULES)
    names = [[s.name for s in island.settlements_at(date(*day))] for day in ((2021, 9, 30), (2021, 10, 1))]
    assert names == [[], ["scheme"]]
    assert [s.name for s in island.settlements_at(date(2024, 6, 1))] == ["scheme", "pilot"]
    assert [s.name for s in island.settlements_at(date(2025, 6, 1))] == ["pilot"]


def test_jeju_pays_by_the_scheme_and_by_the_pilot_and_the_mock_run_is_counterfactual():
    jeju = load_island("jeju")
    held = {s.name: s.counterfactual for s in jeju.settlements_at(date(2024, 4, 1))}
    assert held == {"forecast-scheme": False, "pilot-mock-settlement": True}
    assert {s.name for s in jeju.settlements_at(date(2024, 7, 1))} == {"forecast-scheme", "pilot-settlement"}


def test_the_mock_run_of_the_rules_is_that_of_the_regimes():
    jeju = load_island("jeju")
    for rule, regime in (
        ("pilot-mock-settlement", "bidding-pilot-mock"),
        ("pilot-settlement", "bidding-pilot"),
    ):
        (settled,) = (s for s in jeju.settlements if s.name == rule)
        (held,) = (r for r in jeju.regimes if r.name == regime)
        assert (settled.start, settled.end) == (held.start, held.end)


def test_what_a_kind_needs_is_asked_for():
    assert "without error_of" in mistakes("    unknown: {error_of: nobody says of what}\n", "")
    assert "without real_time" in mistakes("    real_time: isle/price_rt\n", "")


def test_unknown_names_a_field_that_is_empty_and_says_why():
    assert "nothing of a rule that can be unknown: colour" in mistakes(
        "{error_of:", "{colour: red, error_of:"
    )
    assert "given and unknown at once: bands" in mistakes("{error_of:", "{bands: lost, error_of:")
    assert "unknown without a reason" in mistakes("nobody says of what", "''")


def test_bands_go_from_small_errors_to_large():
    assert "small errors paid well" in mistakes("error: 0.06", "error: 0.09")
    assert "small errors paid well" in mistakes("krw_per_kwh: 3", "krw_per_kwh: 5")
    assert "0.08 for 8 %" in mistakes("error: 0.08", "error: 8")


def test_a_tolerance_has_a_price():
    assert "without its price" in mistakes("day_ahead:", "tolerance: 0.1\n    day_ahead:")


def test_one_seller_is_paid_once():
    again = PILOT.replace("pilot", "pilot-2")
    assert "pays on days on which 'pilot' pays too" in mistakes(PILOT, PILOT + again)
    split = PILOT + "    pays: [pv]\n" + again + "    pays: [wind]\n"
    assert len(read_island(starter("isle") + SCHEME + split).settlements) == 3


def test_the_table_says_what_is_not_known_and_what_is_play():
    found = summary(load_island("jeju"))
    text = render_summary(found)
    assert "pilot-mock-settlement  Bidding pilot, mock settlement  (counterfactual)" in text
    assert "not known: error_of: no source" in text
    assert found.as_dict()["settlements"][0]["name"] == "forecast-scheme"
    with speaking("ko"):
        assert "정산 규칙:" in render_summary(found)
