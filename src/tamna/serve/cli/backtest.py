"""``tamna backtest ISLAND``: what forecasts of a past period would have been worth, beside everyone who competed."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tamna.grid import load_island
from tamna.lang import _, language
from tamna.runs import open_store
from tamna.runs.backtest_files import leave_backtest
from tamna.runs.backtest_question import asked
from tamna.runs.backtesting import Backtested, backtested, fits_of
from tamna.series.units import slug
from tamna.serve.cli.options import IslandAt
from tamna.serve.cli.out import From, Json, StoreAt, To, emit, progress, store_location, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(
    help=str(
        _(
            "Forecast every day of a past period as it would have been issued, knowing nothing too early, and score it"
            " beside the operator's own and simple forecasts."
        )
    )
)
def main(
    island: IslandAt,
    start: From,
    end: To,
    target: Annotated[
        str, typer.Option("--target", metavar="NAMES", help=str(_("what to forecast, separated by commas")))
    ] = "demand",
    issue_at: Annotated[
        str,
        typer.Option("--issue-at", metavar="HH:00", help=str(_("when the day before each day is forecast"))),
    ] = "11:00",
    train_every: Annotated[
        str,
        typer.Option(
            "--train-every", metavar="DAYS", help=str(_("how often models are trained anew, as 28d"))
        ),
    ] = "28d",
    weather: Annotated[
        str,
        typer.Option(
            "--weather",
            metavar="issued|roughened",
            help=str(_("weather runs of the time, or observations made as rough as forecasts are")),
        ),
    ] = "issued",
    since: Annotated[
        str,
        typer.Option(
            "--since", metavar="DATE", help=str(_("first island day to learn from; else all that is held"))
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help=str(_("leave backtest.html, backtest.json and hours.parquet here"))
        ),
    ] = None,
    store: StoreAt = "",
    json: Json = False,
) -> None:
    """Backtest forecasts."""
    described = load_island(island)
    question = asked(
        described,
        target,
        start,
        end,
        issue_at=issue_at,
        train_every=train_every,
        weather=weather,
        since=since,
    )
    opened = open_store(store_location(store), described)
    with progress(str(_("training")), fits_of(question) * len(question.targets)) as advance:
        done = backtested(opened, described, question, advance=advance)
    body: dict[str, Any] = {**done.result}
    if out is not None:
        leave_backtest(done, out)
        body |= {"folder": str(out), "report": str(_page(done, out, _command(island, question_words(done))))}
    emit("backtest", body, lambda: "\n".join(_text(body)), as_json=json)


def question_words(done: Backtested) -> list[str]:
    """Give the options that ask the same again."""
    q = done.question
    words = ["--target", ",".join(q.targets), "--from", str(q.first), "--to", str(q.last)]
    words += ["--issue-at", f"{q.issue_hour:02d}:00", "--train-every", f"{q.train_every_days}d"]
    words += ["--weather", q.weather]
    return words + (["--since", str(q.since)] if q.since is not None else [])


def _command(island: str, words: list[str]) -> str:
    return shlex.join(["tamna", "backtest", Path(island).name, *words])


def _page(done: Backtested, folder: Path, command: str) -> Path:
    from tamna.serve.report.backtest import write_backtest

    return write_backtest(folder / "backtest.html", done, command, language())


def _text(body: Mapping[str, Any]) -> Iterator[str]:
    from tamna.serve.report.backtest_words import target_title

    for name, scores in body["scores"].items():
        about, unit = body["about"][name], slug(body["about"][name]["unit"])
        yield str(
            _(
                "{name}: {hours} hours scored, {left} left out",
                name=target_title(name),
                hours=f"{about['hours']:,}",
                left=f"{about['hours_left_out']:,}",
            )
        )
        heads = [
            str(_("competitor")),
            "MAPE %",
            f"MAE {about['unit']}",
            "nMAE %",
            str(_("bias")),
            "pinball",
            "CRPS",
        ]
        heads += [str(_("in 80 %")), str(_("in 90 %")), str(_("tamna's MAE smaller by"))]
        yield table(heads, [_row(k, s, unit, body["skill"][name].get(k)) for k, s in scores.items()])
        for reason, hours in about["left_out"].items():
            if hours:
                yield f"  {_reason(reason)}: {hours:,}"
        yield from (f"  {note}" for note in about["notes"])
        yield ""
    if "report" in body:
        yield str(_("report: {path}", path=body["report"]))


def _reason(name: str) -> str:
    from tamna.forecast.contest import REASONS

    return str(REASONS[name])


def _row(name: str, s: Mapping[str, Any], unit: str, skill: Mapping[str, Any] | None) -> list[str]:
    from tamna.serve.report.backtest_words import competitor

    gained = ""
    if skill is not None and skill["mae_percent"] is not None:
        low, high = skill["mae_percent_interval"]
        gained = f"{skill['mae_percent']:.1f} % ({low:.1f}..{high:.1f})"
    plain = ("mape_percent", f"mae_{unit}", "nmae_percent", f"bias_{unit}", "pinball", "crps")
    return [
        str(competitor(name)),
        *(_number(s[k]) for k in plain),
        *(_number(None if s[k] is None else 100 * s[k], 1) for k in ("coverage_80", "coverage_90")),
        gained,
    ]


def _number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"
