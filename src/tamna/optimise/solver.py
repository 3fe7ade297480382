"""The one door to the solver: HiGHS through highspy, handed arrays, kept alive and changed in place.

Nothing else in tamna imports highspy, but for `quiet`, which makes it hold its tongue. `solve` is for one problem; a `Model`
stays alive, so that the next window of a rolling horizon only sends what differs and starts where the last one stood.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from scipy.sparse import coo_array

from tamna.errors import Infeasible, TamnaError, UsageError
from tamna.lang import _
from tamna.optimise.how import Heuristic, How
from tamna.optimise.problem import Arrays
from tamna.optimise.quiet import quiet_highs
from tamna.optimise.solution import Solution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tamna.optimise.problem import Problem

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Basis", "Cuts", "How", "Model", "Watch", "priced", "settled", "solve"]

_HEURISTICS: tuple[Heuristic, ...] = (
    "feasibility_jump",
    "rens",
    "rins",
    "shifting",
    "root_reduced_cost",
    "zi_round",
)
_PRICING = {"choose": -1, "dantzig": 0, "devex": 1, "steepest": 2}
_DONE = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
    highspy.HighsModelStatus.kObjectiveTarget: "target",
    highspy.HighsModelStatus.kInterrupt: "stopped",
}
_IIS_FROM_LP = int(highspy.IisStrategy.kIisStrategyFromLp) + int(highspy.IisStrategy.kIisStrategyIrreducible)
_IRREDUCIBLE = 3
"""Search among all rows until the set is irreducible; HiGHS' status of a set that is."""
_FEASIBLE = 2
"""HiGHS' status of a point that keeps all constraints."""
_NO_LIMIT = 2**31 - 1
_CLASHING = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Which columns and rows a simplex answer rests on, as the solver's own status numbers, (columns,) and (rows,)."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """Rows that every answer with whole numbers keeps, with the bound that they prove, and an answer met on the way.

    Attributes
    ----------
    row, column, factor
        Their entries.
    lower, upper : (cuts,)
        Their sides.
    x : (columns,) or None
        The best answer with whole numbers that was met.
    """

    row: Ints
    column: Ints
    factor: Floats
    lower: Floats
    upper: Floats
    bound: float
    objective: float
    x: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is told of a tree search while it runs, in the thread that runs it.

    Attributes
    ----------
    stop
        Asked now and then with the bound so far; True ends the search.
    better
        Told of each better answer: its values and its objective.
    """

    stop: Callable[[float], bool]
    better: Callable[[Floats, float], None] | None = None


