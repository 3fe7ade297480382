"""The envelope of data.go.kr, in all the shapes it comes in.

``response > header > resultCode`` and ``body > items > item``: as JSON or XML, with or without the
outer element or under another name, `item` a list or a single object, `items` a list, empty text or
absent, numbers as text; and the gateway's own error XML, sent with HTTP 200.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamna.errors import FetchError, KeyRefused, QuotaReached, SourceError, TamnaError
from tamna.lang import Message, _
from tamna.sources.live.http import Answer, Request, Verdict, by_status
from tamna.sources.live.text import children, decoded, is_html, json_of, local_name, place, text_at, xml_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

    from tamna.sources.live.session import Session

    Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One opened envelope: the result code, its text, the rows as text cells, and how many there are in all."""

    code: str
    message: str
    rows: tuple[Row, ...]
    total: int | None


class EmptyBody(FetchError):
    """Nothing came at all: the gateway's answer to a page that is too large."""


_RETRY = {"01", "02", "04", "05", "23"}
_KEY = {"20", "21", "30", "31", "32", "33"}
_MEANING: dict[str, Message] = {
    "01": _("application error at the provider"),
    "02": _("database error at the provider"),
    "04": _("HTTP error at the provider"),
    "05": _("the provider's service timed out"),
    "10": _("a request parameter is wrong"),
    "11": _("a request parameter is missing"),
    "12": _("there is no such service, or it was retired"),
    "20": _("access denied: the key is not approved for this service"),
    "21": _("the key is suspended"),
    "22": _("today's number of calls is used up"),
    "23": _("too many calls in a second"),
    "30": _("the key is not registered"),
    "31": _("the key has expired"),
    "32": _("this machine's address is not registered for the key"),
    "33": _("the call is not signed"),
    "99": _("an error that the provider does not name"),
}


def opened(answer: Answer) -> Page:
    """Open the envelope of `answer`, whatever its shape.

    Raises
    ------
    EmptyBody
        Nothing came.
    SourceError
        It is no envelope: a web page, broken JSON or XML, another structure.
    """
    text = decoded(answer)
    head = text.lstrip()[:1]
    if not head:
        raise EmptyBody(
            _("the answer is empty"), where=place(answer), todo=_("Ask for fewer rows in one page.")
        )
    return _of_xml(answer, text) if head == "<" else _of_json(answer, text)


def judge(answer: Answer) -> Verdict:
    """Judge by the result code where there is an envelope, else by the HTTP status."""
    by_http = by_status(answer, _said(answer))
    if by_http.error is not None and by_http.again:
        return by_http
    try:
        page = opened(answer)
    except TamnaError as error:
        return by_http if by_http.error is not None else Verdict(error=error)
    if page.code in {"00", "03"}:
        return by_http
    return by_code(page, answer)


def by_code(page: Page, answer: Answer) -> Verdict:
    """Judge by the result code: 01, 02, 04, 05 and 23 may pass; every other refusal stays one."""
    what = _MEANING.get(page.code, _("an unknown result code"))
    seen = f"{page.code} {page.message}".strip()
    where = place(answer)
    if page.code == "22":
        return Verdict(
            error=QuotaReached(
                what,
                where=where,
                seen=seen,
                todo=_("Run the same command tomorrow: it goes on where it stopped."),
            )
        )
    if page.code in _KEY:
        return Verdict(
            error=KeyRefused(
                what,
                where=where,
                seen=seen,
                todo=_("Look at the key and its approved services on data.go.kr (My page)."),
            )
        )
    return Verdict(error=FetchError(what, where=where, seen=seen), again=page.code in _RETRY)


def rows_of(answers: tuple[Answer, ...]) -> tuple[list[Row], int]:
    """Give the rows of all pages, and how many rows the provider said there are but did not send.

    Raises
    ------
    TamnaError
        A page is no envelope or carries a refusal.
    """
    rows: list[Row] = []
    total = 0
    for answer in answers:
        page = opened(answer)
        if page.code not in {"00", "03"}:
            verdict = by_code(page, answer)
            raise verdict.error or SourceError(_("an unknown result code"), where=place(answer))
        rows += page.rows
        total = max(total, page.total or 0)
    return rows, max(total - len(rows), 0)


