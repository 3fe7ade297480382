"""``tamna doctor``: what is installed, which keys and extras are missing, and what that means."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib import metadata, resources, util
from pathlib import Path
from typing import Any

import typer

from tamna import __version__
from tamna.errors import TamnaError
from tamna.lang import _
from tamna.serve.cli.out import Json, StoreAt, emit, store_location, table
from tamna.settings import SETTINGS

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

BASE = (
    "numpy",
    "pandas",
    "duckdb",
    "lxml",
    "python_calamine",
    "pydantic",
    "yaml",
    "jinja2",
    "altair",
    "vl_convert",
)
DISTRIBUTION = {"yaml": "PyYAML", "vl_convert": "vl-convert-python", "python_calamine": "python-calamine"}


@app.command()
def doctor(store: StoreAt = "", json: Json = False) -> None:
    """Look at the installation and say what is missing and what to do about it."""
    result = examine(store_location(store))
    emit("doctor", result, lambda: _as_text(result), as_json=json)
    if not result["ok"]:
        raise typer.Exit(1)


def examine(store: str) -> dict[str, Any]:
    """Collect what a helper would ask first: versions, libraries, fonts, store, settings (secrets never)."""
    libraries = [_library(name) for name in BASE]
    catalogue = (resources.files("tamna") / "locale" / "ko" / "LC_MESSAGES" / "tamna.mo").is_file()
    checks = [
        {
            "name": "python",
            "ok": sys.version_info >= (3, 11),
            "found": platform.python_version(),
            "todo": str(_("Install Python 3.11 or later.")),
        },
        *(
            {
                "name": lib["name"],
                "ok": lib["installed"],
                "found": lib["version"] or str(_("missing")),
                "todo": str(_("Run: pip install tamna")),
            }
            for lib in libraries
        ),
        {
            "name": str(_("Korean messages")),
            "ok": catalogue,
            "found": str(_("compiled")) if catalogue else str(_("missing")),
            "todo": str(_("Run: make messages")),
        },
        _store(store),
    ]
    return {
        "ok": all(check["ok"] for check in checks),
        "tamna": __version__,
        "checks": [{k: v for k, v in check.items() if k != "todo" or not check["ok"]} for check in checks],
        "optional": [
            {
                "name": "chromium",
                "installed": bool(shutil.which("chromium") or shutil.which("google-chrome")),
                "for": str(_("only the tests of pages; tamna itself needs no browser")),
            }
        ],
        "settings": [
            {
                "name": s.name,
                "set": bool(os.environ.get(s.name)),
                "value": None if s.secret else os.environ.get(s.name, s.default),
                "meaning": str(s.meaning),
            }
            for s in SETTINGS
        ],
    }


def _store(store: str) -> dict[str, Any]:
    """Look whether a folder can be written; a store on S3 is opened, since only that tells."""
    name = str(_("store {path}", path=store))
    if store.startswith("s3:"):
        from tamna.series import Store

        try:
            found = Store.open(store).list()
        except TamnaError as error:
            first = error.mistakes[0]
            said = f"{first.what}, {first.seen}" if first.seen else str(first.what)
            return {"name": name, "ok": False, "found": said, "todo": str(first.todo)}
        return {"name": name, "ok": True, "found": _there(there=bool(found)), "todo": ""}
    path = Path(store)
    return {
        "name": name,
        "ok": not path.exists() or os.access(path, os.W_OK),
        "found": _there(there=path.exists()),
        "todo": str(_("Give yourself the right to write there, or choose another with --store.")),
    }


def _there(*, there: bool) -> str:
    return str(_("found")) if there else str(_("not there yet; ingest makes it"))


def _library(name: str) -> dict[str, Any]:
    installed = util.find_spec(name) is not None
    version = metadata.version(DISTRIBUTION.get(name, name)) if installed else ""
    return {"name": name, "installed": installed, "version": version}


def _as_text(result: dict[str, Any]) -> str:
    mark = {True: "✓", False: "✗"}
    lines = [f"tamna {result['tamna']}"]
    lines += [
        f"  {mark[c['ok']]} {c['name']:<24} {c['found']}" + ("" if c["ok"] else f"  → {c['todo']}")
        for c in result["checks"]
    ]
    lines += [str(_("optional:"))]
    lines += [f"  {mark[o['installed']]} {o['name']:<24} {o['for']}" for o in result["optional"]]
    lines += [str(_("settings:"))]
    rows = (
        (s["name"], _("(set)") if s["value"] is None and s["set"] else s["value"] or "-", s["meaning"])
        for s in result["settings"]
    )
    return "\n".join(lines) + "\n" + table((str(_("name")), str(_("value")), str(_("meaning"))), rows)
