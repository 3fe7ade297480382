"""Windows of a schedule searched anew, and the schedule that stands when the time is over before any search ends."""

import time

import numpy as np
import pytest

from dispatch.instances import random_instance
from tamna.dispatch import commit
from tamna.dispatch.build import build
from tamna.dispatch.commit import Search
from tamna.dispatch.pglib import read_instance
from tamna.dispatch.pglib_found import Priced
from tamna.dispatch.pglib_polish import WINDOW, around, cheaper, decided, windows
from tamna.dispatch.pglib_relaxed import in_busy_hours, reserve_mw, tightened
from tamna.dispatch.pglib_solve import _as_one_fleet
from tamna.optimise.solver import How, Model


def opened(folder, seed, hours):
    """An instance with reserve in all hours: arrays, relaxation, best cost and what is on in the best schedule."""
    system, given, state = read_instance(random_instance(folder, seed=seed, hours=hours))
    system, given = _as_one_fleet(system, given)
    arrays = build(system, given, state)[0].arrays()
    best = Model(arrays, How(gap=0)).solve()
    on = {g.name: best.x[g.place].round() for g in arrays.columns if g.name.endswith("/on")}
    tight = tightened(arrays, system, given, state)
    first = in_busy_hours(tight[0], system, state, tight[1], np.ones(hours, bool))
    return arrays, reserve_mw(system, given), first, best.objective, on


def never():
    return False


@pytest.mark.parametrize("seed", range(3))
def test_a_window_over_all_hours_finds_the_best_whatever_is_given(tmp_path, seed):
    _arrays, _reserve, first, best, on = opened(tmp_path, seed, WINDOW)
    given = {name: np.ones_like(value) for name, value in on.items()}
    cost, x = cheaper(first, given, np.ones(WINDOW, bool), best * 1.02, limit_s=30, stop=never)
    assert cost == pytest.approx(best, rel=2e-5)
    assert decided(first, x).keys() == on.keys()
    assert cheaper(first, given, np.ones(WINDOW, bool), best * (1 - 1e-5), limit_s=30, stop=never) is None


@pytest.mark.parametrize("seed", range(3))
def test_what_lies_outside_a_window_stays(tmp_path, seed):
    _arrays, _reserve, first, best, on = opened(tmp_path, seed, 2 * WINDOW)
    cost, x = cheaper(first, on, windows(2 * WINDOW)[1], best * 1.02, limit_s=30, stop=never)
    assert cost == pytest.approx(best, rel=2e-5)
    for name, value in decided(first, x).items():
        assert value[:6].tolist() == on[name][:6].tolist()
        assert value[6 + WINDOW :].tolist() == on[name][6 + WINDOW :].tolist()


@pytest.mark.parametrize("hours", [1, WINDOW, WINDOW + 1, 24, 47, 48])
def test_windows_leave_no_hour_out(hours):
    seen = np.zeros(hours, bool)
    for free in windows(hours):
        assert 0 < free.sum() <= WINDOW
        seen |= free
    assert seen.all()


def test_around_marked_hours_lies_what_a_window_in_their_middle_would_hold():
    marked = np.zeros(30, bool)
    marked[[3, 20]] = True
    assert np.flatnonzero(around(marked)).tolist() == [*range(10), *range(14, 27)]
    assert not around(np.zeros(5, bool)).any()


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_a_schedule_stands_though_no_time_was_left_to_search(tmp_path, seed):
    """Where the rounded answer keeps all rules, as in ten of the first twelve of these."""
    arrays, reserve, first, best, _on = opened(tmp_path, seed, 2 * WINDOW)
    search = Search(arrays, reserve, 1e-3, time.monotonic())
    search.begin(first)
    search.run()
    answer = search.answer()
    assert answer.bound <= best * (1 + 1e-6)
    assert answer.objective >= best * (1 - 1e-6)
    assert answer.objective == pytest.approx(arrays.cost @ answer.x + arrays.offset, rel=1e-6)


def test_polish_takes_a_rounded_schedule_to_the_best(tmp_path):
    """Two windows that overlap; what they find is priced in the whole problem and is the best to their gap."""
    arrays, reserve, first, best, _on = opened(tmp_path, 3, 2 * WINDOW)
    search = Search(arrays, reserve, 1e-6, time.monotonic() + 60)
    search.begin(first)
    search._round()
    rounded = search.found.best.objective
    search._polish()
    for one in search.waiting:
        search.price(*one)
    assert best * (1 - 1e-6) <= search.found.best.objective <= rounded
    assert search.found.best.objective == pytest.approx(best, rel=1e-3)
    assert rounded > search.found.best.objective


def opened_search(folder, seed):
    arrays, reserve, first, best, _on = opened(folder, seed, 2 * WINDOW)
    search = Search(arrays, reserve, 1e-3, time.monotonic() + 60)
    search.begin(first)
    search._round()
    return search, best


def test_polish_ends_where_tighter_rows_came_and_is_not_done_then(tmp_path, monkeypatch):
    search, best = opened_search(tmp_path, 3)
    searched = []

    def tighter_rows_come(_given, _on, free, _below, *, limit_s, stop):
        assert limit_s > 0
        assert not stop()
        searched.append(free)
        search.relaxed = search.first.cut(0.05 * best, 10)
        assert stop()

    monkeypatch.setattr(commit, "cheaper", tighter_rows_come)
    search._polish()
    assert len(searched) == 1
    assert search._polished == np.inf


@pytest.mark.parametrize("seed", range(3))
def test_near_a_cut_answer_lies_a_schedule_that_all_rules_keep(tmp_path, seed):
    search, best = opened_search(tmp_path, seed)
    search.relaxed = search.first.cut(0.05 * best, 10)
    assert search.relaxed.bound >= search.first.bound
    search._find_near(search.relaxed)
    for one in search.waiting:
        search.price(*one)
    assert best * (1 - 1e-6) <= search.found.best.objective
    assert search.found.best.objective == pytest.approx(best, rel=5e-3)


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_a_proof_is_begun_again_where_a_better_schedule_asks_for_less(tmp_path, seed):
    search, best = opened_search(tmp_path, seed)
    search.found.best = Priced(best * 1.5)
    far = search.enough
    assert not search._asks_less(far)
    search.found.best = Priced(best * 1.01)
    assert search._asks_less(far)
    assert search.enough == pytest.approx(best * 1.01 * (1 - 1e-3), rel=1e-5)