def pages(session: Session, request: Request, *, rows: int) -> tuple[Answer, ...]:
    """Ask page after page until all rows are there; where nothing comes, ask for fewer rows at a time."""
    found: list[Answer] = []
    have = 0
    while len(found) < session.most_pages:
        numbered = {"pageNo": str(len(found) + 1), "numOfRows": str(rows)}
        asked = Request(
            base=request.base,
            path=request.path,
            parameters={**numbered, **request.parameters},
            key_name=request.key_name,
            key=request.key,
        )
        try:
            answer = session.get(asked, judge)
        except EmptyBody:
            if found or rows < 20:
                raise
            rows //= 2
            continue
        page = opened(answer)
        found.append(answer)
        have += len(page.rows)
        if not page.rows or have >= (page.total or 0):
            break
    return tuple(found)


def _said(answer: Answer) -> str:
    """Give the first words of a plain-text error."""
    text = answer.body[:200].decode("utf-8", "replace").strip()
    return "" if not text or text[0] in "<{[" else text[:80]


def _of_json(answer: Answer, text: str) -> Page:
    document = json_of(answer, text)
    inner = _inner(document)
    if inner is None:
        raise SourceError(_("the answer is not the documented envelope"), where=place(answer), seen=text[:80])
    gateway = inner.get("cmmMsgHeader")
    if isinstance(gateway, dict):
        return _gateway(_scalar(gateway.get("returnReasonCode")), _scalar(gateway.get("returnAuthMsg")))
    header, body = inner.get("header"), inner.get("body")
    header = header if isinstance(header, dict) else {}
    body = body if isinstance(body, dict) else {}
    items = body.get("items", body.get("item"))
    if isinstance(items, dict):
        items = items.get("item", items if items and "item" not in items else None)
    if isinstance(items, dict):
        items = [items]
    if not isinstance(items, list):
        items = []
    if not all(isinstance(row, dict) for row in items):
        raise SourceError(
            _("the rows are not the documented ones"), where=place(answer), seen=str(items)[:80]
        )
    return Page(
        code=_code(_scalar(header.get("resultCode", "00"))),
        message=_scalar(header.get("resultMsg")),
        rows=tuple({str(k): _scalar(v) for k, v in row.items()} for row in items),
        total=_count(_scalar(body.get("totalCount"))),
    )


def _inner(document: Any) -> dict[str, Any] | None:
    """Find the level that has a header or a body: the root itself, or what its only name holds."""
    for _level in range(3):
        if not isinstance(document, dict):
            return None
        if {"header", "body", "cmmMsgHeader"} & set(document):
            return document
        if len(document) != 1:
            return None
        document = next(iter(document.values()))
    return None


def _of_xml(answer: Answer, text: str) -> Page:
    root = xml_of(answer, text)
    for level in (root, *root):
        gateway = children(level, "cmmMsgHeader")
        if gateway:
            return _gateway(
                text_at(gateway[0], "returnReasonCode"),
                text_at(gateway[0], "returnAuthMsg") or text_at(gateway[0], "errMsg"),
            )
    inner: etree._Element | None = next(
        (level for level in (root, *root) if children(level, "header") or children(level, "body")), None
    )
    if inner is None or is_html(text):
        raise SourceError(_("the answer is not the documented envelope"), where=place(answer), seen=text[:80])
    body = next(iter(children(inner, "body")), None)
    rows: list[Row] = []
    if body is not None:
        held = children(body, "items")
        items = [item for one in (held or [body]) for item in children(one, "item")]
        rows = [{local_name(cell): (cell.text or "").strip() for cell in item} for item in items]
    return Page(
        code=_code(text_at(inner, "header", "resultCode") or "00"),
        message=text_at(inner, "header", "resultMsg"),
        rows=tuple(rows),
        total=None if body is None else _count(text_at(body, "totalCount")),
    )


def _gateway(code: str, message: str) -> Page:
    return Page(code=_code(code or "99"), message=message, rows=(), total=None)


def _code(text: str) -> str:
    """Give two digits: ``0``, ``00``, ``000`` and ``0000`` are all the code 00."""
    text = text.strip()
    return text.lstrip("0").zfill(2) if text.isascii() and text.isdigit() and len(text) < 8 else "99"


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip()
