"""Links and balances of a book in words and tables, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.ledger.residual import residual
from tamna.serve.cli.out import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamna.ledger.state import State

__all__ = ["across", "across_text", "audited_across"]


def across(state: State) -> dict[str, Any]:
    """Collect what links carried and how zones balance, as JSON would carry it. [Wh]"""
    ways = [
        {
            "link": name,
            "from": link.ends[way],
            "to": link.ends[1 - way],
            "intervals": len(flow.start),
            "estimated": int(flow.estimated.sum()),
            "sent_wh": int(flow.sent_wh.sum(dtype=np.int64)),
            "delivered_wh": int(flow.delivered_wh.sum(dtype=np.int64)),
            "used_wh": int(flow.used_wh.sum(dtype=np.int64)),
        }
        for name, link in state.links.items()
        for way, flow in enumerate(state.flows[name])
    ]
    zones = []
    for zone, balance in state.balances.items():
        mix = residual(state, zone, balance.rows["start"])
        zones.append(
            {
                "zone": zone,
                "intervals": len(balance.rows),
                "under_review": int((~balance.stands).sum()),
                "tolerance_permille": int(balance.tolerance_permille.max(initial=0)),
                "used_wh": int(mix.total_wh.sum()),
                "claimed_wh": int(mix.claimed_wh.sum()),
                "residual_wh": int(mix.residual_wh.sum()),
            }
        )
    return {"links": ways, "balances": zones}


def across_text(found: Mapping[str, Any]) -> list[str]:
    """Lay out what links carried and how zones balance; nothing where the book has neither."""
    lines = []
    if found["links"]:
        heads = (
            _("link"),
            _("from"),
            _("to"),
            _("intervals"),
            _("sent [Wh]"),
            _("delivered [Wh]"),
            _("used [Wh]"),
        )
        rows = [
            (w["link"], w["from"], w["to"], w["intervals"], f"{w['sent_wh']:,}", f"{w['delivered_wh']:,}",
             f"{w['used_wh']:,}")
            for w in found["links"]
        ]  # fmt: skip
        lines += ["", table(map(str, heads), rows)]
    if found["balances"]:
        names = (
            _("zone"),
            _("intervals"),
            _("under review"),
            _("used [Wh]"),
            _("claimed [Wh]"),
            _("residual mix [Wh]"),
        )
        sums = [
            (z["zone"], z["intervals"], z["under_review"], f"{z['used_wh']:,}", f"{z['claimed_wh']:,}",
             f"{z['residual_wh']:,}")
            for z in found["balances"]
        ]  # fmt: skip
        lines += ["", table(map(str, names), sums)]
    return lines


def audited_across(state: State) -> list[str]:
    """Say what an audit counted again of links and balances."""
    found = across(state)
    lines = [
        str(
            _("{link}, {first} to {second}: {used:,} Wh of {sent:,} Wh sent are used, and no interval beyond it",
              link=way["link"], first=way["from"], second=way["to"], used=way["used_wh"], sent=way["sent_wh"])
        )
        for way in found["links"]
        if way["intervals"]
    ]  # fmt: skip
    for zone in found["balances"]:
        lines.append(
            str(
                _("{zone}: the balance closes within {permille} in 1000 in {n} intervals; {left:,} Wh of {used:,} Wh"
                  " are the residual mix", zone=zone["zone"], permille=zone["tolerance_permille"],
                  n=zone["intervals"] - zone["under_review"], left=zone["residual_wh"], used=zone["used_wh"])
            )
        )  # fmt: skip
        if zone["under_review"]:
            lines.append(
                str(_("{zone}: {n} intervals of the balance are under review; the residual mix is unavailable there",
                      zone=zone["zone"], n=zone["under_review"]))
            )  # fmt: skip
    zones = {w["from"] for w in found["links"]} - {z["zone"] for z in found["balances"]}
    lines += [
        str(_("{zone}: no balance was metered; its residual mix is unavailable", zone=zone))
        for zone in sorted(zones)
    ]
    return lines
