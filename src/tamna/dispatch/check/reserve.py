"""Rules of reserve: what is held can be given from what the schedule leaves, and replaces whatever fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.rule import Broken, above, apart
from tamna.lang import _
from tamna.optimise.blocks.thermal_unit import ThermalState
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.blocks.reserve import Reserve
    from tamna.optimise.blocks.thermal_unit import Thermal

    Floats = NDArray[np.float64]


def reserve_rules(
    system: System, hours: Hours, done: Schedule, product: Reserve, state: State
) -> Iterator[Broken]:
    """Check one product in every step, upward and downward alike."""
    up, step_h = product.way == "up", hours.steps.hours
    held = _held(done, product)
    room = dict(_room(system, hours, done, up=up))
    for name, mw in held.items():
        yield from above(product.name, _("holds less than nothing"), -mw, 0.0)
        yield from above(f"{product.name}, {name}", _("holds more than it can give"), mw, room[name])
    for name, mw in _in_time(system, done, product, state, step_h):
        if name in held:
            yield from above(f"{product.name}, {name}", _("holds more than comes in time"), held[name], mw)
    for name, mwh in _energy(system, hours, done, state, up=up, duration_h=product.duration_h):
        if name in held:
            needed = product.duration_h * held[name]
            yield from above(
                f"{product.name}, {name}", _("holds more than its energy lasts"), needed, mwh, 1e-3
            )
    total = np.sum([*held.values(), done.columns[f"{product.name}/short"]], axis=0)
    required = hours.reserve_mw.get(product.name, np.float64(0.0))
    yield from above(product.name, _("is less than required"), required, total)
    if np.isfinite(product.short_per_mwh):
        missing = step_h * product.short_per_mwh * done.columns[f"{product.name}/short"]
        yield from apart(product.name, _("costs other than told"), done.cost[product.name], missing, 1e-2)
    if product.largest:
        for name, lost in _losses(system, done, up=up):
            left = total - held.get(name, np.zeros_like(total))
            yield from above(f"{product.name}, {name}", _("is not replaced if it fails"), lost, left)


def _held(done: Schedule, product: Reserve) -> dict[str, Floats]:
    return {
        name.split("/", 1)[1]: mw
        for name, mw in done.columns.items()
        if name.startswith(f"{product.name}/") and name != f"{product.name}/short"
    }


def together_rules(system: System, hours: Hours, done: Schedule, state: State) -> Iterator[Broken]:
    """Check that all products of one direction together fit into what each asset can give."""
    for way in ("up", "down"):
        products = [p for p in system.reserves if p.way == way]
        if len(products) < 2:
            continue
        held = [(p, _held(done, p)) for p in products]
        for name, room in _room(system, hours, done, up=way == "up"):
            every = np.sum([of.get(name, np.zeros(done.count)) for _p, of in held], axis=0)
            yield from above(f"{way}, {name}", _("holds more than it can give"), every, room)
        shortest = min(p.duration_h for p in products)
        for name, mwh in _energy(system, hours, done, state, up=way == "up", duration_h=shortest):
            needed = np.sum([p.duration_h * of.get(name, np.zeros(done.count)) for p, of in held], axis=0)
            yield from above(f"{way}, {name}", _("holds more than its energy lasts"), needed, mwh, 1e-3)


def _room(system: System, hours: Hours, done: Schedule, *, up: bool) -> Iterator[tuple[str, Floats]]:
    at = done.injection_mw[ELECTRICITY]
    for u in system.thermal:
        on = done.columns[f"{u.name}/on"] > 0.5 if u.commits else np.ones(len(at[u.name]), dtype=bool)
        most = np.where(on, u.max_mw * hours.available.get(u.name, np.float64(1.0)), 0.0)
        yield u.name, most - at[u.name] if up else at[u.name] - np.where(on, u.min_mw, 0.0)
    for f in system.fleets:
        least = hours.must_take_mw.get(f.name, np.float64(0.0))
        yield f.name, hours.potential_mw[f.name] - at[f.name] if up else at[f.name] - least
    for b in system.batteries:
        yield b.name, b.discharge_mw - at[b.name] if up else b.charge_mw + at[b.name]
    for e in system.ev_fleets:
        most = (e.discharge_mw if up else e.charge_mw) * hours.plugged[e.name]
        yield e.name, most - at[e.name] if up else most + at[e.name]
    for k in system.links:
        share = hours.available.get(k.name, np.float64(1.0))
        if k.technology == "lcc":
            yield k.name, _without_turning(k, done, at[k.name], up=up)
            continue
        yield (
            k.name,
            (1.0 - k.loss) * k.import_mw * share - at[k.name] if up else k.export_mw * share + at[k.name],
        )
    for p in system.electrolysers:
        load = np.sum([done.columns[f"{p.name}/power_{i}"] for i in range(1, len(p.pieces) + 1)], axis=0)
        on = done.columns[f"{p.name}/on"] > 0.5 if p.commits else np.ones(len(load), dtype=bool)
        yield (
            p.name,
            load - np.where(on, p.min_load * p.power_mw, 0.0) if up else np.where(on, p.power_mw, 0.0) - load,
        )


def _without_turning(link: Link, done: Schedule, net: Floats, *, up: bool) -> Floats:
    """What the poles that are on can give more, or less, in the direction in which they carry, (steps,) [MW]."""
    on = {
        way: np.sum([i * done.columns[f"{link.name}/{way}_{i}"].round() for i in range(1, link.poles + 1)], axis=0)
        for way in ("import", "export")
    }  # fmt: skip
    brings, takes = (
        on["import"] * link.import_mw / link.poles * (1.0 - link.loss),
        on["export"] * link.export_mw / link.poles,
    )
    high = np.where(on["import"] > 0, brings, -_least(link, "export") * takes)
    low = np.where(on["import"] > 0, _least(link, "import") * brings, -takes)
    return np.asarray(high - net if up else net - low)


def _least(link: Link, way: str) -> float:
    own = link.min_export_transfer if way == "export" else None
    return link.min_transfer if own is None else own


def _in_time(
    system: System, done: Schedule, product: Reserve, state: State, step_h: float
) -> Iterator[tuple[str, Floats]]:
    """What ramps let come within the product's response; upward, from what the unit gave before, and from its start."""
    at, up = done.injection_mw[ELECTRICITY], product.way == "up"
    for u in system.thermal:
        ramp = u.ramp_up_mw_per_h if up else u.ramp_down_mw_per_h
        yield u.name, np.full(done.count, ramp * product.response_h)
        if up:
            longest = max(step_h, product.response_h) if np.isfinite(product.response_h) else step_h
            yield u.name, _from_before(u, done, at[u.name], state, longest)
    for p in system.electrolysers:
        yield p.name, np.full(done.count, p.ramp_mw_per_h * product.response_h)


