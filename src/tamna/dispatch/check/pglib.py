"""A schedule of a PGLib-UC instance, priced and held to the library's rules from its JSON alone.

Nothing here knows how an instance is read or solved. Rules are those of the library's MODEL.pdf: balance, reserve,
must-run, least times on and off (those of the time before the first hour too), output and reserve within what a start,
a stop and the ramps leave, renewables between their minimum and maximum; cost of output along the curve, and of starts by
the time off.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.check.rule import Broken, above, apart
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PglibSchedule:
    """What is decided in an instance.

    Attributes
    ----------
    on, output_mw, reserve_mw
        By thermal generator, (hours,): on or off, all of its output, and its spinning reserve. [-, MW, MW]
    renewable_mw
        By renewable generator, (hours,). [MW]
    """

    on: Mapping[str, Bools]
    output_mw: Mapping[str, Floats]
    reserve_mw: Mapping[str, Floats]
    renewable_mw: Mapping[str, Floats]


def evaluate(
    given: Mapping[str, Any], done: PglibSchedule, *, reserve_to_stop: bool = True
) -> tuple[float, tuple[Broken, ...]]:
    """Price a schedule, and find every rule that it breaks.

    Parameters
    ----------
    given
        The instance's JSON as read.
    reserve_to_stop
        Whether reserve counts in the limit of a stop, as MODEL.pdf has it.

    Returns
    -------
    Cost of all hours [$], and the broken rules.
    """
    units = given["thermal_generators"]
    cost = sum(_running_cost(g, done.on[k], done.output_mw[k]) for k, g in units.items())
    cost += sum(_start_cost(g, done.on[k]) for k, g in units.items())
    return float(cost), tuple(_broken(given, done, reserve_to_stop=reserve_to_stop))


def _broken(given: Mapping[str, Any], done: PglibSchedule, *, reserve_to_stop: bool) -> Iterator[Broken]:
    supply = sum(done.output_mw.values()) + sum(done.renewable_mw.values())
    yield from apart("demand", _("supply is not demand"), supply, given["demand"])
    yield from above("reserves", _("is less than required"), given["reserves"], sum(done.reserve_mw.values()))
    for name, w in given.get("renewable_generators", {}).items():
        mw = done.renewable_mw[name]
        yield from above(name, _("gives more than it can"), mw, w["power_output_maximum"])
        yield from above(name, _("runs below its minimum"), w["power_output_minimum"], mw)
    for name, g in given["thermal_generators"].items():
        yield from _levels(
            name,
            g,
            done.on[name],
            done.output_mw[name],
            done.reserve_mw[name],
            reserve_to_stop=reserve_to_stop,
        )
        yield from _times(name, g, done.on[name])


def _levels(
    name: str, g: Mapping[str, Any], on: Bools, output: Floats, reserve: Floats, *, reserve_to_stop: bool
) -> Iterator[Broken]:
    least, most, was_on = g["power_output_minimum"], g["power_output_maximum"], bool(g["unit_on_t0"])
    over, on_before = output - least * on, np.concatenate([[was_on], on[:-1]])
    before = np.concatenate([[(g["power_output_t0"] - least) if was_on else 0.0], over[:-1]])
    off_after = np.concatenate([~on[1:], [False]])
    start = np.where(on & ~on_before, max(most - g["ramp_startup_limit"], 0.0), 0.0)
    stop = np.where(on & off_after, max(most - g["ramp_shutdown_limit"], 0.0), 0.0)
    yield from above(name, _("is off though it must run"), g["must_run"] * ~on, 0.5)
    yield from above(name, _("runs below its minimum"), -over, 0.0)
    yield from above(name, _("holds less than nothing"), -reserve, 0.0)
    yield from above(name, _("starts too high"), over + reserve, (most - least) * on - start)
    yield from above(
        name, _("stops from too high"), over + reserve * reserve_to_stop, (most - least) * on - stop
    )
    yield from above(name, _("rises faster than its ramp"), over + reserve - before, g["ramp_up_limit"])
    yield from above(name, _("falls faster than its ramp"), before - over, g["ramp_down_limit"])
    if was_on and not on[0]:
        yield from above(
            name, _("stops from too high"), g["power_output_t0"], min(most, g["ramp_shutdown_limit"])
        )


def _times(name: str, g: Mapping[str, Any], on: Bools) -> Iterator[Broken]:
    """Go through the hours and count how long the unit has been what it is."""
    was = bool(g["unit_on_t0"])
    held = g["time_up_t0"] if was else g["time_down_t0"]
    for hour, now in enumerate(on):
        if bool(now) != was:
            least = g["time_up_minimum"] if was else g["time_down_minimum"]
            rule = _("stops before its least time on") if was else _("starts before its least time off")
            yield from above(name, rule, [0.0] * hour + [least], [0.0] * hour + [held])
            held, was = 0, bool(now)
        held += 1


def _running_cost(g: Mapping[str, Any], on: Bools, output: Floats) -> float:
    """Cost of the cheapest mix of two points of the curve that gives the output."""
    curve = [(b["mw"], b["cost"]) for b in g["piecewise_production"]]
    given = np.clip(output[on], min(mw for mw, _cost in curve), max(mw for mw, _cost in curve))
    cheapest = np.full(len(given), np.inf)
    for (low, low_cost), (high, high_cost) in combinations_with_replacement(sorted(curve), 2):
        share = (given - low) / (high - low) if high > low else np.zeros(len(given))
        inside = (given >= low) & (given <= high)
        cheapest = np.where(inside, np.minimum(cheapest, low_cost + share * (high_cost - low_cost)), cheapest)
    return float(cheapest.sum())


def _start_cost(g: Mapping[str, Any], on: Bools) -> float:
    """Of each start, the cost of the coldest kind that the time off has reached; of the coldest where it reached none."""
    total, off = 0.0, 0 if g["unit_on_t0"] else g["time_down_t0"]
    was = bool(g["unit_on_t0"])
    for now in on:
        if now and not was:
            kinds = sorted(g["startup"], key=lambda s: s["lag"])
            total += ([s["cost"] for s in kinds if s["lag"] <= off] or [kinds[-1]["cost"]])[-1]
        off = 0 if now else off + 1
        was = bool(now)
    return total
