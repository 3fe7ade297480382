"""``tamna ledger ...``: make a book, look into it, sign where it stands, audit it, and keep its keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from tamna.errors import UsageError
from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger.canonical import canonical
from tamna.registry import keyring
from tamna.registry.audit import audit
from tamna.registry.signing import sign
from tamna.serve.cli.ledger_exchange import LedgerAt, document, export, give, kept, opened, read
from tamna.serve.cli.ledger_text import audited_text, keys_text, signed_text, standing, standing_text
from tamna.serve.cli.out import Json, emit
from tamna.settings import setting

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="rich",
    no_args_is_help=True,
    help=str(_("the book of certificates: make it, look into it, sign it, audit it")),
)
keys_app = typer.Typer(
    no_args_is_help=True, help=str(_("the issuer's keys: list, rotate, revoke, hand over to readers"))
)
app.add_typer(keys_app, name="keys")

KeysAt = Annotated[
    str,
    typer.Option(
        "--keys",
        metavar="DIR",
        help=str(_("folder of the private keys; else TAMNA_LEDGER_KEYS, else ./ledger-keys")),
    ),
]


@app.command("init", help=str(_("Make an empty book with its first key, and sign it.")))
def init(
    issuer: Annotated[
        str, typer.Option("--issuer", metavar="DID", help=str(_("who issues, such as did:web:example.org")))
    ],
    ledger: LedgerAt = "",
    keys: KeysAt = "",
    json: Json = False,
) -> None:
    """Make a book."""
    if not issuer.startswith("did:"):
        raise UsageError(_("the issuer's name is a DID, such as did:web:example.org"), seen=issuer)
    folder = _folder(keys)
    with keyring.found(_address(ledger), folder, issuer, _now()) as book:
        use = next(iter(book.state().keys.values()))
        file = keyring.key_file(folder, use.public_bytes)
        result = {"ledger": book.place, "issuer": issuer, "key": use.name, "key_file": file}
    emit(
        "ledger init",
        result,
        lambda: "\n".join(
            [
                str(_("A new book lies at {place}.", place=result["ledger"])),
                str(_("Its private key is {file}: keep a copy of it apart from the book.", file=file)),
                str(_("Give readers your key: tamna ledger keys trust --out issuer.json")),
            ]
        ),
        as_json=json,
    )


@app.command("show", help=str(_("Say where the book stands: who is in it, what is in it, what is signed.")))
def show(ledger: LedgerAt = "", json: Json = False) -> None:
    """Say where the book stands."""
    with opened(ledger) as book:
        result = standing(book)
    emit("ledger show", result, lambda: standing_text(result), as_json=json)


@app.command("checkpoint", help=str(_("Sign where the book stands, and keep a snapshot for quick opening.")))
def sign_now(ledger: LedgerAt = "", keys: KeysAt = "", json: Json = False) -> None:
    """Sign where the book stands."""
    with opened(ledger) as book:
        state = book.state()
        document = sign(book, keyring.signing_key(state, _folder(keys)), max(_now(), state.at), keep=True)
    emit("ledger checkpoint", {"checkpoint": document}, lambda: signed_text(document), as_json=json)


@app.command(
    "status-list",
    help=str(_("Sign the list of certificates that were taken back, as it stands now, for readers.")),
)
def sign_list(
    ledger: LedgerAt = "",
    keys: KeysAt = "",
    out: Annotated[str, typer.Option("--out", metavar="FILE", help=str(_("a file; else stdout")))] = "",
) -> None:
    """Sign the status list anew; one that is out of date tells a reader nothing."""
    from tamna.runs.taken_back import signed_list

    with opened(ledger) as book:
        document = canonical(signed_list(book, _folder(keys), _now())).decode() + "\n"
    give(out, lambda file: file.write(document))


@app.command("audit", help=str(_("Check every byte of the book against what was signed, from nothing.")))
def audit_now(
    ledger: LedgerAt = "",
    trust: Annotated[
        str, typer.Option("--trust", metavar="FILE", help=str(_("the issuer's keys that you trust")))
    ] = "",
    earlier: Annotated[
        list[str] | None,
        typer.Option(
            "--checkpoint",
            metavar="FILE",
            help=str(_("a checkpoint that you kept: shows a roll-back; may be given several times")),
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Audit the book."""
    believed = document(trust) if trust else None
    known = [kept(file) for file in earlier or ()]
    with opened(ledger) as book:
        found = audit(book, trust=believed, earlier=known)
        place = book.place
    result = {
        "ledger": place,
        "answer": "sound" if found.trusted else "intact, issuer unknown",
        **{
            name: getattr(found, name)
            for name in ("entries", "rows", "signed", "checkpoints", "root", "issuer")
        },
        "roll_back": "checked" if found.evidence else "not checkable",
        "snapshot": found.snapshot,
    }
    emit("ledger audit", result, lambda: audited_text(found, place), as_json=json)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


