"""What a dispatch holds back beside what was published as held back: by month, by cause, and how sure.

Only hours for which something is published are compared. All energy is as the island counts it. Causes are a ladder: what
would be held back were the floor lower by all that comes above, each step being what the next part of the floor adds.

The floor of a day is known to nobody outside the control room. So each month is told four times: from other years alone,
from the days before as well, from every hour before, and, once the day is over, from all other hours; and beside it how
often chance alone takes it far off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tamna.dispatch.chance import drawn
from tamna.lang import Message, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.chance import Scatter
    from tamna.dispatch.spread import Room

    Floats = NDArray[np.float64]

Part = Literal["demand", "must_run", "links_least", "margin", "links_closed", "days"]
PARTS: Mapping[Part, Message] = {
    "demand": _("wind and PV alone exceed demand, or a unit or link cannot go lower"),
    "must_run": _("units that must run and evenly running plants"),
    "links_least": _("the least that the links' poles carry while they are on"),
    "margin": _("the margin that the operator keeps against wind that comes otherwise than foreseen"),
    "links_closed": _("links that could send power out before were closed to it"),
    "days": _("the floor of days lies above or below that of an average day"),
}
Telling = Literal["other-years", "days-before", "hours-before", "other-hours"]
"""Who tells the floor of an hour: other years alone; with them this period's days before it, the hours before it, or all its
other hours, which are known only once it is over."""
TELLINGS: Mapping[Telling, str] = {
    "other-years": "expected_mwh",
    "days-before": "days_mwh",
    "hours-before": "hours_mwh",
    "other-hours": "others_mwh",
}
"""And the figure of `Sums` that is expected by it."""
NEAR, ENOUGH_MWH = 0.35, 500.0
"""A sum is near if it is off by no more; sums of less energy are not judged. [-], [MWh]"""
HELD_MW = 1.0
"""From so much on an hour was held back. [MW]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Some hours added up.

    Attributes
    ----------
    published_mwh, found_mwh, expected_mwh
        Published; held back at the floor in use; and on average over the floors that days have. [MWh]
    days_mwh, hours_mwh, others_mwh
        Expected by someone who sees output, demand and PV up to the day before, and up to the hour before; and by someone
        who looks back, each hour by all others. NaN where they are not known. [MWh]
    low_mwh, high_mwh
        80 % of what may be held lie between: the line may be wrong for the whole time, and days lie about it. [MWh]
    near
        In so many of such draws what is expected lies within `NEAR` of what is held. [-]
    hours
        That were published as held back. [h]
    left_mw, floor_mw
        What was left to units, links and evenly running plants in those hours, and the floor in use there; NaN where
        there is none. [MW]
    by
        Who told the floor in use.
    """

    name: str
    published_mwh: float
    found_mwh: float
    expected_mwh: float
    days_mwh: float
    hours_mwh: float
    others_mwh: float
    low_mwh: float
    high_mwh: float
    near: float
    hours: int
    left_mw: float
    floor_mw: float
    by: Telling = "other-years"

    @property
    def told_mwh(self) -> float:
        """What is expected by who told the floor in use. [MWh]"""
        return float(getattr(self, TELLINGS[self.by]))

    @property
    def differs(self) -> float:
        """How far that lies from what was published, over the latter; NaN where nothing was. [-]"""
        return self.off(self.told_mwh)

    def off(self, mwh: float) -> float:
        """Give how far a figure lies from what was published, over the latter; NaN where nothing was. [-]"""
        return mwh / self.published_mwh - 1.0 if self.published_mwh > 0.0 else float("nan")

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        each = {k: getattr(self, k) for k in (*self.__dataclass_fields__, "differs")}
        return {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in each.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A dispatch beside what was published.

    Attributes
    ----------
    whole, months
        All compared hours, and by month.
    parts_mwh
        What each part of the floor adds to what is expected. [MWh]
    floor_mw, closed_mw, links_least_mw, sd_mw, wander_mw
        Means of the floor and its parts, and how far it may lie elsewhere: from hour to hour, and as a whole. [MW]
    all_near
        In so many draws every month of `ENOUGH_MWH` is `Sums.near`. [-]
    unpublished
        Hours of the period for which nothing is published. [h]
    """

    whole: Sums
    months: tuple[Sums, ...]
    parts_mwh: Mapping[Part, float]
    floor_mw: float
    closed_mw: float
    links_least_mw: float
    sd_mw: float
    wander_mw: float
    all_near: float
    unpublished: int

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        scalars = ("floor_mw", "closed_mw", "links_least_mw", "sd_mw", "wander_mw", "all_near", "unpublished")
        return {
            "whole": self.whole.as_dict(),
            "months": [m.as_dict() for m in self.months],
            "parts_mwh": dict(self.parts_mwh),
            **{k: getattr(self, k) for k in scalars},
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """How far above the line the floor of each hour was thought to lie, and how surely. Arrays (hours,) [MW]."""

    mean_mw: Floats
    sd_mw: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """What stands beside the room to hold back, (hours,).

    Attributes
    ----------
    month
        Of the island's clock, such as ``2023-04``.
    published_mwh
        NaN where nothing is published. [MWh]
    left_mw
        What was left of demand to units, links and evenly running plants. [MW]
    floor_mw
        Of an average day, evenly running plants in it. [MW]
    margin_mw, closed_mw, links_least_mw
        Parts of it: the margin against wind, what links cannot send out any more, and what they carry at least. [MW]
    counted
        Energy held back on the island per energy held back here. [-]
    day
        Number of each hour's day on the island's clock.
    scatter
        How far the floor may lie elsewhere.
    in_use_mw
        The floor in use, evenly running plants in it; None where it is that of an average day. [MW]
    days, hours, others
        What the days before, the hours before, and all other hours told of each hour's floor; None where not known.
    """

    month: NDArray[np.str_]
    day: NDArray[np.int64]
    published_mwh: Floats
    left_mw: Floats
    floor_mw: Floats
    margin_mw: Floats
    closed_mw: Floats
    links_least_mw: float
    counted: Floats
    scatter: Scatter
    in_use_mw: Floats | None = None
    days: Told | None = None
    hours: Told | None = None
    others: Told | None = None


def beside(
    room: Room, facts: Facts, step_h: float = 1.0, *, by: Telling = "other-years", found: Room | None = None
) -> Beside | None:
    """Compare, or give None where nothing is published.

    Parameters
    ----------
    room
        Under the floor of an average day.
    by, found
        Who told the floor in use, and the same hours under it; that of an average day where it is not given.
    """
    of = ~np.isnan(facts.published_mwh)
    if not of.any():
        return None
    scale = facts.counted * step_h
    sd = facts.scatter.sd_mw
    each = {
        "found_mwh": (found or room).held() * scale,
        "expected_mwh": room.held(sd) * scale,
        "days_mwh": _knowing(room, facts.days) * scale,
        "hours_mwh": _knowing(room, facts.hours) * scale,
        "others_mwh": _knowing(room, facts.others) * scale,
    }
    names, code = np.unique(facts.month[of], return_inverse=True)
    group = np.full(len(of), -1)
    group[of] = code
    draws = drawn(room, facts.scatter, facts.day, group, scale)
    months = tuple(
        _sums(str(m), of & (facts.month == m), each, facts, draws[:, i], by) for i, m in enumerate(names)
    )
    name = months[0].name if len(months) == 1 else f"{months[0].name}..{months[-1].name}"
    expected = np.array([m.expected_mwh for m in months])
    return Beside(
        whole=_sums(name, of, each, facts, draws.sum(axis=1), by),
        months=months,
        parts_mwh=_parts(room, facts, of, scale),
        floor_mw=float(facts.floor_mw[of].mean()),
        closed_mw=float(facts.closed_mw[of].mean()),
        links_least_mw=facts.links_least_mw,
        sd_mw=sd,
        wander_mw=facts.scatter.wander_mw,
        all_near=float((_near(expected, draws) | (draws <= ENOUGH_MWH)).all(axis=1).mean()),
        unpublished=int((~of).sum()),
    )


def _knowing(room: Room, told: Told | None) -> Floats:
    """Give what is held back on average by what was told of each hour's floor, (hours,) [MW]."""
    if told is None:
        return np.full(len(room.floor_mw), np.nan)
    return room.lower(-told.mean_mw).held(told.sd_mw)


def _near(expected_mwh: Floats | float, drawn_mwh: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.abs(expected_mwh - drawn_mwh) <= NEAR * drawn_mwh)


def _sums(  # noqa: PLR0917 (name, hours, figures, facts, draws, who told)
    name: str, of: NDArray[np.bool_], each: Mapping[str, Floats], facts: Facts, draws_mwh: Floats, by: Telling
) -> Sums:
    held = of & (np.nan_to_num(facts.published_mwh) > HELD_MW)
    in_use = facts.floor_mw if facts.in_use_mw is None else facts.in_use_mw
    left, floor = (float(v[held].mean()) if held.any() else float("nan") for v in (facts.left_mw, in_use))
    total = {k: float(v[of].sum()) for k, v in each.items()}
    low, high = (float(q) for q in np.quantile(draws_mwh, (0.1, 0.9)))
    return Sums(
        name=name,
        published_mwh=float(facts.published_mwh[of].sum()),
        low_mwh=low,
        high_mwh=high,
        near=float(_near(total["expected_mwh"], draws_mwh).mean()),
        hours=int((facts.published_mwh[of] > 0.0).sum()),
        left_mw=left,
        floor_mw=floor,
        by=by,
        **total,
    )


def _parts(room: Room, facts: Facts, of: NDArray[np.bool_], scale: Floats) -> dict[Part, float]:
    """Climb the ladder: no floor, what must run, the links' least flow, the margin, closed links, days that differ."""
    left = np.maximum(facts.floor_mw, 0.0)
    above = [np.zeros_like(left)]
    for part in (facts.closed_mw, facts.margin_mw, np.full_like(left, facts.links_least_mw)):
        above.append(above[-1] + np.minimum(part, left - above[-1]))
    rungs = [room.lower(facts.floor_mw), *(room.lower(mw) for mw in reversed(above))]
    energy = [float((r.held() * scale)[of].sum()) for r in rungs]
    energy.append(float((room.held(facts.scatter.sd_mw) * scale)[of].sum()))
    steps = np.diff([0.0, *energy])
    return dict(zip(PARTS, steps.tolist(), strict=True))
