"""Generation by fuel: the same column numbers with different meanings."""

import pytest

import fake_answers as fake
from live_tools import answer, block_of
from tamna.errors import SourceError
from tamna.sources.block import Flag
from tamna.sources.live.kpx_fuel import read_market, read_system


@pytest.mark.parametrize("time_name", ["baseDateTime", "baseDatetime"])
def test_in_the_market_8_is_solar_9_wind_10_other(time_name):
    body = fake.envelope(fake.fuel(time_name=time_name), root="tbAllSumperfuel5mResponse")
    reading = read_market([answer(body)])
    values = {b.series.removeprefix("kr/national/"): b.value[0] for b in reading.blocks}
    assert (values["pv"], values["wind"], values["other_renewables"]) == (800, 900, 1000)
    assert (values["pv_ppa"], values["pv_btm"], values["market_demand"]) == (3000, 4000, 65000)
    assert {b.source for b in reading.blocks} == {"kpx_fuelmix"}


def test_in_the_system_8_is_all_renewables_and_9_solar():
    reading = read_system([answer(fake.envelope(fake.fuel(system=True, time_name="baseDatetime")))])
    values = {b.series.removeprefix("kr/national/"): b.value[0] for b in reading.blocks}
    assert (values["renewables"], values["pv"], values["demand"]) == (800, 900, 65555)
    assert "wind" not in values
    assert reading.receipt.ignored == {"fuelPwr10": "not documented"}


def test_what_kpx_estimates_is_flagged_so():
    reading = read_market([answer(fake.envelope(fake.fuel()))])
    assert (block_of(reading, "kr/national/pv_btm").flag & Flag.ESTIMATED > 0).all()
    assert not (block_of(reading, "kr/national/pv").flag & Flag.ESTIMATED > 0).any()


def test_pumping_is_negative():
    rows = [row | {"fuelPwr5": "-1200"} for row in fake.fuel(count=2)]
    assert (
        block_of(read_market([answer(fake.envelope(rows))]), "kr/national/pumped_storage").value[0] == -1200
    )


def test_none_of_the_fields_is_refused():
    with pytest.raises(SourceError, match="none of the documented fields"):
        read_market([answer(fake.envelope([{"baseDateTime": "20260615000000", "x": 1}]))])
