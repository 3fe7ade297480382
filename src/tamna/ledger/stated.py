"""What a claim says beside its hours: the export rule that its evidence of the place rests on, and the links it used.

It is not given, it follows from the cancellations, so that a certificate cannot state another policy than the one by
which its hours came about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.lang import _
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamna.ledger.state import Cancellation

__all__ = ["stated"]


def stated(found: Iterable[Cancellation]) -> dict[str, Any]:
    """Give ``export_rule`` and ``links`` of cancellations, each only where there is one.

    Raises
    ------
    LedgerError
        Evidence of the place under two export rules: they do not add up to one score.
    """
    every = [one for one in found if one.wh.any()]  # what was given back states nothing
    rules = sorted({one.export_rule for one in every if one.export_rule is not None})
    links = sorted({one.over.link for one in every if one.over is not None})
    if len(rules) > 1:
        refuse(
            _("evidence of the place under two export rules"),
            of=every[0].account,
            seen=", ".join(rules),
            todo=_("Claim under the rule that was used first, or other hours."),
        )
    return {**({"export_rule": rules[0]} if rules else {}), **({"links": links} if links else {})}
