"""The hourly table: one row an hour, for pandas, spreadsheets and scripts.

Columns: ``valid_at`` (UTC start of the hour), ``demand_mwh``, one ``<class>_mwh`` for every class with
data, ``import_mwh`` and ``export_mwh`` where measured, ``share_<boundary>_<rule>`` for every export
rule [-], and ``flags``: what is known against the hour, in words, such as
``missing:wind;estimated:pv_btm``; empty where nothing is.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import numpy as np
import pandas as pd

from tamna.grid.rules import Rule
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.measure.island import Column
    from tamna.measure.shares import Measurement

WORDS = (
    (Flag.MISSING, "missing"),
    (Flag.ESTIMATED, "estimated"),
    (Flag.SUSPECT, "suspect"),
    (Flag.COVERAGE, "coverage"),
    (Flag.IMPLIED, "implied"),
)


def hours_table(m: Measurement) -> pd.DataFrame:
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
        | shares
        | {"flags": flag_words(columns, m.supply.answered & ~m.supply.measured)}
    )


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


def write_hours(m: Measurement, target: Path | IO[str]) -> None:
    """Write the hourly table as CSV: UTC as ``2023-01-01T00:00Z``, empty where not measured."""
    table = hours_table(m)
    table["valid_at"] = np.char.add(np.datetime_as_string(m.hours.valid_at, unit="m"), "Z")
    table.to_csv(target, index=False, lineterminator="\n", float_format="%.10g")
