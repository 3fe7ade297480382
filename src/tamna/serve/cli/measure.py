"""``tamna measure ISLAND``: shares under declared boundaries and rules, for any period and resolution."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tamna.errors import StoreError, UsageError
from tamna.grid import load_island
from tamna.grid.clock import Resolution, parse_moment, parse_period
from tamna.grid.rules import Rule
from tamna.lang import _, language
from tamna.measure import as_dict
from tamna.measure.interval import share_bounds
from tamna.measure.lostsum import as_dict as lost_dict
from tamna.measure.published import reconcile_hours
from tamna.measure.unseen import as_dict as unseen_dict
from tamna.runs import Measured, RebuiltDay, changes, measured, open_store, rebuilt_day
from tamna.series.export import whole
from tamna.serve.cli.lost import as_text as lost_text
from tamna.serve.cli.options import IslandAt
from tamna.serve.cli.out import (
    From,
    Json,
    StoreAt,
    To,
    emit,
    fits_location,
    period_name,
    store_location,
    table,
)
from tamna.serve.cli.unseen import as_text as unseen_text

if TYPE_CHECKING:
    from tamna.measure import Answer, Measurement

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(help=str(_("Measure renewable shares under every declared boundary and export rule.")))
def main(
    island: IslandAt,
    start: From = "",
    end: To = "",
    store: StoreAt = "",
    day: Annotated[
        str,
        typer.Option(
            "--day",
            metavar="DATE",
            help=str(
                _("rebuild one island day hour by hour with intervals, beside what was printed about it")
            ),
        ),
    ] = "",
    report: Annotated[
        str, typer.Option("--report", metavar="FILE", help=str(_("with --day: also write the day as a page")))
    ] = "",
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="all|year|season|month|day|hour", help=str(_("length of the periods answered"))
        ),
    ] = "all",
    hours: Annotated[
        str, typer.Option("--hours", metavar="FILE", help=str(_("also write the hourly table as CSV")))
    ] = "",
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", metavar="STAMP", help=str(_("only what was known then; a stamp with an offset"))
        ),
    ] = "",
    threshold: Annotated[
        float, typer.Option("--threshold", help=str(_("share that an RE100 episode reaches, 1 is 100 %")))
    ] = 1.0,
    curtailment: Annotated[
        bool,
        typer.Option(
            "--curtailment",
            help=str(
                _(
                    "also estimate what wind was lost, from weather; the first time takes some ten seconds a year"
                )
            ),
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Measure a period, or rebuild a day."""
    _check(start, end, day, report, of_a_period=bool(hours or as_of or curtailment or by != "all"))
    if by not in set(Resolution):
        raise UsageError(
            _("unknown resolution"), seen=by, todo=_("Use one of {names}.", names=", ".join(Resolution))
        )
    described = load_island(island)
    if day:
        _rebuild(
            rebuilt_day(open_store(store_location(store), described), described, day), report, as_json=json
        )
        return
    period = parse_period(start, end, described.timezone)
    moment = parse_moment(as_of, described.timezone) if as_of else None
    place = store_location(store)
    found = measured(
        open_store(place, described),
        described,
        period,
        by=Resolution(by),
        as_of=moment,
        curtailment=curtailment,
        fits=fits_location(place),
    )
    if hours:
        _write_hours(found, Path(hours))
    emit("measure", result(found, threshold) if json else {}, lambda: as_text(found), as_json=json)


def _check(start: str, end: str, day: str, report: str, *, of_a_period: bool) -> None:
    if day and (start or end):
        raise UsageError(_("either --day, or --from and --to"), todo=_("Leave out one of them."))
    if not day and not (start and end):
        raise UsageError(
            _("no period to measure"),
            todo=_("Give --from and --to, such as --from 2023-01-01 --to 2023-12-31, or --day 2025-04-14."),
        )
    if day and of_a_period:
        raise UsageError(
            _("--by, --hours, --as-of and --curtailment go with a period"),
            todo=_("Give --from and --to; --json gives every hour of a day."),
        )
    if report and not day:
        raise UsageError(_("--report goes with --day"), todo=_("For a period use: tamna run."))


def _rebuild(found: RebuiltDay, report: str, *, as_json: bool) -> None:
    from tamna.serve import telling

    body = telling.result(found)
    if report:
        from tamna.serve.report.day import write_day

        try:
            Path(report).parent.mkdir(parents=True, exist_ok=True)
            body["report"] = str(write_day(Path(report), found, language()))
        except OSError as error:
            raise StoreError(
                _("the report could not be written: {reason}", reason=error.strerror or str(error)),
                seen=report,
            ) from error
    emit("measure", body, lambda: telling.as_text(found), as_json=as_json)


