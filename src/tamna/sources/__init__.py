"""What the world says: one file per provider, each answer with a receipt."""

from tamna.sources.block import Block, Finding, Flag, Kind, NotSeries, Reading, Receipt
from tamna.sources.files import LIMITS, Limits
from tamna.sources.reading import READERS, find_files, read_file, read_paths
from tamna.sources.table import SOURCES, Source

__all__ = [
    "LIMITS",
    "READERS",
    "SOURCES",
    "Block",
    "Finding",
    "Flag",
    "Kind",
    "Limits",
    "NotSeries",
    "Reading",
    "Receipt",
    "Source",
    "find_files",
    "read_file",
    "read_paths",
]
