"""What thermal units and links must carry together: what hours of other years tell, moved to what links may send today.

Held hours show what is left of demand. What the links could send out then took part of that, and the grid file dates it;
so what was seen is raised by what could be sent then and lowered by what can be sent now:
F(t) = F(seen) + X(seen) - X(t) + m (P(t) - P'), the last being the margin that the operator keeps against wind (`assumed`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch import assumed
from tamna.dispatch.assets import carries, number
from tamna.dispatch.chance import Scatter
from tamna.dispatch.published import Told
from tamna.errors import UsageError
from tamna.grid.clock import to_local
from tamna.grid.quantity import at_day
from tamna.lang import _
from tamna.physics.before import HOURLY_MW, told_before
from tamna.physics.held import told_by_others
from tamna.physics.smooth import Persistence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from numpy.typing import NDArray

    from tamna.dispatch.published import Telling
    from tamna.grid import Island
    from tamna.grid.clock import Stamps
    from tamna.lang import Message
    from tamna.measure.lost import Lost, Teacher

    Floats = NDArray[np.float64]

DAY = np.timedelta64(1, "D")
BY_OUTPUT: Mapping[Telling, Message] = {
    "days-before": _(
        "the floor in use is corrected by what output, demand and PV of this period's days before say of it"
    ),
    "hours-before": _(
        "the floor in use is corrected by what output, demand and PV of this period's hours before say of it"
    ),
    "other-hours": _(
        "looking back: the floor in use is corrected by what output, demand and PV of all other hours say of it, so what is"
        " held back here is no forecast; --floor other-years leaves this period's output out"
    ),
}
"""What must be known where the floor is not of other years alone: output of held hours shows what was held back around."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Floor:
    """The floor of some hours, and how far it may lie elsewhere. Arrays (hours,).

    Attributes
    ----------
    mw
        Of an average day, evenly running plants taken off. [MW]
    scatter
        How far the floor of one hour lies from that, and how far the line may be wrong for a whole year.
    days, hours, others
        How far above `mw` it was thought to lie by who saw output from the first of these hours up to the day before, and
        up to the hour before; and how far all other hours say that it lay, once they are over. None where not known.
    rest_mw
        What still turns though all wind is held. [MW]
    margin_mw
        What the operator keeps against wind that comes otherwise than foreseen; part of the floor. [MW]
    closed_mw
        What links could send out before and cannot now; part of the floor. [MW]
    links_least_mw
        What links carry at least with every pole on; part of the floor. [MW]
    counted
        Energy held back on the island per energy held back of the metered fleet. [-]
    """

    mw: Floats
    scatter: Scatter
    days: Told | None
    hours: Told | None
    others: Told | None
    rest_mw: float
    margin_mw: Floats
    closed_mw: Floats
    links_least_mw: float
    counted: Floats

    def told(self, by: Telling) -> Floats:
        """Give the floor as `by` tells it, (hours,) [MW].

        Raises
        ------
        UsageError
            Nobody could tell it so.
        """
        if by == "other-years":
            return self.mw
        of = {"days-before": self.days, "hours-before": self.hours, "other-hours": self.others}[by]
        if of is None:
            raise UsageError(
                _("the floor of these hours is not told by {by}", by=by),
                todo=_("Write --floor other-years."),
            )
        return np.asarray(np.maximum(self.mw + of.mean_mw, 0.0))


def floor_of(  # noqa: PLR0917 (what was judged, of which island, its hours, what they gave, what to say)
    judged: Lost | None,
    island: Island,
    stamps: Stamps,
    wind_mw: Floats,
    steady_mw: Floats,
    notes: list[Message],
) -> Floor | None:
    """Give the floor of `stamps` as other years tell it, None where none does; say so in `notes`.

    Parameters
    ----------
    wind_mw, steady_mw
        What the metered wind could have given; plants that run evenly within demand. [MW]
    """
    if judged is None or not judged.learned:
        notes.append(
            _(
                "no other year tells how much must-run units and links must carry: held-back energy is understated"
            )
        )
        return None
    seen, then, counted = _seen(judged, island, stamps)
    now, before = _sent(island, stamps)
    margin = assumed.MARGIN.value * np.nan_to_num(wind_mw)
    line, one = seen + then - now, judged.learned[0].floor
    scatter = Scatter(
        day_sd_mw=assumed.DAY_SD_MW, memory=assumed.DAY_MEMORY, width_mw=one.width_mw, wander_mw=one.wander_mw
    )
    told = _told(judged, island, stamps, scatter)
    notes.append(_carried(line, scatter, ", ".join(str(y) for y in judged.learned[0].anchors)))
    notes += _moved(float((then - now).mean()), float(then.mean()), float(now.mean()))
    return Floor(
        mw=line + margin - assumed.MARGIN.value * assumed.MARGIN_NONE_MW - steady_mw,
        scatter=scatter,
        days=told[0],
        hours=told[1],
        others=told[2],
        rest_mw=one.rest_mw,
        margin_mw=margin,
        closed_mw=np.maximum(before - now, 0.0),
        links_least_mw=_links_least_mw(island, island.day(stamps[0])),
        counted=counted,
    )


