"""``tamna dispatch --from-pypsa FILE``: a network of PyPSA, solved whole, as text and JSON."""

from __future__ import annotations

import json as text_json
from typing import TYPE_CHECKING

import typer

from tamna.dispatch.nearest import NoSchedule
from tamna.lang import _
from tamna.runs.interchange import solved
from tamna.serve.cli import nearest_text
from tamna.serve.cli.out import emit, plain, progress, table

if TYPE_CHECKING:
    from pathlib import Path

    from tamna.runs.interchange import Solved


def network(path: Path, gap: float, limit: float, out: Path | None, *, json: bool) -> None:
    """Solve a network and tell what runs."""
    with progress(str(_("committing units"))):
        try:
            found = solved(path, gap=gap, time_limit_s=limit)
        except NoSchedule as refused:
            if refused.nearest is not None and not json:
                typer.echo(nearest_text.as_text(refused.nearest))
            raise
    body = {"network": path.name, **found.as_dict()}
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        left = out / "dispatch.json"
        left.write_text(text_json.dumps(plain(body), ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    emit("dispatch", body, lambda: as_text(path, found), as_json=json)


def as_text(path: Path, found: Solved) -> str:
    """Lay it out."""
    steps = found.case.hours.steps
    said = [
        _("{name}: {n} steps of {h:g} h", name=path.name, n=steps.count, h=steps.hours),
        _("objective {objective}, proven to lie within {gap:.3g} % of the best, {s:.2f} s",
          objective=_money(found.objective), gap=100.0 * found.gap, s=found.seconds),
    ]  # fmt: skip
    if found.constant:
        said.append(
            _("of it {constant} that PyPSA's own objective leaves out", constant=_money(found.constant))
        )
    if found.status == "time_limit":
        said.append(_("stopped at the time limit: the best answer so far"))
    said.append(_("{n} rules broken, by a checker of its own", n=len(found.broken)))
    energy = found.as_dict()["energy_mwh"]
    rows = [[name, f"{mwh:,.1f}"] for name, mwh in energy.items() if abs(mwh) > 0.05]
    return "\n".join([*map(str, said), "", table(["", str(_("put in, MWh"))], rows)])


WHOLE_FROM = 1e5


def _money(value: float) -> str:
    """Write large sums whole, small ones to six digits: a network may count in any currency."""
    return f"{value:,.0f}" if abs(value) >= WHOLE_FROM else f"{value:,.6g}"
