"""Compile ``locale/<lang>/LC_MESSAGES/*.po`` (one file a room) into one ``tamna.mo`` a language.

Run by the wheel build (hatch hook) and by ``make messages``; ``--extract`` lists the messages of
``src`` that have no Korean yet.
"""

from __future__ import annotations

import ast
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "src" / "tamna" / "locale"


def compile_all() -> None:
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for folder in sorted(LOCALE.glob("*/LC_MESSAGES")):
        merged = Catalog(locale=folder.parent.name, fuzzy=False)
        for po in sorted(folder.glob("*.po")):
            for message in read_po(BytesIO(po.read_bytes()), locale=folder.parent.name):
                if message.id and message.string:
                    merged.add(message.id, message.string)
        target = folder / "tamna.mo"
        fresh = target.with_suffix(".mo.tmp")
        with fresh.open("wb") as file:
            write_mo(file, merged)
        fresh.replace(target)


def messages_in_python(source: str) -> set[str]:
    """Find the first argument of every ``_("...")``."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "_"
            and node.args
        ):
            first = node.args[0]
            if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                raise ValueError(f"line {node.lineno}: _() takes one literal text")
            found.add(first.value)
    return found


def messages_in_template(source: str) -> set[str]:
    """Find the texts of ``{% trans %}`` and ``_("...")`` in a Jinja template."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    found = environment.extract_translations(source)  # type: ignore[attr-defined]  # added by the extension
    # a call with values comes as a tuple whose first is the text
    firsts = (text[0] if isinstance(text, tuple) else text for _line, _name, text in found)
    return {text for text in firsts if isinstance(text, str)}


def all_messages() -> dict[str, set[str]]:
    """Give every message of the source tree, with the files it stands in."""
    where: dict[str, set[str]] = {}
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix == ".py":
            texts = messages_in_python(path.read_text("utf-8"))
        elif path.suffix == ".j2":
            texts = messages_in_template(path.read_text("utf-8"))
        else:
            continue
        for text in texts:
            where.setdefault(text, set()).add(str(path.relative_to(ROOT)))
    return where


def korean() -> dict[str, str]:
    """Give every translated message: English to Korean."""
    from babel.messages.pofile import read_po

    found: dict[str, str] = {}
    for po in sorted((LOCALE / "ko" / "LC_MESSAGES").glob("*.po")):
        for message in read_po(BytesIO(po.read_bytes()), locale="ko"):
            if message.id and message.string:
                found[str(message.id)] = str(message.string)
    return found


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand without hatchling
    pass
else:

    class MessagesHook(BuildHookInterface):  # type: ignore[type-arg]
        """Compile the catalogues whenever the package is built or installed."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatch's signature)
            compile_all()


if __name__ == "__main__":
    if "--extract" in sys.argv:
        known = korean()
        missing = {text: files for text, files in all_messages().items() if text not in known}
        for text, files in sorted(missing.items(), key=lambda item: sorted(item[1])):
            print(f"#: {' '.join(sorted(files))}\nmsgid {text!r}\n")
        print(f"{len(missing)} without Korean", file=sys.stderr)
    compile_all()
