"""``tamna nowcast ISLAND``: the next hours from the latest readings, step by step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from tamna.errors import UsageError
from tamna.forecast.titles import reading_title
from tamna.grid import load_island
from tamna.grid.clock import parse_moment, to_local
from tamna.lang import _
from tamna.runs import open_store
from tamna.runs.nowcasting import MOST_HOURS, Nowcast, nowcast
from tamna.serve.cli.options import Issue, MaybeIsland, option
from tamna.serve.cli.out import Json, StoreAt, emit, fits_location, progress, store_location, table

if TYPE_CHECKING:
    from tamna.forecast.product import TargetForecast

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
_SECONDS = {"min": 60, "m": 60, "h": 3600}


@app.command(
    help=str(
        _(
            "Forecast the next hours from the latest readings, in steps of 5 or 15 minutes, blended into the day-ahead."
        )
    )
)
def main(
    island: MaybeIsland = "jeju",
    issue: Issue = "",
    step: Annotated[str, option("--step", _("length of a step"), "5min|15min|1h")] = "5min",
    horizon: Annotated[str, option("--horizon", _("how far, at most 6h"), "HOURS")] = "6h",
    target: Annotated[
        str, option("--target", _("any of demand,wind,pv, with commas between"))
    ] = "demand,wind,pv",
    seed: Annotated[int, option("--seed", _("of the learners"))] = 0,
    hourly: Annotated[
        bool, option("--hourly", _("the day-ahead's hours with the nowcast blended in"))
    ] = False,
    store: StoreAt = "",
    json: Json = False,
) -> None:
    """Nowcast an island."""
    found = load_island(island)
    moment = parse_moment(issue, found.timezone) if issue else np.datetime64("now", "s")
    length, reach = seconds(step, "--step"), seconds(horizon, "--horizon")
    place = store_location(store)
    names = [name.strip() for name in target.split(",") if name.strip()]
    with progress(str(_("looking at the latest readings"))) as advance:
        done = nowcast(
            open_store(place, found), found, names, issue=moment, horizon_h=reach / 3600, step_s=length,
            seed=seed, shelf=fits_location(place), advance=advance,
        )  # fmt: skip
    body = done.blended.as_dict() if hourly else done.as_dict()
    emit("nowcast", body, lambda: as_text(done, hourly=hourly), as_json=json)


def seconds(text: str, option: str) -> int:
    """Read ``5min``, ``2h`` or ``1.5h``.

    Raises
    ------
    UsageError
        It is no length of time.

    Examples
    --------
    >>> seconds("15min", "--step")
    900
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(min|m|h)", text.strip())
    if found is None:
        raise UsageError(
            _("{option} is no length of time", option=option),
            seen=text,
            todo=_("Write such as 5min, 15min or {n}h.", n=MOST_HOURS),
        )
    return round(float(found[1]) * _SECONDS[found[2]])


def as_text(done: Nowcast, *, hourly: bool = False) -> str:
    """Lay out the middle and the 80 % band of each step, then what must be known before using them."""
    shown = done.blended if hourly else done.forecast
    local = to_local(shown.stamps, shown.timezone)
    headings = [str(_("step")), *(f"{reading_title(n)}, {t.unit}" for n, t in shown.targets.items())]
    bands = {n: [shown.at(n, level) for level in (0.1, 0.5, 0.9)] for n in shown.targets}
    rows = [
        [str(stamp)[5:16].replace("T", " "), *(_cell(bands[n], i, t) for n, t in shown.targets.items())]
        for i, stamp in enumerate(local)
    ]
    return "\n".join([table(headings, rows), *_notes(done)])


def _cell(band: list[Any], i: int, target: TargetForecast) -> str:
    low, middle, high = (b[i] for b in band)
    if not np.isfinite(middle):
        return "-"
    mark = "" if target.hour_model[i] == "nowcast" else "~"
    return f"{middle:,.1f}{mark} ({low:,.1f}..{high:,.1f})"


def _notes(done: Nowcast) -> list[str]:
    reasons = {
        f"{reading_title(name)}: {reason}"
        for name, t in done.forecast.targets.items()
        for reason in t.hour_reason
        if reason is not None
    }
    lines = [str(_("~ is the day-ahead alone; in brackets the 80 % band"))]
    return [*lines, *(f"~ {r}" for r in sorted(reasons)), *(str(n) for n in done.forecast.notes)]
