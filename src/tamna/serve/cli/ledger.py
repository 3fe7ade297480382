"""``tamna ledger ...``: make a book, look into it, sign where it stands, audit it, and keep its keys."""

from __future__ import annotations

import base64
import csv
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from tamna.errors import UsageError
from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger.canonical import canonical, parse
from tamna.ledger.nouns import Status
from tamna.ledger.state import bundles
from tamna.registry import Registry, keyring
from tamna.registry.address import trouble
from tamna.registry.audit import audit
from tamna.registry.reading import stored
from tamna.registry.signing import checkpoints, consistency, sign
from tamna.serve.cli.ledger_text import audited_text, keys_text, signed_text, standing, standing_text
from tamna.serve.cli.out import Json, emit
from tamna.settings import setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

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

LedgerAt = Annotated[
    str,
    typer.Option(
        "--ledger",
        metavar="ADDRESS",
        help=str(_("the ledger's database; else TAMNA_LEDGER, else ledger.db in this folder")),
    ),
]
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
    with _opened(ledger) as book:
        result = standing(book)
    emit("ledger show", result, lambda: standing_text(result), as_json=json)


@app.command("checkpoint", help=str(_("Sign where the book stands, and keep a snapshot for quick opening.")))
def sign_now(ledger: LedgerAt = "", keys: KeysAt = "", json: Json = False) -> None:
    """Sign where the book stands."""
    with _opened(ledger) as book:
        state = book.state()
        document = sign(book, keyring.signing_key(state, _folder(keys)), max(_now(), state.at), keep=True)
    emit("ledger checkpoint", {"checkpoint": document}, lambda: signed_text(document), as_json=json)


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
    believed = _document(trust) if trust else None
    kept = [_document(file) for file in earlier or ()]
    with _opened(ledger) as book:
        found = audit(book, trust=believed, earlier=kept)
        place = book.place
    result = {
        "ledger": place,
        "answer": "sound" if found.trusted else "intact, issuer unknown",
        **{
            name: getattr(found, name)
            for name in ("entries", "rows", "signed", "checkpoints", "root", "issuer")
        },
        "roll_back": "checked" if found.evidence else "not checkable",
    }
    emit("ledger audit", result, lambda: audited_text(found, place), as_json=json)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


@app.command(
    "export",
    help=str(_("Write the journal, its latest checkpoint, a proof of its beginning, or all bundles.")),
)
def export(
    what: Annotated[
        str, typer.Argument(metavar="journal|checkpoint|consistency|bundles", help=str(_("what to write")))
    ],
    ledger: LedgerAt = "",
    out: Annotated[str, typer.Option("--out", metavar="FILE", help=str(_("a file; else stdout")))] = "",
    since: Annotated[
        str,
        typer.Option("--since", metavar="FILE", help=str(_("the earlier checkpoint of a consistency proof"))),
    ] = "",
) -> None:
    """Write a part of the book to a file or to stdout."""
    if what not in {"journal", "checkpoint", "consistency", "bundles"}:
        raise UsageError(
            _("unknown part of the book"), seen=what, todo=_("journal, checkpoint, consistency or bundles.")
        )
    if (what == "consistency") != bool(since):
        raise UsageError(_("a proof of consistency, and only that, needs --since FILE"))
    with _opened(ledger) as book, _written(out) as file:
        if what == "bundles":
            _bundles(book, file)
        else:
            file.writelines(f"{line.decode()}\n" for line in _lines(book, what, since))


@keys_app.command("list", help=str(_("Name every key the book was ever signed with.")))
def list_keys(ledger: LedgerAt = "", keys: KeysAt = "", json: Json = False) -> None:
    """List the keys of the book."""
    folder = _folder(keys)
    with _opened(ledger) as book:
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
    with _opened(ledger) as book:
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
    with _opened(ledger) as book:
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
    with _opened(ledger) as book, _written(out) as file:
        file.write(canonical(keyring.trust(book.state())).decode() + "\n")


def _address(given: str) -> str:
    return given or setting("TAMNA_LEDGER")


def _folder(given: str) -> Path:
    return Path(given or setting("TAMNA_LEDGER_KEYS")).expanduser()


def _now() -> np.datetime64:
    return np.datetime64("now", "s")


def _opened(given: str) -> Registry:
    return Registry.open(_address(given))


@contextmanager
def _written(out: str) -> Iterator[TextIO]:
    """Give stdout, or a file that is there only when it is whole."""
    if not out:
        yield sys.stdout
        return
    fresh = Path(out).with_name(f"{Path(out).name}.new")
    try:
        with fresh.open("w", encoding="utf-8", newline="") as file:
            yield file
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)


def _document(path: str) -> dict[str, Any]:
    """Read a JSON object that somebody gave; a final newline does not make it another."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(_("the file cannot be read"), seen=f"{path}: {error.strerror}") from None
    found = parse(raw.strip(), canonical_only=False)
    if not isinstance(found, dict):
        raise UsageError(_("not a JSON object"), seen=path)
    return found


def _lines(book: Registry, what: str, since: str) -> Iterable[bytes]:
    if what == "consistency":
        yield canonical(consistency(book, int(_document(since).get("size", 0))))
        return
    with trouble(book.url), book.reading() as here:
        if what == "checkpoint":
            yield from [document for _size, document in checkpoints(here)][-1:]
            return
        for one in stored(here):
            rows = base64.b64encode(one.event().rows.tobytes()).decode()
            yield canonical({"seq": one.seq, "head": parse(one.head), "rows": rows})


def _bundles(book: Registry, file: TextIO) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        (
            "issuance_id",
            "device",
            "start",
            "length_s",
            "low",
            "high",
            "quantity_wh",
            "holder",
            "status",
            "live",
        )
    )
    state = book.state()
    for device in state.devices:
        for b in bundles(state, device):
            writer.writerow(
                (b.issuance_id, b.device, iso(b.start), b.length_s, b.low, b.high, b.quantity_wh, b.holder,
                 Status(b.status).name.lower(), int(b.live))
            )  # fmt: skip
