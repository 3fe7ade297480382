import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import UsageError
from tamna.forecast.place import distance_km, site_of


def test_modules_face_the_equator_on_both_halves_of_the_world():
    assert site_of(latitude=33.5, longitude=126.5, pv_mw=1).azimuth_deg == 180.0
    assert site_of(latitude=-33.5, longitude=151, pv_mw=1).azimuth_deg == 0.0
    assert site_of(latitude=0.0, longitude=0, pv_mw=1).tilt_deg == pytest.approx(3.1)


def test_what_is_told_is_kept():
    site = site_of(latitude=10, longitude=20, pv_mw=1, tilt_deg=45, azimuth_deg=90, hub_m=120)
    assert (site.tilt_deg, site.azimuth_deg, site.hub_m) == (45, 90, 120)


@given(st.floats(-180, 360))
def test_longitudes_wrap_at_the_date_line(longitude):
    site = site_of(latitude=0, longitude=longitude, pv_mw=1)
    assert -180 <= site.longitude < 180
    assert distance_km((0, longitude), (0, site.longitude)) < 1e-3


def test_the_distance_across_the_date_line_is_the_short_way():
    assert distance_km((10, 179.9), (10, -179.9)) < 25
    assert distance_km((33.5, 126.5), (33.5, 126.5)) == 0


def test_everything_that_cannot_be_is_said_at_once():
    with pytest.raises(UsageError) as refused:
        site_of(latitude=91, longitude=400, tilt_deg=100)
    text = str(refused.value)
    for words in ("latitude: must lie in -90..90 (got 91)", "longitude", "tilt", "a site needs a capacity"):
        assert words in text
