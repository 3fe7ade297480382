"""From a measurement to the report's view: which numbers are told, in which order, with which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna import __version__
from tamna.grid.clock import Resolution, bins, to_local
from tamna.grid.rules import Rule
from tamna.lang import Message, _, language
from tamna.measure import carbon, curtailment, episodes, residual_load, unseen
from tamna.measure.interval import share_bounds
from tamna.measure.tracks import FORMULAS, Matching
from tamna.measure.words import Title, in_words
from tamna.runs import METHOD, changes
from tamna.serve.report import view as v
from tamna.serve.report.blocks import Paragraph, Section
from tamna.serve.report.day import day_sections
from tamna.serve.report.extremes import extremes
from tamna.serve.report.forecast import foreseen_sections
from tamna.serve.report.lost import lost_section
from tamna.serve.report.proof import proof_sections
from tamna.serve.report.receipts import receipt_rows
from tamna.serve.report.reconciled import reconciliations
from tamna.serve.report.said import said as _said
from tamna.serve.report.speak import Speaker
from tamna.serve.report.unseen import unseen_sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.measure import Answer, HourClass, Measurement
    from tamna.runs import Run

    Floats = NDArray[np.float64]
    Spans = dict[tuple[str, str], tuple[Floats, Floats]]

TITLES: dict[str, Message] = {
    Rule.COVERAGE: _("Coverage"),
    Rule.PROPORTIONAL: _("Proportional"),
    Rule.THERMAL_FIRST: _("Thermal first"),
}
SEASONS: dict[str, Message] = {"DJF": _("Winter"), "MAM": _("Spring"), "JJA": _("Summer"), "SON": _("Autumn")}
PLAIN = "settled"
"""The boundary in large type: the one that rests on meters alone."""
WHOLE = "settled_whole"
"""The same with what its series lack, estimated; stands only where they lack something."""


def report_view(done: Run) -> v.ReportView:
    """Tell a run as a report: measured numbers first, estimates marked, what is missing named."""
    found = done.measured
    m = found.measurement.at(Resolution.ALL)
    spans = share_bounds(m, tuple(x for x in m.measures if x in set(Rule)))
    months = found.measurement.at(Resolution.MONTH)
    synthetic = any(r.source == "synthetic" for r in found.receipts)
    first, last = _days(m)
    return v.ReportView(
        title=_("Renewable share of {island}, {span}", island=_said(Title(en=found.island.title.en, ko=found.island.title.ko)), span=first[:4] if _is_year(first, last) else f"{first} – {last}"),
        island=_said(Title(en=found.island.title.en, ko=found.island.title.ko)),
        period=found.period,
        timezone=m.hours.timezone,
        synthetic=synthetic,
        headlines=_headlines(m, spans),
        shares=_share_table(m, spans),
        hour_map=_hour_map(m),
        monthly=_monthly(months),
        durations=_durations(m),
        typical_days=_typical_days(m),
        extremes=extremes(m, PLAIN),
        episodes=tuple(_episodes(m, rule) for rule in Rule),
        curtailment=_curtailment(months),
        reconciliations=reconciliations(done),
        carbon=_carbon(m, months),
        findings=tuple(
            v.QualityNote(
                kind=f.kind, series=f"{f.series}@{f.source}", start=f.start, end=f.end, size=f.size, unit=f.unit,
                text=f.text, consequence=f.consequence or "",
            )
            for f in found.findings
        ),
        receipts=receipt_rows(found.receipts, m.hours.timezone),
        making=v.Making(
            version=__version__, method=METHOD, seed=done.seed,
            settings=(("island", found.island.name), ("boundaries", ", ".join(b.name for b in m.boundaries))),
            commands=(done.command, "sha256sum FILE"),
        ),
        notes=_notes(done, m),
        sections=tuple(_sections(done)),
    )  # fmt: skip


def _sections(done: Run) -> Iterator[Section]:
    """Tell changes, the last day as it was forecast, what no meter shows, days that something was printed about, and lost wind where asked for."""
    found, island = done.measured, done.measured.island
    speaker = Speaker(language(), island.timezone)
    yield from _changes(done)
    yield from foreseen_sections(done.foreseen, speaker)
    yield from unseen_sections(found.outside, found.measurement, speaker)
    yield from (section for day in done.days for section in day_sections(day, speaker))
    if found.lost is not None:
        yield lost_section(found.lost, island, speaker)
    yield from proof_sections(done.proved, speaker)


SHORT: dict[str, Message] = {
    Rule.COVERAGE: _(
        "{what}, over the demand of the same hours; exports count at home, and more than 100 % is possible"
    ),
    Rule.PROPORTIONAL: _("{what}; exports leave with the mix of their hour"),
    Rule.THERMAL_FIRST: _("{what}; what is not renewable is exported first"),
    Matching.HOURLY: _(
        "{what}, up to the demand of each hour; a surplus pays for no other hour. Not a coverage"
    ),
}


def _short(answer: Answer) -> Message:
    """Say in one sentence what a number counts; the whole definition stands in the auditor's part."""
    said = Message(SHORT[answer.definition.measure].text, {"what": answer.definition.counted.boundary.title})
    if not answer.coverage_hours:
        return said
    return _(
        "{said}. In {n:,} of its hours part of the fleet is not in the series: too low by what is missing",
        said=said,
        n=answer.coverage_hours,
    )


