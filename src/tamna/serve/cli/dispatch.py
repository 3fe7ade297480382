"""``tamna dispatch ISLAND``: what should run, what it comes to, why, and what would differ with other plant."""

from __future__ import annotations

import json as text_json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from tamna.dispatch.nearest import NoSchedule
from tamna.dispatch.published import TELLINGS
from tamna.dispatch.whatif import WhatIf
from tamna.errors import UsageError
from tamna.grid.clock import parse_period
from tamna.lang import _, language
from tamna.runs import open_store
from tamna.runs.dispatching import Asked, case_of, dispatched, island_of, lp_of
from tamna.serve.cli import nearest_text
from tamna.serve.cli.dispatch_text import as_text
from tamna.serve.cli.options import MaybeIsland, option
from tamna.serve.cli.out import From, Json, StoreAt, To, emit, fits_location, plain, progress, store_location
from tamna.serve.dispatch_words import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamna.dispatch.pglib import Model
    from tamna.dispatch.published import Telling
    from tamna.grid import Island
    from tamna.grid.clock import Period
    from tamna.runs.dispatch_hours import Potential
    from tamna.runs.dispatching import Dispatched
    from tamna.runs.drilling import Drilled
    from tamna.series import Store

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
PERFECT = "perfect"
DRILL = _(
    "let the largest link or unit fail in each hour, or one pole, with stores and without: what is shed"
)
POTENTIALS: tuple[Potential, ...] = ("published", "estimated")


