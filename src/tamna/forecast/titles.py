"""What each target is called, in the reader's language."""

from __future__ import annotations

from tamna.lang import Message, _

TARGETS: dict[str, Message] = {
    "demand": _("Electricity demand"),
    "wind": _("Wind that could be made"),
    "wind_delivered": _("Wind delivered"),
    "pv": _("PV that could be made"),
    "pv_delivered": _("PV delivered"),
    "net_load": _("Load less wind and PV"),
    "price": _("Price a day ahead (SMP)"),
    "price_rt": _("Price in real time"),
}
READINGS: dict[str, Message] = {"demand": _("demand"), "wind": _("wind"), "pv": _("PV")}
"""What meters show and a nowcast moves."""


def title(name: str) -> Message:
    """Give a target's name in words; what has none is its own word."""
    return TARGETS.get(name, Message(name))


def reading_title(name: str) -> Message:
    """Give the name of what a meter shows."""
    return READINGS.get(name, Message(name))
