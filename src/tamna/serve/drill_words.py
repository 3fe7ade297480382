"""A drill in figures that readers compare: how often something is shed, how much, for how long, who lacks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.dispatch.critical import SITE
from tamna.dispatch.drill import worst
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.dispatch.drill import Failure
    from tamna.lang import Message
    from tamna.runs.drilling import Drilled

WORST = 8


def columns(found: Drilled) -> list[tuple[Message, tuple[Failure, ...]]]:
    """Name the drills that stand beside each other."""
    if found.without is None:
        beside = [
            (_("there is no store"), found.with_stores),
            (_("one pole, there is no store"), found.pole_with_stores),
        ]
    else:
        beside = [
            (_("with stores"), found.with_stores),
            (_("without stores"), found.without),
            (_("one pole, with stores"), found.pole_with_stores),
            (_("one pole, without stores"), found.pole_without),
        ]
    return [(name, failures) for name, failures in beside if failures is not None]


def figures(found: Drilled) -> Iterator[tuple[Message, list[str]]]:
    """Name the figures, with their value in each drill."""
    of = [failures for _name, failures in columns(found)]
    hour = found.step_h
    yield _("hours in which the largest failed"), [f"{sum(bool(f.lost) for f in fs):,}" for fs in of]
    yield _("largest in-feed that failed, MW"), [f"{max(f.lost_mw for f in fs):,.0f}" for fs in of]
    yield _("failures after which load is shed"), [f"{sum(f.total_mwh > 0 for f in fs):,}" for fs in of]
    yield (
        _("shed after a failure, on average, MWh"),
        [f"{sum(f.total_mwh for f in fs) / len(fs):,.1f}" for fs in of],
    )
    yield _("shed after the worst failure, MWh"), [f"{max(f.total_mwh for f in fs):,.1f}" for fs in of]
    yield _("most shed in the first hour, MW"), [f"{max(f.first_mw for f in fs):,.1f}" for fs in of]
    yield (
        _("longest time until all is supplied again, h"),
        [_longest(fs, hour) for fs in of],
    )
    for name in found.critical:
        lacking = [sum(f.shed_mwh.get(name, 0.0) > 0.0 for f in fs) for fs in of]
        yield _("failures after which {name} lacks power", name=called(name)), [f"{n:,}" for n in lacking]  # fmt: skip


def _longest(failures: tuple[Failure, ...], hour: float) -> str:
    last = max(f.last_step + 1 for f in failures)
    open_end = any(f.open_end and f.last_step + 1 == last for f in failures)
    return f"{'> ' if open_end else ''}{last * hour:g}"


def told(found: Drilled) -> Iterator[str]:
    """Tell the worst failures in sentences, the island as dispatched first."""
    for name, failures in columns(found):
        for failure in worst(failures, WORST):
            yield f"{name}: {sentence(found, failure)}"


def sentence(found: Drilled, failure: Failure) -> str:
    """Tell one failure."""
    parts = [
        _(
            "{hour}: {lost} fails with {mw:,.0f} MW; {mwh:,.1f} MWh are shed, {first:,.0f} MW in the first hour",
            hour=found.labels[failure.step], lost=failure.lost, mw=failure.lost_mw, mwh=failure.total_mwh, first=failure.first_mw,
        )
    ]  # fmt: skip
    until = (failure.last_step + 1) * found.step_h
    parts.append(
        _("not over after {h:g} h", h=until)
        if failure.open_end
        else _("all is supplied again after {h:g} h", h=until)
    )
    dark = [called(name) for name in found.critical if failure.shed_mwh.get(name, 0.0) > 0.0]
    if dark:
        parts.append(_("who lacks power though worth more: {names}", names=", ".join(dark)))
    elif found.critical:
        parts.append(_("critical sites stay supplied"))
    return "; ".join(map(str, parts))


def called(name: str) -> str:
    """Name a class as the grid file does."""
    return name.removeprefix(SITE)