app.command(
    "export",
    help=str(
        _(
            "Write the journal, its latest checkpoint, a proof of its beginning, all bundles, the bundles as EnergyTag has"
            " them (JSON, CSV), or tables for auditors (Parquet)."
        )
    ),
)(export)
app.command("read", help=str(_("Read an EnergyTag file of another registry, and say what it holds.")))(read)


@keys_app.command("list", help=str(_("Name every key the book was ever signed with.")))
def list_keys(ledger: LedgerAt = "", keys: KeysAt = "", json: Json = False) -> None:
    """List the keys of the book."""
    folder = _folder(keys)
    with opened(ledger) as book:
        uses = list(book.state().keys.values())
    listed = [
        {
            "name": use.name,
            "begin": iso(use.begin),
            "until": None if use.until is None else iso(use.until),
            "revoked": None if use.revoked is None else iso(use.revoked),
            "private_key_here": keyring.key_file(folder, use.public_bytes).exists(),
        }
        for use in uses
    ]
    emit("ledger keys list", {"keys": listed}, lambda: keys_text(listed), as_json=json)


@keys_app.command("rotate", help=str(_("Put a new key in the place of the one in use.")))
def rotate(ledger: LedgerAt = "", keys: KeysAt = "", json: Json = False) -> None:
    """Rotate the key."""
    folder = _folder(keys)
    with opened(ledger) as book:
        use = keyring.rotate(book, folder, _now())
    file = keyring.key_file(folder, use.public_bytes)
    emit(
        "ledger keys rotate",
        {"key": use.name, "key_file": file},
        lambda: str(
            _("From now on {name} signs; its private key is {file}. Hand readers the new list of keys.",
              name=use.name, file=file)
        ),
        as_json=json,
    )  # fmt: skip


@keys_app.command("revoke", help=str(_("Revoke a key that may be in other hands.")))
def revoke(
    name: Annotated[
        str, typer.Argument(metavar="KEY", help=str(_("its name, or the beginning of its part after #")))
    ],
    ledger: LedgerAt = "",
    keys: KeysAt = "",
    json: Json = False,
) -> None:
    """Revoke a key."""
    with opened(ledger) as book:
        use = keyring.revoke(book, _folder(keys), name, _now())
    emit(
        "ledger keys revoke",
        {"key": use.name, "revoked": iso(use.revoked or use.begin)},
        lambda: str(
            _("{name} is revoked: what it signed is not believed any more. Hand readers the new list of keys.",
              name=use.name)
        ),
        as_json=json,
    )  # fmt: skip


@keys_app.command("trust", help=str(_("Write the list of keys that readers give to --trust.")))
def write_trust(
    ledger: LedgerAt = "",
    out: Annotated[str, typer.Option("--out", metavar="FILE", help=str(_("a file; else stdout")))] = "",
) -> None:
    """Write the list of keys for readers."""
    with opened(ledger) as book:
        keys = canonical(keyring.trust(book.state())).decode() + "\n"
    give(out, lambda file: file.write(keys))


def _address(given: str) -> str:
    return given or setting("TAMNA_LEDGER")


def _folder(given: str) -> Path:
    return Path(given or setting("TAMNA_LEDGER_KEYS")).expanduser()


def _now() -> np.datetime64:
    return np.datetime64("now", "s")