def _base(m: Measurement, answer: Answer) -> Message:
    """Name the metering bases of what is counted, and of the demand."""
    counted = answer.definition.counted.classes
    made = dict.fromkeys(base for c in counted for base in c.column.bases_in(slice(None)))
    demand = m.hours.demand.bases_in(slice(None))
    return _(
        "generation: {made}; demand: {demand}, {point}",
        made=in_words(tuple(made), ", "),
        demand=in_words(demand, ", "),
        point=m.hours.demand_point,
    )


def _days(m: Measurement) -> tuple[str, str]:
    local = to_local(m.hours.valid_at[[0, -1]], m.hours.timezone).astype("datetime64[D]")
    return str(local[0]), str(local[1])


def _is_year(first: str, last: str) -> bool:
    return first.endswith("-01-01") and last.endswith("-12-31") and first[:4] == last[:4]


def _headlines(m: Measurement, spans: Spans) -> tuple[v.Headline, ...]:
    rules = (Rule.COVERAGE, Matching.HOURLY, Rule.PROPORTIONAL, Rule.THERMAL_FIRST)
    labels: dict[str, Message] = {
        Rule.COVERAGE: _("Renewable share (coverage)"),
        Matching.HOURLY: _("Matched in the same hour"),
        Rule.PROPORTIONAL: _("Renewable share, exports carry the mix"),
        Rule.THERMAL_FIRST: _("Renewable share, thermal exported first"),
    }
    told = [_headline(m, labels[rule], m[PLAIN, rule][0], spans) for rule in rules]
    ratio = m.hourly(PLAIN, Rule.COVERAGE)
    known = np.isfinite(ratio)
    at_full = v.Headline(
        label=_("Hours at 100 % and more"),
        value=float((ratio[known] >= 1).sum()) if known.any() else None,
        unit="h",
        digits=0,
        definition=_("hours in which the coverage of the same boundary reached 100 %"),
        metering_base=_base(m, m[PLAIN, Rule.COVERAGE][0]),
        hours_counted=int(known.sum()),
        hours_missing=int((~known).sum()),
        reason=None if known.any() else m[PLAIN, Rule.COVERAGE][0].reason,
    )
    wider = (
        [_headline(m, _("Renewable share with PPA"), m["ppa", Rule.COVERAGE][0], spans)]
        if m["ppa", Rule.COVERAGE][0].value is not None
        else []
    )
    whole = [
        _headline(
            m, _("Renewable share with what left the settled series"), m[b.name, Rule.COVERAGE][0], spans
        )
        for b in m.boundaries
        if b.name == WHOLE
    ]
    return (*told[:2], at_full, *whole, *wider, *told[2:])


