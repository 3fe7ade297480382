"""Colours and type of every picture: told apart by those who see fewer colours, and in grey.

The hues are those of Okabe and Ito (Color Universal Design, 2008); the ramp of the hour map is
ColorBrewer's YlGnBu, whose lightness falls steadily, with vermilion for hours at or above 100 %.
"""

from __future__ import annotations

from typing import Any

COLOURS: dict[str, str] = {
    "wind": "#0072b2",
    "wind_ppa": "#66aad1",
    "pv": "#e69f00",
    "pv_ppa": "#f2c866",
    "pv_btm": "#f8e2b0",
    "bio": "#009e73",
    "waste": "#7f6a4f",
    "thermal": "#767676",
    "lng": "#767676",
    "oil": "#4d4d4d",
    "import": "#cc79a7",
    "export": "#8f4b75",
    "curtailment": "#d55e00",
    "storage": "#56b4e9",
    "hydrogen": "#44aa99",
    "vehicles": "#999933",
    "price": "#5b4b8a",
    "link_1": "#cc79a7",
    "link_2": "#8f4b75",
    "link_3": "#4a1f3a",
    "demand": "#1a1a1a",
    "residual": "#a23b00",
    "carbon": "#5b4b8a",
    "other": "#b0b0b0",
    "not_published": "#e4e4e4",
}

RAMP_EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
RAMP = ("#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84", "#d55e00")
NO_VALUE = "#dcdcdc"

INK, GREY, HAIR = "#1a1a1a", "#555555", "#d9d9d9"
FONTS = "Pretendard, 'Noto Sans KR', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic', sans-serif"


def colour(role: str) -> str:
    """Give the colour of a role; a role nobody named is grey, not an error."""
    return COLOURS.get(role, COLOURS["other"])


def house_config() -> dict[str, Any]:
    """Give the Vega-Lite configuration that all pictures share."""
    axis = {
        "labelFont": FONTS,
        "titleFont": FONTS,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelColor": GREY,
        "titleColor": GREY,
        "domainColor": GREY,
        "tickColor": GREY,
        "gridColor": HAIR,
        "tickSize": 4,
    }
    return {
        "aria": False,
        "background": "transparent",
        "font": FONTS,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False},
        "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
        "legend": {
            "disable": True,
            "labelFont": FONTS,
            "labelFontSize": 11,
            "title": None,
            "orient": "top",
            "symbolOpacity": 1,
        },
        "title": {"font": FONTS, "fontSize": 14, "color": INK, "anchor": "start", "fontWeight": 600},
    }
