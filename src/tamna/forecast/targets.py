"""What can be forecast, by name: one place where a target is found. A new target is a line here.

=================  ==========================================================================================
name               what
=================  ==========================================================================================
``demand``         system demand
``wind``           what the wind fleet could give (potential)
``wind_delivered`` what it delivers, curtailment in it
``pv``             what the PV fleet could give (potential)
``pv_delivered``   what it delivers
``net_load``       demand less delivered wind and PV
``price``          day-ahead system marginal price
``price_rt``       real-time price, negative values in it
=================  ==========================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.errors import UsageError
from tamna.forecast.jeju import (
    demand_target,
    net_load_target,
    pv_delivered_target,
    pv_target,
    wind_delivered_target,
    wind_target,
)
from tamna.forecast.price import price_rt_target, price_target
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamna.forecast.target import Target

TARGETS: dict[str, Callable[[], Target]] = {
    "demand": demand_target,
    "wind": wind_target,
    "wind_delivered": wind_delivered_target,
    "pv": pv_target,
    "pv_delivered": pv_delivered_target,
    "net_load": net_load_target,
    "price": price_target,
    "price_rt": price_rt_target,
}


def target_named(name: str) -> Target:
    """Give a target by its name.

    Raises
    ------
    UsageError
        There is none of that name.

    Examples
    --------
    >>> target_named("demand").unit
    'MW'
    """
    if name not in TARGETS:
        raise UsageError(
            _("no such forecast target"),
            seen=name,
            todo=_("Choose from: {names}.", names=", ".join(TARGETS)),
        )
    return TARGETS[name]()
