"""What tamna's dispatch cannot take of a network whatever it is connected to: kinds, periods, capacities to be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _

if TYPE_CHECKING:
    from tamna.dispatch.interchange.view import View

NOT_TAKEN = ("Line", "Transformer", "ShuntImpedance", "Process")
SIZED = {"Generator": "p_nom", "Link": "p_nom", "StorageUnit": "p_nom", "Store": "e_nom"}
IDLE: dict[str, dict[str, float]] = {
    "Generator": {
        "marginal_cost_quadratic": 0.0, "shut_down_cost": 0.0, "p_set": np.nan, "e_sum_min": -np.inf, "e_sum_max": np.inf,
        "sign": 1.0, "maintainable": 0.0,
    },
    "Link": {
        "marginal_cost_quadratic": 0.0, "shut_down_cost": 0.0, "stand_by_cost": 0.0, "p_set": np.nan, "delay": 0.0,
        "maintainable": 0.0,
    },
    "StorageUnit": {
        "marginal_cost_quadratic": 0.0, "marginal_cost_storage": 0.0, "p_set": np.nan, "p_dispatch_set": np.nan,
        "p_store_set": np.nan, "state_of_charge_set": np.nan, "standing_loss": 0.0, "inflow": 0.0, "sign": 1.0,
    },
    "Store": {
        "marginal_cost": 0.0, "marginal_cost_quadratic": 0.0, "marginal_cost_storage": 0.0, "p_set": np.nan, "e_set": np.nan,
        "standing_loss": 0.0, "e_min_pu": 0.0, "e_max_pu": 1.0, "sign": 1.0,
    },
    "Load": {"sign": -1.0},
}  # fmt: skip
"""Attributes that only leave the dispatch alone at these values."""


def refuse_general(view: View) -> float:
    """Note all of it; gives the length of a step [h]."""
    network = view.network
    for kind in NOT_TAKEN:
        for row in view.rows(kind):
            row.refuse(
                "bus0" if kind != "ShuntImpedance" else "bus",
                _("tamna has one bus of electricity: no grid within it"),
                todo=_("Cluster the network to one bus first."),
            )
    for kind, size in SIZED.items():
        for row in view.rows(kind):
            if row.flag(f"{size}_extendable"):
                row.refuse(
                    f"{size}_extendable", _("its capacity is still to be chosen; tamna dispatches what stands"),
                    todo=_("Fix it first: network.optimize.fix_optimal_capacities()."),
                )  # fmt: skip
    for kind, idle in IDLE.items():
        for row in view.rows(kind):
            row.none_of(idle, _("tamna has no word for it"))
        _piecewise(view, kind)
    _ports(view)
    if getattr(network, "has_scenarios", False):
        view.refuse(
            "Network", "", "scenarios", _("a stochastic network"), todo=_("Take one scenario out of it.")
        )
    if len(getattr(network, "investment_periods", ())):
        view.refuse("Network", "", "investment_periods", _("a network of several years of investment"),
                    todo=_("Take the snapshots of one period out of it."))  # fmt: skip
    return _step_h(view)


def _piecewise(view: View, kind: str) -> None:
    for attribute, table in getattr(view.network.c[kind], "piecewise", {}).items():
        for name in {str(c[0] if isinstance(c, tuple) else c) for c in getattr(table, "columns", ())}:
            view.refuse(
                kind, name, str(attribute), _("a curve by pieces; tamna's own travel in the network's meta")
            )


def _ports(view: View) -> None:
    """Refuse links with a third end."""
    for column in view.table("Link").columns:
        if column.startswith("bus") and column not in {"bus0", "bus1"}:
            for row in view.rows("Link"):
                if row.text(column):
                    row.refuse(column, _("a link with a third end"))


def _step_h(view: View) -> float:
    weights = view.network.snapshot_weightings.to_numpy(dtype=float)
    if not len(weights):
        view.refuse("Network", "", "snapshots", _("there are none"), todo=_("Set its snapshots."))
        return 1.0
    if np.ptp(weights) > 1e-12:
        view.refuse(
            "Network", "", "snapshot_weightings", _("steps of tamna are equally long, and weigh as they last"),
            seen=f"{weights.min():g}..{weights.max():g}", todo=_("Give all weightings the length of a step in hours."),
        )  # fmt: skip
    return float(weights[0, 0])
