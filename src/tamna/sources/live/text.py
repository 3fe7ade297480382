"""From bytes to text, JSON or XML without trusting the sender: sizes bounded, nothing fetched, nothing run."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

from lxml import etree

from tamna.errors import Place, SourceError
from tamna.lang import _

if TYPE_CHECKING:
    from tamna.sources.live.http import Answer

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_HTML = re.compile(r"\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_MEMBERS = 400
_UNZIPPED = 256 * 1024 * 1024


def place(answer: Answer) -> Place:
    """Give the place of a whole answer: its address, key masked."""
    return Place(path=answer.address)


def decoded(answer: Answer) -> str:
    """Give the text: UTF-8 if it is, else CP949 (the API hub and old KPX pages).

    What the header says is not believed: it says ISO-8859-1 over UTF-8 bodies.
    """
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return answer.body.decode(encoding)
        except UnicodeError:
            continue
    raise SourceError(
        _("the answer is not text in UTF-8 or CP949"), where=place(answer), seen=repr(answer.body[:40])
    )


def is_html(text: str) -> bool:
    """Say whether a page for people came in place of data."""
    return _HTML.match(text[:2000]) is not None


def json_of(answer: Answer, text: str | None = None) -> Any:
    """Read JSON; numbers stay text as sent (``"007"`` and 7.10 keep their digits), so that one reader does both.

    Raises
    ------
    SourceError
        It is not JSON, or nested without end.
    """
    text = decoded(answer) if text is None else text
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        pass
    what = (
        _("a web page came in place of data")
        if is_html(text)
        else _("the answer is empty")
        if not text.strip()
        else _("the answer is not JSON")
    )
    raise SourceError(
        what,
        where=place(answer),
        seen=text.strip()[:80],
        todo=_("Try again later; what came so far is kept."),
    )


def xml_of(answer: Answer, text: str | None = None) -> etree._Element:
    """Read XML without entities, document types or network.

    Raises
    ------
    SourceError
        It is not well-formed, or declares a document type.
    """
    text = decoded(answer) if text is None else text
    what = _("the answer is not XML")
    if is_html(text):
        what = _("a web page came in place of data")
    elif "<!DOCTYPE" not in text and "<!ENTITY" not in text:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(_DECLARATION.sub("", text, count=1).encode("utf-8"), parser)
        except (etree.XMLSyntaxError, ValueError):
            root = None
        if root is not None:
            return root
    raise SourceError(
        what,
        where=place(answer),
        seen=text.strip()[:80],
        todo=_("Try again later; what came so far is kept."),
    )


def local_name(element: etree._Element) -> str:
    """Give an element's name without its namespace."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """Give the direct children called `name`, whatever their namespace."""
    return [child for child in element if local_name(child) == name]


def text_at(element: etree._Element, *path: str) -> str:
    """Give the text of the first descendant along `path`, or ''."""
    for name in path:
        found = children(element, name)
        if not found:
            return ""
        element = found[0]
    return (element.text or "").strip()


def members(answer: Answer) -> list[bytes]:
    """Give the files inside a zipped answer, or the answer itself where it is not zipped.

    Raises
    ------
    SourceError
        The archive is broken, encrypted, or unpacks to more than 256 MiB.
    """
    if not answer.body.startswith(b"PK\x03\x04"):
        return [answer.body]
    found: list[bytes] = []
    left = _UNZIPPED
    what = _("the zipped answer cannot be unpacked")
    try:
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            names = sorted(archive.namelist())
            for name in names[:_MEMBERS]:
                with archive.open(name) as file:
                    found.append(file.read(left + 1))
                left -= len(found[-1])
                if left < 0:
                    break
    except Exception as error:  # noqa: BLE001 (zipfile raises a dozen kinds on a broken archive)
        seen = type(error).__name__
    else:
        if left >= 0 and found and len(names) <= _MEMBERS:
            return found
        what, seen = _("the answer is larger than the limit"), f"{len(names)} files"
    raise SourceError(what, where=place(answer), seen=seen)