def _headline(m: Measurement, label: Message, answer: Answer, spans: Spans) -> v.Headline:
    definition = _short(answer)
    span = spans.get((answer.definition.counted.boundary.name, str(answer.definition.measure)))
    if span is not None and answer.value is not None:
        definition = _(
            "{said}. Between {low:.1%} and {high:.1%} over the bounds of what is estimated in it",
            said=definition,
            low=float(span[0][0]),
            high=float(span[1][0]),
        )
    return v.Headline(
        label=label,
        value=answer.value,
        definition=definition,
        metering_base=_base(m, answer),
        hours_counted=answer.hours_counted,
        hours_missing=answer.hours_missing,
        estimated_share=0.0 if np.isnan(answer.estimated_share) else answer.estimated_share,
        reason=answer.reason,
    )


def _share_table(m: Measurement, spans: Spans) -> v.ShareTable:
    def share(boundary: str, rule: Rule) -> v.Share:
        answer, span = m[boundary, rule][0], spans.get((boundary, str(rule)))
        return v.Share(
            value=answer.value,
            estimated=answer.estimated,
            reason=answer.reason,
            low=None if span is None else float(span[0][0]),
            high=None if span is None else float(span[1][0]),
        )

    return v.ShareTable(
        rules=tuple(v.Rule(name=str(r), title=TITLES[r], meaning=FORMULAS[r]) for r in Rule),
        boundaries=tuple(
            v.Boundary(
                name=b.name,
                title=b.title,
                meaning=_said(m[b.name, Rule.COVERAGE][0].definition),
                shares=tuple(share(b.name, r) for r in Rule),
                metering_base=_base(m, m[b.name, Rule.COVERAGE][0]),
            )
            for b in m.boundaries
        ),
    )


