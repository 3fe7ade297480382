"""``tamna run ISLAND``: ingest, check, measure and report a period in one go."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tamna.errors import StoreError
from tamna.grid import load_island
from tamna.grid.clock import parse_period, to_local
from tamna.lang import _, language
from tamna.runs import Run, open_store, run
from tamna.runs.road import not_settled, settlement
from tamna.serve.cli.ingest import as_dict as ingested_dict
from tamna.serve.cli.ingest import as_text as ingested_text
from tamna.serve.cli.measure import as_text, result
from tamna.serve.cli.options import IslandAt
from tamna.serve.cli.out import From, Json, StoreAt, To, emit, fits_location, progress, store_location
from tamna.sources import find_files

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(
    help=str(_("Ingest files, check and measure a period, and leave a run folder with report.html."))
)
def main(
    island: IslandAt,
    start: From,
    end: To,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data", metavar="PATH", help=str(_("files or folders to ingest first; may be repeated"))
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help=str(_("the run folder")))] = Path(
        "runs/latest"
    ),
    store: StoreAt = "",
    json: Json = False,
) -> None:
    """Run a period."""
    described = load_island(island)
    period = parse_period(start, end, described.timezone)
    files = find_files(data or [])
    command = shlex.join(["tamna", "run", island, "--from", start, "--to", end, *_data(data or [])])
    with progress(str(_("reading")), len(files)) as advance:
        done = run(
            open_store(store_location(store), described),
            described,
            period,
            out,
            files=files,
            command=command,
            fits=fits_location(store_location(store)),
            advance=advance,
        )
    publish(done, "run", as_json=json)
    if done.ingested is not None and done.ingested.refused:
        raise typer.Exit(2)


def _settled(done: Run) -> list[str]:
    """Tell the last day from forecast to settlement, or why it was not settled."""
    found = done.settled
    if found is None:
        return [str(not_settled(done)), ""]
    account, local = found.day.answer.account, to_local(found.day.came.stamps[:1], found.day.island.timezone)
    said = _(
        "{day}, from forecast to settlement: planned on the forecast of the day before and run hour by hour on what came,"
        " {paid:,.0f} million KRW were paid for fuel, starts and imports, {tco2:,.0f} tCO2 emitted, {held:,.0f} MWh of wind"
        " and PV held back; with all known the day would have cost {less:,.1f} million KRW less",
        day=str(local[0])[:10],
        paid=account.paid_krw / 1e6,
        tco2=account.tco2,
        held=sum(account.held_mwh.values()),
        less=found.cost_of_not_knowing_krw / 1e6,
    )
    return [str(said), ""]


def _data(paths: Sequence[str]) -> list[str]:
    """Name the data by its last part only: a report carries no path of a machine."""
    return [word for path in paths for word in ("--data", Path(path).name)]


def publish(done: Run, command: str, *, as_json: bool) -> None:
    """Write the report in the reader's language and say what was done and where it lies."""
    from tamna.serve.report import write_report
    from tamna.serve.report.story import report_view

    try:
        report = write_report(done.folder / "report.html", report_view(done), language())
    except OSError as error:
        raise StoreError(
            _("the report could not be written: {reason}", reason=error.strerror or str(error)),
            seen=done.folder,
            todo=_("Make room, or choose another folder with --out."),
        ) from error
    body: dict[str, Any] = {
        "folder": str(done.folder),
        "report": str(report),
        "ingest": None if done.ingested is None else ingested_dict(done.ingested),
        "settled": None if done.settled is None else settlement(done.settled),
        "measure": result(done.measured, 1.0),
    }

    def text() -> str:
        told = [] if done.ingested is None else [ingested_text(done.ingested), ""]
        told += [as_text(done.measured), "", *_settled(done)]
        return "\n".join([*told, str(_("report: {path}", path=report))])

    emit(command, body, text, as_json=as_json)
