"""A dispatch beside what was published, in words: the table by month, why it is held back, what differs and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.published import ENOUGH_MWH, NEAR, PARTS, TELLINGS
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.dispatch.published import Beside, Sums
    from tamna.lang import Message

OTHER_MW = 10.0
"""From so much on what was left in held hours is another floor than the one in use. [MW]"""


def headings() -> tuple[Message, ...]:
    """Give the columns of `rows`."""
    return (
        _("published, MWh"), _("dispatch, MWh"), _("80 % between"), _("differs"), _("by other years alone"), _("knowing the days before"),
        _("knowing the hours before"), _("knowing all other hours"), _("hours published"),
        _("left then, MW"), _("floor in use, MW"),
    )  # fmt: skip


def rows(found: Beside) -> Iterator[tuple[str, ...]]:
    """Lay out months and the whole; nothing where there is nothing to tell."""
    for one in (*found.months, *((found.whole,) if len(found.months) > 1 else ())):
        yield (
            one.name,
            f"{one.published_mwh:,.0f}",
            f"{one.told_mwh:,.0f}",
            f"{one.low_mwh:,.0f}..{one.high_mwh:,.0f}",
            *(
                _off(one, mwh)
                for mwh in (one.told_mwh, *(getattr(one, figure) for figure in TELLINGS.values()))
            ),
            f"{one.hours}",
            *("" if np.isnan(mw) else f"{mw:.0f}" for mw in (one.left_mw, one.floor_mw)),
        )


def _off(one: Sums, mwh: float) -> str:
    return "" if np.isnan(off := one.off(mwh)) else f"{100.0 * off:+.0f} %"


def sentences(found: Beside) -> Iterator[Message]:
    """Say how the dispatch got there, why energy is held back, and what differs from what was published, and why."""
    whole = found.whole
    yield _(
        "wind held back: {expected:,.0f} MWh on average over floors that lie {sd:.0f} MW around the line from day to day and"
        " hour to hour ({found:,.0f} MWh at the floor in use); published: {published:,.0f} MWh",
        expected=whole.expected_mwh, sd=found.sd_mw, found=whole.found_mwh, published=whole.published_mwh,
    )  # fmt: skip
    yield _("what each part of the floor adds to it, from the bottom up:")
    for part, mwh in found.parts_mwh.items():
        if abs(mwh) >= 0.5:
            yield _("{mwh:+,.0f} MWh: {why}{size}", mwh=mwh, why=PARTS[part], size=_size(found, part))
    yield _(
        "how high the line lies is known to about {mw:.0f} MW, and days lie about it: 80 % lie between {low:,.0f} and"
        " {high:,.0f} MWh",
        mw=found.wander_mw, low=whole.low_mwh, high=whole.high_mwh,
    )  # fmt: skip
    yield from _knowing(found)
    for month in found.months:
        if month.published_mwh > ENOUGH_MWH and abs(month.differs) > NEAR:
            yield _why(month)
    if found.unpublished:
        yield _("{hours:,} hours of the period are not published and not compared", hours=found.unpublished)


def _knowing(found: Beside) -> Iterator[Message]:
    """Say what the floor of a day, which no source tells, takes from the months; and what hours before give back of it."""
    large = [m for m in found.months if m.expected_mwh > ENOUGH_MWH]
    if len(large) == 1:
        yield _(
            "no source tells the floor of a day, and other years tell the line no better than that: by chance alone what is held"
            " in {month} lies within {part:.0%} of this in {near:.0%} of cases",
            month=large[0].name, part=NEAR, near=large[0].near,
        )  # fmt: skip
    elif large:
        yield _(
            "no source tells the floor of a day, and other years tell the line no better than that: by chance alone a month of over"
            " {least:.0f} MWh lies within {part:.0%} of this in {low:.0%} to {high:.0%} of cases, all of them at once in {all:.0%}",
            least=ENOUGH_MWH, part=NEAR, low=min(m.near for m in large), high=max(m.near for m in large), all=found.all_near,
        )  # fmt: skip
    if not np.isnan(found.whole.hours_mwh):
        yield _(
            "output, demand and PV up to the day before tell part of it: {days:,.0f} MWh; up to the hour before: {hours:,.0f}"
            " MWh; looking back, each hour by all others: {others:,.0f} MWh. Nothing is fitted on them and nothing published"
            " is looked at, but they are of the period itself",
            days=found.whole.days_mwh, hours=found.whole.hours_mwh, others=found.whole.others_mwh,
        )  # fmt: skip


def _size(found: Beside, part: str) -> str:
    mw = {"links_least": found.links_least_mw, "links_closed": found.closed_mw}.get(part)
    return "" if mw is None else f" ({mw:.0f} MW)"


def _why(month: Sums) -> Message:
    """Say why a month differs: another floor, or days on which nothing was held back though there was no room."""
    more = month.left_mw - month.floor_mw
    if more > OTHER_MW and month.differs < 0.0:
        return _(
            "{month} differs by {part:+.0%}: in hours published as held back {left:.0f} MW were left, so the operator held back"
            " at a higher floor than the {floor:.0f} MW in use; no source says which units or links kept it up",
            month=month.name, part=month.differs, left=month.left_mw, floor=month.floor_mw,
        )  # fmt: skip
    if more < -OTHER_MW and month.differs > 0.0:
        return _(
            "{month} differs by {part:+.0%}: in hours published as held back only {left:.0f} MW were left, so the floor was lower"
            " than the {floor:.0f} MW in use; no source says which unit or link gave way",
            month=month.name, part=month.differs, left=month.left_mw, floor=month.floor_mw,
        )  # fmt: skip
    return _(
        "{month} differs by {part:+.0%}: in hours published as held back {left:.0f} MW were left, near the {floor:.0f} MW in use;"
        " the floor was another on days that differ from the average one",
        month=month.name, part=month.differs, left=month.left_mw, floor=month.floor_mw,
    )  # fmt: skip
