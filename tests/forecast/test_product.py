import json

import numpy as np
import pytest

from tamna.forecast.product import Forecast, TargetForecast
from tamna.lang import _

STAMPS = np.datetime64("2024-08-30T02:00:00", "s") + np.arange(2) * np.timedelta64(3600, "s")


def forecast(**changes):
    answer = TargetForecast(
        unit="MW",
        quantiles=np.array([[600.0, 700.0], [np.nan, np.nan]]),
        hour_model=("blend", "persistence"),
        hour_reason=(None, _("when values became known is assumed from the source table")),
    )
    return Forecast(
        island="jeju",
        issued_at=STAMPS[0],
        stamps=STAMPS,
        levels=np.array([0.1, 0.9]),
        targets={"demand": answer},
        paths={"demand": np.array([[610.0, 620.0]])},
        **changes,
    )


def test_json_carries_island_time_with_its_offset_and_units_in_names():
    found = json.loads(json.dumps(forecast().as_dict(), allow_nan=False))
    assert found["issued_at"] == "2024-08-30T11:00+09:00"
    assert found["hours"][1] == "2024-08-30T12:00+09:00"
    assert found["targets"]["demand"]["quantiles_mw"] == [[600.0, 700.0], [None, None]]
    assert found["targets"]["demand"]["paths_mw"] == [[610.0, 620.0]]
    assert found["targets"]["demand"]["hour_reason"][0] is None


def test_a_level_between_two_is_read_on_the_line_between_them():
    assert forecast().at("demand", 0.5)[0] == pytest.approx(650.0)
