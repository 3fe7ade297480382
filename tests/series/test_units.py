from __future__ import annotations

import pytest

from tamna.series.units import factor, kept, slug
from tamna.sources.block import Kind


def test_mean_power_and_energy_of_one_interval_are_one_fact():
    assert factor("MW", Kind.MEAN, 900, "MWh", Kind.SUM, 900) == 0.25
    assert factor("MWh", Kind.SUM, 900, "MW", Kind.MEAN, 900) == 4
    assert factor("kWh", Kind.SUM, 3600, "MWh", Kind.SUM, 3600) == 1e-3


def test_other_facts_are_not_made_alike():
    assert factor("MW", Kind.INSTANT, 3600, "MWh", Kind.SUM, 3600) is None
    assert factor("MW", Kind.MEAN, 900, "MW", Kind.MEAN, 3600) is None
    assert factor("degC", Kind.MEAN, 3600, "MW", Kind.MEAN, 3600) is None


def test_units_are_kept_in_megawatts():
    assert kept("kWh") == ("MWh", 1000)
    assert kept("m/s") == ("m/s", 1)


@pytest.mark.parametrize(
    ("unit", "word"),
    [
        ("MWh", "mwh"),
        ("KRW/kWh", "krw_per_kwh"),
        ("m/s", "m_per_s"),
        ("%", "percent"),
        ("W/m2", "w_per_m2"),
        ("", "value"),
    ],
)
def test_units_become_column_names(unit, word):
    assert slug(unit) == word
