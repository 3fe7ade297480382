from __future__ import annotations

import re
import zlib

import altair as alt
import numpy as np

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


def test_hours_alone_stay_cells_and_are_not_blurred_into_colours_that_no_class_has():
    from tamna.serve.report.hours import hour_map_picture
    from tamna.serve.report.view import HourMap

    values = np.tile([0.05, 1.2], (30, 12))
    picture = hour_map_picture(
        HourMap(title="", definition="", first_day=np.datetime64("2023-06-01"), values=values),
        Speaker("en", "Asia/Seoul"),
    )
    inside = pixels(png(picture, scale=1.0))[60:160, 200:600].reshape(-1, 3)
    assert {tuple(p) for p in inside} == {(0xED, 0xF8, 0xB1), (0xD5, 0x5E, 0x00)}


def pixels(body: bytes) -> np.ndarray:
    """Read an RGBA PNG by hand: (rows, columns, RGB)."""
    columns, rows = int.from_bytes(body[16:20]), int.from_bytes(body[20:24])
    raw, at = b"", 8
    while at < len(body):
        size, kind = int.from_bytes(body[at : at + 4]), body[at + 4 : at + 8]
        raw += body[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    lines = np.frombuffer(zlib.decompress(raw), np.uint8).reshape(rows, 1 + 4 * columns)
    seen = np.zeros((rows, columns, 4), dtype=np.int64)
    for row, line in enumerate(lines):
        above = seen[row - 1] if row else np.zeros((columns, 4), dtype=np.int64)
        seen[row] = unfiltered(int(line[0]), line[1:].reshape(columns, 4).astype(np.int64), above)
    return seen[:, :, :3]


def unfiltered(kind: int, line: np.ndarray, above: np.ndarray) -> np.ndarray:
    out, left, corner = np.zeros_like(line), np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64)
    for i, cell in enumerate(line):
        guess = left + above[i] - corner
        near = np.stack([abs(guess - left), abs(guess - above[i]), abs(guess - corner)]).argmin(axis=0)
        paeth = np.choose(near, [left, above[i], corner])
        left = (cell + (0 * left, left, above[i], (left + above[i]) // 2, paeth)[kind]) % 256
        corner, out[i] = above[i], left
    return out
