"""Many paths of each day, drawn from tamna's bands as they were known the day before, and what deciding on them comes to.

Demand, wind and PV of a path belong together, and so do its hours (`tamna.forecast.paths`): the misses of past issues,
as far as they were known at the issue, say how. Days are drawn apart from each other, as each has a plan of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.ahead_paths import worst
from tamna.dispatch.island import PV, WIND
from tamna.dispatch.loop import Many
from tamna.errors import InputError, Mistake, Place, UsageError, gather
from tamna.forecast.paths import draw_paths
from tamna.grid.clock import HOUR
from tamna.lang import _
from tamna.optimise.paths import Risk
from tamna.runs.foreseeing import TARGETS, issue_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.dispatch.ahead_paths import Outlook
    from tamna.grid.clock import Stamps
    from tamna.runs.foreseeing import Said

    Floats = NDArray[np.float64]

LEAST, MOST = 2, 200
"""So many paths may be asked for."""
_CVAR = re.compile(r"(\d*\.?\d+):(\d*\.?\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPaths:
    """How many paths, what the worst of them weigh, and which draw of them."""

    count: int
    risk: Risk = field(default_factory=Risk)
    seed: int = 0


def asked_paths(count: int, cvar: str, forecast: str) -> AskedPaths | None:
    """Read ``--paths`` and ``--cvar``; None where neither is given.

    Raises
    ------
    UsageError
        Everything that cannot be meant, at once.
    """
    if not count and not cvar:
        return None
    wrong: list[Mistake] = []
    if not LEAST <= count <= MOST:
        wrong.append(
            Mistake(
                what=_("so many paths cannot be drawn"), where=Place(path="--paths"), seen=str(count),
                todo=_("Ask for {least} to {most}, such as --paths 20.", least=LEAST, most=MOST),
            )
        )  # fmt: skip
    if forecast != "tamna":
        wrong.append(
            Mistake(
                what=_("paths are drawn from tamna's own bands"), where=Place(path="--paths"), seen=f"--forecast {forecast}",
                todo=_("Add --forecast tamna."),
            )
        )  # fmt: skip
    risk = _risk(cvar, wrong)
    gather(wrong, UsageError)
    return AskedPaths(count=count, risk=risk)


def _risk(cvar: str, wrong: list[Mistake]) -> Risk:
    """Read ``0.9:0.3``: beyond which quantile of cost a path counts as bad, and what bad ones weigh."""
    if not cvar:
        return Risk()
    found = _CVAR.fullmatch(cvar.strip())
    if found is None:
        wrong.append(
            Mistake(
                what=_("{option} is not understood", option="--cvar"), where=Place(path="--cvar"), seen=cvar,
                todo=_("Write LEVEL:WEIGHT, such as --cvar 0.9:0.3: of the cost, 30 % is that of the worst tenth of paths."),
            )
        )  # fmt: skip
        return Risk()
    risk = Risk(level=float(found[1]), weight=float(found[2]))
    wrong += risk.mistakes()
    return risk


def many_of(told: Said, stamps: Stamps, days: Sequence[slice], asked: AskedPaths, timezone: str) -> Many:
    """Draw the paths of every day.

    Parameters
    ----------
    stamps : (hours,)
        Those that `told` covers.
    days
        Their hours, day by day.

    Raises
    ------
    InputError
        No whole band of demand, wind and PV.
    """
    bands = told.bands
    if not set(TARGETS) <= set(bands) or not all(np.isfinite(bands[t].quantiles).all() for t in TARGETS):
        raise InputError(
            _("tamna has no whole band of demand, wind and PV for these hours"),
            todo=_("Leave out --paths, or ask for days with weather runs."),
        )
    drawn = {name: np.empty((asked.count, len(stamps))) for name in TARGETS}
    for day in days:
        issue, hours = issue_of(stamps[day.start], timezone), day.stop - day.start
        paths = draw_paths(
            {name: bands[name].trail.seen(issue, hours) for name in TARGETS},
            {name: bands[name].quantiles[day] for name in TARGETS},
            bands[TARGETS[0]].levels,
            count=asked.count,
            seed=asked.seed + int((stamps[day.start] - np.datetime64(0, "s")) / HOUR),
        )
        for name, values in paths.items():
            drawn[name][:, day] = np.maximum(values, 0.0)
    return Many(
        demand_mw=drawn["demand"], potential_mw={WIND: drawn["wind"], PV: drawn["pv"]}, risk=asked.risk
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OnPaths:
    """What the days' decisions come to on their paths, (days,) each [KRW].

    Attributes
    ----------
    expected, worst
        Mean of all paths, and of the worst part ``1 - level`` of them.
    middle_expected, middle_worst
        The same of what is decided on the middle alone, beginning each day in the same state.
    """

    asked: AskedPaths
    expected: Floats
    worst: Floats
    middle_expected: Floats
    middle_worst: Floats

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        each = ("expected", "worst", "middle_expected", "middle_worst")
        return {
            "count": self.asked.count,
            "seed": self.asked.seed,
            "level": self.asked.risk.level,
            "weight": self.asked.risk.weight,
            **{f"{name}_krw": float(getattr(self, name).sum()) for name in each},
            "days": {f"{name}_krw": getattr(self, name).tolist() for name in each},
        }


def on_paths(outlooks: Sequence[Outlook], asked: AskedPaths) -> OnPaths:
    """Put the days' outlooks side by side."""
    level = asked.risk.level
    return OnPaths(
        asked=asked,
        expected=np.array([o.on_paths.day.mean() for o in outlooks]),
        worst=np.array([worst(o.on_paths.day, level) for o in outlooks]),
        middle_expected=np.array([o.on_middle.day.mean() for o in outlooks]),
        middle_worst=np.array([worst(o.on_middle.day, level) for o in outlooks]),
    )
