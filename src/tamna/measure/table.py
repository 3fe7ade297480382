"""The hourly table: one row an hour, for pandas, spreadsheets and scripts.

Columns: ``valid_at`` (UTC start of the hour), ``demand_mwh``, one ``<class>_mwh`` for every class with
data, ``import_mwh`` and ``export_mwh`` where measured, ``share_<boundary>_<rule>`` for every export
rule [-], and ``flags``: what is known against the hour, in words, such as
``missing:wind;estimated:pv_btm``; empty where nothing is. An estimated class with bounds has
``<class>_low_mwh`` and ``<class>_high_mwh`` beside it, among them ``wind_missing_estimated_mwh`` and
``pv_missing_estimated_mwh``: what plants made that have left the settled series. PV behind the meter stands
under ``pv_behind_the_meter_estimated_mwh``, ``..._low_mwh`` and ``..._high_mwh`` too. With an estimate of lost wind also
``wind_potential_mw`` and ``wind_curtailment_estimated_mwh``, each with ``_p10_`` and ``_p90_`` before its unit,
``curtailment_likelihood``, one ``curtailment_<class>_mwh`` for each class, and
``curtailment_unavailable``: why the hour could not be judged, in a word; empty where it was.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import numpy as np
import pandas as pd

from tamna.grid.rules import Rule
from tamna.measure.lost import Why
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.measure.island import Column
    from tamna.measure.lost import Lost
    from tamna.measure.shares import Measurement

WORDS = (
    (Flag.MISSING, "missing"),
    (Flag.ESTIMATED, "estimated"),
    (Flag.SUSPECT, "suspect"),
    (Flag.COVERAGE, "coverage"),
    (Flag.IMPLIED, "implied"),
)


def hours_table(m: Measurement, lost: Lost | None = None) -> pd.DataFrame:
    """Give every hour of a measurement as one row; the columns stand at the head of this file.

    Balance estimates of the links show as ``estimated:exchange`` in the hours that have one.
    """
    columns = {name: column for name, column in m.hours.columns.items() if name == "demand" or column.held}
    shares = {
        f"share_{b.name}_{rule}": m.hourly(b.name, rule)
        for b in m.boundaries
        for rule in Rule
        if rule in m.measures
    }
    return pd.DataFrame(
        {"valid_at": pd.DatetimeIndex(m.hours.valid_at).tz_localize("UTC")}
        | {f"{name}_mwh": column.mwh for name, column in columns.items()}
        | bounds(m)
        | shares
        | {"flags": flag_words(columns, m.supply.answered & ~m.supply.measured)}
        | ({} if lost is None else lost_columns(lost))
    )


def bounds(m: Measurement) -> dict[str, NDArray[np.float64]]:
    """Give the bounds of every hour of the estimated classes that have some, and PV behind the meter by its full name."""
    found: dict[str, NDArray[np.float64]] = {}
    for c in m.hours.classes:
        within = c.column.within
        if within is None or not c.column.held:
            continue
        name = c.name
        if (c.group, c.metering) == ("pv", "behind_the_meter"):
            name = "pv_behind_the_meter_estimated"
            found[f"{name}_mwh"] = c.column.mwh
        found |= {f"{name}_low_mwh": within.low, f"{name}_high_mwh": within.high}
    return found


def lost_columns(lost: Lost) -> dict[str, NDArray[np.float64] | NDArray[np.object_]]:
    """Give the estimate of lost wind as columns, empty where the hour could not be judged."""
    low, high = lost.interval()
    words = np.array([w.name.lower() if w else "" for w in Why], dtype=object)
    return {
        "wind_potential_mw": lost.potential_mw,
        "wind_potential_p10_mw": lost.potential_p10_mw,
        "wind_potential_p90_mw": lost.potential_p90_mw,
        "wind_curtailment_estimated_mwh": lost.estimated_mwh,
        "wind_curtailment_estimated_p10_mwh": low,
        "wind_curtailment_estimated_p90_mwh": high,
        "curtailment_likelihood": lost.likelihood,
        **{f"curtailment_{kind}_mwh": mwh for kind, mwh in lost.kinds.items()},
        "curtailment_unavailable": words[lost.why],
    }


def flag_words(columns: dict[str, Column], by_balance: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Put the flags of each hour into words, (hours,): ``missing:wind;estimated:pv_btm``.

    Hours with the same flags share their text, so it is worked out once for each combination.
    """
    codes = np.zeros(len(by_balance), dtype=np.int64)
    rows = [*(column.flag for column in columns.values()), by_balance.astype(np.uint16)]
    for row in rows:
        _values, codes = np.unique(codes * 65536 + row, return_inverse=True)
    _codes, first, which = np.unique(codes, return_index=True, return_inverse=True)
    texts = [_words(columns, int(at), exchange=bool(by_balance[at])) for at in first]
    return np.array(texts, dtype=object)[which]


def _words(columns: dict[str, Column], at: int, *, exchange: bool) -> str:
    said = [
        f"{word}:{name}"
        for bit, word in WORDS
        for name, column in columns.items()
        if int(column.flag[at]) & int(bit)
    ]
    return ";".join([*said, "estimated:exchange"] if exchange else said)


def write_hours(m: Measurement, target: Path | IO[str], lost: Lost | None = None) -> None:
    """Write the hourly table as CSV: UTC as ``2023-01-01T00:00Z``, empty where not measured."""
    table = hours_table(m, lost)
    table["valid_at"] = np.char.add(np.datetime_as_string(m.hours.valid_at, unit="m"), "Z")
    table.to_csv(target, index=False, lineterminator="\n", float_format="%.10g")