def _hour_map(m: Measurement) -> v.HourMap:
    local = to_local(m.hours.valid_at, m.hours.timezone)
    day, hour = local.astype("datetime64[D]"), (local.astype(np.int64) // 3600) % 24
    row = (day - day[0]).astype(np.int64)
    ratio = m.hourly(PLAIN, Rule.COVERAGE)
    known = np.isfinite(ratio)
    cell = row * 24 + hour
    size = (int(row[-1]) + 1) * 24
    total = np.bincount(cell[known], weights=ratio[known], minlength=size)
    count = np.bincount(cell[known], minlength=size)
    with np.errstate(invalid="ignore"):
        values = np.where(count > 0, total / count, np.nan)
    return v.HourMap(
        title=_("Every hour"), definition=_short(m[PLAIN, Rule.COVERAGE][0]),
first_day=day[0], values=values.reshape(-1, 24)
    )  # fmt: skip


def _gwh(m: Measurement, mwh: Floats) -> tuple[float, ...]:
    """Sum hours to the measurement's periods [GWh]; NaN where no hour of a period has a value."""
    known = np.isfinite(mwh)
    total, n = m.bins.add_up(np.array([np.where(known, mwh, 0.0), known.astype(np.float64)]))
    return tuple(float(t) / 1000 if c else float("nan") for t, c in zip(total, n, strict=True))


def _held(m: Measurement) -> list[HourClass]:
    return [c for c in m.hours.classes if c.column.held]


def _line(c: HourClass, values: tuple[float, ...]) -> v.Line:
    colour = {"fossil": "thermal", "other_renewable": "other"}.get(c.group, c.group)
    if c.fills:
        colour = f"{colour}_ppa"  # the lighter hue of its kind
    return v.Line(title=_said(c), colour=colour, values=values, estimated="estimated" in c.column.bases)


def _monthly(m: Measurement) -> v.Monthly:
    """Tell measured classes one by one and the estimated ones as one line: the table fits a page."""
    measured = [c for c in _held(m) if "estimated" not in c.column.bases]
    estimated = [c.column.mwh for c in _held(m) if "estimated" in c.column.bases]
    lines = [_line(c, _gwh(m, c.column.mwh)) for c in measured]
    if estimated:
        total = np.nansum(estimated, axis=0)
        lines.append(
            v.Line(title=_("Estimated classes"), colour="pv_btm", values=_gwh(m, total), estimated=True)
        )
    answered = [b for b in m.boundaries if np.isfinite(m[b.name, Rule.COVERAGE].value).any()]
    shown = dict.fromkeys((*answered[:1], *answered[-1:]))
    return v.Monthly(
        months=tuple(m.bins.names),
        made_gwh=tuple(lines),
        demand_gwh=v.Line(title=_("Demand"), colour="demand", values=_gwh(m, m.hours.demand_mwh)),
        shares=tuple(
            v.Line(
                title=b.title,
                colour=colour,
                values=tuple(m[b.name, Rule.COVERAGE].value),
                estimated=bool(m[b.name, Rule.COVERAGE].estimated_hours.any()),
            )
            for b, colour in zip(shown, ("wind", "pv"), strict=False)
        ),
    )


def _durations(m: Measurement) -> tuple[v.Duration, ...]:
    residual = residual_load(m, PLAIN)
    return (
        v.Duration(
            title=_("Share, hours from highest to lowest"),
            unit="%",
            curves=tuple(
                v.Curve(
                    title=TITLES[rule],
                    colour=colour,
                    values=m.hourly(PLAIN, rule),
                    dashed=rule is not Rule.COVERAGE,
                )
                for rule, colour in (
                    (Rule.COVERAGE, "wind"),
                    (Rule.PROPORTIONAL, "pv"),
                    (Rule.THERMAL_FIRST, "thermal"),
                )
                if np.isfinite(m.hourly(PLAIN, rule)).any()
            ),
            caption=m[PLAIN, Rule.COVERAGE][0].definition.counted.boundary.title,
        ),
        v.Duration(
            title=_("Demand and residual load"),
            unit="MW",
            curves=(
                v.Curve(title=_("Demand"), colour="demand", values=m.hours.demand_mwh),
                v.Curve(title=_("Residual load"), colour="residual", values=residual),
            ),
            caption=_(
                "Residual load is demand less wind and PV settled in the market; mean power of the hour."
            ),
        ),
    )


def _typical_days(m: Measurement) -> tuple[v.TypicalDay, ...]:
    hours = m.hours
    _codes, names = bins(hours.valid_at, Resolution.SEASON, hours.timezone)
    season = np.array([name[-3:] for name in names])[_codes]
    hour = (to_local(hours.valid_at, hours.timezone).astype(np.int64) // 3600) % 24

    def mean_day(values: Floats, name: str) -> tuple[float, ...]:
        use = (season == name) & np.isfinite(values)
        total = np.bincount(hour[use], weights=values[use], minlength=24)
        count = np.bincount(hour[use], minlength=24)
        with np.errstate(invalid="ignore"):
            return tuple(np.where(count > 0, total / count, np.nan))

    shown = [c for c in _held(m) if c.in_demand]
    return tuple(
        v.TypicalDay(
            title=title,
            stack=tuple(_line(c, mean_day(c.column.mwh, name)) for c in shown),
            demand=v.Line(title=_("Demand"), colour="demand", values=mean_day(hours.demand_mwh, name)),
        )
        for name, title in SEASONS.items()
        if (season == name).any()
    )


def _episodes(m: Measurement, rule: Rule) -> v.Episodes:
    answer = m[PLAIN, rule][0]
    items = episodes(m, PLAIN, rule, 1.0)
    return v.Episodes(
        definition=_short(answer),
        threshold=1.0,
        items=tuple(
            v.Episode(start=e.start, end=e.end, hours=e.hours, lowest=e.lowest, mean=e.mean) for e in items
        ),
        unavailable=answer.reason,
    )


def _curtailment(m: Measurement) -> v.Curtailment | None:
    found = curtailment(m.hours, m.bins)
    if not found:
        return None
    titles = {"wind": (_("Wind"), "curtailment"), "pv": (_("PV"), "pv")}
    return v.Curtailment(
        months=tuple(m.bins.names),
        lines=tuple(
            v.CurtailedLine(
                title=titles[kind][0], colour=titles[kind][1], energy_mwh=tuple(c.mwh), events=tuple(c.events)
            )
            for kind, c in found.items()
        ),
        note=_(
            "As published. A period without a publication is not zero; energy of curtailed PV is not published, and since "
            "2024-06-01 what was not cleared or was dispatched down in the bidding pilot is outside these counts."
        ),
    )


def _carbon(m: Measurement, months: Measurement) -> v.Carbon:
    whole, parts = carbon(m.hours, m.bins), carbon(m.hours, months.bins)
    value = float(whole.tco2e_per_mwh[0])
    titles = {c.name: _said(c) for c in m.hours.classes} | {"import": _("imports")}
    return v.Carbon(
        intensity_tco2e_per_mwh=None if np.isnan(value) else value,
        basis=_(
            "average of generation and imports, sum of emissions over sum of energy; direct emissions, imports at the mainland's yearly factor"
        ),
        factor_set=tuple(
            v.Factor(title=titles.get(name, name), factor_tco2e_per_mwh=f.tco2e_per_mwh, source=f.source)
            for name, f in whole.factors.items()
        ),
        months=tuple(months.bins.names) if np.isfinite(parts.tco2e_per_mwh).any() else (),
        monthly_tco2e_per_mwh=tuple(parts.tco2e_per_mwh) if np.isfinite(parts.tco2e_per_mwh).any() else (),
        estimated=bool(whole.estimated_hours[0]),
        reason=whole.why_not[0],
    )


def _changes(done: Run) -> tuple[Section, ...]:
    """Tell how the share changed from year to year, or why that cannot be said."""
    told = changes(done.measured.measurement)
    texts = tuple(_said(c) for c in told.get(PLAIN, ()))
    if not texts:
        return ()
    blocks = (
        Paragraph(
            _(
                "Coverage of wind and PV settled in the market. A change is given only where the metering base stayed the same."
            )
        ),
        *(Paragraph(text) for text in texts),
    )
    return (Section(title=_("Change from year to year"), blocks=blocks, reader="governor"),)


def _notes(done: Run, m: Measurement) -> tuple[Message, ...]:
    notes: list[Message] = []
    answer = m[PLAIN, Rule.COVERAGE][0]
    if answer.coverage_hours:
        notes.append(
            _(
                "In {n:,} hours part of the fleet is not in the series: the share is too low by what is missing.",
                n=answer.coverage_hours,
            )
        )
    if done.measured.outside is not None:
        said = unseen.notes(done.measured.outside, m.hours)
        notes += [note for note in said if note.text == unseen.OPEN_NOTE.text]
    if answer.suspect_hours:
        notes.append(
            _(
                "{n:,} hours rest on values that the checks doubt; they are counted and marked.",
                n=answer.suspect_hours,
            )
        )
    if done.ingested is not None and done.ingested.refused:
        notes.append(
            _(
                "{n} files could not be read and are not in here: {names}",
                n=len(done.ingested.refused),
                names=", ".join(name for name, _e in done.ingested.refused),
            )
        )
    notes.append(
        _(
            "Coverage, proportional and thermal-first answer different questions; none is the true one. Quote a number with its boundary and its rule."
        )
    )
    return tuple(notes)
