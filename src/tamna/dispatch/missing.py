"""Profiles that assets need and the hours do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.errors import Mistake, Place
from tamna.lang import _
from tamna.optimise.blocks import curtailable, demand, ev, interruptible, link, shiftable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.dispatch.system import Hours, System


def missing(system: System, hours: Hours) -> Iterator[Mistake]:
    """Find links without a price of the other side, fleets without a potential, loads and vehicles without a profile."""
    prices = {"import_price": hours.import_price, "export_price": hours.export_price}
    for figure, by_link in prices.items():
        for name in sorted({k.name for k in system.links} - by_link.keys()):
            yield Mistake(
                what=_("a link to nowhere: no price of the other side is given"),
                where=Place(path=f"{link.KIND} '{name}', {figure}"),
                todo=_("Give its price by hour in Hours.{figure}, or leave the link out.", figure=figure),
            )
    for name in sorted({f.name for f in system.fleets} - hours.potential_mw.keys()):
        yield Mistake(
            what=_("nobody says what the weather allows"),
            where=Place(path=f"{curtailable.KIND} '{name}', potential_mw"),
            todo=_("Give its potential by hour in Hours.potential_mw, or leave the fleet out."),
        )
    yield from _loads(system, hours)


def _loads(system: System, hours: Hours) -> Iterator[Mistake]:
    for kind, names in (
        (shiftable.KIND, [m.name for m in system.shiftable]),
        (interruptible.KIND, [c.name for c in system.interruptible]),
        (demand.KIND, [load.name for load in system.loads]),
    ):
        for name in sorted(set(names) - hours.load_mw.keys()):
            yield Mistake(
                what=_("nobody says what this load would take"),
                where=Place(path=f"{kind} '{name}', load_mw"),
                todo=_("Give it by hour in Hours.load_mw, or leave the load out."),
            )
    for figure, by_fleet in (
        ("plugged", hours.plugged),
        ("arriving", hours.arriving),
        ("leaving", hours.leaving),
    ):
        for name in sorted({e.name for e in system.ev_fleets} - by_fleet.keys()):
            yield Mistake(
                what=_("nobody says which vehicles are there"),
                where=Place(path=f"{ev.KIND} '{name}', {figure}"),
                todo=_(
                    "Give its share of the fleet by hour in Hours.{figure}, or leave the fleet out.",
                    figure=figure,
                ),
            )
