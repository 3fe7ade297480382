"""`tamna dispatch --pglib`: an instance of the Power Grid Library, solved and re-priced, as a table of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.dispatch.pglib_solve import PglibAnswer, solve_pglib
from tamna.errors import Infeasible, Mistake, Place
from tamna.lang import _

if TYPE_CHECKING:
    from pathlib import Path

    from tamna.dispatch.pglib import Model
    from tamna.lang import Message

PRICES_AGREE = 1e-6
"""So far, relatively, may the evaluator's price lie from the solver's: tolerances of many hours add up."""


def pglib(
    path: Path, *, gap: float = 1e-3, time_limit_s: float = 600.0, model: Model = "either"
) -> dict[str, float | str | bool]:
    """Solve an instance; give its figures as the command prints them.

    Returns
    -------
    ``instance``, ``model``, ``objective``, ``bound`` [$], ``gap`` [-], ``seconds``, ``cpu_s`` [s], ``repriced`` [$],
    ``proven``: whether the gap that was asked for is reached, ``keeps``: whose rules the schedule keeps and is evaluated
    by, ``beyond_unit_hours``, ``beyond_mw``: where it goes beyond row 18 of MODEL.pdf, and ``says``: both in words.

    Raises
    ------
    SourceError, UsageError, Infeasible, TamnaError
        As `solve_pglib`; and where the evaluator of the JSON finds a rule broken or another price.
    """
    answer = solve_pglib(path, gap, time_limit_s, model)
    _held(answer)
    return {
        "instance": path.stem,
        "model": model,
        "objective": answer.objective,
        "bound": answer.bound,
        "gap": answer.gap,
        "seconds": answer.seconds,
        "cpu_s": answer.cpu_s,
        "repriced": answer.repriced,
        "proven": answer.gap <= gap,
        "keeps": answer.keeps,
        "beyond_unit_hours": len(answer.beyond),
        "beyond_mw": float(sum(b.by for b in answer.beyond)),
        "says": str(_says(answer, model)),
    }


def _says(answer: PglibAnswer, model: Model) -> Message:
    """Say whose rules the schedule keeps, for whose the bound holds, and where MODEL.pdf would not let it."""
    if model == "model.pdf":
        return _("The schedule keeps MODEL.pdf, by which the bound holds.")
    if answer.keeps == "model.pdf":
        return _(
            "The schedule keeps MODEL.pdf, and so the rules of UnitCommitment.jl, too; the bound holds for both."
        )
    worst = max(answer.beyond, key=lambda b: b.by, default=None)
    return _(
        "The bound holds for MODEL.pdf and for UnitCommitment.jl, but the schedule keeps the latter only: by row 18 of"
        " MODEL.pdf a unit's output and reserve together keep the limit of its stop (unit-hours beyond that: {n}, {mw} MW"
        " in all, most in hour {hour} of {unit}).",
        n=len(answer.beyond),
        mw=f"{sum(b.by for b in answer.beyond):.1f}",
        unit=worst.asset if worst else "-",
        hour=worst.step + 1 if worst else "-",
    )


def _held(answer: PglibAnswer) -> None:
    wrong = [
        Mistake(what=b.rule, where=Place(path=f"{b.asset}, {_('step {n}', n=b.step)}"), seen=f"{b.by:g}")
        for b in answer.broken
    ]
    if abs(answer.repriced - answer.objective) > PRICES_AGREE * max(1.0, abs(answer.objective)):
        wrong.append(
            Mistake(
                what=_("the schedule costs other than the solver says"),
                seen=f"{answer.repriced:.6g}, {answer.objective:.6g}",
                todo=_("Please report this with the instance: the model and the rules disagree."),
            )
        )
    if wrong:
        raise Infeasible(wrong)
