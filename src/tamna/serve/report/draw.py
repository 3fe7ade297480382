"""From a Vega-Lite specification to bytes: SVG for the page, PNG for a README. Same in, same out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import vl_convert

from tamna.serve.report.palette import house_config

if TYPE_CHECKING:
    from tamna.serve.report.blocks import Panel, Picture, Spec

_NUMBERS = re.compile(r' (d|transform|x|y|x1|x2|y1|y2|cx|cy|width|height)="([^"]*)"')
_LONG = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_ARIA = re.compile(r' (?:aria-[a-z]+|role|class|version|xmlns(?::xlink)?)="[^"]*"')
_SIZE = re.compile(r'^(<svg[^>]*?) width="([\d.]+)" height="([\d.]+)"')
_EMPTY = re.compile(
    r'<path d="" pointer-events="none" display="none"/>|<path d="M0,0h0v0h0Z" pointer-events="none"/>'
)
_ID = re.compile(r' id="([^"]+)"')


def svg(spec: Spec, prefix: str) -> str:
    """Draw `spec` as SVG to stand inside a page: text stays text, ids are `prefix` and a number.

    Coordinates are rounded to a tenth of a pixel, attributes that only a stand-alone file needs are
    dropped, and the size is left to the page (the viewBox keeps the shape).
    """
    drawn = vl_convert.vegalite_to_svg(json.dumps(spec, ensure_ascii=False))
    drawn = drawn.replace("xlink:href=", "href=")
    drawn = _ARIA.sub("", drawn)
    drawn = _NUMBERS.sub(lambda m: f' {m[1]}="{_LONG.sub(_tenth, m[2])}"', drawn)
    drawn = _EMPTY.sub("", _SIZE.sub(r"\1", drawn))
    for number, name in enumerate(dict.fromkeys(_ID.findall(drawn))):
        fresh = f"{prefix}-{number}"
        drawn = drawn.replace(f' id="{name}"', f' id="{fresh}"')
        drawn = drawn.replace(f"url(#{name})", f"url(#{fresh})").replace(
            f'href="#{name}"', f'href="#{fresh}"'
        )
    return drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def png(picture: Picture, *, panel: int = 0, scale: float = 2.0) -> bytes:
    """Draw one panel of `picture` alone, with title and legend inside, on white."""
    chosen: Panel = picture.panels[panel]
    spec: dict[str, Any] = dict(chosen.wide or chosen.narrow)
    config = {**spec.get("config", house_config()), "background": "white"}
    config["legend"] = {**config.get("legend", {}), "disable": False}
    title = " · ".join(part for part in (str(picture.title), str(chosen.title)) if part)
    spec |= {"config": config, "title": title, "autosize": {"type": "pad"}, "padding": 12}
    drawn = vl_convert.vegalite_to_svg(json.dumps(spec, ensure_ascii=False))
    sharp = drawn.replace(
        "<image ", '<image image-rendering="optimizeSpeed" '
    )  # an hour is a cell, not a blur
    return bytes(vl_convert.svg_to_png(sharp, scale=scale))


def _tenth(match: re.Match[str]) -> str:
    short = f"{float(match[0]):.1f}".removesuffix(".0")
    return "0" if short == "-0" else short
