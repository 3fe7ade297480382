"""Rules of loads that can be moved or cut: energy of a span, powers, hours and times of a day, prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.day import DAY_H, daily_rule, shown_h
from tamna.dispatch.check.rule import Broken, above, apart
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.system import State
    from tamna.optimise.blocks.interruptible import Interruptible
    from tamna.optimise.blocks.shiftable import Shiftable

    Floats = NDArray[np.float64]

TOLERANCE_MWH = 1e-3


def shiftable_rules(
    load: Shiftable,
    usual: Floats,
    taken: Floats,
    columns: Mapping[str, Floats],
    state: State,
    *,
    step_h: float,
) -> Iterator[Broken]:
    """Check a load that can be moved; `taken` is what the grid gives it, (steps,) [MW]."""
    name, power = load.name, columns[f"{load.name}/power"]
    lost = columns.get(f"{name}/unserved", np.zeros(len(power)))
    yield from above(name, _("takes more than its power"), power, load.most_mw)
    yield from above(name, _("runs below its minimum"), load.least_mw, power)
    yield from above(name, _("sheds less than nothing"), -lost, 0.0)
    yield from above(name, _("sheds more than is asked for"), lost, power)
    yield from apart(name, _("serves other than what is asked for"), taken, power - lost)
    yield from _spans(load, usual, power, state, step_h)


def _spans(load: Shiftable, usual: Floats, power: Floats, state: State, step_h: float) -> Iterator[Broken]:
    """Follow how far it is ahead; where a span ends within the steps nothing is owed."""
    ahead, at = state.ahead_mwh.get(load.name, 0.0), state.clock.elapsed_h
    span = int(shown_h(state.clock, at) / load.span_h + 1e-9)
    for step in range(len(power)):
        ahead += step_h * (float(power[step]) - float(usual[step]))
        at += step_h
        if abs(ahead) > load.most_ahead_mwh + TOLERANCE_MWH:
            over = abs(ahead) - load.most_ahead_mwh
            yield Broken(
                asset=load.name, rule=_("is further ahead or behind than allowed"), step=step, by=over
            )
        later = int(shown_h(state.clock, at) / load.span_h + 1e-9)
        ends, span = later > span, max(later, span)
        if ends and abs(ahead) > TOLERANCE_MWH:
            rule = _("takes other than its energy within a span")
            yield Broken(asset=load.name, rule=rule, step=step, by=abs(ahead))


def shiftable_cost(
    load: Shiftable, usual: Floats, columns: Mapping[str, Floats], step_h: float
) -> tuple[Floats, Floats]:
    """Price a load that can be moved, (steps,) [money]: the least that its schedule can cost, and what is shed."""
    power = columns[f"{load.name}/power"]
    moved = load.moved_per_mwh * np.maximum(usual - power, 0.0) * step_h
    lost = columns.get(f"{load.name}/unserved")
    return moved, np.zeros(len(power)) if lost is None else load.lost_per_mwh * lost * step_h


def interruptible_rules(
    load: Interruptible,
    usual: Floats,
    taken: Floats,
    columns: Mapping[str, Floats],
    state: State,
    *,
    step_h: float,
) -> Iterator[Broken]:
    """Check a load that can be cut; a cut that lasts over midnight counts on both days."""
    name, cut = load.name, columns[f"{load.name}/cut"]
    lost = columns.get(f"{name}/unserved", np.zeros(len(cut)))
    yield from above(name, _("sheds more than is asked for"), cut + lost, usual)
    for less in (cut, lost):
        yield from above(name, _("sheds less than nothing"), -less, 0.0)
    yield from apart(name, _("serves other than what is asked for"), taken, usual - cut - lost)
    if not load.commits:
        return
    out = columns[f"{name}/cutting"] > 0.5
    yield from above(name, _("is cut without being told"), cut, np.where(out, load.most_mw, 0.0))
    begins_h = state.clock.elapsed_h + step_h * np.arange(-1, len(cut))
    day = np.array([int(shown_h(state.clock, at) / DAY_H + 1e-9) for at in begins_h])
    midnight = day[1:] > np.maximum.accumulate(day[:-1])
    begins = out & (midnight | ~np.concatenate([[name in state.cutting], out[:-1]]))
    for what, amount, most, rule in (
        ("hours", out * step_h, load.hours_per_day, _("is cut for more hours a day than allowed")),
        ("times", begins * 1.0, load.times_per_day, _("is cut more often a day than allowed")),
    ):
        yield from daily_rule(
            name,
            rule,
            np.asarray(amount, dtype=np.float64),
            most,
            clock=state.clock,
            limit=f"{name}/{what}",
            step_h=step_h,
        )
