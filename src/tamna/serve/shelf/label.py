"""The label for the pack: a QR code that names the certificate by its hash, the lot, and its two shares.

The code holds no address unless one is wanted (``TAMNA_SHELF_LINK``): a link dies, a hash does not. Whoever scans it
compares it with the page's or the file's own SHA-256, which ``tamna verify`` prints.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import segno
from markupsafe import escape

from tamna.errors import UsageError
from tamna.lang import _, speaking
from tamna.ledger.canonical import canonical
from tamna.ledger.keys import fingerprint
from tamna.ledger.proof import method_of
from tamna.ledger.verify.trust import key_in
from tamna.serve.shelf.says import says

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["label", "label_text", "qr"]

_WIDTH, _HEIGHT, _CODE = 60, 34, 28  # [mm]
_FONT: Final = "Pretendard,'Noto Sans KR','Noto Sans CJK KR','Malgun Gothic',sans-serif"


def label_text(document: Mapping[str, Any], link: str = "") -> str:
    """Give what the code holds: ``TAMNA:1:`` hash ``:`` beginning of the key's fingerprint, or a link.

    Parameters
    ----------
    link
        An address with ``{sha256}`` and, if wanted, ``{lot}`` in it.

    Raises
    ------
    UsageError
        The link has no ``{sha256}``: it would name no certificate.
    """
    found = sha256(canonical(document)).hexdigest()
    if link:
        if "{sha256}" not in link:
            raise UsageError(
                _("a link for the label without the certificate's hash"),
                seen=link,
                todo=_("Put {sha256} where the hash belongs."),
            )
        lot = quote(str(document["credentialSubject"]["lot"]["name"]), safe="")
        return link.replace("{sha256}", found).replace("{lot}", lot)
    print_ = fingerprint(key_in(method_of(dict(document))))[:32]
    return f"TAMNA:1:{found}:{print_}".upper()  # upper case fits the code's small alphabet


def qr(text: str) -> tuple[str, int]:
    """Draw a QR code (ISO/IEC 18004, correction M): one path of dark modules, and its width with the quiet zone."""
    code = segno.make_qr(text, error="m")
    drawn = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                drawn.append(f"M{x + 4} {y + 4}h{run - x}v1h-{run - x}z")
            x = max(run, x + 1)
    return "".join(drawn), len(code.matrix) + 8


def label(document: Mapping[str, Any], lang: str, *, link: str = "", offset_s: int = 32_400) -> str:
    """Draw the label, 60 x 34 mm, as SVG.

    Parameters
    ----------
    document
        A shelf certificate.
    lang
        ``en`` or ``ko``.
    link, offset_s
        As for `label_text`; island time minus UTC [s].
    """
    said = says(document, lang, offset_s)
    path, size = qr(label_text(document, link))
    scale = _CODE / size
    with speaking(lang):
        lines = [
            (6.2, 3.5, 600, "product", said["product"]),
            (10.0, 2.3, 400, "maker", said["maker"]),
            (13.2, 2.3, 400, "lot", said["lot"]),
            (20.6, 6.0, 300, "physical", said["physical"]),
            (23.6, 2.1, 400, "", str(_("renewable in the same hour"))),
            (28.2, 3.0, 600, "claimable", said["claimable"]),
            (30.9, 2.1, 400, "", str(_("claimed by right"))),
        ]
    texts = "".join(
        f'<text x="31" y="{y}" font-size="{_fitted(text, size_)}" font-weight="{weight}"'
        f"{_says(name)}>{escape(text)}</text>"
        for y, size_, weight, name, text in lines
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}mm" height="{_HEIGHT}mm" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(said["product"])}">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="2" fill="#fff"/>'
        f'<path transform="translate(1.5 3) scale({scale:.5f})" d="{path}" fill="#1a1a1a" '
        f'shape-rendering="crispEdges"/><g font-family="{_FONT}" fill="#1a1a1a">{texts}</g></svg>'
    )


def _says(name: str) -> str:
    """Mark a text that the page's own check compares with the certificate."""
    return f' data-says="{name}"' if name else ""


def _fitted(text: str, size: float, room: float = 27.5) -> float:
    """Give the size at which a text fits its room; a Korean letter is as wide as it is high. [mm]"""
    width = sum(1.0 if ord(c) > 0x1100 else 0.56 for c in text) * size
    return round(size * min(1.0, room / width), 2) if width else size
