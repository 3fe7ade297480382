"""What the island is made of: one YAML file, checked, every figure with what stands behind it.

The names below load when they are first asked for: the clock alone is needed far more often than the
models, which cost pydantic's import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tamna.grid.init import starter, starter_mapping, write_starter
    from tamna.grid.load import island_from, load_island, packaged_islands, read_island
    from tamna.grid.model import Island
    from tamna.grid.schema import json_schema
    from tamna.grid.show import render_summary, summary

__all__ = [
    "Island",
    "island_from",
    "json_schema",
    "load_island",
    "packaged_islands",
    "read_island",
    "render_summary",
    "starter",
    "starter_mapping",
    "summary",
    "write_starter",
]

_WHERE = {
    "Island": "model",
    "island_from": "load",
    "json_schema": "schema",
    "load_island": "load",
    "packaged_islands": "load",
    "read_island": "load",
    "render_summary": "show",
    "starter": "init",
    "starter_mapping": "init",
    "summary": "show",
    "write_starter": "init",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"tamna.grid.{_WHERE[name]}"), name)
