"""``tamna forecast ISLAND``: the next hours as bands, with the model and the reasons of each."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from tamna.errors import StoreError, UsageError
from tamna.grid import load_island
from tamna.grid.clock import KOREA, iso, parse_moment
from tamna.lang import _, language
from tamna.runs import open_store
from tamna.runs.forecast_asking import check_asked
from tamna.runs.forecast_files import leave_forecast
from tamna.runs.forecasting import forecast
from tamna.serve.cli.forecast_text import as_text
from tamna.serve.cli.options import Issue, MaybeIsland, option
from tamna.serve.cli.out import Json, StoreAt, emit, fits_location, progress, store_location

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tamna.forecast.product import Forecast

    Floats = NDArray[np.float64]

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
FITS = 3
_LENGTH = re.compile(r"(\d+)\s*(h|d|)")


@app.command(
    help=str(
        _(
            "Forecast the next hours of an island, or of any site in the world, as quantiles with their reasons,"
            " knowing nothing that became known after the issue."
        )
    )
)
def main(
    island: MaybeIsland = "",
    target: Annotated[
        str, option("--target", _("what to forecast, with commas between"), "NAMES")
    ] = "demand",
    issue: Issue = "",
    horizon: Annotated[
        str, option("--horizon", _("how far ahead: 37h or 2d, at most 15d"), "LENGTH")
    ] = "37h",
    levels: Annotated[str, option("--levels", _("quantile levels in 0.01 to 0.99; else nine"), "LIST")] = "",
    paths: Annotated[
        int, option("--paths", _("scenario paths that keep hours and targets together"), "N")
    ] = 0,
    seed: Annotated[int, option("--seed", _("of learners and paths"), min=0)] = 0,
    out: Annotated[
        Path | None, option("--out", _("leave forecast.html, manifest.json and Parquet here"), "DIR")
    ] = None,
    store: StoreAt = "",
    lat: Annotated[float | None, option("--lat", _("a site: degrees north"))] = None,
    lon: Annotated[float | None, option("--lon", _("a site: degrees east"))] = None,
    pv_mw: Annotated[float | None, option("--pv-mw", _("a site: PV [MW]"))] = None,
    wind_mw: Annotated[float | None, option("--wind-mw", _("a site: wind [MW]"))] = None,
    altitude: Annotated[float, option("--altitude", _("a site: height above the sea [m]"))] = 0.0,
    tilt: Annotated[float | None, option("--tilt", _("a site: modules from level [deg]"))] = None,
    azimuth: Annotated[
        float | None, option("--azimuth", _("a site: modules clockwise from north [deg]"))
    ] = None,
    weather: Annotated[Path | None, option("--weather", _("a site: its weather forecast"), "FILE")] = None,
    history: Annotated[Path | None, option("--history", _("a site: readings to learn from"), "FILE")] = None,
    json: Json = False,
) -> None:
    """Forecast an island or a site."""
    hours, quantiles = read_length(horizon), read_levels(levels)
    check_asked(hours=hours, paths=paths, levels=quantiles)
    place = store_location(store)
    if lat is not None or lon is not None:
        if island:
            raise UsageError(_("either an island, or a site by --lat and --lon"), seen=island)
        if lat is None or lon is None:
            raise UsageError(_("a site needs --lat and --lon"), todo=_("Give both, in degrees."))
        if paths:
            raise UsageError(
                _("no scenario paths are drawn for a site"),
                seen=f"--paths {paths}",
                todo=_("Leave --paths out."),
            )
        site = {
            "latitude": lat, "longitude": lon, "pv_mw": pv_mw, "wind_mw": wind_mw, "altitude_m": altitude,
            "tilt_deg": tilt, "azimuth_deg": azimuth, "weather": weather, "history": history,
        }  # fmt: skip
        found = of_site(site, _moment(issue, KOREA), hours, quantiles, seed=seed, place=place)
    else:
        _refuse_site_options(pv_mw, wind_mw, tilt, azimuth, weather, history)
        if not island:
            raise UsageError(
                _("nothing to forecast"),
                todo=_("Name an island (tamna forecast jeju), or give --lat and --lon."),
            )
        described = load_island(island)
        names = [name.strip() for name in target.split(",") if name.strip()]
        with progress(str(_("making models ready")), FITS * len(set(names))) as advance:
            found = forecast(
                open_store(place, described), described, names, issue=_moment(issue, described.timezone),
                hours=hours, levels=quantiles, paths=paths, seed=seed, shelf=fits_location(place),
                advance=advance,
            )  # fmt: skip
    body: dict[str, Any] = found.as_dict()
    if out is not None:
        words = site_options(lat, lon, pv_mw, wind_mw, altitude, tilt, azimuth, weather, history)
        command = asked_again(island or words, found, target, horizon, levels, paths)
        leave_forecast(found, out, command)
        body |= {"folder": str(out), "report": str(_page(found, out, command))}
    told = [str(_("report: {path}", path=body["report"]))] if out is not None else []
    emit("forecast", body, lambda: "\n".join([as_text(found), *told]), as_json=json)


def of_site(
    site: dict[str, Any],
    issue: np.datetime64,
    hours: int,
    levels: Floats | None,
    *,
    seed: int,
    place: str,
) -> Forecast:
    """Forecast a site; what that needs is loaded only here."""
    from tamna.runs.siting import site_forecast

    return site_forecast(
        **site, issue=issue, horizon_h=hours, levels=levels, seed=seed, store=open_store(place)
    )


def read_length(text: str) -> int:
    """Read ``37h``, ``2d`` or ``37`` as hours.

    Examples
    --------
    >>> read_length("2d")
    48
    """
    found = _LENGTH.fullmatch(text.strip())
    if found is None or len(found[1]) > 6:
        raise UsageError(_("not a horizon"), seen=text, todo=_("Write such as 37h or 2d."))
    return int(found[1]) * (24 if found[2] == "d" else 1)


def read_levels(text: str) -> Floats | None:
    """Read ``0.1,0.5,0.9``; nothing is the nine by default."""
    if not text:
        return None
    try:
        return np.array([float(part) for part in text.split(",")])
    except ValueError as error:
        raise UsageError(
            _("not a list of quantile levels"), seen=text, todo=_("Write such as 0.1,0.5,0.9.")
        ) from error


def _moment(issue: str, timezone: str) -> np.datetime64:
    return parse_moment(issue, timezone) if issue else np.datetime64("now", "s")


def _refuse_site_options(*given: object) -> None:
    if any(value is not None for value in given):
        raise UsageError(
            _("--pv-mw, --wind-mw, --tilt, --azimuth, --weather and --history describe a site"),
            todo=_("Give --lat and --lon with them."),
        )


def site_options(
    lat: float | None,
    lon: float | None,
    pv_mw: float | None,
    wind_mw: float | None,
    altitude: float,
    tilt: float | None,
    azimuth: float | None,
    weather: Path | None,
    history: Path | None,
) -> list[str]:
    """Give the words that describe a site again; files by their last part only."""
    words: list[str] = []
    for name, value in (
        ("--lat", lat), ("--lon", lon), ("--pv-mw", pv_mw), ("--wind-mw", wind_mw), ("--altitude", altitude or None),
        ("--tilt", tilt), ("--azimuth", azimuth),
    ):  # fmt: skip
        words += [] if value is None else [name, str(value)]
    for name, file in (("--weather", weather), ("--history", history)):
        words += [] if file is None else [name, file.name]
    return words


def asked_again(
    place: str | list[str], found: Forecast, target: str, horizon: str, levels: str, paths: int
) -> str:
    """Give the command that makes the forecast again; it names files by their last part only.

    Parameters
    ----------
    place
        An island by name or file; or the options that describe a site.
    """
    where = [Path(place).name, "--target", target] if isinstance(place, str) else place
    words = ["tamna", "forecast", *where]
    words += ["--issue", iso(found.issued_at, found.timezone), "--horizon", horizon]
    words += [*_option("--levels", levels), *_option("--paths", paths), "--seed", str(found.seed)]
    return shlex.join(words)


def _option(name: str, value: object) -> Iterable[str]:
    return [name, str(value)] if value else []


def _page(found: Forecast, folder: Path, command: str) -> Path:
    from tamna.serve.report.forecast import write_forecast

    try:
        return write_forecast(folder / "forecast.html", found, command, language())
    except OSError as error:
        raise StoreError(
            _("the report could not be written: {reason}", reason=error.strerror or str(error)),
            seen=folder,
            todo=_("Make room, or choose another folder with --out."),
        ) from error