def _seen(judged: Lost, island: Island, stamps: Stamps) -> tuple[Floats, Floats, Floats]:
    """Give the line that other years show, what links could send when it was seen, and `Floor.counted`, (hours,) each."""
    year = _years(stamps, island)
    seen, then, counted = np.zeros(len(stamps)), np.zeros(len(stamps)), np.ones(len(stamps))
    teachers = {t.year: t for t in judged.learned}
    for one in np.unique(year).tolist():
        teacher = teachers.get(one) or teachers[min(teachers, key=lambda y: abs(y - one))]
        mine = year == one
        seen[mine] = teacher.floor.at(stamps)[mine]
        then[mine] = _sent_when_seen(island, teacher, stamps[mine])
        counted[mine] = teacher.floor.counted_at(stamps)[mine]
    return seen, then, counted


def _told(judged: Lost, island: Island, stamps: Stamps, scatter: Scatter) -> tuple[Told | None, ...]:
    """Say what days before, hours before and all other hours told of each hour's floor; nothing published is looked at.

    All other hours are those that were judged, the days after the period among them: its last day is told as any other.
    """
    given = judged.given
    if given is None:
        return None, None, None
    seen, then, _counted = _seen(judged, island, given.stamps)
    line_mw = seen + then - _sent(island, given.stamps)[0]
    at = np.minimum(np.searchsorted(given.stamps, stamps), len(given.stamps) - 1)
    silent = given.stamps[at] != stamps

    def of_these(mean_mw: Floats, sd_mw: Floats, about_mw: float) -> Told:
        mean, sd = np.where(silent, 0.0, mean_mw[at]), np.where(silent, scatter.day_sd_mw, sd_mw[at])
        return Told(mean_mw=mean, sd_mw=np.hypot(sd, about_mw))

    margin = assumed.MARGIN.value * (given.potential_mw - assumed.MARGIN_NONE_MW)
    floor = replace(judged.learned[0].floor, day_sd_mw=scatter.day_sd_mw, memory=scatter.memory)
    days, hours = (
        of_these(b.mean_mw, b.sd_mw, HOURLY_MW) for b in told_before(given, line_mw + margin, floor)
    )
    above = replace(given, demand_mw=given.demand_mw - line_mw - margin)
    level = replace(floor, days=given.stamps[:1], mw=np.zeros(1), counted=None)
    mean, sd = told_by_others(above, level, Persistence())
    return days, hours, of_these(mean, sd, floor.width_mw)


def _carried(line: Floats, scatter: Scatter, years: str) -> Message:
    """Say what the floor is: one figure, or from where to where it goes in the period."""
    low, high = round(float(line.min())), round(float(line.max()))
    said = {"low": low, "high": high, "sd": scatter.day_sd_mw, "years": years}
    if low == high:
        return _(
            "must-run units and links carry at least {low:.0f} MW together, as the hours of other years tell ({years}); from"
            " day to day that moves by about {sd:.0f} MW",
            **said,
        )
    return _(
        "must-run units and links carry at least {low:.0f} to {high:.0f} MW together, as the hours of other years"
        " tell ({years}); from day to day that moves by about {sd:.0f} MW",
        **said,
    )


def _moved(by: float, then: float, now: float) -> list[Message]:
    if abs(by) < 0.5:
        return []
    return [
        _(
            "when that was seen links could send out {then:.0f} MW on average, in this period {now:.0f} MW:"
            " the floor is moved by {by:+.0f} MW",
            then=then, now=now, by=by,
        )
    ]  # fmt: skip


def _years(stamps: Stamps, island: Island) -> NDArray[np.int64]:
    return to_local(stamps, island.timezone).astype("datetime64[Y]").astype(np.int64) + 1970


def _sent_when_seen(island: Island, teacher: Teacher, stamps: Stamps) -> Floats:
    """Give what links could send when the floor at `stamps` was seen: a mean over each span that taught, a line between."""
    ends: list[np.datetime64] = []
    mean: list[float] = []
    for first, last in teacher.floor.days.reshape(-1, 2):
        if int(_years(np.array([first + (last - first) / 2]), island)[0]) not in teacher.anchors:
            continue
        days = np.arange(first, last + DAY, DAY)
        ends += [first, last]
        mean += [float(_sent(island, days)[0].mean())] * 2
    if not ends:
        return np.zeros(len(stamps))
    at = np.array(ends, dtype="datetime64[s]").astype(np.int64)
    return np.asarray(np.interp(stamps.astype("datetime64[s]").astype(np.int64), at, np.array(mean)))


def _sent(island: Island, stamps: Stamps) -> tuple[Floats, Floats]:
    """Give what links can send out at `stamps`, and the most they ever could until then [MW]."""
    day, place = np.unique(to_local(stamps, island.timezone).astype("datetime64[D]"), return_inverse=True)
    both = np.array([_sent_on(island, d) for d in day.astype(object)])
    return both[place, 0], both[place, 1]


def _sent_on(island: Island, day: date) -> tuple[float, float]:
    now = sum(number(at_day(k.export_mw, day), 0.0) for k in island.links if carries(k, day))
    ever = sum(
        max((float(f) for f in k.export_mw if f.start is None or f.start <= day), default=0.0)
        for k in island.links
        if carries(k, day)
    )
    return now, ever


def _links_least_mw(island: Island, day: date) -> float:
    """Give the least that LCC links carry with every pole on [MW]."""
    return sum(
        number(k.poles, 1.0) * number(k.pole_mw, 0.0) * number(k.min_transfer, 0.0)
        for k in island.links
        if k.technology == "lcc" and carries(k, day)
    )
