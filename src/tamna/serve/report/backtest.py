"""The page of a backtest: who forecast best, whether the band is honest, when it erred, and what that was worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.forecast.contest import OURS, REASONS
from tamna.lang import _
from tamna.measure.words import Title
from tamna.series.units import slug
from tamna.serve.report.backtest_pictures import (
    honesty_picture,
    hours_picture,
    months_picture,
    sharpness_picture,
    worst_day_picture,
)
from tamna.serve.report.backtest_words import competitor, definitions, target_title
from tamna.serve.report.backtest_worth import money_section, ramps_section
from tamna.serve.report.blocks import (
    Amount,
    Callout,
    Cell,
    Column,
    Lines,
    Listing,
    Missing,
    Paragraph,
    Section,
    Table,
    Text,
)
from tamna.serve.report.page import Part, write_page
from tamna.serve.report.sheet import Sheet, render_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tamna.forecast.contest import Contest
    from tamna.runs.backtesting import Backtested
    from tamna.serve.report.blocks import Block
    from tamna.serve.report.speak import Speaker


def write_backtest(path: Path, done: Backtested, command: str, lang: str) -> Path:
    """Write the page of a backtest in `lang`; the same backtest gives the same bytes."""
    return write_page(path, render_backtest(done, command, lang))


def render_backtest(done: Backtested, command: str, lang: str) -> str:
    """Give the page as text.

    Parameters
    ----------
    command
        What to type to make it again.
    """
    return render_sheet(lambda speaker: _sheet(done, command, speaker), lang, done.island.timezone)


def _sheet(done: Backtested, command: str, speaker: Speaker) -> Sheet:
    return Sheet(
        title=_("Forecasts put to the test"),
        lead=_lead(done, speaker),
        island=str(Title(en=done.island.title.en, ko=done.island.title.ko)),
        period=done.period,
        callout=_before(done),
        parts=tuple(_parts(done, command, speaker)),
    )


def _lead(done: Backtested, speaker: Speaker) -> Text:
    """Say the one sentence that must be read: of the first target, beside its best rival."""
    ring = done.contests[0]
    scores = done.result["scores"][ring.name]
    ours, key = scores[OURS], f"mae_{slug(ring.unit)}"
    rivals = {n: s for n, s in scores.items() if n != OURS and s[key] is not None}
    if ours[key] is None or not rivals:
        return _("No hour could be scored.")
    best = min(rivals, key=lambda n: rivals[n][key])
    said = {
        "hours": speaker.number(ours["hours"], 0),
        "target": str(target_title(ring.name)),
        "ours": _error(ours, ring.unit, speaker),
        "theirs": _error(rivals[best], ring.unit, speaker),
        "rival": str(competitor(best)),
    }
    return _(
        "{target}: over {hours} hours tamna missed by {ours} on average; the best competitor ({rival}) by {theirs}.",
        **said,
    )


def _error(scores: Mapping[str, Any], unit: str, speaker: Speaker) -> str:
    mae = f"{speaker.number(scores[f'mae_{slug(unit)}'])} {unit}"
    mape = scores["mape_percent"]
    return mae if mape is None else f"{mae} ({speaker.number(mape, 2)} %)"


def _before(done: Backtested) -> Callout:
    """Gather what must be quoted beside any number of the page."""
    notes: dict[str, Text] = {}
    for ring in done.contests:
        for note in ring.notes:
            notes.setdefault(str(note), note)
    how: Text = _(
        "Each forecast saw only what was known when it was issued; models were trained anew every {n} days.",
        n=done.question.train_every_days,
    )
    return Callout(title=_("Before you quote these numbers"), texts=(how, *notes.values()))


def _parts(done: Backtested, command: str, speaker: Speaker) -> Iterator[Part]:
    for ring in done.contests:
        sections = tuple(_sections(ring, done, speaker))
        yield Part(key=ring.name.replace("_", "-"), title=target_title(ring.name), sections=sections)
    asked = Listing(title=_("To make it again"), lines=(command,))
    terms = definitions(done.result["issue_at"])
    told = Section(title=_("What the words mean"), blocks=(terms,))
    again = Section(title=_("How it was made"), blocks=(_fits(done), asked))
    yield Part(key="terms", title=_("How to read it, and on what it rests"), sections=(told, again))


def _sections(ring: Contest, done: Backtested, speaker: Speaker) -> Iterator[Section]:
    result, name = done.result, ring.name
    scores, about = result["scores"][name], result["about"][name]
    yield Section(
        title=_("Who forecast best"), blocks=tuple(_who(ring, scores, result["skill"][name], about))
    )
    if not about["hours"]:
        return
    honest: list[Block] = []
    if result["reliability"][name]:
        honest.append(honesty_picture(result["reliability"][name], result["pit"][name], speaker))
        honest.append(sharpness_picture(result["sharpness"][name], ring.unit, speaker))
    honest.append(_coverage_table(scores[OURS], ring.unit))
    yield Section(title=_("Is the band honest, and is it narrow?"), blocks=tuple(honest))
    erred: list[Block] = [
        months_picture(scores, ring.unit, speaker),
        hours_picture(scores, ring.unit, speaker),
    ]
    worst = worst_day_picture(ring, done.island.timezone, speaker)
    if worst is not None:
        erred.append(worst)
    yield Section(title=_("When it erred"), blocks=tuple(erred))
    if result["ramps"][name]:
        yield ramps_section(result["ramps"][name])
    money = money_section(result["money"][name])
    if money is not None:
        yield money


def _who(
    ring: Contest, scores: Mapping[str, Any], skill: Mapping[str, Any], about: Mapping[str, Any]
) -> Iterator[Block]:
    yield _score_table(scores, ring.unit, estimated=ring.estimated)
    yield _skill_table(skill)
    mock = about["counterfactual_hours"]
    if mock:
        said = _("{n} of the hours had prices of a mock run: nobody was paid them", n=f"{mock:,}")
        yield Callout(title=_("Counterfactual"), texts=(said,))
    left = [
        _("{reason}: {n} hours", reason=REASONS[k], n=f"{n:,}") for k, n in about["left_out"].items() if n
    ]
    if left:
        yield Callout(title=_("Hours left out"), texts=tuple(left))


def _score_table(scores: Mapping[str, Any], unit: str, *, estimated: bool) -> Table:
    name = slug(unit)
    columns: dict[str, tuple[Text, int]] = {
        "mape_percent": ("MAPE, %", 2),
        f"mae_{name}": (f"MAE, {unit}", 1),
        "nmae_percent": ("nMAE, %", 2),
        f"rmse_{name}": (f"RMSE, {unit}", 1),
        f"bias_{name}": (_("bias, {unit}", unit=unit), 1),
        "pinball": (_("Pinball"), 2),
        "crps": ("CRPS", 2),
        "coverage_80": (_("in 80 %"), 1),
        "coverage_90": (_("in 90 %"), 1),
    }

    def cell(s: Mapping[str, Any], key: str, digits: int) -> Cell:
        if s[key] is None:
            return Missing(word="–")
        cover = key.startswith("coverage")
        return Amount(
            value=s[key],
            unit="%" if cover else "",
            digits=digits,
            signed=key.startswith("bias"),
            estimated=estimated,
        )

    return Table(
        title=_("Scores over {n} hours", n=f"{scores[OURS]['hours']:,}"),
        columns=(Column(_("Competitor")), *(Column(head, number=True) for head, _digits in columns.values())),
        rows=tuple(
            (competitor(n), *(cell(s, key, digits) for key, (_head, digits) in columns.items()))
            for n, s in scores.items()
        ),
        strong=(0,),
        note=_(
            "Pinball and CRPS in {unit}, over the {n} hours in which every competitor has a band.",
            unit=unit,
            n=f"{scores[OURS]['hours_with_bands']:,}",
        ),
    )


def _skill_table(skill: Mapping[str, Any]) -> Table:
    def cell(s: Mapping[str, Any], key: str) -> tuple[Cell, ...]:
        value, ends = s[f"{key}_percent"], s[f"{key}_percent_interval"]
        if value is None or ends is None:
            return (Missing(word="–"), "", "")
        return tuple(Amount(value=v / 100, unit="%", signed=True) for v in (value, *ends))

    return Table(
        title=_("How much smaller tamna's error is"),
        columns=(
            Column(_("Against")),
            *(
                Column(head, number=True)
                for head in (_("by MAE"), _("lower"), _("upper"), _("by pinball"), _("lower"), _("upper"))
            ),
        ),
        rows=tuple((competitor(n), *cell(s, "mae"), *cell(s, "pinball")) for n, s in skill.items()),
        note=_("Lower and upper: the ends of the interval of whole days drawn again, in pairs."),
    )


def _coverage_table(ours: Mapping[str, Any], unit: str) -> Table:
    """Give coverage overall and by season, each with its interval, pinball and width beside it."""
    width = f"width_80_{slug(unit)}"
    seasons = {
        "winter": _("winter"), "spring": _("spring"), "summer": _("summer"), "autumn": _("autumn")
    }  # fmt: skip
    rows: list[tuple[Text, Mapping[str, Any]]] = [(_("All"), ours)]
    rows += [(seasons[n], s) for n, s in ours["by_season"].items()]

    def held(s: Mapping[str, Any], share: str) -> tuple[Cell, ...]:
        ends = s["intervals"][f"coverage_{share}"]
        if ends is None:
            return (Missing(word="–"), "")
        low, high = (Amount(value=e, unit="%") for e in ends)
        return (Amount(value=s[f"coverage_{share}"], unit="%"), Lines((low, high)))

    return Table(
        title=_("What the bands held"),
        columns=(
            Column(_("Season")),
            *(Column(h, number=True) for h in (_("in 80 %"), _("interval"), _("in 90 %"), _("interval"))),
            Column(_("Pinball"), number=True),
            Column(_("width of 80 %, {unit}", unit=unit), number=True),
            Column(_("Hours"), number=True),
        ),
        rows=tuple(
            (
                title,
                *held(s, "80"),
                *held(s, "90"),
                Amount(value=s["pinball"], digits=2),
                Amount(value=s[width]),
                Amount(value=s["hours"], digits=0),
            )
            for title, s in rows
        ),
        strong=(0,),
    )


def _fits(done: Backtested) -> Paragraph:
    q = done.question
    return Paragraph(
        _(
            "Forecast daily from {first} to {last}, issued at {hour} the day before, trained every {n} days on all"
            " that was known; weather: {weather}.",
            first=str(q.first),
            last=str(q.last),
            hour=done.result["issue_at"],
            n=q.train_every_days,
            weather=_("runs as issued at the time")
            if q.weather == "issued"
            else _("observations made as rough as forecasts are"),
        )
    )
