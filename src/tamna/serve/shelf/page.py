"""The shelf page: one file, nothing fetched, which says what its certificate says and checks itself."""

from __future__ import annotations

import base64
import json
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from tamna import __version__
from tamna.errors import LedgerError
from tamna.lang import LANGUAGES, _, speaking
from tamna.ledger.canonical import canonical
from tamna.ledger.keys import fingerprint
from tamna.ledger.proof import method_of
from tamna.ledger.verify.form import certificate_in, is_batch, is_shelf
from tamna.ledger.verify.hydrogen import check_hydrogen_form
from tamna.ledger.verify.page import escaped
from tamna.ledger.verify.trust import key_in
from tamna.serve.report.page import environment
from tamna.serve.shelf.label import label, label_text
from tamna.serve.shelf.says import COLUMNS, date_of, offset_of, row_dates, row_step, says
from tamna.serve.shelf.words import CHECKS, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

    from tamna.lang import Message

__all__ = ["page"]

_RULES: Final[dict[str, Message]] = {
    "thermal_first": _("what is not renewable, as far as it goes"),
    "coverage": _("nothing of the renewables"),
    "proportional": _("the hour's own mix"),
}
_EACH = 12  # so many dates at most beside the picture of all days


def page(
    certificate: Mapping[str, Any],
    lang: str,
    *,
    link: str = "",
    timezone: str = "Asia/Seoul",
    status: Mapping[str, Any] | None = None,
) -> str:
    """Make the page of a shelf certificate.

    Parameters
    ----------
    certificate
        As `tamna.ledger.shelf.shelf_certificate` made it.
    lang
        ``en`` or ``ko``.
    link
        What the label's code holds in place of a bare hash (`label.label_text`).
    timezone
        In which the island lives.
    status
        The issuer's signed status list, which the page then asks while it stands; None: the page does not ask.

    Returns
    -------
    str
        A page that needs no other file and asks no network. The same certificate gives the same page.

    Raises
    ------
    LedgerError
        Not a shelf certificate.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)} (got {lang!r})")
    raw = canonical(certificate)
    document = certificate_in(raw)
    if not is_shelf(document):
        raise LedgerError(
            _("not a certificate for the shelf"),
            todo=_("An auditor's certificate shows watt-hours; it is not put up."),
        )
    if is_batch(document):
        check_hydrogen_form(document)
    if not document["credentialSubject"]["score"]["load"]:
        raise LedgerError(_("no load to take shares of"))
    offset = offset_of(document, timezone)
    script = files("tamna.serve.shelf").joinpath("templates/verify.js").read_text("utf-8")
    style = files("tamna.serve.shelf").joinpath("templates/shelf.css").read_text("utf-8")
    with speaking(lang):
        return _environment().get_template("shelf.html.j2").render(
            lang=lang,
            says=says(document, lang, offset),
            score=document["credentialSubject"]["score"],
            hourly=document["credentialSubject"]["hours"]["length_s"] == 3600,
            columns=COLUMNS,
            rows=_rows(document, offset, lang),
            checks=_checks(document, status),
            batch=is_batch(document),
            rule=_RULES.get(document["credentialSubject"].get("stated", {}).get("export_rule", ""), ""),
            script=Markup(script),  # noqa: S704 (our own, as packaged)
            script_hash=_hashed(script),
            style=Markup(style),  # noqa: S704 (our own, as packaged)
            style_hash=_hashed(style),
            words=Markup(json.dumps(words(offset, status), ensure_ascii=False).replace("<", "\\u003c")),  # noqa: S704 (data)
            certificate=Markup(escaped(raw).decode("utf-8")),  # noqa: S704 (escaped byte for byte)
            sha256=sha256(raw).hexdigest(),
            fingerprint=fingerprint(key_in(method_of(document))),
            label=Markup(label(document, lang, link=link, offset_s=offset)),  # noqa: S704 (our own drawing)
            label_text=label_text(document, link),
            made=str(document["validFrom"])[:10],
            version=__version__,
        )  # fmt: skip


def _checks(document: Mapping[str, Any], status: Mapping[str, Any] | None) -> dict[str, Message]:
    """Name the checks that the page makes of this certificate."""
    without = {
        *(() if is_batch(document) else ("hydrogen",)),
        *(("status",) if status is None else ()),
    }
    return {name: text for name, text in CHECKS.items() if name not in without}


def _rows(document: Mapping[str, Any], offset_s: int, lang: str) -> dict[str, Any]:
    """Give the height of the picture of all days, and the dates that stand beside some of its rows."""
    hours = document["credentialSubject"]["hours"]
    dates, step = row_dates(hours, offset_s), row_step(hours, offset_s)
    every = -(-len(dates) // _EACH)
    named = [
        (n * step + step - 6, _short(date_of(at, lang), lang)) for n, at in enumerate(dates) if n % every == 0
    ]
    return {"height": len(dates) * step, "dates": named}


def _short(date: str, lang: str) -> str:
    """Leave the year out: ``3 April 2023`` becomes ``3 Apr``.

    Examples
    --------
    >>> _short("3 April 2023", "en"), _short("2023년 4월 3일", "ko")
    ('3 Apr', '4월 3일')
    """
    parts = date.split()
    return " ".join(parts[1:]) if lang == "ko" else f"{parts[0]} {parts[1][:3]}"


def _hashed(text: str) -> str:
    return base64.b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")


@cache
def _environment() -> Environment:
    shelf = environment("tamna.serve.shelf")
    shelf.filters["groups"] = lambda text: " ".join(text[i : i + 8] for i in range(0, len(text), 8))
    return shelf
