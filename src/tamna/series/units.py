"""The few unit changes the store makes by itself, in one table.

Power averaged over an interval and energy summed over it are the same fact:
``E [MWh] = P [MW] * resolution_s / 3600``. Instants are not: they become hours in `align`.
"""

from __future__ import annotations

import re

from tamna.sources.block import Kind

# unit -> (unit it is kept in, divide by)
_KEPT: dict[str, tuple[str, float]] = {
    "W": ("MW", 1e6),
    "kW": ("MW", 1e3),
    "GW": ("MW", 1e-3),
    "Wh": ("MWh", 1e6),
    "kWh": ("MWh", 1e3),
    "GWh": ("MWh", 1e-3),
    "KRW/MWh": ("KRW/kWh", 1e3),
}


def kept(unit: str) -> tuple[str, float]:
    """Name the unit that values in `unit` are kept in, and what to divide them by."""
    return _KEPT.get(unit, (unit, 1.0))


def factor(  # noqa: PLR0917  (from three, to three: the order is the meaning)
    unit: str, kind: Kind, resolution_s: int, to_unit: str, to_kind: Kind, to_resolution_s: int
) -> float | None:
    """Give what to multiply by to say the same in another unit, or None where it is not the same fact."""
    if resolution_s != to_resolution_s:
        return None
    (unit, divide), (to_unit, to_divide) = kept(unit), kept(to_unit)
    hours = resolution_s / 3600
    if (unit, kind) == (to_unit, to_kind):
        return to_divide / divide
    if (unit, kind, to_unit, to_kind) == ("MW", Kind.MEAN, "MWh", Kind.SUM):
        return hours * to_divide / divide
    if (unit, kind, to_unit, to_kind) == ("MWh", Kind.SUM, "MW", Kind.MEAN):
        return to_divide / divide / hours
    return None


_WORDS = {"%": "percent", "": "value"}


def slug(unit: str) -> str:
    """Write a unit as part of a column name: ``mwh``, ``krw_per_kwh``, ``m_per_s``, ``percent``.

    Examples
    --------
    >>> slug("KRW/kWh")
    'krw_per_kwh'
    """
    text = _WORDS.get(unit, unit).replace("/", "_per_").lower()
    return re.sub(r"[^a-z0-9_]+", "_", text).strip("_") or "value"