def _write_hours(found: Measured, path: Path) -> None:
    from tamna.measure.table import write_hours  # pandas: only who asks for the table needs it

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole(path, lambda beside: write_hours(found.measurement, beside, found.judged))
    except OSError as error:
        raise StoreError(
            _("the hourly table could not be written: {reason}", reason=error.strerror or str(error)),
            seen=path,
        ) from error


def result(found: Measured, threshold: float) -> dict[str, Any]:
    """Give a measurement as JSON carries it, with what speaks against it and where it came from."""
    hours, island = found.measurement.hours, found.island
    shares = {year: float(figure.value) for year, figure in island.published_shares.items()}
    return {
        **as_dict(found.measurement, threshold=threshold),
        "changes": {b: [c.as_dict() for c in pairs] for b, pairs in changes(found.measurement).items()},
        "published": [r.as_dict() for r in reconcile_hours(hours, shares)],
        **({} if found.outside is None else {"unseen": unseen_dict(found.outside, hours)}),
        **(
            {}
            if found.lost is None
            else {"curtailment_estimated": lost_dict(found.lost, found.measurement.bins)}
        ),
        "findings": [f.as_dict() for f in found.findings],
        "receipts": [r.as_dict() for r in found.receipts],
    }


def as_text(found: Measured) -> str:
    """Lay out shares by boundary and rule for every period, then what must be known before quoting them."""
    m = found.measurement
    lines: list[str] = []
    for i, name in enumerate(m.bins.names):
        rows = [
            [
                str(b.title),
                *(
                    _cell(m[b.name, str(x)][i])
                    for x in m.measures
                    if x in set(Rule) or str(x) == "hourly_matching"
                ),
            ]
            for b in m.boundaries
        ]
        headings = [
            str(_("boundary, {period}", period=period_name(name))),
            str(_("coverage")),
            str(_("proportional")),
            str(_("thermal-first")),
            str(_("hourly matching")),
        ]
        lines += [table(headings, rows), ""]
    lines += _missing(m)
    lines += _spans(m)
    first = m[m.boundaries[0].name, str(m.measures[0])][0]
    lines.append(str(first.definition))
    lines += [str(c) for c in changes(m).get(m.boundaries[0].name, ())]
    reasons = dict.fromkeys(str(a[0].reason) for a in m.answers.values() if a[0].reason)
    lines += [str(_("unavailable: {why}", why=reason)) for reason in reasons]
    lines.append(
        str(
            _(
                "* rests on estimates; ! on suspect or incomplete series; ? on a part of the hours. --json gives definitions, counts and sources."
            )
        )
    )
    lines += [f"! {f.text}" for f in found.findings if f.kind in {"coverage_break", "offset"}]
    if found.outside is not None:
        lines += unseen_text(found.outside, m)
    if found.lost is not None:
        lines += ["", lost_text(found.lost, m.bins)]
    return "\n".join(lines)


def _missing(m: Measurement) -> list[str]:
    """Say how many hours each boundary's answer rests on, where the answer is one and hours are missing."""
    answers = [(b.title, m[b.name, str(m.measures[0])][0]) for b in m.boundaries]
    return [
        str(
            _(
                "? {boundary}: {n:,} of {total:,} hours counted; the others have no value",
                boundary=title,
                n=answer.hours_counted,
                total=answer.hours_counted + answer.hours_missing,
            )
        )
        for title, answer in answers
        if len(m.bins.names) == 1 and answer.value is not None and answer.hours_missing
    ]


def _spans(m: Measurement) -> list[str]:
    """Say between which bounds the coverage of every boundary lies that counts an estimate with bounds."""
    if len(m.bins.names) > 1:
        return []
    spans = share_bounds(m, (Rule.COVERAGE,))
    return [
        str(
            _(
                "* {boundary}: {low:.2%} to {high:.2%} coverage, over the bounds of what is estimated",
                boundary=b.title,
                low=float(spans[b.name, Rule.COVERAGE][0][0]),
                high=float(spans[b.name, Rule.COVERAGE][1][0]),
            )
        )
        for b in m.boundaries
        if (b.name, str(Rule.COVERAGE)) in spans and m[b.name, Rule.COVERAGE][0].value is not None
    ]


def _cell(answer: Answer) -> str:
    if answer.value is None:
        return str(_("unavailable"))
    marks = (
        ("*" if answer.estimated else "")
        + ("!" if answer.suspect_hours or answer.coverage_hours else "")
        + ("?" if answer.hours_missing else "")
    )
    return f"{answer.value:.2%}{marks}"