class Model:
    """A problem inside the solver.

    Raises
    ------
    InputError
        Every mistake of the problem at once.
    """

    def __init__(self, problem: Problem | Arrays, how: How | None = None) -> None:
        self._highs = quiet_highs()
        self._highs.setOptionValue("output_flag", False)
        self.arrays = problem if isinstance(problem, Arrays) else problem.arrays()
        self._pass()
        self.set(how or How())

    def set(self, how: How) -> None:
        """Choose how the next answers are found."""
        how.check()
        self._how = how
        for name, value in _options(how).items():
            if self._highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
                raise UsageError(_("the solver does not take this option"), seen=f"{name} = {value}")

    @property
    def how(self) -> How:
        """How the next answers are found."""
        return self._how

    def change_to(self, problem: Problem) -> None:
        """Send what differs in bounds, sides and costs of a problem with the same matrix.

        Raises
        ------
        UsageError
            Another matrix: other assets, other steps, or a figure that stands in it.
        """
        new = problem.arrays()
        if not self.arrays.same_matrix(new):
            raise UsageError(
                _("the model in the solver has other rows or factors"),
                todo=_("Make a new model; in place only bounds, right-hand sides and costs change."),
            )
        self.change_arrays(new)

    def change_arrays(self, new: Arrays) -> None:
        """Send what differs in bounds, sides and costs of arrays that are known to have the same matrix."""
        old = self.arrays
        self._send(
            "changeColsBounds", (old.column_lower, old.column_upper), (new.column_lower, new.column_upper)
        )
        self._send("changeRowsBounds", (old.row_lower, old.row_upper), (new.row_lower, new.row_upper))
        self._send("changeColsCost", (old.cost,), (new.cost,))
        self._highs.changeObjectiveOffset(new.offset)
        turned = np.flatnonzero(old.integer != new.integer)
        if len(turned):
            kinds = np.where(new.integer[turned], 1, 0).astype(np.uint8)
            self._highs.changeColsIntegrality(len(turned), turned.astype(np.int32), kinds)
        self.arrays = new

    def change_costs(self, numbers: Ints, cost: Floats) -> None:
        """Set the costs of some columns."""
        self._highs.changeColsCost(len(numbers), numbers.astype(np.int32), np.asarray(cost, dtype=np.float64))

    def fix(self, numbers: Ints, value: Floats) -> None:
        """Hold some columns at values until `change_to` or `release`."""
        self._highs.changeColsBounds(len(numbers), numbers.astype(np.int32), value, value)

    def release(self, numbers: Ints) -> None:
        """Give some columns their own bounds back."""
        lower, upper = self.arrays.column_lower[numbers], self.arrays.column_upper[numbers]
        self._highs.changeColsBounds(len(numbers), numbers.astype(np.int32), lower, upper)

    def hold(self, numbers: Ints, lower: Floats, upper: Floats) -> None:
        """Hold some columns between other bounds until `change_to` or `release`."""
        self._highs.changeColsBounds(len(numbers), numbers.astype(np.int32), lower, upper)

    def below(self, most: float) -> Solution | None:
        """Solve a linear problem; None where there is no answer, or none that costs less than `most`.

        The dual simplex climbs from below, so it stops as soon as it has passed `most`.
        """
        self._highs.setOptionValue("objective_bound", most)
        try:
            found = self.solve()
        except Infeasible:
            return None
        except TamnaError:
            if self._highs.getModelStatus() == highspy.HighsModelStatus.kObjectiveBound:
                return None
            raise
        finally:
            self._highs.setOptionValue("objective_bound", self._how.cutoff)
        return found if found.objective < most else None

    def relax(self, *, on: bool) -> None:
        """Let whole numbers be broken, or not any more."""
        self._highs.setOptionValue("solve_relaxation", on)

    def start_from(self, basis: Basis) -> None:
        """Start the simplex at `basis`."""
        given = highspy.HighsBasis()
        given.col_status = _STATUS[basis.columns].tolist()
        given.row_status = _STATUS[basis.rows].tolist()
        given.valid = True
        self._highs.setBasis(given)

    def basis(self) -> Basis:
        """Give the basis of the last answer."""
        status, basic = self._highs.getBasicVariables()  # type: ignore[attr-defined]
        if (
            status != highspy.HighsStatus.kOk
        ):  # presolve answered alone: no factors to ask, so read the long lists
            held = self._highs.getBasis()
            return Basis(_numbers(held.col_status), _numbers(held.row_status))
        found, a = self._highs.getSolution(), self.arrays
        columns = _resting(np.array(found.col_value), a.column_lower, a.column_upper)
        rows = _resting(np.array(found.row_value), a.row_lower, a.row_upper)
        columns[basic[basic >= 0]] = _BASIC
        rows[-1 - basic[basic < 0]] = _BASIC
        return Basis(columns, rows)

    def shift(self, row: int) -> Floats | None:
        """Say how every column moves with one more unit on a row's right-hand side, by the basis of the last answer.

        Of a linear answer; its costs times these moves are the row's dual. None where the solver has no basis.
        """
        status, basic = self._highs.getBasicVariables()  # type: ignore[attr-defined]
        if (
            status != highspy.HighsStatus.kOk
        ):  # presolve answered alone: from its basis the simplex has no step to go
            self._highs.setOptionValue("presolve", "off")
            self._highs.run()
            self._highs.setOptionValue("presolve", _options(self._how)["presolve"])
            status, basic = self._highs.getBasicVariables()  # type: ignore[attr-defined]
        unit = (np.arange(len(self.arrays.row_lower)) == row).astype(np.float64)
        solved, moves = self._highs.getBasisSolve(unit)  # type: ignore[attr-defined]
        if not status == solved == highspy.HighsStatus.kOk:
            return None
        moved = np.zeros(len(self.arrays.cost))
        moved[basic[basic >= 0]] = np.asarray(moves)[basic >= 0]
        return moved

    def guess(self, numbers: Ints, value: Floats) -> None:
        """Offer values of some columns as a first answer to the tree search; the solver completes them."""
        self._highs.setSolution(len(numbers), numbers.astype(np.int32), np.asarray(value, dtype=np.float64))

    def solve(self, watch: Watch | None = None) -> Solution:
        """Solve, watched or not.

        Raises
        ------
        Infeasible
            No answer; `tamna.optimise.clash` says why.
        TamnaError
            The cost falls without end, no answer within the time, or the solver gave up.
        """
        began = time.perf_counter()
        # its own limit counts the time of all runs so far
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + self._how.time_limit_s)
        with self._watched(watch):
            self._highs.run()
        seconds = time.perf_counter() - began
        status = self._highs.getModelStatus()
        info = self._highs.getInfo()
        if status in _CLASHING:
            raise Infeasible(_("no answer satisfies all constraints"))
        if status not in _DONE or info.primal_solution_status != _FEASIBLE:
            raise TamnaError(
                _("the solver gave no answer"),
                seen=self._highs.modelStatusToString(status),
                todo=_("Allow more time, or look for a cost that falls without end."),
            )
        found = self._highs.getSolution()
        whole = bool(self.arrays.integer.any()) and not self._highs.getOptionValue("solve_relaxation")[1]
        objective = float(info.objective_function_value)
        return Solution(
            status=_DONE[status],  # type: ignore[arg-type]
            objective=objective,
            bound=float(info.mip_dual_bound)
            if whole
            else objective
            if _DONE[status] == "optimal"
            else -np.inf,
            seconds=seconds,
            nodes=int(info.mip_node_count) if whole else 0,
            x=np.array(found.col_value),
            row_dual=np.empty(0) if whole else np.array(found.row_dual),
            columns={g.name: g for g in self.arrays.columns},
            rows={g.name: g for g in self.arrays.rows},
        )

    @contextmanager
    def _watched(self, watch: Watch | None) -> Iterator[None]:
        def asked(event: Any) -> None:
            if watch is not None and watch.stop(float(event.data_out.mip_dual_bound)):
                event.interrupt()

        def told(event: Any) -> None:
            if watch is not None and watch.better is not None:
                out = event.data_out
                watch.better(np.array(out.mip_solution), float(out.objective_function_value))

        if watch is None:
            yield
            return
        self._highs.cbMipInterrupt += asked
        self._highs.cbMipImprovingSolution += told
        try:
            yield
        finally:
            self._highs.cbMipInterrupt -= asked
            self._highs.cbMipImprovingSolution -= told

    def cuts(self, watch: Watch | None = None) -> Cuts:
        """Tighten the problem at the root of its tree, and give the rows that did it; needs ``presolve=False``.

        Presolve would give rows over other columns.
        """
        kept: list[Cuts] = []

        def take(event: Any) -> None:
            out = event.data_out
            start = np.array(out.cutpool_start, dtype=np.int64)
            entries = np.array(out.cutpool_index, dtype=np.int64)
            row = np.repeat(np.arange(len(start) - 1), np.diff(start))
            kept.append(
                Cuts(row, entries, np.array(out.cutpool_value), np.array(out.cutpool_lower),
                     np.array(out.cutpool_upper), float(out.mip_dual_bound), float("inf"), None)
            )  # fmt: skip

        self._highs.cbMipGetCutPool += take
        self._highs.setOptionValue("mip_max_nodes", 1)
        self._highs.setOptionValue("mip_allow_restart", False)  # it would cut over other columns
        with self._watched(watch):
            self._highs.run()
        self._highs.cbMipGetCutPool -= take
        self._highs.setOptionValue("mip_max_nodes", _NO_LIMIT)
        self._highs.setOptionValue("mip_allow_restart", True)
        if self._highs.getModelStatus() in _CLASHING:
            raise Infeasible(_("no answer satisfies all constraints"))
        info, nothing = self._highs.getInfo(), np.empty(0)
        none = Cuts(
            np.empty(0, np.int64), np.empty(0, np.int64), nothing, nothing, nothing, -np.inf, np.inf, None
        )
        last = kept[-1] if kept else none
        bound = max(last.bound, float(info.mip_dual_bound))
        if info.primal_solution_status != _FEASIBLE:
            return replace(last, bound=bound)
        x = np.array(self._highs.getSolution().col_value)
        return replace(last, bound=bound, objective=float(info.objective_function_value), x=x)

    def clashing(self) -> tuple[Ints, Ints]:
        """Give a smallest set of rows, and of columns whose bounds, that no linear answer satisfies together.

        Empty where the solver finds none: the whole numbers are then a part of the clash.
        """
        self._highs.setOptionValue("iis_strategy", _IIS_FROM_LP)
        _status, found = self._highs.getIis()
        if found.status_ != _IRREDUCIBLE:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        free = int(highspy.IisBoundStatus.kIisBoundStatusFree)
        bounds = zip(found.col_index_, found.col_bound_, strict=True)
        columns = [i for i, bound in bounds if int(bound) != free]
        return np.array(found.row_index_, dtype=np.int64), np.array(columns, dtype=np.int64)

    def _send(self, verb: str, old: tuple[Floats, ...], new: tuple[Floats, ...]) -> None:
        changed = np.flatnonzero(np.any([a != b for a, b in zip(old, new, strict=True)], axis=0))
        if len(changed):
            getattr(self._highs, verb)(len(changed), changed.astype(np.int32), *(v[changed] for v in new))

    def _pass(self) -> None:
        a = self.arrays
        n, m = len(a.cost), len(a.row_lower)
        matrix = coo_array((a.factor, (a.row, a.column)), shape=(m, n)).tocsc()
        matrix.sum_duplicates()
        self._highs.passModel(
            n, m, matrix.nnz, 1, 1, a.offset, a.cost, a.column_lower, a.column_upper, a.row_lower, a.row_upper,
            matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data, a.integer.astype(np.int32),
        )  # fmt: skip


