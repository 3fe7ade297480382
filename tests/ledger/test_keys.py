import pickle

import pytest

from tamna.errors import LedgerError
from tamna.ledger.keys import SigningKey, fingerprint, load_key, save_key, signed_by


def test_a_key_signs_and_its_public_half_checks():
    key = SigningKey.generate()
    signature = key.sign(b"egg")
    assert signed_by(key.public, b"egg", signature)
    assert not signed_by(key.public, b"eggs", signature)
    assert not signed_by(SigningKey.generate().public, b"egg", signature)
    assert not signed_by(b"short", b"egg", signature)
    assert not signed_by(key.public, b"egg", b"short")


def test_rfc_8032_first_vector():
    key = SigningKey.from_seed(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )
    assert key.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")


def test_a_key_never_shows_itself():
    seed = bytes(range(32))
    key = SigningKey.from_seed(seed)
    for shown in (repr(key), str(key), f"{key}"):
        assert seed.hex() not in shown
        assert shown.startswith("SigningKey(z6Mk")
    with pytest.raises(LedgerError, match="pickle"):
        pickle.dumps(key)


def test_a_key_file_is_closed_to_others_and_never_overwritten(tmp_path):
    key, path = SigningKey.generate(), tmp_path / "issuer.pem"
    save_key(key, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key(path).public == key.public
    with pytest.raises(LedgerError, match="never overwritten"):
        save_key(SigningKey.generate(), path)
    path.chmod(0o640)
    with pytest.raises(LedgerError, match="others may read"):
        load_key(path)


def test_a_file_without_a_key_is_refused_and_not_shown(tmp_path):
    path = tmp_path / "issuer.pem"
    with pytest.raises(LedgerError, match="no key at this place"):
        load_key(path)
    path.write_text("secret words")
    path.chmod(0o600)
    with pytest.raises(LedgerError, match="not a private Ed25519 key") as refused:
        load_key(path)
    assert "secret words" not in str(refused.value)


def test_a_fingerprint_is_the_hash_of_the_public_half():
    assert len(fingerprint(bytes(32))) == 64
