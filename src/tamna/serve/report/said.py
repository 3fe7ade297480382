"""A title in the reader's language, whatever carries it."""

from __future__ import annotations

from tamna.lang import Message


def said(title: object) -> Message:
    """Take anything that has a text in either language as a message."""
    return Message("{title}", {"title": title})
