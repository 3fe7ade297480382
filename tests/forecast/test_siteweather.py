import numpy as np

from tamna.forecast.siteweather import normal
from tamna.grid.clock import HOUR

HOURS = np.datetime64("2024-01-01T00:00:00", "s") + np.arange(3) * HOUR


def test_units_that_files_use_become_the_houses():
    assert normal("cloud_cover", "%", np.array([50.0]), HOURS[:1]).tolist() == [0.5]
    assert normal("temperature", "K", np.array([293.15]), HOURS[:1])[0].round(9) == 20.0
    assert normal("pressure", "Pa", np.array([101300.0]), HOURS[:1]).tolist() == [1013.0]


def test_sums_since_midnight_become_rates():
    made = normal("radiation", "J/m2 since 00 UTC", np.array([0.0, 360000.0, 1080000.0]), HOURS)
    assert made.tolist() == [0.0, 100.0, 200.0]


def test_an_unknown_unit_or_quantity_is_left_out_and_not_guessed():
    assert normal("temperature", "degF", np.array([68.0]), HOURS[:1]) is None
    assert normal("mood", "1", np.array([1.0]), HOURS[:1]) is None
    assert normal("humidity", "percent at 1000 hPa", np.array([60.0]), HOURS[:1]).tolist() == [60.0]
