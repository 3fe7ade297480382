"""Models as files: text that anyone can read, hashes that anyone can check, nothing that runs when loaded.

A model is a folder: ``model.json`` (networks as numbers, trees as LightGBM's text) and ``manifest.json`` (what it
forecasts, what it learned from, scores, seed, and the hash of the model). The same fit gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError, Place
from tamna.forecast.blend import BlendModel
from tamna.lang import _
from tamna.series.export import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.forecast.history import History

FORMAT = "tamna-forecast-1"
MODEL, MANIFEST = "model.json", "manifest.json"
MOST_BYTES = 200_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A model taken from the shelf, and what its maker said of it."""

    model: BlendModel
    about: Mapping[str, Any]


def keep(model: BlendModel, folder: Path, *, about: Mapping[str, Any]) -> None:
    """Write a model and its manifest into `folder`, each file whole or as it was.

    Should the two not belong together (a crash between them), `take` refuses them.

    Parameters
    ----------
    about
        What the reader must know: target, receipts of the data, period learned from, scores, seed. Plain JSON.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(model.as_dict(), ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"
    manifest = {
        "format": FORMAT,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "features": list(model.names),
        "members": list(model.kinds),
        "about": dict(about),
    }
    about_text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"
    write_text(folder / MODEL, text)
    write_text(folder / MANIFEST, about_text)


def stands(folder: Path) -> bool:
    """Whether anything is kept in `folder`, sound or not."""
    return (folder / MANIFEST).exists() or (folder / MODEL).exists()


def known_of(history: History, moment: np.datetime64, names: Iterable[str]) -> dict[str, str]:
    """Give fingerprints of what was known at `moment`, by track and run: later values do not change them.

    Examples
    --------
    >>> from tamna.forecast.history import History
    >>> known_of(History({}, {}), np.datetime64("2024-01-01", "s"), ["demand"])
    {'demand': ''}
    """
    return {name: _print_of(history, moment, name) for name in sorted(names)}


def _print_of(history: History, moment: np.datetime64, name: str) -> str:
    if name in history.tracks:
        track = history.tracks[name]
        known = np.flatnonzero(track.known_at <= moment)
        return _digest(str(track.start), known, track.value[known])
    if name in history.runs:
        run = history.runs[name]
        out = run.rows()[1] <= moment
        return _digest("", run.key[out], run.value[out])
    return ""


def _digest(start: str, place: NDArray[np.int64], value: NDArray[np.float64]) -> str:
    text = start.encode() + place.astype("<i8").tobytes() + value.astype("<f8").tobytes()
    return hashlib.sha256(text).hexdigest()[:32]


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""

    def write(beside: Path) -> None:
        beside.write_text(text, "utf-8")

    whole(path, write)


def take(folder: Path) -> Kept:
    """Take up a model after checking it.

    Raises
    ------
    InputError
        It is no kept model, of another format, too large, or not what its manifest vouches for.
    """
    try:
        if (folder / MODEL).stat().st_size > MOST_BYTES:
            raise _unfit(folder, _("the model is larger than is read"))
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        text = (folder / MODEL).read_text("utf-8")
        if manifest["format"] != FORMAT:
            raise _unfit(folder, _("a model of another format"), manifest["format"])
        if hashlib.sha256(text.encode()).hexdigest() != manifest["sha256"]:
            raise _unfit(folder, _("the model is not what its manifest vouches for"))
        return Kept(BlendModel.from_dict(json.loads(text)), manifest["about"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise _unfit(folder, _("not a kept forecast model"), f"{type(error).__name__}: {error}") from error


def _unfit(folder: Path, what: Any, seen: object = None) -> InputError:
    return InputError(
        what,
        where=Place(file=folder.name),
        seen=seen,
        todo=_("Fit the model again, or copy the whole folder once more."),
    )
