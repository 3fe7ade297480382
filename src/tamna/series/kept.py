"""What took long to find out, kept beside the store and taken up again while its inputs stand.

An answer's file carries a hash of everything that made it: what the store holds, the island's file, the code of
the rooms that worked, and what was asked. Another of these is another name, so no answer can be out of date; one
that is damaged is worked out again. Files appear whole or not at all, and the folder may be deleted at any time.

A file is an uncompressed ``.npz`` without pickles: the arrays, and one JSON text that says how they hang together
and what was asked: a file under a wrong name answers nothing.
Values are nouns of tamna (dataclasses), arrays, moments, messages in both languages, and plain JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import zipfile
import zlib
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

import tamna
from tamna.lang import LANGUAGES, Message, language, speaking

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tamna.grid.model import Island
    from tamna.series.store import Store

T = TypeVar("T")

KEEP = 6
"""Files of one kind that stay; the oldest of more than these go."""
_ROOT = Path(tamna.__file__).parent
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, EOFError, IndexError,
           RuntimeError, zipfile.BadZipFile, zlib.error)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a thing that is not kept itself, in both languages."""

    en: str
    ko: str

    def __str__(self) -> str:
        return self.ko if language() == "ko" else self.en

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class NotPlain(TypeError):
    """A value that no file of this kind can carry."""


def key_of(store: Store, island: Island | None, rooms: tuple[str, ...], *asked: object) -> str:
    """Hash everything that an answer follows from.

    Parameters
    ----------
    rooms
        Folders and files of tamna whose code works it out, such as ``series`` or ``grid/clock.py``.
    asked
        What was asked; each must have a text that says all of it.
    """
    whole = hashlib.sha256()
    parts = (store.digest, "" if island is None else island.model_dump_json(), code_of(rooms), *asked)
    for part in parts:
        text = str(part).encode()
        whole.update(len(text).to_bytes(8, "big") + text)
    return whole.hexdigest()


@cache
def code_of(rooms: tuple[str, ...]) -> str:
    """Hash the code of some rooms and the numerical libraries' versions: whoever changes a line of it asks anew."""
    libraries = [f"{name} {version(name)}" for name in ("lightgbm", "numpy", "pvlib", "scipy")]
    whole = hashlib.sha256(" ".join([tamna.__version__, *libraries]).encode())
    for room in rooms:
        place = _ROOT / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            text = path.read_bytes()
            whole.update(f"{path.relative_to(_ROOT)} {len(text)} ".encode() + text)
    return whole.hexdigest()


def kept(folder: Path | None, name: str, key: str, make: Callable[[], T]) -> T:
    """Take up the answer `name` under `key` from `folder`, or make it and keep it.

    Without a folder nothing is kept; an answer that cannot be written is given all the same.
    """
    if folder is None:
        return make()
    path = folder / f"{name}-{key[:20]}.npz"
    with contextlib.suppress(*_BROKEN):
        return cast("T", _read(path, f"{name} {key}"))
    fresh = make()
    with contextlib.suppress(OSError, NotPlain):
        _write(path, f"{name} {key}", fresh)
        _make_room(folder, name, path)
    return fresh


def _read(path: Path, asked: str) -> object:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    whole = json.loads(bytes(arrays.pop("tree")).decode())
    if whole["asked"] != asked:  # another answer's file under this name
        raise ValueError(asked)
    return _built(whole["answer"], arrays)


def _write(path: Path, asked: str, value: object) -> None:
    arrays: dict[str, NDArray[Any]] = {}
    tree = json.dumps({"asked": asked, "answer": _plain(value, arrays)}, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            np.savez(file, tree=np.frombuffer(tree.encode(), dtype=np.uint8), **cast("Any", arrays))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _make_room(folder: Path, name: str, newest: Path) -> None:
    found = []
    for path in folder.glob(f"{name.partition('-')[0]}-*.npz"):
        with contextlib.suppress(FileNotFoundError):  # another process made room
            found.append((path.stat().st_mtime_ns, path))
    for _age, path in sorted(found)[:-KEEP]:
        if path != newest:
            path.unlink(missing_ok=True)


def _plain(value: object, arrays: dict[str, NDArray[Any]]) -> Any:
    """Turn a value into JSON; arrays go to `arrays` and leave their name."""
    match value:
        case Enum():
            raise NotPlain(type(value).__name__)
        case None | bool() | int() | float() | str():
            return value.item() if isinstance(value, np.generic) else value
        case np.datetime64():
            return {"moment": str(value.astype("datetime64[s]"))}
        case np.generic():
            return value.item()
        case np.ndarray():
            if value.dtype.hasobject:
                raise NotPlain(str(value.dtype))
            name = f"a{len(arrays)}"
            arrays[name] = value
            return {"array": name}
        case list():
            return [_plain(v, arrays) for v in value]
        case tuple():
            return {"tuple": [_plain(v, arrays) for v in value]}
        case Message():
            return {"message": value.text, "values": {k: _text(v) for k, v in value.values.items()}}
        case dict():
            return {"dict": [[_plain(k, arrays), _plain(v, arrays)] for k, v in value.items()]}
    kind = type(value)
    if is_dataclass(value) and not isinstance(value, type) and kind.__module__.startswith("tamna."):
        own = {f.name: _plain(getattr(value, f.name), arrays) for f in fields(value) if f.init}
        return {"noun": f"{kind.__module__}:{kind.__qualname__}", "fields": own}
    raise NotPlain(type(value).__name__)


def _text(value: object) -> Any:
    """Turn what fills a message's place into JSON: itself, or what it says in both languages."""
    arrays: dict[str, NDArray[Any]] = {}
    with contextlib.suppress(NotPlain):
        plain = _plain(value, arrays)
        if not arrays:  # a text's values carry none
            return plain
    said = {}
    for name in LANGUAGES:
        with speaking(name):
            said[name] = str(value)
    return {"said": said}


def _built(tree: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    if isinstance(tree, list):
        return [_built(v, arrays) for v in tree]
    if not isinstance(tree, dict):
        return tree
    match tree:
        case {"moment": text}:
            return np.datetime64(text, "s")
        case {"array": name}:
            return arrays[name]
        case {"tuple": parts}:
            return tuple(_built(v, arrays) for v in parts)
        case {"said": said}:
            return Said(**said)
        case {"message": text, "values": values}:
            return Message(text, {k: _built(v, arrays) for k, v in values.items()})
        case {"dict": pairs}:
            return {_built(k, arrays): _built(v, arrays) for k, v in pairs}
        case {"noun": name, "fields": own}:
            return _noun(name)(**{k: _built(v, arrays) for k, v in own.items()})
    raise ValueError("not a tree that was written here")


def _noun(name: str) -> Callable[..., object]:
    """Find a noun of tamna by its name; nothing else is ever made from a file."""
    module, _colon, kind = name.partition(":")
    found = getattr(importlib.import_module(module), kind) if module.startswith("tamna.") else None
    if not isinstance(found, type) or not is_dataclass(found):
        raise ValueError(name)
    return found
