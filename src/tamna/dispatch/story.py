"""An hour in sentences: what its price was and from whom, why wind was held back, what one more MW would have saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.dispatch.account import held_in_all_mw
from tamna.dispatch.cause import NEAR_KRW, NEAR_MW, sendable_mw
from tamna.dispatch.moves import in_words
from tamna.dispatch.whatif_added import SOLD
from tamna.dispatch.why_flexible import full, gave_way
from tamna.lang import Message, _
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.cause import Cause
    from tamna.dispatch.system import Hours, System
    from tamna.dispatch.why import Reasons
    from tamna.dispatch.worth import Worth

    Floats = NDArray[np.float64]

MOST_LIMITS = 3
"""So many limits of one hour are told, the dearest first."""
WHY: Mapping[Cause, Message] = {
    "must_run": _(
        "must-run units and the links' least flow take {floor:,.0f} of {demand:,.0f} MW of demand, and wind and PV could have"
        " given {could:,.0f} MW"
    ),
    "reserve": _(
        "units stay on with {thermal:,.0f} MW to hold reserve for the largest in-feed, where {demand:,.0f} MW are asked for"
    ),
    "support": _(
        "units stay on with {thermal:,.0f} MW to give the grid short-circuit power or inertia, where {demand:,.0f} MW are asked for"
    ),
    "turning": _("links could send out {sendable:,.0f} MW more, but are still turning or cannot carry so little"),
    "link": _("links bring in {imported:,.0f} MW and cannot turn or stop in time"),
    "commitment": _(
        "units that are on give {thermal:,.0f} MW, no less than their minimum; stopping them costs more or takes too long"
    ),
    "demand": _("demand is low, {demand:,.0f} MW, and everything else is off"),
}  # fmt: skip


OWN_MUST_RUN = _(
    "units that must run take {must:,.0f} of {demand:,.0f} MW of demand at their minimum, and wind and PV could have given"
    " {could:,.0f} MW"
)
"""Where units must run by the grid file and no floor binds."""
SENT_OUT = _(
    "demand is low, {demand:,.0f} MW; units are off and links send out all they can, {exported:,.0f} MW"
)
FROM: Mapping[str, Message] = {
    "moved": _("{hour}: one more MWh would have cost {price:,.0f} KRW: {names} would have taken it at another hour"),
    "cut": _("{hour}: one more MWh would have cost {price:,.0f} KRW: more of {names} would have been cut"),
    "lost": _("{hour}: one more MWh would have cost {price:,.0f} KRW: more of {names} would not have been served"),
    "hydrogen": _("{hour}: one more MWh would have cost {price:,.0f} KRW: less hydrogen, by {names}"),
}  # fmt: skip
GAVE: Mapping[str, Message] = {
    "cut": _("'{name}' was cut by {much:,.1f} MW for its price"),
    "unserved": _("{much:,.1f} MW of '{name}' were not served"),
    "hydrogen": _("'{name}' lacked {much:,.1f} MW of hydrogen"),
    "trips": _("trips of '{name}' lacked {much:,.1f} MWh"),
}


def told(
    system: System, hours: Hours, done: Schedule, reasons: Reasons, worths: tuple[Worth, ...]
) -> tuple[str, ...]:
    """Tell every step.

    Parameters
    ----------
    hours
        Those that `done` covers.
    """
    held = held_in_all_mw(system, hours, done)
    return tuple(
        "; ".join(map(str, _parts(step, (system, hours, done), held, reasons, worths)))
        for step in range(hours.steps.count)
    )


def _parts(
    step: int, of: tuple[System, Hours, Schedule], held: Floats, reasons: Reasons, worths: tuple[Worth, ...]
) -> Iterator[Message]:
    system, hours, done = of
    yield _price(step, system, hours, reasons)
    cause = reasons.cause[step]
    if cause is not None and held[step] > NEAR_MW:
        numbers = _numbers(step, system, hours, done, reasons)
        why = Message(_why(cause, numbers, reasons, step).text, numbers)
        yield _("{mw:,.0f} MW of wind and PV were held back: {why}", mw=float(held[step]), why=why)
        if taking := full(system, hours, done, step):
            yield _("no more could be taken by {names}", names=", ".join(taking))
    for kind, name, much in gave_way(system, hours, done, step):
        if name.rpartition("/")[2] != SOLD:
            yield Message(GAVE[kind].text, {"name": name, "much": much})
    if reasons.floor_worth[step] > NEAR_KRW:
        yield _("a MW less of must-run would save {krw:,.0f} KRW", krw=float(reasons.floor_worth[step]))
    if reasons.reserve_worth[step] > NEAR_KRW:
        yield _("a MW less of reserve would save {krw:,.0f} KRW", krw=float(reasons.reserve_worth[step]))
    for one in limits(step, worths):
        yield _("{thing} would have saved {krw:,.0f} KRW", thing=one.thing, krw=float(one.saves[step]))


def _why(cause: Cause, numbers: Mapping[str, float], reasons: Reasons, step: int) -> Message:
    """Choose the sentence of a cause that fits the hour's figures."""
    if cause == "must_run" and reasons.floor_worth[step] <= NEAR_KRW:
        return OWN_MUST_RUN
    if cause == "demand" and numbers["exported"] > NEAR_MW:
        return SENT_OUT
    return WHY[cause]


