from __future__ import annotations

import re
from importlib.resources import files

import pytest

from tamna.serve.report.palette import COLOURS, GREY, INK, RAMP, colour


def lightness(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast_on_white(colour: str) -> float:
    return 1.05 / (lightness(colour) + 0.05)


def test_every_colour_of_text_can_be_read_on_white():
    css = (files("tamna.serve.report") / "templates" / "report.css.j2").read_text("utf-8")
    texts = {
        INK,
        GREY,
        *re.findall(r"(?<![-\w])color:(#\w{6})", css),
        *re.findall(r"--(?!hair)\w+:(#\w{6})", css),
    }
    assert len(texts) >= 4
    for text in texts:
        assert contrast_on_white(text) >= 4.5, text


@pytest.mark.parametrize("role", ["wind", "demand", "residual", "carbon", "thermal", "curtailment", "bio"])
def test_every_line_can_be_seen_on_white(role):
    assert contrast_on_white(colour(role)) >= 3


def test_the_ramp_darkens_step_by_step_and_the_full_hours_stand_out_of_it():
    steps = [lightness(c) for c in RAMP[:-1]]
    assert steps == sorted(steps, reverse=True)
    assert lightness(RAMP[-1]) > 3 * lightness(RAMP[-2])


def test_a_role_nobody_named_is_grey():
    assert colour("geothermal") == COLOURS["other"]