_STATUS = np.array([highspy.HighsBasisStatus(k) for k in range(5)], dtype=object)
_LOWER, _BASIC, _UPPER, _ZERO = range(4)
_NUMBER = {status: k for k, status in enumerate(_STATUS)}


def _resting(value: Floats, lower: Floats, upper: Floats) -> NDArray[np.int8]:
    """Say at which bound each value would rest outside the basis."""
    at_upper = np.abs(upper - value) < np.abs(value - lower)
    free = np.isinf(lower) & np.isinf(upper)
    return np.where(free, _ZERO, np.where(at_upper, _UPPER, _LOWER)).astype(np.int8)


def _numbers(statuses: list[highspy.HighsBasisStatus]) -> NDArray[np.int8]:
    return np.fromiter(map(_NUMBER.__getitem__, statuses), dtype=np.int8, count=len(statuses))


def _options(how: How) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "mip_rel_gap": how.gap,
        "mip_abs_gap": 1e-6,
        "time_limit": how.time_limit_s,
        "threads": how.threads,
        "parallel": "off" if how.threads == 1 else "choose",
        "presolve": "choose" if how.presolve else "off",
        "simplex_dual_edge_weight_strategy": _PRICING[how.pricing],
        "random_seed": how.seed,
        "objective_bound": how.cutoff,
        "objective_target": how.target,
        "mip_pscost_minreliable": how.strong,
        "mip_detect_symmetry": how.symmetry,
    }
    if how.effort is not None:
        chosen["mip_heuristic_effort"] = how.effort
    if how.heuristics is not None:
        chosen |= {f"mip_heuristic_run_{name}": name in how.heuristics for name in _HEURISTICS}
    return chosen


