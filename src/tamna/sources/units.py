"""Units as files write them, and how to reach the house's units from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.sources.sheet import unit_of

if TYPE_CHECKING:
    from tamna.sources.log import Log

# factor and offset: house value = file value * factor + offset
KNOWN: dict[str, dict[str, tuple[float, float]]] = {
    "MWh": {"mwh": (1, 0), "kwh": (1e-3, 0), "gwh": (1e3, 0), "wh": (1e-6, 0)},
    "MW": {"mw": (1, 0), "kw": (1e-3, 0), "gw": (1e3, 0), "w": (1e-6, 0)},
    "KRW/kWh": {
        "krw/kwh": (1, 0),
        "원/kwh": (1, 0),
        "₩/kwh": (1, 0),
        "krw/mwh": (1e-3, 0),
        "원/mwh": (1e-3, 0),
    },
    "degC": {
        "°c": (1, 0),
        "degc": (1, 0),
        "c": (1, 0),
        "℃": (1, 0),
        "k": (1, -273.15),
        "°f": (5 / 9, -160 / 9),
    },
    "m/s": {"m/s": (1, 0), "km/h": (1 / 3.6, 0), "kn": (0.514444, 0), "mph": (0.44704, 0)},
    "%": {"%": (1, 0), "1": (100, 0), "10분위": (10, 0)},
    "hPa": {"hpa": (1, 0), "pa": (1e-2, 0), "kpa": (10, 0), "mbar": (1, 0)},
    "W/m2": {
        "w/m2": (1, 0),
        "w/m²": (1, 0),
        "kw/m2": (1e3, 0),
        "mj/m2": (1e6 / 3600, 0),
        "j/m2": (1 / 3600, 0),
    },
    "mm": {"mm": (1, 0), "cm": (10, 0), "m": (1e3, 0)},
    "mm/h": {"mm/h": (1, 0)},
    "m": {"m": (1, 0), "km": (1e3, 0), "10m": (10, 0), "100m": (100, 0)},
    "cm": {"cm": (1, 0), "mm": (0.1, 0), "m": (100, 0)},
    "h": {"h": (1, 0), "hr": (1, 0), "min": (1 / 60, 0), "s": (1 / 3600, 0)},
    "deg": {"deg": (1, 0), "°": (1, 0), "16방위": (1, 0), "rad": (57.29577951308232, 0)},
    "1": {"1": (1, 0), "%": (0.01, 0), "-": (1, 0)},
}


def factor_to(log: Log, name: str, unit: str) -> float:
    """Give the factor from the unit in a column's brackets to `unit`; without brackets 1, and a note."""
    stated = unit_of(name).replace(" ", "")
    if not stated:
        log.note(f"{name}: no unit stated, taken as {unit}")
        return 1.0
    found = KNOWN[unit].get(stated)
    if found is None:
        log.wrong(
            _("a unit that is not one of {units}", units=", ".join(KNOWN[unit])),
            column=name,
            seen=stated,
            todo=_("Correct the unit in the header."),
        )
        return 1.0
    if found[0] != 1:
        log.note(f"{name}: {stated} converted to {unit}")
    return found[0]
