"""A block alone between a source and a sink of power, as LP text that is compared with what was read and approved."""

import os
from pathlib import Path

from tamna.optimise.lptext import lp_text
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import add_balance

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "optimise"


def text_of(add, *, steps=4, hours=1.0):
    """Give the LP text of the one block that `add` adds."""
    problem = Problem(Steps(count=steps, hours=hours))
    add_balance(problem, [add(problem)])
    return lp_text(problem)


def assert_golden(name, text):
    """Hold `text` against the file; APPROVE_GOLDEN=1 writes it, to be read before it is committed."""
    path = GOLDEN / f"{name}.lp"
    if os.environ.get("APPROVE_GOLDEN"):
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text
