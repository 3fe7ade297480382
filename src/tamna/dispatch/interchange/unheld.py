"""What of a case PyPSA has no word for: it travels in the meta and comes back, but PyPSA's own optimum does not see it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.dispatch.interchange.case import Case
    from tamna.lang import Message
    from tamna.optimise.blocks.electrolyser import Electrolyser
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.blocks.thermal_unit import Thermal


WRITTEN = {
    "thermal", "fleets", "links", "batteries", "electrolysers", "hydrogen_stores", "fuel_cells", "load_classes",
    "hydrogen_classes", "reserves", "co2", "exclusive", "floor_gives_per_mwh",
}  # fmt: skip
"""Parts of a system that are told one by one, or written as components."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheld:
    """One of them: component, name and attribute as PyPSA or tamna call it, and why."""

    component: str
    name: str
    attribute: str
    why: Message

    def __str__(self) -> str:
        return f"{self.component} '{self.name}', {self.attribute}: {self.why}"

    def as_dict(self) -> dict[str, str]:
        """Give it as JSON carries it."""
        return {
            "component": self.component, "name": self.name, "attribute": self.attribute, "why": str(self.why),
        }  # fmt: skip


def unheld(case: Case) -> tuple[Unheld, ...]:
    """Give all of them."""
    return tuple(_all(case))


def _all(case: Case) -> Iterator[Unheld]:
    system, hours = case.system, case.hours
    for unit in system.thermal:
        yield from _of_unit(unit, hours.steps.hours)
    for link in system.links:
        yield from _of_link(link)
    for battery in system.batteries:
        if np.isfinite(battery.cycles_per_day):
            yield _at("StorageUnit", battery.name, "cycles_per_day", _("PyPSA has no limit on cycles"))
    for plant in system.electrolysers:
        yield from _of_plant(plant)
    for store in system.hydrogen_stores:
        if np.isfinite(store.flow_mw):
            yield _at("Store", store.name, "flow_mw", _("a store of PyPSA fills and empties at any speed"))
    for product in system.reserves:
        yield _at("Network", product.name, "reserves", _("PyPSA has no reserve"))
    for part in (f.name for f in fields(system)):
        of = getattr(system, part)
        if part in WRITTEN or not of:
            continue
        for one in of if isinstance(of, tuple) else (of,):
            yield _at("Network", getattr(one, "name", part), part, _("left out of the network's components"))
    if hours.floor_mw is not None:
        yield _at("Network", "floor", "floor_mw", _("PyPSA has no floor under thermal units and links"))
    if system.exclusive:
        why = _("PyPSA lets stores charge and discharge, and links import and export, at once")
        yield _at("Network", "exclusive", "exclusive", why)


def _of_unit(unit: Thermal, step_h: float) -> Iterator[Unheld]:
    if unit.segments:
        yield _at(
            "Generator", unit.name, "segments", _("the curve of cost is told by one cost a MWh: cost_per_mwh")
        )
    if len(unit.starts) > 1:
        yield _at("Generator", unit.name, "starts", _("PyPSA knows one kind of start: the hot one"))
    if not unit.commits or unit.must_run:
        return
    for way, ramp, edge in (
        ("ramp_limit_start_up", unit.ramp_up_mw_per_h * step_h, unit.start_mw),
        ("ramp_limit_shut_down", unit.ramp_down_mw_per_h * step_h, unit.stop_mw),
    ):
        most = unit.max_mw if edge is None else min(edge, unit.max_mw)
        if (ramp < unit.max_mw or edge is not None) and most - min(ramp, unit.max_mw) > unit.min_mw + 1e-9:
            why = _(
                "PyPSA asks a unit for at least {mw} MW in the step before a stop, or after a start, where this lies so"
                " far above its ramp",
                mw=f"{most - ramp:g}",
            )
            yield _at("Generator", unit.name, way, why)


def _of_link(link: Link) -> Iterator[Unheld]:
    if link.technology == "lcc":
        why = _("PyPSA turns a link at once and lets it run both ways and at any flow")
        yield _at("Link", link.name, "technology, poles, min_transfer, reversal_h", why)


def _of_plant(plant: Electrolyser) -> Iterator[Unheld]:
    if len(plant.pieces) > 1:
        yield _at(
            "Link", plant.name, "pieces", _("the curve of efficiency is told by its mean over the whole load")
        )
    if plant.min_load and np.isfinite(plant.ramp_mw_per_h):
        yield _at("Link", plant.name, "ramp_mw_per_h", _("ramps of a plant that is on or off differ"))
    for attribute, value in (("standby", plant.standby), ("start_cost", plant.start_cost)):
        if value:
            yield _at("Link", plant.name, attribute, _("PyPSA has no standby between off and on"))


def _at(component: str, name: str, attribute: str, why: Message) -> Unheld:
    return Unheld(component=component, name=name, attribute=attribute, why=why)
