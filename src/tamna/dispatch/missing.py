"""Profiles that assets need and the hours do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.errors import Mistake, Place
from tamna.lang import _
from tamna.optimise.blocks import curtailable, link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.dispatch.system import Hours, System


def missing(system: System, hours: Hours) -> Iterator[Mistake]:
    """Find links without a price of the other side, and fleets without a potential."""
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
