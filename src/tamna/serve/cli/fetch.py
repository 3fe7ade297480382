"""``tamna fetch NAME --since DATE``: live sources into the store; ``--list`` and ``--check``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from tamna.errors import Place, UsageError
from tamna.grid.clock import KOREA, parse_moment
from tamna.lang import Message, _
from tamna.runs import fetch, open_store
from tamna.serve.cli.out import Json, StoreAt, emit, progress, store_location, table
from tamna.sources.live import FETCHERS, CheckReport, check_each

if TYPE_CHECKING:
    from tamna.errors import TamnaError

app = typer.Typer(add_completion=False, rich_markup_mode="rich")


@app.command(help=str(_("Fetch a live source into the store; what is held already is not asked for again.")))
def main(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help=str(_("a source, such as kpx.jeju-5min; see --list")))
    ] = "",
    since: Annotated[
        str,
        typer.Option("--since", metavar="DATE", help=str(_("first island day, or a stamp with an offset"))),
    ] = "",
    until: Annotated[
        str,
        typer.Option(
            "--until", metavar="DATE", help=str(_("last island day (inclusive); else all there is by now"))
        ),
    ] = "",
    store: StoreAt = "",
    list_all: Annotated[
        bool, typer.Option("--list", help=str(_("name the live sources, their keys and quotas")))
    ] = False,
    check_shape: Annotated[
        bool,
        typer.Option(
            "--check",
            help=str(
                _(
                    "make one call per source and say what differs from the documented shape; exit 0 if nothing does"
                )
            ),
        ),
    ] = False,
    zone: Annotated[str, typer.Option("--timezone", help=str(_("of the dates given")))] = KOREA,
    json: Json = False,
) -> None:
    """Fetch, list or check live sources."""
    if list_all:
        _list(as_json=json)
    elif check_shape:
        _check([name] if name else list(FETCHERS), as_json=json)
    else:
        if not name or not since:
            raise UsageError(
                _("fetch needs a source and a first day"),
                todo=_("Write: tamna fetch kpx.jeju-5min --since 2026-06-01; or see tamna fetch --list."),
            )
        start = parse_moment(since, zone)
        end = parse_moment(until, zone, closing=True) if until else None
        with progress(str(_("fetching"))) as advance:
            done = fetch(open_store(store_location(store)), name, start, end, advance=advance)
        body = {
            "source": name,
            "pieces": done.pieces,
            "rows": done.rows,
            "findings": [f.as_dict() for f in done.findings],
        }
        emit(
            "fetch",
            body,
            lambda: "\n".join(
                [
                    str(
                        _(
                            "{name}: {pieces} pieces, {rows:,} new rows",
                            name=name,
                            pieces=done.pieces,
                            rows=done.rows,
                        )
                    ),
                    *(f"· {f.text}" for f in done.findings),
                ]
            ),
            as_json=json,
        )


def _list(*, as_json: bool) -> None:
    rows = [
        {"name": f.name, "title": str(f.title), "key": f.key_variable, "key_optional": f.key_optional}
        for f in FETCHERS.values()
    ]
    headings = (str(_("name")), str(_("title")), str(_("key")))
    emit(
        "fetch list",
        {"sources": rows},
        lambda: table(
            headings,
            ([r["name"], r["title"], _key(r["key"], optional=bool(r["key_optional"]))] for r in rows),
        ),
        as_json=as_json,
    )


def _key(variable: object, *, optional: bool) -> str:
    if not variable:
        return "-"
    return f"{variable} ({_('optional')})" if optional else str(variable)


def _check(names: list[str], *, as_json: bool) -> None:
    """Check `names`; exit 0 only where at least one source was asked and each that was is as documented."""
    with progress(str(_("asking")), len(names)) as advance:
        reports: list[CheckReport] = []
        for report in check_each(names):
            reports.append(report)
            advance(1)
    asked = [r for r in reports if r.skipped is None]
    emit(
        "fetch check",
        {"checks": [r.as_dict() for r in reports]},
        lambda: "\n".join([*map(_told, reports), "", _summed(reports)]),
        as_json=as_json,
    )
    if not asked or not all(r.ok for r in asked):
        raise typer.Exit(1)


_SAID: dict[str, Message] = {
    "as documented": _("as documented, {n} fields"),
    "differs": _("not as documented, {n} fields seen"),
    "no answer": _("no answer"),
    "refused": _("an answer without data"),
    "no data": _("an answer without rows"),
    "no calls left": _("no calls left for now"),
    "not sent": _("not sent: a setting here is at fault"),
    "not asked": _("not asked"),
}


def _told(report: CheckReport) -> str:
    mark = {"as documented": "✓", "not asked": "–"}.get(report.verdict, "✗")
    head = f"{mark} {report.name}: {Message(_SAID[report.verdict].text, {'n': report.fields})}"
    if report.skipped is not None:
        return f"{head}: {report.skipped}"
    if report.refusal is not None:
        return "\n".join([head, *(f"    {line}" for line in _refused(report.refusal))])
    return "\n".join([head, *(f"    {d}" for d in report.differences)])


def _refused(error: TamnaError) -> list[str]:
    """Put what is wrong before the address, which is long."""
    lines = []
    for mistake in error.mistakes:
        lines.append(str(replace(mistake, where=Place())))
        if mistake.where.path:
            lines.append(str(_("asked: {address}", address=mistake.where.path)))
    return lines


def _summed(reports: list[CheckReport]) -> str:
    """Count the sources by what was found, in the order in which it is worse."""
    counts = ", ".join(
        str(Message(text.text, {"n": n}))
        for verdict, text in _COUNTED.items()
        if (n := sum(r.verdict == verdict for r in reports))
    )
    return str(_("of {n}: {counts}", n=len(reports), counts=counts))


_COUNTED: dict[str, Message] = {
    "as documented": _("{n} as documented"),
    "differs": _("{n} not as documented"),
    "refused": _("{n} without data"),
    "no data": _("{n} without rows"),
    "no answer": _("{n} without an answer"),
    "no calls left": _("{n} without calls left"),
    "not sent": _("{n} not sent"),
    "not asked": _("{n} not asked for want of a key"),
}