@app.command(
    help=str(
        _(
            "Commit and dispatch an island over a past period, two days ahead and a day at a time, with its demand,"
            " wind and sun known: cost, fuel, starts, carbon, what was held back and why."
        )
    )
)
def main(
    island: MaybeIsland = "",
    start: From = "",
    end: To = "",
    added: Annotated[
        list[str] | None,
        option(
            "--with",
            _(
                "what if there were more: battery:100MW/400MWh, electrolyser:30MW, wind:50MW, pv:50MW, link:200MW,"
                " ev:10000, ev:50MW/400MWh/v2g, condenser:50MVA"
            ),
            "WHAT",
        ),
    ] = None,
    without: Annotated[
        list[str] | None, option("--without", _("what if it were not there: link:hvdc1"), "ASSET")
    ] = None,
    outage: Annotated[
        list[str] | None,
        option("--outage", _('what if it failed: "thermal:jeju-cc 2024-01-25 06:00..18:00"'), "WHEN"),
    ] = None,
    potential: Annotated[
        str,
        option(
            "--potential",
            _("what wind could have given: what is published as held back on top, or the weather's"),
            "published|estimated",
        ),
    ] = "published",
    floor: Annotated[
        str,
        option(
            "--floor",
            _(
                "who tells what must-run units and links carry at least: other years alone; with them this period's days"
                " before, its hours before, or, looking back, all other hours (the default, but for a forecast)"
            ),
            "other-years|days-before|hours-before|other-hours",
        ),
    ] = "",
    forecast: Annotated[
        str,
        option(
            "--forecast",
            _("what the plan of each day knew: all (perfect), or a forecast; the day then comes as it came"),
            "perfect|tamna|operator|operator-debiased|persistence",
        ),
    ] = PERFECT,
    paths: Annotated[
        int,
        option(
            "--paths",
            _("with --forecast tamna: decide the day before on so many paths of the forecast, not on its median"),
            "N",
        ),
    ] = 0,
    cvar: Annotated[
        str,
        option(
            "--cvar",
            _("with --paths: what the worst paths weigh; 0.9:0.3 gives the worst tenth of them 30 % of the cost"),
            "LEVEL:WEIGHT",
        ),
    ] = "",
    worth: Annotated[
        bool, option("--worth/--no-worth", _("with a forecast: live the days after other forecasts as well"))
    ] = True,
    reserve: Annotated[
        bool, option("--reserve/--no-reserve", _("hold reserve for the largest in-feed"))
    ] = True,
    exact: Annotated[bool, option("--exact", _("search each window to the gap, which takes longer"))] = False,
    gap: Annotated[float, option("--gap", _("of the search, over the cost"))] = 1e-3,
    limit: Annotated[
        float, option("--time-limit", _("of each search; the best so far counts"), "SECONDS")
    ] = 60.0,
    write_lp: Annotated[
        Path | None, option("--write-lp", _("leave the whole period as LP text"), "FILE")
    ] = None,
    out: Annotated[
        Path | None, option("--out", _("leave dispatch.html and dispatch.json here"), "DIR")
    ] = None,
    pglib: Annotated[
        Path | None,
        option("--pglib", _("solve an instance of the Power Grid Library (PGLib-UC) instead"), "FILE"),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            help=str(
                _(
                    "with --pglib, whose rules the schedule keeps: its model.pdf, or unitcommitment.jl, which leaves"
                    " reserve out of the limit of a stop; either: the first where such a schedule is found within the"
                    " gap, else the second, and the answer says which"
                )
            ),
        ),
    ] = "either",
    with_drill: Annotated[
        bool,
        option("--drill", DRILL),
    ] = False,
    from_pypsa: Annotated[
        Path | None, option("--from-pypsa", _("solve a network of PyPSA (netCDF) whole instead"), "FILE")
    ] = None,
    to_pypsa: Annotated[
        Path | None, option("--to-pypsa", _("leave the whole period as a network of PyPSA (netCDF)"), "FILE")
    ] = None,
    store: StoreAt = "",
    json: Json = False,
) -> None:  # fmt: skip
    """Dispatch an island, an instance of PGLib-UC, or a network of PyPSA."""
    if pglib is not None:
        _instance(pglib, gap, limit, model, json=json)
        return
    if from_pypsa is not None:
        from tamna.serve.cli.network import network

        network(from_pypsa, gap, limit, out, json=json)
        return
    if not (island and start and end):
        raise UsageError(
            _("what is to be dispatched is not named"),
            todo=_(
                "Name an island and a period (tamna dispatch jeju --from DATE --to DATE), or give --pglib FILE."
            ),
        )
    loop = forecast != PERFECT or bool(paths or cvar)
    floor = floor or ("other-years" if loop else "other-hours")
    for name, seen, right in (("--potential", potential, POTENTIALS), ("--floor", floor, tuple(TELLINGS))):
        if seen not in right:
            raise UsageError(
                _("{option} is not understood", option=name),
                seen=seen,
                todo=_("Write such as {right}.", right=", ".join(right)),
            )
    if loop and floor != "other-years":
        raise UsageError(
            _("a plan of the day before cannot know the floor of its day"),
            seen=f"--forecast {forecast} --floor {floor}",
            todo=_("Write --floor other-years."),
        )
    place = store_location(store)
    described = island_of(island, place, start, end)
    period = parse_period(start, end, described.timezone)
    opened = open_store(place, described)
    asked = Asked(
        what_if=WhatIf(added=tuple(added or ()), without=tuple(without or ()), outages=tuple(outage or ())),
        potential=cast("Potential", potential),
        floor=cast("Telling", floor),
        reserve=reserve,
        exact=exact,
        gap=gap,
        time_limit_s=limit,
    )
    with progress(str(_("committing units"))) as advance:
        if write_lp is not None:
            write_lp.write_text(lp_of(opened, described, period, asked, fits=fits_location(place)))
        fits = fits_location(place)
        try:
            if not loop:
                done = dispatched(opened, described, period, asked, fits=fits)
            else:
                done = _looped(
                    opened, described, period, asked, fits, forecast=forecast, many=(paths, cvar), worth=worth,
                    advance=advance,
                )  # fmt: skip
        except NoSchedule as refused:
            if refused.nearest is not None and not json:
                typer.echo(nearest_text.as_text(refused.nearest))
            raise
    body: dict[str, Any] = as_dict(done)
    if to_pypsa is not None:
        from tamna.runs.interchange import leave_network

        case = case_of(opened, described, period, asked, fits=fits_location(place))
        body |= {"network": str(to_pypsa), "not_in_pypsa": leave_network(case, to_pypsa)}
    drill: Drilled | None = None
    if with_drill:
        from tamna.runs.drilling import drilled

        with progress(str(_("drilling"))):
            drill = drilled(done)
        body["drill"] = drill.as_dict()
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        left = out / "dispatch.json"
        left.write_text(text_json.dumps(plain(body), ensure_ascii=False, indent=1, allow_nan=False) + "\n")
        body |= {
            "folder": str(out),
            "report": str(
                _page(done, out, _command(island, start, end, done, drill=drill is not None), drill)
            ),
        }
    emit(
        "dispatch",
        body,
        lambda: "\n".join([as_text(done), *_not_in_pypsa(body), *_drill(drill)]),
        as_json=json,
    )


