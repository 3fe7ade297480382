"""Assets and states as JSON and back: any frozen noun of the blocks, by its name; nothing else can come out of a file.

A noun is its fields and, under ``kind``, its class; a tuple is a list, a set a list under ``set``. Only classes that the
blocks define are made again, so a file can name no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

from tamna.dispatch.system import State, System
from tamna.errors import InputError, Place
from tamna.lang import _
from tamna.optimise import blocks

KIND, SET = "kind", "set"


def coded(value: Any) -> Any:
    """Give a value as JSON carries it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {KIND: type(value).__name__, **{f.name: coded(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, np.ndarray):
        return [float(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): coded(v) for k, v in value.items()}
    if isinstance(value, (frozenset, set)):
        return {SET: sorted(value)}
    if isinstance(value, (tuple, list)):
        return [coded(v) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def made(code: Any) -> Any:
    """Make the value again.

    Raises
    ------
    InputError
        A noun that no block knows, or with other figures than it has: of another version.
    """
    if isinstance(code, list):
        return tuple(made(v) for v in code)
    if not isinstance(code, dict):
        return code
    if SET in code:
        return frozenset(code[SET])
    parts = {k: made(v) for k, v in code.items() if k != KIND}
    if KIND not in code:
        return parts
    try:
        return _nouns()[code[KIND]](**parts)
    except (KeyError, TypeError) as error:
        raise InputError(
            _("the network's meta holds a '{kind}' that this version of tamna does not know", kind=str(code[KIND])),
            where=Place(path="Network, meta['tamna']"),
            seen=str(error),
            todo=_("Read it with the version that wrote it, or take 'tamna' out of its meta: the components are read then."),
        ) from error  # fmt: skip


@cache
def _nouns() -> dict[str, Any]:
    found: dict[str, Any] = {"System": System, "State": State}
    for module in iter_modules(blocks.__path__):
        held = import_module(f"{blocks.__name__}.{module.name}")
        found |= {
            name: noun for name, noun in vars(held).items() if isinstance(noun, type) and is_dataclass(noun)
        }
    return found
