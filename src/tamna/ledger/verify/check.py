"""Ask all checks in their order; none of them stops the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.errors import LedgerError
from tamna.lang import Message, _
from tamna.ledger.proof import check_proof, method_of
from tamna.ledger.verify.answer import Answer, Check, OutOfDate, Report, Unknown
from tamna.ledger.verify.count import check_opening, check_score
from tamna.ledger.verify.form import certificate_in, is_batch, is_shelf
from tamna.ledger.verify.hydrogen import check_hydrogen, check_hydrogen_form
from tamna.ledger.verify.place import check_history, check_place, check_reuse, leaf_of
from tamna.ledger.verify.trust import check_issuer, check_status, check_time, key_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tamna.ledger.verify.answer import Known

__all__ = ["claim_of", "verify"]


def verify(raw: bytes, known: Known) -> Report:
    """Check a certificate.

    Parameters
    ----------
    raw
        The file, as it was issued.
    known
        What the reader brings.

    Returns
    -------
    Report
        All checks; after a wrong form only that one, for nothing else can be said.
    """
    try:
        document = certificate_in(raw)
        if is_batch(document):
            check_hydrogen_form(document)
    except LedgerError as error:
        return Report((Check("form", Answer.INVALID, error),))
    checks: dict[str, Callable[[], Message | None]] = {
        "signature": lambda: check_proof(document, key_in(method_of(document))),
        "issuer": lambda: check_issuer(document, known),
        "time": lambda: check_time(document, known),
        "inclusion": lambda: check_place(document),
        "score": lambda: check_score(document),
        "hydrogen": lambda: check_hydrogen(document),
        "opening": lambda: check_opening(document, known),
        "status": lambda: check_status(document, known),
        "history": lambda: check_history(document, known),
        "reuse": lambda: check_reuse(document, known),
    }
    if not is_shelf(document):
        del checks["opening"]
    if not is_batch(document):
        del checks["hydrogen"]
    made = (_asked(name, check) for name, check in checks.items())
    return Report((Check("form", Answer.VALID), *made), document)


def claim_of(document: Mapping[str, Any]) -> str:
    """Name the claim that a well-formed certificate shows: its entry's hash, in hex, as `Known.seen` lists it."""
    return leaf_of(document).hex()


def _asked(name: str, check: Callable[[], Message | None]) -> Check:
    try:
        return Check(name, Answer.VALID, check())
    except LedgerError as error:
        return Check(name, Answer.INVALID, error)
    except Unknown as unknown:
        return Check(name, Answer.NOT_CHECKABLE, unknown.args[0], stale=isinstance(unknown, OutOfDate))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        return Check(name, Answer.INVALID, _("a part of the certificate has the wrong form"))
