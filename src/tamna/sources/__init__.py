"""What the world says: one file per provider, each answer with a receipt.

The readers (and pandas with them) are loaded when somebody reads a file, not when somebody asks what a flag means.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tamna.sources.block import Block, Finding, Flag, Kind, NotSeries, Reading, Receipt
from tamna.sources.table import SOURCES, Source

if TYPE_CHECKING:
    from tamna.sources.files import LIMITS, Limits, fingerprint
    from tamna.sources.folders import find_files
    from tamna.sources.mapping import mapping_beside
    from tamna.sources.reading import READERS, read_file, read_paths

_LATE = {
    "LIMITS": "files",
    "Limits": "files",
    "fingerprint": "files",
    "find_files": "folders",
    "mapping_beside": "mapping",
    "READERS": "reading",
    "read_file": "reading",
    "read_paths": "reading",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)


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
