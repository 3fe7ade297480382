"""Keys that sign: where they lie, how one takes the place of another, and that none shows itself."""

import logging

import numpy as np
import pytest

from ledger.island import AT, HOUR
from registry.kept import ISSUER, everything, founded
from tamna.errors import LedgerError, StoreError
from tamna.ledger import operations as op
from tamna.ledger.nouns import Account
from tamna.registry import Registry, keyring
from tamna.registry.audit import audit
from tamna.registry.signing import sign

LATER = AT + 24 * HOUR


def private_bytes(folder):
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return [load_pem_private_key(p.read_bytes(), None).private_bytes_raw() for p in folder.glob("*.pem")]


def test_a_private_key_is_in_no_table_no_log_and_no_error(ledger_address, tmp_path, caplog, capsys):
    folder = tmp_path / "keys"
    with caplog.at_level(logging.DEBUG):
        book = founded(ledger_address, folder)
        keyring.rotate(book, folder, LATER)
        errors = []
        for wrong in (
            lambda: keyring.found(ledger_address, folder, ISSUER, AT),
            lambda: keyring.revoke(book, folder, "nothing", LATER),
            lambda: keyring.signing_key(book.state(), tmp_path),
        ):
            with pytest.raises((LedgerError, StoreError)) as refused:
                wrong()
            errors.append(str(refused.value))
    captured = capsys.readouterr()
    said = "\n".join([*errors, caplog.text, captured.out, captured.err])
    held = b"".join(
        v if isinstance(v, bytes) else str(v).encode()
        for rows in everything(book).values()
        for r in rows
        for v in r
    )
    assert len(private_bytes(folder)) == 2
    for seed, pem in zip(private_bytes(folder), folder.glob("*.pem"), strict=True):
        body = pem.read_text().splitlines()[1]
        for shape in (seed.hex(), body, seed.decode("latin-1")):
            assert shape not in said
        assert seed not in held
        assert seed.hex().encode() not in held
        assert body.encode() not in held
    if ledger_address.startswith("sqlite"):
        book.close()
        raw = b"".join(p.read_bytes() for p in tmp_path.glob("book.db*"))
        assert not any(seed in raw for seed in private_bytes(folder))