def _drill(drill: Drilled | None) -> list[str]:
    if drill is None:
        return []
    from tamna.serve.cli.drill_text import as_text as drill_text

    return [drill_text(drill)]


def _not_in_pypsa(body: dict[str, Any]) -> list[str]:
    """Tell what of the period PyPSA's own optimum of the file does not see."""
    if not body.get("not_in_pypsa"):
        return []
    lines = [f"  {u['component']} '{u['name']}', {u['attribute']}: {u['why']}" for u in body["not_in_pypsa"]]
    return [str(_("kept in the network's meta, as PyPSA has no word for it:")), *lines]


def _looped(
    store: Store, island: Island, period: Period, asked: Asked, fits: Path | None, **how: Any
) -> Dispatched:
    """Go the loop on a forecast; loaded only here, as learners are heavy."""
    from tamna.runs.looping import looped
    from tamna.runs.many_paths import asked_paths

    forecast, (count, cvar) = how.pop("forecast"), how.pop("many")
    paths = asked_paths(count, cvar, forecast)
    return looped(store, island, period, asked, forecast, paths=paths, fits=fits, **how)


def _instance(path: Path, gap: float, limit: float, model: str, *, json: bool) -> None:
    from tamna.runs.pglib import pglib

    with progress(str(_("committing units"))):
        found = pglib(path, gap=gap, time_limit_s=limit, model=cast("Model", model))
    emit("dispatch", dict(found), lambda: _figures(found), as_json=json)


def _figures(found: Mapping[str, Any]) -> str:
    """Lay out the figures of an instance, and in a sentence whose rules its schedule keeps."""
    lines = [f"{k:18} {v}" for k, v in found.items() if k != "says"]
    return "\n".join([*lines, str(found["says"])])


def _page(done: Dispatched, folder: Path, command: str, drill: Drilled | None) -> Path:
    from tamna.serve.report.dispatch import write_dispatch
    from tamna.serve.report.drill import drill_part

    more = () if drill is None else (lambda: drill_part(drill),)
    return write_dispatch(folder / "dispatch.html", done, command, language(), more=more)


def _command(island: str, start: str, end: str, done: Dispatched, *, drill: bool) -> str:
    """Give what to type to ask the same again."""
    asked, loop = done.asked, done.loop
    words = ["tamna", "dispatch", Path(island).name, "--from", start, "--to", end]
    words += ["--potential", asked.potential]
    words += [] if loop is not None else ["--floor", asked.floor]
    what = asked.what_if
    for name, given in (("--with", what.added), ("--without", what.without), ("--outage", what.outages)):
        words += [word for one in given for word in (name, one)]
    words += [] if loop is None else ["--forecast", loop.forecast.replace("_", "-")]
    if loop is not None and loop.on_paths is not None:
        risk = loop.on_paths.asked.risk
        words += ["--paths", str(loop.on_paths.asked.count)]
        words += ["--cvar", f"{risk.level:g}:{risk.weight:g}"] if risk.weight else []
    words += [] if loop is None or loop.worth is not None else ["--no-worth"]
    words += [] if asked.reserve else ["--no-reserve"]
    words += ["--exact"] if asked.exact else []
    words += ["--drill"] if drill else []
    return shlex.join(words)
