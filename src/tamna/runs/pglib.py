"""`tamna dispatch --pglib`: an instance of the Power Grid Library, solved and re-priced, as a table of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.dispatch.pglib_solve import PglibAnswer, solve_pglib
from tamna.errors import Infeasible, Mistake, Place
from tamna.lang import _

if TYPE_CHECKING:
    from pathlib import Path

    from tamna.dispatch.pglib import Model

PRICES_AGREE = 1e-6
"""So far, relatively, may the evaluator's price lie from the solver's: tolerances of many hours add up."""


def pglib(
    path: Path, *, gap: float = 1e-3, time_limit_s: float = 600.0, model: Model = "pglib"
) -> dict[str, float | str | bool]:
    """Solve an instance; give its figures as the command prints them.

    Returns
    -------
    ``instance``, ``model``, ``objective``, ``bound`` [$], ``gap`` [-], ``seconds``, ``cpu_s`` [s], ``repriced`` [$], and ``proven``: whether the gap
    that was asked for is reached.

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
    }


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
