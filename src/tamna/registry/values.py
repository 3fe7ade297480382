"""Values of the ledger as bytes and back: its frozen nouns, arrays and moments, and nothing else.

A value is written as canonical JSON in which every array is a number, followed by the arrays. Which nouns there may be is
read from the ledger's own modules: a new one is known at once, and no other class is ever made from bytes.
"""

from __future__ import annotations

import dataclasses
import struct
from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.lib import format as npy

from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger import across, carried, line, load, nouns, state, trace
from tamna.ledger.canonical import canonical, parse
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FORM", "from_bytes", "to_bytes"]

_NOUNS: Final[dict[str, Any]] = {
    name: found
    for module in (nouns, line, load, trace, carried, across, state)
    for name, found in vars(module).items()
    if isinstance(found, type) and (dataclasses.is_dataclass(found) or issubclass(found, Enum))
}

_MEANING: Final = 1  # to be raised where a noun keeps its fields and says something else with them


def _form() -> bytes:
    """Give a fingerprint of what bytes of these nouns mean: each noun's fields in their order, each enum's values."""
    said = {
        name: [[m.name, m.value] for m in found]
        if issubclass(found, Enum)
        else [[f.name, str(f.type)] for f in dataclasses.fields(found)]
        for name, found in _NOUNS.items()
    }
    return sha256(canonical({"meaning": _MEANING, "nouns": said})).digest()


FORM: Final = _form()
"""Of the bytes that this program writes; bytes of another form cannot be read, however whole they are."""


def to_bytes(value: Any) -> bytes:
    """Write a value; the same value gives the same bytes.

    Raises
    ------
    LedgerError
        It holds something that the ledger does not.
    """
    arrays: list[NDArray[Any]] = []
    text = canonical(_written(value, arrays))
    return struct.pack("<Q", len(text)) + text + b"".join(map(_planes, arrays))


def from_bytes(raw: bytes) -> Any:
    """Read a value back.

    Raises
    ------
    LedgerError
        They are not the bytes of one.
    """
    (length,) = struct.unpack_from("<Q", raw)
    at = 8 + length
    value, at = _read(parse(raw[8:at]), raw, at)
    if at != len(raw):
        refuse(_("a part of the snapshot was altered"))
    return value


def _written(value: Any, arrays: list[NDArray[Any]]) -> Any:
    if isinstance(value, Enum):
        return {"enum": type(value).__name__, "value": value.value}
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, np.datetime64):
        return {"moment": iso(value)}
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        arrays.append(value)
        return {"array": npy.dtype_to_descr(value.dtype), "shape": list(value.shape)}
    if isinstance(value, tuple):
        return {"tuple": [_written(v, arrays) for v in value]}
    if isinstance(value, dict):
        return {"dict": [[_written(k, arrays), _written(v, arrays)] for k, v in value.items()]}
    if type(value).__name__ not in _NOUNS:
        refuse(_("not a value of the ledger"), seen=type(value).__name__)
    fields = [_written(getattr(value, f.name), arrays) for f in dataclasses.fields(value)]
    return {"noun": type(value).__name__, "fields": fields}


def _read(text: Any, raw: bytes, at: int) -> tuple[Any, int]:
    if not isinstance(text, dict):
        return text, at
    if "enum" in text:
        return _NOUNS[text["enum"]](text["value"]), at
    if "moment" in text:
        return np.datetime64(text["moment"].removesuffix("Z"), "s"), at
    if "array" in text:
        return _array(text, raw, at)
    if "dict" in text:
        pairs = {}
        for key, value in text["dict"]:
            pairs[key], at = _read(value, raw, at)
        return pairs, at
    values = []
    for part in text["tuple" if "tuple" in text else "fields"]:
        value, at = _read(part, raw, at)
        values.append(value)
    if "tuple" in text:
        return tuple(values), at
    found = _NOUNS[text["noun"]]
    return found(**{f.name: v for f, v in zip(dataclasses.fields(found), values, strict=True)}), at


def _array(text: dict[str, Any], raw: bytes, at: int) -> tuple[NDArray[Any], int]:
    descr: Any = text["array"]
    parts: Any = descr if isinstance(descr, str) else [tuple(part) for part in descr]
    form = npy.descr_to_dtype(parts)
    if form.hasobject:
        refuse(_("not a value of the ledger"), seen=str(form))
    shape = text["shape"]
    count = int(np.prod(shape, dtype=np.int64))
    size = count * form.itemsize
    planes = np.frombuffer(raw, np.uint8, size, at).reshape(form.itemsize, count)
    return np.frombuffer(planes.T.tobytes(), form).reshape(shape), at + size


def _planes(values: NDArray[Any]) -> bytes:
    """Write an array byte by byte in planes, which packs better."""
    whole = np.ascontiguousarray(values)
    if not whole.size:
        return b""
    return np.frombuffer(whole.tobytes(), np.uint8).reshape(-1, whole.itemsize).T.tobytes()
