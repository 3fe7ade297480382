"""A forecast as a terminal shows it: the hours, why noon and evening are as they are, and what must be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.product import BLEND
from tamna.forecast.why import LEVEL, largest
from tamna.grid.clock import iso, to_local
from tamna.lang import _
from tamna.serve.cli.out import table
from tamna.serve.forecast_words import DRIVERS, MODELS, TARGETS, named, telling_hours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.forecast.product import Forecast, TargetForecast

SHOWN = (0.1, 0.5, 0.9)


def as_text(found: Forecast) -> str:
    """Lay out a forecast."""
    lines = [
        str(
            _(
                "{island}, issued {issue}: {hours} hours",
                island=found.island,
                issue=iso(found.issued_at, found.timezone),
                hours=len(found.stamps),
            )
        ),
        table(_headings(found), _rows(found)),
        "",
    ]
    for name, target in found.targets.items():
        lines += _of(found, name, target)
    lines += [str(_("note: {text}", text=note)) for note in found.notes]
    return "\n".join(lines)


def _headings(found: Forecast) -> list[str]:
    heads = [str(_("hour from (UTC)") if found.timezone == "UTC" else _("hour from"))]
    for name, target in found.targets.items():
        title = named(TARGETS, name)
        heads.append(f"{title} [{target.unit}]\n{_columns(found)}")
    return heads


def _columns(found: Forecast) -> str:
    return " / ".join(f"P{100 * level:02.0f}" for level in _levels(found))


def _levels(found: Forecast) -> list[float]:
    """Give P10, P50 and P90 where the levels reach so far, else the outermost and the middle that there are."""
    low, high = float(found.levels[0]), float(found.levels[-1])
    return sorted({min(max(level, low), high) for level in SHOWN})


def _rows(found: Forecast) -> Iterator[list[str]]:
    local = to_local(found.stamps, found.timezone)
    cells = {name: [found.at(name, level) for level in _levels(found)] for name in found.targets}
    for i in range(len(found.stamps)):
        row = [str(local[i])[:16].replace("T", " ")]
        for name, target in found.targets.items():
            mark = "" if _plain(target, i) else "*"
            row.append(" / ".join(_number(column[i]) for column in cells[name]) + mark)
        yield row


def _plain(target: TargetForecast, i: int) -> bool:
    return not target.hour_reason or target.hour_reason[i] is None


def _number(value: float) -> str:
    return "-" if not np.isfinite(value) else f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}"


def _of(found: Forecast, name: str, target: TargetForecast) -> Iterator[str]:
    """Say of one target who answered, what is estimated, whether it drifts, and why two hours are as they are."""
    title = named(TARGETS, name)
    moment = target.fit.get("moment")
    who = named(MODELS, target.model)
    if moment is None:
        yield str(_("{target}: answered by {model}", target=title, model=who))
    else:
        yield str(
            _(
                "{target}: answered by {model}, fitted on what was known at {moment}",
                target=title,
                model=who,
                moment=iso(np.datetime64(str(moment).removesuffix("Z"), "s"), found.timezone),
            )
        )
    yield from _fallbacks(target)
    if target.estimated:
        yield "  " + str(
            _("estimated: what was learned from is itself an estimate")
            if target.fit
            else _("estimated: physics and stated assumptions, no readings")
        )
    if target.drift is not None:
        yield f"  ! {target.drift}"
    for label, hour in telling_hours(found, target) if target.why else ():
        yield "  " + _why(found, target, str(label), hour)
    yield ""


def _fallbacks(target: TargetForecast) -> Iterator[str]:
    seen: dict[tuple[str, str], int] = {}
    for model, reason in zip(target.hour_model, target.hour_reason, strict=True):
        if reason is not None:
            seen[model, str(reason)] = seen.get((model, str(reason)), 0) + 1
    for (model, text), count in seen.items():
        yield "  * " + str(
            _("{n} hours by {model}: {reason}", n=count, model=named(MODELS, model), reason=text)
        )


def _why(found: Forecast, target: TargetForecast, label: str, hour: int) -> str:
    """Name the three largest drivers of an hour; an hour that fell back has none to name."""
    at = str(to_local(found.stamps[hour : hour + 1], found.timezone)[0])[11:16]
    if not target.hour_model[hour].startswith(BLEND) or target.why is None:
        return str(_("{label} ({at}): no drivers, another model answered", label=label, at=at))
    start = _number(float(target.why[LEVEL][hour]))
    told = ", ".join(
        f"{named(DRIVERS, name)} {value:+,.0f}"
        if abs(value) >= 10
        else f"{named(DRIVERS, name)} {value:+.1f}"
        for name, value in largest(target.why, hour)
    )
    return str(
        _(
            "{label} ({at}), from {start} {unit}: {drivers}",
            label=label,
            at=at,
            start=start,
            unit=target.unit,
            drivers=told,
        )
    )
