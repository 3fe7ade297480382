from __future__ import annotations

import altair as alt
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from serve.report.sample import sample_view
from tamna.serve.report.curves import POINTS, days_picture, duration_picture, thin
from tamna.serve.report.speak import Speaker
from tamna.serve.report.view import Curve, Duration

EN = Speaker("en", "Asia/Seoul")


@given(arrays(np.float64, st.integers(0, 900), elements=st.floats(-1e4, 1e4) | st.just(float("nan"))))
def test_a_thinned_curve_falls_from_the_highest_hour_to_the_lowest(values):
    points = thin(values)
    there = values[np.isfinite(values)]
    assert len(points) <= POINTS
    assert [p["v"] for p in points] == sorted((p["v"] for p in points), reverse=True)
    if len(there):
        assert points[0]["v"] == round(there.max(), 5)
        assert points[-1] == {"p": 1.0, "v": round(there.min(), 5)}


def test_a_curve_says_its_highest_middle_and_lowest_hour():
    curve = Curve(title="Residual load", colour="residual", values=np.array([-20.0, 300.0, np.nan, 100.0]))
    picture = duration_picture(Duration(title="t", curves=(curve,), unit="MW"), EN)
    assert "at most 300 MW, at least 100 MW in half of the hours, never below −20 MW" in str(picture.alt)
    assert any("rule" in str(layer["mark"]) for layer in picture.panels[0].wide["layer"])  # the line at zero


def test_a_curve_that_never_crosses_has_no_line_to_cross():
    curve = Curve(title="Demand", colour="demand", values=np.array([400.0, 500.0]))
    picture = duration_picture(Duration(title="t", curves=(curve,), unit="MW"), EN)
    assert len(picture.panels[0].wide["layer"]) == 1


def test_mean_days_stand_on_one_scale_and_close_at_24():
    view = sample_view()
    picture = days_picture(view.typical_days, EN)
    scales = {str(panel.narrow["layer"][0]["encoding"]["y"]["scale"]) for panel in picture.panels}
    assert len(scales) == 1
    hours = {row["k"] for rows in picture.panels[0].narrow["datasets"].values() for row in rows}
    assert hours == set(range(25))


def test_every_specification_keeps_to_vega_lites_schema():
    from tamna.serve.report.hours import hour_map_picture
    from tamna.serve.report.months import carbon_picture, curtailment_picture, monthly_picture

    view = sample_view()
    pictures = [
        *(duration_picture(d, EN) for d in view.durations), days_picture(view.typical_days, EN),
        hour_map_picture(view.hour_map, EN), monthly_picture(view.monthly, EN),
        curtailment_picture(view.curtailment, EN), carbon_picture(view.carbon, EN),
    ]  # fmt: skip
    specs = [spec for p in pictures for panel in p.panels for spec in (panel.wide, panel.narrow) if spec]
    assert len(specs) == 18
    for spec in specs:
        alt.Chart.from_dict(dict(spec), validate=True).to_dict()
