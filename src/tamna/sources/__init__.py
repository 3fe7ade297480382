"""What the world says: one file per provider, each answer with a receipt."""

from tamna.sources.block import Block, Finding, Flag, Kind, NotSeries, Reading, Receipt
from tamna.sources.files import LIMITS, Limits, fingerprint
from tamna.sources.folders import find_files
from tamna.sources.mapping import mapping_beside
from tamna.sources.reading import READERS, read_file, read_paths
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
    "fingerprint",
    "mapping_beside",
    "read_file",
    "read_paths",
]
