"""Make the pages of ``docs/`` that come from the code: ``make docs``. A test holds them current."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent


def settings_page() -> str:
    """Make the settings page, in both languages, from ``settings.py``."""
    from tamna.lang import speaking
    from tamna.settings import SETTINGS

    lines = [
        "# Settings · 설정",
        "",
        "Made from `src/tamna/settings.py` by `make docs`. Secrets come from the environment only and are masked in every message.",
        "",
        "| name | default | unit | meaning | 뜻 | secret |",
        "|---|---|---|---|---|---|",
    ]
    for s in SETTINGS:
        with speaking("ko"):
            korean = str(s.meaning)
        lines.append(
            f"| `{s.name}` | {f'`{s.default}`' if s.default else ''} | {s.unit.replace('|', 'or')} | {s.meaning} | {korean} | {'yes' if s.secret else ''} |"
        )
    return "\n".join(lines) + "\n"


def sources_page() -> str:
    """Make the table of sources: publisher, delay, licence, base."""
    from tamna.sources.table import SOURCES

    lines = [
        "# Sources · 자료 출처",
        "",
        "Made from `src/tamna/sources/table.py` by `make docs`. A delay is how long after the end of an interval",
        "a value is assumed to be known; values dated by an assumption carry the flag `assumed_known`.",
        "",
        "| source | publisher | title | known | metering base | licence | use |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{s.name}` | {s.publisher} | {s.title} | {_known(s.delay_s, s.day_ahead_hour)} | {s.base} | {s.licence} | {s.use} |"
        for s in SOURCES.values()
    ]
    return "\n".join(lines) + "\n"


def _known(delay_s: int, day_ahead_hour: int | None) -> str:
    if day_ahead_hour is not None:
        return f"{day_ahead_hour}:00 the day before"
    if delay_s >= 86400:
        return f"{delay_s // 86400} days after"
    if delay_s >= 3600:
        return f"{delay_s // 3600} h after"
    return f"{delay_s // 60} min after" if delay_s else "at once"


PAGES: dict[str, Callable[[], str]] = {"settings.md": settings_page, "sources.md": sources_page}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (ROOT / "docs" / name).write_text(make(), "utf-8")
        print(f"docs/{name}")
