"""``tamna ingest PATH...``: public files as they come, into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tamna.lang import _
from tamna.runs import Ingested, ingest, open_store
from tamna.serve.cli.out import Json, StoreAt, emit, progress, store_location
from tamna.sources import find_files

if TYPE_CHECKING:
    from tamna.series import Difference

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(help=str(_("Read files and folders as they were published: each is recognised by its content.")))
def main(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help=str(_("files, or folders with all below them")))
    ],
    store: StoreAt = "",
    json: Json = False,
) -> None:
    """Ingest files; what cannot be read is named and stops nothing else (exit code 2)."""
    files = find_files(paths)
    with progress(str(_("reading")), len(files)) as advance:
        done = ingest(open_store(store_location(store)), files, advance=advance)
    emit("ingest", as_dict(done), lambda: as_text(done), as_json=json)
    if done.refused:
        raise typer.Exit(2)


def as_dict(done: Ingested) -> dict[str, Any]:
    """Give what an ingest did as JSON carries it."""
    report = done.report
    status = [("added", r) for r in report.added] + [
        ("unchanged", r) for r in (*report.unchanged, *done.known)
    ]
    return {
        "files": [{"status": s, **receipt.as_dict()} for s, receipt in status],
        "not_series": [{"name": n.name, "what": str(n.what)} for n in done.not_series],
        "refused": [
            {"name": name, "mistakes": [m.as_dict() for m in error.mistakes]} for name, error in done.refused
        ],
        "rows": report.rows,
        "agreed": report.agreed,
        "superseded": [d.as_dict() for d in report.superseded],
        "findings": [f.as_dict() for f in report.findings],
    }


def as_text(done: Ingested) -> str:
    """Tell what an ingest did: counts first, then what differs, then what was refused."""
    report = done.report
    unchanged = len(report.unchanged) + len(done.known)
    lines = [
        str(
            _(
                "{n} files added, {rows:,} rows; {same} files were there already",
                n=len(report.added),
                rows=report.rows,
                same=unchanged,
            )
        )
    ]
    if report.agreed:
        lines.append(str(_("{n:,} values repeat what another publication says", n=report.agreed)))
    lines += _differences(report.superseded)
    lines += [f"· {finding.text}" for finding in report.findings]
    if done.not_series:
        lines.append(str(_("not series:")))
        lines += [f"  {n.name}: {n.what}" for n in done.not_series]
    if done.refused:
        lines.append(str(_("refused, and nothing of them stored:")))
        lines += [f"  {error}" for _name, error in done.refused]
    return "\n".join(lines)


def _differences(found: tuple[Difference, ...]) -> list[str]:
    """Tell, per series, on how many days two publications disagree, and the largest day."""
    lines = []
    for series, source in sorted({(d.series, d.source) for d in found}):
        days = [d for d in found if (d.series, d.source) == (series, source)]
        totals = [d for d in days if d.total_differs]
        worst = max(days, key=lambda d: abs(d.later_total - d.earlier_total))
        text = _(
            "{series} ({source}): two publications differ on {n} days, on {totals} of them in the day's total; "
            "most on {day}, {change:+,.1f} {unit}. Both are kept, the later holds.",
            series=series,
            source=source,
            n=len(days),
            totals=len(totals),
            day=worst.day,
            change=worst.later_total - worst.earlier_total,
            unit=worst.unit,
        )
        lines.append(f"· {text}")
    return lines
