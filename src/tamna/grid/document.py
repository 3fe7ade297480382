"""YAML text to plain data, with the line of every value, and nothing that YAML could do to us.

Read from the parser's events, one pass without recursion: a file cannot build objects, repeat itself
by aliases, or nest without end. Of YAML's many spellings only the plain ones count: ``true``/``false``,
decimal numbers, ``null``; ``no``, ``on`` and ``12:30`` stay text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from tamna.errors import Mistake, Place
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.lang import Message

LIMIT_BYTES = 2_000_000
LIMIT_DEPTH = 24
LIMIT_VALUES = 100_000

Path = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_CONSTANTS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_PLAIN_TAGS = {
    "!",
    *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq")),
}


@dataclass(slots=True)
class Document:
    """Plain data of one file: dicts, lists and scalars.

    `lines` gives the line (from 1) where the value at a path starts, for a mapping's entry that of
    its key; `mistakes` what was wrong with the text itself.
    """

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line(self, path: Path) -> int | None:
        """Find the line of `path`, or of the nearest parent that has one."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path)


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None  # of a mapping: the key that waits for its value


def parse(text: str, file: str) -> Document:
    """Read one YAML document of plain data; whatever is wrong stands in `Document.mistakes`."""
    document = Document(file)
    builder = _Builder(document)
    try:
        for event in _events(text):
            if not builder.take(event):
                break
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        document.mistakes.append(
            Mistake(
                what=_("not valid YAML: {problem}", problem=str(problem)),
                where=Place(file=file, line=mark.line + 1 if mark else None),
                todo=_("Check the indentation, colons and quotes at this line and the one above."),
            )
        )
    return document


def _events(text: str) -> Iterator[yaml.Event]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))


class _Builder:
    """Put events together; `take` says whether to go on."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack: list[_Open] = []
        self.count = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> bool:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                return self._stop(line, _("a second document begins here"), _("Keep one document in a file."))
        if isinstance(event, yaml.AliasEvent):
            return self._stop(
                line,
                _("aliases are not allowed"),
                _("Write the value out where '*{name}' stands.", name=event.anchor),
            )
        if isinstance(event, yaml.NodeEvent):
            return self._node(event, line)
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()
        return True

    def _node(self, event: Any, line: int) -> bool:
        self.count += 1
        if self.count > LIMIT_VALUES:
            return self._stop(line, _("more than {n} values", n=LIMIT_VALUES), _("Is this a grid file?"))
        if event.anchor is not None:
            return self._stop(line, _("anchors are not allowed"), _("Remove '&{name}'.", name=event.anchor))
        if event.tag is not None and event.tag not in _PLAIN_TAGS:
            return self._stop(line, _("tags are not allowed"), _("Remove '{name}'.", name=event.tag[:60]))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line)
        if len(self.stack) >= LIMIT_DEPTH:
            return self._stop(
                line, _("nested deeper than {n} levels", n=LIMIT_DEPTH), _("Is this a grid file?")
            )
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        if self.stack and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None:
            return self._stop(line, _("a name must be plain text"), _("Write name: value."))
        path = self._place(value, line)
        self.stack.append(_Open(value, path))
        return True

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> bool:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            return self._key(top, event.value, line)
        self._place(_resolve(event), line)
        return True

    def _key(self, top: _Open, key: str, line: int) -> bool:
        if key == "<<":
            return self._stop(line, _("merge keys are not allowed"), _("Write the values out."))
        if key in top.value:
            first = self.document.lines[(*top.path, key)]
            self._mistake(
                line,
                _("'{name}' stands twice, first in line {first}", name=key[:60], first=first),
                _("Keep one of the two."),
            )
        else:
            self.document.lines[(*top.path, key)] = line
        top.key = key
        return True

    def _place(self, value: Any, line: int) -> Path:
        if not self.stack:
            self.document.data = value
            self.document.lines[()] = line
            return ()
        top = self.stack[-1]
        if isinstance(top.value, list):
            path: Path = (*top.path, len(top.value))
            top.value.append(value)
            self.document.lines[path] = line
            return path
        key = top.key or ""
        top.key = None
        top.value.setdefault(key, value)
        return (*top.path, key)

    def _mistake(self, line: int, what: Message, todo: Message) -> None:
        self.document.mistakes.append(
            Mistake(what=what, where=Place(file=self.document.file, line=line), todo=todo)
        )

    def _stop(self, line: int, what: Message, todo: Message) -> bool:
        self._mistake(line, what, todo)
        return False


def _resolve(event: yaml.ScalarEvent) -> Any:
    text: str = event.value
    if not event.implicit[0]:  # quoted, or told to be text
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if len(text) < 60 and _FLOAT.fullmatch(text):
        return float(re.sub(r"\.(?=[a-z])", "", text.lower()))
    return text