def solve(problem: Problem, how: How | None = None) -> Solution:
    """Solve one problem.

    Raises
    ------
    InputError, Infeasible, TamnaError
        As `Model` and `Model.solve` do.
    """
    return Model(problem, how).solve()


def priced(problem: Problem, found: Solution) -> Solution:
    """Hold the whole numbers of an answer and solve the rest again: the same schedule, with its duals."""
    return held_model(problem, found).solve()


def held_model(problem: Problem, found: Solution) -> Model:
    """Give the linear model that is left with the whole numbers of an answer held.

    What the answer left half decided, beyond the steps that are carried out, stays free.
    """
    arrays = problem.arrays()
    whole = arrays.integer & (np.abs(found.x - found.x.round()) < 1e-5)
    held = replace(
        arrays,
        column_lower=np.where(whole, found.x.round(), arrays.column_lower),
        column_upper=np.where(whole, found.x.round(), arrays.column_upper),
        integer=np.zeros_like(arrays.integer),
    )
    return Model(held)


def settled(problem: Problem, found: Solution) -> Solution:
    """Give the cheapest answer with the whole numbers of `found`.

    A search that stops within its gap may leave the rest dearer than it need be, a cheap piece of a cost curve
    unused below a dear one.
    """
    if not problem.arrays().integer.any():
        return found
    best = priced(problem, found)
    return replace(found, x=best.x, objective=best.objective, seconds=found.seconds + best.seconds)
