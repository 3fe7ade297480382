"""pydantic's errors in the words of a grid file: where, what, what was seen, what to do now."""

from __future__ import annotations

import difflib
import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from tamna.errors import Mistake, Place
from tamna.grid.model import SINGULAR, Island
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

    from tamna.grid.document import Document, Path
    from tamna.lang import Message


def mistakes(error: ValidationError, document: Document, model: type[BaseModel] = Island) -> list[Mistake]:
    """Turn pydantic's errors into mistakes of the file, each told once.

    pydantic leaves an entry that is wrong out of its list and may then call the list too short: no second mistake.
    """
    return [mistake(e, document, model) for e in error.errors(include_url=False) if not _echo(e)]


def _echo(error: ErrorDetails) -> bool:
    """Whether a list or a group is long enough as it was written."""
    written = error["input"]
    return (
        error["type"] == "too_short"
        and isinstance(written, list | tuple | Mapping)
        and len(written) >= error.get("ctx", {}).get("min_length", 0)
    )


def mistake(error: ErrorDetails, document: Document, model: type[BaseModel] = Island) -> Mistake:
    """Turn one of pydantic's errors into a mistake of the file, which describes a `model`."""
    context = error.get("ctx", {})
    path = _as_written(tuple(part for part in error["loc"] if part != "[key]"), document.data)
    if context.get("at"):
        path = (*path, context["at"])
    what, todo = _words(error["type"], context, path, model)
    # a missing name is a mistake of its parent; showing the parent's text would help nobody
    seen = None if error["type"] == "missing" else _seen(_value_at(document.data, path, error["input"]))
    return at(document, path, what, todo=todo, seen=seen)


def at(
    document: Document, path: Path, what: Message, *, todo: Message | None = None, seen: str | None = None
) -> Mistake:
    """Build a mistake at a place of the file."""
    place = Place(file=document.file, line=document.line(path), path=describe(document.data, path) or None)
    return Mistake(what=what, where=place, seen=seen, todo=todo)


def describe(data: Any, path: Path) -> str:
    """Name a place as a person would: ``battery 'hallim', round_trip``."""
    parts: list[str] = []
    for number, part in enumerate(path):
        if isinstance(part, int):
            parent = path[number - 1] if number else ""
            item = _value_at(data, path[: number + 1], None)
            label = None
            if isinstance(item, dict):
                label = item.get("name") or item.get("key") or item.get("from")
            kind = SINGULAR.get(str(parent))
            text = f"'{label}'" if isinstance(label, str) else str(part + 1)
            if parts and kind:
                parts[-1] = f"{kind} {text}"
            elif parts:
                parts[-1] = f"{parts[-1]} {text}"
            else:
                parts.append(text)
        elif not (part in ("value", "use") and number == len(path) - 1 and parts):
            parts.append(str(part)[:60])
    return ", ".join(parts)


def _words(
    kind: str, context: Mapping[str, Any], path: Path, model: type[BaseModel]
) -> tuple[Message, Message | None]:
    if kind == "tamna":
        return context["what"], context["todo"]
    if kind == "extra_forbidden":
        name = str(path[-1])
        near = nearest(name, known_names(path[:-1], model))
        todo = (
            _("Did you mean '{near}'?", near=near)
            if near
            else _("Known here: {names}.", names=", ".join(known_names(path[:-1], model)))
        )
        return _("unknown name"), todo
    if kind == "missing":
        return _("is missing"), _("Add {name}: to this entry.", name=str(path[-1]))
    if kind in ("literal_error", "enum"):
        return _("must be one of {expected}", expected=context["expected"]), None
    if kind in ("model_type", "model_attributes_type", "dict_type", "mapping_type"):
        return _("must be a group of names and values"), _("Write name: value lines, indented below it.")
    if kind in ("tuple_type", "list_type"):
        return _("must be a list"), _("Begin each entry with '- '.")
    if kind == "string_type":
        return _("must be text"), _("Put it in quotes.")
    if kind == "string_pattern_mismatch":
        return _("is not a usable name"), _("Use small letters, digits, '-' and '_'; a title: may say more.")
    if kind in ("too_short", "string_too_short"):
        return _("is empty or too short"), None
    if kind == "string_too_long":
        return _("is too long"), None
    if kind.startswith("bool"):
        return _("must be true or false"), None
    if kind.startswith("int"):
        return _("must be a whole number"), None
    return _("is not valid: {kind}", kind=kind.replace("_", " ")), None


def known_names(path: Path, model: Any = Island) -> list[str]:
    """List the names that may stand at `path` of a file that describes a `model`."""
    for part in path:
        if isinstance(part, int):
            continue
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
            model = _model_in(field.annotation) if field else None
        if model is None:
            return []
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    names = [field.alias or name for name, field in model.model_fields.items()]
    return [*names, "use"] if "conflict" in names else names


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the known name a reader most likely meant."""
    found = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the noun inside ``tuple[Battery, ...]``, ``Figure | None``, ``Mapping[int, Figure]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Annotated, Union, types.UnionType, tuple) or get_args(annotation):
        for inner in get_args(annotation):
            found = _model_in(inner)
            if found is not None:
                return found
    return None


def _value_at(data: Any, path: Path, otherwise: Any) -> Any:
    for part in path:
        inner = _step(data, part)
        if inner is _NOTHING:
            # a bare number stands for a whole figure
            return data if part == "value" and not isinstance(data, Mapping | list) else otherwise
        data = inner
    return data


_NOTHING = object()


def _step(data: Any, part: str | int) -> Any:
    if isinstance(data, Mapping):
        found = data.get(part, _NOTHING)
        return data.get("use", _NOTHING) if found is _NOTHING and part == "value" else found
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return data[part]
    return _NOTHING


def _as_written(path: Path, data: Any) -> Path:
    """Leave out the positions of lists that the file did not write (one figure where many may stand)."""
    written: list[str | int] = []
    for part in path:
        if isinstance(part, int) and not isinstance(_value_at(data, tuple(written), None), list | tuple):
            continue
        written.append(part)
    return tuple(written)


def _seen(value: Any) -> str:
    if value is None:
        return str(_("nothing"))
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{k}: …" if isinstance(v, Mapping | list) else f"{k}: {v}" for k, v in value.items())
            + "}"
        )
    return f"{value:g}" if isinstance(value, float) else str(value)
