from __future__ import annotations

import re

import altair as alt

from serve.report.sample import sample_view
from tamna.serve.report.draw import png, svg
from tamna.serve.report.frame import Size, data, finish
from tamna.serve.report.months import monthly_picture
from tamna.serve.report.speak import Speaker


def faded() -> alt.LayerChart:
    """A chart that needs ids: a gradient and a clip."""
    fill = alt.Gradient(
        gradient="linear",
        stops=[alt.GradientStop(color="white", offset=0), alt.GradientStop(color="black", offset=1)],
    )
    rows = [{"x": 0, "y": 1}, {"x": 1, "y": 2}]
    return alt.layer(alt.Chart(data(rows)).mark_area(color=fill, clip=True).encode(x="x:Q", y="y:Q"))


def test_ids_are_the_pages_own_and_the_same_every_time():
    spec = finish(faded(), Size(340, 100))
    first, again, other = svg(spec, "a"), svg(spec, "a"), svg(spec, "b")
    assert first == again
    ids = re.findall(r' id="([^"]+)"', first)
    assert ids
    assert all(re.fullmatch(r"a-\d+", name) for name in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", first)) <= set(ids)
    assert other == first.replace('"a-', '"b-').replace("#a-", "#b-")


def test_text_stays_text_for_the_readers_own_fonts():
    drawn = svg(finish(faded(), Size(340, 100)), "a")
    assert ">0.5</text>" in drawn
    assert "Noto Sans KR" in drawn
    assert "@font-face" not in drawn


def test_the_margins_and_so_the_size_of_a_drawing_depend_on_no_font():
    assert 'viewBox="0 0 340 148"' in svg(finish(faded(), Size(340, 100)), "a")


def test_coordinates_carry_a_tenth_of_a_pixel_at_most():
    drawn = svg(finish(faded(), Size(340, 100)), "a")
    assert not re.search(r' (?:d|transform)="[^"]*\d\.\d{2,}', drawn)


def test_a_picture_alone_is_a_png_with_its_title_and_legend():
    picture = monthly_picture(sample_view().monthly, Speaker("ko", "Asia/Seoul"))
    alone = png(picture)
    assert alone.startswith(b"\x89PNG")
    assert png(picture) == alone
    assert int.from_bytes(alone[16:20]) > 1400  # twice 720 px
