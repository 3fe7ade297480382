"""What the tests of live sources share: a key to look for, a moment, a clock that jumps, answers without a server."""

import traceback

import numpy as np

from tamna.sources.live import Answer
from tamna.sources.live.keys import Secret

KEY = "s3cret/Key+of==Nobody"
NOW = np.datetime64("2026-06-15T06:02:00", "s")  # 15:02 in Korea


class FakeClock:
    """Sleeping is instant and remembered."""

    def __init__(self, now=NOW):
        self._now = now
        self._elapsed = 0.0
        self.slept = []

    def now(self):
        return self._now + np.timedelta64(int(self._elapsed), "s")

    def monotonic(self):
        return self._elapsed

    def sleep(self, seconds):
        self.slept.append(seconds)
        self._elapsed += seconds


def answer(body, *, status=200, content_type="application/json", retrieved=NOW):
    """An answer as the client hands it over."""
    body = body if isinstance(body, bytes) else body.encode()
    return Answer(
        address="https://example.org/x?serviceKey=***",
        status=status,
        body=body,
        content_type=content_type,
        retrieved=retrieved,
    )


def block_of(reading, series):
    (found,) = [b for b in reading.blocks if b.series == series]
    return found


def stamp(text):
    return np.datetime64(text, "s")


def everything_said(error):
    """All texts of an error and of whatever hangs on it, as a log or a crash report would show them."""
    seen, found = set(), []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        found += [str(one), repr(one), repr(one.args), repr(getattr(one, "__dict__", {}))]
        waiting += [one.__cause__, one.__context__]
    found += traceback.format_exception(error)
    return "\n".join(found)


def has_no_secret(text):
    return not any(form.lower() in text.lower() for form in Secret("x", KEY).forms())