def limits(step: int, worths: tuple[Worth, ...]) -> list[Worth]:
    """Give the limits that bound in a step, the dearest first; what the weather gives is no limit that anyone sets."""
    binding = [w for w in worths if w.saves[step] > NEAR_KRW and w.figure != "weather"]
    return sorted(binding, key=lambda w: -float(w.saves[step]))[:MOST_LIMITS]


def _price(step: int, system: System, hours: Hours, reasons: Reasons) -> Message:
    """Say what one more MWh would have cost and where it would have come from."""
    label, price = hours.steps.label(step), round(float(reasons.price[step])) + 0.0  # never a "-0"
    setters, stores = reasons.setters[step], {b.name for b in system.batteries}
    fleets = {f.name for f in system.fleets}
    names = ", ".join(setters)
    said = {"hour": label, "price": price, "names": names}
    if reasons.moves[step]:
        moves = in_words(reasons.moves[step])
        return _(
            "{hour}: one more MWh would have cost {price:,.0f} KRW, all in all: {moves}", moves=moves, **said
        )
    if not setters:
        return _("{hour}: one more MWh would have cost {price:,.0f} KRW, by several limits together", **said)
    if set(setters) <= fleets:
        return _(
            "{hour}: one more MWh would have cost {price:,.0f} KRW: less of {names} would be held back",
            **said,
        )
    if set(setters) <= stores:
        return _(
            "{hour}: one more MWh would have cost {price:,.0f} KRW, moved from another hour by {names}",
            **said,
        )
    for kind, names_of in _giving(system).items():
        if set(setters) <= names_of:
            return Message(FROM[kind].text, said)
    return _("{hour}: one more MWh would have cost {price:,.0f} KRW, from {names}", **said)


def _giving(system: System) -> Mapping[str, set[str]]:
    """Name the demand that may set a price, by how it gives way."""
    users = {f"hydrogen_demand/{c.name}" for c in system.hydrogen_classes}
    users |= {f"{u.name}/{c.name}" for u in system.loads if u.bus != ELECTRICITY for c in u.classes}
    lost = {f"demand/{c.name}" for c in system.load_classes}
    lost |= {f"{u.name}/{c.name}" for u in system.loads if u.bus == ELECTRICITY for c in u.classes}
    return {
        "moved": {e.name for e in system.ev_fleets} | {m.name for m in system.shiftable},
        "cut": {c.name for c in system.interruptible},
        "lost": lost,
        "hydrogen": users | {p.name for p in system.electrolysers},
    }


def _numbers(step: int, system: System, hours: Hours, done: Schedule, reasons: Reasons) -> dict[str, float]:
    power = done.injection_mw[ELECTRICITY]

    def of(column: str) -> float:
        return float(done.columns[column][step])

    return {
        "demand": float(hours.demand_mw[step]),
        "floor": 0.0 if hours.floor_mw is None else float(hours.floor_mw[step]),
        "must": float(sum(power[u.name][step] for u in system.thermal if u.must_run)),
        "could": float(sum(hours.potential_mw[f.name][step] for f in system.fleets)),
        "thermal": float(sum(power[u.name][step] for u in system.thermal)),
        "imported": float(sum(max(0.0, power[k.name][step]) for k in system.links)),
        "exported": float(sum(of(f"{k.name}/export") for k in system.links)),
        "sendable": sendable_mw(system, hours, of, step, float(reasons.price[step])),
    }
