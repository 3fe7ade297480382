"""Draw the picture of a day for the README from public files: ``make picture`` (needs the shared data).

The default is 14 April 2025. Nothing is kept but the picture; the store is made anew in a temporary folder.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path


def main(data: str, day: str, target: str) -> None:
    from tamna.grid import load_island
    from tamna.runs import ingest, open_store, rebuilt_day
    from tamna.serve.report.day_picture import poster
    from tamna.serve.report.speak import Speaker
    from tamna.sources import find_files

    island = load_island("jeju")
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(folder, island)
        ingest(store, find_files([Path(data) / "kpx", Path(data) / "open_meteo", Path(data) / "oibc2024"]))
        drawn = poster(rebuilt_day(store, island, day), Speaker("en", island.timezone))
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    Path(target).write_bytes(drawn)
    print(f"{target}: {len(drawn) // 1000} kB")


if __name__ == "__main__":
    given = [*sys.argv[1:]]
    date = given[1] if len(given) > 1 else "2025-04-14"
    main(given[0], date, given[2] if len(given) > 2 else f"docs/images/{date}.png")