def test_a_key_open_to_others_does_not_sign(ledger_address, tmp_path):
    folder = tmp_path / "keys"
    book = founded(ledger_address, folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    (file,) = folder.glob("*.pem")
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(LedgerError, match="others may read the private key"):
        keyring.signing_key(book.state(), folder)
    file.chmod(0o600)
    folder.chmod(0o777)
    with pytest.raises(LedgerError, match="others may put files"):
        keyring.signing_key(book.state(), folder)
    with pytest.raises(LedgerError, match="others may put files"):
        keyring.rotate(book, folder, LATER)


def test_a_key_that_was_rotated_signs_no_more_and_what_it_signed_stays_good(ledger_address, tmp_path):
    folder = tmp_path / "keys"
    book = founded(ledger_address, folder)
    old = keyring.signing_key(book.state(), folder)
    use = keyring.rotate(book, folder, LATER)
    assert [k.good for k in book.state().keys.values()] == [False, True]
    with pytest.raises(LedgerError, match="use has ended"):
        sign(book, old, LATER)
    new = keyring.signing_key(book.state(), folder)
    assert use.public_bytes == new.public
    found = audit(book, trust=keyring.trust(book.state()))
    assert found.checkpoints == 4
    assert found.signed == found.entries


def test_a_revoked_key_is_not_believed_and_another_says_so(ledger_address, tmp_path):
    folder = tmp_path / "keys"
    book = founded(ledger_address, folder)
    (first,) = book.state().keys
    with pytest.raises(LedgerError, match="left without a key"):
        keyring.revoke(book, folder, first, LATER)
    keyring.rotate(book, folder, LATER)
    use = keyring.revoke(book, folder, first.partition("#")[2][:16], LATER + HOUR)
    assert use.revoked == LATER + HOUR
    trust = keyring.trust(book.state())
    assert [sorted(set(k) - {"id", "publicKeyMultibase"}) for k in trust["keys"]] == [
        ["revoked", "until"],
        [],
    ]
    assert audit(book, trust=trust).trusted, (
        "the later checkpoint, by a good key, holds what the revoked one signed"
    )
    with pytest.raises(LedgerError, match="use has ended already"):
        keyring.revoke(book, folder, first, LATER + HOUR)
    revoked_last = {"issuer": ISSUER, "keys": [{**k, "revoked": "2023-05-03T00:00Z"} for k in trust["keys"]]}
    with pytest.raises(LedgerError, match="was revoked"):
        audit(book, trust=revoked_last)


def test_a_key_of_another_issuer_or_twice_is_refused(ledger_address, tmp_path):
    book = founded(ledger_address, tmp_path / "keys")
    (name,) = book.state().keys
    for event, why in (
        (op.key(AT, name), "stands in the book already"),
        (op.key(AT, "did:web:other" + name[name.index("#") :].replace("z6Mk", "z6Mk")), "of one issuer"),
        (op.key(AT, f"{ISSUER}#z6Mknonsense"), "Multikey"),
        (op.key(AT, f"{ISSUER}#z6Mk", "end"), "no such key"),
        (op.key(AT, name, "lend"), "begins, ends or is revoked"),
    ):
        with pytest.raises(LedgerError, match=why):
            book.record(event)


def test_a_book_without_its_key_is_read_and_written_and_not_signed(ledger_address, tmp_path):
    founded(ledger_address, tmp_path / "keys")
    book = Registry.open(ledger_address)
    with pytest.raises(LedgerError, match="none of the book's keys"):
        keyring.signing_key(book.state(), tmp_path / "nowhere")
    book.record(op.account(AT, Account(name="new", zone="jeju")))


def test_nothing_new_is_not_signed_twice(ledger_address, tmp_path):
    book = founded(ledger_address, tmp_path / "keys")
    key = keyring.signing_key(book.state(), tmp_path / "keys")
    one = sign(book, key, LATER)
    assert sign(book, key, LATER + HOUR) == one
    assert one["at"] == str(np.datetime_as_string(LATER, "m")) + "Z"
    book.record(op.account(LATER, Account(name="new", zone="jeju")))
    with pytest.raises(LedgerError, match="clock ran backwards"):
        sign(book, key, AT)


def test_where_no_book_could_be_made_no_key_is_left(ledger_address, tmp_path):
    founded(ledger_address, tmp_path / "keys")
    with pytest.raises(StoreError, match="there is a ledger already"):
        keyring.found(ledger_address, tmp_path / "more", ISSUER, AT)
    assert list((tmp_path / "more").iterdir()) == []
    with pytest.raises(LedgerError, match="is a DID"):
        keyring.found(ledger_address, tmp_path / "more", "jeju", AT)


def proved(book, folder):
    """Make the certificate of the book's claim, signed with the key in use."""
    from tamna.ledger.canonical import canonical
    from tamna.ledger.certificate import certificate
    from tamna.registry.reading import stored

    key = keyring.signing_key(book.state(), folder)
    point = sign(book, key, book.state().at)
    with book.reading() as here:
        entries = [one.event() for one in stored(here)]
    index = next(i for i, e in enumerate(entries) if e.kind == "claim")
    made = certificate(
        entries,
        index,
        tree=book.tree(),
        checkpoint=point,
        zone="jeju",
        key=key,
        issuer=ISSUER,
        at=book.state().at,
    )
    return canonical(made)


def test_a_certificate_out_of_the_book_is_checked_with_its_list_of_keys_until_its_key_is_revoked(
    ledger_address, tmp_path
):
    from tamna.ledger.verify import Known, verify

    folder, now = tmp_path / "keys", LATER + 48 * HOUR
    book = founded(ledger_address, folder)
    (first,) = book.state().keys
    old = proved(book, folder)
    assert verify(old, Known(now=now, trust=keyring.trust(book.state()))).answer == "valid"
    keyring.rotate(book, folder, LATER)
    new = proved(book, folder)
    both = Known(now=now, trust=keyring.trust(book.state()))
    assert [verify(raw, both).answer for raw in (old, new)] == ["valid", "valid"], (
        "rotated: what it signed stays good"
    )
    keyring.revoke(book, folder, first, LATER + HOUR)
    after = Known(now=now, trust=keyring.trust(book.state()))
    assert [verify(raw, after).answer for raw in (old, new)] == ["invalid", "valid"]
    assert "revoked" in str(verify(old, after)["issuer"].reason)
