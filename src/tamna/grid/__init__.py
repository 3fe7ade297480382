"""What the island is made of: one YAML file, checked, every figure with what stands behind it."""

from tamna.grid.load import island_from, load_island, packaged_islands, read_island
from tamna.grid.model import Island
from tamna.grid.starter import json_schema, starter, starter_mapping, write_starter
from tamna.grid.summary import render_summary, summary

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
