"""What may be asked of a forecast, and what is refused: every mistake of one question at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError, Mistake, UsageError, gather
from tamna.forecast.fallback import last_known
from tamna.forecast.levels import NINE
from tamna.forecast.targets import target_named
from tamna.grid.clock import DAY, iso
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.forecast.history import History
    from tamna.forecast.target import Target

    Floats = NDArray[np.float64]

MOST_HOURS = 15 * 24
MOST_PATHS = 1000
BEYOND_DAYS = 15
"""An issue so many days after the last known hour has nothing to go on. [d]"""


def check_asked(*, hours: int, paths: int, levels: Floats | None) -> None:
    """Refuse what cannot be forecast, all mistakes at once."""
    wrong: list[Mistake] = []
    if not 1 <= hours <= MOST_HOURS:
        wrong.append(
            Mistake(
                what=_("the horizon does not fit"),
                seen=f"{hours} h",
                todo=_("Give 1 to {n} hours, such as --horizon 37h or --horizon 2d.", n=MOST_HOURS),
            )
        )
    if not 0 <= paths <= MOST_PATHS:
        wrong.append(
            Mistake(
                what=_("the number of paths does not fit"),
                seen=str(paths),
                todo=_("Give 0 to {n}.", n=MOST_PATHS),
            )
        )
    if levels is not None:
        fit = len(levels) > 0 and levels.min() >= NINE[0] and levels.max() <= NINE[-1]
        if not fit or (np.diff(levels) <= 0).any():
            wrong.append(
                Mistake(
                    what=_("quantile levels must increase and lie in 0.01 to 0.99"),
                    seen=", ".join(f"{v:g}" for v in levels),
                    todo=_("Give such as --levels 0.1,0.5,0.9."),
                )
            )
    gather(wrong, UsageError)


def targets_named(names: Sequence[str]) -> list[Target]:
    """Find targets by name, all mistakes at once."""
    found: list[Target] = []
    wrong: list[Mistake] = []
    for name in dict.fromkeys(names):
        try:
            found.append(target_named(name))
        except UsageError as error:
            wrong += error.mistakes
    gather(wrong, UsageError)
    if not found:
        raise UsageError(_("no target named"), todo=_("Name at least one, such as --target demand."))
    return found


def refuse_unknown(targets: Sequence[Target], history: History, issue: np.datetime64, timezone: str) -> None:
    """Refuse targets without a series, and an issue at which nothing recent was known of any target.

    Raises
    ------
    InputError
        The store holds no series of a target.
    UsageError
        The issue is too far from what was known.
    """
    absent = [t.name for t in targets if t.track not in history.tracks]
    if absent:
        raise InputError(
            _("the store holds no series to forecast this from"),
            seen=", ".join(absent),
            todo=_("Leave it out of --target, or fill the store: tamna ingest PATH..."),
        )
    ends = {t.name: last_known(history.tracks[t.track], issue) for t in targets}
    far = {name: end for name, end in ends.items() if issue - end > BEYOND_DAYS * DAY}
    if len(far) == len(ends):
        name, end = max(far.items(), key=lambda one: one[1])
        never = end < history.tracks[targets[0].track].start
        raise UsageError(
            _("nothing that was known then is recent enough to forecast from"),
            seen=f"{name}: {_('nothing known') if never else iso(end, timezone)}",
            todo=_("Give an --issue within {n} days of the last known hour.", n=BEYOND_DAYS),
        )
