"""What a nowcast learned, kept beside the store: whole or not at all, and only taken up as it was written."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from tamna.errors import StoreError
from tamna.forecast.decay import Decay
from tamna.forecast.shelf import write_text

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "tamna-decay-1"


def keep_decay(found: Decay, path: Path) -> None:
    """Keep it if the folder lets us; else it is learned again next time."""
    body = json.dumps(found.as_dict(), sort_keys=True)
    kept = {"format": FORMAT, "sha256": hashlib.sha256(body.encode()).hexdigest(), "decay": body}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(kept, sort_keys=True) + "\n")
    except (OSError, StoreError):
        return


def take_decay(path: Path) -> Decay | None:
    """Take it up; None where there is none, or it is not what was written."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        body = str(kept["decay"])
        if kept["format"] != FORMAT or hashlib.sha256(body.encode()).hexdigest() != kept["sha256"]:
            return None
        return Decay.from_dict(json.loads(body))
    except (OSError, KeyError, TypeError, ValueError):
        return None
