"""What could be added in a word: a battery, an electrolyser with what its hydrogen is worth, wind, PV, a link, EVs, a condenser.

==============================================  =====================================================================
``battery:100MW/400MWh``                        half full before the first hour
``electrolyser:30MW`` or ``...@6000KRW/kg``     its hydrogen is sold at that price, as much as it makes, in any hour
``wind:50MW``, ``pv:50MW``                      as the island's metered fleet gives, per MW
``link:200MW`` or ``link:200MW/100MW``          a VSC, import and export, at the price of the other links
``ev:10000`` or ``ev:50MW/400MWh``              so many vehicles, or chargers and batteries; with ``/v2g`` they give back
``condenser:50MVA``                             its rating; where short-circuit power or inertia is asked for
==============================================  =====================================================================

What is sold is written as a class of hydrogen demand that may go unserved at its price, so that nothing pays for it and
nobody makes hydrogen that is worth less than its power.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch import assumed
from tamna.dispatch.island import PV, WIND
from tamna.dispatch.whatif_flexible import assumed_flexible, of_vehicles, with_condenser, with_vehicles
from tamna.errors import Mistake, Place
from tamna.lang import _
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.electrolyser import Electrolyser, Piece
from tamna.optimise.blocks.hydrogen import MWH_PER_KG
from tamna.optimise.blocks.link import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.assumed import Assumed
    from tamna.dispatch.system import Hours, State, System
    from tamna.lang import Message

    Case = tuple[System, Hours, State]

SOLD = "sold"
"""The class of hydrogen demand that stands for what is sold."""
_N = r"(\d+(?:\.\d+)?)\s*"
FORMS: dict[str, tuple[re.Pattern[str], str]] = {
    "battery": (re.compile(rf"battery:{_N}MW/{_N}MWh", re.IGNORECASE), "battery:100MW/400MWh"),
    "electrolyser": (
        re.compile(rf"electroly[sz]er:{_N}MW(?:@{_N}KRW/kg)?", re.IGNORECASE), "electrolyser:30MW@15000KRW/kg",
    ),
    "wind": (re.compile(rf"wind:{_N}MW", re.IGNORECASE), "wind:50MW"),
    "pv": (re.compile(rf"pv:{_N}MW", re.IGNORECASE), "pv:50MW"),
    "link": (re.compile(rf"link:{_N}MW(?:/{_N}MW)?", re.IGNORECASE), "link:200MW/100MW"),
    "ev": (re.compile(r"ev:(\d+)(/v2g)?", re.IGNORECASE), "ev:10000"),
    "ev_mw": (re.compile(rf"ev:{_N}MW/{_N}MWh(/v2g)?", re.IGNORECASE), "ev:50MW/400MWh/v2g"),
    "condenser": (re.compile(rf"condenser:{_N}MVA", re.IGNORECASE), "condenser:50MVA"),
}  # fmt: skip
OPTION = "--with"
BACK = "/v2g"
"""Vehicles give back."""
_CALLED = {"ev_mw": "ev"}
STORING = frozenset({"battery", "ev_mw"})
"""What needs its second figure, too; a link that only brings in, or hydrogen that is worth nothing, can be meant."""


def added(
    words: Iterable[str],
    system: System,
    hours: Hours,
    state: State,
    *,
    local: NDArray[np.datetime64],
    capacity_mw: Mapping[str, float],
    mistakes: list[Mistake],
) -> tuple[System, Hours, State]:
    """Put in what the words say; what cannot be read, or followed, goes into `mistakes`."""
    case, count = (system, hours, state), Counter[str]()
    for word in words:
        kind, figures = _read(word)
        if kind is None:
            mistakes.append(_mistake(_("{option} is not understood", option=OPTION), word))
            continue
        if min(figures if kind in STORING else figures[:1]) <= 0.0:
            mistakes.append(_mistake(_("nothing is added by a figure of 0"), word))
            continue
        called = _CALLED.get(kind, kind)
        count[called] += 1
        name = f"{called}:added" if count[called] == 1 else f"{called}:added-{count[called]}"
        if kind in {"ev", "ev_mw"}:
            case = _vehicles(kind, name, figures, case, local, back=word.strip().lower().endswith(BACK))
            continue
        case = _put_in(kind, name, figures, case, capacity_mw=capacity_mw, mistakes=mistakes)
    return case


def assumed_with(words: Iterable[str]) -> tuple[Assumed, ...]:
    """List what had to be assumed of what the words add."""
    return tuple(_assumed({kind for word in words if (kind := _read(word)[0])}, words))


def _assumed(kinds: set[str], words: Iterable[str]) -> Iterator[Assumed]:
    if "battery" in kinds:
        yield assumed.ADDED_ROUND_TRIP
    if "electrolyser" in kinds:
        yield assumed.ADDED_USE
        if any(len(figures) < 2 for kind, figures in map(_read, words) if kind == "electrolyser"):
            yield assumed.SOLD_HYDROGEN
    if "link" in kinds:
        yield assumed.ADDED_LOSS
    yield from assumed_flexible(kinds, back=any(word.strip().lower().endswith(BACK) for word in words))


def sold(system: System, hours: Hours, done: Schedule) -> tuple[float, float]:
    """Give the hydrogen that is sold [kg], and what it is declared to be worth [KRW]."""
    found = next((c for c in system.hydrogen_classes if c.name == SOLD), None)
    if found is None or hours.hydrogen_mw is None:
        return 0.0, 0.0
    could = float(np.sum(found.share * hours.hydrogen_mw) * hours.steps.hours)
    mwh = max(0.0, could - _unsold_mwh(hours, done))
    return mwh / MWH_PER_KG, mwh * found.lost_per_mwh


def unsold_krw(system: System, hours: Hours, done: Schedule) -> float:
    """Give what the problem counts for hydrogen that could have been sold: nobody misses it [KRW]."""
    found = next((c for c in system.hydrogen_classes if c.name == SOLD), None)
    return 0.0 if found is None else _unsold_mwh(hours, done) * found.lost_per_mwh


def _unsold_mwh(hours: Hours, done: Schedule) -> float:
    return float(done.columns[f"hydrogen_demand/{SOLD}_unserved"].sum() * hours.steps.hours)


def _read(word: str) -> tuple[str | None, list[float]]:
    for kind, (pattern, _example) in FORMS.items():
        found = pattern.fullmatch(word.strip())
        if found is not None:
            return kind, [float(g) for g in found.groups() if g is not None and g.lower() != BACK]
    return None, []


def _put_in(
    kind: str,
    name: str,
    figures: list[float],
    case: Case,
    *,
    capacity_mw: Mapping[str, float],
    mistakes: list[Mistake],
) -> Case:
    if kind == "battery":
        return _battery(name, figures, case)
    if kind == "electrolyser":
        return _plant(name, figures, case, mistakes)
    if kind == "link":
        return _link(name, figures, case, mistakes)
    if kind == "condenser":
        if case[0].synchronous is None:
            what = _(
                "nothing asks for short-circuit power or inertia in these hours: a condenser would stand still"
                " (the grid file says so by synchronous, or by strength_ratio of a link)"
            )
            mistakes.append(_mistake(what, f"condenser:{figures[0]:g}MVA"))
        return with_condenser(name, figures[0], case)
    return _fleet(name, {"wind": WIND, "pv": PV}[kind], figures[0], case, capacity_mw=capacity_mw, mistakes=mistakes)  # fmt: skip


def _vehicles(
    kind: str, name: str, figures: list[float], case: Case, local: NDArray[np.datetime64], *, back: bool
) -> Case:
    power, energy = of_vehicles(figures[0]) if kind == "ev" else figures
    return with_vehicles(name, power, energy, case, local, back=back)


def _battery(name: str, figures: list[float], case: Case) -> Case:
    (system, hours, state), (power, energy) = case, figures
    one_way = sqrt(assumed.ADDED_ROUND_TRIP.value)
    battery = Battery(
        name=name, charge_mw=power, discharge_mw=power, energy_mwh=energy, charging=one_way, discharging=one_way,
        wear_per_mwh=assumed.WEAR.value,
    )  # fmt: skip
    return (
        replace(system, batteries=(*system.batteries, battery)),
        hours,
        replace(state, level_mwh={**state.level_mwh, name: energy / 2}),
    )


def _plant(name: str, figures: list[float], case: Case, mistakes: list[Mistake]) -> Case:
    (system, hours, state), power = case, figures[0]
    worth = figures[1] if len(figures) > 1 else assumed.SOLD_HYDROGEN.value
    efficiency = 1000.0 * MWH_PER_KG / assumed.ADDED_USE.value
    plant = Electrolyser(name=name, power_mw=power, pieces=(Piece(share=1.0, efficiency=efficiency),))
    asked = np.zeros(hours.steps.count) if hours.hydrogen_mw is None else np.asarray(hours.hydrogen_mw)
    if np.ptp(asked) > 1e-9:
        what = _("hydrogen for sale needs a demand of hydrogen that is even over the hours")
        mistakes.append(_mistake(what, name))
        return case
    own, more = float(asked[0]), power * efficiency
    before = next((c for c in system.hydrogen_classes if c.name == SOLD), None)
    sold = more + (0.0 if before is None else before.share * own)
    dearest = worth / MWH_PER_KG if before is None else max(before.lost_per_mwh, worth / MWH_PER_KG)
    shares = [
        replace(c, share=c.share * own / (own + more)) for c in system.hydrogen_classes if c.name != SOLD
    ]
    classes = (
        *(c for c in shares if c.share > 0.0),
        LoadClass(name=SOLD, share=sold / (own + more), lost_per_mwh=dearest),
    )
    return (
        replace(system, electrolysers=(*system.electrolysers, plant), hydrogen_classes=classes),
        replace(hours, hydrogen_mw=asked + more),
        state,
    )  # fmt: skip


def _fleet(
    name: str,
    like: str,
    power: float,
    case: Case,
    *,
    capacity_mw: Mapping[str, float],
    mistakes: list[Mistake],
) -> Case:
    system, hours, state = case
    of = next((f for f in system.fleets if f.name == like), None)
    stands = capacity_mw.get(like, 0.0)
    if of is None or stands <= 0.0:
        what = _("the island has no metered fleet that it could follow")
        mistakes.append(_mistake(what, f"{like}:{power:g}MW"))
        return case
    fleet = Curtailable(name=name, curtailment_cost_per_mwh=of.curtailment_cost_per_mwh)
    could = hours.potential_mw[like] * (power / stands)
    return (
        replace(system, fleets=(*system.fleets, fleet)),
        replace(hours, potential_mw={**hours.potential_mw, name: could}),
        state,
    )


def _link(name: str, figures: list[float], case: Case, mistakes: list[Mistake]) -> Case:
    system, hours, state = case
    if not hours.import_price:
        what = _("the island has no link that says what the other side asks")
        mistakes.append(_mistake(what, f"link:{figures[0]:g}MW"))
        return case
    like = next(iter(hours.import_price))
    carbon = next((k.import_tco2_per_mwh for k in system.links if k.name == like), 0.0)
    link = Link(
        name=name, import_mw=figures[0], export_mw=figures[-1], loss=assumed.ADDED_LOSS.value, import_tco2_per_mwh=carbon
    )  # fmt: skip
    return (
        replace(system, links=(*system.links, link)),
        replace(
            hours,
            import_price={**hours.import_price, name: hours.import_price[like]},
            export_price={**hours.export_price, name: hours.export_price[like]},
        ),
        state,
    )


def _mistake(what: Message, word: str) -> Mistake:
    forms = ", ".join(example for _pattern, example in FORMS.values())
    return Mistake(
        what=what, where=Place(path=OPTION), seen=word, todo=_("What can be added: {forms}.", forms=forms)
    )