def _from_before(unit: Thermal, done: Schedule, power: Floats, state: State, within_h: float) -> Floats:
    was = state.thermal.get(unit.name, ThermalState())
    on = done.columns[f"{unit.name}/on"] > 0.5 if unit.commits else np.ones(done.count, dtype=bool)
    was_on = np.concatenate([[was.on or not unit.commits], on[:-1]])
    first = was.mw if was.on else np.nan
    before = np.concatenate([[np.inf if np.isnan(first) else first], power[:-1]])
    starts = unit.max_mw if unit.start_mw is None else unit.start_mw
    return np.where(
        on & was_on, before + unit.ramp_up_mw_per_h * within_h - power, np.where(on, starts - power, 0.0)
    )


def _energy(
    system: System, hours: Hours, done: Schedule, state: State, *, up: bool, duration_h: float
) -> Iterator[tuple[str, Floats]]:
    """What energy is left at the end of each step, and, for a product that is shorter, at its beginning."""
    at, step_h = done.injection_mw[ELECTRICITY], hours.steps.hours
    for b in system.batteries:
        level = done.columns[f"{b.name}/level"]
        yield b.name, level * b.discharging if up else (b.energy_mwh - level) / b.charging
        if duration_h < step_h:
            inside = np.concatenate([[state.level_mwh.get(b.name, float(level[-1]))], level[:-1]])
            left = inside * b.discharging if up else (b.energy_mwh - inside) / b.charging
            yield b.name, left + duration_h * at[b.name] * (-1.0 if up else 1.0)
    for e in system.ev_fleets:
        level, size = done.columns[f"{e.name}/level"], e.energy_mwh * hours.plugged[e.name]
        yield e.name, level * e.discharging if up else (size - level) / e.charging
        if duration_h < step_h:
            flows = done.columns[f"{e.name}/charge"], done.columns[f"{e.name}/discharge"]
            inside = level - step_h * (flows[0] * e.charging - flows[1] / e.discharging)
            left = inside * e.discharging if up else (size - inside) / e.charging
            yield e.name, left + duration_h * at[e.name] * (-1.0 if up else 1.0)


def _losses(system: System, done: Schedule, *, up: bool) -> Iterator[tuple[str, Floats]]:
    """What the failure of each asset takes away: a pole where a link has several, equally loaded."""
    at = done.injection_mw[ELECTRICITY]
    if up:
        for u in system.thermal:
            yield u.name, at[u.name]
        for c in system.fuel_cells:
            yield c.name, at[c.name]
    for b in system.batteries:
        yield b.name, done.columns[f"{b.name}/{'discharge' if up else 'charge'}"]
    for k in system.links:
        flow = done.columns[f"{k.name}/{'import' if up else 'export'}"]
        if up and k.technology == "lcc":
            counts = [i * done.columns[f"{k.name}/import_{i}"].round() for i in range(1, k.poles + 1)]
            poles = np.maximum(np.sum(counts, axis=0), 1.0)
            yield k.name, (1.0 - k.loss) * flow / poles
        else:
            yield k.name, (1.0 - k.loss) * flow if up else flow
    if not up:
        for name in (*(m.name for m in system.shiftable), *(c.name for c in system.interruptible)):
            yield name, -at[name]
        for name in (
            *(p.name for p in system.electrolysers),
            *(n.name for n in system.loads if n.bus == ELECTRICITY),
        ):
            yield name, -at[name]
