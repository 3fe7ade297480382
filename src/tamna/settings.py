"""Every setting of tamna in one table: name, default, unit, meaning.

Settings come from the environment; secrets come from nowhere else. ``docs/settings.md`` is made
from this table (`make docs`), and a test holds that every ``TAMNA_`` name in the source stands in it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamna.lang import _

if TYPE_CHECKING:
    from tamna.lang import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: its variable, its default, the unit of its value, what it does, and whether it is a secret."""

    name: str
    default: str
    unit: str
    meaning: Message
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="TAMNA_STORE",
        default="./store",
        unit="folder",
        meaning=_("where the series store lies, unless --store says otherwise"),
    ),
    Setting(
        name="TAMNA_LANG",
        default="",
        unit="en | ko",
        meaning=_(
            "language of screens, reports and messages, unless --lang says otherwise; else the terminal's"
        ),
    ),
    Setting(
        name="TAMNA_DEBUG",
        default="",
        unit="1",
        meaning=_("show the full trace of an unexpected error"),
    ),
    Setting(
        name="TAMNA_SHARED_DATA",
        default="../shared/data",
        unit="folder",
        meaning=_("real public files that the tests read; tests that need them skip where it is absent"),
    ),
    Setting(
        name="TAMNA_REQUIRE",
        default="",
        unit="list",
        meaning=_(
            "names of things (chromium, postgresql, data) whose absence fails a test instead of skipping it"
        ),
    ),
)


def setting(name: str) -> str:
    """Read one setting: the environment's value, else its default.

    Raises
    ------
    KeyError
        The name is not in the table: settings are declared before they are used.
    """
    declared = {s.name: s for s in SETTINGS}[name]
    return os.environ.get(name, "") or declared.default


def masked(text: str) -> str:
    """Replace the value of every secret setting in `text`, for messages and logs."""
    for declared in SETTINGS:
        value = os.environ.get(declared.name, "") if declared.secret else ""
        if value:
            text = text.replace(value, "***")
    return text
