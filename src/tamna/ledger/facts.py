"""The small facts of an entry, read back as what they must be: a journal from outside may hold anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["entries", "maybe_entries", "maybe_whole", "moment", "text", "whole"]


def text(about: Mapping[str, Any], name: str) -> str:
    """Read a text that is not empty."""
    value = about.get(name)
    if not isinstance(value, str) or not value:
        refuse(_("{name} must be a text", name=name), seen=value)
    return value


def whole(about: Mapping[str, Any], name: str) -> int:
    """Read a whole number."""
    value = about.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        refuse(_("{name} must be a whole number", name=name), seen=value)
    return value


def maybe_whole(about: Mapping[str, Any], name: str) -> int | None:
    """Read a whole number that may be absent."""
    return whole(about, name) if about.get(name) is not None else None


def moment(about: Mapping[str, Any], name: str) -> np.datetime64:
    """Read a moment in UTC."""
    value = text(about, name)
    try:
        return np.datetime64(value.removesuffix("Z"), "s")
    except ValueError:
        refuse(_("{name} must be a moment in UTC", name=name), seen=value)


def entries(about: Mapping[str, Any], name: str) -> list[int]:
    """Read numbers of earlier entries, each once."""
    values = about.get(name)
    if not isinstance(values, list | tuple) or not all(type(v) is int for v in values):
        refuse(_("{name} must be numbers of entries", name=name), seen=values)
    if len(set(values)) != len(values):
        refuse(_("{name} must be numbers of entries", name=name), seen=values)
    return list(values)


def maybe_entries(about: Mapping[str, Any], name: str) -> list[int]:
    """Read numbers of earlier entries: one, several, or none where the fact is absent."""
    value = about.get(name)
    if value is None:
        return []
    return entries(about, name) if isinstance(value, list | tuple) else [whole(about, name)]
