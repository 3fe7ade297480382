"""Figures of a page as texts, from whole numbers: shares rounded down, carbon rounded up, the same as ``verify.js`` makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["percent", "says_batch"]

_MJ_OF_100_KG = 11_996  # by the lower heating value [MJ]


def percent(part: int, whole: int) -> str:
    """Write a share with one decimal, rounded down.

    Examples
    --------
    >>> percent(9999, 10000), percent(1, 3)
    ('99.9%', '33.3%')
    """
    thousandths = part * 1000 // whole
    return f"{thousandths // 10}.{thousandths % 10}%"


def says_batch(subject: Mapping[str, Any]) -> dict[str, str]:
    """Give every text of a batch of hydrogen: by each count its share, carbon, tier and the EU's limit; and the routes.

    What holds over the whole range of the grid's factor is one text, else both ends stand with a dash between: a tier
    that is written ``2–3`` is indicative. ``×`` is no tier, or a limit that is not kept.
    """
    part = subject["hydrogen"]
    load = sum(sum(column) for column in part["routes"].values())
    found = {
        "kwh_per_kg": _tenths(-(-part["wh_per_kg"] // 100)),
        "factor": _range(part["grid_mg_per_kwh"], lambda v: str(-(-v // 1000))),
    }
    for name, one in part["result"].items():
        whole = subject["score"]["load"] if name == "claimed" else load
        found |= {
            f"{name}_share": percent(one["renewable"], whole),
            f"{name}_kg": _range(one["g_per_kg"], _kilograms),
            f"{name}_mj": _range(one["g_per_kg"], lambda g: _tenths(-(-g * 1000 // _MJ_OF_100_KG))),
            f"{name}_tier": _range(one["tier"], lambda n: str(n) if n else "×"),
            f"{name}_eu": _range(one["within_eu"], lambda v: "✓" if v else "×"),
        }
    return found | {f"route_{name}": percent(sum(column), load) for name, column in part["routes"].items()}


def _range(values: Iterable[Any], text: Callable[[Any], str]) -> str:
    return "–".join(dict.fromkeys(text(v) for v in values))


def _tenths(number: int) -> str:
    return f"{number // 10}.{number % 10}"


def _kilograms(grams: int) -> str:
    cents = -(-grams // 10)
    return f"{cents // 100}.{cents % 100:02d}"
