from __future__ import annotations

import math

from serve.report.sample import sample_view
from tamna.serve.report.frame import month_axis
from tamna.serve.report.months import curtailment_picture, monthly_picture
from tamna.serve.report.speak import Speaker
from tamna.serve.report.view import CurtailedLine, Curtailment

EN, KO = Speaker("en", "Asia/Seoul"), Speaker("ko", "Asia/Seoul")


def rows(spec):
    return [row for data in spec["datasets"].values() for row in data]


def test_a_month_without_publication_is_a_grey_field_and_has_no_bar():
    line = CurtailedLine(
        title="Wind", colour="curtailment", energy_mwh=(2000.0, math.nan, 0.0), events=(1.0, math.nan, 0.0)
    )
    picture = curtailment_picture(Curtailment(months=("2023-01", "2023-02", "2023-03"), lines=(line,)), EN)
    drawn = rows(picture.panels[0].wide)
    assert {row["k"]: row["v"] for row in drawn if "name" in row} == {"2023-01": 2.0, "2023-03": 0.0}
    assert [row["k"] for row in drawn if "name" not in row] == ["2023-02"]
    assert [str(key.title) for key in picture.legend] == ["Wind", "not published"]
    assert "2.0 GWh in all; 1 of 3 months were not published" in str(picture.alt)


def test_a_year_published_whole_has_no_grey_in_its_legend():
    line = CurtailedLine(title="Wind", colour="curtailment", energy_mwh=(0.0, 0.0), events=(0.0, 0.0))
    picture = curtailment_picture(Curtailment(months=("2023-01", "2023-02"), lines=(line,)), EN)
    assert [str(key.title) for key in picture.legend] == ["Wind"]


def test_the_best_and_the_worst_month_are_said_in_words():
    monthly = sample_view().monthly
    best = max(zip(monthly.shares[0].values, monthly.months, strict=True))
    assert f"{EN.percent(best[0])} in {EN.month(best[1], alone=False)}" in str(
        monthly_picture(monthly, EN).alt
    )


def test_months_are_named_in_the_readers_language_and_years_where_there_are_many():
    year = [f"2023-{m:02d}" for m in range(1, 13)]
    assert list(month_axis(year, KO, room=666).values)[:2] == ["2023-01", "2023-02"]
    assert '"2023-04": "4월"' in month_axis(year, KO, room=666).labelExpr
    assert len(month_axis(year, EN, room=286).values) == 6
    many = [f"{y}-{m:02d}" for y in range(2017, 2024) for m in range(1, 13)]
    assert '"2019-01": "2019"' in month_axis(many, EN, room=666).labelExpr
    assert len(month_axis(many, EN, room=666).values) == 7
