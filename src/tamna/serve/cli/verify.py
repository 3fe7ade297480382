"""``tamna verify``: is this certificate what it says? Exit code 0 only for valid."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.cells import cell_len

from tamna.lang import Message, _
from tamna.ledger.verify import Answer, Check
from tamna.ledger.verify.files import Verified, verified
from tamna.serve.cli.options import argument, option
from tamna.serve.cli.out import Json, emit

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

_NAMES: dict[str, Message] = {
    "form": _("form"),
    "signature": _("signature"),
    "issuer": _("issuer"),
    "time": _("time"),
    "inclusion": _("place in the journal"),
    "score": _("score, counted again"),
    "hydrogen": _("routes and carbon, counted again"),
    "opening": _("opening by the auditor's certificate"),
    "status": _("not taken back"),
    "history": _("earlier checkpoint"),
    "reuse": _("not presented before"),
}
_ANSWERS: dict[Answer, Message] = {
    Answer.VALID: _("valid"),
    Answer.INVALID: _("invalid"),
    Answer.NOT_CHECKABLE: _("not checkable"),
}
_SUMS: dict[str, Message] = {
    "valid": _("valid"),
    "invalid": _("invalid"),
    "intact, issuer unknown": _("intact, issuer unknown"),
    "intact, status unknown": _("intact, status unknown"),
}


@app.command(
    help=str(
        _(
            "Check a certificate or a shelf page with nothing but files. Exit code 0: valid, and signed by a key of "
            "--trust; 1: invalid, or intact and its issuer or its status unknown; 2: a file cannot be read."
        )
    )
)
def verify(
    file: Annotated[Path, argument("FILE", _("a certificate, or a shelf page"))],
    trust: Annotated[
        Path | None,
        option("--trust", _("the keys you trust: the only place that keys are believed from"), "ISSUER.json"),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        option(
            "--checkpoint",
            _(
                "an earlier checkpoint, which shows a journal rolled back or rewritten; tamna ledger export consistency"
                " writes it with its proof"
            ),
            "EARLIER.json",
        ),
    ] = None,
    seen: Annotated[
        Path | None, option("--seen", _("the hashes of claims seen before"), "CLAIMS.json")
    ] = None,
    status: Annotated[
        Path | None, option("--status", _("the issuer's list of what was taken back"), "LIST.json")
    ] = None,
    opening: Annotated[
        Path | None,
        option(
            "--opening", _("the auditor's certificate, in watt-hours, of a shelf certificate"), "AUDIT.json"
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Check and answer."""
    found = verified(file, trust=trust, checkpoint=checkpoint, seen=seen, status=status, opening=opening)
    emit("verify", found.as_dict(), lambda: as_text(found), as_json=json)
    raise typer.Exit(found.report.exit_code)


def as_text(found: Verified) -> str:
    """Lay out the checks, then the answer and what it rests on."""
    lines = [*map(_line, found.report.checks), "", str(_SUMS[found.report.answer])]
    if found.fingerprint is not None:
        lines.append(str(_("key {key}, SHA-256 {fingerprint}", key=found.key, fingerprint=found.fingerprint)))
    if found.claim is not None:
        lines.append(str(_("claim {claim}", claim=found.claim)))
    if found.report.answer == "intact, issuer unknown":
        lines.append(
            str(
                _(
                    "Anybody can make an intact file. Give the issuer's keys, which you got elsewhere: --trust FILE."
                )
            )
        )
    return "\n".join(lines)


def _line(check: Check) -> str:
    answer = str(_ANSWERS[check.answer])
    room = " " * (1 + max(cell_len(str(a)) for a in _ANSWERS.values()) - cell_len(answer))
    reason = "" if check.reason is None else f": {check.reason}"
    return f"{answer}{room} {_NAMES[check.name]}{reason}"
