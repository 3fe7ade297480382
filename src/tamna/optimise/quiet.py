"""A solver that does not greet: standard output is where our data go."""

from __future__ import annotations

import os
import sys
from threading import Lock

import highspy

_ONE_AT_A_TIME = Lock()
"""Two threads that take standard output away at once would not both give it back."""


def quiet_highs() -> highspy.Highs:
    """Make a solver without its greeting on standard output, where our data go (HiGHS 1.16 greets before it can be told)."""
    with _ONE_AT_A_TIME:
        sys.stdout.flush()
        try:
            kept = os.dup(1)
        except OSError:  # no standard output
            return highspy.Highs()  # type: ignore[no-untyped-call]
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 1)
            return highspy.Highs()  # type: ignore[no-untyped-call]
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            os.close(nowhere)
