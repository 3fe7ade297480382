"""How many calls of today are used, counted on disk: one byte a call.

A file ``<state>/quota/<source>/<day>`` grows by one byte with every call. Appending one byte is atomic,
so a killed process or two at once never lose count. The day is the provider's own.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tamna.errors import QuotaReached, StoreError, UsageError
from tamna.grid.clock import to_local
from tamna.lang import _
from tamna.settings import setting

if TYPE_CHECKING:
    import numpy as np

_NAME = re.compile(r"[a-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a provider allows: calls a day on its own calendar, and the least pause between two calls [s]."""

    per_day: int
    timezone: str = "Asia/Seoul"
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class QuotaBook:
    """The count of calls, kept in a folder."""

    folder: Path

    @classmethod
    def of_settings(cls) -> QuotaBook:
        """Open the book where ``TAMNA_STATE`` says."""
        return cls(Path(setting("TAMNA_STATE")) / "quota")

    def used(self, name: str, quota: Quota, now: np.datetime64) -> int:
        """Count today's calls of the source `name`."""
        try:
            return self._page(name, quota, now).stat().st_size
        except OSError:
            return 0

    def take(self, name: str, quota: Quota, now: np.datetime64) -> None:
        """Count one call, or refuse it.

        Raises
        ------
        QuotaReached
            Today's calls are used up; nothing was sent.
        """
        allowed = own_quotas().get(name, quota.per_day)
        if self.used(name, quota, now) >= allowed:
            raise self.reached(name, allowed)
        self._write(name, quota, now, 1)

    def close(self, name: str, quota: Quota, now: np.datetime64) -> None:
        """Note that the provider itself said that today's calls are used up."""
        allowed = own_quotas().get(name, quota.per_day)
        self._write(name, quota, now, max(allowed - self.used(name, quota, now), 0))

    @staticmethod
    def reached(name: str, allowed: int) -> QuotaReached:
        """Say that the day's calls are used up."""
        return QuotaReached(
            _("{name}: all {allowed} calls of today are used", name=name, allowed=allowed),
            todo=_(
                "Run the same command tomorrow: it goes on where it stopped. "
                "If your account allows more, set TAMNA_FETCH_QUOTAS={name}=NUMBER.",
                name=name,
            ),
        )

    def _page(self, name: str, quota: Quota, now: np.datetime64) -> Path:
        if not _NAME.fullmatch(name):
            raise UsageError(_("not the name of a live source"), seen=name)
        day = str(to_local(now.astype("datetime64[s]").reshape(1), quota.timezone)[0].astype("datetime64[D]"))
        return self.folder / name / day

    def _write(self, name: str, quota: Quota, now: np.datetime64, calls: int) -> None:
        page = self._page(name, quota, now)
        try:
            page.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(page, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(handle, b"." * calls)
            finally:
                os.close(handle)
        except OSError as error:
            raise StoreError(
                _("the count of calls cannot be written"),
                seen=error.strerror,
                todo=_("Make the folder of TAMNA_STATE writable; without the count no call is sent."),
            ) from error


def own_quotas() -> dict[str, int]:
    """Read ``TAMNA_FETCH_QUOTAS``: ``kpx.smp=1000,kma.asos=500``."""
    found: dict[str, int] = {}
    for part in filter(None, (p.strip() for p in setting("TAMNA_FETCH_QUOTAS").split(","))):
        name, sign, number = part.partition("=")
        if not sign or not re.fullmatch(r"[0-9]{1,9}", number.strip()):
            raise UsageError(
                _("TAMNA_FETCH_QUOTAS is not a list of source=number"),
                seen=part,
                todo=_("Write for example kpx.smp=1000,kma.asos=500."),
            )
        found[name.strip()] = int(number)
    return found
