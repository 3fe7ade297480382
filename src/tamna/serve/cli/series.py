"""``tamna series list|export``: what the store holds, and out of it again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tamna.errors import UsageError
from tamna.grid.clock import KOREA, Period, iso, parse_moment, parse_period
from tamna.lang import _
from tamna.serve.cli.out import From, Json, StoreAt, To, emit, store_location, table
from tamna.series import Store
from tamna.series.export import to_csv, to_parquet

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="rich",
    no_args_is_help=True,
    help=str(_("list and export what the store holds")),
)


@app.command("list", help=str(_("Name every series in the store, with its source, unit and span.")))
def list_series(
    store: StoreAt = "",
    match: Annotated[
        str, typer.Option("--match", help=str(_("only series whose name holds this text")))
    ] = "",
    json: Json = False,
) -> None:
    """List the series of the store."""
    infos = [i.as_dict() for i in Store.open(store_location(store)).list() if match in i.series]
    headings = (_("series"), _("source"), _("unit"), _("kind"), _("step"), _("from"), _("to"), _("rows"))
    keys = ("series", "source", "unit", "kind", "resolution_s", "from", "to", "rows")
    emit(
        "series list",
        {"series": infos},
        lambda: table(map(str, headings), ([info[k] for k in keys] for info in infos)),
        as_json=json,
    )


@app.command("export", help=str(_("Write one series as CSV or Parquet, to a file or to stdout.")))
def export(
    name: Annotated[str, typer.Argument(metavar="SERIES[@SOURCE]", help=str(_("such as jeju/demand")))],
    start: From,
    end: To,
    store: StoreAt = "",
    form: Annotated[
        str, typer.Option("--format", metavar="csv|parquet", help=str(_("csv or parquet")))
    ] = "csv",
    out: Annotated[str, typer.Option("--out", metavar="FILE", help=str(_("a file; else stdout")))] = "",
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", metavar="STAMP", help=str(_("only what was known then; a stamp with an offset"))
        ),
    ] = "",
    zone: Annotated[str, typer.Option("--timezone", help=str(_("of the dates given")))] = KOREA,
    json: Json = False,
) -> None:
    """Export one series."""
    if form not in {"csv", "parquet"}:
        raise UsageError(_("unknown format"), seen=form, todo=_("Use --format csv or --format parquet."))
    if not out and (form == "parquet" or json):
        raise UsageError(_("this goes to a file, not to stdout"), todo=_("Add --out FILE."))
    period = parse_period(start, end, zone)
    moment = parse_moment(as_of, zone) if as_of else None
    series = Store.open(store_location(store)).read(name, period, as_of=moment)
    if form == "parquet":
        to_parquet(series, Path(out))
    else:
        to_csv(series, Path(out) if out else sys.stdout)
    if out:
        result = {
            "series": series.name,
            "file": out,
            "rows": len(series),
            "unit": series.unit,
            **_span(period),
        }
        emit(
            "series export",
            result,
            lambda: str(
                _(
                    "{rows} rows of {name} [{unit}] in {file}",
                    rows=len(series),
                    name=name,
                    unit=series.unit,
                    file=out,
                )
            ),
            as_json=json,
        )


def _span(period: Period) -> dict[str, str]:
    return {"from": iso(period.start), "to": iso(period.end)}
